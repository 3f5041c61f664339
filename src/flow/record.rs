//! What an analysis writes down, and the way into it for each language.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::fuel::Fuel;
use super::value::{ENTRY, HOLE, Taint, Value};
use super::words::{file_kind, host, is_secret_variable, query_name};
use super::{
    Act, ActKind, Analysis, Cut, Encoded, FileUse, Flow, Import, Silence, SilentSend, Sink, SinkKind, SinkPart, Source,
    SourceKind,
};
use crate::syntax::zone::Language;

mod script;

/// More flows than these are not reported.
const MOST_FLOWS: usize = 200;
/// More entries of another list are not kept.
const MOST: usize = 2_000;

pub(super) fn analyse(language: Language, text: &str) -> Analysis {
    let mut recorder = Recorder::new(0, Fuel::of(text));
    recorder.script(language, text);
    recorder.finish()
}

/// Whether a script says a word without which nothing moves.
pub(super) fn is_worth_running(text: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "http.", "https.", "'http", "\"http", "`http", "requests", "httpx", "fetch", "axios", "socket", "smtp", "sendmail", "sendMail",
        "send_message", "sendMessage", "chat_postMessage", "curl", "wget", "exec(", "eval(", "execSync", "child_process", "subprocess",
        "os.system", "popen", "urlopen", "Function(", "environ", "process.env", "getenv", "gethostby", "getaddrinfo", "resolver",
        "paramiko", "ftplib", "boto", "b64", "base64", "atob", "marshal", "pickle", "pynput", "keyboard", "encrypt", "Fernet",
        "clipboard", "/.ssh", ".ssh", ".aws", "sendBeacon", "os.walk", "rglob", "credentials", "keyring", "Deno.", "Bun.", "__import__",
        "KeyState", "WindowsHook", "create_connection", "ImageGrab", "screenshot", "HTTPHandler", "XMLHttp", "WebSocket", "hexlify",
        ".openclaw", ".claude", ".netrc", ".npmrc", "wallet", "superagent", "got(", "needle", "getattr(", "emails.send", "sgMail", "Bcc", "bcc", "upload_",
    ];
    static FOUND: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    FOUND.get_or_init(|| AhoCorasick::new(WORDS).ok()).as_ref().is_none_or(|words| words.is_match(text))
}

/// One request, mail or other message.
pub(super) struct Sending<'v> {
    pub kind: SinkKind,
    pub call: &'v str,
    pub range: Range<usize>,
    /// The address or the host.
    pub to: &'v Value,
    pub parts: Vec<(SinkPart, Value)>,
    /// Seconds.
    pub timeout: Option<u32>,
}

/// What tells two sinks apart.
type SinkKey = (SinkKind, SinkPart, Range<usize>);

/// Collects what is found.
pub(super) struct Recorder {
    found: Analysis,
    seen: HashSet<(SourceKind, Range<usize>, SinkKey)>,
    sinks: HashSet<(SinkKey, Option<String>)>,
    /// How sends are silent at the moment, innermost last.
    pub silent: Vec<Silence>,
    /// Whether the statement at hand throws away what its calls give.
    pub unused: bool,
    /// The function that is run with unknown arguments at the moment.
    pub function: Option<Rc<str>>,
    /// What this script itself wrote into files.
    files: HashMap<Rc<str>, Value>,
    /// Scripts around this one.
    depth: usize,
    /// What all of it may still cost.
    pub fuel: Fuel,
    /// Command lines inside command lines at the moment.
    pub lines: usize,
}

impl Recorder {
    fn new(depth: usize, fuel: Fuel) -> Self {
        Self {
            found: Analysis::default(),
            seen: HashSet::new(),
            sinks: HashSet::new(),
            silent: Vec::new(),
            unused: false,
            function: None,
            files: HashMap::new(),
            depth,
            fuel,
            lines: 0,
        }
    }

    pub(super) fn found(&mut self) -> &mut Analysis {
        &mut self.found
    }

    pub(super) fn source(&mut self, kind: SourceKind, range: Range<usize>, name: &str) -> Rc<Source> {
        let source = Source { kind, range, name: name.to_owned() };
        if kind != SourceKind::Input {
            keep(&mut self.found.sources, &mut self.fuel, source.clone());
        }
        Rc::new(source)
    }

    /// A value with this origin and nothing else.
    pub(super) fn origin(&mut self, kind: SourceKind, range: &Range<usize>, name: &str) -> Value {
        Value::tainted(self.source(kind, range.clone(), name))
    }

    /// A variable of the environment.
    pub(super) fn variable(&mut self, name: &str, range: &Range<usize>) -> Value {
        keep(&mut self.found.env_reads, &mut self.fuel, (name.to_owned(), range.clone()));
        let mut value = match name {
            "HOME" | "USERPROFILE" => Value::text("~"),
            _ if is_secret_variable(name) => self.origin(SourceKind::SecretVariable, range, name),
            _ => Value::default(),
        };
        value.variable = Some(name.into());
        value
    }

    /// The content of a file, by what its path may be.
    pub(super) fn read(&mut self, path: &Value, range: &Range<usize>) -> Value {
        let mut value = Value::default();
        for text in &path.texts {
            let (kind, name) = file_kind(text);
            if kind != SourceKind::GivenFile {
                let file = FileUse { path: name.clone(), range: range.clone() };
                keep(&mut self.found.reads, &mut self.fuel, file);
            }
            value.join(self.origin(kind, range, &name));
            value.join(self.known(text));
        }
        if path.texts.is_empty() {
            let walked = path.comes_from(SourceKind::UserFiles);
            let kind = if walked { SourceKind::UserFiles } else { SourceKind::GivenFile };
            value = self.origin(kind, range, "");
        }
        value
    }

    /// A file is written.
    pub(super) fn write(&mut self, call: &str, path: &Value, data: &Value, range: &Range<usize>) {
        let shown = path.first_text().map(|text| text.replace([HOLE, ENTRY], "*"));
        if let Some(path) = shown.clone() {
            keep(&mut self.found.writes, &mut self.fuel, FileUse { path, range: range.clone() });
        }
        let sink = Sink { name: shown, ..plain(SinkKind::FileWrite, SinkPart::File, call, range) };
        self.sink(&sink);
        self.reach(data, &sink);
        if let Some(text) = path.first_text().filter(|text| text.len() > 1) {
            self.fill_file(text, data);
        }
    }

    /// What was written into a file before.
    pub(super) fn known(&self, path: &str) -> Value {
        self.files.get(path).cloned().unwrap_or_default()
    }

    /// More of a file is known now.
    pub(super) fn fill_file(&mut self, path: &Rc<str>, data: &Value) {
        if self.files.len() < 200 && data.is_tainted() {
            self.files.entry(Rc::clone(path)).or_default().join(data.content());
        }
    }

    /// A text runs as code.
    pub(super) fn exec(&mut self, call: &str, code: &Value, range: &Range<usize>) {
        let sink = plain(SinkKind::Exec, SinkPart::Code, call, range);
        self.sink(&sink);
        // An argument inside code that is known is an argument.
        let whole = code.texts.is_empty() || code.texts.iter().any(|text| text.trim_start().starts_with(HOLE));
        for taint in code.all_taints() {
            if whole || taint.source.kind.is_foreign_code() {
                self.flow(&taint, sink.clone());
            }
        }
    }

    /// Whether something was found that could still reach something else.
    pub(super) fn may_flow(&self) -> bool {
        let sources = |wanted: fn(SourceKind) -> bool| self.found.sources.iter().any(|source| wanted(source.kind));
        let sinks = |wanted: fn(SinkKind) -> bool| self.found.sinks.iter().any(|sink| wanted(sink.kind));
        sinks(SinkKind::leaves) && sources(|kind| kind.is_private() || kind.is_file())
            || sinks(|kind| kind == SinkKind::Exec) && sources(SourceKind::is_foreign_code)
    }

    /// A function gives this to its callers.
    pub(super) fn gives(&mut self, function: &str, value: &Value) {
        for taint in value.all_taints().iter().filter(|taint| taint.source.kind.is_private()) {
            keep(&mut self.found.gives, &mut self.fuel, (function.to_owned(), (*taint.source).clone()));
        }
    }

    pub(super) fn import(&mut self, import: Import) {
        keep(&mut self.found.imports, &mut self.fuel, import);
    }

    pub(super) fn act(&mut self, kind: ActKind, range: &Range<usize>) {
        keep(&mut self.found.acts, &mut self.fuel, Act { kind, range: range.clone() });
    }

    pub(super) fn command(&mut self, name: &str, range: &Range<usize>) {
        if !name.is_empty() && name.len() < 60 && !name.contains([HOLE, ' ', '\n']) {
            keep(&mut self.found.commands, &mut self.fuel, (name.to_owned(), range.clone()));
        }
    }

    /// Secrets in a value that is being encoded; the value as it is afterwards.
    pub(super) fn encode(&mut self, value: &Value, range: &Range<usize>) -> Value {
        let pair =
            value.texts.iter().any(|text| text.contains(':')) && value.texts.iter().any(|text| text.contains(HOLE));
        for taint in value.all_taints() {
            let kind = taint.source.kind;
            if kind.is_private() {
                let one = Encoded { source: (*taint.source).clone(), range: range.clone(), pair };
                keep(&mut self.found.encoded, &mut self.fuel, one);
            }
        }
        value.content().encode()
    }

    /// Something is sent somewhere.
    pub(super) fn send(&mut self, sending: &Sending) {
        let url = sending.to.texts.iter().find(|text| host(text).is_some()).or_else(|| sending.to.first_text());
        let host_variable = sending.to.variable.as_deref().map(str::to_owned);
        let base = Sink {
            host: url.and_then(|url| host(url)),
            host_variable,
            name: url.map(|url| url.replace([HOLE, ENTRY], "*")),
            ..plain(sending.kind, SinkPart::None, sending.call, &sending.range)
        };
        self.sink(&base);
        let own = |taint: &Taint| {
            // A secret address is no secret that is sent to an address.
            taint.source.kind == SourceKind::SecretVariable
                && Some(taint.source.name.as_str()) == sending.to.variable.as_deref()
        };
        let query = url.and_then(|url| query_name(url));
        // An address that is unknown as a whole was read, it carries nothing.
        let whole = url.is_some_and(|url| url.starts_with(HOLE) && url.matches(HOLE).count() == 1)
            && sending.kind == SinkKind::Http;
        for taint in sending
            .to
            .all_taints()
            .iter()
            .filter(|taint| (!whole || taint.source.kind == SourceKind::DecodedText) && !own(taint))
        {
            self.flow(taint, Sink { part: SinkPart::Url, name: query.clone(), ..base.clone() });
        }
        for (part, value) in &sending.parts {
            for (name, taint) in value.leaves() {
                let name = name.filter(|name| !name.bytes().all(|b| b.is_ascii_digit())).map(|name| name.to_string());
                self.flow(&taint, Sink { part: *part, name, ..base.clone() });
            }
        }
        if let Some(how) = self.silent.last() {
            let send =
                SilentSend { range: sending.range.clone(), how: *how, unused: self.unused, timeout: sending.timeout };
            keep(&mut self.found.silent_sends, &mut self.fuel, send);
        }
    }

    /// A question to a name server: what stands before the fixed part of the name leaves with it.
    pub(super) fn ask(&mut self, call: &str, name: &Value, range: &Range<usize>) {
        let domain = |text: &str| {
            let tail = text.rsplit_once(HOLE)?.1;
            let domain = tail.get(tail.find('.')?..)?.trim_matches('.');
            (domain.len() > 3).then(|| domain.to_lowercase())
        };
        let found = name.first_text().and_then(|text| domain(text));
        let part = if found.is_some() { SinkPart::DnsLabel } else { SinkPart::None };
        let sink = Sink { host: found, ..plain(SinkKind::Dns, part, call, range) };
        self.sink(&sink);
        if part == SinkPart::DnsLabel {
            self.reach(name, &sink);
        }
    }

    /// Everything in a value reaches a sink.
    pub(super) fn reach(&mut self, value: &Value, sink: &Sink) {
        for taint in value.all_taints() {
            self.flow(&taint, sink.clone());
        }
    }

    pub(super) fn sink(&mut self, sink: &Sink) {
        let key = ((sink.kind, sink.part, sink.range.clone()), sink.name.clone());
        if self.sinks.len() <= MOST && self.sinks.insert(key) {
            keep(&mut self.found.sinks, &mut self.fuel, sink.clone());
        }
    }

    fn flow(&mut self, taint: &Taint, sink: Sink) {
        let source = &taint.source;
        let told = match sink.kind {
            SinkKind::Exec => source.kind.is_foreign_code() || source.kind == SourceKind::Input,
            SinkKind::FileWrite | SinkKind::Clipboard => source.kind.is_private() || source.kind.is_foreign_code(),
            // An address that nobody can read in the script.
            SinkKind::Http if sink.part == SinkPart::Url && source.kind == SourceKind::DecodedText => true,
            _ => source.kind.is_private() || source.kind.is_file() || source.kind == SourceKind::HostFacts,
        };
        if let Some(function) =
            self.function.as_ref().filter(|_| source.kind == SourceKind::Input && sink.kind.leaves())
            && sink.part != SinkPart::None
        {
            keep(&mut self.found.takes, &mut self.fuel, (function.to_string(), sink.clone()));
        }
        let key = (source.kind, source.range.clone(), (sink.kind, sink.part, sink.range.clone()));
        if !told || self.seen.contains(&key) {
            return;
        }
        if self.found.flows.len() >= MOST_FLOWS {
            return self.fuel.stop(Cut::Finds);
        }
        self.seen.insert(key);
        let flow = Flow {
            source: (**source).clone(),
            steps: taint.steps(),
            sink,
            narrowed: taint.narrowed.as_deref().map(str::to_owned),
            encoded: taint.encoded,
            encrypted: taint.encrypted,
        };
        self.found.flows.push(flow);
    }
}

/// Adds to a list that has room; that one is full is told.
fn keep<T>(list: &mut Vec<T>, fuel: &mut Fuel, one: T) {
    if list.len() < MOST {
        list.push(one);
    } else {
        fuel.stop(Cut::Finds);
    }
}

/// A sink of which only the call is known.
pub(super) fn plain(kind: SinkKind, part: SinkPart, call: &str, range: &Range<usize>) -> Sink {
    Sink { kind, range: range.clone(), host: None, host_variable: None, part, name: None, call: call.to_owned() }
}
