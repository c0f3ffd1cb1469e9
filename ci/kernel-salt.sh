# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernel-build.sh
# Sourced by kernels.sh: the same source built again, with another layout per salt. The caller defines misuse() and what
# kernel-build.sh needs.
#
# A salted image behaves as the plain one: only its banner (version, build number) differs and where its code and data lie.
# Salt 0 is the plain source. Any other salt adds 0 to 64 KiB of code that is never run to mm/, and draws the order in which
# the objects of mm/ are linked. Objects with an initcall keep their order among themselves, for the order of linking is
# the order of initcalls of one level; so threads start, and caches are made, in the same order in all images.

# Part of the hash of a salted image. Raise it when the same salt begins to give another image.
SALT_FORMAT=1

# Files of mm/ that hold an initcall.
INITCALL='^(__initcall|[a-z_]+_initcall(_sync)?|module_init|builtin_[a-z_]*driver|module_[a-z_]+_driver)\('

# $1 = "0..7" or "3" or a list of both with commas. Prints the salts, one per word.
salts_of() {
	echo "$1" | tr ',' '\n' | awk -F '[.][.]' '
		!/^[0-9]+([.][.][0-9]+)?$/ || $1 > 999 || $NF > 999 || $NF + 0 < $1 + 0 { exit 1 }
		{ for (i = $1 + 0; i <= $NF + 0; i++) if (!seen[i]++) print i }' || misuse "salts '$1': numbers up to 999 as 0..7 or 0,3,5"
}

# A number from 0 to 2^28 - 1 of salt $1 for use $2.
salt_number() {
	echo $((0x$(echo "salt $1 $2" | sha | cut -c 1-7)))
}

# The order of linking: the objects in the arguments, shuffled by SEED; those named in KEEP stay in their order.
# The generator is that of Park and Miller, whose products are exact in the numbers of awk.
write_order() {
	cat <<-'END'
		function draw(n) { x = x * 16807 % 2147483647; return int(x / 2147483647 * n) }
		BEGIN {
			x = ENVIRON["SEED"] + 1
			n = split(ENVIRON["KEEP"], word, " ")
			for (i = 1; i <= n; i++) keep[word[i]]
			n = 0
			for (i = 1; i < ARGC; i++) if (!(ARGV[i] in seen)) { seen[ARGV[i]]; at[++n] = ARGV[i] }
			for (i = 1; i <= n; i++) if (at[i] in keep || at[i] ~ /\/$/) ordered[++m] = at[i]
			for (i = n; i > 1; i--) { j = draw(i) + 1; t = at[i]; at[i] = at[j]; at[j] = t }
			for (i = 1; i <= n; i++) print at[i] in keep || at[i] ~ /\/$/ ? ordered[++k] : at[i]
		}
	END
}

# Objects of mm/ that have an initcall. An object of several sources is called as its first one, with - for _.
keep_objects() {
	{ grep -lE "$INITCALL" "$tree"/mm/*.c || true; } | sed 's/.*\///; s/c$/o/; p; s/_/-/g' | sort -u | tr '\n' ' '
}

# $1 = salt. Makes $work/tree: links to the tree's own files, with a folder mm/ of its own.
salt_tree() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/mm"
	for f in "$tree"/* "$tree"/.[a-z]*; do
		case ${f##*/} in
		mm | .git | '*' | '.[a-z]*') ;;
		*) ln -s "$f" "$work/tree/" ;;
		esac
	done
	for f in "$tree"/mm/* "$tree"/mm/.[a-z]*; do
		case ${f##*/} in
		'*' | '.[a-z]*') ;;
		*) ln -s "$f" "$work/tree/mm/" ;;
		esac
	done
	[ "$1" -gt 0 ] || return 0
	[ -f "$tree/mm/Makefile" ] || misuse "$tree: no mm/Makefile to add to"
	rm "$work/tree/mm/Makefile"
	{
		cat "$tree/mm/Makefile"
		echo "obj-y += salt.o"
		echo "obj-y := \$(shell SEED=$(salt_number "$1" order) KEEP='$(keep_objects)' awk -f \$(srctree)/mm/salt.awk \$(obj-y))"
	} >"$work/tree/mm/Makefile"
	write_order >"$work/tree/mm/salt.awk"
	size=$(($(salt_number "$1" size) % 4097 * 16))
	cat >"$work/tree/mm/salt.c" <<-END
		// SPDX-License-Identifier: GPL-2.0-or-later
		/* Never run: only moves what the linker puts after it. */
		#include <linux/compiler.h>
		static noinline void __used salt_filler(void)
		{
			asm volatile(".fill $size, 1, 0x90");
		}
	END
}

# $1 = tree, $2 = fragment, $3 = name or "", $4 = salts. Prints a name in the cache per salt.
rebuild() {
	salts=$(salts_of "$4")
	prepare "$1" "$2" "$3" salted
	from=$work/tree
	for salt in $salts; do
		salt_tree "$salt"
		build_one "$name-s$salt" "$(printf '%s\n' "format 1" "$tree_id" "$(sha <"$fragment")" "$tools" "salt $SALT_FORMAT $salt" | sha)"
	done
}
