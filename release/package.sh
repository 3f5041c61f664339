#!/usr/bin/env bash
# Packs the program that was built for a target: clawsift-VERSION-TARGET.tar.gz, for Windows a .zip as well.
#
#   release/package.sh TARGET EXTRAS INTO
set -euo pipefail
target=$1 extras=$2 into=$3
version=$("$(dirname "$0")/version.sh")
name=clawsift-$version-$target
program=clawsift
case $target in *windows*) program=clawsift.exe ;; esac

mkdir -p "$into" "$into/$name"
cp -R "$extras/." "$into/$name"
cp "${CARGO_TARGET_DIR:-target}/$target/release/$program" "$into/$name/"
chmod 755 "$into/$name/$program"
tar -C "$into" -czf "$into/$name.tar.gz" "$name"
case $target in *windows*) (cd "$into" && 7z a -bso0 "$name.zip" "$name") ;; esac
rm -r "${into:?}/$name"
