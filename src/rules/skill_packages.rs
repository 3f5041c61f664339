//! Skills that install packages from unusual places, or whatever the newest version is.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::hosts::HostClass;
use crate::facts::url::{self, Url};
use crate::rule::prelude::*;
use crate::{manifest, skill};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.install.custom_index",
        summary: "Packages are installed from an index that is not the usual one",
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[494, 829],
        atlas: &["AML.T0010.001"],
        owasp: &["AST02", "LLM03"],
        why: "Whoever runs the index decides what the names mean: a package of a known name can be anything.",
        remedy: "Install from the registry of the language, or say in homepage whose index it is.",
        bad: &[
            skill!("```sh\npip install --extra-index-url «http://pkgs.acme-mirror.xyz/simple» acme\n```\n"),
            skill!("```sh\nnpm install --registry=«https://npm.acme-mirror.xyz» acme\n```\n"),
            skill!("Run `pip install «https://h.xyz/acme-1.0.tar.gz»` first.\n"),
        ],
        good: &[
            skill!("```sh\npip install torch --index-url https://download.pytorch.org/whl/cu121\n```\n"),
            skill!(
                "```sh\npip install --index-url https://pypi.example.com/simple acme\nnpm install --registry http://localhost:4873 acme\n```\n"
            ),
            skill!(
                "```sh\nnpm publish --registry https://registry.npmjs.org\npip install git+https://github.com/acme/acme@v1.2\n```\n"
            ),
        ],
        check: Check::Text(Text {
            zones: Zones::COMMANDS,
            prompts: false,
            hints: &[
                "index-url",
                "--registry",
                "--trusted-host",
                "--find-links",
                ".tgz",
                ".tar.gz",
                ".zip",
                ".whl",
                " -i ",
                " -i=",
                " -ihttp",
            ],
            pattern: r#"(?:--(?:extra-)?index-url|--find-links|--registry|\bpip3?\s+install\s[^\n]{0,80}\s-i)[=\s]+["']?(https?://[^\s"'`]{4,200})|--trusted-host[=\s]+["']?([a-z0-9.-]{4,80})|\b(?:pip3?|uv|pipx|npm|pnpm|yarn|bun)\s+(?:\w+\s+)?(?:install|i|add)\s+(?:-\S+\s+)*["']?(https?://[^\s"'`]{4,200}\.(?:tgz|tar\.gz|zip|whl))"#,
            window: Window::Line,
            hit: custom_index,
        }),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.install.unpinned_runner",
        summary: "Packages are fetched and run in whatever version is the newest",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[1357],
        atlas: &["AML.T0010.001"],
        owasp: &["AST02", "AST07", "LLM03"],
        why: "The package can change after the skill was reviewed, and the command runs it without asking.",
        remedy: "Name a version: `npx -y tool@1.4.2`, `uvx tool@1.4.2`, a commit for git+https.",
        bad: &[
            skill!("```sh\nnpx -y «some-tool» --check\n```\n"),
            skill!("```sh\npip install git+«https://github.com/acme/tool»\n```\n"),
        ],
        good: &[
            skill!("```sh\nnpx -y some-tool@1.4.2\nuvx tool==1.2 run\nbunx @acme/tool@2.0.0\nnpx tsc\n```\n"),
            skill!("```sh\npip install git+https://github.com/acme/tool@4f2a9c1\n```\n"),
        ],
        check: Check::Skill(unpinned_runner),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.install.self_named_package",
        summary: "A package with the skill's own name is fetched, which nothing else vouches for",
        confidence: Confidence::Medium,
        weak: true,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[829],
        atlas: &["AML.T0010.001"],
        owasp: &["AST02", "LLM03"],
        why: "Anybody may register a package under the name of a skill; the reader takes it for a part of the skill.",
        remedy: "Declare the package in metadata.openclaw.install, or link to its source in homepage.",
        bad: &[manifest!(
            "---\nname: base-converter\ndescription: Converts numbers\n---\n\n```sh\nnpx --yes «base-converter» 42\n```\n"
        )],
        good: &[
            manifest!(
                "---\nname: ruff\ndescription: Lints\nhomepage: https://docs.astral.sh/ruff\n---\n\n```sh\nuvx ruff check\n```\n"
            ),
            manifest!(
                "---\nname: tool\ndescription: Tools\n---\n\nSee https://github.com/acme/tool.\n\n```sh\nnpx --yes tool\n```\n"
            ),
            manifest!("---\nname: demo\ndescription: Demo\n---\n\n```sh\nnpx --yes other\n```\n"),
        ],
        check: Check::Skill(self_named_package),
        ..Rule::DEFAULT
    },
];

fn custom_index(hit: &Hit<'_>, report: &mut Report) {
    let Some(group) = (1..=3).find(|group| hit.group(*group).is_some()) else { return };
    let Some(url) = hit.group(group).and_then(Url::parse) else { return };
    let class = hit.skill.host_class(&url);
    let known = class.is_reputable() || class.is_nobody() || class == HostClass::CodeHost;
    if known || hit.skill.is_first_party(&url) || hit.line().contains("publish") {
        return;
    }
    let unsafe_way = if url.is_plain_http() { ", without encryption" } else { "" };
    report.at(hit.group_place(group), format!("installs packages from {}{unsafe_way}", url.host));
}

static RUNNERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)\b(?:npx\s+(?:--yes|-y)|bunx|pnpm\s+dlx|uvx|pipx\s+run)\s+(?:--?[a-z-]+\s+)*["']?((?:@[\w.-]+/)?[A-Za-z][\w.-]*(?:@[\w.^~-]+|==[\w.]+)?)|\b(?:pip3?|uv\s+pip)\s+install\s+(?:-\S+\s+)*["']?git\+(https?://[^\s"'`]+)"#,
    )
    .ok()
});

/// The packages that scripts and code blocks fetch, with the file and the place of each.
fn runs(skill: &Skill) -> Vec<(&SkillFile, Range<usize>, &str)> {
    let mut found = Vec::new();
    let Some(runners) = RUNNERS.as_ref() else { return found };
    for file in skill.files.iter().filter(|file| !matches!(file.role, FileRole::Test | FileRole::Inert)) {
        for (language, start, text) in file.scripts() {
            if language != Language::Shell {
                continue;
            }
            for captures in runners.captures_iter(text) {
                let Some(one) = captures.get(1).or_else(|| captures.get(2)) else { continue };
                found.push((file, start + one.start()..start + one.end(), one.as_str()));
            }
        }
    }
    found
}

fn is_pinned(package: &str) -> bool {
    let version = match package.strip_prefix('@') {
        Some(scoped) => scoped.split_once('@').map(|(_, version)| version),
        None if package.contains("://") => {
            let last = package.rsplit('/').next().unwrap_or_default();
            last.split_once('@').map(|(_, version)| version)
        }
        None => package.split_once("==").or_else(|| package.split_once('@')).map(|(_, version)| version),
    };
    version.is_some_and(|version| version != "latest" && version != "next" && !version.is_empty() && version != "main")
}

fn unpinned_runner(skill: &Skill, report: &mut Report) {
    let mut seen = BTreeMap::new();
    for (file, range, package) in runs(skill) {
        if !is_pinned(package) {
            seen.entry(package).or_insert((file, range));
        }
    }
    let mut hits: Vec<_> = seen.into_iter().map(|(package, (file, range))| (file.place(range), package)).collect();
    hits.sort_by_key(|(place, _)| (place.span.file, place.span.start));
    let hits =
        hits.into_iter().map(|(place, package)| (place, format!("fetches and runs {package} in its newest version")));
    report.gathered(Severity::Info, ["package like it", "packages like it"], hits);
}

fn self_named_package(skill: &Skill, report: &mut Report) {
    let name = skill.name().to_ascii_lowercase();
    let bare = |package: &str| package.split(['@', '=']).next().unwrap_or_default().to_ascii_lowercase();
    let runs = runs(skill);
    let Some((file, range, package)) = runs.into_iter().find(|(_, _, package)| bare(package) == name) else { return };
    let install = skill.manifest().map(|manifest| manifest.openclaw().get("install"));
    let declared = install.is_some_and(|install| install.exists()) || skill.homes().next().is_some();
    if declared || is_linked(skill, &name) {
        return;
    }
    report.at(file.place(range), format!("fetches {package}, a package that only bears the skill's name"));
}

/// Does a text of the skill link to a page about something of this name?
fn is_linked(skill: &Skill, name: &str) -> bool {
    let about = |url: Url| {
        url.segments().any(|segment| segment.eq_ignore_ascii_case(name)) || crate::facts::hosts::stem(&url.host) == name
    };
    skill.files.iter().filter(|file| file.language == Language::Markdown).any(|file| url::find(file.text()).any(about))
}
