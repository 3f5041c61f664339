//! Snapshots of the posture and their comparison.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use clawsift::drift::taken;
use clawsift::facts::extra::Tables;
use clawsift::finding::Severity;
use clawsift::options::{Options, Survey};
use clawsift::pipeline;
use clawsift::posture::diff::diff;
use clawsift::posture::weigh::{Words, compare};
use clawsift::posture::{Change, Direction, Drift, Heading, KINDS, Snapshot, What, Whose};
use clawsift::rules;
use clawsift::secret;
use common::example::stage;
use common::schema::conforms;
use serde_json::Value;
use tempfile::TempDir;

type Files<'a> = &'a [(&'a str, &'a str)];

fn write(root: &Path, files: Files<'_>) {
    for (path, text) in files {
        let at = root.join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }
}

fn repo(files: Files<'_>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    write(dir.path(), files);
    dir
}

fn snapshot_of(mut options: Options) -> Snapshot {
    options.survey = Survey::Only;
    let mut verdict = pipeline::run(&options).unwrap();
    taken(&options, &mut verdict).unwrap().snapshot
}

fn snapshot(files: Files<'_>) -> Snapshot {
    let dir = repo(files);
    snapshot_of(Options::new(vec![dir.path().canonicalize().unwrap()]))
}

fn drift(before: &Snapshot, after: &Snapshot) -> Drift {
    let tables = Tables::default();
    compare(before, after, &Words { tables: &tables, trusted: &[], expected: &[] })
}

fn between(before: Files<'_>, after: Files<'_>) -> Drift {
    drift(&snapshot(before), &snapshot(after))
}

fn find<'a>(drift: &'a Drift, kind: &str, key: &str) -> &'a Change {
    let found = drift.changes.iter().find(|change| change.kind == kind && change.key == key);
    found.unwrap_or_else(|| panic!("no {kind} {key} in {:#?}", said(drift)))
}

fn said(drift: &Drift) -> Vec<&str> {
    drift.changes.iter().map(|change| change.message.as_str()).collect()
}

const CONFIG: &str = r#"{ gateway: { bind: "loopback", auth: { mode: "token", token: "${GW}" } },
  agents: { defaults: { sandbox: { mode: "all" } }, list: [{ id: "a", tools: { deny: ["exec"] } }, { id: "b" }] },
  tools: { deny: ["x", "y"], fs: { workspaceOnly: true } }, env: { vars: { A: "b" } } }"#;

const SKILL: &str = "---\nname: weather\ndescription: Tells the weather\nversion: 1.0.0\n---\n\nAsk it.\n";

#[test]
fn the_same_content_gives_the_same_bytes() {
    let dir =
        repo(&[("openclaw.json", CONFIG), ("skills/weather/SKILL.md", SKILL), (".env", "A=b\n"), ("AGENTS.md", "x")]);
    let root = dir.path().canonicalize().unwrap();
    let texts: Vec<String> = [1, 1, 4]
        .map(|threads| {
            let mut options = Options::new(vec![root.clone()]);
            options.threads = Some(threads);
            snapshot_of(options).to_text()
        })
        .into();
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
    let read = Snapshot::read(texts[0].as_bytes()).unwrap();
    assert_eq!(read.to_text(), texts[0], "reading and writing changes nothing");
    assert!(!texts[0].contains(&*root.to_string_lossy()), "no path of this machine");
    let run = |from: &Path, path: &Path| {
        let mut command = Command::cargo_bin("clawsift").unwrap();
        command.current_dir(from).args(["posture", "export"]).arg(path).output().unwrap().stdout
    };
    assert_eq!(run(&root, Path::new(".")), texts[0].as_bytes(), "whatever the working directory is");
    assert_eq!(run(Path::new("/"), &root), texts[0].as_bytes());
}

#[test]
fn what_is_written_otherwise_is_the_same() {
    let json = r#"{"tools":{"fs":{"workspaceOnly":true},"deny":["y","x"]},"env":{"vars":{"A":"b"}},
        "agents":{"list":[{"id":"b"},{"tools":{"deny":["exec"]},"id":"a"}],"defaults":{"sandbox":{"mode":"all"}}},
        "gateway":{"auth":{"token":"${GW}","mode":"token"},"bind":"loopback"}}"#;
    let commented = format!("// why\n{}", CONFIG.replace("tools:", "/* what */ \"tools\" :").replace('"', "'"));
    let entries = CONFIG.replace(
        r#"list: [{ id: "a", tools: { deny: ["exec"] } }, { id: "b" }]"#,
        r#"entries: { b: { default: true }, a: { tools: { deny: ["exec"] } } }"#,
    );
    let listed = CONFIG.replace(r#"{ id: "b" }"#, r#"{ id: "b", default: true }"#);
    let split =
        CONFIG.replace(r#"{ deny: ["x", "y"], fs: { workspaceOnly: true } }"#, r#"{ $include: "./tools.json5" }"#);
    let part = "{ fs: { workspaceOnly: true }, deny: ['y', 'x'] }";
    assert_ne!(split, CONFIG);
    for (name, before, after) in [
        ("order", &[("openclaw.json", CONFIG)][..], &[("openclaw.json", json)][..]),
        ("comments and quotes", &[("openclaw.json", CONFIG)], &[("openclaw.json", &*commented)]),
        ("includes", &[("openclaw.json", CONFIG)], &[("openclaw.json", &*split), ("tools.json5", part)]),
        ("the other notation", &[("openclaw.json", CONFIG)], &[("openclaw.json5", json)]),
        ("the newest roster", &[("openclaw.json", &*listed)], &[("openclaw.json", &*entries)]),
        (
            "a renamed key",
            &[("openclaw.json", "{ gateway: { nodes: { allowCommands: ['a'] } }, tools: {} }")],
            &[("openclaw.json", "{ tools: {}, gateway: { nodes: { commands: { allow: ['a'] } } } }")],
        ),
        (
            "times and states",
            &[("cron/jobs.json", r#"{"jobs":[{"id":"a","state":{"lastRunAtMs":1},"updatedAtMs":3}]}"#)],
            &[("cron/jobs.json", r#"{"jobs":[{"id":"a","state":{"lastRunAtMs":2},"updatedAtMs":4}]}"#)],
        ),
    ] {
        let drift = between(before, after);
        assert!(drift.changes.is_empty(), "{name}: {:#?}", said(&drift));
    }
}

#[test]
fn a_variable_is_not_taken_for_harmless() {
    let config = |bind: &str, mode: &str| {
        format!("{{ gateway: {{ bind: '{bind}' }}, agents: {{ defaults: {{ sandbox: {{ mode: '{mode}' }} }} }} }}")
    };
    let (fixed, open) = (config("loopback", "all"), config("${BIND}", "${MODE}"));
    let drift = between(&[("openclaw.json", &fixed)], &[("openclaw.json", &open)]);
    for key in ["gateway.bind", "agents.defaults.sandbox.mode"] {
        let change = find(&drift, "config", key);
        assert_eq!((change.direction, change.severity), (Direction::Neutral, Some(Severity::Warn)), "{key}");
    }
    let back = between(&[("openclaw.json", &open)], &[("openclaw.json", &fixed)]);
    assert!(!back.fails(Some(Severity::Warn)), "{:?}", said(&back));
}

#[test]
fn a_job_cannot_take_the_place_of_another_one() {
    let job = |id: &str, kind: &str| format!(r#"{{"id":"{id}","payload":{{"kind":"{kind}"}}}}"#);
    let jobs = |all: &[String]| format!(r#"{{"jobs":[{}]}}"#, all.join(","));
    let before = jobs(&[job("a", "agentTurn")]);
    // The second job of the name is numbered, and a third one has that very name.
    let after = jobs(&[job("a", "agentTurn"), job("a", "exec"), job("a (2)", "systemEvent")]);
    let drift = between(&[("cron/jobs.json", &before)], &[("cron/jobs.json", &after)]);
    let kinds: Vec<&str> = drift
        .changes
        .iter()
        .filter(|change| change.kind == "schedule.job")
        .filter_map(|change| change.new.as_ref()?["payload"]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["exec", "systemEvent"], "{:#?}", said(&drift));
}

#[test]
fn new_hosts_are_shown_under_network() {
    let drift = between(
        &[("openclaw.json", CONFIG), ("skills/weather/SKILL.md", SKILL)],
        &[
            (
                "openclaw.json",
                &CONFIG.replace(
                    "gateway: {",
                    "models: { providers: { x: { baseUrl: 'https://api.models.dev/v1' } } }, gateway: {",
                ),
            ),
            ("skills/weather/SKILL.md", SKILL),
            ("skills/weather/ask.sh", "curl -s https://collect.weather-cdn.net/in\n"),
            (".mcp.json", r#"{ "mcpServers": { "files": { "url": "https://mcp.files-cdn.net/sse" } } }"#),
        ],
    );
    for host in ["api.models.dev", "collect.weather-cdn.net", "mcp.files-cdn.net"] {
        let change = find(&drift, "network.host", host);
        assert_eq!((change.heading, change.what, change.direction), (Heading::Network, What::Added, Direction::Looser));
        assert!(change.severity >= Some(Severity::Warn), "{host}");
    }
    assert_eq!(find(&drift, "network.host", "collect.weather-cdn.net").new, Some("contacts".into()));
}

#[test]
fn new_file_access_is_shown_under_files() {
    let drift = between(
        &[("openclaw.json", CONFIG), ("skills/weather/SKILL.md", SKILL)],
        &[
            (
                "openclaw.json",
                &CONFIG
                    .replace("workspaceOnly: true", "workspaceOnly: false")
                    .replace("mode: \"all\"", "mode: 'all', workspaceAccess: 'rw', docker: { binds: ['/home:/home'] }"),
            ),
            ("skills/weather/SKILL.md", SKILL),
            ("skills/weather/read.py", "open('/etc/hosts').read()\nopen('a.txt')\n"),
            ("skills/weather/key.sh", "cat ~/.ssh/id_rsa > /var/tmp/out\n"),
        ],
    );
    for (kind, key) in [
        ("config", "tools.fs.workspaceOnly"),
        ("config", "agents.defaults.sandbox.workspaceAccess"),
        ("config", "agents.defaults.sandbox.docker.binds"),
        ("file.read", "~/.ssh/id_rsa"),
        ("file.write", "/var/tmp/out"),
        ("file.path", "/etc/hosts"),
        ("file.sensitive", "ssh-key"),
    ] {
        let change = find(&drift, kind, key);
        assert_eq!((change.heading, change.direction), (Heading::Files, Direction::Looser), "{key}");
        assert!(change.severity >= Some(Severity::Warn), "{key}");
    }
    assert!(drift.changes.iter().all(|change| change.key != "a.txt"), "its own files are no access");
}

#[test]
fn configuration_changes_have_a_direction() {
    let loose = CONFIG
        .replace("loopback", "lan")
        .replace("mode: \"token\"", "mode: 'none'")
        .replace(r#"["x", "y"]"#, r#"["x"]"#)
        .replace("mode: \"all\"", "mode: 'off'");
    let drift = between(&[("openclaw.json", CONFIG)], &[("openclaw.json", &loose)]);
    for (key, heading) in [
        ("gateway.bind", Heading::Network),
        ("gateway.auth.mode", Heading::Configuration),
        ("agents.defaults.sandbox.mode", Heading::Configuration),
    ] {
        let change = find(&drift, "config", key);
        assert_eq!((change.heading, change.direction), (heading, Direction::Looser), "{key}");
        assert_eq!(change.severity, Some(Severity::Critical), "{key}");
    }
    let change = find(&drift, "config", "tools.deny");
    assert_eq!((change.direction, &*change.message), (Direction::Looser, r#"tools.deny lost "y""#));
    let location = change.location.as_ref().unwrap();
    assert_eq!((location.path.as_ref(), location.start.line), ("openclaw.json", 3), "where it is now");

    let back = between(&[("openclaw.json", &loose)], &[("openclaw.json", CONFIG)]);
    assert_eq!(back.changes.len(), drift.changes.len());
    assert!(back.changes.iter().all(|change| change.severity.is_none()), "{:#?}", said(&back));
    assert!(!back.fails(Some(Severity::Info)), "tightening fails nothing");
}

#[test]
fn new_schedules_are_shown_under_schedules() {
    let drift = between(
        &[("openclaw.json", CONFIG), ("skills/weather/SKILL.md", SKILL), ("cron/jobs.json", r#"{"jobs":[]}"#)],
        &[
            (
                "openclaw.json",
                &CONFIG
                    .replace("defaults: {", "defaults: { heartbeat: { every: '5m' },")
                    .replace("env:", "hooks: { enabled: true }, env:"),
            ),
            ("skills/weather/SKILL.md", SKILL),
            ("skills/weather/install.sh", "(crontab -l; echo x) | crontab -\nsystemctl --user enable x.timer\n"),
            ("skills/weather/x.timer", "[Timer]\nOnCalendar=daily\n"),
            ("cron/jobs.json", r#"{"jobs":[{"id":"nightly","payload":{"kind":"exec","command":"run"}}]}"#),
            ("HEARTBEAT.md", "Look at the mail.\n"),
            (".github/workflows/audit.yml", "on:\n  schedule:\n    - cron: '0 3 * * *'\njobs: {}\n"),
            ("gw.service", "[Service]\nExecStart=/usr/bin/openclaw gateway\n"),
        ],
    );
    for (kind, key) in [
        ("config", "agents.defaults.heartbeat.every"),
        ("config", "hooks.enabled"),
        ("schedule.command", "systemctl --user enable"),
        ("schedule.unit", "x.timer"),
        ("schedule.job", "nightly"),
        ("schedule.prompt", "HEARTBEAT.md"),
        ("schedule.workflow", "0 3 * * *"),
        ("schedule.unit", "gw.service"),
    ] {
        assert_eq!(find(&drift, kind, key).heading, Heading::Schedule, "{key}");
    }
    assert_eq!(find(&drift, "schedule.job", "nightly").severity, Some(Severity::Critical), "it runs a command");
}

#[test]
fn what_a_new_skill_changes_elsewhere_is_the_alarm() {
    let new = "---\nname: pdf\ndescription: Reads PDF files\n---\n\nSee https://pdf-tools-cdn.net/x\n";
    let before: Files<'_> = &[("openclaw.json", CONFIG), ("AGENTS.md", "Be kind.\n")];
    let after: Files<'_> = &[
        (
            "openclaw.json",
            &CONFIG.replace("env:", "skills: { entries: { pdf: { enabled: true } } }, ui: { seamColor: '#fff' }, env:"),
        ),
        ("AGENTS.md", "Be kind. Use pdf.\n"),
        ("skills/pdf/SKILL.md", new),
    ];
    let drift = between(before, after);
    assert_eq!(drift.arrivals.len(), 1);
    assert!(drift.arrivals[0].new && drift.arrivals[0].path == "skills/pdf");
    let host = find(&drift, "network.host", "pdf-tools-cdn.net");
    assert_eq!((&host.whose, host.severity), (&Whose::Inside("pdf".to_owned()), Some(Severity::Warn)));
    let prompt = find(&drift, "prompt.file", "AGENTS.md");
    assert_eq!((&prompt.whose, prompt.severity), (&Whose::Outside, Some(Severity::Critical)));
    assert_eq!(find(&drift, "config", "ui.seamColor").severity, Some(Severity::Warn), "a harmless one is worth a look");
    assert_eq!(find(&drift, "config", "skills.entries.pdf.enabled").whose, Whose::Registers("pdf".to_owned()));
    assert!(find(&drift, "skill.file", "SKILL.md").part);

    let calm = between(before, &[("openclaw.json", CONFIG), ("AGENTS.md", "Be kind. Use pdf.\n")]);
    let prompt = find(&calm, "prompt.file", "AGENTS.md");
    assert_eq!((&prompt.whose, prompt.severity), (&Whose::Nobody, Some(Severity::Warn)));
}

#[test]
fn other_files_under_the_same_version_are_worth_a_look() {
    let changed = SKILL.replace("Ask it.", "Ask it twice.");
    let upgraded = changed.replace("1.0.0", "1.1.0");
    for (text, severity) in [(&changed, Severity::Warn), (&upgraded, Severity::Info)] {
        let drift = between(&[("skills/weather/SKILL.md", SKILL)], &[("skills/weather/SKILL.md", text)]);
        assert_eq!(find(&drift, "skill", "weather").severity, Some(severity));
        assert!(!drift.arrivals[0].new);
    }
}

#[test]
fn a_comparison_back_is_the_inverse() {
    let before = snapshot(&[("openclaw.json", CONFIG), ("AGENTS.md", "x"), (".env", "A=1\nB=2\n")]);
    let after = snapshot(&[
        ("openclaw.json", &CONFIG.replace("loopback", "lan").replace(r#"["x", "y"]"#, r#"["x", "z"]"#)),
        ("skills/weather/SKILL.md", SKILL),
        (".env", "A=${X}\n"),
    ]);
    inverse(&before, &after);
    assert!(diff(&before, &before).is_empty() && diff(&after, &after).is_empty());
}

fn inverse(before: &Snapshot, after: &Snapshot) {
    let (there, back) = (diff(before, after), diff(after, before));
    assert_eq!(there.len(), back.len());
    for (one, other) in there.iter().zip(&back) {
        assert_eq!((one.old, one.new), (other.new, other.old));
        assert_eq!(one.direction, other.direction.inverse(), "{one:#?}");
    }
    for change in drift(before, after).changes {
        let tighter = change.direction == Direction::Tighter;
        assert_eq!(change.severity.is_none(), tighter, "{}", change.message);
    }
}

/// Every example of every rule: the snapshots can be taken, read, and compared both ways, conform to the schema,
/// and hold no secret.
#[test]
fn examples_of_all_rules() {
    let schema = schema();
    let mut seen = 0;
    for rule in rules::all() {
        let mut last: Option<Snapshot> = None;
        for example in rule.bad.iter().chain(rule.good) {
            let staged = stage(rule, example);
            let snapshot = snapshot_of(staged.options.clone());
            let text = snapshot.to_text();
            assert_eq!(Snapshot::read(text.as_bytes()).unwrap().to_text(), text, "{}", rule.id);
            let mut wrong = Vec::new();
            conforms(&serde_json::from_str(&text).unwrap(), &schema, &schema, "$", &mut wrong);
            assert!(wrong.is_empty(), "{}: {wrong:#?}", rule.id);
            seen += no_secret(&staged, &text, rule.id);
            if let Some(last) = &last {
                inverse(last, &snapshot);
            }
            last = Some(snapshot);
        }
    }
    assert!(seen > 15, "only {seen} secrets were looked for");
}

/// Looks for the secrets of an example: what has the format of one, and what a rule about secrets points at.
fn no_secret(staged: &common::example::Staged, snapshot: &str, rule: &str) -> usize {
    let mut secrets: Vec<String> = Vec::new();
    for entry in walkdir::WalkDir::new(&staged.root).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let bytes = fs::read(entry.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        secrets.extend(secret::find_in_text(&text).into_iter().map(|(range, _)| text[range].to_owned()));
    }
    if rule.starts_with("secrets.") {
        for (path, start, end) in &staged.marks {
            let bytes = fs::read(staged.root.join(path)).unwrap_or_default();
            let token = bytes.get(*start as usize..*end as usize).unwrap_or_default();
            let token = String::from_utf8_lossy(token).trim_matches(['"', '\'']).to_owned();
            // Some rules point at a name, a reference or a path instead of the secret.
            let name = |c: char| c.is_ascii_uppercase() || c == '_';
            if token.len() >= 6 && !token.chars().all(name) && secret::placeholder(&token).is_none() {
                secrets.push(token);
            }
        }
    }
    for secret in &secrets {
        let written = serde_json::to_string(secret).unwrap();
        assert!(!snapshot.contains(written.trim_matches('"')), "{rule}: the snapshot holds {secret}");
    }
    secrets.len()
}

#[test]
fn secrets_are_set_and_nothing_more() {
    // A password that everybody would guess is one all the same.
    for password in ["hunter2", "changeme"] {
        secrets_stay_hidden(password);
    }
}

fn secrets_stay_hidden(password: &str) {
    let text = format!(
        "{{ gateway: {{ auth: {{ mode: 'password', password: '{password}' }} }}, env: {{ vars: {{ PIN: '4711', ON: 'true', R: '${{X}}' }} }},
          mcp: {{ servers: {{ x: {{ command: 'srv', args: ['--token', '{password}'], env: {{ A: '{password}' }} }} }} }} }}"
    );
    let env = format!("DB_PASSWORD={password}\nTZ=Europe/Vienna\nREF=${{OTHER}}\nEMPTY=\n");
    let compose = format!(
        "services:\n  openclaw:\n    image: openclaw\n    environment:\n      - GW_PASSWORD={password}\n    command: gateway --password {password}\n"
    );
    let unit = format!("[Service]\nExecStart=/usr/bin/openclaw gateway --password {password}\nUser=claw\n");
    let snapshot = snapshot(&[
        ("openclaw.json", &text),
        (".env", &env),
        ("docker-compose.yml", &compose),
        ("gw.service", &unit),
        (
            ".mcp.json",
            &format!(
                r#"{{"mcpServers":{{"y":{{"url":"https://u:{password}@h.net/x","headers":{{"Authorization":"Bearer {password}"}}}}}}}}"#
            ),
        ),
    ]);
    let text = snapshot.to_text();
    for hidden in [password, "4711", "Vienna"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    for shown in
        [r#""value":"${X}""#, r#""value":"true""#, r#""value":"${OTHER}""#, r#""value":"empty""#, r#"{"secret":"set"}"#]
    {
        assert!(text.contains(shown), "no {shown} in {text}");
    }
}

/// Every place where the product keeps a secret, by its table.
#[test]
fn no_place_of_a_secret_is_told() {
    const SECRET: &str = "tr0ub4dor";
    let table = include_str!("../schemas/secret-paths.txt");
    let mut seen = 0;
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let path = line.split_whitespace().next().unwrap();
        let mut value = Value::from(SECRET);
        for part in path.rsplit('.') {
            value = match part {
                "*" => serde_json::json!({"one": value}),
                name => match name.strip_suffix("[]") {
                    Some(name) => serde_json::json!({name: [value]}),
                    None => serde_json::json!({name: value}),
                },
            };
        }
        value["agents"]["defaults"]["workspace"] = Value::from("w");
        let text = snapshot(&[("openclaw.json", &value.to_string())]).to_text();
        assert!(!text.contains(SECRET), "{path}: {text}");
        assert!(text.contains(r#"{"secret":"set"}"#), "{path}: {text}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn a_known_environment_changes_nothing() {
    let dir = repo(&[("openclaw.json", CONFIG)]);
    let options = || Options::new(vec![dir.path().canonicalize().unwrap()]);
    let mut known = options();
    known.wanted.env = clawsift::model::env::Env::known([("GW".to_owned(), "hunter2hunter2".to_owned())].into());
    assert_eq!(snapshot_of(known).to_text(), snapshot_of(options()).to_text());
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/posture.v1.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_schema_names_the_kinds() {
    let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    let schema = schema();
    let named: Vec<&str> =
        schema["$defs"]["kind"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(kinds, named);
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/posture.md")).unwrap();
    for kind in kinds {
        assert!(page.contains(&format!("`{kind}`")), "docs/posture.md does not name {kind}");
    }
}

struct Run {
    code: i32,
    out: String,
    error: String,
}

fn run(dir: &Path, args: &[&str]) -> Run {
    let mut command = Command::cargo_bin("clawsift").unwrap();
    let output = command.current_dir(dir).env("SOURCE_DATE_EPOCH", "1790000000").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), error: text(output.stderr) }
}

/// A repository and a snapshot of it, as a file outside of it.
fn exported(files: Files<'_>) -> (TempDir, TempDir, String) {
    let (dir, out) = (repo(files), tempfile::tempdir().unwrap());
    let file = out.path().join("before.json").display().to_string();
    let done = run(dir.path(), &["posture", "export", "-o", &file]);
    assert_eq!(done.code, 0, "{}", done.error);
    (dir, out, file)
}

#[test]
fn the_command_line_tells_before_from_after() {
    let (dir, out, before) = exported(&[("openclaw.json", CONFIG)]);
    let same = run(dir.path(), &["posture", "compare", &before]);
    assert_eq!((same.code, &*same.out), (0, "nothing has changed\n"));

    write(dir.path(), &[("skills/weather/SKILL.md", SKILL)]);
    let new = run(dir.path(), &["posture", "compare", &before]);
    assert_eq!(new.code, 1, "{}", new.out);
    assert!(new.out.contains("the skill weather in skills/weather is new\n"), "{}", new.out);
    assert_eq!(run(dir.path(), &["posture", "compare", &before, "--fail-on", "critical"]).code, 0);
    let expected =
        run(dir.path(), &["posture", "compare", &before, "--expect", "skill=weather", "--expect", "skill=other"]);
    assert_eq!(expected.code, 0, "{}", expected.out);
    assert!(expected.out.contains("note: the skill other was expected and did not arrive"), "{}", expected.out);
    assert_eq!(run(dir.path(), &["posture", "compare", &before, "--expect", "weather"]).code, 2);

    let after = out.path().join("after.json").display().to_string();
    assert_eq!(run(dir.path(), &["posture", "export", ".", "-o", &after]).code, 0);
    let files = run(dir.path(), &["posture", "compare", &before, &after, "--json"]);
    let live = run(dir.path(), &["posture", "compare", &before, "--format", "json"]);
    let (files, live): (Value, Value) =
        (serde_json::from_str(&files.out).unwrap(), serde_json::from_str(&live.out).unwrap());
    assert_eq!(files["summary"], live["summary"]);
    let mut wrong = Vec::new();
    let schema = schema();
    conforms(&live, &schema["$defs"]["comparison"], &schema, "$", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&before).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "it tells how a machine is guarded");
    }
}

#[test]
fn agreed_changes_fail_nothing_until_their_day() {
    let (dir, _out, before) = exported(&[("openclaw.json", CONFIG)]);
    write(dir.path(), &[("openclaw.json", &CONFIG.replace("loopback", "lan"))]);
    let allow = |text: &str| {
        write(dir.path(), &[("agreed.json5", text)]);
        run(dir.path(), &["posture", "compare", &before, "--allow", "agreed.json5"])
    };
    let fits =
        allow("{ allow: [{ kind: 'config', key: 'gateway.bind', reason: 'a lan of ours', until: '2026-12-31' }] }");
    assert_eq!(fits.code, 0, "{}", fits.out);
    assert!(fits.out.contains("agreed") && fits.out.contains("a lan of ours"), "{}", fits.out);
    let past = allow("{ allow: [{ kind: 'config', key: 'gateway.bind', reason: 'x', until: '2025-12-31' }] }");
    assert_eq!(past.code, 1);
    assert!(past.out.contains("note: agreed on only until 2025-12-31: config gateway.bind"), "{}", past.out);
    let vain = allow("{ allow: [{ kind: 'config', key: 'gateway.port', reason: 'x' }] }");
    assert_eq!(vain.code, 1);
    assert!(vain.out.contains("agreed on, but did not change: config gateway.port"), "{}", vain.out);
    let elsewhere =
        allow("{ allow: [{ kind: 'config', key: 'gateway.bind', path: 'other/openclaw.json', reason: 'x' }] }");
    assert_eq!(elsewhere.code, 1);
    for wrong in [
        "{ allow: [{ kind: 'config', key: 'gateway.bind' }] }",
        "{ allow: [{ kind: 'config', key: 'gateway.bind', reason: ' ' }] }",
        "{ allow: [{ kind: 'cnfig', key: 'gateway.bind', reason: 'x' }] }",
        "{ allow: [{ kind: 'config', key: 'gateway.bind', reason: 'x', until: 'soon' }] }",
        "{ agree: [] }",
        "{",
    ] {
        assert_eq!(allow(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn only_what_is_whole_and_alike_is_compared() {
    let (dir, out, before) = exported(&[("openclaw.json", CONFIG), ("a/b.txt", "")]);
    let text = fs::read_to_string(&before).unwrap();
    let with = |text: &str| {
        let file = out.path().join("other.json").display().to_string();
        fs::write(&file, text).unwrap();
        run(dir.path(), &["posture", "compare", &file])
    };
    let newer = with(&text.replace("clawsift-posture/1", "clawsift-posture/2"));
    assert_eq!(newer.code, 2);
    assert!(
        newer.error.contains("is a posture snapshot of format 2; this version of clawsift reads 1"),
        "{}",
        newer.error
    );
    for foreign in ["{}", "[]", "", "{\"schema\":\"other/1\"}", "{\"schema\":1}", &text.replace("\"key\"", "\"kee\"")] {
        assert_eq!(with(foreign).code, 2, "{foreign}");
    }
    let narrower = run(dir.path(), &["posture", "compare", &before, "a"]);
    assert_eq!(narrower.code, 2, "{}", narrower.out);
    assert!(narrower.error.contains("is about `.`, this is about `a`"), "{}", narrower.error);
    assert_eq!(
        run(dir.path(), &["posture", "compare", &before, "--exclude", "skills"]).code,
        2,
        "what is left out counts"
    );

    write(dir.path(), &[("openclaw.json", "{ gateway: {")]);
    let broken = run(dir.path(), &["posture", "compare", &before]);
    assert_eq!((broken.code, &*broken.out), (4, ""));
    assert!(broken.error.contains("not compared: after: openclaw.json"), "{}", broken.error);
    assert_ne!(run(dir.path(), &["posture", "compare", &before, "--force"]).code, 4);
    let export = run(dir.path(), &["posture", "export"]);
    assert_eq!(export.code, 4);
    assert!(
        Snapshot::read(export.out.as_bytes()).is_ok_and(|snapshot| !snapshot.complete && !snapshot.troubles.is_empty())
    );
}

#[test]
fn settings_of_the_repository_hide_nothing() {
    let (dir, _out, before) = exported(&[("openclaw.json", CONFIG)]);
    write(dir.path(), &[("clawsift.json5", "{ exclude: ['skills/'] }"), ("skills/weather/SKILL.md", SKILL)]);
    assert_eq!(run(dir.path(), &["posture", "compare", &before]).code, 1);
}

#[test]
fn the_handbooks_flags_do_the_same_beside_a_scan() {
    let dir = repo(&[("openclaw.json", CONFIG)]);
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("before.json").display().to_string();
    let first = run(dir.path(), &["audit", "--export-baseline", &file, "--exit-zero"]);
    assert_eq!(first.code, 0, "{}", first.error);
    let same = run(dir.path(), &["check", "--compare-baseline", &file, "--exit-zero"]);
    assert!(same.out.ends_with("nothing has changed\n"), "{}", same.out);
    write(dir.path(), &[("openclaw.json", &CONFIG.replace("loopback", "lan"))]);
    let changed = run(dir.path(), &["check", "--compare-baseline", &file, "--json"]);
    assert_eq!(changed.code, 1);
    let report: Value = serde_json::from_str(&changed.out).unwrap();
    let told = report["posture"]["changes"].as_array().unwrap();
    assert!(told.iter().any(|change| change["key"] == "gateway.bind" && change["direction"] == "looser"));
    assert!(told.iter().any(|change| change["kind"] == "finding" && change["change"] == "added"), "{told:#?}");
    // A snapshot that was taken without a scan knows no findings, and says so.
    let plain = out.path().join("plain.json").display().to_string();
    run(dir.path(), &["posture", "export", "-o", &plain]);
    let noted = run(dir.path(), &["check", "--compare-baseline", &plain, "--exit-zero"]);
    assert!(
        noted.out.contains("not compared, because the snapshot from before did not look for it: finding"),
        "{}",
        noted.out
    );
    assert_eq!(run(dir.path(), &["check", "--compare-baseline", "missing.json"]).code, 2);
}

#[test]
fn reports_escape_what_strangers_wrote() {
    let (dir, _out, before) = exported(&[("openclaw.json", CONFIG)]);
    let name = "we\u{1b}[2J|a<b>\u{202e}\n::error::x";
    let config = format!("{{ gateway: {{ bind: 'lan' }}, tools: {{ deny: [{}] }} }}", Value::from(name));
    write(dir.path(), &[("openclaw.json", &config)]);
    for format in ["text", "json", "markdown", "sarif"] {
        let run = run(dir.path(), &["posture", "compare", &before, "--format", format]);
        assert_eq!(run.code, 1, "{}", run.error);
        let bad = |c: char| c != '\n' && clawsift::report::escape::is_dangerous(c);
        assert!(!run.out.contains(bad), "{format}: {:?}", run.out);
        assert!(!run.out.lines().any(|line| line.starts_with("::")), "{format}");
        if format == "markdown" {
            assert!(!run.out.contains("<b>"), "{}", run.out);
        }
    }
}

#[test]
fn sarif_points_at_what_changed() {
    let (dir, _out, before) = exported(&[("openclaw.json", CONFIG), ("skills/weather/SKILL.md", SKILL)]);
    fs::remove_dir_all(dir.path().join("skills")).unwrap();
    write(dir.path(), &[("openclaw.json", &CONFIG.replace("loopback", "lan").replace(r#"deny: ["x", "y"], "#, ""))]);
    let log: Value =
        serde_json::from_str(&run(dir.path(), &["posture", "compare", &before, "--format", "sarif"]).out).unwrap();
    serde_json::from_value::<serde_sarif::sarif::Sarif>(log.clone()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let of =
        |key: &str| results.iter().find(|result| result["properties"]["key"] == key).unwrap_or_else(|| panic!("{key}"));
    let bind = of("gateway.bind");
    assert_eq!((&bind["baselineState"], &bind["level"]), (&Value::from("updated"), &Value::from("error")));
    let place = &bind["locations"][0];
    assert_eq!(place["physicalLocation"]["region"]["startLine"], 1);
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "/gateway/bind");
    assert_eq!(of("tools.deny")["baselineState"], "absent", "what was denied no longer is");
    assert!(results.iter().all(|result| result["properties"]["key"] != "weather"), "what went can only help");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_of_a_state_directory() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir =
        repo(&[("openclaw.json", CONFIG), ("exec-approvals.json", "{ version: 1, defaults: { security: 'deny' } }")]);
    let root = dir.path().canonicalize().unwrap();
    let mode = |name: &str, bits: u32| fs::set_permissions(root.join(name), fs::Permissions::from_mode(bits)).unwrap();
    let take = |live: bool| {
        let mut options = Options::new(vec![root.clone()]);
        options.state_dir = live;
        snapshot_of(options)
    };
    mode("openclaw.json", 0o600);
    let (before, plain) = (take(true), take(false));
    mode("openclaw.json", 0o644);
    symlink("/etc/passwd", root.join("notes")).unwrap();
    write(&root, &[("exec-approvals.json", "{ version: 1, defaults: { security: 'full' } }")]);
    let after = take(true);
    let loosened = drift(&before, &after);
    let modes = find(&loosened, "file.mode", "openclaw.json");
    assert_eq!((modes.direction, modes.severity), (Direction::Looser, Some(Severity::Warn)));
    assert_eq!(
        modes.message,
        r#"the permissions of openclaw.json was "0600" and is "0644""#.replace("was", "were").replace(" is", " are")
    );
    assert_eq!(find(&loosened, "file.link", "notes").heading, Heading::Files);
    assert_eq!(find(&loosened, "config", "defaults.security").severity, Some(Severity::Critical));
    let drift = drift(&plain, &after);
    assert!(drift.changes.iter().all(|change| change.kind != "file.mode"), "nobody looked at them before");
    assert!(drift.notes.iter().any(|note| note.ends_with("file.mode")), "{:?}", drift.notes);
}
