//! `cron/jobs.json`: what the agent does unasked, and where the result goes.

use crate::rule::prelude::*;
use crate::secret;

const JOBS: &[DocumentKind] = &[DocumentKind::CronJobs];

/// Shorter intervals than this, in milliseconds, are worth a question.
const SHORT: f64 = 60_000.0;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "cron.webhook_plain_http",
        summary: "A scheduled job sends its result over plain HTTP",
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[319],
        why: "Whoever is on the way reads what the agent found, and can change it.",
        remedy: "Use an https:// address.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "version": 1, "jobs": [{ "id": "a", "payload": { "kind": "agentTurn", "message": "Sum up" }, "delivery": { "mode": "webhook", "to": «"http://hooks.example.org/x"» } }] }"#,
        )])],
        good: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [
                { "id": "a", "payload": {}, "delivery": { "mode": "webhook", "to": "http://127.0.0.1:8080/x" } },
                { "id": "b", "payload": {}, "delivery": { "mode": "announce", "to": "http://hooks.example.org" } },
                { "id": "c", "enabled": false, "payload": {}, "delivery": { "mode": "webhook", "to": "http://a.org" } }] }"#,
        )])],
        check: Check::Document(JOBS, plain_http),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.webhook_unknown_host",
        summary: "A scheduled job sends its result to a host that nobody vouched for",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        confidence: Confidence::Medium,
        scope: Scope::Network,
        cwe: &[201],
        why: "A webhook is a standing way out for whatever the agent reads.",
        remedy: "Check the address, and list its host as trusted in the settings file.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, "delivery": { "mode": "webhook", "to": «"https://hooks.example.org/x"» } }] }"#,
        )])],
        good: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, "delivery": { "mode": "webhook", "to": "https://localhost/x" } }] }"#,
        )])],
        check: Check::Document(JOBS, unknown_host),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.interval_too_short",
        summary: "A scheduled job runs more than once a minute",
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Each run is a turn of the model: it costs money, and runs pile up behind one another.",
        remedy: "Set everyMs to at least 60000.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, "schedule": { "kind": "every", "everyMs": «5000» } }] }"#,
        )])],
        good: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, "schedule": { "kind": "every", "everyMs": 60000 } }, { "id": "b", "payload": {}, "schedule": { "kind": "at", "everyMs": 1 } }] }"#,
        )])],
        check: Check::Document(JOBS, interval),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.unsafe_external_content",
        summary: "A scheduled job treats foreign text as its own",
        profiles: Profiles::OURS,
        high: true,
        cwe: &[1427],
        why: "With allowUnsafeExternalContent the marks around foreign text are left out: a web page or a mail can give \
              orders.",
        remedy: "Remove allowUnsafeExternalContent.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": { "kind": "agentTurn", "message": "x", "allowUnsafeExternalContent": «true» } }] }"#,
        )])],
        good: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": { "kind": "agentTurn", "message": "x", "allowUnsafeExternalContent": false } }] }"#,
        )])],
        check: Check::Document(JOBS, unsafe_content),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.recipient_in_file",
        summary: "A scheduled job names a person's number or chat",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        hygiene: true,
        cwe: &[359],
        why: "Telephone numbers and chat ids are personal data that stay in the history of the repository.",
        remedy: "Keep the file out of git, or deliver to the last route instead of a fixed recipient.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, "delivery": { "mode": "announce", "channel": "whatsapp", "to": «"+15550001111"» } }, { "id": "b", "payload": {}, "delivery": { "to": "telegram:-1001234567" } }] }"#,
        )])],
        good: &[
            Example::files(&[(
                "cron/jobs.json",
                r##"{ "jobs": [{ "id": "a", "payload": {}, "delivery": { "mode": "announce", "channel": "slack", "to": "#ops" } }, { "id": "b", "payload": {}, "delivery": { "to": "+1555${X}" } }] }"##,
            )]),
            Example::files(&[
                ("openclaw.json", "{}"),
                (
                    "cron/jobs.json",
                    r#"{ "jobs": [{ "id": "a", "payload": {}, "delivery": { "to": "+15550001111" } }] }"#,
                ),
            ])
            .with_modes(&[]),
        ],
        check: Check::Document(JOBS, recipient),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.runtime_state_committed",
        summary: "The run-time state of scheduled jobs is checked in",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        hygiene: true,
        why: "The gateway rewrites these fields on every run: they hide real changes in the history.",
        remedy: "Remove the state members before committing the file.",
        bad: &[Example::files(&[(
            "cron/jobs.json",
            r#"{ "jobs": [{ "id": "a", "payload": {}, «"state"»: { "lastRunAtMs": 1 } }, { "id": "b", "payload": {}, "state": { "lastRunAtMs": 1 } }] }"#,
        )])],
        good: &[Example::files(&[("cron/jobs.json", r#"{ "jobs": [{ "id": "a", "payload": {}, "state": {} }] }"#)])],
        check: Check::Document(JOBS, runtime_state),
        ..Rule::DEFAULT
    },
    Rule {
        id: "cron.jobs_file_inert",
        summary: "Scheduled jobs stand in a file that the release reads once",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        hygiene: true,
        why: "Since 2026.6 jobs are kept in a database and this file is only imported on the first start: later edits, \
              also those that remove a job, change nothing.",
        remedy: "Manage the jobs with the command line, and keep the file only as a seed.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ gateway: {} }"),
            ("cron/jobs.json", r#"{ «"jobs"»: [{ "id": "a", "payload": {} }] }"#),
        ])],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ gateway: {} }"),
                ("cron/jobs.json", r#"{ "jobs": [{ "id": "a", "payload": {} }] }"#),
            ])
            .on(V2026_5),
            Example::files(&[("openclaw.json", "{ gateway: {} }"), ("cron/jobs.json", r#"{ "jobs": [] }"#)]),
        ],
        check: Check::Config(inert),
        ..Rule::DEFAULT
    },
];

/// The jobs of a file that is really OpenClaw's: other products use the same name.
pub(super) fn jobs(document: &Document) -> Vec<Found<'_>> {
    let Some(root) = document.root() else { return Vec::new() };
    root.get("jobs").items().filter(|job| job.get("payload").is_map()).collect()
}

/// Those that are switched on.
pub(super) fn active(document: &Document) -> Vec<Found<'_>> {
    jobs(document).into_iter().filter(|job| !job.get("enabled").is_false()).collect()
}

/// How messages call a job: its name or id, shortened.
pub(super) fn name(job: &Found<'_>) -> String {
    let name = job.get("name").str().or_else(|| job.get("id").str()).unwrap_or("without a name");
    secret::quotable(name, 40)
}

/// Scheme and host of an address.
fn host(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let bare = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.split(':').next().unwrap_or(host),
    };
    Some((scheme.to_ascii_lowercase(), bare.to_ascii_lowercase()))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.")
}

/// The webhooks of the active jobs with scheme and host; this very machine left out.
fn webhooks(document: &Document) -> Vec<(Found<'_>, String, String)> {
    let deliveries = active(document).into_iter().map(|job| job.get("delivery"));
    let addresses = deliveries.filter(|delivery| delivery.get("mode").is("webhook")).map(|delivery| delivery.get("to"));
    addresses
        .filter_map(|to| {
            let (scheme, host) = host(to.str()?)?;
            (!is_loopback(&host)).then_some((to, scheme, host))
        })
        .collect()
}

fn plain_http(document: &Document, _: &Project, report: &mut Report) {
    for (to, scheme, host) in webhooks(document) {
        if scheme == "http" {
            let said = report.at(to.place(), format!("{} sends to {host} without TLS", to.path()));
            if let Some((_, rest)) = to.str().and_then(|text| text.trim().split_once("://")) {
                let title = format!("Write https:// in {}", to.path());
                said.fix(Safety::Unsafe, title, [to.set(format!("https://{rest}"))]);
            }
        }
    }
}

fn unknown_host(document: &Document, project: &Project, report: &mut Report) {
    let trusted = |host: &str| {
        project.trusted_hosts.iter().any(|known| {
            let known = known.trim_start_matches("*.").to_ascii_lowercase();
            host == known || host.strip_suffix(&known).is_some_and(|rest| rest.ends_with('.'))
        })
    };
    for (to, _, host) in webhooks(document) {
        if !trusted(&host) {
            report.at(to.place(), format!("{} sends to {host}", to.path()));
        }
    }
}

fn interval(document: &Document, _: &Project, report: &mut Report) {
    for job in active(document) {
        let schedule = job.get("schedule");
        let every = schedule.get("everyMs");
        if schedule.get("kind").is("every") && every.number().is_some_and(|every| every < SHORT) {
            report.at(every.place(), format!("the job \"{}\" runs more than once a minute", name(&job)));
        }
    }
}

fn unsafe_content(document: &Document, _: &Project, report: &mut Report) {
    for job in active(document) {
        let switch = job.get("payload").get("allowUnsafeExternalContent");
        if switch.is_true() {
            let message = format!("the job \"{}\" lets foreign text give orders", name(&job));
            let title = format!("Remove {}", switch.path());
            report.at(switch.place(), message).fix(Safety::Safe, title, [switch.remove()]);
        }
    }
}

fn recipient(document: &Document, project: &Project, report: &mut Report) {
    if project.live || document.sample {
        return;
    }
    let recipients = jobs(document).into_iter().map(|job| job.get("delivery").get("to"));
    let people: Vec<Found<'_>> = recipients.filter(|to| to.str().is_some_and(is_person)).collect();
    let Some((first, rest)) = people.split_first() else { return };
    let mut said = report.at(first.place(), format!("{} names a person's number or chat", first.path()));
    for other in rest {
        said = said.related(&other.place(), "so does this one");
    }
}

/// A telephone number or the number of a chat, with or without the channel in front.
fn is_person(to: &str) -> bool {
    let bare = to.trim().rsplit(':').next().unwrap_or(to);
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn runtime_state(document: &Document, project: &Project, report: &mut Report) {
    let states = jobs(document).into_iter().map(|job| job.get("state"));
    let kept = states.filter(|state| state.entries().next().is_some()).collect::<Vec<_>>();
    if let Some(first) = kept.first().filter(|_| !project.live && !document.sample) {
        let title = "Remove the run-time state of the jobs";
        let changes: Vec<Change> = kept.iter().map(Found::remove).collect();
        let message = format!("{} jobs carry run-time state", kept.len());
        report.at(first.key_place(), message).fix(Safety::Unsafe, title, changes);
    }
}

fn inert(config: &Config, report: &mut Report) {
    let document = config.project.document(&config.beside("cron/jobs.json")).filter(|_| !config.project.live);
    if let Some(document) = document
        && let Some(root) = document.root()
        && !jobs(document).is_empty()
    {
        report.at(root.get("jobs").key_place(), "this file is imported once; later edits change nothing");
    }
}
