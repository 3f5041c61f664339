#!/usr/bin/env bash
# Validates the JUnit report against the XML schema that Jenkins reads such files by, as pytest's source archive holds
# it, and checks that all XML is well-formed to another parser than ours. Needs pip; without it nothing is checked and
# nothing fails. GitLab's and reviewdog's formats are checked by tests/golden.rs, SARIF by tests/sarif-check.sh.
#
#   tests/report-schemas.sh [BINARY]      (default: target/debug/clawsift)
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-target/debug/clawsift}

skip() {
    echo "report-schemas: skipped, $1"
    exit 0
}
command -v python3 >/dev/null || skip "python3 is not installed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" >"$work/log" 2>&1 || skip "python3 makes no environment"
python="$work/venv/bin/python"
"$python" -m pip install --quiet xmlschema >"$work/log" 2>&1 || skip "pip cannot install xmlschema"
# The archive is downloaded and a file of it is read; nothing of it is built or run by this script.
"$python" -m pip download --quiet --no-deps --no-binary :all: --dest "$work" pytest >"$work/log" 2>&1 ||
    skip "pip cannot download pytest"
tar -xzf "$work"/pytest-*.tar.gz -C "$work" --wildcards --strip-components=3 '*/junit-10.xsd'

mkdir "$work/odd" "$work/clean"
printf '{ gateway: { tailscale: { mode: "funnel" } }, "\\u0000\\u001b<]]>&\\uffff": 1 }' > "$work/odd/openclaw.json"
mkdir "$work/odd/<a b>&\"'"
printf '{ gateway: {' > "$work/odd/<a b>&\"'/openclaw.json"
printf '{}\n' > "$work/clean/openclaw.json"

for input in fixtures/demo "$work/odd" "$work/clean"; do
    name=$(basename "$input")
    "$binary" check "$input" --quiet --exit-zero --output "junit=$work/$name.junit.xml" \
        --output "checkstyle=$work/$name.checkstyle.xml" >/dev/null || [ $? -eq 4 ]
    "$python" - "$work" "$name" <<'PY'
import sys, xml.dom.minidom, xmlschema
work, name = sys.argv[1:]
xmlschema.XMLSchema(f"{work}/junit-10.xsd").validate(f"{work}/{name}.junit.xml")
for report in ("junit", "checkstyle"):
    xml.dom.minidom.parse(f"{work}/{name}.{report}.xml")
print(f"report-schemas: valid: {name}")
PY
done
