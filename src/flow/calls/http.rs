//! Requests, mails, messages, sockets and name servers.

use super::super::record::Sending;
use super::super::run::{Args, Run};
use super::super::value::Value;
use super::super::words::{host, is_url};
use super::super::{SinkKind, SinkPart, SourceKind};
use super::Call;

const VERBS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "request", "options"];

/// Functions that are a request by themselves.
#[rustfmt::skip]
const REQUESTS: [&str; 33] = [
    "fetch", "node-fetch", "node-fetch.default", "cross-fetch", "globalThis.fetch", "window.fetch",
    "undici.fetch", "undici.request", "axios", "got", "ky", "request",
    "needle", "superagent", "urllib.request.urlopen", "urllib2.urlopen", "urllib.urlopen", "https.request",
    "http.request", "https.get", "http.get", "navigator.sendBeacon", "$.ajax", "$.post",
    "$.get", "jQuery.ajax", "urllib.request.urlretrieve", "webbrowser.open", "wget.download", "playwright.request",
    "$fetch", "ofetch", "HTTPConnection().request",
];

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn call(run: &mut Run, call: &Call<'_>) -> Option<Value> {
    let Call { path, owner, name, args, range } = *call;
    if is_request(call) {
        return Some(request(run, call));
    }
    let content = |args: &Args| {
        let mut all = Value::default();
        args.all().for_each(|value| all.join(Value { texts: Vec::new(), path: None, function: None, ..value.clone() }));
        all
    };
    let owner_path = owner.and_then(|owner| owner.path.as_deref()).unwrap_or_default();
    let send = |run: &mut Run, kind, to: &Value, parts| {
        run.rec.send(&Sending {
            kind,
            call: if path.is_empty() { name } else { path },
            range: range.clone(),
            to,
            parts,
            timeout: None,
        });
    };
    match (path, name) {
        ("urllib.request.Request" | "urllib2.Request" | "Request", _) => Some(prepared(args)),
        ("http.client.HTTPSConnection" | "http.client.HTTPConnection" | "httplib.HTTPSConnection", _) => {
            let host = args.get(0, "host");
            let to = Value { texts: Vec::new(), ..Value::text("https://").concat(&host) };
            Some(Value { texts: Value::text("https://").concat(&host).texts, ..to }.with_path("HTTPConnection()"))
        }
        (
            "socket.gethostbyname"
            | "socket.getaddrinfo"
            | "socket.gethostbyname_ex"
            | "dns.resolver.resolve"
            | "dns.resolver.query"
            | "dns.lookup"
            | "dns.resolve"
            | "dns.resolve4"
            | "dns.resolveTxt"
            | "dns.promises.lookup"
            | "dns.promises.resolve"
            | "dns.promises.resolveTxt"
            | "dns.resolver.Resolver().resolve"
            | "dns/promises.resolve"
            | "dns/promises.resolveTxt",
            _,
        ) => {
            run.rec.ask(path, &args.at(0), range);
            Some(run.rec.origin(SourceKind::DnsAnswer, range, ""))
        }
        ("smtplib.SMTP" | "smtplib.SMTP_SSL", _) => {
            let to = args.get(0, "host");
            Some(Value { taints: Vec::new(), ..to }.with_path("SMTP()"))
        }
        (_, "sendmail" | "send_message" | "sendMail" | "send_email" | "sendEmail") if owner.is_some() => {
            let kind = if owner_path.contains("SMTP") || name.to_ascii_lowercase().contains("mail") {
                SinkKind::Mail
            } else {
                SinkKind::MessageApi
            };
            send(
                run,
                kind,
                owner.filter(|_| owner_path == "SMTP()").unwrap_or(&Value::default()),
                vec![(SinkPart::Body, content(args))],
            );
            Some(Value::default())
        }
        (
            _,
            "chat_postMessage" | "sendMessage" | "sendDocument" | "send_document" | "files_upload" | "files_upload_v2"
            | "send_photo",
        ) => {
            if args.list.is_empty() && args.named.is_empty() || owner_path.starts_with("chrome") {
                return None;
            }
            send(run, SinkKind::MessageApi, &Value::default(), vec![(SinkPart::Body, content(args))]);
            Some(Value::default())
        }
        (
            _,
            "upload_file"
            | "upload_fileobj"
            | "put_object"
            | "upload_blob"
            | "upload_from_filename"
            | "storbinary"
            | "storlines",
        ) => {
            let mut data = content(args);
            // The key of the client is not the file.
            data.each_taint(&mut |taint| taint.source.kind != SourceKind::SecretVariable);
            let from_path = matches!(name, "upload_file" | "upload_from_filename");
            if let Some(file) = args.list.first().filter(|file| from_path && !file.texts.is_empty()) {
                data.join(run.rec.read(file, range));
            }
            send(run, SinkKind::RemoteCopy, &Value::default(), vec![(SinkPart::File, data)]);
            Some(Value::default())
        }
        (_, "send" | "sendall" | "sendto" | "write" | "end") if is_connection(owner_path) => {
            let to = owner.cloned().unwrap_or_default();
            let kind = if owner_path == "ClientRequest()" { SinkKind::Http } else { SinkKind::Socket };
            send(run, kind, &Value { taints: Vec::new(), ..to }, vec![(SinkPart::Body, args.at(0))]);
            Some(Value::default())
        }
        (
            "socket.create_connection"
            | "net.connect"
            | "net.createConnection"
            | "WebSocket"
            | "websocket.create_connection"
            | "ws",
            _,
        ) => {
            let to = args.at(0);
            let first = to.field("host").or_else(|| to.field("0")).cloned().unwrap_or(to);
            Some(Value { taints: Vec::new(), ..first }.with_path("Connection()"))
        }
        ("FormData" | "aiohttp.FormData" | "Headers", _) => {
            Some(Value { fields: args.at(0).fields, taints: args.at(0).taints, ..Value::named("FormData()") })
        }
        (_, "recv") if is_connection(owner_path) => Some(run.rec.origin(SourceKind::HttpResponse, range, "")),
        ("XMLHttpRequest().send", _) => {
            send(run, SinkKind::Http, &Value::default(), vec![(SinkPart::Body, args.at(0))]);
            Some(Value::default())
        }
        _ => None,
    }
}

fn is_connection(path: &str) -> bool {
    matches!(path, "ClientRequest()" | "Connection()")
        || path.contains("socket.socket()")
        || path.contains("net.Socket()")
        || path.ends_with("WebSocket()")
}

fn is_request(call: &Call<'_>) -> bool {
    let Call { path, owner, name, args, .. } = *call;
    let library = path.split(['.', '(']).next().unwrap_or_default();
    let client = path.contains("Session()")
        || path.contains("Client()")
        || path.contains("PoolManager()")
        || path.contains("create()")
        || path.contains("extend()");
    if REQUESTS.contains(&path) {
        return true;
    }
    if !VERBS.contains(&name) {
        return false;
    }
    let libraries = [
        "requests",
        "httpx",
        "axios",
        "got",
        "ky",
        "superagent",
        "needle",
        "grequests",
        "request",
        "aiohttp",
        "urllib3",
        "http",
    ];
    if libraries.contains(&library) || client && !path.contains("boto") && !path.contains("redis") {
        return !path.contains("Mock") && path != "request.get";
    }
    // An unknown object whose method looks and is used like that of a client.
    let address = args.list.first().is_some_and(|url| url.texts.iter().any(|text| is_url(text)));
    let named = ["json", "data", "headers", "files", "params"].iter().any(|key| args.named(key).is_some());
    owner.is_some() && (address || named && name != "get" && !args.list.is_empty())
}

/// A request that is built first and sent later.
fn prepared(args: &Args) -> Value {
    let mut out =
        Value { texts: args.get(0, "url").texts, variable: args.get(0, "url").variable, ..Value::named("Request()") };
    let mut url = args.get(0, "url");
    url.texts.clear();
    out.set_field("#url", url, false);
    let options = args.list.get(1).filter(|options| options.fields.is_some() && options.path.is_none());
    let body = options.and_then(|options| options.field("body")).cloned().unwrap_or_else(|| args.get(1, "data"));
    let headers =
        options.and_then(|options| options.field("headers")).cloned().unwrap_or_else(|| args.get(2, "headers"));
    out.set_field("#body", body, false);
    out.set_field("#headers", headers, false);
    out
}

fn request(run: &mut Run, call: &Call<'_>) -> Value {
    let Call { path, owner, name, args, range } = *call;
    let mut parts: Vec<(SinkPart, Value)> = Vec::new();
    let mut list = args.list.clone();
    let method_first = name == "request"
        && list.first().is_some_and(|first| {
            first.texts.iter().any(|text| text.len() < 8 && text.bytes().all(|b| b.is_ascii_alphabetic()))
        });
    if method_first {
        list.remove(0);
    }
    let first = list.first().cloned().unwrap_or_default();
    let mut to = args.named("url").cloned().unwrap_or_else(|| first.clone());
    if path == "HTTPConnection().request" {
        let base = owner.cloned().unwrap_or_default();
        to = Value { path: None, ..base }.concat(&to);
    }
    if first.is_path("Request()") {
        to = first.field("#url").cloned().unwrap_or_default();
        to.texts.clone_from(&first.texts);
        to.variable.clone_from(&first.variable);
        parts.push((SinkPart::Body, first.field("#body").cloned().unwrap_or_default()));
        parts.push((SinkPart::Header, first.field("#headers").cloned().unwrap_or_default()));
    }
    let mut timeout = None;
    for (at, value) in list.iter().enumerate() {
        let options = value.fields.is_some() && !value.is_path("Request()") && configures(value);
        if at == 0 && options {
            to = address(value);
        }
        if options {
            for (key, value) in value.fields.iter().flat_map(|fields| fields.iter()) {
                parts.extend(part_of(key).map(|part| (part, value.clone())));
            }
            parts.push((SinkPart::Body, Value { taints: value.taints.clone(), ..Value::default() }));
        } else if at > 0
            && value.function.is_none()
            && !first.is_path("Request()")
            && (at == 1 || path == "HTTPConnection().request")
        {
            parts.push((if at == 2 { SinkPart::Header } else { SinkPart::Body }, value.clone()));
        }
    }
    for (key, value) in &args.named {
        if key.as_ref() == "timeout" {
            timeout = value.first_text().and_then(|text| text.split('.').next()?.parse::<u32>().ok());
        }
        parts.extend(part_of(key).map(|part| (part, value.clone())));
    }
    let call = if path.is_empty() { name } else { path };
    run.rec.send(&Sending { kind: SinkKind::Http, call, range: range.clone(), to: &to, parts, timeout });
    let shown = to.texts.iter().find_map(|text| host(text)).unwrap_or_default();
    let response = run.rec.origin(SourceKind::HttpResponse, range, &shown);
    for id in args.all().filter_map(|value| value.function).collect::<Vec<_>>() {
        let given = Args { list: vec![response.clone(), response.clone(), response.clone()], named: Vec::new() };
        run.invoke(id, &given, None);
    }
    if path.ends_with("urlretrieve") || path == "wget.download" {
        run.rec.write(path, &args.at(1), &response, range);
    }
    if matches!(path, "https.request" | "http.request") {
        return Value { texts: to.texts, variable: to.variable, ..response }.with_path("ClientRequest()");
    }
    response.with_path("Response()")
}

/// Are these the options of a request and no body?
fn configures(value: &Value) -> bool {
    let keys = [
        "method",
        "headers",
        "body",
        "url",
        "params",
        "timeout",
        "hostname",
        "host",
        "json",
        "data",
        "auth",
        "baseURL",
        "form",
        "searchParams",
        "signal",
    ];
    value.fields.iter().flat_map(|fields| fields.iter()).any(|(key, _)| keys.contains(&key.as_ref()))
}

fn address(options: &Value) -> Value {
    for key in ["url", "uri", "baseURL"] {
        if let Some(url) = options.field(key) {
            return url.clone();
        }
    }
    let host = options.field("hostname").or_else(|| options.field("host")).cloned().unwrap_or_default();
    let path = options.field("path").cloned().unwrap_or_else(|| Value::text("/"));
    Value::text("https://").concat(&host).concat(&path)
}

fn part_of(key: &str) -> Option<SinkPart> {
    Some(match key {
        "headers" | "auth" | "cookies" | "username" | "password" | "header" => SinkPart::Header,
        "data" | "json" | "body" | "files" | "content" | "form" | "formData" | "fields" | "multipart" => SinkPart::Body,
        "params" | "query" | "searchParams" | "qs" => SinkPart::Url,
        _ => return None,
    })
}
