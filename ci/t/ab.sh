#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A campaign: plan, interruption, the same archives again, reports, exit codes; outcomes of broken machines.
. ci/t/lib.sh

# run wmark directly, so that $! is the process to interrupt
ab_exec() {
	exec "$wmark" ab --a 6.1 --b 6.12 --lru classic --name try --out "$tmp/try" --set file.passes=1 \
		--set file.rate=160M/s --confirm 0 "$@" file
}
ab() { (ab_exec "$@"); }

# interrupted after a while, then the same command again
ab_exec --seeds 1..2 >"$tmp/1.out" 2>"$tmp/1.err" &
pid=$!
# in the middle: one run is done, and another machine is running
for _ in $(seq 300); do
	if grep -rlq "^H outcome ok" "$tmp/results" 2>/dev/null && [ -n "$(qemu_with "$tmp/results")" ]; then break; fi
	sleep 0.2
done
least "a machine is running" "$(qemu_with "$tmp/results" | grep -c .)" 1
kill -TERM $pid
rc=0
wait $pid || rc=$?
is "interrupted: exit code" "$rc" 3
like "... says how it goes on" "$(cat "$tmp/1.err")" 'the same command goes on with the [0-9]+ runs'
is "... left no machine behind" "$(qemu_with "$tmp/results")" ""
done_before=$(grep -rl '^H outcome ok' "$tmp/results" | wc -l)
rc=0
ab --seeds 1..2 >"$tmp/2.out" 2>"$tmp/2.err" || rc=$?
is "second call: n = 2 judges nothing" "$rc" 77
is "... ran only what was missing" "$(grep -c 'runs done' "$tmp/2.err")" "$((4 - done_before))"
is "... all archives are there" "$(grep -rl '^H outcome ok' "$tmp/results" | wc -l)" 4
for f in report.html report.csv report.json plan; do
	ok "... $f" test -s "$tmp/try/$f"
done
like "... paths come last" "$(tail -1 "$tmp/2.out")" 'report\.html$'
like "ABBA or BAAB" "$(awk '$1 == "run" { printf "%s", $3 }' "$tmp/try/plan")" '^(ABBA|BAAB)$'
rc=0
ab --seeds 1..2 --replay >"$tmp/3.out" 2>"$tmp/3.err" || rc=$?
is "replay: exit code" "$rc" 77
like "... every archive is the same" "$(cat "$tmp/3.err" "$tmp/3.out")" '^replayed 4 runs: 4 archives are identical'
exits 2 "another plan in the same place is refused" ab --seeds 1..3
like "... and says how to go on" "$out" '--fresh replaces it'
exits 77 "compare of the campaign" "$wmark" compare "$tmp/try"
exits 77 "compare of two directories" "$wmark" compare "$tmp/results"/*/file/6.1.* "$tmp/results"/*/file/6.12.*
# unlike machines
f=$(find "$tmp/results" -path '*/6.12.*' -name '*.wm' | head -1)
mkdir "$tmp/other"
sed 's/^h machine.memory .*/h machine.memory 12345/' "$f" >"$tmp/other/x.wm"
exits 2 "unlike machine keys are refused" "$wmark" compare "$tmp/results"/*/file/6.1.* "$tmp/other"
like "... naming the fact" "$out" 'machine\.memory'
exits 77 "... unless forced" "$wmark" compare --force "$tmp/results"/*/file/6.1.* "$tmp/other"

# broken machines leave a recorded outcome with the console's end
exits 3 "panic" "$wmark" run --kernel 6.12 -o "$tmp/panic.wm" --cmdline sysctl.vm.panic_on_oom=1 --mem 192M \
	--nodes 1 --cpus 1 --swap none --set anon.bytes=300M anon
like "... is the outcome" "$out" '^anon: panic: .*[Oo]ut of memory'
exits 3 "limit" "$wmark" run --kernel 6.12 -o "$tmp/limit.wm" --limit 4s file
like "... is the outcome" "$out" '^file: limit'
like "... the archive holds the console" "$(grep '^H console' "$tmp/limit.wm")" 'H console'
# a finished run gives its place to a finished run alone
cp "$f" "$tmp/whole.wm"
ln -s whole.wm "$tmp/link.wm"
exits 3 "limit, where a finished run is" "$wmark" run --kernel 6.12 -o "$tmp/link.wm" --limit 4s file
like "... which stays" "$out" 'link\.wm holds a finished run'
ok "... byte for byte" cmp "$f" "$tmp/whole.wm"
like "... and the new one is beside it" "$(grep '^H outcome ' "$tmp/whole.wm.unfinished")" 'limit'
exits 2 "a device as archive" "$wmark" run --kernel 6.12 -o /dev/null file
ok "... is one still" test -c /dev/null
exits 3 "no init in the image" "$wmark" run --kernel 6.12 -o "$tmp/noinit.wm" --cmdline 'rdinit=/none init=/none' file
like "... is a panic" "$out" '^file: panic'
exits 0 "show reads a run that never began" "$wmark" show "$tmp/noinit.wm"
done_testing
