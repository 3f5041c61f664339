//! One side of a comparison: a tree, which is scanned, or a report or baseline, which is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::baseline::{self, Known, content_of};
use crate::cli::{BaselineFlags, How};
use crate::disk;
use crate::finding::{Settled, Severity};
use crate::judge::baseline::entry_of;
use crate::judge::exit;
use crate::options::Options;
use crate::path;
use crate::pipeline;
use crate::rule::Rule;
use crate::rules;

/// Largest report that is read, in bytes.
const MAX_REPORT: u64 = 256 << 20;

/// A finding as every side can tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) fingerprint: String,
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) path: String,
    /// From 1; 0 where the side does not say.
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) message: String,
    pub(super) content: String,
    pub(super) anchor: String,
    pub(super) skill: Option<String>,
}

/// Which rules a side was checked by.
#[derive(Debug, Default)]
enum Rules {
    /// Those of this version, or what nobody knows.
    #[default]
    All,
    /// Those of a baseline.
    Marks(Known),
    /// Those that a report lists.
    Listed(BTreeSet<String>),
}

/// One side.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) name: String,
    pub(super) records: Vec<Record>,
    /// The exit code of a scan that was not done to the end.
    pub(super) trouble: Option<u8>,
    /// What a reader should know of the scan, one line each.
    pub(super) notes: Vec<String>,
    rules: Rules,
    /// Where its files lie.
    disk: Option<PathBuf>,
    /// Its files, where they lie nowhere.
    files: BTreeSet<String>,
    kept: Option<TempDir>,
}

impl Side {
    /// Scans a directory; `trusted` is the commit that its settings, suppressions and ignores are taken from.
    pub(super) fn tree(path: &Path, root: Option<&Path>, how: &How, trusted: Option<&str>) -> Result<Self, String> {
        let trust_from_git = trusted.map(str::to_owned);
        let flags = BaselineFlags { no_baseline: true, trust_from_git, ..BaselineFlags::default() };
        let mut options = Options::from_cli(&how.check(&[path.to_path_buf()], flags))?;
        if let Some(root) = root {
            let full = std::path::absolute(root).map_err(|error| format!("{}: {error}", root.display()))?;
            options.root = Some(path::lexical(&full));
        }
        let base = options.base(&options.roots()?);
        let verdict = pipeline::run(&options)?;
        let trouble = Some(verdict.exit_code).filter(|code| [exit::INCOMPLETE, exit::INTERNAL].contains(code));
        Ok(Self {
            name: path.display().to_string(),
            records: verdict.shown.iter().map(record).collect(),
            trouble,
            notes: options.notices.iter().map(|one| format!("{}: {}", one.path, one.message)).collect(),
            disk: Some(base),
            ..Self::default()
        })
    }

    /// Reads a report or a baseline.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        let bytes = disk::read(path, MAX_REPORT).map_err(|why| format!("{shown}: {why}"))?;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&bytes);
        let value: Value =
            serde_json::from_slice(text).map_err(|_| format!("{shown}: is neither a directory nor JSON"))?;
        let side = if value.get("schema").is_some() {
            Self::baseline(&shown, &bytes)
        } else if value.get("runs").is_some() {
            Self::sarif(&value)
        } else if value.get("schemaVersion").is_some() {
            Self::report(&value)
        } else {
            Err("is neither a report nor a baseline".to_owned())
        };
        let side = side.map_err(|why| if why.starts_with(&shown) { why } else { format!("{shown}: {why}") })?;
        Ok(Self { name: shown, ..side })
    }

    /// Keeps the directory that its files lie in.
    pub(super) fn keep(&mut self, dir: TempDir) {
        self.disk.get_or_insert_with(|| dir.path().to_path_buf());
        self.kept = Some(dir);
    }

    /// Has this side a file of this name?
    pub(super) fn holds(&self, path: &str) -> bool {
        match &self.disk {
            Some(base) => base.join(path).symlink_metadata().is_ok(),
            None => self.files.contains(path),
        }
    }

    /// Was it checked by the rule?
    pub(super) fn knows(&self, id: &str) -> bool {
        let Some(rule) = rules::find(id) else { return true };
        match &self.rules {
            Rules::All => true,
            Rules::Marks(known) => known.has(rule),
            // What could not run on anything is not listed either.
            Rules::Listed(ids) => ids.contains(rule.id) || !ids.iter().any(|id| family(id) == rule.family()),
        }
    }

    fn baseline(shown: &str, bytes: &[u8]) -> Result<Self, String> {
        let found = baseline::read(shown, bytes)?;
        let files = found.entries.iter().map(|entry| entry.path.clone()).collect();
        let records = found.entries.into_iter().map(|entry| Record {
            severity: rules::find(&entry.rule).map_or(Severity::Warn, usual),
            message: rules::find(&entry.rule).map_or("", |rule| rule.summary).to_owned(),
            fingerprint: entry.id,
            rule: entry.rule,
            path: entry.path,
            line: 0,
            column: 0,
            content: entry.content,
            anchor: entry.anchor,
            skill: entry.skill,
        });
        let rules = found.rules.map_or(Rules::All, Rules::Marks);
        Ok(Self { records: records.collect(), rules, files, ..Self::default() })
    }

    fn report(value: &Value) -> Result<Self, String> {
        if value.get("schemaVersion").and_then(Value::as_u64) != Some(1) {
            return Err("is a report of a form that this version does not read".to_owned());
        }
        let skills = list(value, "skills");
        let roots: BTreeSet<&str> = skills.iter().map(|skill| text(skill, "path")).collect();
        let mut files: BTreeSet<String> =
            list(value, "inputs").iter().map(|input| text(input, "path").to_owned()).collect();
        for skill in skills {
            let root = text(skill, "path");
            let below = |file: &str| if root.is_empty() { file.to_owned() } else { format!("{root}/{file}") };
            files.extend(list(skill, "files").iter().filter_map(Value::as_str).map(below));
        }
        let mut records = Vec::new();
        for finding in list(value, "findings") {
            let at = finding.get("location").unwrap_or(&Value::Null);
            let path = text(at, "path").to_owned();
            records.push(Record {
                fingerprint: fingerprint(text(finding, "fingerprint"))?,
                rule: text(finding, "checkId").to_owned(),
                severity: severity(text(finding, "severity"))?,
                line: number(at, "startLine"),
                column: number(at, "startColumn"),
                message: text(finding, "detail").to_owned(),
                content: text(finding, "contentFingerprint").to_owned(),
                anchor: text(finding, "anchor").to_owned(),
                skill: skill_of(&path, &roots),
                path,
            });
        }
        files.extend(records.iter().map(|record| record.path.clone()));
        let own = value.get("tool").map_or("", |tool| text(tool, "version")) == env!("CARGO_PKG_VERSION");
        let ran = list(value, "passed").iter().filter_map(Value::as_str).map(str::to_owned);
        let said = records.iter().filter_map(|record| Some(rules::find(&record.rule)?.id.to_owned()));
        let rules = if own { Rules::All } else { Rules::Listed(ran.chain(said).collect()) };
        let trouble = trouble(number(value, "exitCode"));
        Ok(Self { records, trouble, rules, files, ..Self::default() })
    }

    fn sarif(value: &Value) -> Result<Self, String> {
        let [run] = list(value, "runs") else { return Err("is a SARIF file of several runs or none".to_owned()) };
        let driver = run.pointer("/tool/driver").unwrap_or(&Value::Null);
        if text(driver, "name") != "clawsift" {
            return Err("is the SARIF report of another program".to_owned());
        }
        let inputs =
            run.pointer("/properties/clawsift~1inputs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let roots =
            inputs.iter().filter(|input| text(input, "kind") == "skill").map(|input| text(input, "path")).collect();
        let mut files: BTreeSet<String> = inputs.iter().map(|input| text(input, "path").to_owned()).collect();
        let mut records = Vec::new();
        for result in list(run, "results") {
            if text(result, "baselineState") == "absent" || !list(result, "suppressions").is_empty() {
                continue;
            }
            let properties = result.get("properties").unwrap_or(&Value::Null);
            let at = result.pointer("/locations/0/physicalLocation").unwrap_or(&Value::Null);
            let path = decoded(at.pointer("/artifactLocation/uri").and_then(Value::as_str).unwrap_or_default());
            let region = at.get("region").unwrap_or(&Value::Null);
            let own =
                |name: &str| result.pointer(&format!("/partialFingerprints/clawsift~1{name}")).and_then(Value::as_str);
            let id = text(properties, "checkId");
            records.push(Record {
                fingerprint: fingerprint(own("v1").unwrap_or_default())?,
                rule: if id.is_empty() { text(result, "ruleId") } else { id }.to_owned(),
                severity: severity(text(properties, "severity"))?,
                line: number(region, "startLine"),
                column: number(region, "startColumn"),
                message: result.pointer("/message/text").and_then(Value::as_str).unwrap_or_default().to_owned(),
                content: own("content").unwrap_or_default().to_owned(),
                anchor: text(properties, "anchor").to_owned(),
                skill: skill_of(&path, &roots),
                path,
            });
        }
        files.extend(records.iter().map(|record| record.path.clone()));
        let rules = list(driver, "rules").iter().map(|rule| text(rule, "id").to_owned()).collect();
        let code = run.pointer("/invocations/0/exitCode").and_then(Value::as_u64).unwrap_or_default();
        Ok(Self { records, rules: Rules::Listed(rules), files, trouble: trouble(code), ..Self::default() })
    }
}

fn record(finding: &Settled) -> Record {
    let entry = entry_of(finding);
    Record {
        fingerprint: entry.id,
        rule: entry.rule,
        severity: finding.severity,
        path: finding.location.path.to_string(),
        line: finding.location.start.line.into(),
        column: finding.location.start.column.into(),
        message: finding.message.clone(),
        content: content_of(&finding.identity.content).to_owned(),
        anchor: entry.anchor,
        skill: entry.skill,
    }
}

/// What a rule is taken for outside of the upstream profile.
fn usual(rule: &Rule) -> Severity {
    rule.regular.map_or(rule.severity, |regular| rule.severity.min(regular))
}

fn family(id: &str) -> &str {
    id.split_once(['.', '/']).map_or(id, |(family, _)| family)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn severity(word: &str) -> Result<Severity, String> {
    let known = BTreeMap::from([("critical", Severity::Critical), ("warn", Severity::Warn), ("info", Severity::Info)]);
    known.get(word).copied().ok_or_else(|| "a finding in it has no severity".to_owned())
}

fn fingerprint(text: &str) -> Result<String, String> {
    let valid = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if valid { Ok(text.to_owned()) } else { Err("a finding in it has no fingerprint".to_owned()) }
}

fn trouble(code: u64) -> Option<u8> {
    [exit::INCOMPLETE, exit::INTERNAL].into_iter().find(|known| u64::from(*known) == code)
}

/// The deepest skill that a file lies in.
fn skill_of(path: &str, roots: &BTreeSet<&str>) -> Option<String> {
    let above = path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default()).collect::<Vec<_>>();
    let found = above.into_iter().rev().find(|dir| roots.contains(dir)).or_else(|| roots.get("").copied());
    found.map(str::to_owned)
}

/// The path that a URI reference of a report stands for.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_become_paths() {
        assert_eq!(decoded("a%20b/%C3%BC%23.json"), "a b/ü#.json");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz"), "%zz");
    }

    #[test]
    fn the_deepest_skill_owns_a_file() {
        let roots = BTreeSet::from(["skills/a", "skills/a/b"]);
        assert_eq!(skill_of("skills/a/b/x", &roots).as_deref(), Some("skills/a/b"));
        assert_eq!(skill_of("skills/ab/x", &roots), None);
        assert_eq!(skill_of("x", &BTreeSet::from([""])).as_deref(), Some(""));
    }
}
