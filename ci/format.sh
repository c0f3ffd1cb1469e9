#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The style of .clang-format over every C source: with -i applied, without it what does not follow it is told.
# usage: ci/format.sh [-i]
set -eu
cd "$(dirname "$0")/.."
how=--dry-run
[ "${1:-}" != -i ] || how=-i
# the data of tests is not ours to format
git ls-files -co --exclude-standard '*.c' '*.h' | grep -v '^harness/test/data/' | while read -r f; do
	[ ! -f "$f" ] || echo "$f"
done | xargs -n 40 -P "$(nproc)" clang-format-19 "$how"
