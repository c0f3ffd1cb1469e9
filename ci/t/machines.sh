#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ways to name a kernel, kinds of devices, the vm target.
. ci/t/lib.sh

dir=$(newest_kernel 6.12)
image=$(find "$dir" -name 'vmlinuz*' -type f | head -1)
modules=$(find "$dir/lib/modules" -mindepth 1 -maxdepth 1 | head -1)

# short FILE OPTIONS...: a small file run, to the end
short() {
	f=$1
	shift
	"$wmark" run -o "$tmp/$f.wm" --set file.passes=1 --set file.rate=200M/s "$@" file >"$tmp/$f.out" 2>&1 || true
}

short image --kernel "$image:$modules" &
short package --kernel "$dir"
wait
short vm --target vm --accel tcg --kernel 6.1 --fs ext4-virtio --swap virtio --swap-size 128M &
short nullblk --kernel 6.12 --fs ext4-null_blk --swap null_blk --swap-size 64M --mem 512M
wait
short one --kernel 5.10 --nodes 1 --cpus 1 --swap pmem --swap-size 64M &
short four --kernel 6.12 --nodes 4 --cpus 4 --mem 768M --fs tmpfs --set file.sparse=no --set file.bytes=90M --fs-size 160M \
	--cmdline 'transparent_hugepage=never'
wait
for f in image package vm nullblk one four; do
	like "$f: ends well" "$(cat "$tmp/$f.out")" '^file: ok$'
done
grep -v '^H ' "$tmp/image.wm" >"$tmp/a"
grep -v '^H ' "$tmp/package.wm" >"$tmp/b"
ok "a bzImage with its modules and the package directory are the same machine" cmp "$tmp/a" "$tmp/b"
like "vm: the accelerator is a fact of the machine" "$(grep '^h machine.emulator' "$tmp/vm.wm")" 'qemu [0-9.]+ tcg$'
like "four: nodes" "$(grep '^h numa.nodes' "$tmp/four.wm")" '0-3'
like "four: kernel parameter" "$(grep '^h thp.enabled' "$tmp/four.wm")" 'never'
like "one: node" "$(grep '^h numa.nodes' "$tmp/one.wm")" 'nodes 0$'
exits 2 "compare refuses unlike machines" "$wmark" compare "$tmp/one.wm" "$tmp/four.wm"
like "... and says what differs" "$out" 'machine\.'
exits 3 "a file that is no kernel" "$wmark" run --kernel README.md file
like "... is named" "$out" 'README.md'
done_testing
