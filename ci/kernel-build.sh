# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by kernels.sh: builds small kernels from a source tree, which is only read. The caller defines die(), misuse(),
# $here, $cache and $store.
#
# A hash of the tree's content, the fragment and the compiler identifies a kernel; its first eight digits are in the
# kernel's name and in `uname -r`. Builder, date and place are fixed, so that the same hash is the same image.

# Kbuild takes these from the environment, and any of them would change the result or its place.
KBUILD_ENV="MAKEFLAGS MFLAGS MAKEOVERRIDES ARCH CROSS_COMPILE LLVM KBUILD_OUTPUT KBUILD_EXTRA_WARN KCONFIG_CONFIG
	KCONFIG_ALLCONFIG KCONFIG_DEFCONFIG_LIST KCFLAGS KCPPFLAGS KAFLAGS INSTALL_MOD_PATH INSTALL_MOD_DIR"

# Lines of a fragment that may come to nothing: x86 lost this preemption model to the lazy one.
OPTIONAL=CONFIG_PREEMPT_VOLUNTARY

cc=${CC:-gcc}
salt=0

sha() {
	sha256sum | cut -d ' ' -f 1
}

check_tools() {
	lacking=
	for t in make "$cc" ld flex bison bc perl gzip flock; do
		command -v "$t" >/dev/null || lacking="$lacking $t"
	done
	# every x86 kernel build needs objtool, which reads object files through libelf
	if [ -z "$lacking" ] && ! echo "#include <gelf.h>" | "$cc" -E - >/dev/null 2>&1; then lacking=" gelf.h"; fi
	[ -z "$lacking" ] || die "missing to build kernels:$lacking (ci/deps.sh kernel installs what Debian has)"
}

check_tree() {
	[ -d "$1" ] || misuse "$1: no such directory"
	tree=$(cd "$1" && pwd -P)
	if [ ! -f "$tree/Makefile" ] || [ ! -f "$tree/Kconfig" ]; then
		misuse "$tree: not a kernel's source (no Makefile and Kconfig on top)"
	fi
	mkdir -p "$store"
	cache=$(cd "$cache" && pwd -P)
	store=$cache/kernels
	case $tree:$cache in
	*" "* | *:*:*) misuse "'$tree' and '$cache' must be free of spaces and colons: make could not read them" ;;
	esac
	# the rule of the kernel's own Makefile
	if [ -f "$tree/.config" ] || [ -d "$tree/include/config" ] || [ -d "$tree/arch/x86/include/generated" ]; then
		die "$tree holds an in-tree build (.config, include/config): run make mrproper there, or build from a clean copy"
	fi
}

# One line of a fragment is CONFIG_X=VALUE, "# CONFIG_X is not set", a comment or empty.
check_fragment() {
	if [ ! -f "$fragment" ] || [ ! -r "$fragment" ]; then misuse "$fragment: no such file"; fi
	wrong=$(awk '
		/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { s = $2 }
		/^CONFIG_[A-Za-z0-9_]+=("[^"]*"|[^" \t]+)$/ { s = $0; sub(/=.*/, "", s) }
		/^[ \t]*(#.*)?$/ && !s { next }
		!s { printf "%d: \"%s\" is neither CONFIG_X=VALUE nor \"# CONFIG_X is not set\"\n", NR, $0; exit }
		s in line { printf "%d: %s stands in line %d, too\n", NR, s, line[s]; exit }
		{ line[s] = NR; s = "" }' "$fragment")
	[ -z "$wrong" ] || misuse "$fragment:$wrong"
}

# Both set $tree_id and leave "ID PATH" of every file in $work/files.
# A git tree gets the hash that a commit of all its present files would have. A private index and a private folder for new
# objects are used. So a change is the same kernel before and after it is committed.
hash_git_tree() {
	rm -rf "$work/git"
	mkdir -p "$work/git"
	objects=$(git -C "$tree" rev-parse --git-path objects)
	index=$(git -C "$tree" rev-parse --git-path index)
	objects=$(cd "$tree" && cd "$objects" && pwd)
	(cd "$tree" && if [ -f "$index" ]; then cp -p "$index" "$work/git/index"; fi)
	tree_id=$(
		GIT_INDEX_FILE=$work/git/index GIT_OBJECT_DIRECTORY=$work/git GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects
		export GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
		{ [ -f "$work/git/index" ] || git -C "$tree" read-tree HEAD; } &&
			git -C "$tree" add -A >&2 && git -C "$tree" ls-files -s >"$work/stat" && git -C "$tree" write-tree
	) || die "git cannot read $tree"
	sed 's/^[0-9]* \([0-9a-f]*\) [0-9]*\t/\1 /' "$work/stat" | sort >"$work/files"
	rm -r "$work/git" "$work/stat"
}

# Any other tree: its files are read, and read again only when size, change time or inode differ.
hash_plain_tree() {
	[ -f "$work/known" ] || : >"$work/known"
	: >"$work/todo"
	(cd "$tree" && find . -name .git -prune -o -type f -printf '%s %C@ %i\t%P\n') | sort >"$work/stat"
	awk -F '\t' -v todo="$work/todo" '
		FILENAME == ARGV[1] { id[$1 FS $2] = $3; next }
		!(($1 FS $2) in id) { print $2 >todo; next }
		{ print $0 FS id[$1 FS $2] }' "$work/known" "$work/stat" >"$work/known.new"
	(cd "$tree" && tr '\n' '\0' <"$work/todo" | xargs -0 -r sha256sum) >"$work/todo.ids" ||
		die "not every file of $tree can be read"
	awk -F '\t' '
		FILENAME == ARGV[1] { id[substr($0, 67)] = substr($0, 1, 64); next }
		$2 in id { print $0 FS id[$2] }' "$work/todo.ids" "$work/stat" >>"$work/known.new"
	[ "$(wc -l <"$work/known.new")" -eq "$(wc -l <"$work/stat")" ] || die "$tree: a file has a line end or a backslash in its name"
	mv "$work/known.new" "$work/known"
	{
		awk -F '\t' '{ print $3, $2 }' "$work/known"
		(cd "$tree" && find . -name .git -prune -o -type l -printf '%l %P\n')
	} | sort >"$work/files"
	rm "$work/todo" "$work/todo.ids" "$work/stat"
	tree_id=$(sha <"$work/files")
}

hash_tree() {
	if top=$(git -C "$tree" rev-parse --show-toplevel 2>/dev/null) && [ "$top" = "$tree" ] &&
		git -C "$tree" rev-parse -q --verify "HEAD^{tree}" >/dev/null 2>&1; then
		hash_git_tree
	else
		hash_plain_tree
	fi
}

# make goes by time stamps, and a file that was put back (mv x.c.orig x.c) has an old one. So this removes the objects of
# every file that differs from the last build.
forget_changed() {
	if [ -f "$work/built" ]; then
		comm -3 "$work/built" "$work/files" | sed 's/^\t//; s/^[^ ]* /\//' | sort -u >"$work/changed"
		# make knows from .cmd files which files compilers read, but not which files scripts read
		if [ "$(wc -l <"$work/changed")" -gt 100 ] || grep -qE '\.(tbl|sh|pl|py|awk)$|/scripts/' "$work/changed"; then
			rm -rf "$work/o"
			mkdir "$work/o"
		elif [ -s "$work/changed" ]; then
			find "$work/o" -name '.*.cmd' -exec grep -lFf "$work/changed" {} + | tr '\n' '\0' | xargs -0 -r rm -f
		fi
		rm "$work/changed"
	fi
	cp "$work/files" "$work/built"
}

# $@ = targets; all output to the log
kmake() {
	# shellcheck disable=SC2086,SC2046
	env $(printf -- '-u %s ' $KBUILD_ENV) KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 1970" KBUILD_BUILD_USER=wmark \
		KBUILD_BUILD_HOST=wmark KBUILD_BUILD_VERSION=$((salt + 1)) make -s --no-print-directory -C "$from" O="$work/o" \
		ARCH=x86 CC="$cc" LOCALVERSION="-$have" "$@" 9>&-
}

build_failed() {
	die "$tree: make $1 failed; the last lines of $log:
$(tail -n 20 "$log")"
}

# tinyconfig, with the symbols of the fragment replaced by the fragment's lines
configure() {
	kmake tinyconfig >>"$log" 2>&1 </dev/null || build_failed tinyconfig
	awk '
		{ s = $0; sub(/^# /, "", s); sub(/[= ].*/, "", s) }
		FILENAME == ARGV[1] { if (/^CONFIG_.*=/ || / is not set$/) mine[s]; next }
		!(s in mine)' "$fragment" "$work/o/.config" >"$work/config"
	cat "$fragment" >>"$work/config"
	mv "$work/config" "$work/o/.config"
	kmake olddefconfig >>"$log" 2>&1 </dev/null || build_failed olddefconfig
}

# Every line of the fragment must be in the result, except symbols that this version of the kernel does not know.
check_config() {
	missed=$(awk '
		FILENAME == ARGV[1] { if (/^CONFIG_/) { v = s = $0; sub(/=.*/, "", s); sub(/^[^=]*=/, "", v); have[s] = v } next }
		/^CONFIG_/ { s = v = $0; sub(/=.*/, "", s); sub(/^[^=]*=/, "", v) }
		/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { s = $2; v = "n" }
		s { if ((s in have ? have[s] : "n") != v) print s, v, s in have ? have[s] : "n"; s = "" }' "$work/o/.config" "$fragment")
	[ -n "$missed" ] || return 0
	(cd "$tree" && find . -name 'Kconfig*' -type f -exec sed -nE 's/^[ \t]*(menu)?config[ \t]+([A-Za-z0-9_]+).*/CONFIG_\2/p' {} +) |
		sort -u | grep -vx "$OPTIONAL" >"$work/symbols" || true
	unknown=$(printf '%s\n' "$missed" | awk 'FILENAME == ARGV[1] { known[$1]; next } !($1 in known) { printf " %s", $1 }' "$work/symbols" -)
	unmet=$(printf '%s\n' "$missed" | awk 'FILENAME == ARGV[1] { known[$1]; next } $1 in known { printf " %s=%s (is %s)", $1, $2, $3 }' "$work/symbols" -)
	rm "$work/symbols"
	[ -z "$unmet" ] || die "$fragment: not to be had in $tree, for want of what it depends on:$unmet"
	echo "kernels.sh: not in this version of the kernel:$unknown" >&2
}

# $1 = folder to make: boot/vmlinuz-R, boot/config-R, boot/System.map-R, lib/modules/R
collect() {
	release=$(kmake kernelrelease 2>>"$log" </dev/null | tail -n 1)
	[ -n "$release" ] || build_failed kernelrelease
	mkdir -p "$1/boot" "$1/lib/modules/$release"
	cp "$work/o/arch/x86/boot/bzImage" "$1/boot/vmlinuz-$release" || build_failed bzImage
	cp "$work/o/.config" "$1/boot/config-$release"
	[ ! -f "$work/o/System.map" ] || cp "$work/o/System.map" "$1/boot/System.map-$release"
	if grep -q '^CONFIG_MODULES=y' "$work/o/.config"; then
		PATH=$PATH:/usr/sbin:/sbin kmake modules_install INSTALL_MOD_PATH="$1" INSTALL_MOD_STRIP=1 >>"$log" 2>&1 </dev/null ||
			build_failed modules_install
		rm -f "$1/lib/modules/$release/build" "$1/lib/modules/$release/source"
	else
		for f in modules.builtin modules.builtin.modinfo modules.order; do
			[ ! -f "$work/o/$f" ] || cp "$work/o/$f" "$1/lib/modules/$release/"
		done
		: >"$1/lib/modules/$release/modules.dep"
	fi
}

# $1 = tree, $2 = fragment, $3 = name or "", $4 = "" or what tells its folder of objects from that of the plain
# build. Leaves the hash of the tree in $tree_id and the folder, locked, in $work.
prepare() {
	# git variables of a hook that calls this script
	unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
	fragment=$2
	name=$3
	case $name in
	"" | [A-Za-z]*) ;;
	*) misuse "name '$name' must begin with a letter: what begins with a digit is a version" ;;
	esac
	case $name in
	*[!A-Za-z0-9._+-]*) misuse "name '$name': letters, digits and . _ + - only" ;;
	esac
	[ ${#name} -le 32 ] || misuse "name '$name' is longer than 32 characters"
	check_tree "$1"
	check_fragment
	check_tools
	if [ -z "$name" ]; then
		name=$(printf '%s' "${tree##*/}" | tr -c 'A-Za-z0-9._+' - | cut -c 1-32)
		case $name in
		[A-Za-z]*) ;;
		*) name=k-$name ;; # a name that begins with a digit is a Debian version
		esac
	fi
	fragment=$(cd "$(dirname "$fragment")" && pwd -P)/${fragment##*/}
	# one folder of objects per tree and fragment: the next build compiles only what changed
	work=$cache/build/$(printf '%s' "${tree##*/}" | tr -c 'A-Za-z0-9._+' -)-$(printf '%s\n' "$tree" "$fragment" "$cc" ${4:+"$4"} | sha | cut -c 1-8)
	mkdir -p "$work/o"
	log=$work/log
	exec 9>"$work/.lock"
	flock 9
	hash_tree
	tools="$("$cc" --version | head -n 1), $(ld --version | head -n 1)"
}

# $1 = name, $2 = hash of what is built, $from = the folder to build from. Prints the name in the cache.
build_one() {
	have=$1-$(echo "$2" | cut -c 1-8)
	if [ -f "$store/$have/manifest" ]; then
		echo "$have"
		return
	fi
	echo "kernels.sh: building $have from $tree (log: $log)" >&2
	: >"$log"
	forget_changed
	configure
	check_config
	targets=bzImage
	! grep -q '^CONFIG_MODULES=y' "$work/o/.config" || targets="bzImage modules"
	# shellcheck disable=SC2086
	kmake -j"$(nproc)" $targets >>"$log" 2>&1 </dev/null || build_failed "$targets"
	built_id=$tree_id
	hash_tree
	[ "$tree_id" = "$built_id" ] || die "$tree was changed while it was built: build it again"
	tmp=$(mktemp -d "$store/.tmp.XXXXXX")
	collect "$tmp/new"
	cat >"$tmp/new/manifest" <<-END
		# kernel built by ci/kernels.sh from $tree
		package $have ${release%"-$have"} $(sha <"$tmp/new/boot/vmlinuz-$release")
		release $release
		tree $tree_id
		fragment $(sha <"$fragment") $fragment
		tools $tools
	END
	[ "$from" = "$tree" ] || echo "salt $salt" >>"$tmp/new/manifest"
	chmod 755 "$tmp/new"
	# the same tree may have been built in two folders at once
	mv -T "$tmp/new" "$store/$have" 2>/dev/null || [ -f "$store/$have/manifest" ] || die "cannot write $store/$have"
	rm -rf "$tmp"
	tmp=
	echo "$have"
}

# $1 = tree, $2 = fragment, $3 = name or "". Prints the name in the cache.
build() {
	prepare "$1" "$2" "$3" ""
	from=$tree
	build_one "$name" "$(printf '%s\n' "format 1" "$tree_id" "$(sha <"$fragment")" "$tools" | sha)"
}

# Prints the folder of the newest unpacked source of version $1 in the cache, or nothing.
cached_source() {
	for d in "$cache/source"/linux-[0-9]*; do
		[ ! -f "$d/Makefile" ] || echo "${d##*/linux-}"
	done | versions_like "$1" | sort -V | tail -n 1
}

# $1 = version. Prints the folder of Debian's source of it.
fetch_source() {
	have=$(cached_source "$1")
	if [ -z "$have" ] || [ -n "$newer" ]; then
		update
		package=linux-source-$(echo "$1" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
		best=$(apt-cache madison "$package" | awk '{ print $3 }' | versions_like "$1" | sort -uV | tail -n 1)
		[ -n "$best$have" ] || die "no package $package of version $1 in: $(awk '{ printf "%s ", $5 }' "$tmp/apt/sources.list")
$(grep -E '^(E|W|Err)' "$tmp/update.log" | head -n 5)"
		have=${best:-$have}
		[ -f "$cache/source/linux-$have/Makefile" ] || unpack_source "$package" "$have"
	fi
	echo "$cache/source/linux-$have"
}

# $1 = package, $2 = version
unpack_source() {
	rm -rf "$tmp/raw" "$tmp/tree"
	mkdir -p "$tmp/debs" "$tmp/tree" "$cache/source"
	(cd "$tmp/debs" && apt-get -q download "$1=$2" >"$tmp/log" 2>&1) || die "download of $1 $2 failed:
$(grep -E '^(E|W|Err)' "$tmp/log" | head -n 5)"
	deb=$(find "$tmp/debs" -name "${1}_*.deb")
	dpkg-deb -x "$deb" "$tmp/raw"
	rm "$deb"
	tar -xf "$tmp/raw/usr/src/$1.tar.xz" -C "$tmp/tree" --strip-components=1 || die "the source in $1 $2 cannot be unpacked (packages tar, xz-utils)"
	[ -f "$tmp/tree/Makefile" ] || die "$1 $2 holds no kernel source"
	mv -T "$tmp/tree" "$cache/source/linux-$2"
}
