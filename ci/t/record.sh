#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# wmark record -- CMD on this machine.
. ci/t/lib.sh

exits 0 "around true" "$wmark" record -o "$tmp/r.wm" -- sleep 0.4
like "complete" "$(tail -8 "$tmp/r.wm")" '^end '
exits 0 "show" "$wmark" show "$tmp/r.wm"
exits 7 "exit code of the command" "$wmark" record -q -o "$tmp/x.wm" -- sh -c 'exit 7'
exits 127 "command that does not exist" "$wmark" record -q -o "$tmp/y.wm" -- /no/such/command
exits 143 "command that dies by a signal" "$wmark" record -q -o "$tmp/z.wm" -- sh -c 'kill -TERM $$'
exits 2 "no command" "$wmark" record
exits 2 "too short a period" "$wmark" record --period 10us -- true
exits 2 "unknown source" "$wmark" record --sample foo=1s -- true
exits 0 "5 ms period" "$wmark" record -q --period 5ms -o "$tmp/f.wm" -- sleep 0.5
least "... about a hundred samples" "$("$wmark" export --source vmstat "$tmp/f.wm" | wc -l)" 60
is "vmstat of the first sample is the kernel's own text" "$("$wmark" export --source vmstat "$tmp/f.wm" | head -1 | tr , '\n' | grep -c .)" \
	"$(($(grep -c . /proc/vmstat) + $("$wmark" export --source vmstat "$tmp/f.wm" | head -1 | tr , '\n' | grep -cvxf "$(awk '{ print $1 }' /proc/vmstat >"$tmp/keys"; echo "$tmp/keys")")))"
exits 0 "in the store by default" "$wmark" record -- true
like "... where list finds it" "$("$wmark" list runs)" 'record.*\.wm$|ok '
exits 3 "host target refuses without the long option" "$wmark" run --target host anon
like "... and says which" "$out" 'allow-global-pressure'
done_testing
