//! What the calls of well-known libraries of Python and JavaScript do.

use std::ops::Range;
use std::rc::Rc;

use super::record::{Sending, plain};
use super::run::{Args, Run};
use super::value::{Value, clip_name};
use super::{ActKind, Silence, SinkKind, SinkPart, Source, SourceKind, words};

mod files;
mod http;
mod process;
mod text;

pub(super) use files::join_path;
pub(super) use text::key_in;

/// A longer qualified name is not followed.
const LONGEST_PATH: usize = 500;

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
        let full = [path, ".", clip_name(name)].concat();
        if (path == "Path()" || !value.texts.is_empty())
            && let Some(taken) = files::path_member(value, name)
        {
            return taken;
        }
        // No library has names as long as this.
        let mut out = if full.len() < LONGEST_PATH { qualified(&full, range) } else { Value::default() };
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

/// A call of a function that is none of this script's own.
pub(super) struct Call<'a> {
    /// The qualified name of the function; empty when it is not known.
    pub path: &'a str,
    /// What it is a method of.
    pub owner: Option<&'a Value>,
    /// The last part of its name.
    pub name: &'a str,
    pub args: &'a Args,
    /// The bytes of the call.
    pub range: &'a Range<usize>,
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
    let call = Call { path, owner, name, args, range };
    known(run, &call)
        .or_else(|| http::call(run, &call))
        .or_else(|| files::call(run, &call))
        .or_else(|| text::call(run, &call))
        .or_else(|| process::spread(run, &call))
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn known(run: &mut Run, call: &Call<'_>) -> Option<Value> {
    let Call { path, owner, name, args, range } = *call;
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
            Some(process::shell(run, path, &command, args, range))
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
        | "Deno.Command" => Some(process::process(run, path, args, range)),
        "threading.Thread" | "multiprocessing.Process" => {
            let daemon = args.named("daemon").is_some_and(|value| value.is_path("True"));
            let target = args.get(1, "target");
            let given = Args { list: args.named("args").map(list_of).unwrap_or_default(), named: Vec::new() };
            Some(process::in_background(run, &target, &given, daemon.then_some(Silence::Background)))
        }
        "threading.Timer" => Some(process::in_background(run, &args.get(1, "function"), &Args::default(), None)),
        "atexit.register" => {
            let given = Args { list: args.list.iter().skip(1).cloned().collect(), named: Vec::new() };
            Some(process::in_background(run, &args.at(0), &given, Some(Silence::AtExit)))
        }
        "process.on" if args.at(0).first_text().is_some_and(|event| event.as_ref().contains("xit")) => {
            Some(process::in_background(run, &args.at(1), &Args::default(), Some(Silence::AtExit)))
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

pub(super) fn list_of(value: &Value) -> Vec<Value> {
    match &value.fields {
        Some(fields) => fields.iter().map(|(_, value)| value.clone()).collect(),
        None => vec![value.clone()],
    }
}

fn import(run: &mut Run, path: &str, args: &Args, range: &Range<usize>) -> Value {
    let Some(module) = args.at(0).first_text().cloned() else { return Value::default() };
    if words::classify_path(&module).is_some() {
        return run.rec.read(&args.at(0), range);
    }
    let nested = path != "require";
    run.rec.import(super::Import { module: module.to_string(), range: range.clone(), alias: None, nested });
    Value::named(module.trim_start_matches("node:"))
}
