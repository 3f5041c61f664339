//! What the report formats say, and what they never let out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use clawsift::diagnostic::{Diagnostic, Level};
use clawsift::finding::{Confidence, Severity};
use clawsift::judge::suppress::{By, Suppressed};
use clawsift::judge::{Input, Verdict};
use clawsift::report::escape::is_dangerous;
use clawsift::report::{self, Format, Style};
use common::schema::conforms;
use common::{FORMATS, at, excerpt, related, render, render_as, scan, scan_for, settled, verdict};
use serde_json::Value;

/// Everything that wants to take over a terminal, a log line or the reader's eye.
const HOSTILE: &str =
    "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{e0041}\u{7f}\r\n::error::y%,:z";

const FUNNEL: &str = "{\n  gateway: {\n    tailscale: { mode: 'funnel' },\n  },\n}\n";

fn hostile() -> Verdict {
    let line = HOSTILE.replace(['\r', '\n'], " ");
    let mut finding = settled(at(HOSTILE, 1, (1, 5)), HOSTILE, excerpt(&format!("{line} 'a' {line}"), "'a'"));
    finding.id = HOSTILE.into();
    finding.related = vec![related(at(HOSTILE, 1, (1, 5)), HOSTILE, excerpt(&line, "x"))];
    let mut verdict = verdict(vec![finding]);
    verdict.suppressed.push(Suppressed {
        finding: verdict.shown[0].clone(),
        by: By::Configuration,
        reason: HOSTILE.to_owned(),
        until: None,
    });
    verdict.inputs.push(input(HOSTILE, HOSTILE));
    for level in [Level::Error, Level::Warning, Level::Note] {
        verdict.diagnostics.push(Diagnostic { path: HOSTILE.to_owned(), level, message: HOSTILE.to_owned() });
    }
    verdict
}

fn input(path: &str, reason: &str) -> Input {
    Input {
        path: path.to_owned(),
        kind: "config",
        dialect: Some(("openclaw", "2026.9.6")),
        reason: reason.to_owned(),
        valid: true,
        complete: true,
        size: 1,
        sha256: String::new(),
    }
}

#[test]
fn text_shows_the_token_its_remedy_and_what_explains_it() {
    let (_dir, mut verdict) = scan(&[("openclaw.json", FUNNEL), ("b/openclaw.json", FUNNEL)]);
    let other = excerpt("{\n  auth: {},\n}", "auth");
    verdict.shown[1].related = vec![related(at("base.json", 2, (3, 7)), "merged from here", other)];
    let expected = "\
critical[gateway.tailscale_funnel]: Tailscale Funnel puts the gateway on the public internet
 --> b/openclaw.json:3:24
  |
3 |     tailscale: { mode: 'funnel' },
  |                        ^^^^^^^^ gateway.tailscale.mode is \"funnel\"
  |
  = fix: Set gateway.tailscale.mode to \"serve\" (by hand)
  = help: Set gateway.tailscale.mode to \"serve\" or \"off\".
  = docs: https://github.com/clawsift/clawsift/blob/main/docs/rules.md#gatewaytailscale_funnel

critical[gateway.tailscale_funnel]: Tailscale Funnel puts the gateway on the public internet
 --> openclaw.json:3:24
  |
3 |     tailscale: { mode: 'funnel' },
  |                        ^^^^^^^^ gateway.tailscale.mode is \"funnel\"
note: merged from here
 --> base.json:2:3
  |
2 |   auth: {},
  |   ^^^^

checked 2 configurations against OpenClaw 2026.9.6: 2 critical
";
    assert_eq!(render(Format::Text, &verdict), expected);
}

#[test]
fn text_sums_up_what_was_checked() {
    let mut clean = Verdict::default();
    assert_eq!(render(Format::Text, &clean), "nothing to check was found\n");
    clean.inputs = vec![input("a", ""), input("b", "")];
    assert_eq!(render(Format::Text, &clean), "checked 2 configurations against OpenClaw 2026.9.6: no findings\n");
    let finding = settled(at("a", 1, (1, 2)), "m", excerpt("x", "x"));
    clean.suppressed.push(Suppressed { finding, by: By::Configuration, reason: "known".to_owned(), until: None });
    clean.inputs[1].dialect = Some(("closedclaw", "2026.2.1"));
    clean.inputs.push(Input { dialect: None, kind: "compose", ..input("c.yml", "") });
    clean.diagnostics.push(Diagnostic { path: "d".to_owned(), level: Level::Error, message: "too large".to_owned() });
    assert_eq!(
        render(Format::Text, &clean),
        "not checked: d: too large\n\
         checked 2 configurations and 1 other file against ClosedClaw 2026.2.1 and OpenClaw 2026.9.6: no findings (1 suppressed); \
         incomplete: 1 input not checked\n"
    );
}

#[test]
fn text_obeys_quiet_and_verbose() {
    let (_dir, mut verdict) = scan(&[("openclaw.json", FUNNEL)]);
    verdict.inputs[0].reason = "meta.lastTouchedVersion says so".to_owned();
    let quiet = render_as(Format::Text, &verdict, Style { quiet: true, ..Style::default() });
    assert!(quiet.contains("^^^") && !quiet.contains("checked"));
    let verbose = render_as(Format::Text, &verdict, Style { verbose: true, ..Style::default() });
    assert!(verbose.contains("\nopenclaw.json: OpenClaw 2026.9.6 (meta.lastTouchedVersion says so)\n"), "{verbose}");
    assert!(verbose.contains("2 |   gateway: {\n"), "verbose shows the neighbours: {verbose}");
}

#[test]
fn untrusted_text_cannot_leave_its_line() {
    let verdict = hostile();
    for format in FORMATS {
        for verbose in [false, true] {
            let text = render_as(format, &verdict, Style { verbose, ..Style::default() });
            let bad: Vec<char> = text.chars().filter(|c| is_dangerous(*c) && *c != '\n').collect();
            assert!(bad.is_empty(), "{format:?} lets out {bad:?}");
            assert!(format == Format::Github || !text.lines().any(|line| line.trim_start().starts_with("::error")));
        }
    }
}

#[test]
fn colour_is_the_only_escape() {
    let verdict = hostile();
    for terminal in [false, true] {
        let style = Style { color: true, terminal, verbose: true, ..Style::default() };
        let text = render_as(Format::Text, &verdict, style);
        assert!(text.contains("\u{1b}["), "there is colour");
        let links = text.matches("\u{1b}]8;;").count();
        assert_eq!(links > 0, terminal, "links are for terminals");
        for part in text.split('\u{1b}').skip(1) {
            let colour = part
                .strip_prefix('[')
                .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'));
            let link = part == "\\" || part.starts_with("]8;;https://github.com/") || part.starts_with("]8;;");
            assert!(colour || link || part.starts_with('\\'), "unexpected escape {part:?}");
        }
        let plain: Vec<char> = text.chars().filter(|c| is_dangerous(*c) && !matches!(*c, '\n' | '\u{1b}')).collect();
        assert!(plain.is_empty(), "{plain:?}");
    }
}

#[test]
fn a_line_of_a_megabyte_is_cut() {
    let pad = "é😀".repeat(80_000);
    let text = format!("{{ a: '{pad}', gateway: {{ tailscale: {{ mode: 'funnel' }} }}, b: '{pad}' }}");
    assert!(text.len() > 900_000);
    let (_dir, verdict) = scan(&[("openclaw.json", &text)]);
    let finding = &verdict.shown[0];
    assert!(finding.excerpt.text.len() < 4_000);
    assert!(finding.excerpt.cut_before && finding.excerpt.cut_after);
    let (start, end) = finding.excerpt.token;
    assert_eq!(&finding.excerpt.text[start..end], "'funnel'");
    for format in [Format::Text, Format::Concise, Format::Github] {
        let shown = render(format, &verdict);
        assert!(shown.len() < 4_000, "{format:?} has {} bytes", shown.len());
        assert!(shown.contains("funnel"));
    }
    let column = text.split("'funnel'").next().unwrap().encode_utf16().count() + 1;
    assert!(render(Format::Text, &verdict).contains(&format!("--> openclaw.json:1:{column}\n")));
}

#[test]
fn concise_is_one_line_a_finding() {
    let (_dir, mut verdict) = scan(&[("openclaw.json", FUNNEL)]);
    assert_eq!(
        render(Format::Concise, &verdict),
        "openclaw.json:3:24: critical[gateway.tailscale_funnel] gateway.tailscale.mode is \"funnel\"\n"
    );
    verdict.diagnostics.push(Diagnostic { path: "x".to_owned(), level: Level::Error, message: "no".to_owned() });
    assert!(render(Format::Concise, &verdict).starts_with("x: error: no\n"));
    assert_eq!(render(Format::Concise, &hostile()).lines().count(), 3);
}

#[test]
fn github_escapes_as_its_toolkit() {
    let mut finding = settled(at("a,b:c%\nd", 3, (1, 5)), "100% [x]\n::error::", excerpt("text", "x"));
    finding.severity = Severity::Warn;
    let lines = render(Format::Github, &verdict(vec![finding]));
    let line = lines.lines().next().unwrap();
    assert!(line.starts_with("::warning file=a%2Cb%3Ac%25%0Ad,line=3,endLine=3,col=1,endColumn=5,title="), "{line}");
    assert!(line.contains("[gateway.tailscale_funnel]::100%25 [x]\\n::error::%0ASet gateway"), "{line}");
    assert_eq!(lines.lines().count(), 1);
}

#[test]
fn github_leaves_columns_out_of_several_lines() {
    let mut finding = settled(at("a", 3, (1, 5)), "m", excerpt("text", "x"));
    finding.location.end.line = 4;
    let line = render(Format::Github, &verdict(vec![finding]));
    assert!(line.starts_with("::error file=a,line=3,endLine=4,title="), "{line}");
}

#[test]
fn github_shows_the_worst_nine_and_says_how_many_are_left() {
    let many: Vec<_> = (1..=12)
        .map(|line| {
            let mut finding = settled(at("a", line, (1, 2)), "m", excerpt("text", "x"));
            finding.confidence = if line == 12 { Confidence::High } else { Confidence::Low };
            finding
        })
        .collect();
    let mut verdict = verdict(many);
    verdict.diagnostics.push(Diagnostic { path: "x".to_owned(), level: Level::Error, message: "no".to_owned() });
    let text = render(Format::Github, &verdict);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[0], "::error file=x,title=Not checked::no");
    assert!(lines[1].contains("line=12,"), "the surest first: {}", lines[1]);
    assert_eq!(lines[9], "::error title=clawsift::4 more of this level: see the whole report");
}

/// A finding of each severity, one suppressed, and what could not be checked.
fn mixed() -> Verdict {
    let (_dir, mut verdict) = scan(&[("openclaw.json", FUNNEL)]);
    for (severity, line) in [(Severity::Warn, 2), (Severity::Info, 3)] {
        let mut finding = settled(at("b.json", line, (1, 5)), "a | b `c` <d> @e", excerpt("{ a: 1 }", "1"));
        finding.severity = severity;
        verdict.shown.push(finding);
    }
    let finding = settled(at("c.json", 1, (1, 2)), "m", excerpt("x", "x"));
    let until = Some("2027-01-31".parse().unwrap());
    verdict.suppressed.push(Suppressed { finding, by: By::Review, reason: "seen | by Kim".to_owned(), until });
    let message = "larger than 16 MiB".to_owned();
    verdict.diagnostics.push(Diagnostic { path: "big.json".to_owned(), level: Level::Error, message });
    verdict.inputs.push(Input { kind: "compose", dialect: None, ..input("clean.yml", "") });
    verdict
}

#[test]
fn markdown_sums_up_and_groups() {
    let text = render(Format::Markdown, &mixed());
    let expected = "\
## clawsift: 1 critical, 1 warn, 1 info

Checked 1 configuration and 1 other file against OpenClaw 2026.9.6: 1 critical, 1 warn, 1 info (1 suppressed); incomplete: 1 input not checked.

| severity | findings |
| --- | ---: |
| critical | 1 |
| warn | 1 |
| info | 1 |
| suppressed | 1 |
| not checked | 1 |

### Not checked

<table>
<tr><th>Input</th><th>Why</th></tr>
<tr><td><code>big.json</code></td><td><code>larger than 16 MiB</code></td></tr>
</table>

### Critical

<details open>
<summary><b>Tailscale Funnel puts the gateway on the public internet</b> (<code>gateway.tailscale_funnel</code>, 1)</summary>
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("<td><code>a | b `c` &lt;d&gt; @e</code></td>"), "{text}");
    assert!(text.contains("<td><code>seen | by Kim (review)</code></td><td>2027-01-31</td>"), "{text}");
    assert_eq!(text.matches("<details>").count(), 3, "only what is critical is open");
    let clean = render(Format::Markdown, &Verdict { inputs: vec![input("a", "")], ..Verdict::default() });
    assert_eq!(
        clean,
        "## clawsift: no findings\n\nChecked 1 configuration against OpenClaw 2026.9.6: no findings.\n\n"
    );
}

#[test]
fn a_summary_never_passes_the_cap() {
    let long = "<é|`> ".repeat(400);
    let many = (1..=6_000).map(|line| settled(at("a", line, (1, 2)), &long, excerpt("text", "x"))).collect();
    let verdict = verdict(many);
    let text = render(Format::Markdown, &verdict);
    assert!((900_000..=1_000_000).contains(&text.len()), "{}", text.len());
    let shown = text.matches("<tr><td><code>a:").count();
    let missing = format!("<b>truncated</b>: {} findings not shown", 6_000 - shown);
    assert!(text.contains(&missing) && text.ends_with("</table>\n\n"), "{missing}");
    let said = report::left_out(Format::Markdown, &verdict, &Style::default()).unwrap();
    assert!(said.starts_with(&format!("{} findings", 6_000 - shown)), "{said}");
}

#[test]
fn html_shows_the_worst_five_thousand_and_asks_for_nothing() {
    let many = (1..=5_002).map(|line| settled(at("a", line, (1, 2)), "m", excerpt("text", "x"))).collect();
    let verdict = verdict(many);
    let text = render(Format::Html, &verdict);
    assert_eq!(text.matches("class=\"finding\"").count(), 5_000);
    let said = report::left_out(Format::Html, &verdict, &Style::default()).unwrap();
    assert!(said.ends_with("the 2 least severe are left out") && text.contains(&said), "{said}");
    let text = render(Format::Html, &mixed());
    for outside in ["src=", "url(", "@import", "<link", "<iframe", "style=\"", "onclick", "fetch(", "XMLHttp"] {
        assert!(!text.contains(outside), "{outside}");
    }
    assert!(text.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-"));
}

#[test]
fn junit_tells_files_apart() {
    let text = render(Format::Junit, &mixed());
    let suites: Vec<&str> = text.lines().filter(|line| line.contains("<testsuite ")).map(str::trim).collect();
    let suite = |name: &str, failures: u8, errors: u8, skipped: u8, tests: u8| {
        format!(
            "<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
             skipped=\"{skipped}\" file=\"{name}\">"
        )
    };
    assert_eq!(
        suites,
        [
            suite("b.json", 1, 0, 1, 2),
            suite("big.json", 0, 1, 0, 1),
            suite("c.json", 0, 0, 1, 1),
            suite("clean.yml", 0, 0, 0, 1),
            suite("openclaw.json", 1, 0, 0, 1),
        ]
    );
    assert!(text.contains("<testcase name=\"checked\" classname=\"clean.yml\"/>"));
    assert!(text.contains("<skipped type=\"critical\" message=\"suppressed (review): seen | by Kim\">m</skipped>"));
}

#[test]
fn formats_without_a_word_for_it_tell_what_was_not_checked() {
    let verdict = mixed();
    let gitlab: Value = serde_json::from_str(&render(Format::Gitlab, &verdict)).unwrap();
    assert_eq!(
        (&gitlab[0]["check_name"], &gitlab[0]["severity"], &gitlab[0]["location"]["path"]),
        (&"incomplete-input".into(), &"blocker".into(), &"big.json".into())
    );
    let severities: Vec<&str> =
        gitlab.as_array().unwrap().iter().map(|one| one["severity"].as_str().unwrap()).collect();
    assert_eq!(severities, ["blocker", "critical", "major", "info"]);
    let rdjson: Value = serde_json::from_str(&render(Format::Rdjson, &verdict)).unwrap();
    assert_eq!(rdjson["diagnostics"][0]["message"], "Not checked: `larger than 16 MiB`");
    assert!(render(Format::Checkstyle, &verdict).contains(
        "<file name=\"big.json\">\n    <error line=\"1\" severity=\"error\" message=\"Not checked: larger than 16 MiB.\" \
         source=\"clawsift.incomplete-input\"/>"
    ));
}

/// Columns are bytes there, and an edit that is applied by them gives what the fix gives.
#[test]
fn suggestions_of_rdjson_are_edits_by_bytes() {
    let text = "{\n  // é😀\n  'é😀': 1, discovery: { mdns: { mode: 'full' } },\n}\n";
    let scanned = |text: &str| scan_for(&[("openclaw.json", text)], &["discovery.mdns_full_mode"]);
    for bom in ["", "\u{feff}"] {
        let (_dir, verdict) = scanned(&format!("{bom}{text}"));
        let report: Value = serde_json::from_str(&render(Format::Rdjson, &verdict)).unwrap();
        let start = &report["diagnostics"][0]["location"]["range"]["start"];
        let line = text.lines().nth(2).unwrap();
        assert_eq!((&start["line"], &start["column"]), (&3.into(), &(line.find("'full'").unwrap() + 1).into()));
        let fix = verdict.shown[0].fix.as_ref().unwrap();
        let suggestion = &report["diagnostics"][0]["suggestions"][0];
        assert_eq!(suggestion["text"], fix.edits[0].text);
        let column = |name: &str| usize::try_from(suggestion["range"][name]["column"].as_u64().unwrap()).unwrap() - 1;
        let edited = &line[column("start")..column("end")];
        assert_eq!(edited, &format!("{bom}{text}")[fix.edits[0].range()]);
    }
    let (_dir, mut verdict) = scanned(text);
    let edit = verdict.shown[0].fix.as_ref().unwrap().edits[0].clone();
    verdict.shown[0].fix.as_mut().unwrap().edits.push(edit);
    let report: Value = serde_json::from_str(&render(Format::Rdjson, &verdict)).unwrap();
    assert!(report["diagnostics"][0]["suggestions"].is_null(), "two edits are no two suggestions");
}

#[test]
fn a_line_of_a_log_is_no_command() {
    let mut finding = settled(at("::error::x", 1, (1, 2)), "##[error]x", excerpt("##[error]x", "x"));
    finding.id = "a".into();
    let verdict = verdict(vec![finding]);
    assert_eq!(render(Format::Concise, &verdict), "./::error::x:1:1: critical[a] ##\\u{5b}error]x\n");
    assert!(render(Format::Text, &verdict).contains("1 | ##\u{fffd}error]x\n"));
    let json: Value = serde_json::from_str(&render(Format::Json, &verdict)).unwrap();
    assert_eq!(json["findings"][0]["detail"], "##[error]x", "the value stays");
}

#[test]
fn ndjson_is_json_line_by_line() {
    let (_dir, verdict) = scan(&[("openclaw.json", FUNNEL), ("b/openclaw.json", FUNNEL)]);
    let report: Value = serde_json::from_str(&render(Format::Json, &verdict)).unwrap();
    let text = render(Format::Ndjson, &verdict);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (line, finding) in lines.iter().zip(report["findings"].as_array().unwrap()) {
        let mut line = line.clone();
        assert_eq!(line.as_object_mut().unwrap().shift_remove("type").unwrap(), "finding");
        assert_eq!(&line, finding);
    }
    assert_eq!(lines[2]["type"], "summary");
    assert_eq!(lines[2]["summary"], report["summary"]);
    assert_eq!(lines[2]["inputs"], report["inputs"]);
    assert!(lines[2]["findings"].is_null());
}

#[test]
fn json_keeps_the_schema() {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let (_dir, mut found) = scan(&[("openclaw.json", FUNNEL), ("broken/openclaw.json", "{ gateway: {")]);
    found.diagnostics.push(Diagnostic { path: String::new(), level: Level::Note, message: "n".to_owned() });
    for verdict in [&found, &hostile(), &Verdict::default()] {
        let report: Value = serde_json::from_str(&render(Format::Json, verdict)).unwrap();
        let mut wrong = Vec::new();
        conforms(&report, &schema, &schema, "$", &mut wrong);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    let mut broken: Value = serde_json::from_str(&render(Format::Json, &found)).unwrap();
    broken["findings"][0]["severity"] = "high".into();
    let mut wrong = Vec::new();
    conforms(&broken, &schema, &schema, "$", &mut wrong);
    assert_eq!(wrong.len(), 1, "the check can fail: {wrong:#?}");
}

/// A repository full of secrets, known formats and others, in every place that a report quotes.
#[test]
fn no_format_shows_a_secret() {
    // Put together here, so that no file of this repository holds anything that looks like one.
    let known = [
        format!("sk-ant-api03-{}AA", "aB3dE5gH7jK9".repeat(8)),
        format!("ghp_{}", "aB3dE5gH7jK9".repeat(3)),
        format!("AKIA{}", "QWERTY234567ZXCV"),
        format!("xoxb-{}-{}-{}", "284739104857", "573920184756", "aB3dE5gH7jK9aB3dE5gH7jK9"),
    ];
    let named =
        ["vq8Zt3LmR1xW6pYc", "Uq4nB8sKf2Hd7Gj5", "hT6yPz1Vr9Qa3Nw8"].map(|text| format!("{text}{}", text.len()));
    let [anthropic, github, amazon, slack] = &known;
    let [password, token, other] = &named;
    let config = format!(
        "{{
  gateway: {{ bind: 'lan', tailscale: {{ mode: 'funnel' }}, auth: {{ mode: 'password', password: '{password}' }} }},
  channels: {{ slack: {{ botToken: '{slack}', dmPolicy: 'open', allowFrom: ['*'] }}, telegram: {{ botToken: '{token}' }} }},
  models: {{ providers: {{ anthropic: {{ apiKey: '{anthropic}' }} }} }}, // {github}
  mcp: {{ servers: {{ x: {{ command: 'npx', args: ['--key', '{amazon}'], env: {{ API_TOKEN: '{other}' }} }} }} }},
  hooks: {{ enabled: true, token: '{token}' }},
}}
"
    );
    let env = format!("ANTHROPIC_API_KEY={anthropic}\nGATEWAY_PASSWORD={password}\nOPENCLAW_HOOKS_TOKEN=\"{token}\"\n");
    let compose = format!(
        "services:\n  gateway:\n    image: ghcr.io/openclaw/openclaw:latest\n    ports: ['18789:18789']\n    \
         environment:\n      OPENCLAW_GATEWAY_PASSWORD: {password}\n      GITHUB_TOKEN: {github}\n"
    );
    let broken = format!("{{ gateway: {{ auth: {{ password: '{password}', token: '{token}' ");
    let files = [
        ("openclaw.json", &*config),
        (".env", &env),
        ("docker-compose.yml", &compose),
        ("openclaw.json.bak", &config),
        (
            "agents/main/agent/auth-profiles.json",
            &format!("{{\"p\": {{\"type\": \"api_key\", \"key\": \"{anthropic}\"}}}}"),
        ),
        ("broken/openclaw.json", &broken),
    ];
    let (_dir, verdict) = scan_for(&files, &[]);
    for (path, _) in files {
        assert!(verdict.shown.iter().any(|one| &*one.location.path == path), "nothing to show of {path}");
    }
    for format in FORMATS {
        let text = render_as(format, &verdict, Style { verbose: true, ..Style::default() });
        for secret in known.iter().chain(&named) {
            assert!(!text.contains(&secret[6..]), "{format:?} shows a secret:\n{text}");
        }
    }
    let shown = render_as(Format::Text, &verdict, Style { verbose: true, ..Style::default() });
    assert!(shown.contains("'funnel'") && shown.contains("password: '******************'"), "{shown}");
}

#[test]
fn fingerprints_survive_what_does_not_matter() {
    let print = |text: &str| {
        let (_dir, verdict) = scan(&[("openclaw.json", text)]);
        assert_eq!(verdict.shown.len(), 1, "{text}");
        verdict.shown[0].identity.fingerprint.clone()
    };
    let first = print("{ gateway: { tailscale: { mode: 'funnel' } } }");
    assert_eq!(first, print("// moved\n\n{ gateway: { bind: 'lan', port: 1,\n tailscale: { mode: \"funnel\" } } }"));
    let (_dir, elsewhere) = scan(&[("b/openclaw.json", "{ gateway: { tailscale: { mode: 'funnel' } } }")]);
    assert_ne!(first, elsewhere.shown[0].identity.fingerprint, "another file is another finding");
}

#[test]
fn the_object_is_written_as_it_is_made() {
    let (_dir, verdict) =
        scan_for(&[("openclaw.json", "{ gateway: { tailscale: { mode: 'funnel' } }, x: '\u{202e}' }")], &[]);
    assert!(verdict.shown.len() > 2);
    let mut written = Vec::new();
    report::json::write(&verdict, &mut written).unwrap();
    let whole = report::escape::json(format!("{:#}\n", report::json::report(&verdict)));
    assert_eq!(String::from_utf8(written).unwrap(), whole);
}
