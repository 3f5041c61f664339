//! Switches whose name or documentation says that they are dangerous, and the owner of the roster.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.insecure_or_dangerous_flags",
        summary: "A switch that turns a safeguard off is on",
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        links: &["https://docs.openclaw.ai/gateway/security"],
        cwe: &[489, 1188],
        why: "Each of these switches exists for debugging or for one deliberate exception; left on, the safeguard it turns \
              off is missing for everybody.",
        remedy: "Remove the switch.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ hooks: { mappings: [{ id: "a" }, { allowUnsafeExternalContent: «true» }] } }"#),
            config!("{ tools: { exec: { applyPatch: { workspaceOnly: «false» } }, fs: { workspaceOnly: «false» } } }"),
            config!("{ hooks: { allowRequestSessionKey: «true» } }"),
            config!("{ browser: { noSandbox: «true», ssrfPolicy: { dangerouslyAllowPrivateNetwork: «true» } } }"),
            config!(
                "{ agents: { defaults: { sandbox: { docker: { dangerouslyAllowExternalBindSources: «true» } } }, entries: { a: { tools: { fs: { workspaceOnly: «false» } }, sandbox: { ssh: { strictHostKeyChecking: «false» } } } } } }"
            ),
            config!(r#"{ plugins: { entries: { acpx: { config: { permissionMode: «"approve-all"» } } } } }"#),
            config!(
                r#"{ plugins: { entries: { imap: { config: { accounts: { me: { senderAuth: { min: «"unverified"» } } } } } } } }"#
            ),
            config!(
                "{ channels: { telegram: { accounts: { a: { network: { dangerouslyAllowPrivateNetwork: «true» } } } } } }"
            ),
            config!(
                "{ models: { providers: { x: { request: { proxy: { tls: { insecureSkipVerify: «true» } } } } } } }"
            ),
            config!(r#"{ gateway: { nodes: { pairing: { «autoApproveCidrs»: ["10.0.0.0/8"] } } } }"#),
            config!(r#"{ agents: {}, secrets: { providers: { f: { source: "file", allowInsecurePath: «true» } } } }"#)
                .on(V2026_5),
            config!(r#"{ agents: { list: [{ id: "a", sandbox: { browser: { allowHostControl: «true» } } }] } }"#)
                .on_closedclaw(),
        ],
        good: &[
            config!("{ tools: { exec: { applyPatch: { workspaceOnly: true } } } }"),
            config!(r#"{ hooks: { gmail: { allowUnsafeExternalContent: "true" } } }"#),
            // These have rules of their own.
            config!("{ gateway: { controlUi: { dangerouslyAllowHostHeaderOriginFallback: true } } }"),
            config!("{ hooks: { enabled: true, allowRequestSessionKey: true } }"),
            config!("{ channels: { discord: { dangerouslyAllowNameMatching: true } } }"),
            config!("{ gateway: { nodes: { pairing: { autoApproveCidrs: [] } } } }"),
            config!(r#"{ plugins: { entries: { acpx: { config: { permissionMode: "approve-reads" } } } } }"#),
        ],
        check: Check::Config(dangerous_flags),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.agent_roster.invalid_default_count",
        summary: "It is not clear which agent is the default one",
        versions: Versions::since(V2026_9),
        hygiene: true,
        links: &["https://docs.openclaw.ai/concepts/multi-agent"],
        why: "Messages without a binding go to the default agent; with none or several of them, who answers, and with which \
              tools, depends on the order of the file.",
        remedy: "Give exactly one agent default: true, or set agents.ownership to \"explicit\" and give it to none.",
        bad: &[
            config!("{ agents: { «entries»: { a: {}, b: {} } } }"),
            config!("{ agents: { entries: { a: { default: true }, b: { default: «true» } } } }"),
            config!(r#"{ agents: { list: [{ id: "a", default: true }, { id: "b", default: «true» }] } }"#),
            config!(r#"{ agents: { ownership: "explicit", entries: { a: { default: «true» }, b: {} } } }"#),
        ],
        good: &[
            config!("{ agents: { entries: {} } }"),
            config!("{ agents: { entries: { only: {} } } }"),
            config!(r#"{ agents: { list: [{ id: "a" }, { id: "b" }] } }"#),
            config!(r#"{ agents: { ownership: "explicit", entries: { a: {}, b: {} } } }"#),
        ],
        check: Check::Config(default_count),
        ..Rule::DEFAULT
    },
];

/// What value makes a switch dangerous.
#[derive(Clone, Copy)]
enum When {
    True,
    False,
    Text(&'static str),
    /// An array or object with something in it.
    Filled,
}

impl When {
    fn holds(self, found: &Found<'_>) -> bool {
        match self {
            Self::True => found.is_true(),
            Self::False => found.is_false(),
            Self::Text(text) => found.is(text),
            Self::Filled => found.items().next().is_some() || found.entries().next().is_some(),
        }
    }
}

/// Who names a switch.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// Upstream's audit of these releases, and ours.
    Upstream(Release, Release),
    /// The same, but another rule of ours says it already.
    UpstreamAlone(Release, Release),
    /// Ours: the schema has it and upstream's audit does not look.
    Ours,
    /// Ours, as an info: more a choice than a danger.
    Choice,
}

use By::{Choice, Ours, Upstream, UpstreamAlone};
use When::{False, Filled, Text, True};

/// A switch: its path, where `*` is any member or item and `@` the defaults of agents or any agent;
/// the value that counts; who names it; what it means.
type Flag = (&'static str, When, By, &'static str);

const V2: Release = V2026_2;
const V5: Release = V2026_5;
const V9: Release = V2026_9;

const UNSAFE_CONTENT: &str = "outside text reaches the agent unmarked";
const OUTSIDE: &str = "files outside the workspace can be changed";
const PRIVATE: &str = "requests may go to private addresses";
const NO_VERIFY: &str = "TLS certificates are not verified";
const OWNER: &str = "the chat can change the gateway itself";

const FLAGS: &[Flag] = &[
    ("gateway.controlUi.allowInsecureAuth", True, UpstreamAlone(V2, V5), "plain HTTP is enough"),
    (
        "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback",
        True,
        UpstreamAlone(V2, V9),
        "any Host is an origin",
    ),
    ("gateway.controlUi.dangerouslyDisableDeviceAuth", True, UpstreamAlone(V2, V5), "no paired device is needed"),
    ("hooks.gmail.allowUnsafeExternalContent", True, Upstream(V2, V9), UNSAFE_CONTENT),
    ("hooks.mappings.*.allowUnsafeExternalContent", True, Upstream(V2, V9), UNSAFE_CONTENT),
    ("tools.exec.applyPatch.workspaceOnly", False, Upstream(V2, V9), OUTSIDE),
    ("hooks.allowRequestSessionKey", True, Upstream(V5, V9), "a webhook call may choose its session"),
    ("browser.ssrfPolicy.dangerouslyAllowPrivateNetwork", True, Upstream(V5, V9), PRIVATE),
    ("tools.fs.workspaceOnly", False, Upstream(V5, V9), OUTSIDE),
    (
        "@.sandbox.docker.dangerouslyAllowReservedContainerTargets",
        True,
        Upstream(V5, V9),
        "mounts may cover the sandbox's own directories",
    ),
    ("@.sandbox.docker.dangerouslyAllowExternalBindSources", True, Upstream(V5, V9), "any host path may be mounted"),
    (
        "@.sandbox.docker.dangerouslyAllowContainerNamespaceJoin",
        True,
        Upstream(V5, V9),
        "the sandbox may join another container's network",
    ),
    ("plugins.entries.acpx.config.permissionMode", Text("approve-all"), Upstream(V5, V9), "nobody approves anything"),
    (
        "plugins.entries.imap.config.accounts.*.senderAuth.acceptTrustedAuthservId",
        True,
        Upstream(V9, V9),
        "a header decides who the sender is",
    ),
    (
        "plugins.entries.imap.config.accounts.*.senderAuth.min",
        Text("unverified"),
        Upstream(V9, V9),
        "senders are not verified",
    ),
    (
        "plugins.entries.imap.config.accounts.*.senderAuth.min",
        Text("mutable"),
        Upstream(V9, V9),
        "senders can be imitated",
    ),
    ("security.audit.suppressions", Filled, UpstreamAlone(V9, V9), "findings of the audit are suppressed"),
    ("channels.*.network.dangerouslyAllowPrivateNetwork", True, Ours, PRIVATE),
    ("channels.*.accounts.*.network.dangerouslyAllowPrivateNetwork", True, Ours, PRIVATE),
    ("channels.sms.dangerouslyDisableSignatureValidation", True, Ours, "anybody can forge an incoming message"),
    (
        "channels.sms.accounts.*.dangerouslyDisableSignatureValidation",
        True,
        Ours,
        "anybody can forge an incoming message",
    ),
    ("channels.synology-chat.dangerouslyAllowInheritedWebhookPath", True, Ours, "accounts share one webhook path"),
    (
        "channels.synology-chat.accounts.*.dangerouslyAllowInheritedWebhookPath",
        True,
        Ours,
        "accounts share one webhook path",
    ),
    ("channels.synology-chat.allowInsecureSsl", True, Ours, NO_VERIFY),
    ("channels.synology-chat.accounts.*.allowInsecureSsl", True, Ours, NO_VERIFY),
    ("tools.web.fetch.ssrfPolicy.dangerouslyAllowPrivateNetwork", True, Ours, PRIVATE),
    ("cron.webhookSsrfPolicy.dangerouslyAllowPrivateNetwork", True, Ours, PRIVATE),
    ("models.providers.*.request.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("models.providers.*.request.proxy.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("tools.media.*.request.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("tools.media.*.request.proxy.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("tools.media.*.*.request.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("tools.media.*.models.*.request.tls.insecureSkipVerify", True, Ours, NO_VERIFY),
    ("secrets.providers.*.allowInsecurePath", True, Ours, "others may change the file that holds the secret"),
    ("browser.noSandbox", True, Ours, "a page that breaks the browser is on the host"),
    ("@.sandbox.browser.allowHostControl", True, Ours, "sandboxed agents drive the host's browser"),
    ("@.sandbox.ssh.strictHostKeyChecking", False, Ours, "any machine can pass for the sandbox"),
    ("agents.entries.*.tools.fs.workspaceOnly", False, Ours, OUTSIDE),
    ("agents.list.*.tools.fs.workspaceOnly", False, Ours, OUTSIDE),
    ("agents.entries.*.tools.exec.applyPatch.workspaceOnly", False, Ours, OUTSIDE),
    ("agents.list.*.tools.exec.applyPatch.workspaceOnly", False, Ours, OUTSIDE),
    ("gateway.nodes.pairing.autoApproveCidrs", Filled, Ours, "devices of these networks are paired by themselves"),
    ("gateway.nodes.pairing.autoApproveLocal", True, Choice, "devices on this machine are paired by themselves"),
    ("gateway.nodes.allowSkills", True, Choice, "paired devices may bring skills"),
    ("gateway.controlUi.allowExternalEmbedUrls", True, Choice, "pages of other sites are shown in the Control UI"),
    ("skills.install.allowUploadedArchives", True, Choice, "skills can be uploaded instead of reviewed"),
    ("models.providers.*.request.allowPrivateNetwork", True, Choice, PRIVATE),
    ("browser.ssrfPolicy.allowRfc2544BenchmarkRange", True, Choice, PRIVATE),
    ("browser.ssrfPolicy.allowIpv6UniqueLocalRange", True, Choice, PRIVATE),
    ("commands.bash", True, Choice, "the chat can run host commands"),
    ("commands.config", True, Choice, OWNER),
    ("commands.mcp", True, Choice, OWNER),
    ("commands.plugins", True, Choice, OWNER),
];

fn dangerous_flags(config: &Config, report: &mut Report) {
    let release = config.dialect.release;
    let named = |by: By| match by {
        Upstream(since, until) => !config.upstream() || (since..=until).contains(&release),
        UpstreamAlone(since, until) => config.upstream() && (since..=until).contains(&release),
        Ours | Choice => !config.upstream(),
    };
    let mut hits = Vec::new();
    for (path, when, by, meaning) in FLAGS.iter().filter(|(_, _, by, _)| named(*by)) {
        let severity = if *by == Choice { Severity::Info } else { Severity::Warn };
        let found = expand(config, path).into_iter().filter(|found| when.holds(found));
        hits.extend(found.map(|found| (severity, found.place(), message(&found, *when, meaning))));
    }
    if config.upstream() && !config.since(V9) {
        // The older releases say all of them in one finding.
        return report.several(config, Severity::Warn, hits.into_iter().map(|(_, place, message)| (place, message)));
    }
    // With webhooks on `hooks.request_session_key_enabled` says it.
    let said = |place: &Place| place.key_path == "hooks.allowRequestSessionKey" && config.at("hooks.enabled").is_true();
    for (severity, place, message) in hits {
        if config.upstream() || !said(&place) {
            report.at(place, message).severity(severity);
        }
    }
}

fn message(found: &Found<'_>, when: When, meaning: &str) -> String {
    let path = found.path();
    match when {
        True => format!("{path} is true: {meaning}"),
        False => format!("{path} is false: {meaning}"),
        Text(text) => format!("{path} is \"{text}\": {meaning}"),
        Filled => format!("{path} is not empty: {meaning}"),
    }
}

/// Every place that a flag's path stands for.
fn expand<'a>(config: &'a Config, path: &'a str) -> Vec<Found<'a>> {
    let (mut places, rest) = match path.strip_prefix("@.") {
        None => (vec![config.root()], path),
        Some(rest) => {
            let agents = config.agents().into_iter().map(|agent| agent.found);
            (std::iter::once(config.at("agents.defaults")).chain(agents).collect(), rest)
        }
    };
    for segment in rest.split('.') {
        places = match segment {
            "*" => {
                places.iter().flat_map(|place| place.entries().map(|(_, found)| found).chain(place.items())).collect()
            }
            key => places.iter().map(|place| place.get(key)).filter(Found::exists).collect(),
        };
    }
    places
}

fn default_count(config: &Config, report: &mut Report) {
    let agents = config.agents();
    let defaults: Vec<Found<'_>> =
        agents.iter().map(|agent| agent.found.get("default")).filter(Found::is_true).collect();
    if config.at("agents.ownership").is("explicit") {
        if let Some(first) = defaults.first() {
            let changes: Vec<Change> = defaults.iter().map(Found::remove).collect();
            report.at(first.place(), "an agent is the default although agents.ownership is \"explicit\"").fix(
                Safety::Unsafe,
                "Remove default",
                changes,
            );
        }
        return;
    }
    if agents.len() < 2 || defaults.len() == 1 {
        return;
    }
    if let Some(second) = defaults.get(1) {
        let title = "Leave default: true with the one agent that is to answer by itself";
        let message = format!("{} agents are the default", defaults.len());
        report.at(second.place(), message).fix(Safety::Manual, title, []);
        return;
    }
    // A list is the form of older releases, where the first agent is the default one.
    let entries = config.at("agents.entries");
    let roster = if entries.exists() { entries } else { config.at("agents.list") };
    if config.upstream() || roster.is_map() {
        let title = "Add default: true to the agent that is to answer by itself";
        let message = format!("none of {} agents is the default", agents.len());
        report.at(roster.place(), message).fix(Safety::Manual, title, []);
    }
}
