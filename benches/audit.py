#!/usr/bin/env python3
"""Measures the verification of an audit log as ratios within one run: never as a test.

usage: benches/audit.py [--rounds N] [--entries N] [--keep FILE] [--no-build]

Makes a log of a seed (1,000,000 entries are about 520 MB), builds the release binary and `sha256` (plain SHA-256
of the file in memory, the same crate), then
  sha256       CPU of plain SHA-256 / CPU of `log verify -j1`                     goal at least 33 %, hoped 45 %
  node         CPU of the same walk in Node / CPU of `log verify -j1`             goal at least 3.5
  threads      seconds on one thread / seconds on two                             goal at least 1.6
  memory       peak resident memory of any of them                                goal at most 16 MB
  long lines   the same for lines of 1 MiB                                        goal at most 16 MB
Commands are interleaved, the order turns every round, the median counts. Every case has a check value: entries and
head of the log. A verifier that does not do its work stops the run.
"""
import argparse, hashlib, json, os, pathlib, random, shutil, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target" / "release"


def make(path, entries, size=0, seed=1):
    """Writes an honest log; with a size every entry has a text of that many bytes. Gives its head."""
    rng = random.Random(seed)
    words = "nightly build of the workspace, tests of the parser, review of a branch, backup of the notes".split()
    head = "0" * 64
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for seq in range(1, entries + 1):
            second = seq // 3
            ts = "2026-%02d-%02dT%02d:%02d:%02d.%03dZ" % (1 + second // 2419200 % 12, 1 + second // 86400 % 28,
                                                        second // 3600 % 24, second // 60 % 60, second % 60, seq % 3 * 300)
            kind, actor = "tool_exec", "agent:main"
            details = {"tool": "bash", "command": "git log --oneline -n %d && cargo test -p %s" % (seq % 50, rng.choice(words)),
                       "result": "success", "exitCode": 0, "durationMs": rng.randrange(9000)}
            if seq % 7 == 0:
                kind, actor = "config_change", "cli:configure"
                details = {"action": "update", "path": "~/.closedclaw/config.json5", "keys": ["gateway.port", "agents.main"]}
            elif seq % 11 == 0:
                kind = "egress_blocked"
                details = {"url": "https://example.org/päth?q=%d" % seq, "reason": 'not in "allowlist"'}
            if size:
                details["text"] = "x" * size
            entry = {"seq": seq, "ts": ts, "type": kind, "severity": "info",
                     "summary": "Tool: bash | Command: step %d, %s" % (seq, " ".join(rng.choices(words, k=6))),
                     "details": details, "actor": actor, "session": "agent:main:whatsapp:dm:+1234567890", "prevHash": head}
            text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            head = hashlib.sha256(text.encode()).hexdigest()
            out.write('%s,"hash":"%s"}\n' % (text[:-1], head))
    return head


def run(command):
    """CPU seconds, seconds, peak memory in MB, exit code and output of one run."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - start
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), out.read()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--keep", help="make the log here, or use the one that is there")
    parser.add_argument("--no-build", action="store_true")
    arguments = parser.parse_args()
    if not arguments.no_build:
        subprocess.run(["cargo", "build", "--release", "--bin", "clawsift", "--example", "sha256"], cwd=ROOT, check=True)
    clawsift, sha = str(RELEASE / "clawsift"), str(RELEASE / "examples" / "sha256")
    with tempfile.TemporaryDirectory() as tmp:
        log = pathlib.Path(arguments.keep or pathlib.Path(tmp, "audit.log"))
        if log.exists():
            last = subprocess.run(["tail", "-n", "1", str(log)], capture_output=True, text=True, check=True).stdout
            head = json.loads(last)["hash"]
        else:
            head = make(log, arguments.entries)
        size = log.stat().st_size
        verify = [clawsift, "log", "verify", str(log), "--json", "--no-anchor"]
        commands = {"sha256 x1": [sha, str(log), "1"], "sha256 x3": [sha, str(log), "3"],
                    "verify -j1": [*verify, "-j", "1"], "verify -j2": [*verify, "-j", "2"]}
        node = shutil.which("node")
        if node:
            commands["node"] = [node, str(ROOT / "benches" / "verify.mjs"), str(log)]
        seen = {name: [] for name in commands}
        for turn in range(arguments.rounds):
            for name in commands if turn % 2 == 0 else reversed(commands):
                *numbers, code, out = run(commands[name])
                if name.startswith("verify"):
                    report = json.loads(out)
                    if code or not report["integrityOk"] or report["headHash"] != head:
                        sys.exit(f"{name}: exit code {code}, the log was not verified")
                elif code or name == "node" and out.decode().split()[-1] != head:
                    sys.exit(f"{name}: exit code {code}, or another head")
                seen[name].append(numbers)
        middle = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}
        most = {name: max(run[2] for run in runs) for name, runs in seen.items()}
        for name, (cpu, seconds, _) in middle.items():
            print(f"{name:11} {cpu:7.3f} s CPU {seconds:7.3f} s {most[name]:8.1f} MB {size / 1e6 / cpu:8.0f} MB/s of CPU")
        plain = (middle["sha256 x3"][0] - middle["sha256 x1"][0]) / 2
        one = middle["verify -j1"][0]
        print(f"sha256      {100 * plain / one:6.1f} %     goal at least 33 %, hoped 45 %")
        if node:
            print(f"node        {middle['node'][0] / one:6.2f} x     goal at least 3.5")
        print(f"threads     {middle['verify -j1'][1] / middle['verify -j2'][1]:6.2f} x     goal at least 1.6")
        print(f"memory      {max(most['verify -j1'], most['verify -j2']):6.1f} MB    goal at most 16")
        long = pathlib.Path(tmp, "long.log")
        make(long, 64, size=(1 << 20) - 700)
        _, _, memory, code, _ = run([clawsift, "log", "verify", str(long), "-j", "2"])
        if code:
            sys.exit("long lines: not verified")
        print(f"long lines  {memory:6.1f} MB    goal at most 16")
        print(f"{size / 1e6:.0f} MB, load average", " ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
