//! A runner of composite actions, as far as ours needs one: expressions, conditions, outputs, the command files.
//!
//! What a step of another action would do is not run: its inputs are recorded and its outcome is given.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clawsift::source::FileId;
use clawsift::syntax::{Node, NodeKind, yaml};
use tempfile::TempDir;

/// The answers that a job gets.
pub struct Job {
    /// Where it ran; a clone or a copy of the repository at hand.
    pub workspace: PathBuf,
    inputs: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
    github: BTreeMap<String, String>,
    /// What the upload answers: `success` or `failure`.
    upload: &'static str,
    temp: TempDir,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Did every step that may not fail succeed?
    pub green: bool,
    /// The exit code of the last script.
    pub code: i32,
    /// Everything that was printed.
    pub log: String,
    /// The job summary.
    pub summary: String,
    /// The outputs of the action.
    pub outputs: BTreeMap<String, String>,
    /// The inputs of the steps that belong to other actions, with the action.
    pub uses: Vec<(String, BTreeMap<String, String>)>,
    /// The steps that ran, by name.
    pub ran: Vec<String>,
}

impl Outcome {
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// The lines of the log that a runner would obey.
    pub fn commands(&self) -> Vec<&str> {
        let mut stopped: Option<String> = None;
        let mut obeyed = Vec::new();
        for line in self.log.lines() {
            if let Some(mark) = &stopped {
                if line.trim_start() == format!("::{mark}::") {
                    stopped = None;
                }
                continue;
            }
            if let Some(mark) = line.trim_start().strip_prefix("::stop-commands::") {
                stopped = Some(mark.to_owned());
            } else if line.trim_start().starts_with("::") || line.contains("##[") {
                obeyed.push(line);
            }
        }
        assert!(stopped.is_none(), "commands stay stopped");
        obeyed
    }
}

impl Job {
    pub fn new(workspace: &Path) -> Self {
        Self {
            workspace: workspace.to_owned(),
            inputs: BTreeMap::new(),
            env: BTreeMap::new(),
            github: BTreeMap::from([("event_name".to_owned(), "push".to_owned())]),
            upload: "success",
            temp: tempfile::tempdir().unwrap(),
        }
    }

    pub fn input(mut self, name: &str, value: &str) -> Self {
        self.inputs.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A value of the `github` context.
    pub fn github(mut self, name: &str, value: &str) -> Self {
        self.github.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn failing_upload(mut self) -> Self {
        self.upload = "failure";
        self
    }

    /// Runs the action that lies in a directory.
    pub fn run(&self, action: &Path) -> Outcome {
        let text = fs::read_to_string(action.join("action.yml")).unwrap();
        let document = yaml::parse(FileId(0), &text).unwrap();
        let root = &document.root;
        let mut context = self.context(root);
        let mut outcome = Outcome {
            green: true,
            code: 0,
            log: String::new(),
            summary: String::new(),
            outputs: BTreeMap::new(),
            uses: Vec::new(),
            ran: Vec::new(),
        };
        assert_eq!(text_of(at(root, &["runs", "using"])), "composite");
        for (index, step) in items(at(root, &["runs", "steps"])).iter().enumerate() {
            self.step(step, index, action, &mut context, &mut outcome);
        }
        for (name, output) in members(at(root, &["outputs"])) {
            outcome.outputs.insert(name.to_owned(), context.fill(text_of(get(output, "value").unwrap())));
        }
        outcome
    }

    fn context(&self, root: &Node) -> Context {
        let mut values = BTreeMap::new();
        let mut given = self.inputs.clone();
        for (name, value) in &self.github {
            values.insert(format!("github.{name}"), value.clone());
        }
        values.entry("github.token".to_owned()).or_insert_with(|| "ghs_simulated".to_owned());
        let mut context = Context { values, failed: false };
        for (name, input) in members(at(root, &["inputs"])) {
            let default = get(input, "default").map(text_of).unwrap_or_default();
            let value = given.remove(name).unwrap_or_else(|| context.fill(default));
            context.values.insert(format!("inputs.{name}"), value);
        }
        assert!(given.is_empty(), "the action has no inputs {given:?}");
        context
    }

    fn step(&self, step: &Node, index: usize, action: &Path, context: &mut Context, outcome: &mut Outcome) {
        let condition = get(step, "if").map_or("success()", text_of);
        let id = get(step, "id").map_or_else(|| format!("step-{index}"), |id| text_of(id).to_owned());
        if !context.holds(condition) {
            context.values.insert(format!("steps.{id}.outcome"), "skipped".to_owned());
            return;
        }
        outcome.ran.push(get(step, "name").map_or(id.clone(), |name| text_of(name).to_owned()));
        let succeeded = if let Some(uses) = get(step, "uses") {
            let with = get(step, "with").map(members).unwrap_or_default();
            let with = with.into_iter().map(|(name, value)| (name.to_owned(), context.fill(text_of(value))));
            outcome.uses.push((text_of(uses).to_owned(), with.collect()));
            self.upload == "success"
        } else {
            self.script(step, &id, action, context, outcome)
        };
        let word = if succeeded { "success" } else { "failure" };
        context.values.insert(format!("steps.{id}.outcome"), word.to_owned());
        let forgiven = matches!(get(step, "continue-on-error").map(|node| &node.kind), Some(NodeKind::Bool(true)));
        if !succeeded && !forgiven {
            context.failed = true;
            outcome.green = false;
        }
    }

    fn script(&self, step: &Node, id: &str, action: &Path, context: &mut Context, outcome: &mut Outcome) -> bool {
        assert_eq!(text_of(get(step, "shell").unwrap()), "bash");
        let script = text_of(get(step, "run").unwrap());
        assert!(!script.contains("${{"), "a script is no template: {script}");
        let temp = self.temp.path();
        let (outputs, summary) = (temp.join("output"), temp.join("summary"));
        fs::write(&outputs, "").unwrap();
        fs::write(&summary, "").unwrap();
        let event = self.github.get("event_name").map_or("push", String::as_str);
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(&self.workspace)
            .env("GITHUB_ACTION_PATH", action)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_ACTOR", self.github.get("actor").map_or("octocat", String::as_str))
            .env("GITHUB_REPOSITORY", "owner/repository")
            .env("GITHUB_SERVER_URL", "https://git.invalid")
            .env("RUNNER_TEMP", temp)
            .envs(&self.env);
        for (name, value) in get(step, "env").map(members).unwrap_or_default() {
            command.env(name, context.fill(text_of(value)));
        }
        let out = command.output().unwrap();
        outcome.code = out.status.code().unwrap();
        outcome.log += &String::from_utf8_lossy(&out.stdout);
        outcome.log += &String::from_utf8_lossy(&out.stderr);
        let added = fs::read(&summary).unwrap();
        // A larger one is dropped as a whole.
        if added.len() <= 1 << 20 {
            outcome.summary += std::str::from_utf8(&added).unwrap();
        }
        for (name, value) in command_file(&fs::read_to_string(&outputs).unwrap()) {
            context.values.insert(format!("steps.{id}.outputs.{name}"), value);
        }
        out.status.success()
    }
}

/// `name=value` lines and `name<<mark` blocks.
fn command_file(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, mark)) = line.split_once("<<") else {
            let (name, value) = line.split_once('=').unwrap();
            found.push((name.to_owned(), value.to_owned()));
            continue;
        };
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != mark).collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    found
}

/// What expressions may ask for. What nobody set is empty.
struct Context {
    values: BTreeMap<String, String>,
    /// Did a step fail?
    failed: bool,
}

impl Context {
    /// A text with its `${{ … }}` filled in.
    fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").unwrap();
            out += before;
            out += &self.value(expression);
            rest = after;
        }
        out + rest
    }

    fn holds(&self, condition: &str) -> bool {
        let condition = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
        // A condition that does not ask about the status holds only while all is well.
        let asks = ["always()", "failure()", "success()"].iter().any(|word| condition.contains(word));
        (asks || !self.failed) && is_true(&self.value(condition))
    }

    fn value(&self, expression: &str) -> String {
        let expression = expression.trim();
        if let Some((left, right)) = expression.split_once("&&") {
            let left = self.value(left);
            return if is_true(&left) { self.value(right) } else { left };
        }
        if let Some((left, right)) = expression.split_once("||") {
            let left = self.value(left);
            return if is_true(&left) { left } else { self.value(right) };
        }
        if let Some((left, right)) = expression.split_once("==") {
            return (self.value(left) == self.value(right)).to_string();
        }
        match expression {
            "always()" => "true".to_owned(),
            "success()" => (!self.failed).to_string(),
            _ => match expression.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                Some(text) => text.to_owned(),
                None => {
                    let named = expression.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
                    assert!(named, "the simulator does not know {expression}");
                    self.values.get(expression).cloned().unwrap_or_default()
                }
            },
        }
    }
}

fn is_true(value: &str) -> bool {
    !matches!(value, "" | "false" | "0")
}

fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let NodeKind::Map(members) = &node.kind else { panic!("no mapping at {key}") };
    members.iter().find(|member| &*member.key == key).map(|member| &member.value)
}

pub fn at<'a>(node: &'a Node, keys: &[&str]) -> &'a Node {
    keys.iter().fold(node, |node, key| get(node, key).unwrap_or_else(|| panic!("no {key}")))
}

pub fn members(node: &Node) -> Vec<(&str, &Node)> {
    let NodeKind::Map(members) = &node.kind else { panic!("no mapping") };
    members.iter().map(|member| (&*member.key, &member.value)).collect()
}

pub fn items(node: &Node) -> &[Node] {
    let NodeKind::List(items) = &node.kind else { panic!("no list") };
    items
}

pub fn text_of(node: &Node) -> &str {
    let NodeKind::String(text) = &node.kind else { panic!("no text: {node:?}") };
    text
}
