//! What the programs of a command line do, whoever starts them.

use std::ops::Range;

use super::record::{Recorder, Sending, plain};
use super::value::{HOLE, Value};
use super::words::{classify_path, host_of_authority};
use super::{ActKind, SinkKind, SinkPart, SourceKind, shell};

mod file;
mod http;

/// A line that a shell runs. What is unknown in it as a whole is code of somebody else.
pub(super) fn line(rec: &mut Recorder, call: &str, line: &Value, range: &Range<usize>) -> Value {
    let mut out = Value::default();
    if line.texts.iter().all(|text| text.trim_start().starts_with(HOLE)) {
        rec.exec(call, line, range);
        return out;
    }
    for text in line.texts.iter().take(3) {
        out.join(shell::line(rec, text, &line.content(), range));
    }
    out
}

fn words_of(values: &[Value]) -> Vec<&str> {
    values.iter().map(|value| value.first_text().map_or("\u{1}", AsRef::as_ref)).collect()
}

fn join(values: &[Value]) -> Value {
    let mut out = Value::default();
    for value in values {
        out.join(value.content());
    }
    out
}

/// The name of a program without its folder.
pub(super) fn base_name(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    name.trim_end_matches(".exe").to_owned()
}

/// Runs a program: reads, sends and writes are recorded, its output is given back.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn program(rec: &mut Recorder, words: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let Some(first) = words.first() else { return Value::default() };
    let Some(text) = first.first_text() else {
        return join(words);
    };
    let name = base_name(text);
    rec.command(&name, range);
    let args = &words[1..];
    let texts = words_of(args);
    match name.as_str() {
        "echo" | "printf" | "print" | "write-output" => echo(args),
        "cat" | "tac" | "head" | "tail" | "less" | "more" | "strings" | "nl" | "bat" | "type" | "gunzip" | "zcat" => {
            file::files(rec, args, 0, input, range)
        }
        "grep" | "egrep" | "rg" | "sed" | "awk" | "cut" | "sort" | "uniq" | "tr" | "yq" | "column" | "fold" | "rev"
        | "paste" | "jq" | "zgrep" => file::filter(rec, &name, args, input, range),
        "tee" => {
            for path in args.iter().filter(|path| path.first_text().is_none_or(|text| !text.starts_with('-'))) {
                rec.write("tee", path, input, range);
            }
            input.clone()
        }
        "base64" | "base32" | "xxd" | "uudecode" | "uuencode" | "hexdump" | "od" | "openssl" => {
            file::coder(rec, &name, args, input, range)
        }
        "gzip" | "bzip2" | "xz" | "zstd" | "pigz" => file::files(rec, args, 0, input, range),
        "tar" | "zip" | "7z" | "rar" => file::archive(rec, &name, args, input, range),
        "gpg" | "age" => {
            if texts.iter().any(|text| matches!(*text, "-d" | "--decrypt")) {
                return join(args);
            }
            rec.act(ActKind::Encrypt, range);
            file::files(rec, args, 0, input, range).encrypt()
        }
        "env" | "printenv" | "set" | "export" | "declare"
            if args.iter().all(|arg| arg.first_text().is_some_and(|text| text.starts_with('-'))) =>
        {
            if matches!(name.as_str(), "set" | "declare") && !args.is_empty() {
                return Value::default();
            }
            rec.origin(SourceKind::WholeEnvironment, range, &name)
        }
        "printenv" => {
            args.first().and_then(Value::first_text).map(|name| rec.variable(&name.clone(), range)).unwrap_or_default()
        }
        "curl" | "wget" | "http" | "https" | "xh" | "curlie" | "httpie" => {
            http::request(rec, &name, args, input, range)
        }
        "open" | "xdg-open" | "start" if texts.iter().any(|text| text.starts_with("http")) => {
            http::request(rec, &name, args, input, range)
        }
        "nc" | "ncat" | "netcat" | "socat" | "telnet" | "ssh" => {
            let to = args
                .iter()
                .find(|arg| arg.first_text().is_none_or(|text| !text.starts_with('-')))
                .cloned()
                .unwrap_or_default();
            let host = to.first_text().and_then(|text| host_of_authority(text)).unwrap_or_default();
            let to = Value { variable: to.variable, ..Value::text(&["tcp://", &host].concat()) };
            let kind = if name == "ssh" { SinkKind::RemoteCopy } else { SinkKind::Socket };
            send(rec, kind, &name, range, &to, SinkPart::Body, input);
            rec.origin(SourceKind::HttpResponse, range, &host)
        }
        "dig" | "nslookup" | "host" | "drill" | "ping" | "ping6" => ask(rec, &name, args, range),
        "mail" | "mailx" | "mutt" | "sendmail" | "msmtp" | "swaks" => {
            let mut body = input.content();
            body.join(join(args));
            for (at, text) in texts.iter().enumerate() {
                let path = text
                    .strip_prefix("--attach=@")
                    .or_else(|| texts.get(at + 1).copied().filter(|_| matches!(*text, "-a" | "-A" | "--attach")));
                if let Some(path) = path {
                    body.join(rec.read(&Value::text(path), range));
                }
            }
            send(rec, SinkKind::Mail, &name, range, &Value::default(), SinkPart::Body, &body);
            Value::default()
        }
        "scp" | "rsync" | "sftp" | "rclone" | "gsutil" | "aws" | "az" | "s3cmd" | "mc" | "lftp" | "ftp" => {
            file::copy(rec, &name, args, input, range)
        }
        "cp" | "mv" | "install" => {
            let plain: Vec<&Value> =
                args.iter().filter(|arg| arg.first_text().is_none_or(|text| !text.starts_with('-'))).collect();
            if let Some((to, from)) = plain.split_last() {
                let mut content = Value::default();
                for path in from {
                    content.join(rec.read(path, range));
                }
                rec.write(&name, to, &content, range);
            }
            if name == "mv" {
                rec.act(ActKind::Rename, range);
            }
            Value::default()
        }
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "python" | "python3" | "python2" | "node" | "perl" | "ruby"
        | "php" | "deno" | "bun" | "osascript" | "powershell" | "pwsh" | "iex" | "invoke-expression" => {
            interpreter(rec, &name, args, input, range)
        }
        "eval" => {
            let code = echo(args);
            rec.exec("eval", &code, range);
            line_of_known(rec, &code, range)
        }
        "source" | "." => {
            if let Some(pipe) = args.first().filter(|arg| arg.is_path("Pipe()")) {
                rec.exec("source", pipe, range);
            } else if let Some(path) = args.first().and_then(Value::first_text) {
                let (module, range) = (path.replace(HOLE, "*"), range.clone());
                rec.import(super::Import { module, range, alias: None, nested: false });
            }
            Value::default()
        }
        "pbpaste" | "wl-paste" | "xsel" => rec.origin(SourceKind::Clipboard, range, ""),
        "xclip" if texts.contains(&"-o") => rec.origin(SourceKind::Clipboard, range, ""),
        "pbcopy" | "xclip" | "wl-copy" => {
            let sink = plain(SinkKind::Clipboard, SinkPart::Body, &name, range);
            rec.sink(&sink);
            rec.reach(input, &sink);
            Value::default()
        }
        "history" => rec.origin(SourceKind::ShellHistory, range, "history"),
        "whoami" | "hostname" | "id" | "ifconfig" | "ipconfig" | "ps" | "system_profiler" | "systeminfo" => {
            rec.origin(SourceKind::HostFacts, range, &name)
        }
        "find" | "ls" | "fd" | "mdfind" | "locate" => file::listing(rec, args, range),
        "rm" | "shred" | "unlink" | "srm" => {
            rec.act(ActKind::Remove, range);
            Value::default()
        }
        "screencapture" | "scrot" | "gnome-screenshot" | "grim" => {
            rec.act(ActKind::Screen, range);
            let shot = rec.origin(SourceKind::Screen, range, &name);
            if let Some(path) = args.last() {
                rec.write(&name, path, &shot, range);
            }
            shot
        }
        "sqlite3" => {
            let store = args.iter().find(|arg| arg.first_text().is_some_and(|text| classify_path(text).is_some()));
            store.map(|path| rec.read(path, range)).unwrap_or_default()
        }
        "wc" | "md5sum" | "md5" | "sha256sum" | "shasum" | "sha1sum" | "test" | "[" | "[[" | "stat" | "du" | "file"
        | "which" | "command" | "type_" | "cksum" | "b2sum" | "chmod" | "chown" | "mkdir" | "touch" | "cd" | "true"
        | "false" | "exit" | "return" | "kill" | "sleep" | "diff" | "cmp" => Value::default(),
        _ => secret_tool(rec, &name, &texts, range).unwrap_or_else(|| unknown(args, input)),
    }
}

/// A program that is not known may work on its input; keys among its arguments stay with it.
fn unknown(args: &[Value], input: &Value) -> Value {
    let mut out = join(args);
    out.each_taint(&mut |taint| {
        taint.source.kind != SourceKind::SecretVariable && taint.source.kind != SourceKind::TokenCommand
    });
    out.join(input.content());
    out
}

/// Programs that give a credential to whoever runs them.
fn secret_tool(rec: &mut Recorder, name: &str, texts: &[&str], range: &Range<usize>) -> Option<Value> {
    let said = |words: &[&str]| words.iter().all(|word| texts.contains(word));
    let shown = [name, " ", &texts.iter().take(2).copied().collect::<Vec<_>>().join(" ")].concat().replace(HOLE, "*");
    let token = match name {
        "gh" => said(&["auth", "token"]),
        "gcloud" => said(&["auth"]) && texts.iter().any(|text| text.starts_with("print-")),
        "op" => said(&["read"]) || said(&["item", "get"]),
        "pass" => said(&["show"]),
        "bw" | "lpass" | "vault" => said(&["get"]) || said(&["show"]) || said(&["read"]),
        "secret-tool" => said(&["lookup"]),
        "kubectl" => said(&["config", "view", "--raw"]) || said(&["get", "secret"]) || said(&["get", "secrets"]),
        _ => false,
    };
    if token {
        return Some(rec.origin(SourceKind::TokenCommand, range, &shown));
    }
    if name == "security" {
        let dump = said(&["dump-keychain"]);
        let entry = texts.iter().any(|text| matches!(*text, "find-generic-password" | "find-internet-password"));
        if dump || entry {
            rec.act(ActKind::Keychain, range);
            let kind = if dump { SourceKind::Keychain } else { SourceKind::TokenCommand };
            return Some(rec.origin(kind, range, &shown));
        }
    }
    None
}

fn echo(args: &[Value]) -> Value {
    let mut out: Option<Value> = None;
    let skip = args
        .iter()
        .take_while(|arg| arg.first_text().is_some_and(|text| matches!(text.as_ref(), "-n" | "-e" | "-ne" | "-en")))
        .count();
    for arg in args.iter().skip(skip) {
        out = Some(match out {
            Some(known) => known.concat(&Value::text(" ")).concat(arg),
            None => arg.clone(),
        });
    }
    out.unwrap_or_default()
}

fn send(
    rec: &mut Recorder,
    kind: SinkKind,
    call: &str,
    range: &Range<usize>,
    to: &Value,
    part: SinkPart,
    data: &Value,
) {
    rec.send(&Sending { kind, call, range: range.clone(), to, parts: vec![(part, data.content())], timeout: None });
}

/// A question to a name server. A name that is a variable as a whole is asked for on purpose.
fn ask(rec: &mut Recorder, name: &str, args: &[Value], range: &Range<usize>) -> Value {
    for arg in args.iter().filter(|arg| arg.first_text().is_some_and(|text| !text.starts_with(['-', '+', '@']))) {
        rec.ask(name, arg, range);
    }
    let texts = words_of(args);
    let answers = texts.iter().any(|text| text.to_ascii_lowercase().trim_start_matches("-type=").ends_with("txt"));
    if answers { rec.origin(SourceKind::DnsAnswer, range, "") } else { Value::default() }
}

/// A program that runs what it is given.
fn interpreter(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let texts = words_of(args);
    let code = texts.iter().position(|text| {
        matches!(*text, "-c" | "-e" | "--eval" | "-Command" | "-EncodedCommand" | "-enc" | "-r" | "-lc" | "-ic")
    });
    if let Some(code) = code.and_then(|at| args.get(at + 1)) {
        let shell = matches!(name, "sh" | "bash" | "zsh" | "dash" | "ksh");
        // Values between the lines of a script of another language are its data.
        let whole = code.texts.iter().all(|text| text.trim_start().starts_with(HOLE));
        let run = if shell || whole { code.clone() } else { Value::default() };
        rec.exec(name, &run, range);
        return if shell { line_of_known(rec, code, range) } else { Value::default() };
    }
    if let Some(pipe) = args.iter().find(|arg| arg.is_path("Pipe()")) {
        rec.exec(name, pipe, range);
        return Value::default();
    }
    let script = texts.iter().find(|text| !text.starts_with('-'));
    if script.is_none() || texts.contains(&"-") || texts.contains(&"-s") || texts.contains(&"/dev/stdin") {
        rec.exec(name, input, range);
        return Value::default();
    }
    if let Some(path) = script {
        // A file that this script has written before.
        let content = rec.known(path);
        if !content.taints.is_empty() {
            rec.exec(name, &content, range);
        }
    }
    Value::default()
}

/// A script that is known as a text is read too.
fn line_of_known(rec: &mut Recorder, code: &Value, range: &Range<usize>) -> Value {
    match code.first_text().filter(|text| !text.trim_start().starts_with(HOLE)) {
        Some(text) => shell::line(rec, &text.clone(), &code.content(), range),
        None => Value::default(),
    }
}
