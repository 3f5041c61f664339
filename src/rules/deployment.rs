//! How deployment files start the gateway, and the secrets they carry.

use crate::model::compose::{environment, options, services};
use crate::model::document::mentions_openclaw;
use crate::model::installs::command_lines;
use crate::model::places::concerns_product;
use crate::model::secrets::{self, assignments};
use crate::rule::prelude::*;
use crate::secret::{self, Certainty, Placeholder, Verdict};

const STARTERS: &[DocumentKind] =
    &[DocumentKind::Compose, DocumentKind::Dockerfile, DocumentKind::ServiceUnit, DocumentKind::Script];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "deployment.gateway_auth_none",
        summary: "A deployment file starts the gateway without authentication",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[306],
        why: "The option wins over the configuration: whoever reaches the port drives the agent, and with --bind lan that \
              is the whole network.",
        remedy: "Remove --auth none and set OPENCLAW_GATEWAY_TOKEN in the environment.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    command: [\"openclaw\", \"gateway\", \"--auth\", «\"none\"»]\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM node:22\nRUN npm i -g openclaw@2026.9.6\nCMD [\"openclaw\", \"gateway\", \"--auth\", \"«none»\"]\n",
            )]),
            Example::files(&[("start.sh", "exec openclaw gateway \\\n  --bind lan \\\n  --auth=«none»\n")]),
        ],
        good: &[
            Example::files(&[("start.sh", "exec openclaw gateway --bind lan --auth token\n# --auth none\n")]),
            Example::files(&[("start.sh", "exec mosquitto --auth none\nopenclaw gateway\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    command: openclaw gateway --auth token\n  other:\n    command: srv --auth none\n",
            )]),
        ],
        check: Check::Document(STARTERS, auth_none),
        ..Rule::DEFAULT
    },
    Rule {
        id: "deployment.allow_unconfigured",
        summary: "The gateway is started with --allow-unconfigured",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[1188],
        why: "When the configuration is missing or the volume is not mounted the gateway starts all the same, with defaults \
              that nobody reviewed.",
        remedy: "Ship a configuration with gateway.mode set and remove the option.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    command: [node, openclaw.mjs, gateway, «\"--allow-unconfigured\"»]\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM ghcr.io/openclaw/openclaw:2026.9.6\nCMD [\"gateway\", \"«--allow-unconfigured»\"]\n",
            )]),
        ],
        good: &[Example::files(&[("start.sh", "# openclaw gateway --allow-unconfigured\nopenclaw gateway\n")])],
        check: Check::Document(STARTERS, allow_unconfigured),
        ..Rule::DEFAULT
    },
    Rule {
        id: "deployment.plaintext_secret",
        summary: "A deployment file contains a credential",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "A literal in a compose file, image, unit or script is known to every reader of the repository, and in an \
              image or on a command line also to everyone who can inspect either.",
        remedy: "Read the value from the environment, a secret or an env_file outside git, and replace it at its issuer.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    environment:\n      - TZ=UTC\n      - «OPENAI_API_KEY=q7Rt2Vx9Kd3mZp5WbN8sLf4Y»\n    command: openclaw gateway\n  gw2:\n    image: openclaw:local\n    environment:\n      OPENCLAW_GATEWAY_PASSWORD: «correct-horse-battery»\n    command: [gateway, --token, «4f9a1c7be2d05836a9b4c1f07e3d5286»]\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM ghcr.io/openclaw/openclaw:2026.9.6\nENV ANTHROPIC_API_KEY=«q7Rt2Vx9Kd3mZp5WbN8sLf4Y»\n",
            )]),
            Example::files(&[(
                "openclaw.service",
                "[Service]\nUser=claw\nEnvironment=OPENCLAW_GATEWAY_TOKEN=«4f9a1c7be2d05836a9b4c1f07e3d5286»\nExecStart=openclaw gateway\n",
            )]),
            Example::files(&[(
                "deploy.sh",
                "export OPENCLAW_GATEWAY_TOKEN=\"«4f9a1c7be2d05836a9b4c1f07e3d5286»\"\ncurl https://bot:«q7Rt2Vx9Kd»@hooks.internal/x\n",
            )]),
        ],
        good: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    environment:\n      OPENAI_API_KEY: ${OPENAI_API_KEY}\n      OPENCLAW_GATEWAY_TOKEN: ${OPENCLAW_GATEWAY_TOKEN:?set it}\n    command: [gateway, --token, \"$OPENCLAW_GATEWAY_TOKEN\"]\n  db:\n    environment:\n      POSTGRES_PASSWORD: correct-horse-battery\n",
            )]),
            Example::files(&[(
                "deploy.sh",
                "OPENCLAW_GATEWAY_TOKEN=\"$(openssl rand -hex 32)\"\nexport API_TOKEN=\"$token\"\nTOKEN=`cat /run/token`\nopenclaw gateway --token \"$1\"\n",
            )]),
            Example::files(&[("build.sh", "export BUILD_TOKEN=q7Rt2Vx9Kd3mZp5WbN8sLf4Y\n")]),
        ],
        check: Check::Document(STARTERS, plaintext_secret),
        ..Rule::DEFAULT
    },
    Rule {
        id: "deployment.known_gateway_token",
        summary: "A deployment file gives the gateway a token that everybody knows",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[1392, 798],
        why: "The placeholder, or the default that applies when the variable is not set, is in the repository: a gateway \
              that was started without a token of its own is open to everyone who has read it.",
        remedy: "Write ${OPENCLAW_GATEWAY_TOKEN:?} so that the gateway does not start without a token of its own.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    environment:\n      OPENCLAW_GATEWAY_TOKEN: «${OPENCLAW_GATEWAY_TOKEN:-changeme}»\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM ghcr.io/openclaw/openclaw:2026.9.6\nENV OPENCLAW_GATEWAY_TOKEN=«change-me-now»\n",
            )]),
        ],
        good: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    environment:\n      OPENCLAW_GATEWAY_TOKEN: ${OPENCLAW_GATEWAY_TOKEN:-}\n      OPENCLAW_GATEWAY_PASSWORD: ${OPENCLAW_GATEWAY_PASSWORD:?}\n      OTHER_TOKEN: changeme\n",
            )]),
            Example::files(&[(
                "setup.sh",
                "OPENCLAW_GATEWAY_TOKEN=\"${OPENCLAW_GATEWAY_TOKEN:-$(openssl rand -hex 32)}\"\n",
            )]),
            Example::files(&[(
                "docker-compose.example.yml",
                "services:\n  openclaw:\n    environment:\n      OPENCLAW_GATEWAY_TOKEN: changeme\n",
            )]),
        ],
        check: Check::Document(STARTERS, known_token),
        ..Rule::DEFAULT
    },
];

/// Options of the gateway's command line with their values: `say(option, value, place)`.
fn flags(document: &Document, say: &mut dyn FnMut(&str, &str, Place)) {
    if document.kind == DocumentKind::Compose {
        for service in services(document) {
            for (option, value, found) in options(&service) {
                say(&option, &value, found.place());
            }
        }
        return;
    }
    for words in command_lines(document) {
        // An option means what we think only in a command of the gateway.
        if !words.iter().any(|(_, word)| *word == "gateway" || mentions_openclaw(word)) {
            continue;
        }
        for (at, (own, word)) in words.iter().enumerate().filter(|(_, (_, word))| word.starts_with("--")) {
            let (option, value, range) = match word.split_once('=') {
                Some((option, value)) => (option, value, own.end - value.len()..own.end),
                None => match words.get(at + 1).filter(|(_, next)| !next.starts_with('-')) {
                    Some((place, next)) => (*word, *next, place.clone()),
                    None => (*word, "", own.clone()),
                },
            };
            say(option, value, Place::span(document.span(range)));
        }
    }
}

fn auth_none(document: &Document, _: &Project, report: &mut Report) {
    flags(document, &mut |option, value, place| {
        if option == "--auth" && value == "none" {
            report.at(place, "--auth none turns authentication off");
        }
    });
}

fn allow_unconfigured(document: &Document, _: &Project, report: &mut Report) {
    flags(document, &mut |option, _, place| {
        if option == "--allow-unconfigured" {
            report.at(place, "--allow-unconfigured starts the gateway without a configuration");
        }
    });
}

/// A credential that was found: where, what it is, and what to say.
type Credential = (Place, Verdict, String);

fn plaintext_secret(document: &Document, project: &Project, report: &mut Report) {
    let ours = concerns_product(project, document) && !document.sample;
    let mut said = named(document, ours);
    flags(document, &mut |option, value, place| {
        let named = matches!(option, "--token" | "--password" | "--gateway-token" | "--gateway-password");
        if let Some(verdict) = named.then(|| of_variable("OPENCLAW_GATEWAY_TOKEN", value, ours)).flatten() {
            said.push((place, verdict, format!("{option} is given {}", secret::shape(value))));
        }
    });
    said.extend(formats(document, ours));
    // The same token may be an assignment, an option and a known format at once.
    let mut end = 0;
    said.sort_by_key(|(place, _, _)| (place.span.start, std::cmp::Reverse(place.span.end)));
    for (place, verdict, message) in said {
        if place.span.start >= end {
            end = place.span.end;
            report.at(place, message).confidence(secrets::confidence(verdict.certainty));
        }
    }
}

/// Variables with a literal.
fn named(document: &Document, ours: bool) -> Vec<Credential> {
    let judge = |name: &str, value: &str, place: Place| {
        let verdict = of_variable(name, value, ours)?;
        Some((place, verdict, format!("{name} holds {}", secret::shape(value))))
    };
    if document.kind == DocumentKind::Compose {
        let variables = services(document).into_iter().flat_map(|service| environment(&service));
        return variables.filter_map(|(name, value, found)| judge(&name, &value, found.place())).collect();
    }
    let written = assignments(document.text()).into_iter().filter(|_| ours);
    written.filter_map(|found| judge(found.name, found.value, Place::span(document.span(found.range)))).collect()
}

/// Known formats anywhere in the text.
fn formats(document: &Document, ours: bool) -> Vec<Credential> {
    let least = if ours { Certainty::Medium } else { Certainty::High };
    let one = |range: std::ops::Range<usize>| {
        let text = document.text().get(range.clone())?;
        let password = Verdict { format: "url-password", certainty: Certainty::Medium };
        let verdict = secret::recognise(text).unwrap_or(password);
        let place = Place::span(document.span(range));
        (verdict.certainty >= least).then(|| (place, verdict, format!("the file holds {}", secret::shape(text))))
    };
    secret::find_in_text(document.text()).into_iter().filter_map(|(range, _)| one(range)).collect()
}

/// A value that a shell works out: `$name`, `$(…)`, backquotes.
fn is_computed(value: &str) -> bool {
    value.starts_with(['$', '`', '{', '%', '('])
}

/// Only what is random enough, or what the gateway takes for its own credential, is a secret here:
/// scripts assign all kinds of words to names that end in `TOKEN`.
fn of_variable(name: &str, value: &str, ours: bool) -> Option<Verdict> {
    let own = matches!(name, "OPENCLAW_GATEWAY_TOKEN" | "OPENCLAW_GATEWAY_PASSWORD");
    let named = own || secret::is_secret_env_name(name) || secret::looks_like_secret_env_name(name);
    if !named || is_computed(value) {
        return None;
    }
    let verdict = secret::judge(&format!("env.vars.{name}"), name, value)?;
    let least = if own { Certainty::Medium } else { Certainty::High };
    (ours && verdict.certainty >= least || verdict.format != "literal").then_some(verdict)
}

fn known_token(document: &Document, _: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    let mut check = |name: &str, value: &str, place: Place| {
        let own = matches!(name, "OPENCLAW_GATEWAY_TOKEN" | "OPENCLAW_GATEWAY_PASSWORD");
        if own && is_known(value) {
            report.at(place, format!("{name} is a placeholder that anyone can read here"));
        }
    };
    if document.kind == DocumentKind::Compose {
        for service in services(document) {
            for (name, value, found) in environment(&service) {
                check(&name, &value, found.place());
            }
        }
        return;
    }
    // A script may well ask for or print such a value; images and units set it.
    if document.kind != DocumentKind::Script {
        for found in assignments(document.text()) {
            check(found.name, found.value, Place::span(document.span(found.range)));
        }
    }
}

/// A placeholder, or a variable whose default is one or is written out.
fn is_known(value: &str) -> bool {
    let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let value = match inner {
        Some(inner) => inner.split_once(":-").or_else(|| inner.split_once('-')).map_or("", |(_, default)| default),
        None => value,
    };
    let computed = value.is_empty() || is_computed(value);
    !computed
        && match secret::placeholder(value) {
            Some(Placeholder::Example | Placeholder::TooShort) => true,
            None => inner.is_some(),
            Some(_) => false,
        }
}
