#!/usr/bin/env python3
"""Measures clawsift as ratios within one run: never as a test, never as a bare number of seconds.

usage: benches/bench.py [--rounds N] [--callgrind]

Builds the release binary and `hello-clap` (the same clap definition with nothing behind it), then
  version      CPU of `clawsift --version` / CPU of `hello-clap --version`       goal at most 1.5
  one config   CPU of `clawsift check` on one small repository / hello-clap      goal at most 5
  throughput   megabytes of configuration a second and core, 1,000 files of 8 KB goal at least 20
  floor        CPU of that scan / CPU of opening and reading the same files
Commands are interleaved, the order turns every round, the median counts. With --callgrind (valgrind)
start-up is counted in instructions as well, which no other load on the machine can change.
"""
import argparse, json, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target" / "release"


def cpu(command, cwd):
    """User and system seconds of one run, and its exit code."""
    pid = os.posix_spawn(command[0], command, {**os.environ, "PWD": str(cwd)}, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)


def compare(commands, rounds, cwd):
    """Median CPU seconds of each command, interleaved."""
    times = {name: [] for name in commands}
    names = list(commands)
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            seconds, code = cpu(commands[name], cwd)
            if code not in (0, 1):
                sys.exit(f"{name}: exit code {code}")
            times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def small_repository(folder):
    text = json.dumps({"gateway": {"bind": "lan", "auth": {"mode": "token", "token": "${OPENCLAW_GATEWAY_TOKEN}"}},
                       "channels": {"telegram": {"botToken": "${BOT}", "dmPolicy": "pairing"}},
                       "agents": {"defaults": {"sandbox": {"mode": "all"}}}}, indent=2)
    (folder / "openclaw.json").write_text(text)


def many_configurations(folder, count=1000, size=8192):
    total = 0
    for index in range(count):
        agents = {}
        config = {"gateway": {"bind": "loopback", "port": 18000 + index, "auth": {"mode": "token", "token": "${T}"}},
                  "agents": {"entries": agents}}
        text = ""
        while len(text) < size:
            n = len(agents)
            agents[f"agent-{index}-{n}"] = {"workspace": f"./workspaces/{n}", "skills": ["weather", "news", "mail"],
                                            "tools": {"profile": "coding", "deny": ["exec", f"group:fs"]},
                                            "sandbox": {"mode": "all", "docker": {"binds": [f"/srv/{n}:/data:ro"]}}}
            text = json.dumps(config, indent=2)
        place = folder / f"site-{index}"
        place.mkdir()
        (place / "openclaw.json").write_text(text)
        total += len(text)
    return total


def instructions(command, cwd):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], cwd=cwd,
                         capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    return int(found.group(1)) if found else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--callgrind", action="store_true")
    arguments = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--bin", "clawsift", "--example", "hello-clap"], cwd=ROOT, check=True)
    binary, hello = str(RELEASE / "clawsift"), str(RELEASE / "examples" / "hello-clap")
    with tempfile.TemporaryDirectory() as tmp:
        one, many = pathlib.Path(tmp, "one"), pathlib.Path(tmp, "many")
        one.mkdir(), many.mkdir()
        small_repository(one)
        size = many_configurations(many)
        check = [binary, "check", str(one), "--format", "json", "-j", "1"]
        # hello-clap parses the very same line.
        commands = {"hello --version": [hello, "--version"], "clawsift --version": [binary, "--version"],
                    "hello check": [hello, *check[1:]], "clawsift check": check}
        median = compare(commands, arguments.rounds, one)
        for name, seconds in median.items():
            print(f"{name:20} {seconds * 1000:7.2f} ms CPU")
        print(f"version     {median['clawsift --version'] / median['hello --version']:6.2f} x hello   goal at most 1.5")
        print(f"one config  {median['clawsift check'] / median['hello check']:6.2f} x hello   goal at most 5")
        scan = [binary, "check", str(many), "--format", "json"]
        floor = [shutil.which("cat"), *sorted(str(p) for p in many.rglob("*.json"))]
        rounds = max(7, arguments.rounds // 10)
        median = compare({"scan -j1": [*scan, "-j", "1"], "scan -j2": [*scan, "-j", "2"], "cat": floor}, rounds, many)
        report = json.loads(subprocess.run(scan, capture_output=True).stdout)
        if len(report["inputs"]) != 1000 or not report["findings"]:
            sys.exit("the scan did not do its work")
        print(f"throughput  {size / 1e6 / median['scan -j1']:6.1f} MB/s a core  goal at least 20  ({size / 1e6:.1f} MB)")
        print(f"two threads {median['scan -j2'] / median['scan -j1']:6.2f} x the CPU of one")
        print(f"floor       {median['scan -j1'] / median['cat']:6.1f} x the CPU of cat")
        if arguments.callgrind:
            counts = {name: instructions(command, one) for name, command in commands.items()}
            for name, count in counts.items():
                print(f"{name:20} {count:12,} instructions")
            if all(counts.values()):
                print(f"version     {counts['clawsift --version'] / counts['hello --version']:6.2f} x hello")
                print(f"one config  {counts['clawsift check'] / counts['hello check']:6.2f} x hello")
        if shutil.which("hyperfine"):
            subprocess.run(["hyperfine", "-N", "-i", "--warmup", "20", *(" ".join(c) for c in commands.values())], cwd=one)
        print("load average", " ".join(f"{x:.1f}" for x in os.getloadavg()))


if __name__ == "__main__":
    main()
