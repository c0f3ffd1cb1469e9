#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every error in a scenario names file, line and word; the shipped ones load.
. ci/t/lib.sh

# bad_ini TEXT NAME PATTERN: a scenario of this text is refused with exit code 2 and a message that matches;
# an empty TEXT means that s.ini is there already
bad_ini() {
	if [ -n "$1" ]; then printf '%b' "$1" >"$tmp/s.ini"; fi
	exits 2 "$2" "$wmark" run --kernel 6.1 "$tmp/s.ini"
	like "... $3" "$out" "$3"
}

bad_ini '[workload anon]\nbytes = lots\n' "bad size" "s.ini:2: \[workload anon\] bytes: 'lots': not a size"
bad_ini '[workload anon]\nbites = 1G\n' "misspelt key" "s.ini:2: .*'bites': no such key \(did you mean 'bytes'"
bad_ini '[workload annon]\nbytes = 1G\n' "unknown workload" "s.ini:1: .*type 'annon': no such workload \(did you mean 'anon'"
bad_ini '[neds]\nnodes = 2\n' "unknown section" "s.ini:1: \[neds\]: no such section \(did you mean \[needs\]"
bad_ini 'anon\n' "no section at all" "s.ini:1: neither"
bad_ini '[workload anon]\nbytes = 1G\nbytes = 2G\n' "key twice" "s.ini:3: 'bytes' given twice \(first on line 2"
bad_ini '[needs]\nnodes = 2\n' "no workload" 'no \[workload NAME\]'
bad_ini '[workload anon]\npattern = spiral\n' "bad word" "s.ini:2: .*'spiral': not one of seq, uniform"
bad_ini '[workload anon]\npasses = 0\n' "out of range" "s.ini:2: .*'0': not within"
bad_ini '[workload anon]\nbackground = yes\n' "nothing ends the window" 'window: all workloads are in the background'
bad_ini '[workload anon]\npolicy = bind\n' "bind without nodes" "policy = bind needs 'nodes'"
bad_ini '[knobs]\nswappiness = 1\n[workload anon]\npasses = 1\n' "knob without a dot" 's.ini:2: \[knobs\] swappiness: a knob is'
bad_ini '[knobs]\n/etc/passwd = 1\n[workload anon]\npasses = 1\n' "knob elsewhere" 'only /sys and /proc/sys'
bad_ini '[phase]\nsettle = 5\n[workload anon]\npasses = 1\n' "time without unit" "s.ini:2: \[phase\] settle: '5': not a time with a unit"
bad_ini '[judge]\nfloor.x = 5\n[workload anon]\npasses = 1\n' "floor without %" "not a share"
bad_ini '[knobs]\nvm.drop_caches = 3\n[workload anon]\npasses = 1\n' "action as a knob" 'an action, not a setting'
bad_ini '[workload x]\ntype = exec\ncommand = sh -c "a ; b"\n' "comment sign in a command" "would cut the command"
awk 'BEGIN { printf "[scenario]\nsummary = "; for (i = 0; i < 1000000; i++) printf "x"; print "\n[workload anon]\nbites = 1" }' >"$tmp/s.ini"
bad_ini '' "a line of a million characters is read" "s.ini:4: .*'bites': no such key"
bad_ini '[workload anon\nbytes = 1G\n' "section without ]" "s.ini:1: a section without its ']': '\[workload anon'"
bad_ini 'bytes = 1G\n[workload anon]\n' "key before any section" "s.ini:1: a key before the first \[section\]: 'bytes'"
bad_ini '[workload anon]\nbytes\000 = 1G\n' "NUL byte" 's.ini:2: a NUL byte'
bad_ini '[scenario]\nsummary = x\nname = a b\n[workload anon]\nbytes = 1G\n' "a name of two words" \
	"s.ini:3: 'a b' is not a scenario name"
twice='[needs]\ncpus = 2\n[workload anon]\npasses = 1\n[judge]\nprimary = stalls_per_gib kswapd_cpu_ms_per_gib\n'
bad_ini "$twice" "a time primary on exact with two CPUs" 's.ini:6: \[judge\] primary: kswapd_cpu_ms_per_gib: not primary on exact with several CPUs'
is "... in one line" "$(printf '%s\n' "$out" | wc -l)" 1
exits 2 "... refused by ab" "$wmark" ab --a 6.1 --b 6.12 --out "$tmp/camp" "$tmp/s.ini"
like "... with the reason" "$out" 's.ini:6: \[judge\] primary: kswapd_cpu_ms_per_gib: .*turns'
is "... before anything is written" "$([ -e "$tmp/camp" ] && echo there)" ""
exits 3 "--cpus 1" "$wmark" run --kernel /none --cpus 1 "$tmp/s.ini"
like "... allows it" "$out" '^wmark: kernel /none: no such file'
exits 3 "--target vm" "$wmark" run --kernel /none --target vm "$tmp/s.ini"
like "... allows it" "$out" '^wmark: kernel /none: no such file'
exits 2 "primary by --set" "$wmark" run --kernel /none --cpus 3 --set judge.primary=anon.fault_p99_us anon
like "... names the word" "$out" '^wmark: --set judge.primary=anon.fault_p99_us: anon.fault_p99_us: not primary on exact'
exits 2 "primary that is no metric" "$wmark" run --kernel /none --set judge.primary=nosuch anon
like "... named" "$out" "^wmark: --set judge.primary=nosuch: nosuch: no metric has this name"
exits 2 "floor of no metric" "$wmark" ab --a 6.1 --b 6.12 --out "$tmp/camp" --set judge.floor.nosuch=3% anon
like "... named" "$out" "\[judge\] floor.nosuch: nosuch: no metric has this name"
head -c 4096 /dev/urandom >"$tmp/r.ini"
exits 2 "random bytes" "$wmark" run --kernel 6.1 "$tmp/r.ini"
exits 2 "--set of an unknown section" "$wmark" run --kernel 6.1 --set foo.x=1 anon
exits 2 "--set of an unknown key" "$wmark" run --kernel 6.1 --set anon.x=1 anon
like "... names it" "$out" "^wmark: --set workload anon.x=1: 'x': no such key"
exits 2 "--set without =" "$wmark" run --kernel 6.1 --set anon.bytes anon
exits 2 "--set of what a line cannot hold" "$wmark" run --kernel 6.1 --set 'anon.type=anon ; x' anon
printf 'anon file\n' >"$tmp/two.list"
exits 2 "two names on a line of a suite" "$wmark" ab --a 6.1 --b 6.12 --suite "$tmp/two.list"
like "... names it" "$out" "two.list:1: more than one name on a line: 'anon file'"
exits 2 "--nodes out of range" "$wmark" run --kernel 6.1 --nodes 0 anon
exits 2 "exact with virtio" "$wmark" run --kernel 6.1 --swap virtio anon
like "... says why" "$out" 'exact'
for s in bench/scenarios/*.ini; do
	name=$(basename "$s" .ini)
	like "shipped: $name" "$("$wmark" list scenarios 2>&1)" "^$name "
	is "... is filled in" "$(grep "fill in" "$s" || true)" ""
done
for l in bench/suites/*.list; do
	sed 's/#.*//' "$l" | while read -r s; do
		[ -z "$s" ] || [ -f "bench/scenarios/$s.ini" ] || echo "$l: $s"
	done
done >"$tmp/unknown"
is "suites name scenarios that exist" "$(cat "$tmp/unknown")" ""
done_testing
