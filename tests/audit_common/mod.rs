//! What the tests of audit logs share: the program, and chains of entries.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub struct Run {
    pub code: i32,
    pub out: String,
    pub error: String,
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.error))
    }
}

pub fn run(args: &[&str]) -> Run {
    run_with(args, &[])
}

pub fn run_with(args: &[&str], env: &[(&str, &str)]) -> Run {
    finished(Command::cargo_bin("clawsift").unwrap().args(args).envs(env.iter().copied()))
}

pub fn run_in(dir: &Path, args: &[&str]) -> Run {
    finished(Command::cargo_bin("clawsift").unwrap().args(args).current_dir(dir))
}

fn finished(command: &mut Command) -> Run {
    let output = command.timeout(std::time::Duration::from_secs(120)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), error: text(output.stderr) }
}

/// One entry as the logger writes it, with its newline, and its hash.
pub fn entry(seq: u64, prev: &str, actor: &str) -> (String, String) {
    let hashed = format!(
        "{{\"seq\":{seq},\"ts\":\"2026-02-10T{:02}:{:02}:{:02}.000Z\",\"type\":\"tool_exec\",\"severity\":\"info\",\
         \"summary\":\"step {seq}\",\"details\":{{\"tool\":\"bash\"}},\"actor\":\"{actor}\",\"prevHash\":\"{prev}\"",
        seq / 3600,
        seq / 60 % 60,
        seq % 60
    );
    let hash = clawsift::digest::hex(&Sha256::digest(format!("{hashed}}}")));
    (format!("{hashed},\"hash\":\"{hash}\"}}\n"), hash)
}

/// The lines of an honest log.
pub fn chain(count: u64) -> Vec<String> {
    let mut prev = "0".repeat(64);
    let next = |seq| {
        let (line, hash) = entry(seq, &prev, "agent:main");
        prev = hash;
        line
    };
    (1..=count).map(next).collect()
}

/// What `log verify` says of a text.
pub fn log(text: &str) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.log");
    fs::write(&path, text).unwrap();
    run(&["log", "verify", path.to_str().unwrap(), "--json"]).json()
}
