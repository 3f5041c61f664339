//! Directories of the host that a sandbox sees.

use std::borrow::Cow;

use super::sandbox::normalise;
use crate::config;
use crate::rule::prelude::*;
use crate::secret;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "sandbox.dangerous_bind_mount",
        summary: "A sandbox sees a sensitive directory of the host",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[552, 668],
        why: "System directories, the Docker socket and credential directories give whoever controls the container \
              the host as well.",
        remedy: "Remove the bind; mount the project's own directory instead.",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[
            config!(
                r#"{ agents: { defaults: { sandbox: { docker: { binds: ["/srv/a:/a", «"/srv/../etc:/e:ro"», «"/run/docker.sock:/s"», «"/:/host"»] } } } } }"#
            ),
            config!(r#"{ agents: { entries: { a: { sandbox: { docker: { binds: [«"/var:/v"», «"/home/ann/.ssh:/k"»] } } } } } }"#),
            config!(
                r#"{ agents: { list: [{ id: "a", sandbox: { docker: { binds: [«"${HOME}/.aws:/c"», «"/Users/ann:/h"», «"C:\\Users\\ann\\.ssh:/k"»] } } }] } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ agents: { defaults: { sandbox: { docker: { binds: ["/etcx:/e", "/home/ann/project:/p:ro", "/var/log:/l", "/srv/data:/d"] } } } } }"#
            ),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { binds: ["${DATA}:/d"] } } } } }"#),
        ],
        check: Check::Config(dangerous_binds),
        ..Rule::DEFAULT
    },
    Rule {
        id: "sandbox.bind_mount_non_absolute",
        summary: "A bind mount's source is not an absolute path",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[706],
        why: "What the container then sees depends on the directory that the gateway happens to run in, or is a named \
              volume nobody expects; releases refuse such a configuration.",
        remedy: "Write the absolute path of the directory.",
        bad: &[config!(
            r#"{ agents: { defaults: { sandbox: { docker: { binds: [«"./project:/p"», «"~/notes:/n"», «"data:/d"»] } } } } }"#
        )],
        good: &[config!(
            r#"{ agents: { defaults: { sandbox: { docker: { binds: ["/srv/p:/p", "D:\\work:/w", "${DIR}:/d", " "] } } } } }"#
        )],
        check: Check::Config(relative_binds),
        ..Rule::DEFAULT
    },
];

/// Directories that no container should see, nor anything below them.
const SYSTEM: [&str; 10] =
    ["/etc", "/private/etc", "/proc", "/sys", "/dev", "/root", "/boot", "/run", "/var/run", "/private/var/run"];

/// What a home directory holds that no container should see.
const PRIVATE: [&str; 8] = [".aws", ".cargo", ".config", ".docker", ".gnupg", ".netrc", ".npm", ".ssh"];

/// Every bind of the defaults and of every agent, with its source as written.
fn binds(config: &Config) -> Vec<(String, Found<'_>)> {
    let mut out = Vec::new();
    for docker in config.agent_blocks("sandbox.docker") {
        for bind in docker.get("binds").items() {
            let Some(text) = bind.text() else { continue };
            out.push((source_of(&text.text).to_owned(), bind));
        }
    }
    out
}

/// The text before the colon that ends the source; the colon after a drive letter and those inside
/// `${…}` do not.
fn source_of(bind: &str) -> &str {
    let bind = bind.trim();
    let head = if is_drive(bind) {
        2
    } else if bind.starts_with("${") {
        bind.find('}').unwrap_or(0)
    } else {
        0
    };
    let tail = bind.get(head..).unwrap_or_default();
    tail.find(':').and_then(|colon| bind.get(..head + colon)).unwrap_or(bind)
}

/// Does it begin with `C:\` or `C:/`?
fn is_drive(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

fn relative_binds(config: &Config, report: &mut Report) {
    for (source, bind) in binds(config) {
        if bind.is_unknown() || source.is_empty() || source.starts_with('/') || is_drive(&source) {
            continue;
        }
        let shown = secret::quotable(&source, 60);
        report.at(bind.place(), format!("the source \"{shown}\" of a bind mount is not absolute"));
    }
}

fn dangerous_binds(config: &Config, report: &mut Report) {
    for (source, bind) in binds(config) {
        let reason = if config.upstream() { upstream_reason(config, &source) } else { our_reason(&source, &bind) };
        if let Some(reason) = reason {
            report.at(bind.place(), format!("a bind mount shows {reason} to the sandbox"));
        }
    }
}

/// Is `path` the same as `dir` or below it?
fn within(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || dir == "/")
}

/// Upstream's judgement: which directory the source is in, or since 2026.9 holds.
fn upstream_reason(config: &Config, source: &str) -> Option<Cow<'static, str>> {
    if !source.starts_with('/') {
        return None;
    }
    let path = normalise(source);
    if path == "/" {
        return Some("the whole host".into());
    }
    let home = config.env.get("HOME").filter(|_| config.since(V2026_5)).map(normalise);
    let private = home.iter().flat_map(|home| PRIVATE.iter().map(move |name| format!("{home}/{name}")));
    let system = SYSTEM.iter().map(|dir| (*dir).to_owned());
    let covers = config.since(V2026_9);
    // The user that runs the gateway has a home below /home, wherever `HOME` points during an audit.
    if covers && path == "/home" {
        return Some("every home directory".into());
    }
    let hit = system.chain(private).find(|dir| within(&path, dir) || covers && within(dir, &path));
    hit.map(Cow::Owned)
}

/// Our judgement: any home will do, also one that is written as `~` or `${HOME}`.
fn our_reason(source: &str, bind: &Found<'_>) -> Option<Cow<'static, str>> {
    let source = source.replace('\\', "/");
    if let Some(rest) = below_home_variable(&source) {
        return private_reason(&normalise(rest));
    }
    if bind.is_unknown() {
        return None;
    }
    if is_drive(&source) {
        let path = normalise(source.get(2..).unwrap_or_default()).to_lowercase();
        return home_reason(&path, "/users");
    }
    if !source.starts_with('/') {
        return None;
    }
    let path = normalise(&source);
    let covering = |dir: &&&str| within(&path, dir) || within(dir, &path);
    if path == "/" {
        return Some("the whole host".into());
    }
    if let Some(dir) = SYSTEM.iter().find(covering) {
        return Some(Cow::Borrowed(*dir));
    }
    home_reason(&path, "/home").or_else(|| home_reason(&path, "/Users"))
}

/// The rest of a path that begins with the current user's home.
fn below_home_variable(source: &str) -> Option<&str> {
    let rest = ["~", "$HOME", "${HOME}"].into_iter().find_map(|home| source.strip_prefix(home))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// `path` below the directory of homes: all homes, one home, or something private in one.
fn home_reason(path: &str, homes: &str) -> Option<Cow<'static, str>> {
    let rest = path.strip_prefix(homes)?;
    if rest.is_empty() {
        return Some("every home directory".into());
    }
    let user = rest.strip_prefix('/')?;
    private_reason(user.find('/').and_then(|slash| user.get(slash..)).unwrap_or("/"))
}

/// A path inside a home, with its leading slash.
fn private_reason(inside: &str) -> Option<Cow<'static, str>> {
    if inside == "/" {
        return Some("a whole home directory".into());
    }
    let first = inside.trim_start_matches('/').split('/').next().unwrap_or_default();
    PRIVATE.iter().find(|name| **name == first).map(|name| Cow::Owned(format!("{name} of a home directory")))
}
