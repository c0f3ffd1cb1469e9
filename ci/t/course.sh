#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The course of a campaign on real machines: two settings of one kernel, looks, fresh seeds for what was found, an
# interruption in the middle of them, and the same verdict from the plan and the archives alone.
. ci/t/lib.sh

# 220 MiB of anonymous memory fit into 384, but not when huge pages take 140: a regression with any seed. The memory is of any node:
# instances bound to theirs would be killed.
ab_exec() {
	exec "$wmark" ab --kernel 6.12 --a none --b vm.nr_hugepages=70 --lru classic \
		--set anon.passes=1 --set anon.policy=local --set anon.bytes=220M --alpha 0.3 --confirm-alpha 0.3 --seeds 1..4 --looks 3,4 --confirm 3 \
		--name pages --out "$tmp/pages" "$@" anon
}

ab() {
	(ab_exec "$@")
}

# run wmark directly, so that $! is the process to stop
ab_exec >"$tmp/1.out" 2>"$tmp/1.err" &
pid=$!
for _ in $(seq 900); do
	if grep -q '^confirming: 1 of' "$tmp/1.err" 2>/dev/null || ! kill -0 $pid 2>/dev/null; then break; fi
	sleep 0.2
done
kill -TERM $pid 2>/dev/null || true
rc=0
wait $pid || rc=$?
is "interrupted while it confirms: exit code" "$rc" 3
like "... it had looked first" "$(cat "$tmp/1.err")" '^look 1 \(n = 3\): 6 of 6 runs done'
exits 77 "what was found is no verdict before it is confirmed" "$wmark" compare "$tmp/pages"
like "... and says so" "$out" 'pending|not yet'
rc=0
ab --jobs 2 >"$tmp/2.out" 2>"$tmp/2.err" || rc=$?
is "the same command goes on and ends with REGRESSED" "$rc" 1
is "... no look was run again" "$(grep -c '^look' "$tmp/2.err")" 0
like "... the settings are the sides" "$(cat "$tmp/2.out")" 'none -> vm.nr_hugepages=70'
like "... something was found and confirmed" "$(cat "$tmp/2.out")" 'confirmed on 3'
like "... the plan was fixed before" "$(cat "$tmp/pages/plan")" '^looks 3 4$'
is "... with fresh seeds" "$(awk '$1 == "run" && $6 == "fresh" { print $5 }' "$tmp/pages/plan" | sort -un | tr '\n' ' ')" "5 6 7 "
rc2=0
"$wmark" compare "$tmp/pages" --json "$tmp/a.json" >/dev/null || rc2=$?
is "compare of the campaign: the same exit code" "$rc2" "$rc"
"$wmark" compare "$tmp/pages" --json "$tmp/b.json" >/dev/null || true
ok "... the same bytes each time" cmp "$tmp/a.json" "$tmp/b.json"
# the reports of ab and of compare differ only in the command line
sed '/"reproduce"/,/\]/d' "$tmp/pages/report.json" >"$tmp/c"
sed '/"reproduce"/,/\]/d' "$tmp/a.json" >"$tmp/d"
ok "... and those that ab wrote" cmp "$tmp/c" "$tmp/d"
exits 2 "another alpha after the fact is refused" "$wmark" compare --alpha 0.01 "$tmp/pages"
like "... naming both" "$out" '0\.01.*0\.3'
exits 2 "another plan in the same place is refused" ab --confirm 2
exits 2 "settings without a kernel" "$wmark" ab --a vm.swappiness=1 --b vm.swappiness=2 file
like "... says what is missing" "$out" 'kernel K'
exits 2 "the same settings twice" "$wmark" ab --kernel 6.12 --a vm.swappiness=1 --b vm.swappiness=1 file
exits 2 "looks that do not rise" "$wmark" ab --a 6.1 --b 6.12 --looks 5,5 file
exits 2 "more alpha spent than declared" "$wmark" ab --a 6.1 --b 6.12 --looks 5,10 --spend .04,.04 file
like "... naming the sums" "$out" '0\.08.*0\.05'
exits 2 "more looks than seeds" "$wmark" ab --a 6.1 --b 6.12 --seeds 1..4 --looks 5 file
mkdir "$tmp/badplan"
sed '5s/.*/looks x/' "$tmp/pages/plan" >"$tmp/badplan/plan"
exits 2 "a bad plan names its line" "$wmark" compare "$tmp/badplan"
like "... and the word" "$out" "plan:5: 'x'"
done_testing
