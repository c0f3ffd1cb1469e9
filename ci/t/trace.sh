#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Events counted by hist triggers of tracefs: on real kernels their numbers are those of /proc/vmstat, runs repeat to the byte
# with them, and where the kernel has none the archive says so.
. ci/t/lib.sh

# runs KERNEL FILE [OPTIONS]
runs() {
	k=$1 f=$2
	shift 2
	"$wmark" run --kernel "$k" -o "$tmp/$f.wm" --set phase.drain=3s "$@" anon >"$tmp/$f.out" 2>&1 || true
}

{
	runs 6.1 6.1
	runs 5.10 5.10
} &
{
	runs 7.3 7.3
	runs 6.12 6.12 --set sample.trace=no
} &
wait

# sum ARCHIVE KEY...: growth of vmstat counters over the window; a counter that the kernel lacks adds nothing
sum() {
	f=$1 total=0
	shift
	for key; do
		d=$(delta "$f" vmstat "$key")
		[ "$d" = ABSENT ] || total=$((total + d))
	done
	echo "$total"
}

# result ARCHIVE KEY: a number that the run noted about the kernel
result() {
	awk -v key="$2" '$1 == "w" && $2 == "@kernel" && $4 == key { print $5; exit }' "$1"
}

# within NAME HAVE WANT SLACK
within() {
	least "$1 ($2 of $3)" "$(($2 - $3 + $4))" 0
	least "$1, not more" "$(($3 - $2 + $4))" 0
}

for k in 6.1 7.3; do
	f=$tmp/$k.wm
	like "$k: ends well" "$(cat "$tmp/$k.out")" '^anon: ok$'
	is "$k: counts and stalls" "$(grep '^h trace\.' "$f" | tr '\n' ' ')" 'h trace.counts yes h trace.stalls yes '
	unlike "$k: nothing was left behind" "$(grep '^e ' "$f")" ' trace\.(not-removed|lost)'
	stalls=$(sum "$f" allocstall_dma allocstall_dma32 allocstall_normal allocstall_movable)
	least "$k: tasks had to reclaim" "$stalls" 20
	begins=$(delta "$f" trace/direct_begin Hits)
	within "$k: identity B: begins of direct reclaim are allocstall" "$begins" "$stalls" 2
	within "$k: ... and each has its length in the histogram" "$(result "$f" direct_reclaim_stalls)" "$begins" 4
	is "$k: none was lost" "$(result "$f" direct_reclaim_lost)" 0
	is "$k: none was dropped" "$(delta "$f" trace/direct_begin Dropped)" 0
	# the window's end can fall into a run of either kswapd, and between the two reads of an event
	wakes=$(delta "$f" trace/kswapd_wake Hits) sleeps=$(delta "$f" trace/kswapd_sleep Hits)
	within "$k: identity A: wakes of kswapd are pageoutrun" "$wakes" "$(sum "$f" pageoutrun)" 2
	within "$k: ... and each ends in a sleep, or in none" \
		"$((sleeps + $(sum "$f" kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly)))" "$wakes" 2
	show=$("$wmark" show -a "$f")
	like "$k: p99 of direct reclaim" "$show" '^ *direct_stall_p99_us +[0-9]'
	like "$k: time lost in it" "$show" '^ *direct_stall_ms_per_gib +[0-9]'
done
exits 0 "6.1: replay agrees, counts and stalls included" "$wmark" replay "$tmp/6.1.wm"
like "5.10: ends well" "$(cat "$tmp/5.10.out")" '^anon: ok$'
like "5.10: says what it lacks" "$(grep '^h trace.reason' "$tmp/5.10.wm")" 'hist triggers \(CONFIG_HIST_TRIGGERS\)'
is "5.10: ... and counts nothing" "$(grep -c -e '^src .* trace/' -e '@kernel' "$tmp/5.10.wm")" 0
like "trace = no: ends well" "$(cat "$tmp/6.12.out")" '^anon: ok$'
is "trace = no: nothing of it" "$(grep -c -e '^src .* trace/' -e '@kernel' -e '^h trace' "$tmp/6.12.wm")" 0
done_testing
