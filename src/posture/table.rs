//! Which way a value of the configuration goes: `schemas/posture.txt`.

use std::sync::LazyLock;

use super::Heading;
use super::direction::Order;

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pattern: Vec<&'static str>,
    pub(super) order: Order,
    /// Where a change of it is shown.
    pub(super) heading: Heading,
    /// Loosening it is critical.
    pub(super) critical: bool,
}

impl Row {
    /// Is it no posture at all, such as a time of the last change?
    pub(super) fn is_skipped(&self) -> bool {
        self.order == Order::Skip
    }

    /// Is it a list whose order means nothing?
    pub(super) fn is_set(&self) -> bool {
        matches!(self.order, Order::Allow { .. } | Order::Deny)
    }
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("../../schemas/posture.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(parse).collect()
});

fn parse(line: &'static str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let pattern = words.next()?.split('.').collect();
    let order = Order::parse(words.next()?)?;
    let mut row = Row { pattern, order, heading: Heading::Configuration, critical: false };
    for word in words {
        match word {
            "critical" => row.critical = true,
            "network" => row.heading = Heading::Network,
            "files" => row.heading = Heading::Files,
            "schedule" => row.heading = Heading::Schedule,
            _ => return None,
        }
    }
    Some(row)
}

/// The first line about a path.
pub(super) fn row(path: &[String]) -> Option<&'static Row> {
    ROWS.iter().find(|row| fits(&row.pattern, path))
}

/// The same for a key as facts have it.
pub(super) fn of_key(key: &str) -> Option<&'static Row> {
    row(&segments(key))
}

/// Takes a key apart: `a.b["c.d"].e`.
pub(super) fn segments(key: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let mut values = serde_json::Deserializer::from_str(after).into_iter::<String>();
            let Some(Ok(name)) = values.next() else { break };
            let end = values.byte_offset();
            out.push(name);
            rest = after.get(end..).and_then(|rest| rest.strip_prefix(']')).unwrap_or_default();
        } else {
            let from = rest.strip_prefix('.').unwrap_or(rest);
            let end = from.find(['.', '[']).unwrap_or(from.len());
            let (name, after) = from.split_at(end);
            out.push(name.to_owned());
            rest = after;
        }
    }
    out
}

fn fits(pattern: &[&str], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), None) => fits(rest, path),
        (Some((&"**", rest)), Some((_, below))) => fits(rest, path) || fits(pattern, below),
        (Some((want, rest)), Some((have, below))) => {
            let same = *want == have
                || *want == "*"
                || want.len() > 1 && want.strip_suffix('*').is_some_and(|start| have.starts_with(start));
            same && fits(rest, below)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_can_be_read() {
        for line in include_str!("../../schemas/posture.txt").lines() {
            assert!(line.is_empty() || line.starts_with('#') || parse(line).is_some(), "{line}");
        }
    }

    #[test]
    fn the_first_line_that_fits_decides() {
        let order = |key: &str| of_key(key).map(|row| row.order.clone());
        assert_eq!(order("tools.deny"), Some(Order::Deny));
        assert_eq!(order("agents.entries.main.tools.deny"), Some(Order::Deny));
        assert_eq!(order("gateway.controlUi.dangerouslyDisableDeviceAuth"), Some(Order::On { absent: false }));
        assert_eq!(order("meta.lastTouchedAt"), Some(Order::Skip));
        assert_eq!(order("ui.seamColor"), None);
    }

    #[test]
    fn keys_are_taken_apart_as_they_were_put_together() {
        assert_eq!(segments("a.b"), ["a", "b"]);
        assert_eq!(segments(r#"a["b.c"].d[""]["x\"]"]"#), ["a", "b.c", "d", "", "x\"]"]);
        assert!(segments("").is_empty());
        assert_eq!(segments("[x"), Vec::<String>::new());
    }
}
