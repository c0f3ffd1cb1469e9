#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks that need no run: compiler warnings, shell scripts, man page, and rules of the tree.
# TAP on standard output.
set -eu
cd "$(dirname "$0")/.."
O=${O:-build}
mkdir -p "$O"
n=0 bad=0

# check NAME TEXT: an empty text is fine; any other text says what is wrong
check() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$2" | sed 's/^/# /' | head -40
		bad=$((bad + 1))
	fi
}

files=$(git ls-files -co --exclude-standard)
sources=$(printf '%s\n' "$files" | grep -E '\.[ch]$' | grep -v '^harness/test/data/' || true)
scripts=$(printf '%s\n' "$files" | grep -E '\.sh$|^\.ci/run$|^ci/new$' || true)

compile() {
	command -v "$1" >/dev/null || { echo "$1 is not installed (ci/deps.sh test)"; return; }
	${MAKE:-make} -s -j"$(nproc)" O="$O/lint-$1" CC="$1" WERROR=1 OPTIM=-O1 "$O/lint-$1/libwmark.a" commands unit-objects perf-objects >"$O/lint-$1.log" 2>&1 ||
		grep -vE "^  (CC|AR) " "$O/lint-$1.log"
}
check "gcc -Wall -Wextra ... -Werror" "$(compile gcc)"
check "clang -Wall -Wextra ... -Werror" "$(compile clang)"
check "C in the style of .clang-format (make format)" "$(ci/format.sh 2>&1 | grep -E "warning|error|not found" || true)"
# shellcheck disable=SC2086
check "shellcheck" "$(shellcheck -x -e SC2016 $scripts 2>&1 || true)"
check "man page" "$(mandoc -T lint -W warning harness/man/wmark.1 2>&1 || true)"
check "SPDX line on top of every source" "$(printf '%s\n' "$sources" "$scripts" Makefile | while read -r f; do
	head -2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f"
done)"
check "no trailing white space" "$(printf '%s\n' "$sources" "$scripts" Makefile README.md results/README.md | xargs grep -nE '[ 	]+$' /dev/null | head || true)"
check "no source file over 600 lines" "$(printf '%s\n' "$sources" | grep -v /test/ | xargs wc -l | awk '$2 != "total" && $1 > 600')"
# a function begins with "{" alone in its line, and ends with "}" there
check "no function of 60 lines or more" "$(printf '%s\n' "$sources" | xargs awk '
	FNR == 1 { from = 0 }
	/^{$/ { from = FNR }
	/^}/ && from { if (FNR - from > 60) print FILENAME ":" from ": " FNR - from - 1 " lines"; from = 0 }')"
check "no address of a package mirror" "$(printf '%s\n' "$scripts" Makefile | xargs grep -nE 'https?://' || true)"
check "no Python" "$(printf '%s\n' "$files" | grep -E '\.py$' || true)"
check "top level holds the agreed names" "$(printf '%s\n' "$files" | sed 's#/.*##' | sort -u | grep -vE '^(bench|workloads|harness|results|ci|Makefile|README\.md|LICENSE|\..*)$' || true)"
check "parsers never open a file" "$(grep -nE '\b(open|fopen|read|fs_read|root_read)\(' harness/probe/*.c || true)"
# Which folder may include which: FOLDER WHAT-IT-MAY-INCLUDE...; a folder may always include its own headers. Where a
# folder is named with a header, only this header may be included. From the top down: harness/README.md draws the
# includes that there are in this order (ci/t/map.sh).
arrows() {
	cat <<-'END'
		harness/cmd html report campaign judge check metric evidence run scenario vm sample archive probe base
		harness/html report check metric evidence archive base
		harness/report judge check metric evidence archive base
		harness/campaign judge metric run scenario archive base
		harness/judge check stats metric archive base
		harness/check evidence archive probe base
		harness/stats base
		harness/metric evidence archive base
		harness/evidence archive probe base
		harness/run scenario vm sample archive probe base workloads
		harness/scenario vm/machine.h sample/sampler.h base workloads
		harness/vm base
		harness/sample archive probe base
		harness/archive base
		harness/probe base
		workloads base
		harness/base
	END
}
includes_down() {
	arrows | while read -r folder allowed; do
		[ -d "$folder" ] || { echo "$folder: named in ci/lint.sh, but not there"; continue; }
		only="${folder##*/}/"
		for word in $allowed; do
			case $word in
			*.h) only="$only|$word\"" ;;
			*) only="$only|$word/" ;;
			esac
		done
		grep -HnE '#include "[a-z]+/' "$folder"/*.[ch] | grep -vE "#include \"($only)" || true
	done
	# a folder without a line above could include anything
	for folder in harness/*/; do
		folder=${folder%/}
		case $folder in
		harness/test | harness/fuzz | harness/man) ;;
		*) arrows | grep -qE "^$folder( |\$)" || echo "$folder: ci/lint.sh does not say what it may include" ;;
		esac
	done
}
check "includes go one way" "$(includes_down)"
# Which headers a folder shows to others; any other header is only for the folder's own files and for tests.
shown() {
	cat <<-'END'
		archive archive keys line outcome outline place side store
		base all
		campaign baselines campaign drive looks past
		check check
		evidence counters memcg nodes scenario_text series sum trace_counts view workload_facts
		html html
		judge comparison compare copies course facts facts_file factset rebuilds
		metric metric shape
		probe probe
		report course_words end_words find_metric floor_words fmt formats report run_tables state_words words
		run in_guest knobs on_host on_vm options sysinfo target
		sample sampler trace
		scenario knob scenario settings
		stats stats
		vm guest kernel machine process qemu scatter
		workloads all
	END
}
includes_shown() {
	shown | while read -r folder headers; do
		for h in $headers; do
			[ "$h" = all ] || [ -f "harness/$folder/$h.h" ] || echo "harness/$folder/$h.h: named in ci/lint.sh, but not there"
		done
	done
	{
		shown
		echo --
		for folder in $(arrows | sed 's/ .*//'); do grep -HnE '#include "[a-z]+/' "$folder"/*.[ch] || true; done
	} | awk '
		$0 == "--" { listed = 1; next }
		!listed { for (i = 2; i <= NF; i++) show[$1 "/" $i] = 1; next }
		{
			split($0, quoted, "\""); sub(/\.h$/, "", quoted[2])
			split(quoted[2], what, "/")
			n = split(substr($0, 1, index($0, ":") - 1), path, "/")
			if (what[1] != path[n - 1] && !((what[1] "/all") in show) && !(quoted[2] in show))
				print $0 ": ci/lint.sh does not show this header to others"
		}'
}
check "only headers that are shown to others are included from outside" "$(includes_shown)"
echo "1..$n"
[ "$bad" -eq 0 ]
