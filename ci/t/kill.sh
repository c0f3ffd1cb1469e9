#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU killed with SIGKILL at a random moment, twenty times: every archive is readable up to the last written line.
. ci/t/lib.sh

# descendants PID: QEMU below a process that this test started
qemu_of() {
	# shellcheck disable=SC2013 # pids are words
	for p in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		if grep -q '^qemu-system' "/proc/$p/comm" 2>/dev/null; then echo "$p"; else qemu_of "$p"; fi
	done
}

# one NUMBER DELAY_MS
one() {
	"$wmark" run --kernel 6.12 --seed "$1" --lru classic -o "$tmp/k$1.wm" --set sample.vmstat=10ms anon >"$tmp/k$1.out" 2>&1 &
	pid=$!
	sleep "$(awk -v ms="$2" 'BEGIN { printf "%.3f", ms / 1000 }')"
	q=$(qemu_of "$pid")
	if [ -n "$q" ]; then kill -KILL "$q"; fi
	echo "${q:-none}" >"$tmp/k$1.pid"
	wait "$pid" || true
}

delays=$(awk -v seed="$(date +%N)" 'BEGIN { srand(seed); for (i = 0; i < 20; i++) printf "%d ", 500 + rand() * 11500 }')
echo "# delays in ms: $delays"
i=0
for d in $delays; do
	i=$((i + 1))
	one $i "$d" &
	[ $((i % 2)) -eq 1 ] || wait
done
wait
samples=0
for i in $(seq 20); do
	f=$tmp/k$i.wm
	case $(cat "$tmp/k$i.pid") in
	none)
		fail "run $i: QEMU was there to be killed" "$(cat "$tmp/k$i.out")"
		continue
		;;
	esac
	like "run $i: recorded as killed" "$(cat "$tmp/k$i.out")" 'anon: killed'
	like "run $i: outcome in the archive" "$(grep '^H outcome ' "$f")" 'killed'
	exits 0 "run $i: show reads it" "$wmark" show "$f"
	# all complete sample lines of the file are read: none lost, none made up
	lines=$(grep -c '^s ' "$f" || true)
	like "run $i: truncated at sample $lines" "$out" "truncated at sample $lines"
	samples=$((samples + lines))
	ok "run $i: export reads it" "$wmark" export "$f"
done
least "some of the killed runs were being sampled" "$samples" 100
done_testing
