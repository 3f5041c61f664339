#!/usr/bin/env bash
# Validates the SARIF of fixtures/demo with the official JSON schema and the Microsoft SARIF
# Multitool. Needs npm; without it nothing is checked and nothing fails.
#
#   tests/sarif-check.sh [BINARY]      (default: target/debug/clawsift)
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-target/debug/clawsift}

if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    echo "sarif-check: skipped, npm is not installed"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The demo, and what the demo does not have: hostile names, marks, tabs, a file that does not parse.
mkdir "$work/odd" "$work/odd/a b#%?" "$work/odd/ü"
printf '\xef\xbb\xbf{\r\n\tgateway: { /* \xf0\x9f\x98\x80 */ tailscale: { mode: "funnel" } }\r\n}\r\n' > "$work/odd/openclaw.json"
printf '{ gateway: { tailscale: { mode: "funnel" } } }' > "$work/odd/a b#%?/openclaw.json"
printf '{ gateway: {' > "$work/odd/ü/openclaw.json"
mkdir "$work/clean"
printf '{}\n' > "$work/clean/openclaw.json"
# More results than GitHub keeps.
for number in $(seq 1 600); do
    mkdir -p "$work/large/site-$number"
    printf '{ gateway: { bind: "lan", port: %s, tailscale: { mode: "funnel" } },\n  channels: { telegram: { dmPolicy: "open", allowFrom: ["*"] } } }\n' \
        "$number" > "$work/large/site-$number/openclaw.json"
done
inputs=("$work/odd" "$work/clean" "$work/large")
if [ -d fixtures/demo ]; then inputs+=(fixtures/demo); fi

if ! (cd "$work" && npm install --silent --no-fund --no-audit --prefix "$work" \
        @microsoft/sarif-multitool ajv ajv-formats >"$work/npm.log" 2>&1); then
    echo "sarif-check: skipped, npm cannot install the validators:"
    tail -n 3 "$work/npm.log"
    exit 0
fi
schema=$(find "$work/node_modules" -name sarif-2.1.0.json | sort | head -n 1)
[ -n "$schema" ] || { echo "sarif-check: the Multitool brings no schema"; exit 1; }

# Its npm wrapper hands arguments to a shell unquoted, so the program is called itself.
tool=$(find "$work/node_modules/@microsoft" -type f \( -name Sarif.Multitool -o -name Sarif.Multitool.exe \) | head -n 1)
[ -n "$tool" ] || { echo "sarif-check: the Multitool brings no program for this system"; exit 1; }
chmod +x "$tool"
cat > "$work/schema.js" <<'JS'
const [modules, schema, sarif] = process.argv.slice(2);
const fs = require('fs');
const read = (path) => JSON.parse(fs.readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
const Ajv = require(`${modules}/ajv/dist/2020`).default;
const ajv = new Ajv({ strict: false, allErrors: true });
require(`${modules}/ajv-formats`).default(ajv);
const validate = ajv.compile(read(schema));
const valid = validate(read(sarif));
for (const error of (validate.errors || []).slice(0, 10)) console.log(`  ${error.instancePath} ${error.message}`);
process.exit(valid ? 0 : 1);
JS

# One report that must validate against one schema.
validate() {
    if node "$work/schema.js" "$work/node_modules" "$1" "$2"; then
        echo "sarif-check: schema: valid: $(basename "$2")"
    else
        echo "sarif-check: schema: INVALID: $(basename "$2")"
        failed=1
    fi
}

failed=0
# One SARIF report that the Multitool must find no error in.
multitool() {
    local sarif=$1 name log errors warnings
    name=$(basename "$sarif" .sarif)

    # Without the raised limit a large file is skipped with exit code 0 (ERR997). A rule of it asks the network for
    # every address in the report; a proxy that is not there answers at once.
    log="$work/$name.log"
    https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 "$tool" validate "$sarif" --rule-kind 'Sarif;Ghas' --level 'Error;Warning' --kind Fail \
        --max-file-size-in-kb 1000000 --output "$work/$name.report" --log ForceOverwrite > "$log" 2>&1 || true
    errors=$(grep -cE ': error [A-Z]+[0-9]+' "$log" || true)
    warnings=$(grep -cE ': warning [A-Z]+[0-9]+' "$log" || true)
    echo "sarif-check: multitool: $errors errors, $warnings warnings: $name.sarif"
    if [ "$errors" -ne 0 ] || grep -q 'ERR9' "$log" || ! grep -q '^Done. 1 files scanned' "$log"; then
        grep -E ': error |ERR9' "$log" | cut -c1-300 | head -n 10
        failed=1
    fi
}

for input in "${inputs[@]}"; do
    name=$(basename "$input")
    for profile in full github; do
        sarif="$work/$name-$profile.sarif"
        "$binary" check "$input" --format sarif --sarif-profile "$profile" --sarif-all-artifacts --exit-zero \
            --output "json=$work/$name.json" > "$sarif" || [ $? -eq 4 ]
        validate "$schema" "$sarif"
        multitool "$sarif"
    done
    validate schemas/report.schema.json "$work/$name.json"
done
results() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).runs[0].results.length)' "$1"; }
full=$(results "$work/large-full.sarif")
kept=$(results "$work/large-github.sarif")
echo "sarif-check: $full results, of which $kept are for GitHub"
if [ "$full" -lt 6000 ] || [ "$kept" -ne 5000 ]; then failed=1; fi
# A baseline, and what differs between two trees.
"$binary" baseline create "$work/odd" --output "$work/baseline.json" > /dev/null || [ $? -eq 4 ]
rm -rf "$work/odd/ü"
"$binary" baseline create "$work/odd" --output "$work/baseline.json" --reason r --until 2999-12-31 --accept-critical > /dev/null
validate schemas/baseline.v1.json "$work/baseline.json"
"$binary" compare "$work/odd" "$work/clean" --format sarif > "$work/compare.sarif" || [ $? -eq 1 ]
validate "$schema" "$work/compare.sarif"
exit "$failed"
