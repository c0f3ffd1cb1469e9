#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds one source several times, runs a suite on every build, and judges all pairs of builds
# (bench/perf/rebuild.c). As in `wmark ab` a pair gets further runs only where a look left something
# open, and fresh ones only where it found something.
# Stopped and called again it goes on where it was.
# usage: bench/perf/rebuild.sh [--source VERSION | --tree DIR] [--builds N] [--jobs N] [OPTIONS]
#        bench/perf/rebuild.sh --kernels A,B[,C...] [--jobs N] [OPTIONS]      kernels that are there: as `wmark run --kernel`
# VERSION (default 6.12) is of a Debian source (ci/kernels.sh source), N builds (default 8) are its salts from 0 on
# (ci/kernels.sh rebuild); jobs (default 2) run side by side. OPTIONS are those of build/perf/rebuild judge, and of
# the machine: --seeds, --suite, --scenario, --lru, --store, --csv, --rebuilds ... Exit codes: 0, 1 a declared rate is
# shown not to hold, 2 usage, 3 a kernel or a run could not be made.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
O=${O:-$here/build}
wmark=${WMARK:-$O/wmark}
bench=$O/perf/rebuild
source=6.12 tree='' builds=8 kernels='' jobs=2

usage() {
	sed -n 's/^# usage:/usage:/p; s/^#        bench/       bench/p' "$0" >&2
	exit 2
}

value() {
	[ "$n" -gt 0 ] || { echo "rebuild.sh: $1 needs a value" >&2; usage; }
	case $1:$2 in
	--builds:*[!0-9]* | --jobs:*[!0-9]* | --builds: | --jobs:) echo "rebuild.sh: $1 '$2': a number" >&2; usage ;;
	esac
}

# own options are taken out, the others stay as they are
n=$#
while [ "$n" -gt 0 ]; do
	o=$1
	shift
	n=$((n - 1))
	case $o in
	--source | --tree | --builds | --kernels | --jobs)
		value "$o" "${1-}"
		eval "${o#--}=\$1"
		shift
		n=$((n - 1))
		;;
	-h | --help) usage ;;
	*) set -- "$@" "$o" ;;
	esac
done

if [ -n "$kernels" ]; then
	kernels=$(printf '%s' "$kernels" | tr ',' ' ')
else
	[ "$builds" -ge 2 ] || { echo "rebuild.sh: --builds $builds: two at least" >&2; exit 2; }
	[ -n "$tree" ] || tree=$("$here/ci/kernels.sh" source "$source")
	kernels=$("$here/ci/kernels.sh" rebuild -s "0..$((builds - 1))" "$tree")
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/wmark-rebuild-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 3' HUP INT TERM

# Counts the runs that end, by the last line that each prints: its archive.
progress() {
	begin=$(date +%s) k=0
	while read -r line; do
		case $line in
		*.wm) k=$((k + 1)) ;;
		*) echo "$line" >>"$tmp/log" ;;
		esac
		case $line:$((k % 20 == 0 || k == $1)) in
		*.wm:1) echo "$k of $1 runs, $((($(date +%s) - begin) * ($1 - k) / k / 60)) minutes left" >&2 ;;
		esac
	done
}

# Rounds: first the runs of the looks, then fresh ones of what these found.
: >"$tmp/log"
left=
while :; do
	# shellcheck disable=SC2086
	"$bench" todo $kernels "$@" >"$tmp/todo"
	[ -s "$tmp/todo" ] || break
	if cmp -s "$tmp/todo" "$tmp/before"; then
		left=1
		break
	fi
	cp "$tmp/todo" "$tmp/before"
	xargs -P "$jobs" -L 1 "$wmark" run <"$tmp/todo" 2>&1 | progress "$(wc -l <"$tmp/todo")"
done
if [ -n "$left" ]; then
	echo "rebuild.sh: $(wc -l <"$tmp/todo") runs could not be made; what was said last:" >&2
	tail -n 5 "$tmp/log" >&2
	exit 3
fi
# shellcheck disable=SC2086
"$bench" judge $kernels "$@"
