#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Real kernels on the exact target: counters move where they should, runs repeat to the byte, pressure stays on its node.
. ci/t/lib.sh

# runs KERNEL SCENARIO SEED FILE [OPTIONS]: runs quietly, and prints the outcome line
runs() {
	k=$1 s=$2 seed=$3 f=$4
	shift 4
	"$wmark" run --kernel "$k" --seed "$seed" --lru classic -o "$tmp/$f.wm" "$@" "$s" >"$tmp/$f.out" 2>&1
	echo $? >"$tmp/$f.rc"
}

# pair: two lists of runs side by side on two cores
# slab with more page cache than the scenario has, because there kswapd may find only slab
{
	runs 6.1 anon 1 anon-6.1
	runs 6.1 file 1 file-6.1
	runs 6.1 slab 1 slab-6.1 --set file.bytes=60%ram
	runs 6.12 anon 1 again-6.12
} &
{
	runs 6.12 anon 1 anon-6.12
	runs 6.12 file 1 file-6.12
	runs 6.12 slab 2 slab-6.12 --set file.bytes=60%ram
	runs 6.12 anon-node1 1 bind-6.12
}
wait

for k in 6.1 6.12; do
	for s in anon file slab; do
		f=$s-$k
		is "$k $s: ends well" "$(cat "$tmp/$f.rc")" 0
		like "$k $s: archive complete" "$(tail -20 "$tmp/$f.wm")" '^end '
		unlike "$k $s: kernel log is clean" "$(grep '^m ' "$tmp/$f.wm" || true)" '(oops|hung-task|lockup|panic|warning)'
		unlike "$k $s: no source fails to parse" "$(grep '^e ' "$tmp/$f.wm")" ' source\.(error|unparsed)'
		like "$k $s: it is the classic LRU" "$(grep '^h lru.mode' "$tmp/$f.wm")" 'classic'
		like "$k $s: two nodes" "$(grep '^h numa.nodes' "$tmp/$f.wm")" '0-1'
		least "$k $s: pageoutrun" "$(delta "$tmp/$f.wm" vmstat pageoutrun)" 1
		least "$k $s: pgsteal_kswapd" "$(delta "$tmp/$f.wm" vmstat pgsteal_kswapd)" 100
	done
	least "$k anon: swap out" "$(delta "$tmp/anon-$k.wm" vmstat pswpout)" 1000
	least "$k file: file pages stolen" "$(delta "$tmp/file-$k.wm" vmstat pgsteal_file)" 10000
	least "$k slab: slabs_scanned" "$(delta "$tmp/slab-$k.wm" vmstat slabs_scanned)" 1000
	least "$k anon: kswapd0 ran" "$(delta "$tmp/anon-$k.wm" kswapd0/schedstat run_ns)" 1000000
	least "$k anon: kswapd1 ran" "$(delta "$tmp/anon-$k.wm" kswapd1/schedstat run_ns)" 1000000
done

# facts of a workload are in the archive beside its numbers
is "6.12 file: the archive says which of its workloads has no end" \
	"$(sed -n 's/^h scenario\.workload\.//p' "$tmp/file-6.12.wm" | tr '\n' ,)" \
	"file.background no,probe.background yes,probe.slow slow,"

# the seed decides the state of memory before the load starts: one seed keeps the same number of pages on any kernel
held() { sed -n "s/^h run.held_pages //p" "$tmp/$1.wm"; }
is "one seed holds the same pages on 6.1 and 6.12" "$(held anon-6.1)" "$(held anon-6.12)"
ok "... another seed others" test "$(held slab-6.12)" != "$(held anon-6.12)"
least "... and some" "$(held anon-6.12)" 2

# exactness: the same run twice gives the same file, except for host lines
grep -v '^H ' "$tmp/anon-6.12.wm" >"$tmp/a"
grep -v '^H ' "$tmp/again-6.12.wm" >"$tmp/b"
ok "6.12 anon seed 1 twice: byte for byte the same" cmp "$tmp/a" "$tmp/b"
exits 0 "replay agrees" "$wmark" replay "$tmp/slab-6.1.wm"
like "... and says so" "$out" '^identical: [0-9]+ lines'
# a machine that is not the same gives other numbers, and replay says so: the same QEMU, but a slower virtual clock
cat >"$tmp/qemu" <<'QEMU'
#!/bin/sh
exec qemu-system-x86_64 "$@" -icount shift=2,sleep=off
QEMU
chmod +x "$tmp/qemu"
exits 1 "replay on a machine that differs" env WMARK_QEMU="$tmp/qemu" "$wmark" replay "$tmp/slab-6.1.wm"
like "... names the first line that does" "$out" '^DIFFERS: .*slab-6\.1\.wm line [0-9]+: '
exits 2 "replay with another kernel is refused" "$wmark" replay --kernel 6.12 "$tmp/slab-6.1.wm"
like "... naming both hashes" "$out" "hash [0-9a-f]{16}, the run has $(awk '/^h kernel.image_hash / { print $3 }' "$tmp/slab-6.1.wm")"
# a changed number is found
sed 's/^w anon 0 ops.touch .*/w anon 0 ops.touch 1/' "$tmp/anon-6.12.wm" >"$tmp/forged.wm"
exits 2 "a forged archive is not replayed" "$wmark" replay "$tmp/forged.wm"

# pressure on node 1 leaves node 0 as it was: free pages of node 0 at the window's end against its begin
is "6.12 anon-node1: ends well" "$(cat "$tmp/bind-6.12.rc")" 0
free0=$(delta "$tmp/bind-6.12.wm" node0/vmstat nr_free_pages)
free1=$(delta "$tmp/bind-6.12.wm" node1/vmstat nr_free_pages)
is "kswapd0 slept" "$(delta "$tmp/bind-6.12.wm" kswapd0/schedstat run_ns)" 0
least "kswapd1 ran" "$(delta "$tmp/bind-6.12.wm" kswapd1/schedstat run_ns)" 1000000
least "node 1 was emptied (nodeN/vmstat)" "$((-free1))" 10000
least "node 0 kept its free pages ($free0; more, when direct reclaim drains the per-CPU lists)" "$((free0 + 500))" 0
zone0=$("$wmark" export --source zoneinfo "$tmp/bind-6.12.wm" | head -1 | tr , '\n' | grep -E '^node0\.[A-Za-z0-9]+\.free$')
for z in $zone0; do
	least "zoneinfo agrees: $z" "$(($(delta "$tmp/bind-6.12.wm" zoneinfo "$z") + 500))" 0
done
done_testing
