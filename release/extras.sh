#!/usr/bin/env bash
# What goes into every archive beside the program: completions, the manual page, and texts.
#
#   release/extras.sh DIR [BINARY]     (builds a debug binary when none is named)
set -euo pipefail
into=$(mkdir -p -- "$1" && cd -- "$1" && pwd)
cd "$(dirname "$0")/.."
binary=${2:-}
if [ -z "$binary" ]; then
  cargo build --locked --quiet
  binary=target/debug/clawsift
fi
mkdir -p "$into/completions" "$into/man"
"$binary" completions bash >"$into/completions/clawsift.bash"
"$binary" completions zsh >"$into/completions/_clawsift"
"$binary" completions fish >"$into/completions/clawsift.fish"
"$binary" completions powershell >"$into/completions/clawsift.ps1"
"$binary" completions elvish >"$into/completions/clawsift.elv"
"$binary" man >"$into/man/clawsift.1"
cp README.md CHANGELOG.md LICENSE "$into"
