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
exits 127 "a command of two lines" "$wmark" record -q -o "$tmp/y.wm" -- "$(printf '/no\nsuch\033[31m')"
is "... is one line" "$out" 'wmark: /no\nsuch\x1b[31m: No such file or directory'
exits 2 "no command" "$wmark" record
exits 2 "too short a period" "$wmark" record --period 10us -- true
exits 2 "unknown source" "$wmark" record --sample foo=1s -- true
exits 0 "5 ms period" "$wmark" record -q --period 5ms -o "$tmp/f.wm" -- sleep 0.5
least "... about a hundred samples" "$("$wmark" export --source vmstat "$tmp/f.wm" | wc -l)" 60
# keys are in the kernel's order, and values lie between two readings by this test
cp /proc/vmstat "$tmp/before"
exits 0 "between two readings" "$wmark" record -q -o "$tmp/v.wm" -- sleep 0.3
cp /proc/vmstat "$tmp/after"
"$wmark" export --source vmstat "$tmp/v.wm" >"$tmp/v.csv"
is "vmstat has the kernel's keys" "$(head -1 "$tmp/v.csv" | cut -d, -f2- | tr , '\n')" "$(awk '{ print $1 }' "$tmp/after")"
# of FILE KEY
of() {
	awk -v k="$2" '$1 == k { print $2 }' "$1"
}
for k in pgpgin pgfault pgfree pgalloc_normal; do
	like "... $k grows from our first reading to our last" "$(awk -F, -v k="$k" -v a="$(of "$tmp/before" "$k")" \
		-v b="$(of "$tmp/after" "$k")" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == k) col = i; last = a; next }
		$col == "" || $col < last + 0 || $col > b + 0 { bad = bad " " $col }
		{ last = $col; n++ }
		END { printf "%s..%s: %s of %d samples", a, b, bad ? "not so" bad : "so", n }' "$tmp/v.csv")" ' so of [1-9]'
done
mkfifo "$tmp/fifo"
for f in "$tmp/fifo" /dev/full "$tmp"; do
	exits 2 "no archive in $f" "$wmark" record -o "$f" -- true
	like "... named" "$out" 'not a regular file'
done
cp "$tmp/r.wm" "$tmp/kept.wm"
for c in /no/such/command "$data"; do
	rc=0
	"$wmark" record -q -o "$tmp/kept.wm" -- "$c" 2>/dev/null || rc=$?
	like "$c cannot be started" "$rc" '^12[67]$'
	ok "... and takes the place of no run" cmp "$tmp/r.wm" "$tmp/kept.wm"
	like "... it stands beside it" "$(cat "$tmp/kept.wm.unfinished")" '^H outcome failed$'
	rm "$tmp/kept.wm.unfinished"
done
ln -s r.wm "$tmp/l.wm"
exits 0 "a link is followed" "$wmark" record -q -o "$tmp/l.wm" -- sleep 0.1
ok "... and stays" test -L "$tmp/l.wm"
is "... nothing is beside it" "$(find "$tmp" -name '*.unfinished')" ""
# a file that cannot grow is an error that names it, and the command's exit code is passed on
# limited BLOCKS COMMAND...: no file longer than so many times 512 bytes
limited() {
	blocks=$1
	shift
	(ulimit -f "$blocks" && exec "$@")
}
exits 7 "no room for the archive" limited 40 "$wmark" record -p 2ms -o "$tmp/small.wm" -- \
	sh -c 'sleep 0.5; exit 7'
like "... named" "$out" '^wmark: .*/small\.wm: writing: File too large$'
exits 3 "... and the command did well" limited 40 "$wmark" record -p 2ms -o "$tmp/small.wm" -- sleep 0.5
exits 153 "the command has the signal's default action" limited 2000 "$wmark" record -q -o "$tmp/dd.wm" -- \
	dd if=/dev/zero of="$tmp/big" bs=64k count=32
exits 3 "no room for a page" limited 2 "$wmark" report --html "$tmp/page.html" "$tmp/r.wm"
is "... of which nothing is left" "$(find "$tmp" -name 'page*')" ""
exits 0 "in the store by default" "$wmark" record -- true
stored=$(find "$WMARK_RESULTS" -name '*.wm')
ok "... as one file" test -s "$stored"
is "... which list names, with how it ended" "$("$wmark" list runs | awk '{ print $1, $NF }')" "ok $stored"
exits 3 "host target refuses without the long option" "$wmark" run --target host anon
like "... and says which" "$out" 'allow-global-pressure'
done_testing
