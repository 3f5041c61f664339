//! How strong the gateway's credential is.

use crate::config;
use crate::kind::Role;
use crate::model::auth::{Credential, Mode, TOKEN_VARIABLE, variable_of};
use crate::rule::prelude::*;
use crate::secret::{self, Placeholder};

/// Values that documentation and templates show; the gateway refuses to start with them.
const PUBLISHED: [&str; 3] = ["change-me-to-a-long-random-token", "change-me-now", "change-me-to-a-strong-password"];

/// Shorter than this is too short for a shared secret, in characters.
const SHORT: usize = 24;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.token_too_short",
        summary: "The gateway token is short enough to guess",
        cwe: &[521],
        why: "The token is the only thing between a caller and the agent; a short one can be tried out.",
        remedy: "Generate 32 random bytes and reference them from the environment, such as \"${OPENCLAW_GATEWAY_TOKEN}\".",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.token", r#""${OPENCLAW_GATEWAY_TOKEN}""#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"q7Zt9mWc4LrX2vKp8NsD5hY"» } } }"#),
            config!(r#"{ gateway: { auth: { token: «"${T}"» } } }"#).with_env(&[("T", "short-but-known")]),
            config!(
                r#"{ secrets: { providers: { e: { source: "env", allowlist: ["T"] } } }, gateway: { auth: { «token»: { source: "env", provider: "e", id: "T" } } } }"#
            )
            .with_env(&[("T", "short-but-known")]),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "${T}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: { source: "env", provider: "default", id: "T" } } } }"#),
            config!(r#"{ gateway: { auth: { mode: "password", token: "short-but-idle" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "change-me-now" } } }"#),
        ],
        check: Check::Config(token_too_short),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.password_too_short",
        summary: "The gateway password is short enough to guess",
        versions: Versions::since(V2026_9),
        also: Some(Versions::ALL),
        cwe: &[521],
        why: "The password is the only thing between a caller and the agent; a short one can be tried out.",
        remedy: "Use a long random password and supply it as OPENCLAW_GATEWAY_PASSWORD.",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.password", r#""${OPENCLAW_GATEWAY_PASSWORD}""#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: «"Vx9-kQ2_mN7-pL4_rT8-wY3"» } } }"#),
            config!(r#"{ gateway: { auth: { password: «"Vx9-kQ2_mN7"» } } }"#).on(V2026_5),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: "Vx9-kQ2_mN7-pL4_rT8-wY3_" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "${T}", password: "short-but-idle" } } }"#),
        ],
        check: Check::Config(password_too_short),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.token_placeholder_value",
        summary: "The gateway token is a placeholder",
        severity: Severity::Critical,
        versions: Versions::since(V2026_9),
        also: Some(Versions::ALL),
        cwe: &[1392],
        why: "A placeholder is known to everybody who reads the documentation, or is what a failed script leaves behind. \
              The gateway refuses some of them and starts with the others.",
        remedy: "Generate a real token and reference it from the environment.",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.token", r#""${OPENCLAW_GATEWAY_TOKEN}""#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"undefined"» } } }"#),
            config!(r#"{ gateway: { auth: { token: «"change-me-to-a-long-random-token"» } } }"#).on(V2026_2),
            config!(r#"{ gateway: { auth: { token: «"__OPENCLAW_REDACTED__"» } } }"#),
            config!(r#"{ gateway: { auth: { token: «"<a-long-random-token-goes-here>"» } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: "${undefined}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "password", password: "${P}", token: "undefined" } } }"#),
            config!(r#"{ gateway: { auth: { token: "${OPENCLAW_GATEWAY_TOKEN}" } } }"#),
            config!(r#"{ gateway: { auth: { token: "{{ gateway_token }}" } } }"#),
            config!(r#"{ gateway: { auth: { token: "" } } }"#),
            Example::files(&[("openclaw.example.json", r#"{ gateway: { auth: { token: "YOUR_TOKEN" } }, agents: {} }"#)]),
        ],
        check: Check::Config(token_placeholder),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.password_placeholder_value",
        summary: "The gateway password is a placeholder",
        severity: Severity::Critical,
        versions: Versions::since(V2026_9),
        also: Some(Versions::ALL),
        cwe: &[1392],
        why: "A placeholder is known to everybody who reads the documentation, or is what a failed script leaves behind. \
              The gateway refuses some of them and starts with the others.",
        remedy: "Generate a real password and supply it as OPENCLAW_GATEWAY_PASSWORD.",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.password", r#""${OPENCLAW_GATEWAY_PASSWORD}""#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: «"null"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "password", password: «"change-me-to-a-strong-password"» } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: "${P}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "${T}", password: "null" } } }"#),
        ],
        check: Check::Config(password_placeholder),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.auth_no_rate_limit",
        summary: "Nothing slows down guesses at the gateway's credential",
        versions: Versions::OPENCLAW,
        cwe: &[307],
        why: "Without a limit a caller on the network can try tokens and passwords as fast as the gateway answers.",
        remedy: "Add gateway.auth.rateLimit, such as { maxAttempts: 10, windowMs: 60000, lockoutMs: 300000 }.",
        repair: Repair::Set(Safety::Safe, &[("gateway.auth.rateLimit", r#"{"maxAttempts": 10, "windowMs": 60000, "lockoutMs": 300000}"#)]),
        bad: &[
            config!(r#"{ gateway: { bind: "lan", «auth»: { mode: "token", token: "${T}" } } }"#),
            config!(r#"{ «gateway»: { bind: "lan" } }"#).with_env(&[("OPENCLAW_GATEWAY_PASSWORD", "x")]),
        ],
        good: &[
            config!(r#"{ gateway: { bind: "lan", auth: { token: "${T}", rateLimit: {} } } }"#),
            config!(r#"{ gateway: { bind: "lan", auth: { mode: "trusted-proxy" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "${T}" } } }"#),
            config!(r#"{ gateway: { bind: "lan" } }"#),
        ],
        check: Check::Config(auth_no_rate_limit),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.env_token_overrides_config",
        summary: "Two different gateway tokens are set: in the configuration and in the environment",
        versions: Versions::since(V2026_5),
        also: Some(Versions::OPENCLAW),
        confidence: Confidence::Medium,
        cwe: &[1108],
        why: "Commands use the variable while the gateway uses the configuration, so they stop matching after a rotation, \
              and a revoked token may still work.",
        remedy: "Keep one source: set gateway.auth.token to \"${OPENCLAW_GATEWAY_TOKEN}\", or remove the variable.",
        repair: Repair::Write(Safety::Unsafe, r#""${OPENCLAW_GATEWAY_TOKEN}""#),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"q7Zt9mWc4LrX2vKp8NsD5hYb"» } } }"#)
                .with_env(&[("OPENCLAW_GATEWAY_TOKEN", "another-token-that-is-long")]),
            Example::files(&[
                ("openclaw.json", r#"{ gateway: { auth: { token: «"q7Zt9mWc4LrX2vKp8NsD5hYb"» } } }"#),
                (".env", "OPENCLAW_GATEWAY_TOKEN=another-token-that-is-long\n"),
            ]),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } } }"#)
                .with_env(&[("OPENCLAW_GATEWAY_TOKEN", "q7Zt9mWc4LrX2vKp8NsD5hYb")]),
            config!(r#"{ gateway: { auth: { token: "${OPENCLAW_GATEWAY_TOKEN}" } } }"#)
                .with_env(&[("OPENCLAW_GATEWAY_TOKEN", "another-token-that-is-long")]),
            config!(r#"{ gateway: { auth: { mode: "password", password: "${P}", token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } } }"#)
                .with_env(&[("OPENCLAW_GATEWAY_TOKEN", "another-token-that-is-long")]),
            config!(r#"{ gateway: { auth: { token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } } }"#).with_env(&[
                ("OPENCLAW_GATEWAY_TOKEN", "another-token-that-is-long"),
                ("OPENCLAW_SERVICE_KIND", "gateway"),
            ]),
            Example::files(&[
                ("openclaw.json", r#"{ gateway: { auth: { token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } } }"#),
                (".env.example", "OPENCLAW_GATEWAY_TOKEN=change-me-now\n"),
            ]),
        ],
        check: Check::Config(env_token_overrides),
        ..Rule::DEFAULT
    },
];

/// Calls `judge` with the credential of a gateway that is served in this mode.
fn with_served(config: &Config, mode: Mode, judge: impl FnOnce(&Credential<'_>)) {
    let gateway = config.gateway();
    if gateway.mode != mode || !gateway.is_served() {
        return;
    }
    if let Some(credential) = gateway.active() {
        judge(credential);
    }
}

fn token_too_short(config: &Config, report: &mut Report) {
    with_served(config, Mode::Token, |credential| too_short(config, credential, report));
}

fn password_too_short(config: &Config, report: &mut Report) {
    with_served(config, Mode::Password, |credential| too_short(config, credential, report));
}

fn too_short(config: &Config, credential: &Credential<'_>, report: &mut Report) {
    let Some(value) = credential.value else { return };
    let length = value.encode_utf16().count();
    let newest = !config.upstream() || config.since(V2026_9);
    let reference = !config.upstream() && secret::placeholder(value) == Some(Placeholder::Reference);
    if length >= SHORT || reference || newest && placeholder(config, credential).is_some() {
        return;
    }
    let name = credential.variable.map_or_else(|| credential.found.path(), str::to_owned);
    report.at(credential.found.place(), format!("{name} has {length} characters, fewer than {SHORT}"));
}

fn token_placeholder(config: &Config, report: &mut Report) {
    with_served(config, Mode::Token, |credential| say_placeholder(config, credential, report));
}

fn password_placeholder(config: &Config, report: &mut Report) {
    with_served(config, Mode::Password, |credential| say_placeholder(config, credential, report));
}

fn say_placeholder(config: &Config, credential: &Credential<'_>, report: &mut Report) {
    let Some((severity, what)) = placeholder(config, credential) else { return };
    let name = credential.variable.map_or_else(|| credential.found.path(), str::to_owned);
    // A template is made to be filled in, and what fills a mere example may run after the checkout.
    if severity == Severity::Critical {
        report.at(credential.found.place(), format!("{name} is {what}"));
    } else if config.role != Role::Template {
        let said = report.at(credential.found.place(), format!("{name} is {what}"));
        said.severity(severity).confidence(Confidence::Medium);
    }
}

/// What a credential is instead of a secret, in words, and how bad that is.
fn placeholder(config: &Config, credential: &Credential<'_>) -> Option<(Severity, &'static str)> {
    // A blank value is none, and yet what upstream looks at; ours says that there is no credential.
    let blank = credential.found.str().is_some_and(|text| text.trim().is_empty());
    let own = credential.found.path().starts_with("gateway.auth.");
    if blank && own && config.upstream() {
        return Some((Severity::Critical, "blank"));
    }
    match credential.value? {
        "undefined" => Some((Severity::Critical, "the word \"undefined\"")),
        "null" => Some((Severity::Critical, "the word \"null\"")),
        _ if config.upstream() => None,
        value if PUBLISHED.contains(&value) => Some((Severity::Critical, "the value that the documentation shows")),
        value => match secret::placeholder(value)? {
            Placeholder::Redaction => Some((Severity::Warn, "a redaction mark")),
            Placeholder::Example | Placeholder::Marker => Some((Severity::Warn, "an example value")),
            Placeholder::Reference | Placeholder::TooShort => None,
        },
    }
}

fn auth_no_rate_limit(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let limit = config.at("gateway.auth.rateLimit");
    if !gateway.is_reachable() || gateway.mode == Mode::TrustedProxy || limit.truthy() {
        return;
    }
    // Where there is no credential to guess, that is the finding.
    let guessable = gateway.is_served() && gateway.mode != Mode::Other && gateway.has_auth();
    if !config.upstream() && !guessable {
        return;
    }
    report.at(limit.place(), "gateway.auth.rateLimit is not set and the gateway listens beyond this machine");
}

fn env_token_overrides(config: &Config, report: &mut Report) {
    let token = config.at("gateway.auth.token");
    let gateway = config.gateway();
    let other_mode = gateway.explicit && gateway.mode != Mode::Token;
    let ours = variable_of(&token) == Some(TOKEN_VARIABLE) || refers_to_token(config, &token);
    let configured = token.is_reference() || token.text().is_some_and(|text| !text.text.trim().is_empty());
    if config.at("gateway.mode").is("remote") || other_mode || ours || !configured {
        return;
    }
    let message = "gateway.auth.token and OPENCLAW_GATEWAY_TOKEN hold different tokens";
    let service = config.env.get("OPENCLAW_SERVICE_KIND").is_some_and(|kind| kind.trim() == "gateway");
    if let Some(value) = config.env.get(TOKEN_VARIABLE).map(str::trim).filter(|value| !value.is_empty()) {
        let same = !token.is_reference() && token.str().map(str::trim) == Some(value);
        if !same && !service {
            report.at(token.place(), message).confidence(Confidence::High);
        }
        return;
    }
    if config.upstream() || config.env.is_known() {
        return;
    }
    let (Some(written), settings) = (token.literal(), config.project.deployed(TOKEN_VARIABLE, &config.dir)) else {
        return;
    };
    let differs = |value: Option<&str>| value.is_some_and(|value| value != written.trim());
    if let Some(setting) = settings.iter().find(|setting| !setting.sample && differs(setting.value)) {
        report.at(token.place(), message).related(&setting.place, "the other token");
    }
}

/// Was the token written as a reference to the variable before it was put in?
fn refers_to_token(config: &Config, token: &Found<'_>) -> bool {
    let Some(value) = token.value() else { return false };
    let source = config.sources.slice(value.span);
    source.trim_matches(['"', '\'']).trim() == "${OPENCLAW_GATEWAY_TOKEN}"
}
