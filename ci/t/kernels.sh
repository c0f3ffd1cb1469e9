#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The oldest and the newest kernel of the set: same scenarios, no parser warning, counters present or ABSENT as they should be.
. ci/t/lib.sh

# more page cache beside slab than the scenario has, because there kswapd may find only slab (82 LRU pages stolen on 5.10, seed 1)
for k in 5.10 7.3; do
	for s in anon file slab; do
		more=
		if [ $s = slab ]; then more=--set=file.bytes=60%ram; fi
		# shellcheck disable=SC2086 # one word or none
		"$wmark" run --kernel $k $more -o "$tmp/$s-$k.wm" "$s" >"$tmp/$s-$k.out" 2>&1 || true
	done &
done
wait

# counter ARCHIVE NAME: what `wmark show` says of a canonical counter over the window
counter() {
	"$wmark" show -a "$1" | awk -v c="$2" '$1 == c { print $2; exit }'
}

for k in 5.10 7.3; do
	for s in anon file slab; do
		f=$tmp/$s-$k.wm
		like "$k $s: ends well" "$(cat "$tmp/$s-$k.out")" "^$s: ok$"
		unlike "$k $s: no source fails to parse" "$(grep '^e ' "$f")" ' source\.(error|unparsed)'
		least "$k $s: pageoutrun" "$(delta "$f" vmstat pageoutrun)" 1
		least "$k $s: kswapd steals" "$(delta "$f" vmstat pgsteal_kswapd)" 100
	done
	least "$k slab: slabs_scanned" "$(delta "$tmp/slab-$k.wm" vmstat slabs_scanned)" 1000
done
# reference: counters by version
is "5.10: no khugepaged scans" "$(delta "$tmp/anon-5.10.wm" vmstat pgscan_khugepaged)" ABSENT
is "5.10: ... and ABSENT in show" "$(counter "$tmp/anon-5.10.wm" scan.khugepaged)" ABSENT
is "5.10: no per-node pgscan" "$(delta "$tmp/anon-5.10.wm" node0/vmstat pgscan_kswapd)" ABSENT
is "5.10: no promotion" "$(delta "$tmp/anon-5.10.wm" vmstat pgpromote_success)" ABSENT
like "5.10: no MGLRU" "$(grep '^h lru' "$tmp/anon-5.10.wm")" 'lru.gen_built no'
least "7.3: per-node kswapd scans on node 0" "$(delta "$tmp/anon-7.3.wm" node0/vmstat pgscan_kswapd)" 1
least "7.3: per-node kswapd scans on node 1" "$(delta "$tmp/anon-7.3.wm" node1/vmstat pgscan_kswapd)" 1
is "7.3: proactive scans are counted, none happened" "$(delta "$tmp/anon-7.3.wm" vmstat pgscan_proactive)" 0
like "7.3: MGLRU by default" "$(grep '^h lru.mode' "$tmp/anon-7.3.wm")" 'mglru'
is "7.3: nr_writeback_temp is gone" "$(delta "$tmp/anon-7.3.wm" vmstat nr_writeback_temp)" ABSENT
for k in 5.10 7.3; do
	a=$(delta "$tmp/anon-$k.wm" vmstat pgsteal_anon) b=$(delta "$tmp/anon-$k.wm" vmstat pgsteal_file)
	kd=$(delta "$tmp/anon-$k.wm" vmstat pgsteal_kswapd) dd=$(delta "$tmp/anon-$k.wm" vmstat pgsteal_direct)
	kh=$(delta "$tmp/anon-$k.wm" vmstat pgsteal_khugepaged)
	[ "$kh" != ABSENT ] || kh=0
	is "$k: steal by type is steal by reclaimer" "$((a + b))" "$((kd + dd + kh))"
done
done_testing
