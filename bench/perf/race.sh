#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Is an exact run the same however busy the host is? Repeats one run and counts those whose archive differs (lines of the host
# apart) from the first, which is made without load.
# usage: bench/perf/race.sh [-n RUNS] [-j JOBS] [-l LOAD] [-w] [-p] [-k KERNEL] [SCENARIO [OPTIONS OF wmark run]]
# LOAD processes spin meanwhile. -w: QEMU's window is widened (race_widen.c); -p: plain, without the recorder that closes
# it. Exit codes: 0 none differs, 1 some do, 2 usage, 3 a run failed.
set -eu
cd "$(dirname "$0")/../.."
runs=20 jobs=2 load=0 widen="" plain="" kernel=6.12
usage() {
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
}
while getopts n:j:l:wpk: o; do
	case $o in
	n) runs=$OPTARG ;;
	j) jobs=$OPTARG ;;
	l) load=$OPTARG ;;
	w) widen=1 ;;
	p) plain=1 ;;
	k) kernel=$OPTARG ;;
	*) usage ;;
	esac
done
case $runs$jobs$load in *[!0-9]*) usage ;; esac
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- file --set file.passes=1 --set file.bytes=40%ram
scenario=$1
shift
wmark=${O:-build}/wmark
tmp=$(mktemp -d)
spinners="" workers=""
finish() {
	for p in $spinners; do kill "$p" 2>/dev/null || true; done
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 130' INT TERM

# sum FILE: the archive without lines of the host
sum() { grep -v '^H ' "$1" | sha256sum | cut -c 1-16; }

"$wmark" run --kernel "$kernel" --seed 1 -o "$tmp/first.wm" "$@" "$scenario" >"$tmp/out" 2>&1 || {
	cat "$tmp/out" >&2
	exit 3
}
want=$(sum "$tmp/first.wm")

real=${WMARK_QEMU:-$(command -v qemu-system-x86_64)}
preload=
if [ -n "$widen" ]; then
	${CC:-cc} -O2 -D_GNU_SOURCE -shared -fPIC -o "$tmp/widen.so" bench/perf/race_widen.c -ldl
	preload=$tmp/widen.so
fi
cat >"$tmp/qemu" <<-END
	#!/bin/sh
	[ "\$1" = --version ] || export LD_PRELOAD="$preload"
	if [ -n "$plain" ]; then
		for word; do
			shift
			set -- "\$@" "\${word%,rr=record,rrfile=/dev/null}"
		done
	fi
	exec "$real" "\$@"
END
chmod +x "$tmp/qemu"
i=0
while [ "$i" -lt "$load" ]; do
	sh -c 'while :; do :; done' &
	spinners="$spinners $!"
	i=$((i + 1))
done

j=1
while [ "$j" -le "$jobs" ]; do
	(
		n=$j
		while [ "$n" -le "$runs" ]; do
			if WMARK_QEMU=$tmp/qemu "$wmark" run --kernel "$kernel" --seed 1 -o "$tmp/$n.wm" "$@" "$scenario" >"$tmp/$n.out" 2>&1; then
				echo "$n $(sum "$tmp/$n.wm")" >>"$tmp/sums"
			else
				echo "$n failed: $(tail -n 1 "$tmp/$n.out")" >>"$tmp/sums"
			fi
			rm -f "$tmp/$n.wm" "$tmp/$n.out"
			n=$((n + jobs))
		done
	) &
	workers="$workers $!"
	j=$((j + 1))
done
# shellcheck disable=SC2086
wait $workers
differ=$(grep -vc " $want\$" "$tmp/sums" || true)
failed=$(grep -c failed "$tmp/sums" || true)
echo "$scenario on $kernel: $runs runs, load $load${widen:+, window widened}${plain:+, without recorder}: $differ differ, $failed of them failed"
grep failed "$tmp/sums" | head -n 3 || true
[ "$failed" -eq 0 ] || exit 3
[ "$differ" -eq 0 ]
