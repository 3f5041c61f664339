//! Functions that work on texts and containers.

use std::rc::Rc;

use super::super::SourceKind;
use super::super::run::Run;
use super::super::value::{Value, clip, replaced};
use super::Call;
use crate::syntax::zone::Language;

/// Functions that work on texts and containers.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn call(run: &mut Run, call: &Call<'_>) -> Option<Value> {
    let Call { path, owner, name, args, range } = *call;
    let first = args.at(0);
    match path {
        "base64.b64decode"
        | "base64.b32decode"
        | "base64.b16decode"
        | "base64.b85decode"
        | "base64.a85decode"
        | "base64.urlsafe_b64decode"
        | "base64.standard_b64decode"
        | "base64.decodebytes"
        | "binascii.unhexlify"
        | "binascii.a2b_base64"
        | "bytes.fromhex"
        | "codecs.decode"
        | "bytearray.fromhex"
        | "atob"
        | "String.fromCharCode"
        | "chr"
        | "zlib.decompress"
        | "gzip.decompress"
        | "lzma.decompress"
        | "bz2.decompress"
        | "zlib.inflateSync"
        | "zlib.gunzipSync"
        | "zlib.brotliDecompressSync" => {
            let mut value = run.rec.origin(SourceKind::DecodedText, range, path);
            value.join(first.content());
            return Some(value);
        }
        "Buffer.from" | "Buffer"
            if args.at(1).first_text().is_some_and(|kind| matches!(kind.as_ref(), "base64" | "hex" | "base64url")) =>
        {
            let mut value = run.rec.origin(SourceKind::DecodedText, range, path);
            value.join(first.content());
            return Some(value.with_path("Buffer()"));
        }
        "base64.b64encode"
        | "base64.b32encode"
        | "base64.b16encode"
        | "base64.b85encode"
        | "base64.urlsafe_b64encode"
        | "base64.standard_b64encode"
        | "base64.encodebytes"
        | "binascii.hexlify"
        | "binascii.b2a_base64"
        | "btoa"
        | "codecs.encode" => {
            return Some(run.rec.encode(&first, range));
        }
        "Buffer.from" => return Some(first.with_path("Buffer()")),
        "json.dumps"
        | "JSON.stringify"
        | "urllib.parse.urlencode"
        | "URLSearchParams"
        | "qs.stringify"
        | "querystring.stringify"
        | "str"
        | "String"
        | "bytes"
        | "bytearray"
        | "list"
        | "tuple"
        | "set"
        | "sorted"
        | "reversed"
        | "Array.from"
        | "Promise.all"
        | "asyncio.gather"
        | "asyncio.run"
        | "Promise.resolve"
        | "Object.freeze"
        | "io.BytesIO"
        | "io.StringIO"
        | "BytesIO"
        | "StringIO"
        | "Blob"
        | "File"
        | "structuredClone"
        | "copy.deepcopy"
        | "copy.copy"
        | "Object.fromEntries"
        | "encodeURIComponent"
        | "encodeURI"
        | "urllib.parse.quote"
        | "urllib.parse.quote_plus"
        | "textwrap.dedent"
        | "shlex.quote"
        | "enumerate"
        | "iter"
        | "next"
        | "Set"
        | "Array" => return Some(first),
        "dict" | "Object.assign" | "Object.entries" | "Object.values" | "os.environ.items" => {
            let mut out = Value::default();
            owner.filter(|_| path.starts_with("os.")).into_iter().for_each(|value| out.join(value.content()));
            args.list.iter().for_each(|value| out.join(Value { path: None, ..value.clone() }));
            args.named.iter().for_each(|(key, value)| out.set_field(key, value.clone(), false));
            return Some(out);
        }
        "zip" => {
            let mut out = Value::default();
            args.list.iter().enumerate().for_each(|(at, value)| out.set_field(&at.to_string(), value.element(), false));
            let mut pair = Value::default();
            pair.set_field("0", out, false);
            return Some(pair);
        }
        _ => {}
    }
    if path.starts_with("re.") {
        let mut out = args.at(1).content();
        if let Some(key) = first.first_text().and_then(|pattern| key_in(pattern)) {
            out.narrow(&key);
        }
        return Some(out);
    }
    let owner = owner?;
    match name {
        "encode" | "decode" | "strip" | "rstrip" | "lstrip" | "trim" | "lower" | "upper" | "toLowerCase"
        | "toUpperCase" | "toString" | "trimEnd" | "copy" | "as_posix" | "read" | "getvalue" | "items" | "values"
        | "bind" | "slice"
            if !owner.path.as_deref().is_some_and(|path| path.contains('.') && !path.ends_with(')')) =>
        {
            let encoding = first.first_text().map(std::string::ToString::to_string).unwrap_or_default();
            if name == "toString" && matches!(encoding.as_str(), "base64" | "hex" | "base64url") {
                return Some(run.rec.encode(owner, range));
            }
            Some(owner.clone())
        }
        "hex" | "b64encode" => Some(run.rec.encode(owner, range)),
        "format" => {
            let mut values = Value::default();
            args.all().for_each(|value| values.join(value.clone()));
            Some(owner.clone().format_with(&values))
        }
        "join" if run.program.language == Language::Python => Some(join_texts(owner, &first)),
        "join" => Some(join_texts(&first, owner)),
        "replace" | "replaceAll" => {
            let (from, to) = (first.first_text().cloned(), args.at(1));
            let mut out = owner.clone();
            if let (Some(from), Some(to)) = (from.filter(|from| !from.is_empty()), to.first_text()) {
                out.texts = owner.texts.iter().map(|text| replaced(text, &from, to)).collect();
            }
            out.join(Value { taints: to.all_taints(), ..Value::default() });
            Some(out)
        }
        "get"
            if owner
                .path
                .as_deref()
                .is_none_or(|path| path.ends_with(')') && !path.contains("ession") && !path.contains("lient")) =>
        {
            let key = first.first_text().cloned();
            let mut out = match key.as_deref().and_then(|key| owner.field(key)) {
                Some(entry) => entry.clone(),
                None => Value { taints: owner.taints.clone(), ..Value::default() },
            };
            out.narrow(key.as_deref().unwrap_or_default());
            out.join(args.get(1, "default"));
            Some(out)
        }
        "match" | "exec" | "search" | "matchAll" if owner.path.is_none() => {
            let mut out = owner.content();
            out.join(first.content());
            if let Some(key) = first.first_text().or_else(|| owner.first_text()).and_then(|pattern| key_in(pattern)) {
                out.narrow(&key);
            }
            Some(out)
        }
        _ => None,
    }
}

/// The name of a variable in a pattern: `^MY_API_KEY=(.*)`.
pub(in super::super) fn key_in(pattern: &str) -> Option<String> {
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    pattern.split(|c| !word(c)).find(|part| part.len() >= 5 && part.contains('_')).map(str::to_owned)
}

fn join_texts(separator: &Value, list: &Value) -> Value {
    let mut out = list.content();
    let separator = separator.first_text().cloned().unwrap_or_else(|| ",".into());
    if let Some(fields) = &list.fields {
        let parts: Vec<Rc<str>> =
            fields.iter().map(|(_, value)| value.first_text().cloned().unwrap_or_else(|| "\u{1}".into())).collect();
        out.texts = vec![clip(&parts.join(&separator))];
        out.variable = fields.iter().find_map(|(_, value)| value.variable.clone());
    }
    out
}
