//! The page `docs/red-flags.md`: the handbook's checklists, and which rule looks at each line.

use std::fmt::Write as _;

use crate::report::help_uri;
use crate::rule::{Rule, selects};
use crate::rules;

const TABLE: &str = include_str!("../../schemas/skills/red-flags.txt");

/// One line of a checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedFlag {
    /// The level of the list of red flags: 1 reject, 2 investigate, 3 watch; none for the other lists.
    pub level: Option<u8>,
    /// The list it stands in.
    pub list: &'static str,
    /// What to look for.
    pub sign: &'static str,
    /// Ids and prefixes of the rules that look for it; empty when none can.
    pub ids: Vec<&'static str>,
    /// Why no file can tell; empty when rules look for it.
    pub reason: &'static str,
}

impl RedFlag {
    /// The rules that an id of the line stands for.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let mut all: Vec<&'static Rule> =
            rules::all().filter(|rule| self.ids.iter().any(|id| selects(id, rule))).collect();
        all.sort_by_key(|rule| rule.id);
        all.into_iter()
    }
}

/// The lines of all lists, in their order.
#[must_use]
pub fn red_flags() -> Vec<RedFlag> {
    let mut flags = Vec::new();
    let (mut level, mut list) = (None, "");
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        if let Some(heading) = line.strip_prefix("= ") {
            let (number, rest) = heading.split_once(' ').unwrap_or(("", heading));
            level = number.parse().ok();
            list = if level.is_some() { rest } else { heading };
        } else if let Some((sign, rest)) = line.split_once(" :: ") {
            let reason = rest.strip_prefix("! ").unwrap_or_default();
            let ids = if reason.is_empty() { rest.split(' ').collect() } else { Vec::new() };
            flags.push(RedFlag { level, list, sign, ids, reason });
        }
    }
    flags
}

/// The page.
#[must_use]
pub fn red_flag_page() -> String {
    let mut out = "\
# The handbook's red flags

Generated from `schemas/skills/red-flags.txt` and the rule table; do not edit.

The hardening handbook has whoever installs a skill go through checklists. Each line is here with the rules that
look for it, or with the reason why no file can tell. A rule that stands under a level bears it in the reports as
`red-flag-1` to `red-flag-3`; how bad a finding is says its severity, not the level.
"
    .to_owned();
    let mut list = "";
    for flag in red_flags() {
        if flag.list != list {
            list = flag.list;
            let level = flag.level.map(|level| format!("Level {level}: ")).unwrap_or_default();
            let title = if level.is_empty() { list.to_owned() } else { list.to_lowercase() };
            let _ = write!(out, "\n## {level}{title}\n\n| sign | rules |\n| --- | --- |\n");
        }
        let rules: Vec<String> = flag.rules().map(link).collect();
        let told = if flag.reason.is_empty() { rules.join("<br>") } else { format!("none: {}", flag.reason) };
        let _ = writeln!(out, "| {} | {told} |", flag.sign);
    }
    out
}

fn link(rule: &'static Rule) -> String {
    let uri = help_uri(rule);
    let anchor = uri.rsplit('#').next().unwrap_or_default();
    format!("[`{}`](rules.md#{anchor})", rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let flags = red_flags();
        assert_eq!(flags.iter().filter(|flag| flag.level == Some(1)).count(), 6);
        assert_eq!(flags.iter().filter(|flag| flag.level == Some(2)).count(), 7);
        assert_eq!(flags.iter().filter(|flag| flag.level == Some(3)).count(), 4);
        assert!(flags.iter().all(|flag| flag.ids.is_empty() != flag.reason.is_empty()));
    }
}
