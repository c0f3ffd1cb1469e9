#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The Makefile: other flags make other objects, the same flags make none.
. ci/t/lib.sh

# variables of a `make check` that runs this test must not have an effect
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
object=$tmp/o/obj/harness/base/arena.o

# made NAME WANT ARGUMENTS...: WANT is "yes" when make shall make the object anew
made() {
	name=$1 want=$2
	shift 2
	before=$(stat -c '%y %i' "$object" 2>/dev/null)
	sleep 0.05
	if ! out=$(make -s O="$tmp/o" "$object" "$@" 2>&1); then
		fail "$name" "$out"
	elif [ "$(stat -c '%y %i' "$object")" = "$before" ]; then
		is "$name" no "$want"
	else
		is "$name" yes "$want"
	fi
}

made "first" yes
made "again: nothing to do" no
made "another PREFIX: the folder of the scenarios is compiled in" yes PREFIX=/usr
made "... again" no PREFIX=/usr
made "with sanitizers" yes SAN=1
ok "... they are in it" grep -q __asan "$object"
made "without" yes
ok "... they are not" sh -c "! grep -q __asan '$object'"
made "a flag with quotes" yes CPPFLAGS="-DX='\"it'"
made "... again" no CPPFLAGS="-DX='\"it'"
made "other libraries to link with" yes LDFLAGS=-Wl,-z,now

# formats: the names that the Makefile finds in a copy of the tree
mkdir -p "$tmp/tree/harness"
cp -r Makefile "$tmp/tree/"
cp -r harness/html harness/report "$tmp/tree/harness/"
formats() {
	make -s -C "$tmp/tree" O=o o/gen/report_formats.h
	grep -o 'X([a-z0-9_]*' "$tmp/tree/o/gen/report_formats.h" | sed 's/X(//' | xargs
}
is "formats of a report" "$(formats)" "html csv json"
echo 'REPORT_FORMAT(ktap) = {' >"$tmp/tree/harness/report/ktap.c"
is "... one more file, one more format" "$(formats)" "html csv json ktap"
rm "$tmp/tree/harness/report/ktap.c"
is "... and without it" "$(formats)" "html csv json"
done_testing
