//! Programs that read, filter, encode, pack and copy files.

use std::ops::Range;

use super::super::record::Recorder;
use super::super::value::{ENTRY, HOLE, Value};
use super::super::words::classify_path;
use super::super::{ActKind, SinkKind, SinkPart, SourceKind};
use super::{join, send, unknown, words_of};

/// The content of the files among the arguments, or of the standard input.
pub(super) fn files(rec: &mut Recorder, args: &[Value], skip: usize, input: &Value, range: &Range<usize>) -> Value {
    let mut out = Value::default();
    let mut any = false;
    for arg in args.iter().filter(|arg| arg.first_text().is_none_or(|text| !text.starts_with('-'))).skip(skip) {
        // `head -c 60`: how much, not which file.
        if arg.first_text().is_some_and(|text| text.bytes().all(|b| b.is_ascii_digit())) {
            continue;
        }
        any = true;
        if arg.is_path("Pipe()") {
            out.join(arg.content());
        } else {
            out.join(rec.read(arg, range));
        }
    }
    if any { out } else { input.clone() }
}

pub(super) fn filter(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let texts = words_of(args);
    let stdin = input.is_tainted() || matches!(name, "tr" | "paste" | "rev" | "fold");
    let new = name == "jq"
        && texts.iter().any(|text| matches!(*text, "-n" | "--null-input") || text.starts_with("-n") && text.len() <= 4);
    let mut out = if stdin || new {
        Value { texts: Vec::new(), ..input.content() }
    } else {
        files(rec, args, 1, &Value::default(), range)
    };
    if name == "jq" {
        out.join(join(args));
    }
    let pattern = texts.iter().find(|text| !text.starts_with('-'));
    let key = pattern.map(|text| text.trim_matches(|c: char| !c.is_alphanumeric() && c != '_'));
    if let Some(key) =
        key.filter(|key| matches!(name, "grep" | "egrep" | "rg" | "jq") && key.len() > 2 && !key.contains(HOLE))
    {
        out.narrow(key);
    }
    out
}

pub(super) fn coder(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let texts = words_of(args);
    let decodes = texts.iter().any(|text| matches!(*text, "-d" | "-D" | "--decode" | "-r" | "-di" | "-dp"))
        || name == "xxd" && texts.iter().any(|text| text.starts_with("-r"));
    let cipher = name == "openssl"
        && texts.iter().any(|text| {
            text.starts_with("-aes") || text.starts_with("aes") || *text == "-encrypt" || text.starts_with("-des")
        });
    if name == "openssl" {
        let coding =
            texts.first().is_some_and(|text| matches!(*text, "enc" | "base64" | "pkeyutl" | "rsautl" | "smime"));
        if !coding {
            return Value::default();
        }
    }
    let mut content = Value::default();
    let named = texts.iter().position(|text| *text == "-in").and_then(|at| args.get(at + 1)).cloned();
    let given = args
        .iter()
        .filter(|arg| arg.first_text().is_none_or(|text| !text.starts_with('-')))
        .find(|_| name != "openssl");
    match named.as_ref().or(given) {
        Some(path) if input.taints.is_empty() && input.texts.is_empty() => content.join(rec.read(path, range)),
        _ => content.join(input.clone()),
    }
    if decodes && !cipher {
        let mut out = rec.origin(SourceKind::DecodedText, range, name);
        out.join(content.content());
        return out;
    }
    if cipher && !decodes {
        rec.act(ActKind::Encrypt, range);
        let out = content.content().encrypt();
        if let Some(path) = texts.iter().position(|text| *text == "-out").and_then(|at| args.get(at + 1)) {
            rec.write(name, path, &out, range);
        }
        return out;
    }
    rec.encode(&content, range)
}

/// An archive of some files: a file, or the output.
pub(super) fn archive(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let texts = words_of(args);
    let unpacks = match name {
        "tar" => texts.first().is_some_and(|text| text.contains('x') && !text.starts_with("--") && !text.contains('/')),
        _ => texts.first().is_some_and(|text| matches!(*text, "x" | "e")),
    };
    if unpacks {
        return input.content();
    }
    let mut target: Option<usize> = None;
    let mut folder = Value::default();
    let mut sources = Vec::new();
    let mut at = 0;
    while at < args.len() {
        let text = texts[at];
        let flags =
            name == "tar" && (at == 0 && !text.starts_with("--") || text.starts_with('-') && !text.starts_with("--"));
        if name == "tar" && text == "-C" {
            folder = args.get(at + 1).cloned().unwrap_or_default();
            at += 1;
        } else if flags {
            if text.contains('f') {
                target = Some(at + 1);
                at += 1;
            }
        } else if text.starts_with("--exclude") || text.starts_with('-') && text.len() > 1 {
        } else if name != "tar" && target.is_none() && !(name == "7z" && text == "a") {
            target = Some(at);
        } else if !(name == "7z" && text == "a") {
            let joined = folder
                .first_text()
                .filter(|_| !text.starts_with(['/', '~']))
                .map(|folder| Value::text(&[folder.trim_end_matches('/'), "/", text].concat()));
            sources.push(joined.unwrap_or_else(|| args[at].clone()));
        }
        at += 1;
    }
    let mut content = Value::default();
    for path in &sources {
        content.join(rec.read(path, range));
    }
    if let Some(target) =
        target.and_then(|at| args.get(at)).filter(|target| target.first_text().is_none_or(|text| text.as_ref() != "-"))
    {
        rec.write(name, target, &content, range);
        return Value::default();
    }
    content
}

/// A copy to another machine. A copy from there is none.
pub(super) fn copy(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let texts = words_of(args);
    let verbs = matches!(name, "aws" | "gsutil" | "az" | "rclone" | "s3cmd" | "mc");
    let copies = ["cp", "sync", "mv", "put", "copy", "upload", "move", "copyto", "rcat"];
    if verbs && !texts.iter().any(|text| copies.contains(text)) {
        let token = name == "aws" && (texts.contains(&"get-session-token") || texts.starts_with(&["configure", "get"]));
        return if token { rec.origin(SourceKind::TokenCommand, range, "aws") } else { unknown(args, input) };
    }
    let remote = |text: &str| {
        text.contains("://")
            || text.find(':').is_some_and(|at| at > 1 && !text[..at].contains('/')) && !text.starts_with('-')
    };
    let plain: Vec<&Value> = args
        .iter()
        .filter(|arg| {
            arg.first_text().is_none_or(|text| {
                !text.starts_with('-') && !copies.contains(&text.as_ref()) && !matches!(text.as_ref(), "s3")
            })
        })
        .collect();
    let Some(to) = plain.last().filter(|to| to.first_text().is_some_and(|text| remote(text) || text.starts_with(HOLE)))
    else {
        return Value::default();
    };
    let mut data = input.content();
    for path in plain.iter().rev().skip(1).filter(|path| path.first_text().is_none_or(|text| !remote(text))) {
        data.join(rec.read(path, range));
    }
    let address = to.first_text().map(|text| {
        let bare = text.rsplit('@').next().unwrap_or(text);
        if text.contains("://") { text.to_string() } else { ["ssh://", bare].concat() }
    });
    let address = Value { variable: to.variable.clone(), ..address.map(|text| Value::text(&text)).unwrap_or_default() };
    send(rec, SinkKind::RemoteCopy, name, range, &address, SinkPart::File, &data);
    Value::default()
}

pub(super) fn listing(rec: &mut Recorder, args: &[Value], range: &Range<usize>) -> Value {
    let mut out = Value::default();
    for text in
        args.iter().filter_map(Value::first_text).take_while(|text| !text.starts_with("-n") && !text.starts_with("-t"))
    {
        if text.starts_with('-') {
            continue;
        }
        let below = format!("{}/{ENTRY}", text.trim_end_matches('/'));
        if classify_path(&below) == Some(SourceKind::UserFiles) {
            rec.act(ActKind::WalkUserFiles, range);
        }
        out.join(Value::text(&below));
    }
    out
}
