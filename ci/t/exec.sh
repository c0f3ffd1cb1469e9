#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stress-ng and fio in the test machine: they are copied with their libraries, and their metrics are in the archive.
. ci/t/lib.sh

"$wmark" run --kernel 6.12 -o "$tmp/sng.wm" stress-ng >"$tmp/sng.out" 2>&1 &
"$wmark" run --kernel 6.12 -o "$tmp/fio.wm" fio >"$tmp/fio.out" 2>&1 || true
wait || true
like "stress-ng: ends well" "$(cat "$tmp/sng.out")" '^stress-ng: ok'
least "stress-ng: its bogo ops" "$(awk '$1 == "w" && $4 == "vm.bogo_ops" { print $5 }' "$tmp/sng.wm")" 1000
least "stress-ng: pressed on memory" "$(delta "$tmp/sng.wm" vmstat pgsteal_kswapd)" 1000
like "fio: ends well" "$(cat "$tmp/fio.out")" '^fio: ok'
is "fio: read what it was told" "$(awk '$1 == "w" && $4 == "job.read.io_bytes" { print $5 }' "$tmp/fio.wm")" 524288000
like "fio: its latency bins" "$(grep '^l fio 0 read ' "$tmp/fio.wm")" '^l fio 0 read 32000 '
like "fio: majf and minf" "$(grep -c 'job.m[ai][jn]f' "$tmp/fio.wm")" '^2$'
steal=$("$wmark" export --source vmstat "$tmp/fio.wm" | head -1 | tr , '\n' | grep -c '^pgsteal_')
least "fio: reclaim is sampled" "$steal" 3
done_testing
