#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels for the test machines: Debian's, unpacked and never installed, or small ones built from source. Needs no root.
# usage: ci/kernels.sh fetch [-n] [-f FLAVOUR] VERSION...   6.12 (newest of the series) or 6.12.117 or 6.12.117-1
#                                                           or 6.12~deb12 (newest that was rebuilt for Debian 12)
#        ci/kernels.sh list                                 what is in the cache
#        ci/kernels.sh available [-f FLAVOUR]               what the mirror has
#        ci/kernels.sh build [-c FRAGMENT] [-n NAME] TREE  a kernel from source; prints what --kernel takes
#        ci/kernels.sh rebuild [-c FRAGMENT] [-n NAME] [-s SALTS] TREE  the same again, a kernel per salt
#        ci/kernels.sh source [-n] VERSION...              Debian's source of 6.12 or 6.12.117; prints the folder
# -n of fetch and source looks for a newer one even if the cache has one that fits; FLAVOUR is cloud-amd64 (default)
# or amd64. FRAGMENT (default ci/kernel.config) is added to tinyconfig; NAME (default the name of the
# folder) begins the name of the kernel; TREE is only read. SALTS (default 0..7) are numbers as 0..7 or 0,3: each changes the
# banner and, but 0, the place of the code, and nothing else (ci/kernel-salt.sh).
# The cache is $WMARK_CACHE, or $XDG_CACHE_HOME/wmark, or $HOME/.cache/wmark; packages come from the mirrors of
# this machine's apt, and signatures are checked. Exit codes: 0 everything is there, 2 usage, 3 could not be fetched
# or built.
set -eu
LC_ALL=C # this script reads the output of apt, and sort must not depend on the user
export LC_ALL

# The series are in these releases: 5.10 in bullseye, 6.1 in bookworm, 6.12 in trixie, later ones in its backports.
SUITES="bullseye bullseye-security bookworm bookworm-security bookworm-backports
	trixie trixie-security trixie-backports"

# Modules that a test machine can use. The others are removed (three quarters of the size).
KEEP="arch block crypto drivers/block drivers/dax drivers/md drivers/nvdimm drivers/virtio fs/btrfs fs/configfs fs/ext4
	fs/fuse fs/jbd2 fs/mbcache.ko fs/xfs lib mm"

die() {
	echo "kernels.sh: $*" >&2
	exit 3
}

# For bad words on the command line or in a file that it names.
misuse() {
	echo "kernels.sh: $*" >&2
	exit 2
}

usage() {
	sed -n 's/^# usage: /usage: /p; s/^#        ci/       ci/p' "$0" >&2
	exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=ci/apt-private.sh
. "$here/apt-private.sh"
# shellcheck source=ci/kernel-build.sh
. "$here/kernel-build.sh"
# shellcheck source=ci/kernel-salt.sh
. "$here/kernel-salt.sh"

cache=${WMARK_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/wmark}
store=$cache/kernels
flavour=cloud-amd64
newer=
tmp=
name=
fragment=$here/kernel.config
salts=0..7

# Lines of "VERSION ..." whose version is $1 or begins with it, at a border ("6.1" is not "6.12").
versions_like() {
	awk -v want="$1" '
		BEGIN { if (want !~ /-/ && match(want, /~deb[0-9]+$/)) {
			built = "~(deb|bpo)" substr(want, RSTART + 4) "[^0-9]"
			want = substr(want, 1, RSTART - 1)
		} }
		index($1, want) != 1 || $1 !~ built { next }
		{ rest = substr($1, length(want) + 1) }
		rest ~ /^[0-9]/ { next }
		want ~ /-/ && rest ~ /^(-|$)/ { whole = $0 } # "6.12.117-1" itself, not "6.12.117-1~deb12u1"
		{ line[++n] = $0 }
		END { if (whole) print whole; for (i = 1; i <= n && !whole; i++) print line[i] }'
}

# The newest directory of the cache that fits version $1, or nothing.
cached() {
	[ -d "$store" ] || return 0
	for d in "$store"/*-"$flavour"; do
		d=${d##*/}
		case $flavour:$d in
		amd64:*-cloud-amd64 | *:.*) continue ;;
		esac
		[ ! -f "$store/$d/manifest" ] || echo "$d"
	done | versions_like "$1" | sort -V | tail -n 1
}

# "VERSION PACKAGE" of every image package of the flavour, oldest first.
offered() {
	names=$(apt-cache pkgnames linux-image- | grep -E "^linux-image-[0-9][^-]*(-[0-9][^-]*)?-$flavour\$" || true)
	[ -n "$names" ] || return 0
	# shellcheck disable=SC2086
	apt-cache madison $names | awk '{ print $3, $1 }' | sort -uV
}

# Fetches the lists of all suites; if the mirror no longer has one, only its kernels are missing.
update() {
	[ -z "$tmp" ] || return 0
	command -v apt-get >/dev/null || die "no apt-get: kernels are fetched on a Debian machine only"
	mkdir -p "$store"
	tmp=$(mktemp -d "$store/.tmp.XXXXXX")
	# shellcheck disable=SC2086
	apt_private "$tmp/apt" $SUITES
	# The lists of a release that is no longer maintained expire; its signature stays good.
	echo 'Acquire::Check-Valid-Until "false";' >> "$tmp/apt/apt.conf"
	apt-get -q update >"$tmp/update.log" 2>&1 || true
	if [ -z "$(apt-cache pkgnames linux-image-)" ]; then
		die "no package lists could be read: no network?
$(grep -E '^(E|W|Err)' "$tmp/update.log" | head -n 5)"
	fi
}

# The packages that hold image package $1 of version $2: from 6.19 it is split.
parts() {
	echo "$1"
	for kind in base binary modules; do
		p=linux-$kind-${1#linux-image-}
		if apt-cache madison "$p" | grep -qF " $2 "; then
			echo "$p"
		fi
	done
}

# Moves the wanted parts of the unpacked packages in $1 to $2: boot/vmlinuz-R, boot/config-R, lib/modules/R.
arrange() {
	release=
	for m in "$1"/lib/modules/* "$1"/usr/lib/modules/*; do
		[ ! -d "$m" ] || { release=${m##*/}; modules=$m; }
	done
	[ -n "$release" ] || die "the packages hold no modules directory"
	mkdir -p "$2/boot" "$2/lib/modules/$release"
	to=$2/lib/modules/$release
	for f in "$1/boot/vmlinuz-$release" "$modules/vmlinuz"; do
		[ ! -f "$f" ] || mv "$f" "$2/boot/vmlinuz-$release"
	done
	for f in "$1/boot/config-$release" "$modules/config"; do
		[ ! -f "$f" ] || mv "$f" "$2/boot/config-$release"
	done
	[ -f "$2/boot/vmlinuz-$release" ] || die "the packages hold no kernel image of $release"
	mv "$modules"/modules.builtin* "$modules/modules.order" "$to/"
	for k in $KEEP; do
		[ -e "$modules/kernel/$k" ] || continue
		mkdir -p "$to/kernel/$(dirname "$k")"
		mv "$modules/kernel/$k" "$to/kernel/$k"
	done
	# depmod of some releases looks below usr/lib only
	mkdir "$2/usr"
	ln -s ../lib "$2/usr/lib"
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$2" "$release" || die "depmod failed (package kmod)"
	rm "$2/usr/lib"
	rmdir "$2/usr"
	[ -s "$to/modules.dep" ] || die "depmod wrote no modules.dep for $release"
}

# $1 = version, $2 = image package
unpack() {
	work=$tmp/$1
	mkdir -p "$work/debs" "$work/raw" "$work/new"
	{
		echo "# kernel $1 $flavour, unpacked by ci/kernels.sh; lines: package NAME VERSION SHA256"
		for p in $(parts "$2" "$1"); do
			(cd "$work/debs" && apt-get -q download "$p=$1" >"$work/log" 2>&1) ||
				die "download of $p $1 failed:
$(grep -E '^(E|W|Err)' "$work/log" | head -n 5)"
			deb=$(find "$work/debs" -name "${p}_*.deb")
			dpkg-deb -x "$deb" "$work/raw"
			echo "package $p $1 $(sha256sum "$deb" | cut -d ' ' -f 1)"
			rm "$deb"
		done
		arrange "$work/raw" "$work/new"
		echo "release $release"
		# shellcheck disable=SC2086
		echo "kept of kernel/:" $KEEP
	} > "$work/manifest"
	mv "$work/manifest" "$work/new/manifest"
	mv -T "$work/new" "$store/$1-$flavour"
	rm -r "$work"
}

fetch() {
	have=$(cached "$1") look=$newer
	case $1:$have in
	*-*:"$1-$flavour" | *-*:"$1") ;;
	*-*:*) look=1 ;; # a whole version, and what is there only begins with it
	esac
	if [ -z "$have" ] || [ -n "$look" ]; then
		update
		best=$(offered | versions_like "$1" | tail -n 1)
		if [ -z "$best" ]; then
			[ -z "$have" ] || { echo "$have"; return; }
			die "no package linux-image-*-$flavour of version $1 in: $(awk '{ printf "%s ", $5 }' "$tmp/apt/sources.list")
$(grep -E '^(E|W|Err)' "$tmp/update.log" | head -n 5)"
		fi
		have=${best%% *}-$flavour
		[ -d "$store/$have" ] || unpack "${best%% *}" "${best#* }"
	fi
	echo "$have"
}

list() {
	[ -d "$store" ] || return 0
	for m in "$store"/*/manifest; do
		[ -f "$m" ] || continue
		d=${m%/manifest}
		echo "${d##*/} $(sed -n 's/^release //p' "$m") $(du -sm "$d" | cut -f 1)MB"
	done | sort -V
}

[ $# -gt 0 ] || usage
verb=$1
shift
case $verb in
build) flags=c:n: ;;
rebuild) flags=c:n:s: ;;
*) flags=nf: ;;
esac
while getopts "$flags" o; do
	case $verb:$o in
	build:c | rebuild:c) fragment=$OPTARG ;;
	build:n | rebuild:n) name=$OPTARG ;;
	rebuild:s) salts=$OPTARG ;;
	*:n) newer=1 ;;
	*:f) flavour=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
case $flavour in
amd64 | cloud-amd64) ;;
*) misuse "flavour '$flavour': cloud-amd64 or amd64" ;;
esac

trap '[ -z "$tmp" ] || rm -rf "$tmp"' EXIT
trap 'exit 3' HUP INT TERM
case $verb in
list)
	list
	;;
available)
	update
	offered
	;;
fetch | source)
	[ $# -gt 0 ] || usage
	for v; do
		case $v in
		[0-9]*.[0-9]*) ;;
		*) misuse "'$v' is no kernel version" ;;
		esac
	done
	mkdir -p "$store"
	# two calls at once: the second waits, then finds the kernels there
	exec 9> "$store/.lock"
	flock 9
	for v; do
		if [ "$verb" = fetch ]; then
			fetch "$v"
		else
			fetch_source "$v"
		fi
	done
	;;
build)
	[ $# -eq 1 ] || usage
	build "$1" "$fragment" "$name"
	;;
rebuild)
	[ $# -eq 1 ] || usage
	rebuild "$1" "$fragment" "$name" "$salts"
	;;
*)
	usage
	;;
esac
