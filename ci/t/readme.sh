#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every command that README shows in a ```sh block, unchanged and in order. `make demo` and `make check`, which
# take a quarter of an hour, are in other blocks of README.
. ci/t/lib.sh

sed -n '/^```sh$/,/^```$/p' README.md | sed '/^```/d' >"$tmp/commands"
least "README has commands" "$(grep -c . "$tmp/commands")" 10
# README says build/; the build may be elsewhere
mkdir -p "$tmp/readme"
ln -s "$wmark" "$tmp/readme/wmark"
while IFS= read -r line; do
	[ -n "$line" ] || continue
	cmd=$(printf '%s\n' "$line" | sed "s#build/#$tmp/readme/#g")
	rc=0
	out=$(sh -c "$cmd" </dev/null 2>&1) || rc=$?
	case $line:$rc in
	*" ab "*:1 | *compare*:1 | *" ab "*:77 | *compare*:77) rc=0 ;; # a verdict, not a failure
	*doctor*:3) rc=0 ;;                                          # something is missing on this machine, and doctor says so
	esac
	if [ "$rc" = 0 ]; then pass "$line"; else fail "$line" "exit $rc: $out"; fi
done <"$tmp/commands"
like "the report is a page" "$(head -c 200 "$tmp/readme/try/report.html" 2>/dev/null)" '<!doctype html>|<!DOCTYPE html>'
done_testing
