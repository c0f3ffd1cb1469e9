#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks every C source against .clang-format and reports what differs; -i rewrites the sources instead.
# usage: ci/format.sh [-i]
set -eu
cd "$(dirname "$0")/.."
how=--dry-run
[ "${1:-}" != -i ] || how=-i
# the data of tests stays as it was captured
git ls-files -co --exclude-standard '*.c' '*.h' | grep -v '^harness/test/data/' | while read -r f; do
	[ ! -f "$f" ] || echo "$f"
done | xargs -n 40 -P "$(nproc)" clang-format-19 "$how"
