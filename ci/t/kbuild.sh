#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ci/kernels.sh build and rebuild, with a makefile of two lines in place of a kernel's, so that everything around the compiler runs.
. ci/t/lib.sh

WMARK_CACHE=$tmp/cache CALLS=$tmp/calls
export WMARK_CACHE CALLS
mkdir -p "$tmp/bin" "$tmp/tree/mm" "$tmp/empty"
: >"$CALLS"
# programs of a kernel build that this machine may lack
for t in flex bison bc perl; do
	printf "#!/bin/sh\n" >"$tmp/bin/$t"
	chmod 755 "$tmp/bin/$t"
done
PATH=$tmp/bin:$PATH
# compiler NAME VERSION
compiler() {
	printf '#!/bin/sh\n[ "$1" != --version ] || echo "testcc %s"\n' "$2" >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}
compiler cc-one 1.0
compiler cc-two 2.0
CC=cc-one
export CC

# The image is what vm/kernel.c looks for: HdrS, a protocol, where the version string is, the string.
cat >"$tmp/tree/Makefile" <<'END'
srctree = .
-include mm/Makefile
image = $(O)/arch/x86/boot/bzImage
%:
	@echo $@ >>$(CALLS)
	@$(MAKE) -s -f Makefile run-$@
run-tinyconfig:
	@printf '%s\n' '# CONFIG_A is not set' CONFIG_B=y '# CONFIG_NEEDY is not set' >$(O)/.config
run-olddefconfig:
	@sed -i '/CONFIG_GONE/d; s/CONFIG_NEEDY=y/# CONFIG_NEEDY is not set/' $(O)/.config
run-bzImage:
	@if grep -n broken mm/core.c; then echo "mm/core.c: error: it is broken"; exit 1; fi
	@if grep -q moving mm/core.c; then echo more >>mm/core.c; fi
	@if [ ! -f $(O)/.core.o.cmd ] || [ mm/core.c -nt $(O)/core.o ]; then \
		cp mm/core.c $(O)/core.o && echo "deps_core.o := $$PWD/mm/core.c" >$(O)/.core.o.cmd; fi
	@mkdir -p $(O)/arch/x86/boot
	@{ head -c 514 /dev/zero; printf 'HdrS\017\002\000\000\000\000\000\000\020\000%s (x@y) #1\000' '1.2.3$(LOCALVERSION)'; \
		cat $(O)/core.o; echo "$$KBUILD_BUILD_HOST$$KCFLAGS"; \
		echo "order: $(obj-y)"; cat mm/salt.c 2>/dev/null; true; } >$(image)
run-kernelrelease:
	@echo 1.2.3$(LOCALVERSION)
Makefile mm/Makefile: ;
END
printf 'config A\nconfig B\nconfig NEEDY\n\tdepends on C\n' >"$tmp/tree/Kconfig"
echo "int a;" >"$tmp/tree/mm/core.c"
printf '# what is wanted\nCONFIG_A=y\n' >"$tmp/a.config"

# build ARGUMENTS...: the last line of the output, which must be a name in the cache
build() {
	ci/kernels.sh build -c "$tmp/a.config" "$@" 2>"$tmp/err" | tail -n 1
}
# another NAME HAVE OLD: the name of a kernel, and none of the old ones (a pattern)
another() {
	if printf "%s" "$2" | grep -Eq -- "^($3)\$"; then fail "$1" "the same: $2"; else like "$1" "$2" "^[a-z]+-[0-9a-f]{8}\$"; fi
}
kernels() {
	find "$WMARK_CACHE/kernels" -mindepth 1 -maxdepth 1 ! -name .lock 2>/dev/null | sort
}

# --- usage
exits 2 "no command: usage" ci/kernels.sh
like "... it names build and source" "$out" 'kernels.sh build .*TREE'
exits 2 "build of nothing: usage" ci/kernels.sh build
exits 2 "build of two trees: usage" ci/kernels.sh build "$tmp/tree" "$tmp/tree"
exits 2 "an unknown option: usage" ci/kernels.sh build -x "$tmp/tree"
exits 2 "source of no version: usage" ci/kernels.sh source
exits 2 "source of a word" ci/kernels.sh source newest
like "... says which" "$out" "'newest' is no kernel version"
exits 2 "a name like a version" ci/kernels.sh build -n 6.12 "$tmp/tree"
like "... says why not" "$out" "'6.12' must begin with a letter"
exits 2 "a name with a slash" ci/kernels.sh build -n a/b "$tmp/tree"
exits 2 "a name of 33 letters" ci/kernels.sh build -n abcdefghijklmnopqrstuvwxyzabcdefg "$tmp/tree"
exits 2 "a tree that is not there" ci/kernels.sh build "$tmp/none"
like "... is named" "$out" "$tmp/none: no such directory"
exits 2 "a folder without a kernel" ci/kernels.sh build "$tmp/empty"
like "... is named" "$out" "$tmp/empty: not a kernel's source"

# --- fragments
exits 2 "a fragment that is not there" ci/kernels.sh build -c "$tmp/none" "$tmp/tree"
like "... is named" "$out" "$tmp/none: no such file"
printf 'CONFIG_A=y\n\nCONFIG_B = y\n' >"$tmp/bad.config"
exits 2 "a line that is no setting" ci/kernels.sh build -c "$tmp/bad.config" "$tmp/tree"
like "... with file, line and text" "$out" 'bad.config:3: "CONFIG_B = y" is neither'
printf 'CONFIG_A=y\n# CONFIG_A is not set\n' >"$tmp/bad.config"
exits 2 "a symbol set twice" ci/kernels.sh build -c "$tmp/bad.config" "$tmp/tree"
like "... with both lines" "$out" 'bad.config:2: CONFIG_A stands in line 1, too'
printf 'CONFIG_A=y\nCONFIG_NEEDY=y\n' >"$tmp/bad.config"
exits 3 "a symbol whose needs are not met" ci/kernels.sh build -c "$tmp/bad.config" "$tmp/tree"
like "... is named" "$out" 'for want of what it depends on: CONFIG_NEEDY=y \(is n\)'
printf '# CONFIG_B is not set\nCONFIG_A=m\n' >"$tmp/bad.config"
like "a value and a symbol switched off are kept" "$(
	ci/kernels.sh build -c "$tmp/bad.config" -n off "$tmp/tree" 2>&1
	cat "$WMARK_CACHE"/kernels/off-*/boot/config-*)" '^CONFIG_A=m$'
unlike "... and nothing of it is left over" "$(cat "$WMARK_CACHE"/kernels/off-*/boot/config-*)" 'CONFIG_B=y|CONFIG_A is not set'
rm -r "$WMARK_CACHE"

# --- tools
exits 3 "no compiler" env CC=no-such-cc ci/kernels.sh build -c "$tmp/a.config" "$tmp/tree"
like "... says what brings it" "$out" 'missing to build kernels: no-such-cc \(ci/deps.sh kernel'
exits 3 "no libelf" env CC=false ci/kernels.sh build -c "$tmp/a.config" "$tmp/tree"
like "... says what brings it" "$out" 'missing to build kernels: gelf.h \(ci/deps.sh kernel'
mkdir "$tmp/tree/include" "$tmp/tree/include/config"
exits 3 "a tree that was built in" ci/kernels.sh build -c "$tmp/a.config" "$tmp/tree"
like "... says what cleans it" "$out" "$tmp/tree holds an in-tree build .*mrproper"
rm -r "$tmp/tree/include"
is "nothing of all this was built or left" "$(kernels)" ""

# --- a build that succeeds
: >"$CALLS"
before=$(cd "$tmp/tree" && find . -printf '%p %T@ %C@\n' | sort)
first=$(build -n base "$tmp/tree")
like "a kernel: its name comes last" "$first" '^base-[0-9a-f]{8}$'
is "... the tree was only read" "$(cd "$tmp/tree" && find . -printf '%p %T@ %C@\n' | sort)" "$before"
is "... configured, built" "$(tr '\n' ' ' <"$CALLS")" "tinyconfig olddefconfig bzImage kernelrelease "
dir=$WMARK_CACHE/kernels/$first release=1.2.3-$first
is "... nothing but it is in the cache" "$(kernels)" "$dir"
for f in "boot/vmlinuz-$release" "boot/config-$release" "lib/modules/$release/modules.dep" manifest; do
	ok "... $f" test -f "$dir/$f"
done
is "... the fragment went over tinyconfig" "$(sort "$dir/boot/config-$release" | grep -v wanted | tr '\n' ' ')" \
	"# CONFIG_NEEDY is not set CONFIG_A=y CONFIG_B=y "
like "... list has it" "$(ci/kernels.sh list)" "^$first $release "
like "... wmark finds it" "$("$wmark" list kernels)" "^$release +$first 1\.2\.3$"
like "... its manifest says what it is of" "$(cat "$dir/manifest")" "^package $first 1\.2\.3 [0-9a-f]{64}$"

: >"$CALLS"
is "again: the same name" "$(build -n base "$tmp/tree")" "$first"
is "... nothing was made" "$(cat "$CALLS")" ""
cp -r "$tmp/tree" "$tmp/copy"
is "a copy of the tree: the same kernel" "$(build -n base "$tmp/copy")" "$first"
is "... nothing was made" "$(cat "$CALLS")" ""
sum=$(sha256sum <"$dir/boot/vmlinuz-$release")
rm -r "$dir"
is "made anew, with flags in the environment: the same name" "$(KCFLAGS=-O0 KBUILD_BUILD_HOST=mine build -n base "$tmp/tree")" "$first"
is "... and the same bits" "$(sha256sum <"$dir/boot/vmlinuz-$release")" "$sum"
like "without a name: that of the folder" "$(build "$tmp/tree")" "^tree-${first#base-}$"
cp -r "$tmp/tree" "$tmp/6.12"
like "... which must not look like a version" "$(build "$tmp/6.12")" "^k-6.12-${first#base-}$"

# --- what makes another kernel
echo "int b;" >"$tmp/tree/mm/core.c"
second=$(build -n base "$tmp/tree")
another "a file changed: another kernel" "$second" "$first"
echo "int a;" >"$tmp/tree/mm/core.c"
is "changed back: the first again" "$(build -n base "$tmp/tree")" "$first"
echo "int old;" >"$tmp/old.c"
touch -d 2020-01-01 "$tmp/old.c"
mv "$tmp/old.c" "$tmp/tree/mm/core.c"
old=$(build -n base "$tmp/tree")
another "a file with an old time: another" "$old" "$first|$second"
ok "... made of it" grep -aq "int old;" "$WMARK_CACHE/kernels/$old/boot/vmlinuz-1.2.3-$old"
echo "int a;" >"$tmp/tree/mm/core.c"
mv "$tmp/tree/mm/core.c" "$tmp/tree/mm/other.c"
ln -s other.c "$tmp/tree/mm/core.c"
another "a file that is a link now: another" "$(build -n base "$tmp/tree")" "$first|$second"
rm "$tmp/tree/mm/core.c"
mv "$tmp/tree/mm/other.c" "$tmp/tree/mm/core.c"
another "another compiler: another" "$(CC=cc-two build -n base "$tmp/tree")" "$first|$second"
printf 'CONFIG_A=y\nCONFIG_GONE=y\n' >"$tmp/b.config"
exits 0 "another fragment, with a symbol that this kernel does not know" ci/kernels.sh build -c "$tmp/b.config" -n base "$tmp/tree"
like "... which is named" "$out" 'not in this version of the kernel: CONFIG_GONE$'
another "... another kernel" "$(printf "%s\n" "$out" | tail -n 1)" "$first|$second"

# --- failures
have=$(kernels)
echo "broken" >"$tmp/tree/mm/core.c"
exits 3 "a tree that does not compile" ci/kernels.sh build -c "$tmp/a.config" -n bad "$tmp/tree"
like "... why" "$out" 'mm/core.c: error: it is broken'
like "... and where the log is" "$out" "make bzImage failed; the last lines of $WMARK_CACHE/build/.*/log:"
is "... leaves nothing behind" "$(kernels)" "$have"
echo "moving" >"$tmp/tree/mm/core.c"
exits 3 "a tree that changes while it is built" ci/kernels.sh build -c "$tmp/a.config" -n bad "$tmp/tree"
like "... is told" "$out" "$tmp/tree was changed while it was built"
is "... leaves nothing behind" "$(kernels)" "$have"
echo "int a;" >"$tmp/tree/mm/core.c"
is "whole again: the first kernel" "$(build -n base "$tmp/tree")" "$first"

# --- a git tree: committed and uncommitted changes give the same kernel
git=$tmp/git
cp -r "$tmp/tree" "$git"
commit() {
	git -C "$git" add -A && git -C "$git" -c user.name=x -c user.email=x@y -c commit.gpgsign=false -c gc.auto=0 \
		-c maintenance.auto=false commit -q -m x
}
git -C "$git" init -q
echo '*.o' >"$git/.gitignore"
commit
one=$(build -n git "$git")
like "a git tree" "$one" '^git-[0-9a-f]{8}$'
echo "int c;" >"$git/mm/core.c"
# git sets the time of an object that it would write again
state() {
	find "$git" -path "*/.git/objects/*" -printf '%p %s\n' -o -printf '%p %T@ %C@\n' | sort
}
before=$(state)
two=$(build -n git "$git")
another "... a change that is not committed: another kernel" "$two" "$one"
state >"$tmp/after"
is "... the repository was only read" "$(echo "$before" | diff - "$tmp/after")" ""
commit
is "... committed: the same" "$(build -n git "$git")" "$two"
echo "int d;" >"$git/mm/new.c"
another "... a new file: another" "$(build -n git "$git")" "$one|$two"
rm "$git/mm/new.c"
echo "object" >"$git/mm/core.o"
is "... a file that git ignores: the same" "$(build -n git "$git")" "$two"

# --- rebuilds: one source, an image per salt
exits 2 "salts that are no numbers" ci/kernels.sh rebuild -s 0..x "$tmp/tree"
like "... are named" "$out" "salts '0..x': numbers up to 999 as 0..7 or 0,3,5"
exits 2 "salts that fall" ci/kernels.sh rebuild -s 3..1 "$tmp/tree"
exits 2 "a salt of build" ci/kernels.sh build -s 1 "$tmp/tree"
exits 2 "rebuild of nothing: usage" ci/kernels.sh rebuild -s 1
exits 2 "a tree without mm/Makefile" ci/kernels.sh rebuild -c "$tmp/a.config" -s 1 "$tmp/tree"
like "... says so" "$out" "no mm/Makefile to add to"
salted=$tmp/salted
cp -r "$tmp/tree" "$salted"
echo 'obj-y := zero.o $(shell seq -s " " -f "n%.0f.o" 1 30) init-a.o dir/ init_b.o init_c.o zero.o' >"$salted/mm/Makefile"
echo 'module_init(a);' >"$salted/mm/init_a.c"
echo 'late_initcall(b);' >"$salted/mm/init_b.c"
echo '__initcall(c);' >"$salted/mm/init_c.c"
# rebuild ARGUMENTS...: the names in the cache
rebuild() {
	ci/kernels.sh rebuild -c "$tmp/a.config" -n aa "$@" 2>"$tmp/err"
}
image() {
	cat "$WMARK_CACHE/kernels/$1"/boot/vmlinuz-* | tr -d '\000'
}
order() {
	image "$1" | sed -n 's/^order: //p'
}
before=$(cd "$salted" && find . -printf '%p %T@ %C@\n' | sort)
folders=$(find "$WMARK_CACHE/build" -mindepth 1 -maxdepth 1 | wc -l)
: >"$CALLS"
names=$(rebuild -s 0..2,7 "$salted")
like "a kernel per salt" "$(echo "$names" | tr '\n' ' ')" '^aa-s0-[0-9a-f]{8} aa-s1-[0-9a-f]{8} aa-s2-[0-9a-f]{8} aa-s7-[0-9a-f]{8} $'
is "... the tree was only read" "$(cd "$salted" && find . -printf '%p %T@ %C@\n' | sort)" "$before"
is "... all from one folder of objects" "$(find "$WMARK_CACHE/build" -mindepth 1 -maxdepth 1 | wc -l)" $((folders + 1))
# shellcheck disable=SC2086
set -- $names
like "... the manifest names the salt" "$(cat "$WMARK_CACHE/kernels/$4/manifest")" '^salt 7$'
like "... and so does the list of kernels" "$(ci/kernels.sh list)" "^$4 1.2.3-$4 "
plain=$(make -s -C "$salted" -f mm/Makefile --eval 'x:;@echo $(obj-y)' x)
is "salt 0: the plain order" "$(order "$1")" "$plain"
unlike "... and nothing added" "$(image "$1")" 'salt_filler|fill'
for s in "$2" "$3" "$4"; do
	is "$s: the same objects and one more" "$(order "$s" | tr ' ' '\n' | sort)" "$(printf '%s salt.o' "$plain" | tr ' ' '\n' | sort -u)"
	is "... those with initcalls in their order" "$(order "$s" | tr ' ' '\n' | grep -E 'init|/' | tr '\n' ' ')" "init-a.o dir/ init_b.o init_c.o "
	size=$(image "$s" | sed -n 's/.*"\.fill \([0-9]*\), 1, 0x90".*/\1/p')
	least "... code of $size bytes that is never run" "$size" 16
	least "... of 64 KiB at most" $((65536 - size)) 0
done
is "... in another order each, with another size each" \
	"$(for s in "$2" "$3" "$4"; do order "$s"; image "$s" | grep "[.]fill"; done | sort -u | wc -l)" 6
: >"$CALLS"
is "again: the same names" "$(rebuild -s 0..2,7 "$salted")" "$names"
is "... nothing was made" "$(cat "$CALLS")" ""
sum=$(sha256sum <"$(echo "$WMARK_CACHE/kernels/$3"/boot/vmlinuz-*)")
rm -r "$WMARK_CACHE/kernels/$3" "$WMARK_CACHE/build"
cp -r "$salted" "$tmp/salted2"
is "made anew from a copy: the same name" "$(rebuild -s 2 "$tmp/salted2")" "$3"
is "... and the same bits" "$(sha256sum <"$(echo "$WMARK_CACHE/kernels/$3"/boot/vmlinuz-*)")" "$sum"
another "a plain build beside it: another kernel" "$(build -n aa "$salted")" "$(echo "$names" | tr '\n' '|')none"
echo "int x;" >"$salted/mm/core.c"
unlike "a file changed: other kernels" "$(rebuild -s 0,2 "$salted")" "^($1|$3)\$"
echo "broken" >"$salted/mm/core.c"
exits 3 "a tree that does not compile" rebuild -s 0..2 "$salted"

# fetch names what is there already, without a mirror
for v in 6.1.9-1 6.12.9-1~bpo12+1 6.12.10-1~deb12u1 6.12.11-1 6.12.11-1~deb12u1; do
	mkdir -p "$WMARK_CACHE/kernels/$v-cloud-amd64"
	: >"$WMARK_CACHE/kernels/$v-cloud-amd64/manifest"
done
fetched() { sh ci/kernels.sh fetch "$@" | tr '\n' ' '; }
is "fetch: newest of the series, rebuilt for Debian 12, another series" "$(fetched 6.12 6.12~deb12 6.1)" \
	"6.12.11-1-cloud-amd64 6.12.11-1~deb12u1-cloud-amd64 6.1.9-1-cloud-amd64 "
is "fetch: a version, by its beginning or whole" "$(fetched 6.12.9 6.12.11-1 6.12.10-1~deb12u1)" \
	"6.12.9-1~bpo12+1-cloud-amd64 6.12.11-1-cloud-amd64 6.12.10-1~deb12u1-cloud-amd64 "
done_testing
