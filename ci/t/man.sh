#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Documents are code: the man page has every option, README names only what exists.
. ci/t/lib.sh

ok "man page: COMMANDS is what the option tables say" ci/man.sh "$wmark" --check
for c in $("$wmark" help | awk '/^  [a-z]/ { print $1 }'); do
	for o in $("$wmark" "$c" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
		like "man page: $c $o" "$(cat harness/man/wmark.1)" "Fl -${o#--}( |$)"
	done
done
for w in $("$wmark" list workloads | awk '{ print $1 }'); do
	ok "workload $w is one file" test -f "workloads/$w.c"
done
for f in $(grep -oE '\]\([^)]*\)|`(bench|workloads|harness|ci|results)/[A-Za-z0-9_./-]+`' README.md | grep -v NAME | tr -d '`()]'); do
	ok "README: $f is there" test -e "$f"
done
sed -n '/^```ini$/,/^```$/p' README.md | sed '/^```/d' >"$tmp/readme.ini"
exits 3 "README: its scenario is a good one (only the kernel is missing)" "$wmark" run --kernel 0.0.1 "$tmp/readme.ini"
done_testing
