//! What a skill declares that it may do, held against what its texts use.
//!
//! The table of capabilities is OpenClaw's proposal for community skills; no release enforces it yet. A
//! skill that declares nothing is therefore at fault in `strict` only.

use std::collections::BTreeSet;

use crate::facts::tool::{Capability, Tier};
use crate::manifest;
use crate::model::skill::{Declared, Mention};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.capability.unknown",
        summary: "A skill declares a capability that does not exist",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        steady: true,
        owasp: &["AST03"],
        why: "A word that means nothing grants nothing: the skill is not held to what its author meant, and does not work as \
              intended where capabilities are enforced.",
        remedy: "Use shell, filesystem, network, browser, sessions, messaging or scheduling.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\"shell\", «\"netwrok\"»] } }\n---\nRun `sort`.\n\n```sh\nsort a\n```\n"
        )],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\" Shell \"] } }\n---\n\n```sh\nsort a\n```\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\nBody\n"),
        ],
        check: Check::Skill(unknown),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.capability.undeclared_tool",
        summary: "A skill uses a tool whose capability it does not declare",
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        steady: true,
        cwe: &[250],
        owasp: &["AST03", "LLM06"],
        why: "Who reviews the declaration believes that the skill cannot do it. Where capabilities are enforced the call is \
              refused.",
        remedy: "Drop the tool, or declare its capability after asking whether the skill needs it.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\"shell\"] } }\n---\nLoad the page with «web_fetch» and sort it.\n\n```sh\nsort a\n```\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools: [read, «message»]\nmetadata: { openclaw: { capabilities: [] } }\n---\nBody\n"
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: { openclaw: { capabilities: \"network\" } }\n---\nUse `web_fetch`, then run it with the `«exec»` tool.\n"
            ),
        ],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\"network\"] } }\n---\nLoad the page with web_fetch, write the result to a message.\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\nLoad the page with web_fetch.\n"),
        ],
        check: Check::Skill(undeclared),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.capability.always_denied_tool",
        summary: "A skill wants a tool that no skill may have",
        severity: Severity::Critical,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[269],
        owasp: &["AST03", "LLM06"],
        why: "The gateway tool changes the configuration of the host that runs the agent, the nodes tool runs commands on \
              every paired device. No capability grants them to a skill.",
        remedy: "Remove the tool from the skill.",
        bad: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\nallowed-tools: [read, «gateway»]\n---\nBody\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\ncommand-dispatch: tool\ncommand-tool: «nodes»\n---\nBody\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\nRestart it with the `«gateway»` tool.\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\n- Sort\n- Use the `«gateway»` tool\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\n**Now** use the `«gateway»` tool.\n"),
        ],
        good: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\nThe gateway tool and the nodes of a graph.\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\nallowed-tools: read, session_status\n---\nBody\n"),
        ],
        check: Check::Skill(denied),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.capability.excess",
        summary: "A skill declares a capability that nothing in it uses",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        hygiene: true,
        owasp: &["AST03"],
        why: "Whatever a skill may do and need not do is there for whoever gets words into it.",
        remedy: "Remove the capability.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\"shell\", «\"messaging\"»] } }\n---\n\n```sh\nsort a\n```\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata: { \"openclaw\": { \"capabilities\": [\"shell\", \"messaging\"] } }\n---\nSend a message to the channel.\n\n```sh\nsort a\n```\n"
        )],
        check: Check::Skill(excess),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.capability.missing",
        summary: "A skill uses tools and declares no capability",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        owasp: &["AST03"],
        why: "Without a declaration nobody sees at a glance what the skill may do, and where capabilities are enforced its \
              tools are refused.",
        remedy: "Declare the capabilities that the skill needs in metadata.openclaw.capabilities.",
        bad: &[manifest!("---\nname: «demo»\ndescription: Sorts tables\n---\nLoad the page with web_fetch.\n")],
        good: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\n---\nWrite the result.\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nmetadata: { openclaw: { capabilities: [network] } }\n---\nLoad the page with web_fetch.\n"
            ),
        ],
        check: Check::Skill(missing),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.capability_mismatch.*",
        summary: "The words of a skill speak of something it declares no capability for",
        severity: Severity::Info,
        confidence: Confidence::Low,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        owasp: &["AST03"],
        why: "The declaration may be too small, or the text about somebody else: words alone do not tell.",
        remedy: "Read the place, and declare the capability if the skill needs it.",
        bad: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\n---\n\nOpen a «terminal» and look, then «edit the file».\n"
        )],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata: { openclaw: { capabilities: [shell] } }\n---\nOpen a terminal and look.\n"
        )],
        check: Check::Skill(mismatch),
        ..Rule::DEFAULT
    },
];

/// The capabilities that a skill of strangers declares, the known ones; none when it declares none.
fn granted(skill: &Skill) -> Option<BTreeSet<Capability>> {
    let declared = skill.declared().filter(|_| !skill.local)?;
    Some(declared.iter().filter_map(|one| one.capability).collect())
}

fn unknown(skill: &Skill, report: &mut Report) {
    for Declared { word, place, .. } in skill.declared().into_iter().flatten().filter(|one| one.capability.is_none()) {
        let slip = Capability::ALL
            .into_iter()
            .map(Capability::word)
            .find(|known| super::tools::is_slip(&word.to_lowercase(), known));
        let fix = slip.map(|known| {
            let change = Change::Replace { at: place.span, value: known.into() };
            // It grants what was meant, which the author has to say.
            Fix::new(Safety::Manual, format!("Write {known}, if that is meant"), [change])
        });
        report.at(place, format!("\"{word}\" is no capability")).maybe(fix);
    }
}

/// The first mention of each tool that needs something, with what it needs.
fn gated(skill: &Skill) -> Vec<(&Mention, Capability)> {
    let mut seen = BTreeSet::new();
    let mentions = skill.tool_mentions().iter().filter_map(|mention| match mention.tool.tier {
        Tier::Gated(capability) => Some((mention, capability)),
        Tier::Denied | Tier::Allowed => None,
    });
    mentions.filter(|(mention, _)| seen.insert(mention.name.as_str())).collect()
}

fn undeclared(skill: &Skill, report: &mut Report) {
    let Some(granted) = granted(skill) else { return };
    for (mention, capability) in gated(skill).into_iter().filter(|(_, capability)| !granted.contains(capability)) {
        let word = capability.word();
        let title = format!("Add {word} to metadata.openclaw.capabilities, if the skill shall have it");
        let message = format!("{} needs the capability {word}", mention.name);
        report.at(mention.place.clone(), message).fix(Safety::Manual, title, []);
    }
}

fn denied(skill: &Skill, report: &mut Report) {
    if skill.local {
        return;
    }
    // The words that came later (`computer`, `portal`) have other meanings in a text.
    let wanted = |mention: &Mention| mention.listed || mention.code && !mention.tool.extension;
    let denied = skill.tool_mentions().iter().filter(|mention| mention.tool.tier == Tier::Denied);
    for mention in denied.filter(|mention| wanted(mention)) {
        let severity = if mention.tool.extension || mention.code { Severity::Warn } else { Severity::Critical };
        report.at(mention.place.clone(), format!("{} is never granted to a skill", mention.name)).severity(severity);
    }
}

fn excess(skill: &Skill, report: &mut Report) {
    let observed = skill.observed();
    // What a script does with files is not known, so a script needs the file system.
    let scripts = observed.contains(&Capability::Shell);
    let used = |capability: Capability| {
        let by_scripts = matches!(capability, Capability::Filesystem | Capability::Network) && scripts;
        observed.contains(&capability) || by_scripts || skill.words_about(capability).is_some()
    };
    for Declared { capability, word, place } in skill.declared().unwrap_or_default() {
        if capability.is_some_and(|capability| !used(capability)) {
            let change = Change::Remove { at: place.span };
            let title = format!("Remove {word} from the capabilities");
            report.at(place, format!("nothing in the skill uses {word}")).fix(Safety::Safe, title, [change]);
        }
    }
}

fn missing(skill: &Skill, report: &mut Report) {
    if skill.local || skill.manifest().is_none() || skill.declared().is_some() {
        return;
    }
    let gated = gated(skill);
    let Some((first, _)) = gated.first() else { return };
    let capabilities: BTreeSet<Capability> = gated.iter().map(|(_, capability)| *capability).collect();
    let words: Vec<&str> = capabilities.into_iter().map(Capability::word).collect();
    let message = format!("its tools need {}", words.join(", "));
    let title = format!("Add metadata.openclaw.capabilities: [{}], if it shall have them", words.join(", "));
    let said = report.at(skill.whole(), message).fix(Safety::Manual, title, []);
    said.related(&first.place, format!("{} is named here", first.name));
}

fn mismatch(skill: &Skill, report: &mut Report) {
    if skill.local {
        return;
    }
    let granted = granted(skill).unwrap_or_default();
    for capability in Capability::ALL.into_iter().filter(|capability| !granted.contains(capability)) {
        if let Some(place) = skill.words_about(capability) {
            let word = capability.word();
            let title = format!("Add {word} to metadata.openclaw.capabilities, if the skill shall have it");
            report.at(place, format!("speaks of {word} without declaring it")).part(word).fix(
                Safety::Manual,
                title,
                [],
            );
        }
    }
}
