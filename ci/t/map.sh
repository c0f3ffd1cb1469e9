#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Compares the documents for those who change wmark with the code: the drawing of the layers against the includes, what they
# name against what there is, the keys of scenarios against the option tables.
# MAP=update sh ci/t/map.sh draws the layers anew.
. ci/t/lib.sh

map=harness/README.md
pages="$map harness/man/judging.md bench/README.md .github/CONTRIBUTING.md README.md"
width=3 # columns per folder
text=62 # the column where its purpose begins

# ---- the drawing: row and column i are folder i of ci/lint.sh, which says what each MAY include

folders() {
	sed -n '/^arrows() {/,/^}/s#^\t\t\(harness/[a-z]*\|workloads\).*#\1#p' ci/lint.sh
}

# "FOLDER INCLUDED" of the sources
included() {
	folders >"$tmp/folders"
	while read -r f; do
		grep -hoE '#include "[a-z]+/' "$f"/*.[ch] | sed "s#.*\"#${f##*/} #; s#/##" | sort -u | awk '$1 != $2'
	done <"$tmp/folders"
}

drawing() {
	sed -n '/^```layers$/,/^```$/p' $map | sed '1d;$d'
}

# "FOLDER INCLUDED" of the drawing: a v in the column of one folder and the row of another
drawn() {
	drawing | awk -v w=$width '{
		match($0, /[a-z][a-z]+/)
		name[NR] = substr($0, RSTART, RLENGTH)
		for (i = 1; i < NR; i++)
			if (substr($0, (i - 1) * w + 2, 1) == "v")
				print name[i], name[NR]
	}'
}

# draws the same picture from the sources, with the purposes from the old one
draw() {
	drawing | awk -v text=$text '{ match($0, /[a-z][a-z]+/); print "purpose", substr($0, RSTART, RLENGTH), substr($0, text) }' >"$tmp/lines"
	included | sed 's/^/arrow /' >>"$tmp/lines"
	folders | sed 's#.*/##; s/^/folder /' >>"$tmp/lines"
	awk -v w=$width -v text=$text '
		$1 == "purpose" { name = $2; sub(/^purpose [a-z]+ /, ""); purpose[name] = $0 }
		$1 == "arrow" { arrow[$2, $3] = 1 }
		$1 == "folder" {
			line = ""
			for (i = 1; i <= nr; i++)
				line = line ((above[i], $2) in arrow ? " v " : "   ")
			above[++nr] = $2
			printf "%-" (text - 1) "s%s\n", line $2, $2 in purpose ? purpose[$2] : "?"
		}' "$tmp/lines"
}

if [ "${MAP:-}" = update ]; then
	draw >"$tmp/drawing"
	awk -v new="$tmp/drawing" '
		/^```$/ { skip = 0 }
		!skip { print }
		/^```layers$/ { skip = 1; while ((getline line < new) > 0) print line }' $map >"$tmp/map"
	cat "$tmp/map" >$map
	echo "$map is drawn anew" >&2
fi

included | sort >"$tmp/included"
drawn | sort >"$tmp/drawn"
least "the drawing has arrows" "$(grep -c . "$tmp/drawn")" 40
is "every arrow of the drawing is an include" "$(comm -13 "$tmp/included" "$tmp/drawn")" ""
is "every include between folders is an arrow (MAP=update sh ci/t/map.sh; an include upwards cannot be drawn)" \
	"$(comm -23 "$tmp/included" "$tmp/drawn")" ""
is "the drawing is what MAP=update draws" "$(drawing)" "$(draw)"
no_purpose() {
	for f in harness/*/; do
		name=${f%/} name=${name#harness/}
		lines=$(drawing | grep -cE "^[ v]*$name +[^ ?]" || true)
		lines=$((lines + $(sed -n "/^Beside the layers/,/^What flows/p" $map | grep -cE "^\| $name \| [^ ?|]" || true)))
		[ "$lines" = 1 ] || echo "$f: $lines lines"
	done
}
is "every folder has its one line of purpose" "$(no_purpose)" ""

# ---- what the pages name is there

git ls-files -co --exclude-standard >"$tmp/files"
sed 's#.*/##' "$tmp/files" | sort -u >"$tmp/names"
grep -E '^(harness|workloads|bench)/.*\.[ch]$' "$tmp/files" | grep -v '^harness/test/data/' >"$tmp/sources"
xargs cat <"$tmp/sources" | tr -cs 'A-Za-z0-9_' '\n' | sort -u >"$tmp/words"

# there PAGE PATH: does PATH exist, seen from the top, from harness/ or from the page?
there() {
	[ -e "$2" ] || [ -e "harness/$2" ] || [ -e "${1%/*}/$2" ] || grep -qxF "$2" "$tmp/names"
}

# prints the words in backquotes of a page that name nothing; words with CAPITALS stand for many names
wrong_names() {
	sed '/^```/,/^```$/d' "$1" | grep -oE '`[^`]+`' | tr -d '`' | sort -u | while read -r word; do
		case $word in
		*README.md | *CONTRIBUTING.md) there "$1" "$word" || echo "$word: no such file" ;;
		*[A-Z]*) ;;
		*' '* | /* | *'<'*) ;;
		*'()') grep -qxF "${word%'()'}" "$tmp/words" || echo "$word: no such function" ;;
		mm/* | build/*) ;; # of the kernel; made
		*.c | *.h | *.sh | *.md | *.ini | *.list) there "$1" "$word" || echo "$word: no such file" ;;
		*/*) [ ! -d "${word%%/*}" ] && [ ! -d "harness/${word%%/*}" ] || there "$1" "$word" || echo "$word: not there" ;;
		esac
	done
}
for page in $pages; do
	ok "$page is there" test -s "$page"
	is "... names only what is there" "$(wrong_names "$page")" ""
	is "... its links lead somewhere" "$(grep -oE '\]\([^)#]+\)' "$page" | sed 's/^](//; s/)$//' | grep -v : | while read -r to; do
		[ -e "$(dirname "$page")/$to" ] || echo "$to"
	done)" ""
	is "... its make targets exist" "$(grep -oE '\bmake [a-z]+' "$page" | sort -u | while read -r _ target; do
		grep -qE "^$target:|^\.PHONY:.* $target( |\$)" Makefile || ! grep -q "\`make $target\|^make $target" "$page" || echo "$target"
	done)" ""
	is "... its unit tests exist" "$(grep -oE "T='[a-z_*/]+'" "$page" | sort -u | sed "s/T='//; s/'//" | while read -r t; do
		case $t in *'*') pattern="\\((TestSuite\\()?${t%%/*}" ;; *) pattern="\\(${t%/*}, ${t#*/}[,)]" ;; esac
		grep -qE "$pattern" harness/test/*.c || echo "$t"
	done)" ""
done

is "judging has thirteen steps" "$(sed -n 's/^### \([0-9]*\)\. .*/\1/p' harness/man/judging.md | xargs)" "1 2 3 4 5 6 7 8 9 10 11 12 13"

# files that comments name: pages of this repository alone, and sources under the names they have now
is "comments name pages that are there" "$(xargs grep -noE '[A-Za-z0-9_./-]+\.md\b|DESIGN section' <"$tmp/sources" | while IFS=: read -r f line page; do
	there "$f" "$page" || echo "$f:$line: $page"
done)" ""
is "comments name steps of judging that are there" "$(xargs grep -ohE 'judging\.md, steps? [0-9][0-9, to]*( and [0-9]+)?' <"$tmp/sources" |
	grep -oE '[0-9]+' | sort -un | while read -r step; do grep -q "^### $step\. " harness/man/judging.md || echo "$step"; done)" ""
is "comments name sources that are there" "$(grep -vE '^harness/(test|fuzz)/' "$tmp/sources" |
	xargs grep -noE '(^|[^A-Za-z0-9_/"<.*-])[a-z][a-z0-9_]*\*?\.c\b' | sed 's/:[^A-Za-z0-9_]*\([a-z0-9_*]*\.c\)$/:\1/' | while IFS=: read -r f line name; do
	grep -qx "$(echo "$name" | sed 's/\./\\./; s/\*/.*/')" "$tmp/names" || echo "$f:$line: $name"
done)" ""

# ---- keys of scenarios: bench/README.md has each with its default and an example, in the table of its section

# rows HEADING COLUMN...: these columns of the rows below a heading of bench/README.md
rows() {
	awk -v want="$1" -v column="$2" -F ' *[|] *' '
		/^#/ { on = index($0, "# `" want "`") > 0 }
		on && /^[|] `/ { gsub(/`/, ""); print column == "example" ? $5 : $2 " " $4 }' bench/README.md
}
# the options that `wmark list -v` prints, from standard input: KEY DEFAULT; "-" = none
options() {
	awk '
		function put() {
			if (match(all, /\(default .*\)/)) d = substr(all, RSTART + 9, RLENGTH - 10)
			else d = yes ? "no" : "-"
			if (key != "") print key, d
		}
		/^ +(-[a-z], )?--/ { put(); sub(/^ +(-[a-z], )?--/, ""); key = $1; yes = $2 !~ /^[A-Z]+$/; all = $0; next }
		{ sub(/^ +/, ""); all = all " " $0 }
		END { put() }'
}
# keys HEADING WANTED: the table has exactly these keys, and wmark takes its examples
keys() {
	least "$1: there are keys" "$(printf '%s\n' "$2" | grep -c .)" 1
	is "... bench/README.md has them with their defaults" "$(rows "$1" keys | sort)" "$(printf '%s\n' "$2" | sort)"
	{
		case $1 in
		'[workload'*) printf '[phase]\nwindow = 1s\n[workload one]\n' ;;
		'['*) printf '[workload anon]\n%s\n' "$1" ;;
		*) printf '[phase]\nwindow = 1s\n[workload one]\ntype = %s\n' "$1" ;;
		esac
		rows "$1" example
	} >"$tmp/s.ini"
	exits 3 "... its examples are good (only the kernel is missing)" "$wmark" run --kernel 0.0.1 "$tmp/s.ini"
}
"$wmark" list -v scenarios >"$tmp/scenarios"
"$wmark" list -v workloads >"$tmp/workloads"
for section in needs phase sample; do
	keys "[$section]" "$(sed -n "/^\[$section\]\$/,/^\$/p" "$tmp/scenarios" | options)"
done
keys '[scenario]' "$(sed -n '/head_opts\[\] = {/,/OPT_END/s/.*OPT_STR([^"]*"\([a-z_]*\)".*/\1 -/p' harness/scenario/*.c)"
printf '[workload anon]\npasses = 1\n[judge]\nx = 1\n' >"$tmp/s.ini"
exits 2 "[judge] x: no such key" "$wmark" run --kernel 0.0.1 "$tmp/s.ini"
keys '[judge]' "$(echo "$out" | sed -n 's/.*no such key (\(.*\)).*/\1/p' | tr -s ', ' '\n' | sed 's/$/ -/')"
keys '[workload NAME]' "type -
$(sed -n '/^every workload:$/,$p' "$tmp/workloads" | options)"
sed -n 's/^#### `\(.*\)`$/\1/p' bench/README.md >"$tmp/types"
while read -r w; do
	keys "$w" "$(awk -v w="$w" '/^[a-z]/ { on = $1 == w; next } on' "$tmp/workloads" | options)"
done <"$tmp/types"
done_testing
