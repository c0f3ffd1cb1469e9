# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Helpers of the TAP tests. A test sources this, calls ok/is/like/exits..., and ends with `done_testing`.

O=${O:-build}
wmark=$(cd "$(dirname "$O/wmark")" && pwd)/wmark
# shellcheck disable=SC2034 # used by those who source this
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

# least NAME NUMBER MINIMUM: a whole number that is there and not below the minimum
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
		END { if (NR < 2) print "FAILED"; else if (!col) print "ABSENT"; else if (!have) print "FAILED"; else printf "%.0f\n", last - first }' "$tmp/delta.csv"
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
