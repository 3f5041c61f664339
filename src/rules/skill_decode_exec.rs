//! Code of skills that runs what it decodes.

use std::sync::LazyLock;

use regex::Regex;

use crate::rule::prelude::*;
use crate::skill;
use crate::source::floor;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "skills.encode.decode_exec",
    summary: "Code runs what it has just decoded",
    severity: Severity::Critical,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    cwe: &[94, 95, 506],
    atlas: &["AML.T0050", "AML.T0068"],
    owasp: &["AST01"],
    why: "What runs does not stand in the source: it cannot be reviewed, and a search does not find it.",
    remedy: "Write the code as it is. For data use a format that cannot run, such as JSON.",
    bad: &[
        skill!("Run it.\n", "a.py" => "import base64, zlib\n«exec(zlib.decompress(»base64.b85decode(S)))\n"),
        skill!("Run it.\n", "a.py" => "code = base64.b64decode(BLOB)\ntext = code.decode()\n«exec(compile(text, 'x', 'exec'))»\n"),
        skill!("Run it.\n", "a.js" => "«eval(atob(»P))\nconst c = Buffer.from(P, 'hex').toString()\n«new Function(c)»()\n"),
        skill!("Run it.\n", "a.ps1" => "«iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(»$p)))\n"),
    ],
    good: &[
        skill!("Run it.\n", "a.py" => "data = json.loads(base64.b64decode(s))\nre.compile(b64decode(p).decode())\nopen('x.png', 'wb').write(b64decode(s))\nexec(code)\n"),
        skill!("Run it.\n", "a.js" => "const text = atob(response.content)\nconst match = /x/.exec(atob(s))\nawait db.exec(sql)\n"),
        skill!("Attackers write `exec(b64decode(x))`.\n", "a.py" => "# exec(b64decode(x)) is what we look for\n"),
    ],
    check: Check::Text(Text {
        zones: Zones::of(&[ZoneKind::Code, ZoneKind::Fence]),
        prompts: true,
        hints: DECODERS,
        pattern: r#"(?:\b(?:urlsafe_)?b(?:64|32|16|85)decode|\ba85decode|\bdecodebytes|\bfromhex|\bunhexlify|\batob|\bBuffer\.from|\bdecompress|\bcodecs\.decode|::FromBase64String|\bbase64_decode|\bgzinflate|\bstr_rot13|\b(?:urlsafe_|strict_)?decode64|\bdecode_base64|\bfromCharCode|\bunescape)\s*\("#,
        window: Window::Line,
        hit: decode_exec,
    }),
    ..Rule::DEFAULT
}];

/// Calls that make bytes or text of something that cannot be read.
const DECODERS: &[&str] = &[
    "b64decode",
    "b32decode",
    "b16decode",
    "85decode",
    "decodebytes",
    "fromhex",
    "unhexlify",
    "atob",
    "buffer.from",
    "decompress",
    "codecs.decode",
    "frombase64string",
    "base64_decode",
    "gzinflate",
    "str_rot13",
    "decode64",
    "decode_base64",
    "fromcharcode",
    "unescape",
];

/// Calls that run the text they are given. What stands before them decides too: `re.compile` runs nothing.
static SINKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let bare = r"(?:^|[^\w.$])(?:exec|eval|compile|execSync|execfile|(?:new\s+)?Function|assert)\s*\(";
    let methods = r"\b(?:os\.(?:system|popen)|subprocess\.(?:run|call|Popen|check_output|check_call|getoutput)|builtins\.(?:exec|eval)|child_process(?:'\)|\x22\))?\.(?:exec|execSync|spawn)|cp\.exec(?:Sync)?|vm\.run\w+|(?:window|globalThis|self)\.eval|(?:pickle|marshal|dill|cloudpickle)\.loads)\s*\(";
    let words = r"(?:^|[^\w-])(?:iex|Invoke-Expression)\s*[(\s]";
    Regex::new(&format!("(?i:{words})|{bare}|{methods}")).ok()
});

/// The name on the left of an assignment that the text ends in.
static ASSIGNED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s;{(])\$?([A-Za-z_]\w*)\s*(?::\s*[\w.\[\]]+\s*)?=\s*[^=\n][^\n;]*$").ok());

/// Bytes of a statement before the decoder.
const BEFORE: usize = 400;
/// Bytes after the decoder in which its result may be run.
const AFTER: usize = 4_000;
/// Assignments that a value is followed through.
const MOST_NAMES: usize = 4;

fn decode_exec(hit: &Hit<'_>, report: &mut Report) {
    // `Buffer.from(bytes)` decodes nothing without the name of an alphabet.
    let call = hit.matched().to_ascii_lowercase();
    let rest = hit.after(200);
    if call.starts_with("buffer.from") && !rest.contains("base64") && !rest.contains("hex") {
        return;
    }
    if !hit.is_code() {
        return;
    }
    let before = hit.before(BEFORE);
    let sink =
        SINKS.as_ref().and_then(|sinks| sinks.find_iter(before).filter(|sink| is_open(before, sink.end())).last());
    if let Some(sink) = sink {
        // Of decoders in decoders the outermost one says it.
        let between = before.get(sink.end()..).unwrap_or_default().to_ascii_lowercase();
        if DECODERS.iter().any(|decoder| between.contains(decoder)) {
            return;
        }
        let word = sink.as_str().find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        let start = hit.range.start - before.len() + sink.start() + word;
        report.at(hit.place_of(start..hit.range.end), "runs what it decodes").severity(severity(hit, sink.as_str()));
        return;
    }
    if let Some(range) = run_later(hit) {
        let severity = severity(hit, hit.text.get(range.clone()).unwrap_or_default());
        report.at(hit.place_of(range), "runs what was decoded before").severity(severity);
    }
}

/// Objects that are stored as text are a weakness, and many people's cache.
fn severity(hit: &Hit<'_>, sink: &str) -> Severity {
    let objects = ["pickle.", "dill."].iter().any(|module| sink.contains(module));
    if objects { Severity::Warn } else { hit.unless_warned_of(Severity::Critical) }
}

/// Is the bracket that ends at `at` still open at the end of the text, in the same statement?
fn is_open(text: &str, at: usize) -> bool {
    let from = floor(text, at.saturating_sub(1));
    let mut depth = 0_i32;
    for c in text.get(from..).unwrap_or_default().chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ';' => return false,
            '\n' if depth <= 0 => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    // `iex` takes its words without a bracket.
    depth > 0 || !text.get(from..).is_some_and(|rest| rest.starts_with('('))
}

/// Where the value that is assigned here, or one made of it, is run further down.
fn run_later(hit: &Hit<'_>) -> Option<std::ops::Range<usize>> {
    let line = hit.before(BEFORE).rsplit('\n').next()?;
    let name = ASSIGNED.as_ref()?.captures(line)?.get(1)?.as_str();
    let mut names = vec![name];
    let after = hit.after(AFTER);
    let mut at = after.find('\n').map_or(after.len(), |feed| feed + 1);
    while at < after.len() {
        let line = after.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let uses = |text: &str| names.iter().any(|name| has_word(text, name));
        if let Some(sink) =
            SINKS.as_ref()?.find_iter(line).find(|sink| uses(argument(line.get(sink.end()..).unwrap_or_default())))
        {
            let word = sink.as_str().find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
            let end = sink.end() + argument(line.get(sink.end()..).unwrap_or_default()).len();
            let end = end + usize::from(line.get(end..).is_some_and(|rest| rest.starts_with(')')));
            let first = hit.range.end + at;
            return Some(first + sink.start() + word..first + end);
        }
        if let Some((left, right)) = line.split_once('=')
            && uses(right)
            && names.len() < MOST_NAMES
        {
            let left = left.trim().trim_start_matches("const ").trim_start_matches("let ").trim_start_matches("var ");
            let left = left.trim_start_matches('$');
            if !left.is_empty() && left.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                names.push(left);
            }
        }
        at += line.len() + 1;
    }
    None
}

/// The text up to the bracket that closes an open one.
fn argument(text: &str) -> &str {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, word)
        .any(|at| !part(at.checked_sub(1).and_then(|at| bytes.get(at))) && !part(bytes.get(at + word.len())))
}
