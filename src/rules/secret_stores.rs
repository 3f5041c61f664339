//! The files that `openclaw secrets audit` reads beside the configuration.

use crate::model::ignored::{is_ignored, leave_out};
use crate::model::{places, secrets};
use crate::rule::prelude::*;
use crate::secret::{self, Certainty, Verdict};
use crate::syntax::dotenv::EnvLine;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "secrets.audit.plaintext_found",
    summary: "A credential is kept in plain text beside the configuration",
    severity: Severity::Warn,
    high: true,
    profiles: Profiles::OURS,
    scope: Scope::Secrets,
    cwe: &[312, 798],
    why: "A .env file, auth-profiles.json or models.json with a literal key leaks with every copy of the repository, and \
          later commits do not take it back.",
    remedy: "Remove the file from git, add it to .gitignore, and replace the credential at its issuer.",
    links: &["https://docs.openclaw.ai/gateway/secrets"],
    bad: &[
        Example::files(&[
            ("openclaw.json", "{ gateway: { port: 18789 } }"),
            (".env", "# keys\nexport OPENAI_API_KEY=\"«q7Rt2Vx9Kd3mZp5WbN8sLf4Y»\"\nTZ=UTC\n"),
        ]),
        Example::files(&[(
            ".env",
            "OPENCLAW_GATEWAY_TOKEN=«4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536»\nPORT=18789\n",
        )]),
        Example::files(&[(
            "agents/main/agent/auth-profiles.json",
            r#"{ "version": 1, "profiles": { "openai:default": { "type": "api_key", "provider": "openai", "key": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» },
               "x": { "type": "oauth", "provider": "x", "access": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Z"», "refresh": «"q7Rt2Vx9Kd3mZp5WbN8sLf4X"» } } }"#,
        )]),
        Example::files(&[(
            "agents/main/agent/models.json",
            r#"{ "providers": { "openai": { "baseUrl": "https://api.openai.com/v1", "apiKey": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } }"#,
        )]),
    ],
    good: &[
        Example::files(&[
            ("openclaw.json", "{ gateway: { port: 18789 } }"),
            (
                ".env",
                "OPENAI_API_KEY=\nTELEGRAM_BOT_TOKEN=your-token-here\nGH_TOKEN=${GITHUB_TOKEN}\nEDITOR_THEME=solarized9darkerthannight\n",
            ),
        ]),
        Example::files(&[("web/.env", "SESSION_SECRET=correct9horse8battery7staple\n")]),
        Example::files(&[
            ("openclaw.json", "{ gateway: { port: 18789 } }"),
            (".env.example", "OPENCLAW_GATEWAY_TOKEN=4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536\n"),
        ]),
        Example::files(&[(
            "agents/main/agent/auth-profiles.json",
            r#"{ "version": 1, "profiles": { "openai:default": { "type": "api_key", "provider": "openai", "keyRef": { "source": "env", "provider": "default", "id": "OPENAI_API_KEY" } } } }"#,
        )]),
        Example::files(&[(
            "agents/main/agent/models.json",
            r#"{ "providers": { "ollama": { "apiKey": "ollama-local" }, "openai": { "apiKey": "OPENAI_API_KEY" } } }"#,
        )]),
    ],
    check: Check::Document(
        &[DocumentKind::DotEnv, DocumentKind::AuthProfiles, DocumentKind::ModelsJson],
        plaintext_found,
    ),
    ..Rule::DEFAULT
}];

fn plaintext_found(document: &Document, project: &Project, report: &mut Report) {
    let ours = places::concerns_product(project, document);
    let mut found = Vec::new();
    for line in document.env() {
        if let Some(verdict) = of_variable(line, ours, document.sample) {
            let place = Place { span: line.value_span, key_path: line.name.clone(), missing: false };
            found.push((place, verdict, secret::shape(&line.value)));
        }
    }
    let leaks = document.root().and_then(|root| root.value()).map(secrets::leaks).unwrap_or_default();
    let sure = leaks.into_iter().filter(|leak| leak.verdict.certainty >= least(document.sample));
    found.extend(sure.map(|leak| (leak.place, leak.verdict, leak.shape)));
    // What git leaves out is plain text on one disk only.
    let local = !found.is_empty() && !project.live && is_ignored(project, &document.path);
    for (place, verdict, shape) in found {
        let name = place.key_path.clone();
        let said = report.at(place, format!("{name} holds {shape}"));
        let said = said.confidence(secrets::confidence(verdict.certainty));
        if local {
            said.severity(Severity::Info);
        } else if !project.live && !document.sample {
            said.maybe(leave_out(project, &document.path));
        }
    }
}

const fn least(sample: bool) -> Certainty {
    if sample { Certainty::High } else { Certainty::Medium }
}

/// Is the variable a secret that matters here? In a repository that has nothing to do with the
/// product, and in examples, only a known format counts.
fn of_variable(line: &EnvLine, ours: bool, sample: bool) -> Option<Verdict> {
    let path = format!("env.vars.{}", line.name);
    let verdict = secret::judge(&path, &line.name, &line.value)?;
    let known = verdict.format != "literal" && verdict.certainty == Certainty::High;
    (known || ours && !sample && verdict.certainty >= Certainty::Medium).then_some(verdict)
}
