//! What is found line by line, comments included.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::exec::{self, Bindings, Call};
use super::{Hit, What, lines_of};
use crate::model::dialect::Release;

/// Hits of one rule in one file that 2026.9 lists; it says how many more there are.
const MOST_HITS: usize = 32;

const EXEC: What = What::critical("dangerous-exec", "a program is started through child_process");
const EVAL: What = What::critical("dynamic-code-execution", "code is built from text and run");
const MINING: What = What::critical("crypto-mining", "a mining protocol or program is named");
const SOCKET: What = What::warn("suspicious-network", "a WebSocket is opened to an unusual port");

/// Ports that are no news.
const PORTS: [u64; 5] = [80, 443, 8080, 8443, 3000];

/// The patterns, in the scanner's order.
struct Patterns {
    exec: Regex,
    /// The same with computed members, which only 2026.9 sees.
    exec_computed: Regex,
    eval: Regex,
    mining: Regex,
    socket: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    const METHODS: &str = "exec|execSync|spawn|spawnSync|execFile|execFileSync";
    Some(Patterns {
        exec: Regex::new(&format!(r"(?-u:\b)({METHODS})\s*\(")).ok()?,
        exec_computed: Regex::new(&format!(r#"(?-u:\b)({METHODS})\s*\(|["']({METHODS})["']\s*\]\s*\("#)).ok()?,
        eval: Regex::new(r"(?-u:\b)eval\s*\(|new\s+Function\s*\(").ok()?,
        mining: Regex::new(r"(?i-u:stratum\+tcp|stratum\+ssl|coinhive|cryptonight|xmrig)").ok()?,
        socket: Regex::new(r#"new\s+WebSocket\s*\(\s*["']wss?://[^"']*:([0-9]+)"#).ok()?,
    })
});

/// Every hit of the line rules; `kept` is the text without comments, where the imports are read.
pub(super) fn hits(text: &str, kept: &str, release: Release) -> Vec<Hit> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let mut hits = Vec::new();
    if text.contains("child_process") {
        hits.extend(programs(text, kept, patterns, release));
    }
    hits.extend(rule(text, EVAL, release, &found(&patterns.eval, |_| true)));
    hits.extend(rule(text, MINING, release, &found(&patterns.mining, |_| true)));
    hits.extend(rule(
        text,
        SOCKET,
        release,
        &found(&patterns.socket, |found| {
            let port = found.get(1).map_or("", |port| port.as_str());
            port.parse::<u64>().map_or(true, |port| !PORTS.contains(&port))
        }),
    ));
    hits
}

/// What a rule says of one line: its matches that count. The scanner looks at the first match of a line
/// only until 2026.9, so a match that does not count hides those after it.
type OfLine<'a> = Box<dyn Fn(&str, bool) -> Vec<Range<usize>> + 'a>;

fn found<'a>(pattern: &'a Regex, counts: impl Fn(&Captures<'_>) -> bool + 'a) -> OfLine<'a> {
    Box::new(move |line, first_only| {
        let matches = pattern.captures_iter(line).take(if first_only { 1 } else { usize::MAX });
        matches.filter(|found| counts(found)).filter_map(|found| Some(found.get(0)?.range())).collect()
    })
}

fn programs(text: &str, kept: &str, patterns: &Patterns, release: Release) -> Vec<Hit> {
    let bindings = if release >= Release::V2026_9 { Bindings::of(kept) } else { Bindings::default() };
    let of_line: OfLine<'_> = match release {
        Release::V2026_2 => found(&patterns.exec, |_| true),
        Release::V2026_5 => Box::new(|line, _| {
            let call = patterns.exec.captures(line).filter(|found| exec::is_real_by_line(line, &call(found)));
            call.and_then(|found| Some(found.get(0)?.range())).into_iter().collect()
        }),
        Release::V2026_9 => Box::new(|line, _| {
            let calls = patterns.exec_computed.captures_iter(line);
            let calls = calls.filter(|found| bindings.is_real(line, &call(found)));
            let mut ranges: Vec<_> = calls.filter_map(|found| Some(found.get(0)?.range())).collect();
            let named: Vec<usize> = ranges.iter().map(|range| range.start).collect();
            ranges.extend(bindings.calls(line).into_iter().filter(|call| named.binary_search(&call.start).is_err()));
            ranges
        }),
    };
    rule(text, EXEC, release, &of_line)
}

fn call<'a>(found: &Captures<'a>) -> Call<'a> {
    let method = found.get(1).or_else(|| found.get(2)).map_or("", |method| method.as_str());
    Call { method, computed: found.get(1).is_none(), start: found.get(0).map_or(0, |whole| whole.start()) }
}

/// The hits of one rule: one until 2026.9, then the first of them and the number of the others.
fn rule(text: &str, what: What, release: Release, of_line: &OfLine<'_>) -> Vec<Hit> {
    let listed = if release >= Release::V2026_9 { MOST_HITS } else { 1 };
    let mut hits = Vec::new();
    let mut omitted = 0_usize;
    let mut last = None;
    for (number, start, line) in lines_of(text) {
        for range in of_line(line, listed == 1) {
            let hit = Hit::new(what, number, start + range.start..start + range.end);
            if hits.len() < listed {
                hits.push(hit);
            } else {
                omitted += 1;
                last = Some(hit);
            }
        }
        if listed == 1 && !hits.is_empty() {
            return hits;
        }
    }
    if let Some(hit) = last {
        hits.push(Hit {
            rule: Cow::Owned(format!("{}-truncated", what.rule)),
            message: Cow::Owned(format!("{omitted} more of {} after the first {MOST_HITS}", what.rule)),
            ..hit
        });
    }
    hits
}
