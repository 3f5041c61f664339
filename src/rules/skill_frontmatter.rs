//! What the OpenClaw part of a skill's frontmatter asks for.

use crate::facts::command::is_loader_variable;
use crate::facts::tool::{Capability, Tier, capability};
use crate::model::skill::{Manifest, listed};
use crate::rule::prelude::*;
use crate::source::{first, last};
use crate::{manifest, skill};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.oc.both_metadata_blocks",
        summary: "Two OpenClaw blocks in the metadata do not say the same",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[436],
        owasp: &["AST04"],
        why: "OpenClaw reads `openclaw` and ignores the blocks under its former names; whoever reads one of those sees \
              other requirements and installers than the ones in force.",
        remedy: "Keep one block, `openclaw`, and remove the others.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    requires: {bins: [jq]}\n  «clawdbot»:\n    requires: {bins: [curl]}\n---\nBody\n"
        )],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {\"openclaw\": {\"emoji\": \"x\"}, \"clawdbot\": {\"emoji\": \"x\"}}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {\"clawdbot\": {\"emoji\": \"x\"}}\n---\nBody\n"
            ),
        ],
        check: Check::Skill(both_blocks),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.always_true",
        summary: "A skill is loaded whether its requirements are met or not",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        weak: true,
        cwe: &[693],
        owasp: &["AST03"],
        why: "`always: true` skips the check of programs, variables and systems, so the skill stands in every prompt.",
        remedy: "Remove `always`, and declare what the skill requires.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    always: «true»\n---\nBody\n",
            "scripts/sort.py" => "print(1)\n",
        )],
        good: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {always: true}}\n---\nBody\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {always: false}}\n---\nBody\n",
                "scripts/sort.py" => "print(1)\n",
            ),
        ],
        check: Check::Skill(always),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.command_dispatch_raw",
        summary: "A command of the skill goes to a powerful tool without the model",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[78, 441],
        owasp: &["AST03", "LLM06"],
        why: "With `command-dispatch: tool` the words after the command are the tool's arguments as they are typed; no model \
              looks at them, and whoever can type the command can run the tool.",
        remedy: "Remove `command-dispatch`, or name a tool that cannot run, write or send anything.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\ncommand-dispatch: tool\ncommand-tool: «exec»\n---\nBody\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\ncommand-dispatch: «tool»\n---\nBody\n"),
        ],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\ncommand-dispatch: tool\ncommand-tool: session_status\n---\nBody\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\ncommand-tool: exec\n---\nBody\n"),
        ],
        check: Check::Skill(dispatch),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.hidden_from_model",
        summary: "A skill is kept from the model, and what can start it is not what it seems",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        weak: true,
        cwe: &[1164],
        owasp: &["AST03"],
        why: "With `disable-model-invocation: true` only a command starts the skill; with `user-invocable: false` nothing does, \
              and with `command-dispatch` the command never meets a model.",
        remedy: "Allow one of the two, or remove the skill.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nuser-invocable: false\ndisable-model-invocation: «true»\n---\nBody\n"
        )],
        good: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\ndisable-model-invocation: true\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\nuser-invocable: false\n---\nBody\n"),
        ],
        check: Check::Skill(hidden),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.requires_unused",
        summary: "A skill requires what it never uses",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        hygiene: true,
        why: "The skill is not loaded where the program or variable is missing, and a secret is handed to a skill that \
              has no use for it.",
        remedy: "Remove it from `requires`, or say in the text where it is used.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    requires:\n      bins: [jq, «pandoc»]\n      env: [«DEMO_TOKEN»]\n---\nRun `jq . file`.\n"
        )],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {requires: {bins: [jq], env: [DEMO_TOKEN]}}}\n---\nRun `jq . file`.\n",
                "run.sh" => "echo \"$DEMO_TOKEN\"\n",
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {requires: {bins: [python3, uv]}}}\n---\nBody\n",
                "sort.py" => "print(1)\n",
            ),
        ],
        check: Check::Skill(unused),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.primary_env_unlisted",
        summary: "The primary variable is not among the required ones",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        hygiene: true,
        why: "The skill is loaded without its key and fails at its first use.",
        remedy: "Add the variable to `requires.env`.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    primaryEnv: «DEMO_TOKEN»\n    requires: {env: [OTHER]}\n---\nBody\n"
        )],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {primaryEnv: A_KEY, requires: {env: [A_KEY]}}}\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: {primaryEnv: A_KEY}}\n---\nBody\n"
            ),
        ],
        check: Check::Skill(primary),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.oc.env_override",
        summary: "A skill wants a variable that makes programs load foreign code",
        severity: Severity::Critical,
        high: true,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[426, 427],
        owasp: &["AST03"],
        why: "The settings of a skill become the environment of the gateway, so a variable such as `LD_PRELOAD` or \
              `NODE_OPTIONS` put there changes every program that it starts.",
        remedy: "Remove the variable; set it for the one command that needs it.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    requires:\n      env: [«NODE_OPTIONS»]\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  openclaw:\n    requires:\n      env: [«HTTPS_PROXY»]\n---\nBody\n"
            ),
            skill!(
                "```json\n{ \"skills\": { \"entries\": { \"demo\": { \"env\": { \"«LD_PRELOAD»\": \"/x.so\" } } } } }\n```\n"
            ),
            skill!("Run `openclaw config set skills.entries.demo.env.«PYTHONSTARTUP» ~/x.py`.\n"),
        ],
        good: &[
            skill!("```sh\nNODE_OPTIONS=--max-old-space-size=4096 npm run build\n```\n"),
            skill!(
                "```json\n{ \"skills\": { \"entries\": { \"demo\": { \"env\": { \"DEMO_TOKEN\": \"…\" } } } } }\n```\n"
            ),
            skill!("```json\n{ \"mcpServers\": { \"a\": { \"env\": { \"PYTHONPATH\": \"/srv/a\" } } } }\n```\n"),
        ],
        check: Check::Skill(env_override),
        ..Rule::DEFAULT
    },
];

/// The names under which the product reads its block, the one it prefers first.
const BLOCKS: [&str; 4] = ["metadata.openclaw", "metadata.clawdbot", "metadata.moltbot", "metadata.clawdis"];

fn both_blocks(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let mut blocks = BLOCKS.into_iter().map(|path| manifest.at(path)).filter(Found::is_map);
    let Some(first) = blocks.next() else { return };
    let path = first.path();
    for other in blocks.filter(|other| !same(&first, other)) {
        let message = format!("`{}` differs from `{path}`, and only the latter is read", other.path());
        report.at(other.key_place(), message).related(&first.key_place(), "read");
    }
}

/// Do two values say the same, wherever they are written?
fn same(a: &Found<'_>, b: &Found<'_>) -> bool {
    if a.is_map() && b.is_map() {
        return a.entries().count() == b.entries().count()
            && a.entries().all(|(key, value)| b.entries().any(|(other, twin)| key == other && same(&value, &twin)));
    }
    if a.is_list() && b.is_list() {
        return a.items().count() == b.items().count() && a.items().zip(b.items()).all(|(a, b)| same(&a, &b));
    }
    a.value().map(|value| &value.kind) == b.value().map(|value| &value.kind)
}

fn always(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let block = manifest.openclaw();
    let (always, requires) = (block.get("always"), block.get("requires"));
    let has_script = skill.files.iter().any(|file| file.role == FileRole::Script);
    if always.is_true() && (has_script || requires.get("env").exists()) {
        report.at(always.place(), "`always` loads the skill whatever is missing").fix(
            Safety::Unsafe,
            "Remove always",
            [always.remove()],
        );
    }
}

/// A frontmatter key as OpenClaw spells it, else with underscores.
fn either<'a>(manifest: &'a Manifest, dashes: &'static str, underscores: &'static str) -> Found<'a> {
    let found = manifest.at(dashes);
    if found.exists() { found } else { manifest.at(underscores) }
}

/// Does a tool run, write, send or change the gateway itself?
fn is_powerful(tool: &str) -> bool {
    match capability(tool) {
        Some(Tier::Denied) => true,
        Some(Tier::Gated(capability)) => capability != Capability::Network,
        Some(Tier::Allowed) | None => false,
    }
}

fn dispatch(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let dispatch = either(manifest, "command-dispatch", "command_dispatch");
    if !dispatch.str().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("tool")) {
        return;
    }
    let tool = either(manifest, "command-tool", "command_tool");
    match tool.str().map(str::trim).filter(|name| !name.is_empty()) {
        None => {
            let message = "`command-dispatch` names no `command-tool`, so it is ignored";
            report.at(dispatch.place(), message).severity(Severity::Info);
        }
        Some(name) if is_powerful(name) => {
            report.at(tool.place(), format!("the command hands what is typed straight to the tool `{name}`"));
        }
        Some(_) => {}
    }
}

/// A frontmatter boolean as OpenClaw reads it: also from text.
fn yes(found: &Found<'_>) -> Option<bool> {
    let word = || found.str().map(|text| text.trim().to_ascii_lowercase());
    found.bool().or_else(|| match word()?.as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    })
}

fn hidden(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let model = manifest.at("disable-model-invocation");
    if yes(&model) != Some(true) {
        return;
    }
    if yes(&manifest.at("user-invocable")) == Some(false) {
        report.at(model.place(), "neither the model nor a user can start the skill");
    } else if either(manifest, "command-dispatch", "command_dispatch").exists() {
        report.at(model.place(), "the model never sees the skill, and its command goes straight to a tool");
    }
}

/// Programs that a script's language stands for, and ones that run without being named.
const IMPLIED: [&str; 14] =
    ["python3", "python", "node", "bash", "sh", "uv", "uvx", "npx", "npm", "pip", "pip3", "bun", "deno", "go"];

fn unused(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let requires = manifest.openclaw().get("requires");
    for (key, what) in [("bins", "program"), ("anyBins", "program"), ("env", "variable")] {
        // Each of them is looked for in every text.
        for (word, place) in listed(&requires.get(key)).into_iter().take(100) {
            let implied = key != "env" && IMPLIED.contains(&word);
            if !implied && !word.is_empty() && !skill.files.iter().any(|file| names(file, word)) {
                report.at(place, format!("the {what} `{word}` is required and named nowhere else in the skill"));
            }
        }
    }
}

/// Does a file name a word outside of its frontmatter?
fn names(file: &SkillFile, word: &str) -> bool {
    file.text().get(file.body_start()..).is_some_and(|text| text.contains(word))
}

fn primary(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let block = manifest.openclaw();
    let (primary, env) = (block.get("primaryEnv"), block.get("requires").get("env"));
    let Some(name) = primary.str().filter(|_| env.exists()) else { return };
    if !listed(&env).iter().any(|(word, _)| *word == name) {
        report.at(primary.place(), format!("`{name}` is the skill's key and not in `requires.env`"));
    }
}

fn env_override(skill: &Skill, report: &mut Report) {
    if let Some(manifest) = skill.manifest() {
        for (word, place) in listed(&manifest.openclaw().get("requires").get("env")) {
            if !is_loader_variable(word) {
                continue;
            }
            // Honest skills behind a proxy want these.
            let proxy = word.to_ascii_uppercase().ends_with("_PROXY");
            let what = if proxy { "where traffic goes" } else { "which code other programs load" };
            let severity = if proxy { Severity::Warn } else { Severity::Critical };
            report.at(place, format!("`{word}` decides {what}")).severity(severity);
        }
    }
    for file in &skill.files {
        in_settings(file, report);
    }
}

/// Settings of skills that a text shows or a command writes.
fn in_settings(file: &SkillFile, report: &mut Report) {
    let text = file.text();
    for (at, _) in text.match_indices("entries") {
        let (before, after) = text.split_at(at);
        let (near, after) = (last(before, 200), first(after, 400));
        let in_command = || {
            let line = after.lines().next()?;
            let name = line.find(".env.").filter(|_| near.ends_with("skills."))? + ".env.".len();
            Some(name..name + line.get(name..)?.bytes().take_while(|byte| is_name(*byte)).count())
        };
        let in_file = || {
            let env = after.find("\"env\"").filter(|_| near.ends_with('"') && near.contains("\"skills\""))? + 5;
            let object = after.get(env..)?;
            let object = object.get(..object.find('}').unwrap_or(object.len()))?;
            let word = |word: &&str| is_loader_variable(word);
            let found = object.split('"').find(word)?;
            let name = env + object.find(found)?;
            Some(name..name + found.len())
        };
        let Some(range) = in_command().or_else(in_file) else { continue };
        let name = after.get(range.clone()).unwrap_or_default();
        if is_loader_variable(name) && !name.to_ascii_uppercase().ends_with("_PROXY") {
            let message = format!("puts `{name}` into the settings of a skill, and so into the gateway");
            report.at(file.place(at + range.start..at + range.end), message);
        }
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
