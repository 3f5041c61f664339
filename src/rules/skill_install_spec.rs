//! The installers that a skill declares: what OpenClaw runs for it, and what only looks like that.

use std::sync::LazyLock;

use regex::Regex;

use crate::facts::command::is_core;
use crate::facts::hosts::HostClass;
use crate::facts::url::Url;
use crate::manifest;
use crate::model::skill::listed;
use crate::rule::prelude::*;

const BASE: Rule = Rule {
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    links: &["https://docs.openclaw.ai/tools/skills"],
    owasp: &["AST02", "LLM03"],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.oc.install.kind_invalid",
        summary: "An installer is of a kind that OpenClaw does not know",
        cwe: &[1104],
        why: "OpenClaw drops the entry in silence, so the program is never installed; an agent that reads the entry may try to \
              install it by itself.",
        remedy: "Use `brew`, `node`, `go`, `uv` or `download`.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: «pip», package: demo}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {\"openclaw\": {\"install\": [{«\"id\"»: \"x\"}]}}\n---\nBody\n"
            ),
        ],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: brew, formula: jq}\n      - {type: UV, package: demo==1.0}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, kind)),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.download_insecure",
        summary: "An installer downloads from an unsafe place or to one",
        severity: Severity::Critical,
        high: true,
        cwe: &[494, 22],
        why: "Whoever stands on the way or rents the address for a day decides what is installed, and a target outside of the \
              skill's own tools directory replaces other programs.",
        remedy: "Download over HTTPS from the project's own release page, into a relative `targetDir`.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: «\"http://demo-tool.dev/a.zip\"»}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: «\"https://45.9.8.7/a.zip\"»}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: \"https://demo-tool.dev/a.zip\", targetDir: «~/.local/bin»}\n---\nBody\n"
            ),
        ],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: \"https://demo-tool.dev/a.zip\", targetDir: runtime}\n      - {kind: download, url: \"http://localhost:8080/a.zip\", targetDir: ~/.openclaw/tools/demo/runtime}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, |entry, report| insecure(skill, entry, report))),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.download_unverified",
        summary: "An installer downloads what nothing can be compared with",
        cwe: &[353, 494],
        why: "Without a digest whatever lies at the address on the day of the installation is installed.",
        remedy: "Add `sha256` with the 64 hex digits of the file.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: «\"https://demo-tool.dev/a.zip\"»}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: download, url: \"https://demo-tool.dev/a.zip\", sha256: «abc»}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - kind: download\n        url: https://demo-tool.dev/a.rar\n        archive: «rar»\n        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n---\nBody\n"
            ),
        ],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - kind: download\n        url: https://demo-tool.dev/a.zip\n        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - kind: download\n        url: https://demo-tool.dev/a.tar.gz\n        archive: tar.gz\n        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n---\nBody\n"
            ),
        ],
        check: Check::Skill(|skill, report| entries(skill, report, unverified)),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.unsafe_spec",
        summary: "An installer names no plain package",
        high: true,
        cwe: &[88],
        why: "A value that begins with a dash becomes an option of the package manager, and an address or path brings a package \
              from somewhere else than its registry.",
        remedy: "Name the package as its registry does.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: node, package: «git+https://github.com/demo/demo.git»}\n      - {kind: uv, package: «--index-url=https://demo-tool.dev»}\n      - {kind: brew, formula: «../demo»}\n      - {kind: go, module: «https://demo-tool.dev/x»}\n---\nBody\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: node, package: \"@demo/cli@1.2.3\"}\n      - {kind: uv, package: \"demo[extra]>=1.0\"}\n      - {kind: brew, formula: demo/tap/demo@2}\n      - {kind: go, module: github.com/demo/demo/cmd/demo@latest}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, unsafe_spec)),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.target_missing",
        summary: "An installer does not say what it installs",
        severity: Severity::Info,
        hygiene: true,
        why: "OpenClaw drops the entry in silence, so the program is never installed.",
        remedy: "Add `formula` for brew, `package` for node and uv, `module` for go, `url` for download.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: «brew», package: jq}\n---\nBody\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: brew, cask: demo}\n      - {kind: other}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, target_missing)),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.unpinned",
        summary: "An installer takes whatever version is the newest",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        cwe: &[1104, 829],
        why: "Whoever takes over the package or publishes a bad version reaches everybody who installs the skill from then on.",
        remedy: "Write the version: `package@1.2.3`, `package==1.2.3`, `module@v1.2.3`.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: node, package: «demo»}\n      - {kind: go, module: «github.com/demo/demo@latest»}\n      - {kind: brew, formula: «demo/tap/demo»}\n---\nBody\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: node, package: \"@demo/cli@1.2.3\"}\n      - {kind: uv, package: demo==1.0}\n      - {kind: brew, formula: jq}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, unpinned)),
        ..BASE
    },
    Rule {
        id: "skills.oc.install.bin_shadow",
        summary: "A foreign package brings a program that everybody has",
        severity: Severity::Critical,
        high: true,
        confidence: Confidence::Medium,
        cwe: &[427],
        why: "A package that brings its own `git` or `sudo` sits between every other program and the real one.",
        remedy: "Remove the name from `bins`, or install the package of that name from the registry's core.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    install:\n      - {kind: node, package: fast-vcs, bins: [fvcs, «git»]}\n---\nBody\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    requires: {bins: [git]}\n    install:\n      - {kind: brew, formula: curl, bins: [curl]}\n      - {kind: uv, package: python, bins: [python3]}\n      - {kind: brew, formula: openssh-tools, bins: [ssh]}\n      - {kind: node, package: jqx, bins: [jqx]}\n---\nBody\n"
        )],
        check: Check::Skill(|skill, report| entries(skill, report, bin_shadow)),
        ..BASE
    },
];

/// The kinds that OpenClaw installs, each with the key that says what.
const KINDS: [(&str, &[&str]); 5] = [
    ("brew", &["formula", "cask"]),
    ("node", &["package"]),
    ("go", &["module"]),
    ("uv", &["package"]),
    ("download", &["url"]),
];

/// Looks at every installer that is an object.
fn entries(skill: &Skill, report: &mut Report, look: impl Fn(&Found<'_>, &mut Report)) {
    let Some(manifest) = skill.manifest() else { return };
    for entry in manifest.openclaw().get("install").items().filter(Found::is_map) {
        look(&entry, report);
    }
}

/// The kind as OpenClaw reads it: `kind`, else `type`.
fn kind_of<'a>(entry: &Found<'a>) -> Option<(Found<'a>, &'static str, &'static [&'static str])> {
    let found = ["kind", "type"].into_iter().map(|key| entry.get(key)).find(|found| found.str().is_some())?;
    let word = found.str()?.trim();
    let (name, keys) = KINDS.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?;
    Some((found, name, keys))
}

/// What an entry installs.
fn target<'a>(entry: &Found<'a>) -> Option<(&'static str, Found<'a>, &'a str)> {
    let (_, kind, keys) = kind_of(entry)?;
    let found = keys.iter().map(|key| entry.get(key)).find(|found| found.literal().is_some())?;
    Some((kind, found.clone(), found.str()?.trim()))
}

fn kind(entry: &Found<'_>, report: &mut Report) {
    if kind_of(entry).is_some() {
        return;
    }
    let written = ["kind", "type"].into_iter().map(|key| entry.get(key)).find(Found::exists);
    let Some(found) = written else {
        let place = entry.entries().next().map_or_else(|| entry.place(), |(_, first)| first.key_place());
        report.at(place, "the installer has no kind");
        return;
    };
    let word = found.str().map_or_else(String::new, |word| format!(" `{}`", crate::secret::quotable(word, 40)));
    report.at(found.place(), format!("the kind{word} is none of brew, node, go, uv and download"));
}

fn insecure(skill: &Skill, entry: &Found<'_>, report: &mut Report) {
    let Some(("download", place, address)) = target(entry) else { return };
    if let Some(url) = Url::parse(address) {
        let class = skill.host_class(&url);
        if url.is_plain_http() && !class.is_nobody() {
            report.at(place.place(), "the file comes over plain HTTP");
        } else if class.is_throwaway() {
            let what = match class {
                HostClass::Address => "a bare address",
                HostClass::Shortener => "behind a link shortener",
                HostClass::Tunnel => "a tunnel",
                HostClass::Paste => "a paste site",
                _ => "a host that anybody can use",
            };
            report.at(place.place(), format!("the file comes from {what}"));
        }
    }
    let dir = entry.get("targetDir");
    if let Some(path) = dir.literal().map(str::trim).filter(|path| leaves_tools(path)) {
        let shown = crate::secret::quotable(path, 80);
        report.at(dir.place(), format!("`{shown}` lies outside of the skill's tools directory"));
    }
}

/// OpenClaw's own directory for tools is the only one that an absolute path may name.
fn leaves_tools(path: &str) -> bool {
    let absolute = path.starts_with(['/', '~', '\\', '$', '%']) || path.get(1..2) == Some(":");
    let parent = path.split(['/', '\\']).any(|part| part == "..");
    let tools = [".openclaw/tools/", ".clawdbot/tools/", ".moltbot/tools/"].iter().any(|dir| path.contains(dir));
    parent || absolute && !tools
}

/// Archives that OpenClaw unpacks.
const ARCHIVES: [&str; 3] = ["tar.gz", "tar.bz2", "zip"];

fn unverified(entry: &Found<'_>, report: &mut Report) {
    let Some(("download", place, _)) = target(entry) else { return };
    let archive = entry.get("archive");
    if let Some(kind) = archive.str().map(str::trim).filter(|kind| !ARCHIVES.contains(kind)) {
        let kind = crate::secret::quotable(kind, 20);
        report.at(archive.place(), format!("`{kind}` is no archive that OpenClaw unpacks"));
    }
    let digest = entry.get("sha256");
    let text = digest.str().map(str::trim);
    if !digest.exists() {
        report.at(place.place(), "the file has no `sha256`");
    } else if !text.is_some_and(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        report.at(digest.place(), "the digest is not 64 hex digits, so the entry is dropped");
    }
}

/// The forms that OpenClaw takes: brew, go, uv, and npm's own.
static FORMS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
    Some([
        Regex::new(r"^[A-Za-z0-9][A-Za-z0-9@+._/-]*$").ok()?,
        Regex::new(r"^[A-Za-z0-9][A-Za-z0-9._~+\-/]*(?:@[A-Za-z0-9][A-Za-z0-9._~+\-/]*)?$").ok()?,
        Regex::new(r"^[A-Za-z0-9][A-Za-z0-9._\-\[\]=<>!~+,]*$").ok()?,
        Regex::new(r"^(?:@[A-Za-z0-9._~-]+/)?[A-Za-z0-9._~][A-Za-z0-9._~-]*(?:@[A-Za-z0-9^~>=<.*|+-]+)?$").ok()?,
    ])
});

fn unsafe_spec(entry: &Found<'_>, report: &mut Report) {
    let (Some((kind, place, text)), Some([brew, go, uv, node])) = (target(entry), FORMS.as_ref()) else { return };
    let form = match kind {
        "brew" => brew,
        "go" => go,
        "uv" => uv,
        "node" => node,
        _ => return,
    };
    if form.is_match(text) && !text.contains("..") {
        return;
    }
    let shown = crate::secret::quotable(text, 60);
    if text.starts_with('-') || text.contains([';', '|', '&', '`', '$', '\n']) {
        let message = format!("`{shown}` is a part of a command line, not a package");
        report.at(place.place(), message).severity(Severity::Critical);
    } else {
        report.at(place.place(), format!("`{shown}` is no name in the registry of {kind}"));
    }
}

fn target_missing(entry: &Found<'_>, report: &mut Report) {
    let Some((found, kind, keys)) = kind_of(entry) else { return };
    if target(entry).is_none() {
        let key = keys.first().copied().unwrap_or_default();
        report.at(found.place(), format!("the installer of kind {kind} has no `{key}`"));
    }
}

fn unpinned(entry: &Found<'_>, report: &mut Report) {
    let Some((kind, place, text)) = target(entry) else { return };
    let version = text.get(1..).and_then(|rest| rest.rsplit_once('@')).map(|(_, version)| version);
    let pinned = match kind {
        "uv" => text.contains("=="),
        // The core formulas of Homebrew are reviewed; a tap is somebody's own.
        "brew" => !text.contains('/'),
        "node" | "go" => version.is_some_and(|version| version.bytes().any(|byte| byte.is_ascii_digit())),
        _ => true,
    };
    if !pinned {
        report.at(
            place.place(),
            format!("{} is installed in whatever version there is", crate::secret::quotable(text, 60)),
        );
    }
}

/// Packages that bring a core program under another name.
const PROVIDERS: [(&str, &[&str]); 10] = [
    ("npm", &["node", "nodejs"]),
    ("npx", &["node", "nodejs", "npm"]),
    ("node", &["nodejs", "nvm", "fnm", "volta"]),
    ("ssh", &["openssh"]),
    ("scp", &["openssh"]),
    ("pip", &["python"]),
    ("pip3", &["python"]),
    ("claude", &["claude-code"]),
    ("codex", &["codex-cli"]),
    ("gpg", &["gnupg"]),
];

fn bin_shadow(entry: &Found<'_>, report: &mut Report) {
    let Some((kind, _, text)) = target(entry) else { return };
    let package = text
        .get(1..)
        .and_then(|rest| rest.split_once('@'))
        .map_or(text, |(name, _)| text.get(..=name.len()).unwrap_or(text));
    let name = package.rsplit('/').next().unwrap_or(package).trim_end_matches(|c: char| c.is_ascii_digit());
    let foreign = kind == "brew" && package.contains('/');
    // The core formulas of Homebrew are reviewed, whatever they bring.
    if kind == "brew" && !foreign {
        return;
    }
    for (bin, place) in listed(&entry.get("bins")) {
        if !is_core(bin) {
            continue;
        }
        let bare = bin.trim_end_matches(|c: char| c.is_ascii_digit());
        let known = PROVIDERS.iter().any(|(core, from)| *core == bin && from.contains(&name));
        if name != bare && !known {
            report.at(place, format!("`{bin}` is brought by the package `{}`", crate::secret::quotable(package, 60)));
        } else if foreign {
            let message = format!("`{bin}` is brought by a package of a third-party tap");
            report.at(place, message).severity(Severity::Warn);
        }
    }
}
