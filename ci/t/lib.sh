# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Helpers of the TAP tests. A test sources this, calls ok/is/like/exits..., and ends with `done_testing`.

O=${O:-build}
wmark=$(cd "$(dirname "$O/wmark")" && pwd)/wmark
# shellcheck disable=SC2034 # used by the tests that source this
data=$PWD/harness/test/data
tmp=$(mktemp -d "${TMPDIR:-/tmp}/wmark-test-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
# tests never touch the user's store
WMARK_RESULTS=$tmp/results
WMARK_BENCH=$PWD/bench
export WMARK_RESULTS WMARK_BENCH
n=0
bad=0

pass() {
	n=$((n + 1))
	echo "ok $n - $1"
}

# fail NAME [TEXT]: the text becomes diagnostics
fail() {
	n=$((n + 1))
	bad=$((bad + 1))
	echo "not ok $n - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /' | head -40
}

# ok NAME COMMAND...: exit code 0
ok() {
	name=$1
	shift
	if out=$("$@" 2>&1); then pass "$name"; else fail "$name" "exit $?: $*
$out"; fi
}

# exits CODE NAME COMMAND...: the exit code; output is left in $out
exits() {
	want=$1 name=$2
	shift 2
	rc=0
	out=$("$@" 2>&1) || rc=$?
	if [ "$rc" = "$want" ]; then pass "$name"; else fail "$name" "exit $rc, wanted $want: $*
$out"; fi
}

# is NAME HAVE WANT
is() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "have: $2
want: $3"; fi
}

# like NAME TEXT PATTERN (grep -E)
like() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then pass "$1"; else fail "$1" "no /$3/ in: $2"; fi
}

unlike() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then fail "$1" "/$3/ is in: $2"; else pass "$1"; fi
}

# least NAME NUMBER MINIMUM: the number is a whole number and not below the minimum
least() {
	case $2 in
	'' | *[!0-9]*) fail "$1" "'$2' is not a number" ;;
	*) if [ "$2" -ge "$3" ]; then pass "$1"; else fail "$1" "$2 is below $3"; fi ;;
	esac
}

done_testing() {
	echo "1..$n"
	[ "$bad" -eq 0 ]
}

# delta ARCHIVE SOURCE KEY: growth over the window; "ABSENT" where the kernel has no such counter, "FAILED" when the
# archive cannot be exported, has no window or no sample of the source before it
delta() {
	from=$(mark_us "$1" window-begin) to=$(mark_us "$1" window-end)
	if [ -z "$from" ] || [ -z "$to" ] || ! "$wmark" export --source "$2" "$1" >"$tmp/delta.csv" 2>/dev/null; then
		echo FAILED
		return
	fi
	awk -F, -v key="$3" -v from="$from" -v to="$to" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == key) col = i; next }
		!col { exit }
		$col == "" { next }
		$1 <= from { first = $col; have = 1 }
		$1 <= to { last = $col }
		END {
			if (NR >= 2 && !col) print "ABSENT"
			else if (NR < 2 || !have) print "FAILED"
			else printf "%.0f\n", last - first
		}' "$tmp/delta.csv"
}

# qemu_with TEXT: pids of the QEMUs whose command line holds TEXT
qemu_with() {
	for p in $(pgrep -x qemu-system-x86); do # comm holds 15 characters
		if tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -Fq -- "$1"; then echo "$p"; fi
	done
}

# mark_us ARCHIVE NAME: time of a mark
mark_us() {
	awk -v name="$2" '$1 == "e" && $3 == "mark" && $4 == name { print $2; exit }' "$1"
}

# newest_kernel VERSION: folder of the newest kernel in the cache whose version begins with VERSION
newest_kernel() {
	cache=${WMARK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wmark}
	find "$cache/kernels" -maxdepth 1 -name "$1.*" | sort -V | tail -1
}

# guest_begin: makes below $root a machine that wmark did not build: Debian's busybox as user land, the same static
# wmark, zram's modules of Debian's 6.1, 256 MiB of swap. The test adds to $root/init what is to be done; its lines
# "T: ..." are what the test looks at.
guest_begin() {
	kernel_dir=$(newest_kernel 6.1)
	root=$tmp/root
	mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/mod"
	cp /bin/busybox "$root/bin/busybox"
	cp "$wmark" "$root/wmark"
	i=0
	for m in zsmalloc lz4_compress lzo_rle zram; do
		f=$(find "$kernel_dir" -name "$m.ko" -o -name "$(echo $m | tr _ -).ko" | head -1)
		i=$((i + 1))
		[ -z "$f" ] || cp "$f" "$root/mod/$i-$m.ko"
	done
	cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for m in /mod/*.ko; do insmod $m 2>/dev/null; done
echo 268435456 >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0
echo 77 >/proc/sys/vm/swappiness
say() { echo "T: $*"; }
# same_settings WORDS: the test's settings() prints what it printed into /tmp/before
same_settings() {
	settings >/tmp/after
	if cmp -s /tmp/before /tmp/after; then say "$*"; else say "NOT $*"; diff /tmp/before /tmp/after; fi
}
INIT
}

# guest_run SECONDS: boots the machine of $root with two nodes and two CPUs; $out is the console
guest_run() {
	printf 'say end\npoweroff -f\n' >>"$root/init"
	chmod +x "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$tmp/initrd"
	timeout "$1" qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -m 384M -smp 2 \
		-object memory-backend-ram,id=m0,size=192M -object memory-backend-ram,id=m1,size=192M \
		-numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,cpus=1,memdev=m1 \
		-accel tcg -icount shift=1,sleep=off -rtc base=2026-01-01,clock=vm -cpu qemu64 -serial stdio \
		-kernel "$(find "$kernel_dir" -name 'vmlinuz*' -type f | head -1)" -initrd "$tmp/initrd" \
		-append 'console=ttyS0 panic=-1 quiet no_timer_check nokaslr mitigations=off random.trust_cpu=off' \
		</dev/null >"$tmp/console" 2>&1 || true
	out=$(tr -d '\r' <"$tmp/console")
	like "the machine ran to its end" "$out" '^T: end'
}
