//! State of a running gateway that was put under version control.

use crate::model::ignored::{is_ignored, leave_out, leave_out_all};
use crate::model::places::is_state_dir;
use crate::model::value::Value;
use crate::path::dir_of;
use crate::rule::prelude::*;
use crate::secret;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "fs.state_committed",
        summary: "State of a running gateway is checked in",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 540],
        why: "Device keys, operator tokens and channel sessions let a reader of the repository act as this gateway or as \
              its owner; transcripts and databases hold everything that was said to the agent.",
        remedy: "Remove the files with git rm --cached, add their directories to .gitignore, and pair the devices and \
                 channels anew.",
        bad: &[
            Example::files(&[(
                "identity/device.json",
                r#"{ "version": 1, "deviceId": "d1", "publicKeyPem": "x", "privateKeyPem": «"pretend this is a key"» }"#,
            )]),
            Example::files(&[(
                "devices/paired.json",
                r#"{ "d1": { "deviceId": "d1", "tokens": { "operator": { "token": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"», "scopes": ["operator.admin"] } } } }"#,
            )]),
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "version": 1, "socket": { "path": "/home/a/s.sock", "token": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» }, "agents": {} }"#,
            )]),
            Example::files(&[
                ("openclaw.json", "{ gateway: { port: 18789 } }"),
                ("agents/main/sessions/a.jsonl", "«»{}\n"),
                ("agents/main/sessions/b.jsonl", "{}\n"),
                ("credentials/whatsapp/default/creds.json", "«»{ \"noiseKey\": {} }"),
                ("memory/main.sqlite", "«»SQLite"),
                ("memory/main.sqlite-wal", ""),
            ]),
            Example::files(&[(".openclaw/state/openclaw.sqlite", "«»SQLite")]),
            Example::files(&[
                ("backup/.passphrase", "«»correct horse"),
                ("backup/memory.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
            ]),
        ],
        good: &[
            Example::files(&[(
                "identity/device.json",
                r#"{ "version": 1, "deviceId": "d1", "privateKeyPem": "<redacted>" }"#,
            )]),
            Example::files(&[
                (".gitignore", "identity/\n"),
                ("identity/device.json", r#"{ "version": 1, "privateKeyPem": "pretend this is a key" }"#),
            ]),
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "version": 1, "socket": { "path": "/tmp/s" }, "agents": {} }"#,
            )]),
            Example::files(&[
                ("data/app.sqlite", "SQLite"),
                ("web/sessions/a.jsonl", "{}\n"),
                ("web/.passphrase", "x"),
            ]),
            Example::files(&[
                ("openclaw.json", "{ gateway: { port: 18789 } }"),
                ("agents/main/sessions/a.jsonl", "{}\n"),
            ])
            .with_modes(&[]),
        ],
        check: Check::Project(state_committed),
        ..Rule::DEFAULT
    },
    Rule {
        id: "credentials.plaintext_json",
        summary: "A credentials file holds its secret in plain text",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312],
        why: "The files below credentials/ are plain JSON, those of the keychain fallback named encrypted-file too; in a \
              repository every reader has them.",
        remedy: "Remove the file from git, move the secret to the operating system's keychain, and replace it at its \
                 issuer.",
        bad: &[
            Example::files(&[(
                ".closedclaw/credentials/mail--work.json",
                r#"{"namespace":"mail","identifier":"work","secret":«"q7Rt2Vx9Kd3mZp5W"»,"storedAt":"2026-01-01"}"#,
            )]),
            // What the keychain fallback writes is known wherever it lies.
            Example::files(&[(
                "backup/2026/mail.json",
                r#"{"namespace":"mail","identifier":"work","secret":«"q7Rt2Vx9Kd3mZp5W"»,"storedAt":"2026-01-01"}"#,
            )]),
            Example::files(&[
                ("openclaw.json", "{ gateway: { port: 18789 } }"),
                (
                    "credentials/oauth.json",
                    r#"{ "google": { "accessToken": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"», "expires": 1 } }"#,
                ),
            ]),
        ],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ gateway: { port: 18789 } }"),
                ("credentials/telegram-allowFrom.json", r#"{ "version": 1, "allowFrom": ["123456789"] }"#),
                (
                    "credentials/mail.json",
                    r#"{ "$encrypted": true, "version": 1, "salt": "q7Rt2Vx9Kd3mZp5W", "ciphertext": "q7Rt2Vx9Kd3mZp5WbN8sLf4Y" }"#,
                ),
            ]),
            Example::files(&[("terraform/credentials/dev.json", r#"{ "token": "q7Rt2Vx9Kd3mZp5W" }"#)]),
            Example::files(&[
                (".gitignore", "backup/\n"),
                ("backup/mail.json", r#"{"namespace":"mail","identifier":"work","secret":"q7Rt2Vx9Kd3mZp5W"}"#),
            ]),
            Example::files(&[
                (
                    "k8s/map.json",
                    r#"{ "namespace": "mail", "identifier": "work", "secret": { "name": "q7Rt2Vx9Kd3mZp5W" } }"#,
                ),
                (
                    "k8s/more.json",
                    r#"{ "namespace": "mail", "identifier": "work", "secret": "q7Rt2Vx9Kd3mZp5W", "kind": "Ref" }"#,
                ),
                ("k8s/ref.json", r#"{ "namespace": "mail", "identifier": "work", "secret": "<redacted>" }"#),
            ]),
        ],
        check: Check::Document(&[DocumentKind::Credentials], plaintext_credentials),
        ..Rule::DEFAULT
    },
];

fn state_committed(project: &Project, report: &mut Report) {
    // In a live state directory these files are where they belong.
    if project.live {
        return;
    }
    for document in &project.documents {
        let keys: &[&str] = match document.kind {
            DocumentKind::DeviceIdentity => &["privateKeyPem", "token"],
            DocumentKind::ExecApprovals => &["token"],
            _ => continue,
        };
        let Some(root) = document.root().and_then(|root| root.value()) else { continue };
        if document.sample || is_ignored(project, &document.path) {
            continue;
        }
        if let Some((place, others)) = first_secret(root, keys) {
            let more = if others > 0 { format!(" and {others} more") } else { String::new() };
            let message = format!("{} is the live secret of a gateway{more}", place.key_path);
            report.at(place.clone(), message).maybe(leave_out(project, &document.path));
        }
    }
    by_path(project, report);
}

/// The first non-blank, non-placeholder string under one of `keys`, and the number of others.
fn first_secret(root: &Value, keys: &[&str]) -> Option<(Place, usize)> {
    let mut found = Vec::new();
    collect(&root.found(), "", keys, &mut found);
    let first = found.first()?.clone();
    Some((first, found.len() - 1))
}

fn collect(here: &Found<'_>, key: &str, keys: &[&str], found: &mut Vec<Place>) {
    if let Some(text) = here.literal() {
        use secret::Placeholder::TooShort;
        if keys.contains(&key) && matches!(secret::placeholder(text), None | Some(TooShort)) {
            found.push(here.place());
        }
    }
    for (name, member) in here.entries() {
        collect(&member, name, keys, found);
    }
    for item in here.items() {
        collect(&item, key, keys, found);
    }
}

/// Files whose presence says enough: transcripts, databases, channel sessions. One finding for each
/// directory.
fn by_path(project: &Project, report: &mut Report) {
    let mut said: Vec<(&str, Artefact)> = Vec::new();
    for entry in &project.tree.entries {
        let Some((state, artefact)) = artefact(&entry.path) else { continue };
        let dir = dir_of(&entry.path);
        let sample = crate::classify::is_sample(&entry.path);
        if sample
            || said.contains(&(dir, artefact))
            || !(is_state_dir(project, state) || artefact == Artefact::Passphrase && keeps_stores(project))
            || is_ignored(project, &entry.path)
        {
            continue;
        }
        let Some(place) = project.place_of(&entry.path) else { continue };
        let (severity, what) = match artefact {
            Artefact::Transcript => (Severity::Warn, "session transcripts"),
            Artefact::Memory => (Severity::Warn, "the agent's memory database"),
            Artefact::Database => (Severity::Critical, "the state database, which holds credentials"),
            Artefact::ChannelSession => (Severity::Critical, "a channel's login session"),
            Artefact::Passphrase => (Severity::Critical, "the passphrase of the encrypted stores"),
        };
        said.push((dir, artefact));
        let patterns: &[&str] = match artefact {
            Artefact::Transcript => &["*.jsonl"],
            Artefact::Memory | Artefact::Database => &["*.sqlite*", "*.db"],
            Artefact::ChannelSession => &["creds.json"],
            Artefact::Passphrase => &[".passphrase"],
        };
        let fix = leave_out_all(project, dir, patterns);
        report.at(place, format!("{} is {what}", shown(&entry.path))).severity(severity).maybe(fix);
    }
}

/// Is it a file of the keychain fallback: these members, and no others?
fn is_from_keychain(root: &Found<'_>) -> bool {
    let known = ["namespace", "identifier", "secret"];
    known.into_iter().all(|key| root.get(key).str().is_some())
        && root.entries().all(|(key, _)| known.contains(&key) || key == "storedAt")
}

/// Are there stores that a passphrase opens?
fn keeps_stores(project: &Project) -> bool {
    project.of_kind(DocumentKind::EncryptedStore).next().is_some()
}

fn shown(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Artefact {
    Transcript,
    Memory,
    Database,
    ChannelSession,
    Passphrase,
}

/// The state directory that a path would belong to, and what the file is.
fn artefact(path: &str) -> Option<(&str, Artefact)> {
    let name = shown(path);
    let database = [".sqlite", ".sqlite-wal", ".sqlite-shm", ".db"].iter().any(|end| name.ends_with(end));
    let below = |dir: &str| {
        let at = path.find(&format!("{dir}/"))?;
        (at == 0 || path.get(..at).is_some_and(|head| head.ends_with('/')))
            .then(|| path.get(..at).unwrap_or_default().trim_end_matches('/'))
    };
    if name.ends_with(".jsonl") && path.contains("/sessions/") {
        return Some((below("agents")?, Artefact::Transcript));
    }
    if name == "creds.json" {
        return Some((below("credentials")?, Artefact::ChannelSession));
    }
    if name == ".passphrase" {
        return Some((dir_of(path), Artefact::Passphrase));
    }
    if !database {
        return None;
    }
    let agent = below("agents").map(|state| (state, Artefact::Database));
    let memory = below("memory").map(|state| (state, Artefact::Memory));
    agent.or(memory).or_else(|| Some((below("state")?, Artefact::Database)))
}

fn plaintext_credentials(document: &Document, project: &Project, report: &mut Report) {
    let Some(root) = document.root().filter(|_| !document.sample && !document.is_encrypted()) else { return };
    let from_keychain = is_from_keychain(&root);
    let state = document.path.rsplit_once("credentials/").map(|(state, _)| state.trim_end_matches('/'));
    if !from_keychain && !state.is_some_and(|state| is_state_dir(project, state)) {
        return;
    }
    // A channel's login session is reported as such, once; what git leaves out is not checked in.
    if artefact(&document.path).is_some() || !project.live && is_ignored(project, &document.path) {
        return;
    }
    let keys =
        ["token", "apiKey", "password", "secret", "accessToken", "refreshToken", "access_token", "refresh_token"];
    let Some((place, others)) = root.value().and_then(|value| first_secret(value, &keys)) else { return };
    let more = if others > 0 { format!(", and {others} more values are") } else { String::new() };
    let message = format!("{} is written in plain text{more}", place.key_path);
    let said = report.at(place, message).maybe((!project.live).then(|| leave_out(project, &document.path)).flatten());
    if state.is_none() && !root.get("storedAt").exists() {
        said.confidence(Confidence::Medium);
    }
}
