#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the COMMANDS section, as the binary prints it, into the man page. Usage: ci/man.sh WMARK [--check]
set -eu
page=harness/man/wmark.1
new=$(mktemp)
trap 'rm -f "$new"' EXIT
{
	sed '/^\.Sh COMMANDS$/q' "$page"
	"$1" help --mdoc
	sed -n '/^\.Sh SCENARIO FILES$/,$p' "$page"
} >"$new"
if [ "${2:-}" = --check ]; then
	diff -u "$page" "$new"
else
	cat "$new" >"$page"
fi
