#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what wmark needs and this machine lacks, from the distribution's packages only (Debian 12 and 13).
# usage: ci/deps.sh [build] [test] [vm] [tools] [kernel]      default: all but kernel (ci/kernels.sh build)
# If nothing is missing it does nothing, and needs neither network nor root. Otherwise it needs root or sudo.
# Exit codes: 0 everything is there, 2 usage, 3 could not be installed.
set -eu
LC_ALL=C # this script reads the output of apt
export LC_ALL

# QEMU before 8.1 starves the second CPU of a guest under -icount (measured with 7.2: kernels 5.10 and 6.1
# crawl for minutes), so the exact target needs this one or newer.
QEMU_MIN=8.1

die() {
	echo "deps.sh: $*" >&2
	exit 3
}

# at a terminal sudo may ask for the password; elsewhere it must not wait for one
sudo="sudo -n"
if [ -t 0 ]; then sudo=sudo; fi

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC1091
. "$here/apt-private.sh"

group() {
	case $1 in
	build) echo gcc libc6-dev make git libnuma-dev libjansson-dev liblzma-dev libzstd-dev ;;
	test) echo libcriterion-dev clang clang-format-19 shellcheck mandoc busybox-static cpio procps ;;
	vm) echo qemu-system-x86 kmod e2fsprogs xz-utils zstd ;;
	tools) echo stress-ng fio numactl ;;
	kernel) echo gcc libc6-dev make flex bison bc libelf-dev libssl-dev patch xz-utils ;;
	*) return 1 ;;
	esac
}

missing() {
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || echo "$p"
	done
}

# Called before anything is done, so that the message is not lost in a log.
check_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || die "needs root to install:$1 (no sudo here: run ci/deps.sh as root)"
	$sudo true || die "needs root to install:$1 (sudo refused: run ci/deps.sh as root, or from a terminal where sudo can ask)"
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		$sudo "$@"
	fi
}

# $1 = apt.conf or "", the rest: arguments of apt-get
apt_get() {
	conf=$1
	shift
	if [ -n "$conf" ]; then
		as_root env DEBIAN_FRONTEND=noninteractive APT_CONFIG="$conf" apt-get -q -y "$@"
	else
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
	fi
}

# apt-get may succeed although no list could be fetched; then the installation fails and shows this log, too.
update() {
	apt_get "$1" update >"$tmp/update.log" 2>&1 ||
		die "apt-get update failed: no network, or no such suite on the mirror:
$(grep -E '^(E|W|Err)' "$tmp/update.log" | head -n 5)"
}

install() {
	conf=$1
	shift
	echo "deps.sh: installing $*"
	apt_get "$conf" install --no-install-recommends "$@" >"$tmp/install.log" 2>&1 ||
		die "apt-get install $* failed:
$(grep -hE '^(E|W|Err|dpkg)' "$tmp/install.log" "$tmp/update.log" | head -n 10)"
}

qemu_version() {
	qemu-system-x86_64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

qemu_fits() {
	v=$(qemu_version)
	[ -n "$v" ] && dpkg --compare-versions "$v" ge "$QEMU_MIN"
}

# Debian 12 itself has 7.2: QEMU comes from the backports suite, with a private sources list that also has the
# main suites for the packages that QEMU depends on.
install_qemu() {
	candidate=$(apt-cache policy qemu-system-x86 | awk '$1 == "Candidate:" { sub(/^[0-9]+:/, "", $2); print $2 }')
	if dpkg --compare-versions "${candidate:-0}" ge "$QEMU_MIN" && [ "$candidate" != "(none)" ]; then
		install "" qemu-system-x86
		return
	fi
	codename=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release | tr -d "\"")
	[ -n "$codename" ] || die "/etc/os-release names no VERSION_CODENAME: cannot choose the backports suite"
	apt_private "$tmp/apt" "$codename" "$codename-security" "$codename-backports"
	conf=$APT_CONFIG
	unset APT_CONFIG
	update "$conf"
	install "$conf" -t "$codename-backports" qemu-system-x86
}

[ $# -gt 0 ] || set -- build test vm tools
wanted=
for g; do
	names=$(group "$g") || {
		echo "usage: ci/deps.sh [build] [test] [vm] [tools] [kernel]" >&2
		exit 2
	}
	wanted="$wanted $names"
done
command -v dpkg-query >/dev/null || die "no dpkg-query: this script knows Debian only; install by hand:$wanted"

# shellcheck disable=SC2086
lacking=$(missing $wanted)
need_qemu=
case " $wanted " in
*" qemu-system-x86 "*) qemu_fits || need_qemu=1 ;;
esac
lacking=$(printf '%s\n' "$lacking" | grep -vx qemu-system-x86 || true)
[ -n "$lacking$need_qemu" ] || exit 0

# shellcheck disable=SC2086
check_root "$(printf ' %s' $lacking ${need_qemu:+qemu-system-x86})"
tmp=$(mktemp -d)
# sudo may have left files of root below
trap 'rm -rf "$tmp" 2>/dev/null || $sudo rm -rf "$tmp" || true' EXIT
chmod 755 "$tmp"
trap 'exit 3' HUP INT TERM

update ""
# shellcheck disable=SC2086
[ -z "$lacking" ] || install "" $lacking
if [ -n "$need_qemu" ]; then
	install_qemu
	qemu_fits || die "qemu-system-x86_64 is $(qemu_version), the exact target needs $QEMU_MIN or newer"
fi
