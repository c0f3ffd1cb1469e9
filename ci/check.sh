#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# All tests: lint, unit suites (Criterion), command tests (TAP, ci/t/*.sh). Ends with one line
# "N passed, N failed, N skipped"; exit 1 when anything failed.
# usage: ci/check.sh [NAME...]   only ci/t/NAME.sh
set -eu
cd "$(dirname "$0")/.."

O=${O:-build}
export O
log=$O/check
rm -rf "$log"
mkdir -p "$log"
passed=0 failed=0 skipped=0
begin=$(date +%s)

# count LOG RC: adds up a TAP log; a script that died without a plan counts as one more failure
count() {
	p=$(grep -c '^ok ' "$1" || true)
	s=$(grep -ci '^ok .*# *skip' "$1" || true)
	f=$(grep -c '^not ok ' "$1" || true)
	if [ "$2" -ne 0 ] && [ "$f" -eq 0 ] || ! grep -q '^1\.\.' "$1"; then
		f=$((f + 1))
		echo "not ok - ended with exit code $2, plan: $(grep '^1\.\.' "$1" || echo none)" >>"$1"
	fi
	passed=$((passed + p - s)) failed=$((failed + f)) skipped=$((skipped + s))
	echo "$p passed, $f failed$([ "$s" -eq 0 ] || echo ", $s skipped"), $(($(date +%s) - t0)) s"
	if [ "$f" -ne 0 ]; then
		grep -A 12 '^not ok' "$1" | sed 's/^/    /' | head -60
		tail -5 "$1" | sed 's/^/    | /'
	fi
}

step() {
	name=$1
	shift
	t0=$(date +%s)
	printf '%-10s ' "$name"
	rc=0
	"$@" >"$log/$name.tap" 2>&1 || rc=$?
	count "$log/$name.tap" "$rc"
}

if [ $# -eq 0 ]; then
	step lint ci/lint.sh
	step unit env WMARK_TEST_DATA="$PWD/harness/test/data" "$O/unit" --tap=- -j2 --verbose=0
	# shellcheck disable=SC2046 # one word per test
	set -- $(cd ci/t && for f in *.sh; do [ "$f" = lib.sh ] || echo "${f%.sh}"; done)
fi
for t; do
	step "$t" sh "ci/t/$t.sh"
done
echo "took $(($(date +%s) - begin)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
