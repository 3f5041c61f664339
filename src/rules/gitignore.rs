//! What git ignores.

use crate::model::ignored::{ignore_files, leave_out_all, matches};
use crate::model::places::is_state_dir;
use crate::path::{dir_of, join};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "gitignore.state_not_ignored",
    summary: "Git does not ignore the secrets of the state directory",
    severity: Severity::Info,
    hygiene: true,
    profiles: Profiles::OURS,
    scope: Scope::Secrets,
    cwe: &[540],
    why: "The configuration lives in its state directory, where the gateway also writes credentials, device keys and \
          backups of the configuration; one git add takes them along.",
    remedy: "Add credentials/, identity/, devices/, agents/*/agent/ and *.bak to .gitignore.",
    bad: &[
        Example::files(&[
            (".gitignore", "«»node_modules/\n.env\ncredentials/\n"),
            ("openclaw.json", "{ gateway: {} }"),
            ("cron/jobs.json", "{}"),
        ]),
        Example::files(&[(".openclaw/openclaw.json", "«»{ gateway: {} }")]),
    ],
    good: &[
        Example::files(&[
            (".gitignore", "credentials/\n/identity\ndevices/\n/agents/*/agent/\n*.bak*\n"),
            ("openclaw.json", "{ gateway: {} }"),
            ("cron/jobs.json", "{}"),
        ]),
        Example::files(&[
            (".openclaw/.gitignore", "*\n!.gitignore\n!openclaw.json\n"),
            (".openclaw/openclaw.json", "{ gateway: {} }"),
        ]),
        Example::files(&[(".gitignore", "node_modules/\n"), ("config/openclaw.json", "{ gateway: {} }")]),
    ],
    check: Check::Project(not_ignored),
    ..Rule::DEFAULT
}];

/// What the gateway writes into its state directory and nobody should see, with the pattern for it.
const SECRETS: [(&str, &str); 5] = [
    ("credentials/oauth.json", "credentials/"),
    ("identity/device.json", "identity/"),
    ("devices/paired.json", "devices/"),
    ("agents/main/agent/auth-profiles.json", "agents/*/agent/"),
    ("openclaw.json.bak", "*.bak"),
];

fn not_ignored(project: &Project, report: &mut Report) {
    if project.live {
        return;
    }
    let mut dirs: Vec<(&str, &str)> = project.configs.iter().map(|config| (dir_of(config), config.as_str())).collect();
    dirs.dedup_by_key(|(dir, _)| *dir);
    let asked = |dir: &str| is_state_dir(project, dir) && !crate::classify::is_sample(&join(dir, "x"));
    for (dir, config) in dirs.into_iter().filter(|(dir, _)| asked(dir)) {
        let files = ignore_files(project, dir);
        let open: Vec<&str> = SECRETS
            .iter()
            .filter(|(path, _)| !matches(&files, &join(dir, path)))
            .map(|(_, pattern)| *pattern)
            .collect();
        if open.is_empty() {
            continue;
        }
        let nearest = files.first().map(|(path, _)| path.as_str());
        if let Some(place) = nearest.or(Some(config)).and_then(|path| project.place_of(path)) {
            let state = if dir.is_empty() { "the root" } else { dir };
            let message = format!("no pattern for {} covers {state}", open.join(", "));
            report.at(place, message).maybe(leave_out_all(project, dir, &open));
        }
    }
}
