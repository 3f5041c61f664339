//! The modules of a script in which nothing moves: read line by line, for nothing else of it is asked.

use super::Import;
use super::record::Recorder;
use crate::syntax::zone::Language;

pub(super) fn read(rec: &mut Recorder, language: Language, text: &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let written = line.trim();
        let indent = line.len() - line.trim_start().len();
        let module = if language == Language::Python { python(written) } else { javascript(written) };
        if let Some(module) = module {
            let start = at + indent;
            let range = start..start + written.len();
            rec.import(Import { module: module.to_owned(), range, alias: None, nested: indent > 0 });
        }
        at += line.len();
    }
}

/// `import a.b`, `from .a import b`.
fn python(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("import ").or_else(|| {
        let rest = line.strip_prefix("from ")?;
        rest.contains(" import").then_some(rest)
    })?;
    let end = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '#');
    rest.trim_start().split(end).next().filter(|module| !module.is_empty())
}

/// `import a from 'm'`, `import 'm'`, `} from 'm'`.
fn javascript(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("import").filter(|rest| rest.starts_with([' ', '{', '*', '\'', '"']));
    let rest = rest.or_else(|| line.strip_prefix("} from"))?;
    let mut parts = rest.split(['\'', '"']);
    parts.next()?;
    parts.next().filter(|module| !module.is_empty())
}
