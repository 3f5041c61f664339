//! Variables that the deployment files of a repository hand to the gateway.

use super::document::Document;
use super::project::Project;
use super::value::Found;
use crate::finding::Place;
use crate::kind::DocumentKind;

/// One place that sets or passes on a variable.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The value when it is written out, else the name.
    pub place: Place,
    /// The text, when it is written out; none when it comes from somewhere else.
    pub value: Option<&'a str>,
    /// An example or template says so, not a file that is used as it is.
    pub sample: bool,
}

impl Project {
    /// Where the deployment files around the directory `dir` set the variable `name`. An empty value
    /// counts in a template only: somebody is meant to fill it in.
    #[must_use]
    pub fn deployed<'a>(&'a self, name: &'a str, dir: &str) -> Vec<Setting<'a>> {
        let near = self.documents.iter().filter(|document| is_near(&document.path, dir));
        let mut settings = Vec::new();
        for document in near {
            match document.kind {
                DocumentKind::DotEnv => from_dotenv(document, name, &mut settings),
                DocumentKind::Compose => from_compose(document, name, &mut settings),
                DocumentKind::Dockerfile | DocumentKind::ServiceUnit | DocumentKind::Script => {
                    from_text(document, name, &mut settings);
                }
                _ => {}
            }
        }
        settings
    }
}

/// Does a file lie in the directory, above it or below it? A neighbour's deployment is not ours.
fn is_near(path: &str, dir: &str) -> bool {
    let own = path.rsplit_once('/').map_or("", |(own, _)| own);
    let holds = |outer: &str, inner: &str| {
        outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    holds(own, dir) || holds(dir, own)
}

/// Is the file a template by its place or its name?
fn is_template(document: &Document) -> bool {
    let name = document.path.rsplit('/').next().unwrap_or_default();
    let words = ["example", "sample", "template", "dist"];
    document.sample || words.iter().any(|word| name.contains(word))
}

/// The text when it is a value and not a reference to another one.
fn literal(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.contains('$') && !text.contains("{{")).then_some(text)
}

fn from_dotenv<'a>(document: &'a Document, name: &str, settings: &mut Vec<Setting<'a>>) {
    let sample = is_template(document);
    for line in document.env().iter().filter(|line| line.name == name) {
        if line.value.trim().is_empty() && !sample {
            continue;
        }
        let value = literal(&line.value);
        let span = if value.is_some() { line.value_span } else { line.name_span };
        settings.push(Setting { place: Place::span(span), value, sample });
    }
}

fn from_compose<'a>(document: &'a Document, name: &'a str, settings: &mut Vec<Setting<'a>>) {
    let Some(root) = document.root() else { return };
    let sample = is_template(document);
    for (_, service) in root.get("services").entries() {
        let environment = service.get("environment");
        let named = environment.get(name);
        if named.exists() && !environment.is_list() {
            let value = written(&named).and_then(literal);
            settings.push(Setting { place: named.place(), value, sample });
        }
        for item in environment.items() {
            let text = written(&item).unwrap_or_default();
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            if key.trim() == name {
                settings.push(Setting { place: item.place(), value: literal(value), sample });
            }
        }
    }
}

fn written<'a>(found: &Found<'a>) -> Option<&'a str> {
    found.text().map(|text| &*text.text)
}

/// Lines such as `ENV NAME=value`, `Environment=NAME=value`, `export NAME=value`, `-e NAME`.
fn from_text<'a>(document: &'a Document, name: &str, settings: &mut Vec<Setting<'a>>) {
    if !document.text().contains(name) {
        return;
    }
    let sample = is_template(document);
    for (range, line) in document.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let Some(at) = line.find(name) else { continue };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
        // `$NAME` and `${NAME}` read the variable; they do not set it.
        if before.ends_with(word) || before.ends_with(['$', '{']) || after.starts_with(word) {
            continue;
        }
        let value = after.strip_prefix(['=', ':']).map(str::trim_start).and_then(|rest| {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let end = |c: char| quote.map_or(c.is_whitespace() || matches!(c, '"' | '\''), |quote| c == quote);
            rest.get(usize::from(quote.is_some())..)?.split(end).next()
        });
        let start = range.start + at;
        let place = Place::span(document.span(start..start + name.len()));
        settings.push(Setting { place, value: value.and_then(literal), sample });
    }
}
