//! Which skills a configuration lets agents use, and how new ones arrive.

use crate::config;
use crate::model::dialect::Product;
use crate::rule::prelude::*;

const SKILL: (&str, &str) = ("skills/tides/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n");
/// The same file as the place of a finding.
const FOUND: (&str, &str) = ("skills/tides/SKILL.md", "«»---\nname: tides\ndescription: Tells the tides\n---\n");

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.allowlist_disabled",
        summary: "Every skill that lies around can be used",
        profiles: Profiles::STRICT,
        versions: Versions::ALL,
        scope: Scope::Skills,
        high: true,
        cwe: &[1188],
        why: "Without a list, whatever lands in a skills directory is offered to the agents in the next session.",
        remedy: "List the skills of each agent in its skills key, or those of all in agents.defaults.skills.",
        links: &["https://docs.openclaw.ai/tools/skills-config"],
        bad: &[
            Example::files(&[("openclaw.json", "{ agents: { «defaults»: {} } }"), SKILL]),
            Example::files(&[("openclaw.json", "{ agents: { entries: { a: { skills: [] }, «b»: {} } } }"), SKILL]),
            Example::files(&[("openclaw.json", "{ agents: { list: [«{» id: 'a' }] } }"), SKILL]).on(V2026_2),
            config!("{ skills: { allow_list_only: «false» } }").of_the_handbook(),
        ],
        good: &[
            Example::files(&[("openclaw.json", "{ agents: { defaults: { skills: ['tides'] } } }"), SKILL]),
            Example::files(&[("openclaw.json", "{ agents: { entries: { a: { skills: ['tides'] } } } }"), SKILL]),
            config!("{ agents: { defaults: {} } }"),
        ],
        check: Check::Config(no_list),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.not_in_allowlist",
        summary: "A skill is present that no list of skills names",
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        high: true,
        confidence: Confidence::Medium,
        cwe: &[1188],
        why: "No agent may use it today. One changed line turns it on, and nobody who lists the skills sees it.",
        remedy: "Remove the skill, or add it to the list of an agent.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ agents: { defaults: { skills: ['other'] } } }"),
            FOUND,
            ("skills/other/SKILL.md", "---\nname: other\ndescription: Sorts tables\n---\n"),
        ])],
        good: &[
            Example::files(&[("openclaw.json", "{ agents: { defaults: { skills: ['tides'] } } }"), SKILL]),
            // The listed name is no directory: names and directories differ here.
            Example::files(&[("openclaw.json", "{ agents: { defaults: { skills: ['sea-tides'] } } }"), SKILL]),
            Example::files(&[("openclaw.json", "{ agents: { entries: { a: { skills: [] }, b: {} } } }"), SKILL]),
        ],
        check: Check::Config(not_listed),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.unused",
        summary: "A skill is present but switched off",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        hygiene: true,
        why: "Nobody reviews a skill that is off, and one changed word turns it on again.",
        remedy: "Remove the skill's directory.",
        bad: &[Example::files(&[("openclaw.json", "{ skills: { entries: { tides: { enabled: false } } } }"), FOUND])],
        good: &[
            Example::files(&[("openclaw.json", "{ skills: { entries: { tides: { enabled: true } } } }"), SKILL]),
            config!("{ skills: { entries: { tides: { enabled: false } } } }"),
        ],
        check: Check::Config(switched_off),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.auto_update_enabled",
        summary: "Skills are updated without anybody looking",
        profiles: Profiles::STRICT,
        versions: Versions::OPENCLAW,
        scope: Scope::Skills,
        cwe: &[829],
        why: "A publisher who is taken over, or changes sides, reaches every host with the next version.",
        remedy: "Turn automatic updates off, and read what changed before a skill is updated.",
        repair: Repair::Write(Safety::Safe, "false"),
        bad: &[config!("{ skills: { autoUpdate: «true» } }").of_the_handbook()],
        good: &[config!("{ skills: { autoUpdate: false } }").of_the_handbook()],
        check: Check::Config(auto_update),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.install_approval_not_manual",
        summary: "Skills become usable without approval",
        profiles: Profiles::STRICT,
        versions: Versions::OPENCLAW,
        scope: Scope::Skills,
        cwe: &[862],
        why: "What an agent writes or fetches as a skill is obeyed from then on; a poisoned page is enough to plant one.",
        remedy: "Set skills.workshop.approvalPolicy to \"pending\" and switch security.installPolicy on.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ skills: { workshop: { approvalPolicy: «"auto"» } } }"#),
            config!(r#"{ security: { installPolicy: { enabled: «false» } } }"#),
            config!(r#"{ skills: { installApproval: «"auto"» } }"#).of_the_handbook(),
        ],
        good: &[
            config!(r#"{ skills: { workshop: { approvalPolicy: "pending" } } }"#),
            config!(r#"{ security: { installPolicy: { enabled: true, exec: { command: "/usr/local/bin/check" } } } }"#),
            config!(r#"{ skills: { workshop: { approvalPolicy: "auto" } } }"#).on(V2026_5),
            config!(r#"{ skills: { installApproval: "manual" } }"#).of_the_handbook(),
        ],
        check: Check::Config(approval),
        ..Rule::DEFAULT
    },
];

/// The lists of skills that agents are held to, and who has none.
struct Lists<'a> {
    lists: Vec<Found<'a>>,
    /// Where the list is missing that would make every agent have one.
    open: Option<Place>,
}

impl<'a> Lists<'a> {
    fn of(config: &'a Config) -> Self {
        // 2026.2 has no list for all agents.
        let defaults = config.root().at("agents.defaults.skills");
        let defaults = Some(defaults).filter(|list| list.exists() && config.since(V2026_5));
        let agents = config.agents();
        let own: Vec<Found<'_>> = agents.iter().map(|agent| agent.found.get("skills")).collect();
        let open = match own.iter().find(|list| !list.exists()) {
            _ if defaults.is_some() => None,
            Some(_) if config.since(V2026_5) && agents.len() == 1 => {
                Some(config.root().at("agents.defaults.skills").place())
            }
            Some(list) => Some(list.place()),
            None if own.is_empty() => Some(config.root().at("agents.defaults.skills").place()),
            None => None,
        };
        let lists = own.into_iter().chain(defaults).filter(Found::exists).collect();
        Self { lists, open }
    }
}

fn no_list(config: &Config, report: &mut Report) {
    if config.dialect.product == Product::Handbook {
        let only = config.root().at("skills.allow_list_only");
        if !only.is_true() {
            report.at(only.place(), "skills.allow_list_only is not true");
        }
        return;
    }
    let Some(place) = Lists::of(config).open else { return };
    let skills = config.placed_skills();
    if let Some(first) = skills.first() {
        let count = skills.len();
        let noun = if count == 1 { "skill lies" } else { "skills lie" };
        let message = format!("{count} {noun} in reach of agents that have no list of skills");
        let names: Vec<&str> = skills.iter().map(|skill| skill.name.as_str()).take(20).collect();
        let title =
            format!("Set {} to the skills that agents need, such as {}", place.key_path, serde_json::json!(names));
        let said = report.at(place, message).fix(Safety::Manual, title, []);
        said.related(&first.place, "the first of them");
    }
}

fn not_listed(config: &Config, report: &mut Report) {
    let handbook = config.dialect.product == Product::Handbook;
    let lists = if handbook {
        Lists { lists: vec![config.root().at("skills.allowed")], open: None }
    } else {
        Lists::of(config)
    };
    let Some(first) = lists.lists.first().filter(|list| list.exists() && lists.open.is_none()) else { return };
    let listed: Vec<&str> = lists.lists.iter().flat_map(Found::strings).map(|(name, _)| name.trim()).collect();
    let whole = lists.lists.iter().all(|list| list.items().all(|item| item.str().is_some()));
    let skills = config.placed_skills();
    // A listed name that is no directory may be the name of a skill whose directory is called otherwise.
    let named_alike = listed.iter().all(|name| skills.iter().any(|skill| skill.name == *name));
    if !whole || !named_alike {
        return;
    }
    for skill in skills.iter().filter(|skill| !listed.contains(&skill.name.as_str())) {
        let message = format!("the skill \"{}\" is in no list of skills", skill.name);
        report.at(skill.place.clone(), message).related(&first.key_place(), "a list of skills");
    }
}

fn switched_off(config: &Config, report: &mut Report) {
    for skill in config.placed_skills() {
        let enabled = config.root().at("skills.entries").get(&skill.name).get("enabled");
        if enabled.is_false() {
            let message = format!("the skill \"{}\" is switched off", skill.name);
            report.at(skill.place.clone(), message).related(&enabled.place(), "switched off here");
        }
    }
}

fn auto_update(config: &Config, report: &mut Report) {
    let update = config.root().at("skills.autoUpdate");
    if config.dialect.product == Product::Handbook && update.is_true() {
        report.at(update.place(), "skills.autoUpdate is true");
    }
}

fn approval(config: &Config, report: &mut Report) {
    if config.dialect.product == Product::Handbook {
        let approval = config.root().at("skills.installApproval");
        if approval.str().is_some_and(|word| word != "manual") {
            report.at(approval.place(), "skills.installApproval is not \"manual\"");
        }
        return;
    }
    if !config.since(V2026_9) {
        return;
    }
    let workshop = config.root().at("skills.workshop.approvalPolicy");
    if workshop.is("auto") {
        report.at(workshop.place(), "skills that an agent writes are approved by nobody");
    }
    let policy = config.root().at("security.installPolicy.enabled");
    if policy.is_false() {
        report.at(policy.place(), "the check of what is installed is switched off");
    }
}
