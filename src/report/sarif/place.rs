//! Where results point: URIs, regions, artifacts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;
use serde_sarif::sarif::{
    Artifact, ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, LogicalLocation, PhysicalLocation,
    Region, Replacement,
};

use super::limit::Kept;
use super::message;
use crate::finding::{self, Excerpt, Safety, Settled, SettledFix, SettledRelated};
use crate::judge::Verdict;
use crate::report::sentence;

/// Stands for the repository in every URI.
const BASE: &str = "%SRCROOT%";

/// The base of all URIs: named, but without a place on this machine.
pub(super) fn base() -> BTreeMap<String, ArtifactLocation> {
    let description = message("The root of the repository that was checked.");
    BTreeMap::from([(BASE.to_owned(), ArtifactLocation { description: Some(description), ..Default::default() })])
}

/// The files that results point into, with their index.
pub(super) struct Artifacts<'a>(BTreeMap<&'a str, (i64, Option<Facts<'a>>)>);

/// Size and digest.
type Facts<'a> = (u64, &'a str);

impl<'a> Artifacts<'a> {
    pub(super) fn of(kept: &Kept<'a>, verdict: &'a Verdict, all: bool) -> Self {
        let places = |one: &'a Settled| {
            let beside = one.related.iter().chain(&one.steps).map(|second| &second.location);
            std::iter::once(&one.location).chain(beside)
        };
        let named = kept.entries.iter().flat_map(|entry| places(entry.finding).chain(entry.place()));
        let mut files: BTreeMap<&str, (i64, Option<Facts<'a>>)> = named.map(|at| (&*at.path, (0, None))).collect();
        // What has no digest is a directory, or was not read to its end.
        let inputs = verdict.inputs.iter().filter(|input| all && !input.sha256.is_empty());
        let inputs = inputs.map(|input| (&*input.path, (input.size, &*input.sha256)));
        let pointed = verdict.files.iter().map(|facts| (&*facts.path, (facts.size, &*facts.sha256)));
        for (path, facts) in inputs.chain(pointed) {
            if all {
                files.entry(path).or_default().1 = Some(facts);
            } else if let Some((_, known)) = files.get_mut(path) {
                *known = Some(facts);
            }
        }
        for (index, (slot, _)) in (0..).zip(files.values_mut()) {
            *slot = index;
        }
        Self(files)
    }

    /// The files in the order of their index.
    pub(super) fn into_sarif(self) -> Vec<Artifact> {
        self.0.into_iter().map(|(path, (_, facts))| artifact(path, facts)).collect()
    }

    pub(super) fn location(&self, path: &str) -> ArtifactLocation {
        ArtifactLocation { index: self.0.get(path).map(|(index, _)| *index), ..artifact_location(path) }
    }
}

fn artifact(path: &str, facts: Option<Facts<'_>>) -> Artifact {
    Artifact {
        location: Some(artifact_location(path)),
        length: facts.and_then(|(size, _)| i64::try_from(size).ok()),
        hashes: facts.map(|(_, sha256)| BTreeMap::from([("sha-256".to_owned(), sha256.to_owned())])),
        roles: Some(vec![json!("analysisTarget")]),
        source_language: source_language(path).map(str::to_owned),
        ..Default::default()
    }
}

/// SARIF's word for what a file is written in, by its name (SARIF 2.1.0, appendix J).
fn source_language(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "json" => "json",
        "json5" => "json5",
        "yml" | "yaml" => "yaml",
        "md" => "markdown",
        "sh" | "bash" => "shellscript",
        "ps1" => "powershell",
        "py" => "python",
        "js" | "mjs" | "cjs" => "javascript",
        "ts" | "mts" | "cts" => "typescript",
        _ => return None,
    })
}

/// A path below the repository.
pub(super) fn artifact_location(path: &str) -> ArtifactLocation {
    ArtifactLocation { uri: Some(uri(path)), uri_base_id: Some(BASE.to_owned()), ..Default::default() }
}

/// A relative URI reference (RFC 3986): everything but unreserved characters, sub-delimiters, `@`
/// and, past the first segment, `:` is percent-encoded.
pub(crate) fn uri(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let first = path.split('/').next().unwrap_or_default().len();
    let mut out = String::with_capacity(path.len());
    for (at, byte) in path.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@/".contains(&byte) || byte == b':' && at > first;
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Where a result is.
pub(super) fn primary(finding: &Settled, artifacts: &Artifacts<'_>, lean: bool) -> Location {
    let logical = LogicalLocation {
        fully_qualified_name: Some(finding.key_path.clone()),
        kind: Some("property".to_owned()),
        ..Default::default()
    };
    Location {
        physical_location: Some(physical(&finding.location, &finding.excerpt, artifacts, lean)),
        logical_locations: (!finding.key_path.is_empty()).then(|| vec![logical]),
        ..Default::default()
    }
}

/// A second place of a result.
pub(super) fn related(related: &SettledRelated, id: i64, artifacts: &Artifacts<'_>, lean: bool) -> Location {
    Location {
        id: Some(id),
        message: Some(message(&sentence(&related.message))),
        physical_location: Some(physical(&related.location, &related.excerpt, artifacts, lean)),
        ..Default::default()
    }
}

/// A step of the way that something takes.
pub(super) fn step(step: &SettledRelated, artifacts: &Artifacts<'_>) -> Location {
    Location { id: None, ..related(step, 0, artifacts, false) }
}

/// An edit, with what it replaces by line and by byte. Readers that apply fixes unseen are told which are
/// not meant for that.
pub(super) fn fix(fix: &SettledFix) -> Fix {
    let mut changes: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
    for edit in &fix.edits {
        let at = &edit.at;
        let replacement = Replacement::builder().deleted_region(lines(at)).inserted_content(content(&edit.text));
        let replacement = replacement.build();
        changes.entry(&at.path).or_default().push(replacement);
    }
    let changes = changes.into_iter().map(|(path, mut replacements)| {
        replacements.sort_by_key(|one| one.deleted_region.byte_offset);
        ArtifactChange::builder().artifact_location(artifact_location(path)).replacements(replacements).build()
    });
    Fix {
        artifact_changes: changes.collect(),
        description: Some(message(&fix.title)),
        properties: Some(super::bag([
            ("safety", fix.safety.as_str().into()),
            ("unsafe", (fix.safety != Safety::Safe).into()),
        ])),
    }
}

fn physical(at: &finding::Location, excerpt: &Excerpt, artifacts: &Artifacts<'_>, lean: bool) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: Some(artifacts.location(&at.path)),
        region: Some(region(at, excerpt)),
        context_region: if lean { None } else { context(excerpt) },
        ..Default::default()
    }
}

fn region(at: &finding::Location, excerpt: &Excerpt) -> Region {
    let token = excerpt.text.get(excerpt.token.0..excerpt.token.1).filter(|token| !token.is_empty());
    // Part of a token is not the text of its region.
    Region { snippet: token.filter(|_| !excerpt.token_cut).map(content), ..lines(at) }
}

/// A place by lines, columns and bytes.
pub(super) fn lines(at: &finding::Location) -> Region {
    Region {
        start_line: Some(at.start.line.into()),
        start_column: Some(at.start.column.into()),
        end_line: Some(at.end.line.into()),
        end_column: Some(at.end.column.into()),
        byte_offset: i64::try_from(at.offset).ok(),
        byte_length: Some(at.length.into()),
        ..Default::default()
    }
}

/// The lines around a token, when they hold more than the token.
fn context(excerpt: &Excerpt) -> Option<Region> {
    let (start, end) = excerpt.token;
    if excerpt.token_cut || excerpt.text.is_empty() || end - start == excerpt.text.len() {
        return None;
    }
    let breaks = i64::try_from(excerpt.text.matches('\n').count()).ok()?;
    let last = excerpt.text.rsplit('\n').next().unwrap_or_default();
    let width: i64 = last.chars().map(|c| if c.len_utf16() == 2 { 2 } else { 1 }).sum();
    let first_column = i64::from(excerpt.first_column);
    Some(Region {
        start_line: Some(excerpt.first_line.into()),
        start_column: Some(first_column),
        end_line: Some(i64::from(excerpt.first_line) + breaks),
        end_column: Some(if breaks == 0 { first_column + width } else { width + 1 }),
        snippet: Some(content(&excerpt.text)),
        ..Default::default()
    })
}

fn content(text: &str) -> ArtifactContent {
    ArtifactContent { text: Some(text.to_owned()), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn uris_are_relative_and_encoded() {
        assert_eq!(uri("openclaw.json"), "openclaw.json");
        assert_eq!(uri("a b/c#d?e%f[g]\\h\n"), "a%20b/c%23d%3Fe%25f%5Bg%5D%5Ch%0A");
        assert_eq!(uri("c:x/d:y@z"), "c%3Ax/d:y@z");
        assert_eq!(uri("é/😀"), "%C3%A9/%F0%9F%98%80");
        assert_eq!(uri(""), ".");
    }
}
