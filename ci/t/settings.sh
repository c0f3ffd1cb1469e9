#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Settings of one side beside the scenario: they are in force inside the guest, are recorded, and never silently differ.
. ci/t/lib.sh

cat >"$tmp/set.ini" <<'INI'
[scenario]
name = set
[needs]
nodes = 2
cpus = 2
mem = 640M
program = sh
[knobs]
vm.swappiness = 70
[workload command]
type = exec
command = sh -c 'test "$WMARK_A" = 1 && test "$WMARK_B" = "x y" || { echo "A is $WMARK_A"; exit 3; }'
[phase]
settle = 100ms
drain = 0s
INI

# runs FILE WORDS: runs quietly; output and exit code are beside the archive
runs() {
	rc=0
	"$wmark" run --kernel 6.12 -o "$tmp/$1.wm" --with "$2" "$tmp/set.ini" >"$tmp/$1.out" 2>&1 || rc=$?
	echo "$rc" >"$tmp/$1.rc"
}

all='vm.swappiness=10 vm.lowmem_reserve_ratio="200 100" /sys/kernel/mm/lru_gen/enabled=n'
all="$all boot:transparent_hugepage=never boot:nokaslr env:WMARK_A=1 env:WMARK_B=\"x y\""
{
	runs all "$all"
	runs clamped '/sys/kernel/mm/lru_gen/enabled=0xff'
	runs unknown 'boot:transparent_hugepages=never'
} &
{
	runs none none
	runs refused 'vm.swappiness=1000'
	runs missing '/sys/kernel/mm/no_such_setting=1'
} &
wait

# said FILE: exit code and first line of a run
said() {
	echo "$(cat "$tmp/$1.rc") $(head -1 "$tmp/$1.out")"
}

# header FILE KEY: the last line counts
header() {
	awk -v key="$2" '$1 == "h" && $2 == key { sub(/^h [^ ]* ?/, ""); v = $0 } END { print v }' "$tmp/$1.wm"
}

is "every kind: ends well" "$(said all)" "0 set: ok"
is "... the words are in the header" "$(header all side.settings)" "$all"
is "... a sysctl is in force" "$(header all sysctl.vm.swappiness)" 10
like "... after the scenario's own, and says what it replaced" "$(grep ' knob ' "$tmp/all.wm")" ' knob vm\.swappiness 70 -> 10$'
like "... a list, in its first numbers" "$(header all sysctl.vm.lowmem_reserve_ratio)" '^200[[:space:]]100[[:space:]]32'
is "... a path, and what follows from it" "$(header all lru.gen_enabled) $(header all lru.mode)" "0x0000 classic"
is "... a boot parameter" "$(header all thp.enabled)" never
like "... which stands last on the command line" "$(header all kernel.cmdline)" ' transparent_hugepage=never nokaslr$'
is "no setting: nothing is written down" "$(header none side.settings)" ""
is "... the scenario's value" "$(header none sysctl.vm.swappiness)" 70
is "... the kernel's boot default" "$(header none thp.enabled)" always
like "... and the command misses its environment" "$(said none)" '^3 set: failed: command\.0: [^ ]*/sh: exit 3: A is *$'
is "machine and scenario are the same with and without" "$(header all machine.key) $(header all scenario.hash)" \
	"$(header none machine.key) $(header none scenario.hash)"
is "a refused value: failed" "$(said refused)" "3 set: failed: vm.swappiness: the kernel refused '1000': Invalid argument"
is "... and the archive says what was asked" "$(header refused side.settings)" vm.swappiness=1000
is "a value made another: failed" "$(said clamped)" \
	"3 set: failed: /sys/kernel/mm/lru_gen/enabled: the kernel took '0xff' and made it '0x0007'"
is "a knob that is not there: skip" "$(said missing)" \
	"77 set: skip: /sys/kernel/mm/no_such_setting: this kernel has no such setting (/sys/kernel/mm/no_such_setting)"
like "a boot parameter that the kernel does not know: skip" "$(said unknown)" '^77 set: skip: boot:transparent_hugepages=never: '
exits 0 "a replay has the settings of the run" "$wmark" replay "$tmp/all.wm"
like "... and its numbers" "$out" '^identical: '

exits 2 "a host does not take boot parameters" "$wmark" run --target host --with boot:nosmt "$tmp/set.ini"
like "... in one line" "$out" '^wmark: boot:nosmt: .*(exact|vm)'
is "... only one" "$(printf '%s\n' "$out" | wc -l)" 1
exits 2 "words that are none" "$wmark" run --kernel 6.12 --with 'vm.swappiness=1 swappiness=2' "$tmp/set.ini"
like "... are named" "$out" "^wmark: run: --with: setting 'swappiness=2': a knob is a sysctl"
exits 2 "a name twice in two options" "$wmark" run --kernel 6.12 --with vm.swappiness=1 --with /proc/sys/vm/swappiness=2 "$tmp/set.ini"
like "... is named" "$out" "setting '/proc/sys/vm/swappiness=2': the second value"
done_testing
