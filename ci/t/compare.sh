#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# compare without a machine: --explain, --history, and what both say of bad input. Verdicts are tested in ab.sh.
. ci/t/lib.sh

exits 0 "--explain needs no runs" "$wmark" compare --explain steal_scan_kswapd
for word in '^steal_scan_kswapd \(ratio\): secondary, higher is better' 'pgsteal_kswapd' 'mm/vmscan\.c' \
	'percentage points do not matter' 'MGLRU'; do
	like "... says $word" "$out" "$word"
done
exits 0 "--explain of a node's metric" "$wmark" compare --explain below_low_s_node1
exits 0 "--explain of a workload's metric" "$wmark" compare --explain anon.fault_p99_us
like "... under the name asked for" "$out" '^anon\.fault_p99_us \(us\)'
for m in $("$wmark" list metrics | awk '$1 ~ /[_.]/ { print $1 }'); do
	"$wmark" compare --explain "$m" >"$tmp/out" 2>&1 && grep -q 'Where' "$tmp/out" && grep -q 'Moves' "$tmp/out" || echo "$m"
done >"$tmp/mute"
is "every metric of the list is explained" "$(cat "$tmp/mute")" ""
exits 2 "--explain of an unknown metric" "$wmark" compare --explain steal_scan_kswap
is "... one line with what is near" "$out" \
	"wmark: --explain: 'steal_scan_kswap': no such metric; did you mean 'steal_scan_kswapd'?"
exits 2 "--explain of a part of names" "$wmark" compare --explain swap_
like "... lists them" "$out" "'swap_out_per_gib', 'swap_in_per_gib'"

# two runs that were cut short: there is nothing to judge, but everything else works
mkdir -p "$tmp/a" "$tmp/b"
# archive FILE LINE...: makes the archive of a run of scenario x, without its end
archive() {
	file=$1
	shift
	printf '%s\n' 'wmark archive 1' 'h scenario.name x' 'h scenario.hash 1' 'h machine.key k' 'h machine.target vm' "$@" >"$file"
}
archive "$tmp/a/1.wm" 'h lru.mode classic' 'h kernel.release 6.a'
archive "$tmp/b/1.wm" 'h lru.mode classic' 'h kernel.release 6.b'
exits 77 "nothing can be judged" "$wmark" compare --json "$tmp/x.json" --csv "$tmp/x.csv" --html "$tmp/x.html" \
	"$tmp/a" "$tmp/b"
like "... says why" "$out" 'truncated'
like "... and that there is no history" "$out" 'noise model: from these runs alone, no history'
for f in x.json x.csv x.html; do
	ok "... $f" test -s "$tmp/$f"
done
exits 2 "two formats in one file" "$wmark" compare --json "$tmp/y" --csv "$tmp/./y" "$tmp/a" "$tmp/b"
like "... both are named" "$out" "^wmark: --csv $tmp/\./y and --json $tmp/y: one file\$"
is "... before anything is written" "$([ -e "$tmp/y" ] || echo none)" none
ln -s /dev/full "$tmp/full"
exits 3 "CSV to a device that is full" "$wmark" compare --csv "$tmp/full" "$tmp/a" "$tmp/b"
like "... which is named" "$out" "^wmark: $tmp/full: No space left on device\$"
is "... and stays a device behind a link" "$(stat -L -c %F "$tmp/full") $(stat -c %F "$tmp/full")" "character special file symbolic link"
"$wmark" compare --no-text --csv /dev/stdout "$tmp/a" "$tmp/b" >"$tmp/y" || true
is "CSV to standard output" "$(cat "$tmp/y")" "$(cat "$tmp/x.csv")"
exits 0 "--explain with runs" "$wmark" compare --explain steal_scan "$tmp/a" "$tmp/b"
like "... shows that none could be used" "$out" 'A  no usable run'
exits 77 "--history none" "$wmark" compare --history none "$tmp/a" "$tmp/b"
exits 77 "--history DIR" "$wmark" compare --history "$tmp" "$tmp/a" "$tmp/b"
like "... names it" "$out" "no history that fits in $tmp"
exits 3 "--history that is not there" "$wmark" compare --history "$tmp/none" "$tmp/a" "$tmp/b"
like "... one line" "$out" "^wmark: --history: $tmp/none: no such directory$"
exits 3 "--history that is a file" "$wmark" compare --history "$tmp/a/1.wm" "$tmp/a" "$tmp/b"

# the states that two sides ran in: told in the second line, and in every format
mkdir "$tmp/hz"
archive "$tmp/hz/a.wm" 'h config.HZ 250' 'h mem.page_bytes 4096' 'h lru.mode classic' 'h run.lru classic'
archive "$tmp/hz/b.wm" 'h config.HZ 1000' 'h mem.page_bytes 4096' 'h lru.mode mglru' 'h run.lru mglru'
exits 77 "sides with unlike HZ" "$wmark" compare --json "$tmp/x.json" --html "$tmp/x.html" "$tmp/hz/a.wm" "$tmp/hz/b.wm"
like "... told before anything else" "$(printf '%s\n' "$out" | sed -n '/declared error rate/{n;p;}')" \
	'^       unlike states that no setting explains: HZ: A 250, B 1000 \(bars events, clocks\)'
unlike "... a difference that was asked for is not" "$(printf '%s\n' "$out" | head -4)" 'LRU mode:'
like "... but is shown" "$out" 'explained by settings: A --lru=classic, B --lru=mglru'
is "... in JSON" "$(grep -A 8 '"fact": "hz"' "$tmp/x.json" | tr -d ' \n')" \
	'"fact":"hz","name":"HZ","state":"bars","scenarios":1,"a":"250","b":"1000","explained_by":null,"matters_to":"events,clocks"},'
is "... what a side does not say is ABSENT" "$(grep -A 2 '"fact": "preempt"' "$tmp/x.json" | tail -1 | tr -d ' ')" '"state":"absent",'
like "... in HTML" "$(cat "$tmp/x.html")" 'Unlike states.*HZ: A 250, B 1000'
exits 77 "... by force" "$wmark" compare --force "$tmp/hz/a.wm" "$tmp/hz/b.wm"
like "... says so" "$out" 'HZ: A 250, B 1000 \(judged by force\)'
exits 77 "sides in one state" "$wmark" compare "$tmp/hz/a.wm" "$tmp/hz/a.wm"
unlike "... say nothing of it" "$out" 'unlike states'

# no report takes the place of a run or a plan
cp "$tmp/hz/a.wm" "$tmp/kept.wm"
exits 2 "a table in the place of a run" "$wmark" compare --csv "$tmp/kept.wm" "$tmp/hz/a.wm" "$tmp/hz/a.wm"
like "... named" "$out" '^wmark: --csv .*kept\.wm: there is a run'
exits 2 "a page in the place of its run" "$wmark" report --html "$tmp/kept.wm" "$tmp/kept.wm"
ok "... which stays" cmp "$tmp/hz/a.wm" "$tmp/kept.wm"

# a campaign from its plan and archives alone
mkdir "$tmp/camp"
run() { # FILE KERNEL SEED
	archive "$tmp/camp/$1.wm" "h kernel.release 6.$2" "h run.seed $3" 'H outcome panic'
}
cat >"$tmp/camp/plan" <<PLAN
wmark plan 2
name x
alpha 0.05
looks 1
spend 0.05
confirm 0 0.01
permutations 999
judge-seed 7
run 0 A x 1 1 $tmp/camp/a.wm
run 1 B x 1 1 $tmp/camp/b.wm
PLAN
exits 77 "a campaign without runs" "$wmark" compare "$tmp/camp"
run a 1 1
: >"$tmp/camp/b.wm"
exits 3 "the list of its noise model is gone" "$wmark" compare "$tmp/camp"
like "... one line" "$out" "^wmark: $tmp/camp/history: the list of earlier runs"
: >"$tmp/camp/history"
exits 77 "an empty archive is a run still to be made" "$wmark" compare "$tmp/camp"
run b 2 1
exits 77 "all runs are there, and broke" "$wmark" compare "$tmp/camp"
like "... says so" "$out" "broken runs, A 1, B 1"
exits 2 "other relabellings after the fact are refused" "$wmark" compare --permutations 99 "$tmp/camp"
exits 2 "another seed of them, too" "$wmark" compare --judge-seed 9 "$tmp/camp"
exits 2 "what is fine was planned, too" "$wmark" compare --fine 80% "$tmp/camp"
like "... says what the plan has" "$out" "^wmark: --fine 0.8: $tmp/camp was planned with 0.5$"
exits 2 "and to what size" "$wmark" compare --mde 20% "$tmp/camp"
exits 77 "those of the plan are not" "$wmark" compare --permutations 999 --judge-seed 7 "$tmp/camp"
run b 2 1
# each file is of the planned image, and of the tree that the plan is in, wherever wmark runs
mkdir -p "$tmp/one/trip" "$tmp/two/trip" "$tmp/three"
planned() { # TREE IMAGE-OF-B
	sed -e "s|$tmp/camp|trip|" -e 's/^name x$/name x\nA 6.1 0011 none\nB 6.2 0022 none/' \
		"$tmp/camp/plan" >"$1/trip/plan"
	: >"$1/trip/history"
	archive "$1/trip/a.wm" 'h kernel.release 6.1' 'h kernel.image_hash 0011' 'h run.seed 1' 'H outcome panic'
	archive "$1/trip/b.wm" 'h kernel.release 6.2' "h kernel.image_hash $2" 'h run.seed 1' 'H outcome panic'
}
planned "$tmp/one" 0022
planned "$tmp/two" 0033
exits 77 "a campaign of the tree below" sh -c "cd '$tmp/one' && '$wmark' compare trip"
exits 2 "another image on a side" sh -c "cd '$tmp/two' && '$wmark' compare trip"
like "... named" "$out" '^wmark: trip/b\.wm: a run of the kernel image 0033, but the plan has 0022 on side B$'
exits 77 "a campaign of another tree" sh -c "cd '$tmp/two' && '$wmark' compare ../one/trip"
exits 77 "... from nowhere" sh -c "cd / && '$wmark' compare '$tmp/one/trip'"
mv "$tmp/one/trip/a.wm" "$tmp/one/trip/b.wm" "$tmp/three"
exits 2 "its runs are gone, and there are others here" sh -c "cd '$tmp/two' && '$wmark' compare ../one/trip"
like "... which are not taken" "$out" \
	'^wmark: \.\./one/trip/plan: its runs \(trip/a\.wm \.\.\.\) are below none of .*; others are not taken$'
run b 2 5
exits 2 "an archive that is another run" "$wmark" compare "$tmp/camp"
like "... names it" "$out" "b\.wm: a run of seed 5, but the plan has seed 1 there"
sed -i \$d "$tmp/camp/plan"
exits 2 "a plan cut short" "$wmark" compare "$tmp/camp"
like "... says what is missing" "$out" "0 runs of x on side B are new at look 1"

# kept runs: two settings, 6 seeds each, and one kernel in another scenario, 7 seeds
mkdir "$tmp/kept"
tar -xJf harness/test/data/golden/runs.tar.xz -C "$tmp/kept" store
for side in A B; do
	mkdir "$tmp/$side"
	find "$tmp/kept/store" -path '*/anon/*' -name "pages-*-$side-*" -exec cp {} "$tmp/$side" \;
	first=$(find "$tmp/$side" -name '*-s1.wm')
	mkdir -p "$tmp/copies-$side/d"
	for i in 1 2 3 4 5; do cp "$first" "$tmp/copies-$side/$i.wm"; done
	ln -s . "$tmp/copies-$side/loop"
	ln -s .. "$tmp/copies-$side/d/up"
done
exits 1 "six runs per side differ" "$wmark" compare --history none "$tmp/A" "$tmp/B"
like "... says what that makes of the exit code" "$out" '^       shown to be fine: 0 of [0-9] primary metrics; exit code 1: REGRESSED$'
exits 77 "five copies of one run per side do not" "$wmark" compare --json "$tmp/x.json" "$tmp/copies-A" "$tmp/copies-B"
like "... says so" "$out" "^  8 runs are copies and count once, as $tmp/copies-A/2\.wm of"
like "... in JSON with both paths" "$(cat "$tmp/x.json")" "as $tmp/copies-A/2\.wm of $tmp/copies-A/1\.wm"
exits 0 "runs against themselves are the same" "$wmark" compare --history none --json "$tmp/x.json" "$tmp/B" "$tmp/B"
like "... says so" "$out" 'primary metrics; exit code 0: at least 50 % of each scenario$'
like "... and JSON" "$(tr -d '\n' <"$tmp/x.json")" '"end": \{ *"exit": 0, *"why": "shown to be fine: '

# four runs of one kernel against three others of it: nothing is found, and nothing is shown
old=$(find "$tmp/kept/store" -path '*/anon-paced/6.1.*/*-s1.wm')
mkdir "$tmp/some" "$tmp/others"
for i in 1 2 3 4 5 6 7; do
	case $i in [1-4]) half=some ;; *) half=others ;; esac
	cp "${old%1.wm}$i.wm" "$tmp/$half"
done
exits 77 "nothing found is not fine" "$wmark" compare --history none "$tmp/some" "$tmp/others"
like "... says how much was shown" "$out" 'exit code 77: not 50 % of each scenario: anon-paced \(0 of [3-5]\)$'
exits 77 "nor is it to a small size" "$wmark" compare --history none --mde 1% "$tmp/some" "$tmp/others"
# two of the three metrics are in two states, which no size makes fine
exits 0 "but to a large one" "$wmark" compare --history none --mde 1000% --fine 30% "$tmp/some" "$tmp/others"
like "... says so" "$out" 'with UNKNOWN whose MDE is at most 1000 %; exit code 0: '
like "... and repeats it" "$out" '^  wmark compare --fine 0.3 --mde 10 --history none '
exits 2 "--fine 0 would let anything be fine" "$wmark" compare --fine 0 "$tmp/some" "$tmp/others"

exits 77 "no copies in a noise model" "$wmark" compare --history "$tmp/kept/store" "$old" "$old"
unlike "... none are named" "$out" 'copies'
cp -r "$tmp/kept/store/exact-qemu10.0.2-2n2c-384M" "$tmp/kept/store/again"
exits 77 "copies add nothing to it" "$wmark" compare --history "$tmp/kept/store" "$old" "$old"
like "... and are named" "$out" '^  noise model: [0-9]* earlier runs are copies and count once, as '
done_testing
