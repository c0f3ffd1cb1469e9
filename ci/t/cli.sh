#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: help, exit codes, messages for bad input.
. ci/t/lib.sh

exits 2 "no command" "$wmark"
like "... lists the commands" "$out" '^  run +Run scenarios'
exits 0 "help" "$wmark" help
exits 2 "unknown command" "$wmark" compere
like "... suggests" "$out" "'compere': no such command; did you mean 'compare'"
ok "version" "$wmark" version
for c in $("$wmark" help | awk '/^  [a-z]/ { print $1 }'); do
	exits 0 "$c --help" "$wmark" "$c" --help
	like "... $c usage" "$out" "^usage: wmark $c"
done
exits 2 "--help of nonsense" "$wmark" --help nonsense
exits 2 "a seed twice" "$wmark" ab --a 6.1 --b 6.12 --seeds 1..3,2 anon
like "... says which" "$out" 'seed 2 twice'
exits 2 "a scenario twice" "$wmark" ab --a 6.1 --b 6.12 anon anon
exits 0 "a caller that ignores SIGCHLD" sh -c "trap '' CHLD; exec $wmark record -q -o $tmp/chld.wm -- true"
exits 2 "unknown option" "$wmark" run --sed 3 anon
like "... suggests" "$out" "unknown option '--sed'; did you mean '--se[et]"
exits 2 "value of a wrong kind" "$wmark" run --seed many anon
like "... names the word" "$out" "wmark: wmark run: --seed: 'many': not a whole number"
exits 2 "missing value" "$wmark" run --kernel
exits 2 "run without a scenario" "$wmark" run --kernel 6.1
exits 2 "run without a kernel" "$wmark" run anon
exits 2 "unknown scenario" "$wmark" run --kernel 6.1 annon
like "... lists those there are" "$out" "'annon': none of the scenarios .*anon"
exits 3 "unknown kernel" "$wmark" run --kernel 1.2.3 anon
like "... names the command that brings it" "$out" 'ci/kernels.sh fetch 1.2.3'
exits 2 "ab without kernels" "$wmark" ab --suite demo
exits 2 "ab on a host" "$wmark" ab --a 6.1 --b 6.12 --suite demo --target host
exits 2 "bad seeds" "$wmark" ab --a 6.1 --b 6.12 --suite demo --seeds 4..1
exits 2 "compare without runs" "$wmark" compare
exits 3 "compare: no such directory" "$wmark" compare "$tmp/a" "$tmp/b"
mkdir "$tmp/empty"
exits 3 "compare: empty directory" "$wmark" compare "$tmp/empty" "$tmp/empty"
like "... says so" "$out" 'no run archives'
echo 'not an archive' >"$tmp/x.wm"
for c in show export replay report; do
	exits 2 "$c: not an archive" "$wmark" "$c" "$tmp/x.wm"
	like "... $c names the file" "$out" "x.wm"
done
exits 2 "list without a word" "$wmark" list
exits 2 "list of nonsense" "$wmark" list nonsense
for w in scenarios suites workloads kernels runs counters metrics; do
	exits 0 "list $w" "$wmark" list "$w"
	exits 0 "list -v $w" "$wmark" list -v "$w"
done
exits 0 "list counters of 5.10" "$wmark" list counters --root "$data/5.10"
like "... khugepaged scans are ABSENT there" "$out" '^scan\.khugepaged +ABSENT$'
exits 0 "list counters of 3.18" "$wmark" list counters --root "$data/3.18"
like "... zones are summed" "$out" '^steal\.kswapd .*pgsteal_kswapd_dma32'
exits 0 "restore with nothing to do" "$wmark" restore --journal "$tmp/none"
printf '/etc/passwd\tx\n' >"$tmp/journal"
exits 2 "restore refuses a journal that names other files" "$wmark" restore --journal "$tmp/journal"
# names: of campaigns no paths and no lines of a plan, of files neither empty nor more than a line
nl='
'
for name in "x${nl}alpha 0.5" ../x '' .x a/b; do
	exits 2 "ab --name '$name'" "$wmark" ab --a 6.1 --b 6.12 --name "$name" --store "$tmp/names" anon
	is "... in one line" "$(printf '%s\n' "$out" | wc -l)" 1
	like "... that names the option" "$out" '^wmark: .*--name'
done
for o in '--store=' "--store=$tmp/n${nl}x" '--out=' "--out=$tmp/n${nl}x"; do
	exits 2 "ab '$o'" "$wmark" ab --a 6.1 --b 6.12 "$o" anon
	is "... in one line" "$(printf '%s\n' "$out" | wc -l)" 1
done
is "nothing was made for them" "$(find "$tmp" -name 'n*' | grep -v none || true)" ""
exits 2 "run -o ''" "$wmark" run --kernel 6.1 -o '' anon
# what may have no end or no writer is refused at once, and too little memory is one line
mkfifo "$tmp/fifo.wm"
for f in /dev/zero "$tmp/fifo.wm"; do
	for c in show export replay 'restore --journal' 'run --kernel 6.1'; do
		# shellcheck disable=SC2086 # command and option
		exits 2 "$c $f" timeout 10 "$wmark" $c "$f"
		like "... named" "$out" '^wmark: .*not a regular file$'
	done
done
rm "$tmp/fifo.wm"
{
	printf 'wmark archive 1\n'
	head -c 200000000 /dev/zero | tr '\0' x
} >"$tmp/long.wm"
exits 3 "too little memory for a line of 200 MB" sh -c "ulimit -v 150000; '$wmark' show '$tmp/long.wm'"
is "... in one line" "$out" 'wmark: out of memory'
rm "$tmp/long.wm"
# messages name what is wrong
exits 3 "list of a store that is not there" "$wmark" list runs --store "$tmp/nosuch"
like "... named" "$out" 'nosuch: No such file'
exits 2 "compare of a campaign that is not there" "$wmark" compare "$tmp/nosuch"
like "... named" "$out" '^wmark: compare: .*nosuch: no such campaign$'
exits 2 "compare of a folder that is none" "$wmark" compare "$tmp/empty"
like "... named" "$out" 'empty: not a campaign'
exits 2 "a suite that there is not" "$wmark" ab --a 6.1 --b 6.12 --suite nosuch
like "... named" "$out" "'nosuch': none of the suites"
exits 3 "too few open files" sh -c "ulimit -n 5; '$wmark' record -o '$tmp/few.wm' -- true"
like "... is no kernel without counters" "$out" '^wmark: sampler: source vmstat: Too many open files$'
esc=$(printf '\033')
exits 3 "a name that moves the cursor" "$wmark" show "no${esc}[31msuch"
is "... is shown, not sent" "$out" 'wmark: no\x1b[31msuch: No such file or directory'
rc=0
"$wmark" list metrics >/dev/full 2>/dev/null || rc=$?
is "a full disk is an error" "$rc" 3
done_testing
