#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What users see of kept runs (two campaigns, runs that broke, four kernels), byte for byte: text, CSV, JSON, HTML, exit
# codes, help, lists and the man page. Moving code must change none of it.
# GOLDEN=update ci/t/golden.sh takes what is printed now as right: for changes of wording, in a separate commit.
# The runs are harness/test/data/golden/runs.tar.xz; what wmark prints of them is in harness/test/data/golden/said/.
. ci/t/lib.sh

kept=$PWD/harness/test/data/golden
said=$tmp/said
mkdir -p "$tmp/runs" "$said"
tar -xJf "$kept/runs.tar.xz" -C "$tmp/runs"
version=$("$wmark" version | sed 's/^wmark //')
top=$PWD
cd "$tmp/runs" || exit 3

# see NAME COMMAND...: output, then messages, then the exit code, with the version by name
see() {
	name=$1 rc=0
	shift
	"$@" >"$tmp/see.out" 2>"$tmp/see.err" || rc=$?
	{
		cat "$tmp/see.out"
		sed 's/^/stderr: /' "$tmp/see.err"
		echo "exit $rc"
	} | sed "s/$version/VERSION/g" >"$said/$name.txt"
}

# file NAME: a file that wmark wrote
file() {
	sed "s/$version/VERSION/g" "$1" >"$said/$1"
	rm "$1"
}

for c in camp pages; do
	see "$c" "$wmark" compare "$c" --html "$c.html" --csv "$c.csv" --json "$c.json"
	for f in "$c.html" "$c.csv" "$c.json"; do file "$f"; done
	see "$c-all" "$wmark" compare --all "$c"
	see "$c-explain" "$wmark" compare --explain kswapd_runs_per_gib "$c"
done
a=$(find store -path '*/anon-paced/6.1.*' -name '*.wm' | sort | head -1)
b=$(find store -path '*/anon-paced/6.12*' -name '*.wm' | sort | head -1)
see sides "$wmark" compare --history store "${a%/*}" "${b%/*}" --json sides.json --csv sides.csv
file sides.json
file sides.csv
see sides-none "$wmark" compare --history none --permutations 99 --judge-seed 3 --alpha .2 "${a%/*}" "${b%/*}"
see sides-unlike "$wmark" compare "${a%/*}" one
anon=$(find store -path '*/anon/6.12*' -name '*.wm' | sort | head -1)
see sides-refused "$wmark" compare "${anon%/*}" one
see sides-forced "$wmark" compare --force --history none "${anon%/*}" one --html forced.html
file forced.html
see one-run-a-side "$wmark" compare "$a" "$b"
see explain-workload "$wmark" compare --explain anon.fault_p99_us "${a%/*}" "${b%/*}"
for f in one/*.wm "$b"; do
	id=$(basename "$f" .wm)
	see "show-$id" "$wmark" show "$f"
	see "show-all-$id" "$wmark" show --all "$f"
	see "report-$id" "$wmark" report --html "run-$id.html" "$f"
	file "run-$id.html"
	# of long tables only the checksum is kept
	{
		"$wmark" export "$f" 2>/dev/null | cksum
		for s in vmstat zoneinfo node0/vmstat kswapd0/schedstat; do
			"$wmark" export --source "$s" "$f" 2>&1 | cksum
		done
	} >"$said/export-$id.txt"
done
see export-meminfo "$wmark" export --source meminfo "$b"
see list-runs "$wmark" list --store store runs
cd "$top" || exit 3
for what in scenarios suites workloads metrics states invariants; do
	see "list-$what" "$wmark" list "$what"
	see "list-v-$what" "$wmark" list -v "$what"
done
for k in 3.18 4.4 5.10 6.1 6.12 7.3; do
	see "list-counters-$k" "$wmark" list -v --root "harness/test/data/$k" counters
done
see help "$wmark" help
for c in $("$wmark" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do see "help-$c" "$wmark" "$c" --help; done
see man cat harness/man/wmark.1
cd "$said" || exit 3
# HTML pages and machine formats are large and alike, so they are kept compressed
for f in *.html *.csv *.json; do xz -f "$f"; done
if [ "${GOLDEN:-}" = update ]; then
	rm -rf "$kept/said"
	cp -r "$said" "$kept/said"
	echo "$kept/said holds what wmark $version says" >&2
fi
is "the same outputs as are kept" "$(ls)" "$(cd "$kept/said" && ls)"
for f in *; do
	case $f in
	*.xz)
		xz -dc "$f" >"$tmp/new"
		xz -dc "$kept/said/$f" >"$tmp/old" 2>/dev/null || true
		;;
	*)
		cp "$f" "$tmp/new"
		cp "$kept/said/$f" "$tmp/old" 2>/dev/null || true
		;;
	esac
	if cmp -s "$tmp/old" "$tmp/new"; then
		pass "$f"
	else
		fail "$f" "$(diff "$tmp/old" "$tmp/new" | cut -c 1-200 | head -20)"
	fi
done
done_testing
