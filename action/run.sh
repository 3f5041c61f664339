#!/usr/bin/env bash
# All logic of the action. action.yml hands its inputs over as INPUT_* and calls, in this order,
#
#   run.sh scan   finds the program, runs it once, writes outputs, reports and the summary
#   run.sh gate   after the upload: annotates what code scanning does not show, then exits as the scan did
#
# Inputs are data: nothing here evaluates or splits them. Nothing of the scanned repository is executed.
# The bash of macOS is old (3.2): no mapfile, and an empty array is spelled ${a[@]+"${a[@]}"}.
set -euo pipefail

releases=https://github.com/clawsift/clawsift/releases/download
# GitHub drops a summary of more than 1 MiB as a whole.
summary_limit=1000000

random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# The text of a workflow command, as the toolkit of GitHub escapes it.
escape() {
  local text=$1
  text=${text//"%"/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

notice() { printf '::notice title=clawsift::%s\n' "$(escape "$1")"; }

# The value may hold anything: nobody can guess the mark that ends it.
output() {
  local mark
  mark=$(random)
  printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >>"$GITHUB_OUTPUT"
}

# Ends the scan before there is a report; the gate fails with this code.
refuse() {
  printf '::error title=clawsift::%s\n' "$(escape "$1")"
  output exit-code 2
  exit 0
}

# Lines of $1 into the array `lines`, empty ones left out.
split_lines() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [ -z "$line" ] || lines+=("$line")
  done <<<"$1"
}

is_one_of() {
  local word=$1 known
  shift
  for known in "$@"; do [ "$word" != "$known" ] || return 0; done
  return 1
}

check_inputs() {
  is_one_of "$INPUT_NEW_ONLY" true false '' || refuse "new-only: expected true or false"
  is_one_of "$INPUT_SUMMARY" true false '' || refuse "summary: expected true or false"
  is_one_of "$INPUT_UPLOAD_SARIF" auto true false '' || refuse "upload-sarif: expected auto, true or false"
  is_one_of "$INPUT_ANNOTATIONS" auto true false '' || refuse "annotations: expected auto, true or false"
  [[ $INPUT_VERSION =~ ^[0-9A-Za-z.+-]*$ ]] || refuse "version: expected one such as 1.2.3"
}

# ---- the program -----------------------------------------------------------------------------------------------

# Which archive of a release fits this machine.
target() {
  local system=${RUNNER_OS:-$(uname -s)} machine=${RUNNER_ARCH:-$(uname -m)}
  case $machine in
    X64 | x86_64 | amd64) machine=x86_64 ;;
    ARM64 | aarch64 | arm64) machine=aarch64 ;;
  esac
  case $system in
    Linux) printf '%s-unknown-linux-musl' "$machine" ;;
    macOS | Darwin) printf '%s-apple-darwin' "$machine" ;;
    # Windows runs it on ARM, too.
    Windows | MINGW* | MSYS*) printf 'x86_64-pc-windows-msvc' ;;
  esac
}

# The version that this copy of the sources is.
own_version() { sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1; }

# The checksum of an archive, when this action knows it.
pinned() {
  local sum name
  while read -r sum name; do
    if [ "$name" = "$1" ] && [[ $sum =~ ^[0-9a-f]{64}$ ]]; then printf '%s' "$sum" && return; fi
  done <"$GITHUB_ACTION_PATH/action/checksums.txt"
}

sha256() { if type -P sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1; }

# Downloads and unpacks an archive whose checksum is known. Fails when it cannot be had; wrong bytes are the end.
download() {
  local version=$1 name=$2 sum=$3 file=$temp/$2
  curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 --max-time 300 \
    --output "$file" -- "$releases/v$version/$name" || return 1
  [ "$(sha256 "$file")" = "$sum" ] || refuse "$name is not the file that this action knows: its checksum differs"
  tar -xzf "$file" -C "$temp" || refuse "$name cannot be unpacked"
  program=$temp/${name%.tar.gz}/clawsift
  [ -x "$program" ] || program=$program.exe
}

# Builds the sources that came with the action. Cargo reads settings of the directory it runs in, so that is never
# the scanned repository.
build() {
  type -P cargo >/dev/null || refuse "no release of clawsift fits this machine, and without cargo it cannot be built; install Rust, or set the input binary"
  notice "No release is pinned for this machine: building clawsift from source, which takes minutes"
  (cd -- "$GITHUB_ACTION_PATH" && cargo install --locked --quiet --path . --root "$temp/built" --target-dir "$temp/target") ||
    refuse "clawsift could not be built from source; see the log above"
  program=$temp/built/bin/clawsift
}

find_program() {
  local own version name sum
  case $INPUT_BINARY in
    '') ;;
    */* | *\\*)
      program=$INPUT_BINARY
      if [ ! -f "$program" ] || [ ! -x "$program" ]; then refuse "binary: $program is no program"; fi
      case $program in /* | [A-Za-z]:*) ;; *) program=$PWD/$program ;; esac
      return
      ;;
    *)
      program=$(type -P -- "$INPUT_BINARY") || refuse "binary: $INPUT_BINARY is not on PATH"
      return
      ;;
  esac
  own=$(own_version)
  version=${INPUT_VERSION#v}
  version=${version:-$own}
  name=clawsift-$version-$(target).tar.gz
  sum=$(pinned "$name")
  if [ -n "$sum" ]; then
    download "$version" "$name" "$sum" && return
    notice "$name could not be downloaded"
  fi
  [ "$version" = "$own" ] || refuse "version: this action can run $own, and knows no checksum of $name"
  build
}

# ---- the commit to trust ---------------------------------------------------------------------------------------

plain_git() { GIT_TERMINAL_PROMPT=0 GIT_NO_LAZY_FETCH=1 git -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"; }

has_commit() { plain_git cat-file -e "$1^{commit}" 2>/dev/null; }

fetch_commit() { plain_git fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head --depth=1 -- "$1" "$2" 2>&1; }

# Fetches one commit: as the checkout would, else with the token, which never stands in an argument.
fetch_base() {
  local commit=$1 url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY header
  fetch_commit "$url" "$commit" >/dev/null && return
  header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$token" | base64 | tr -d '\n')"
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0=$header \
    fetch_commit "$url" "$commit" >/dev/null
}

# The commit whose settings, ignores and baseline count, into `trusted`; empty for the files as they are.
find_trusted() {
  trusted=$INPUT_TRUST_FROM
  case $trusted in
    none) trusted='' && return ;;
    auto | '') ;;
    *) return ;;
  esac
  trusted=''
  case ${GITHUB_EVENT_NAME:-} in pull_request* | merge_group) ;; *) return 0 ;; esac
  [[ $BASE_SHA =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || refuse "this event names no base commit; set the input trust-from"
  plain_git rev-parse --git-dir >/dev/null 2>&1 ||
    refuse "a pull request is judged by the settings of its base commit, but here is no git repository; check it out, or set trust-from: none"
  has_commit "$BASE_SHA" || fetch_base "$BASE_SHA" || true
  has_commit "$BASE_SHA" ||
    refuse "the base commit $BASE_SHA is not in this clone and cannot be fetched; set fetch-depth: 0 in actions/checkout, or run: git fetch --depth=1 origin $BASE_SHA"
  trusted=$BASE_SHA
}

# ---- the scan --------------------------------------------------------------------------------------------------

# The command line, into `arguments` and `paths`.
compose() {
  arguments=(check --no-progress --color never --format text)
  [ -z "$INPUT_CONFIG" ] || arguments+=(--settings "$INPUT_CONFIG")
  [ -z "$INPUT_PROFILE" ] || arguments+=(--profile "$INPUT_PROFILE")
  [ -z "$INPUT_FAIL_ON" ] || arguments+=(--fail-on "$INPUT_FAIL_ON")
  [ -z "$INPUT_MIN_CONFIDENCE" ] || arguments+=(--min-confidence "$INPUT_MIN_CONFIDENCE")
  [ -z "$INPUT_BASELINE" ] || arguments+=(--baseline "$INPUT_BASELINE")
  [ "$INPUT_NEW_ONLY" != true ] || arguments+=(--new-only)
  [ -z "$trusted" ] || arguments+=("--trust-from-git=$trusted")
  # The category in the file decides, whatever the upload is told.
  arguments+=(--sarif-profile=github "--category=${INPUT_CATEGORY:-clawsift}")
  arguments+=(--output "sarif=$sarif" --output "json=$json" --output "github=$annotations")
  [ "$INPUT_SUMMARY" = false ] || arguments+=(--output "markdown=$markdown")
  split_lines "$INPUT_ARGS"
  arguments+=(${lines[@]+"${lines[@]}"})
  split_lines "$INPUT_PATHS"
  paths=()
  local path
  for path in ${lines[@]+"${lines[@]}"}; do
    # A lone dash would be standard input.
    [ "$path" != - ] || path=./-
    paths+=("$path")
  done
}

# The text report, between marks that keep the runner from obeying a line of it.
show_report() {
  local mark
  mark=$(random)
  printf '::group::clawsift report\n::stop-commands::%s\n' "$mark"
  cat -- "$1"
  printf '\n::%s::\n::endgroup::\n' "$mark"
}

# A number of the summary. The report is written by us with two spaces a level, so a line is never part of a text.
counted() { sed -n '/^  "summary": {$/,/^  }/s/^    "'"$1"'": \([0-9]*\),\{0,1\}$/\1/p' "$json" | head -n 1; }

write_outputs() {
  local critical=0 warn=0 info=0 baselined=0 incomplete=0 highest=none
  if [ -s "$json" ]; then
    critical=$(counted critical) warn=$(counted warn) info=$(counted info)
    baselined=$(counted baselined) incomplete=$(counted incomplete)
  fi
  # With new-only no report has what the baseline holds.
  [ "$INPUT_NEW_ONLY" != true ] || baselined=0
  [ "${info:-0}" -eq 0 ] || highest=info
  [ "${warn:-0}" -eq 0 ] || highest=warn
  [ "${critical:-0}" -eq 0 ] || highest=critical
  # The program counts by severity what the baseline does not hold, and the rest in one number.
  local new=$((${critical:-0} + ${warn:-0} + ${info:-0}))
  output exit-code "$1"
  output findings "$((new + ${baselined:-0}))"
  output new-findings "$new"
  output highest-severity "$highest"
  output incomplete-inputs "${incomplete:-0}"
  output sarif-file "$([ ! -s "$sarif" ] || printf '%s' "$sarif")"
  output json-file "$([ ! -s "$json" ] || printf '%s' "$json")"
  output annotations-file "$annotations"
  output version "$("$program" --version | sed -n '1s/^clawsift //p')"
}

write_summary() {
  [ -s "$markdown" ] || return 0
  if [ "$(wc -c <"$markdown")" -le "$summary_limit" ]; then
    cat -- "$markdown" >>"$GITHUB_STEP_SUMMARY"
    return
  fi
  # Whole lines only, so that no character and no escape is cut in two.
  head -c "$((summary_limit - 1000))" -- "$markdown" | sed '$d' >>"$GITHUB_STEP_SUMMARY"
  printf '\n**Truncated:** the rest did not fit into a job summary. The whole report is in the log.\n' >>"$GITHUB_STEP_SUMMARY"
}

# Does code scanning get the report?
decide_upload() {
  local upload=true
  [ -s "$sarif" ] && [ "$INPUT_UPLOAD_SARIF" != false ] || upload=false
  # Where nothing was looked at, nothing was mended: an empty report would close every alert.
  [ "$1" -ne 3 ] || upload=false
  # GitHub gives such runs a token that can never upload.
  if [ "$upload" = true ] && [ "$INPUT_UPLOAD_SARIF" != true ] &&
    [ "${GITHUB_EVENT_NAME:-}" = push ] && [ "${GITHUB_ACTOR:-}" = 'dependabot[bot]' ]; then
    upload=false
    notice "Pushes by Dependabot may not upload to code scanning: the findings are in the log and the summary"
  fi
  output upload "$upload"
}

scan() {
  # The program may be told to read variables, and the token is not for it.
  local token=$INPUT_TOKEN
  unset INPUT_TOKEN
  temp=$(mktemp -d "${RUNNER_TEMP:-/tmp}/clawsift.XXXXXXXX")
  json=$temp/report.json annotations=$temp/annotations.txt markdown=$temp/summary.md
  check_inputs
  cd -- "${INPUT_WORKING_DIRECTORY:-.}" || refuse "working-directory: there is no $INPUT_WORKING_DIRECTORY"
  sarif=${INPUT_SARIF_FILE:-${RUNNER_TEMP:-/tmp}/clawsift.sarif}
  case $sarif in /* | [A-Za-z]:*) ;; *) sarif=$PWD/$sarif ;; esac
  # What an earlier run left there is not the report of this one.
  rm -f -- "$sarif"
  find_program
  find_trusted
  compose
  local code=0
  "$program" "${arguments[@]}" -- ${paths[@]+"${paths[@]}"} </dev/null >"$temp/report.txt" 2>&1 || code=$?
  show_report "$temp/report.txt"
  [ "$INPUT_SUMMARY" = false ] || write_summary
  write_outputs "$code"
  decide_upload "$code"
}

# ---- the gate --------------------------------------------------------------------------------------------------

gate() {
  local code=${SCAN_EXIT_CODE:-5} uploaded=false
  case ${UPLOAD_OUTCOME:-skipped} in
    success) uploaded=true ;;
    failure | cancelled)
      local why="The upload to code scanning failed, as it does without the permission security-events: write, on some forks, and in private repositories without code scanning. The findings are in the log and in the summary"
      if [ "$INPUT_UPLOAD_SARIF" = true ]; then
        printf '::error title=clawsift::%s\n' "$(escape "$why")"
        [ "$code" -ne 0 ] || code=1
      else
        notice "$why"
      fi
      [ "$INPUT_SUMMARY" = false ] || printf '\n> %s.\n' "$why" >>"$GITHUB_STEP_SUMMARY"
      ;;
  esac
  local annotate=$INPUT_ANNOTATIONS
  if [ "$annotate" != true ] && [ "$annotate" != false ]; then
    annotate=true
    [ "$uploaded" = false ] || annotate=false
  fi
  # Only commands that annotate: whatever else stood there would be obeyed too.
  if [ "$annotate" = true ] && [ -s "${SCAN_ANNOTATIONS:-}" ]; then
    grep -E '^::(error|warning|notice) ' -- "$SCAN_ANNOTATIONS" || true
  fi
  exit "$code"
}

case ${1:-} in
  scan) scan ;;
  gate) gate ;;
  *) printf 'usage: run.sh scan|gate\n' >&2 && exit 2 ;;
esac
