#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU killed with SIGKILL at a random moment, twenty times: every archive is readable up to the last written line.
. ci/t/lib.sh

# start NUMBER: starts a run in the background; $tmp/kNUMBER.rc exists when the run has ended
start() {
	rm -f "$tmp/k$1.rc"
	{
		rc=0
		"$wmark" run --kernel 6.12 --seed "$1" --lru classic -o "$tmp/k$1.wm" --set sample.vmstat=10ms anon >"$tmp/k$1.out" 2>&1 || rc=$?
		echo "$rc" >"$tmp/k$1.rc"
	} &
}

# await NUMBER COMMAND...: waits until the command prints something, at most two minutes; fails when the run is over
await() {
	run=$1
	shift
	for _ in $(seq 1200); do
		[ ! -e "$tmp/k$run.rc" ] || return 1
		[ -z "$("$@" 2>/dev/null)" ] || return 0
		sleep 0.1
	done
	return 1
}

# one NUMBER EARLY DELAY_MS: kill the run's QEMU so long after its start (EARLY = 1) or after the first byte of its
# archive. A run that was over sooner, or an early kill that came too late, is done again with half the delay.
one() {
	f=$tmp/k$1.wm early=$2 ms=$3 size=none
	for _ in 1 2 3 4 5 6; do
		rm -f "$f"
		start "$1"
		if await "$1" qemu_with "path=$f" && { [ "$early" = 1 ] || await "$1" find "$f" -size +0; }; then
			sleep "$(awk -v ms="$ms" 'BEGIN { printf "%.3f", ms / 1000 }')"
			q=$(qemu_with "path=$f")
			size=$(stat -c %s "$f" 2>/dev/null || echo 0)
			[ -z "$q" ] || kill -KILL "$q" 2>/dev/null || true
		fi
		wait
		echo "$size" >"$tmp/k$1.size"
		if grep -q 'anon: killed' "$tmp/k$1.out" && { [ "$early" = 0 ] || [ "$size" = 0 ]; }; then
			return
		fi
		ms=$((ms / 2))
	done
}

# four of them before the guest has said anything
delays=$(awk -v seed="$(date +%N)" 'BEGIN { srand(seed); for (i = 0; i < 20; i++) printf "%d ", i % 5 ? rand() * 8000 : rand() * 1000 }')
echo "# delays in ms: $delays"
i=0
for d in $delays; do
	i=$((i + 1))
	one $i $((i % 5 == 1)) "$d" &
	[ $((i % 2)) -eq 1 ] || wait
done
wait
samples=0 early=0
for i in $(seq 20); do
	f=$tmp/k$i.wm
	like "run $i: recorded as killed" "$(cat "$tmp/k$i.out")" 'anon: killed'
	like "run $i: outcome in the archive" "$(grep '^H outcome ' "$f")" 'killed'
	exits 0 "run $i: show reads it" "$wmark" show "$f"
	# wmark reads all complete sample lines of the file: none is lost, none is made up
	lines=$(grep -c '^s ' "$f" || true)
	like "run $i: truncated at sample $lines" "$out" "truncated at sample $lines"
	samples=$((samples + lines))
	[ "$(cat "$tmp/k$i.size")" != 0 ] || early=$((early + 1))
	ok "run $i: export reads it" "$wmark" export "$f"
done
least "some of the killed runs were being sampled" "$samples" 100
least "some had not written a byte" "$early" 3
done_testing
