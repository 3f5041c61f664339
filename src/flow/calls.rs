//! What the calls of well-known libraries of Python and JavaScript do.

use std::ops::Range;
use std::rc::Rc;

use super::record::{Sending, plain};
use super::run::{Args, Run};
use super::value::Value;
use super::{ActKind, Silence, SinkKind, SinkPart, Source, SourceKind, command, words};
use crate::syntax::zone::Language;

mod files;
mod http;

pub(super) use files::join_path;

/// A name that nobody has defined here.
pub(super) fn global(_run: &mut Run, name: &str, _range: &Range<usize>) -> Option<Value> {
    match name {
        "__file__" | "__dirname" | "__filename" => Some(Value::text("\u{1}")),
        "True" | "true" => Some(Value::named("True")),
        "None" | "null" | "undefined" | "False" | "false" => Some(Value::default()),
        _ => None,
    }
}

/// The value behind a qualified name.
pub(super) fn qualified(path: &str, range: &Range<usize>) -> Value {
    let kind = match path {
        "os.environ" | "process.env" | "Deno.env" | "Bun.env" => SourceKind::WholeEnvironment,
        "sys.argv" | "process.argv" | "sys.stdin" | "process.stdin" | "Deno.args" => SourceKind::Input,
        _ => return Value::named(path),
    };
    let source = Source { kind, range: range.clone(), name: String::new() };
    let path = if path == "Bun.env" { "process.env" } else { path };
    Value::tainted(Rc::new(source)).with_path(path)
}

/// A member of a value that is none of this script's own objects.
pub(super) fn member(_run: &mut Run, value: &Value, name: &str, range: &Range<usize>) -> Value {
    if let Some(path) = value.path.as_deref() {
        let full = [path, ".", name].concat();
        if path == "Path()" || !value.texts.is_empty() {
            if let Some(taken) = files::path_member(value, name) {
                return taken;
            }
        }
        let mut out = qualified(&full, range);
        if out.taints.is_empty() {
            out.taints.clone_from(&value.taints);
        }
        return out;
    }
    if let Some(taken) = files::path_member(value, name) {
        return taken;
    }
    Value { taints: value.taints.clone(), ..Value::default() }
}

/// What a call gives, when the function is known here.
pub(super) fn call(
    run: &mut Run,
    callee: &Value,
    owner: Option<&Value>,
    method: &str,
    args: &Args,
    range: &Range<usize>,
) -> Option<Value> {
    let path: Rc<str> = callee.path.clone().unwrap_or_else(|| "".into());
    let path = path.as_ref();
    let name = if method.is_empty() { path.rsplit('.').next().unwrap_or_default() } else { method };
    known(run, path, owner, name, args, range)
        .or_else(|| http::call(run, path, owner, name, args, range))
        .or_else(|| files::call(run, path, owner, name, args, range))
        .or_else(|| text(run, path, owner, name, args, range))
        .or_else(|| spread(run, path, owner, name, args, range))
}

fn known(
    run: &mut Run,
    path: &str,
    owner: Option<&Value>,
    name: &str,
    args: &Args,
    range: &Range<usize>,
) -> Option<Value> {
    let rec = &mut *run.rec;
    let origin = |rec: &mut super::record::Recorder, kind, name: &str| Some(rec.origin(kind, range, name));
    match path {
        "os.getenv"
        | "os.environ.get"
        | "os.environ.pop"
        | "os.environ.setdefault"
        | "Deno.env.get"
        | "process.env.get" => {
            let key = args.at(0);
            let mut value = match key.first_text() {
                Some(name) => rec.variable(&name.clone(), range),
                None => key.content(),
            };
            value.join(args.get(1, "default"));
            Some(value)
        }
        "eval"
        | "exec"
        | "Function"
        | "vm.runInNewContext"
        | "vm.runInThisContext"
        | "vm.runInContext"
        | "vm.Script"
        | "vm.compileFunction"
        | "builtins.exec"
        | "builtins.eval"
        | "__builtins__.exec"
        | "__builtins__.eval"
        | "pickle.loads"
        | "marshal.loads"
        | "dill.loads"
        | "cloudpickle.loads"
        | "_pickle.loads"
        | "globalThis.eval"
        | "window.eval" => {
            let mut code = Value::default();
            args.list.iter().for_each(|value| code.join(value.clone()));
            rec.exec(path, &code, range);
            Some(code.content())
        }
        "compile" => Some(args.at(0).content()),
        "__import__" | "importlib.import_module" | "require" | "import" => Some(import(run, path, args, range)),
        "getattr" => {
            let name = args.at(1).first_text().cloned()?;
            Some(run.attribute(&args.at(0), &name, range.clone()))
        }
        "util.promisify" | "promisify" | "functools.partial" | "functools.lru_cache" | "cast" | "typing.cast" => {
            Some(args.all().last().filter(|_| path.ends_with("cast")).cloned().unwrap_or_else(|| args.at(0)))
        }
        "os.system"
        | "os.popen"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "commands.getoutput"
        | "child_process.exec"
        | "child_process.execSync"
        | "asyncio.create_subprocess_shell"
        | "execa.execaCommand"
        | "shelljs.exec"
        | "execSync"
        | "pty.spawn" => {
            let command = args.get(0, "cmd");
            Some(shell(run, path, &command, args, range))
        }
        "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_output"
        | "subprocess.check_call"
        | "subprocess.Popen"
        | "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "execa"
        | "execa.execa"
        | "Bun.spawn"
        | "asyncio.create_subprocess_exec"
        | "cross-spawn"
        | "os.execvp"
        | "Deno.Command" => Some(process(run, path, args, range)),
        "threading.Thread" | "multiprocessing.Process" => {
            let daemon = args.named("daemon").is_some_and(|value| value.is_path("True"));
            let target = args.get(1, "target");
            let given = Args { list: args.named("args").map(list_of).unwrap_or_default(), named: Vec::new() };
            Some(in_background(run, &target, &given, daemon.then_some(Silence::Background)))
        }
        "threading.Timer" => Some(in_background(run, &args.get(1, "function"), &Args::default(), None)),
        "atexit.register" => {
            let given = Args { list: args.list.iter().skip(1).cloned().collect(), named: Vec::new() };
            Some(in_background(run, &args.at(0), &given, Some(Silence::AtExit)))
        }
        "process.on" if args.at(0).first_text().is_some_and(|event| event.as_ref().contains("xit")) => {
            Some(in_background(run, &args.at(1), &Args::default(), Some(Silence::AtExit)))
        }
        "pynput.keyboard.Listener"
        | "pynput.mouse.Listener"
        | "keyboard.on_press"
        | "keyboard.hook"
        | "keyboard.on_release" => {
            rec.act(ActKind::KeyListener, range);
            let keys = rec.origin(SourceKind::Keystrokes, range, "");
            for id in args.all().filter_map(|value| value.function).collect::<Vec<_>>() {
                run.invoke(id, &Args { list: vec![keys.clone()], named: Vec::new() }, None);
            }
            Some(keys)
        }
        "pyautogui.screenshot"
        | "PIL.ImageGrab.grab"
        | "ImageGrab.grab"
        | "pyscreenshot.grab"
        | "screenshot-desktop" => {
            rec.act(ActKind::Screen, range);
            origin(rec, SourceKind::Screen, "")
        }
        "pyperclip.paste"
        | "clipboardy.read"
        | "clipboardy.readSync"
        | "navigator.clipboard.readText"
        | "win32clipboard.GetClipboardData" => origin(rec, SourceKind::Clipboard, ""),
        "pyperclip.copy" | "clipboardy.write" | "clipboardy.writeSync" | "navigator.clipboard.writeText" => {
            let sink = plain(SinkKind::Clipboard, SinkPart::Body, path, range);
            rec.sink(&sink);
            rec.reach(&args.at(0), &sink);
            Some(Value::default())
        }
        "keyring.get_password" | "keytar.getPassword" => {
            let service = args.at(0).first_text().cloned().unwrap_or_else(|| "".into());
            origin(rec, SourceKind::TokenCommand, &service)
        }
        "win32crypt.CryptUnprotectData" | "CryptUnprotectData" => {
            rec.act(ActKind::Keychain, range);
            origin(rec, SourceKind::Keychain, "")
        }
        "browser_cookie3.chrome"
        | "browser_cookie3.firefox"
        | "browser_cookie3.load"
        | "browser_cookie3.edge"
        | "rookiepy.chrome" => origin(rec, SourceKind::BrowserStore, path),
        "socket.gethostname"
        | "platform.node"
        | "getpass.getuser"
        | "os.getlogin"
        | "os.hostname"
        | "os.userInfo"
        | "os.networkInterfaces"
        | "uuid.getnode"
        | "socket.getfqdn" => origin(rec, SourceKind::HostFacts, path),
        "input"
        | "sys.stdin.read"
        | "sys.stdin.readline"
        | "argparse.ArgumentParser().parse_args"
        | "prompt"
        | "getpass.getpass"
        | "util.parseArgs"
        | "argparse.ArgumentParser().parse_known_args" => {
            origin(rec, SourceKind::Input, path).map(|value| value.with_path("args()"))
        }
        "logging.handlers.HTTPHandler" | "logging.handlers.SocketHandler" | "logging.handlers.DatagramHandler" => {
            run.remote_log = Some(args.get(0, "host"));
            Some(Value::default())
        }
        _ => match name {
            "GetAsyncKeyState" | "SetWindowsHookExA" | "SetWindowsHookExW" | "CGEventTapCreate" => {
                rec.act(ActKind::KeyListener, range);
                origin(rec, SourceKind::Keystrokes, "")
            }
            "encrypt" | "encrypt_and_digest" => {
                rec.act(ActKind::Encrypt, range);
                Some(args.at(0).content().encrypt())
            }
            "createCipheriv" => {
                rec.act(ActKind::Encrypt, range);
                Some(Value::named("cipher()"))
            }
            "update" if owner.is_some_and(|owner| owner.is_path("cipher()")) => Some(args.at(0).content().encrypt()),
            "info" | "warning" | "error" | "critical" | "debug" | "log" if run.remote_log.is_some() => {
                let to = run.remote_log.clone().unwrap_or_default();
                let parts = vec![(SinkPart::Body, args.at(0).content())];
                let call = "logging.handlers.HTTPHandler";
                run.rec.send(&Sending {
                    kind: SinkKind::Http,
                    call,
                    range: range.clone(),
                    to: &to,
                    parts,
                    timeout: None,
                });
                Some(Value::default())
            }
            _ => None,
        },
    }
}

/// Functions that are called with other arguments than they are handed over with.
fn spread(
    run: &mut Run,
    path: &str,
    owner: Option<&Value>,
    name: &str,
    args: &Args,
    _range: &Range<usize>,
) -> Option<Value> {
    let first = args.list.first().and_then(|value| value.function);
    match name {
        "submit" | "to_thread" | "setTimeout" | "setImmediate" | "setInterval" | "nextTick" | "apply_async"
        | "call_soon" => {
            let id = first?;
            let skip = if name.starts_with("set") { 2 } else { 1 };
            let given = Args { list: args.list.iter().skip(skip).cloned().collect(), named: args.named.clone() };
            Some(run.invoke(id, &given, args.list.first().and_then(|value| value.class)))
        }
        "run_in_executor" => {
            let function = args.list.get(1)?;
            let given = Args { list: args.list.iter().skip(2).cloned().collect(), named: Vec::new() };
            Some(run.invoke(function.function?, &given, function.class))
        }
        // Elements of a list one by one.
        "map" | "forEach" | "filter" | "flatMap" | "find" | "some" | "reduce" | "sort"
            if owner.is_some() && first.is_some() && path != "map" =>
        {
            let element = owner.map(Value::element).unwrap_or_default();
            let given = Args { list: vec![element.clone(), Value::default()], named: Vec::new() };
            let out = run.invoke(first?, &given, None);
            Some(match name {
                "filter" | "sort" | "find" => owner.cloned().unwrap_or_default(),
                "some" => Value::default(),
                _ => out,
            })
        }
        "map" | "starmap" | "imap" => {
            let id = first?;
            let given = Args { list: args.list.iter().skip(1).map(Value::element).collect(), named: Vec::new() };
            Some(run.invoke(id, &given, None))
        }
        "then" if first.is_some() => {
            let given = Args { list: vec![owner.cloned().unwrap_or_default()], named: Vec::new() };
            Some(run.invoke(first?, &given, None))
        }
        _ => None,
    }
}

/// Functions that work on texts and containers.
fn text(
    run: &mut Run,
    path: &str,
    owner: Option<&Value>,
    name: &str,
    args: &Args,
    range: &Range<usize>,
) -> Option<Value> {
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
            let encoding = first.first_text().map(|text| text.to_string()).unwrap_or_default();
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
                out.texts = owner.texts.iter().map(|text| Rc::from(text.replace(from.as_ref(), to))).collect();
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
pub(super) fn key_in(pattern: &str) -> Option<String> {
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    pattern.split(|c| !word(c)).find(|part| part.len() >= 5 && part.contains('_')).map(str::to_owned)
}

fn join_texts(separator: &Value, list: &Value) -> Value {
    let mut out = list.content();
    let separator = separator.first_text().cloned().unwrap_or_else(|| ",".into());
    if let Some(fields) = &list.fields {
        let parts: Vec<Rc<str>> =
            fields.iter().map(|(_, value)| value.first_text().cloned().unwrap_or_else(|| "\u{1}".into())).collect();
        out.texts = vec![parts.join(&separator).into()];
        out.variable = fields.iter().find_map(|(_, value)| value.variable.clone());
    }
    out
}

pub(super) fn list_of(value: &Value) -> Vec<Value> {
    match &value.fields {
        Some(fields) => fields.iter().map(|(_, value)| value.clone()).collect(),
        None => vec![value.clone()],
    }
}

fn in_background(run: &mut Run, target: &Value, args: &Args, silence: Option<Silence>) -> Value {
    let Some(id) = target.function else { return Value::named("Thread()") };
    run.rec.silent.extend(silence);
    run.invoke(id, args, target.class);
    if silence.is_some() {
        run.rec.silent.pop();
    }
    Value::named("Thread()")
}

fn import(run: &mut Run, path: &str, args: &Args, range: &Range<usize>) -> Value {
    let Some(module) = args.at(0).first_text().cloned() else { return Value::default() };
    if words::classify_path(&module).is_some() {
        return run.rec.read(&args.at(0), range);
    }
    let found = run.rec.found();
    if found.imports.len() < 500 {
        let nested = path != "require";
        found.imports.push(super::Import { module: module.to_string(), range: range.clone(), alias: None, nested });
    }
    Value::named(module.trim_start_matches("node:"))
}

/// A command line that a shell runs.
fn shell(run: &mut Run, path: &str, line: &Value, args: &Args, range: &Range<usize>) -> Value {
    let out = command::line(run.rec, path, line, range);
    callbacks(run, args, &out);
    out
}

/// A program with its arguments, or a line for a shell where the call says so.
fn process(run: &mut Run, path: &str, args: &Args, range: &Range<usize>) -> Value {
    let first = args.get(0, "args");
    let options = args.list.last();
    let shelled = args
        .named("shell")
        .or_else(|| options.and_then(|options| options.field("shell")))
        .is_some_and(|value| value.is_path("True"));
    let argv = if first.fields.is_some() {
        list_of(&first)
    } else {
        let mut argv = vec![first.clone()];
        let list = args.list.get(1).filter(|list| {
            list.fields.as_ref().is_none_or(|fields| fields.first().is_none_or(|(name, _)| name.as_ref() == "0"))
        });
        argv.extend(list.map(list_of).unwrap_or_default());
        if path.ends_with("_exec") {
            argv.extend(args.list.iter().skip(2).cloned());
        }
        argv
    };
    let input = args
        .named("input")
        .cloned()
        .or_else(|| options.and_then(|options| options.field("input")).cloned())
        .unwrap_or_default();
    let out = if shelled
        || argv.len() == 1 && first.fields.is_none() && first.first_text().is_some_and(|text| text.contains(' '))
    {
        command::line(run.rec, path, &argv[0], range)
    } else {
        let mut argv = argv;
        // What was appended to the list later is one more argument.
        if !first.taints.is_empty() && first.fields.is_some() {
            argv.push(first.clone());
        }
        command::program(run.rec, &argv, &input, range)
    };
    callbacks(run, args, &out);
    out.with_path("Process()")
}

fn callbacks(run: &mut Run, args: &Args, value: &Value) {
    for id in args.all().filter_map(|value| value.function).collect::<Vec<_>>() {
        let given = Args { list: vec![Value::default(), value.clone(), value.clone()], named: Vec::new() };
        run.invoke(id, &given, None);
    }
}
