//! `.env` files that change how the host runs.

use crate::model::places::{is_state_dir, is_workspace};
use crate::path::{dir_of, join};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "env.host_steering",
    summary: "A workspace .env sets a variable that steers the host",
    severity: Severity::Warn,
    high: true,
    profiles: Profiles::OURS,
    scope: Scope::Config,
    cwe: &[15, 426],
    why: "The agent writes to its workspace, and the gateway and its tools read .env there: such a variable loads foreign \
          code, replaces programs or points the gateway at other files, outside every sandbox.",
    remedy: "Remove the variable from the workspace; set it in the service's own environment if it is needed.",
    links: &["https://docs.openclaw.ai/help/environment"],
    bad: &[
        Example::files(&[
            ("workspace/AGENTS.md", "# a"),
            ("workspace/SOUL.md", "# s"),
            (
                "workspace/.env",
                "«NODE_OPTIONS»=--require ./hook.js\nTZ=UTC\nexport «OPENCLAW_STATE_DIR»=/tmp/s\n«npm_execpath»=./x\n",
            ),
        ]),
        Example::files(&[
            ("AGENTS.md", "# a"),
            ("HEARTBEAT.md", "# h"),
            (".env", "«LD_PRELOAD»=./a.so\n«CLOUDSDK_PYTHON»=./py\nPYTHONUNBUFFERED=1\n"),
        ]),
    ],
    good: &[
        Example::files(&[
            ("AGENTS.md", "# a"),
            ("SOUL.md", "# s"),
            (".env", "OPENAI_API_KEY=${OPENAI_API_KEY}\nPATHS=a\nTODOIST_TOKEN=\n# NODE_OPTIONS=--x\n"),
        ]),
        Example::files(&[
            ("openclaw.json", "{ gateway: {} }"),
            ("AGENTS.md", "# a"),
            ("SOUL.md", "# s"),
            (".env", "OPENCLAW_GATEWAY_PORT=18789\n"),
        ]),
        Example::files(&[
            ("AGENTS.md", "# a"),
            (".env", "OPENCLAW_STATE_DIR=/data\nNODE_OPTIONS=--max-old-space-size=4096\n"),
        ]),
        Example::files(&[
            ("AGENTS.md", "# a"),
            ("SOUL.md", "# s"),
            (".env", "NODE_OPTIONS=--max-old-space-size=4096\n"),
        ]),
    ],
    check: Check::Document(&[DocumentKind::DotEnv], host_steering),
    ..Rule::DEFAULT
}];

/// Variables that load code or choose the programs, libraries and files of a process.
const EXACT: [&str; 22] = [
    "BASH_ENV",
    "BROWSER",
    "CLASSPATH",
    "DOCKER_HOST",
    "EDITOR",
    "ENV",
    "GIT_ASKPASS",
    "GIT_EXEC_PATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "HOME",
    "JAVA_TOOL_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "PATH",
    "PERL5OPT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYOPT",
    "STATE_DIRECTORY",
];
const PREFIXES: [&str; 7] = ["OPENCLAW_", "CLAWDBOT_", "MOLTBOT_", "LD_", "DYLD_", "HOMEBREW_", "npm_"];
const SUFFIXES: [&str; 1] = ["_PYTHON"];

fn host_steering(document: &Document, project: &Project, report: &mut Report) {
    let dir = dir_of(&document.path);
    if document.sample || is_operators(project, dir) || !is_workspace(project, dir) {
        return;
    }
    for line in document.env().iter().filter(|line| !line.value.is_empty() && steers(&line.name, &line.value)) {
        let place = Place { span: line.name_span, key_path: line.name.clone(), missing: false };
        report.at(place, format!("{} steers the gateway and the tools it starts", line.name));
    }
}

/// The file of the operator: beside the configuration or a compose file, where such variables belong.
fn is_operators(project: &Project, dir: &str) -> bool {
    let composes = |name: &&str| project.tree.get(&join(dir, name)).is_some();
    is_state_dir(project, dir)
        || project.configs.iter().any(|config| dir_of(config) == dir)
        || ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"].iter().any(composes)
}

fn steers(name: &str, value: &str) -> bool {
    // Memory sizes are what most people set here, and they change nothing else.
    if name == "NODE_OPTIONS" {
        return value.split_whitespace().any(|option| !option.starts_with("--max-"));
    }
    EXACT.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}
