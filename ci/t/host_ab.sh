#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A/B of settings on the host target, in a machine that wmark did not build: ABBA without a reboot, every setting back
# after each run, and a campaign that goes on after its driver was killed.
. ci/t/lib.sh

guest_begin
cat >"$root/scenario.ini" <<'INI'
[scenario]
name = host-ab
[needs]
nodes = 2
swap = zram
mem = 256M
[knobs]
vm.watermark_scale_factor = 50
[workload anon]
bytes = 70%ram
passes = 1
incompressible = 40
[phase]
settle = 100ms
drain = 1s
INI
cat >>"$root/init" <<'INIT'
settings() { (cd /proc/sys/vm && cat swappiness watermark_scale_factor min_free_kbytes dirty_ratio); }
mkdir /tmp/store
# run wmark directly, so that $! is the process to kill
ab_exec() {
	exec /wmark ab --target host --allow-global-pressure --lru classic --a vm.swappiness=60 \
		--b 'vm.swappiness=10 vm.min_free_kbytes=9000' --seeds 1..3 --looks 3 --confirm 0 --name knobs \
		--store /tmp/store --out /tmp/camp "$@" /scenario.ini
}
ab() { (ab_exec "$@"); }
settings >/tmp/before
/wmark ab --target host --a vm.swappiness=60 --b vm.swappiness=10 --out /tmp/no /scenario.ini
say "refused $? $(ls -d /tmp/no 2>/dev/null)"
ab --kernel 6.1; say "kernel $?"
/wmark ab --target host --allow-global-pressure --a boot:nokaslr=1 --b vm.swappiness=10 --out /tmp/no /scenario.ini
say "boot $?"
ab_exec >/tmp/1.out 2>/tmp/1.err &
pid=$!
# in the middle: one run is done, the settings of another are in force
for i in $(seq 600); do
	[ "$(grep -rl '^H outcome ok' /tmp/store | wc -l)" -ge 1 ] && [ -e /var/lib/wmark/knobs.journal ] &&
		grep -qE '^(10|60)$' /proc/sys/vm/swappiness && break
	sleep 0.1
done
say "running $(cat /proc/sys/vm/swappiness | grep -cE '^(10|60)$')"
kill -KILL $pid; wait $pid
for i in $(seq 300); do [ -e /var/lib/wmark/knobs.journal ] || break; sleep 0.1; done
same_settings killed: restored
for i in $(seq 100); do [ "$(ps | grep -c '[w]mark')" = 0 ] && break; sleep 0.1; done
say "left $(ps | grep -c '[w]mark')"
done_before=$(grep -rl '^H outcome ok' /tmp/store | wc -l)
ab >/tmp/2.out 2>/tmp/2.err; say "ab $? ran $(grep -c 'runs done' /tmp/2.err) after $done_before"
sed 's/^/T: err /' /tmp/2.err | tail -3
same_settings restored
ls /var/lib/wmark/knobs.journal 2>/dev/null && say "journal left"
sed 's/^/T: out /' /tmp/2.out | head -12
say "order $(awk '$1 == "run" { printf "%s", $3 }' /tmp/camp/plan)"
grep -E '^(target|emulator|A|B) ' /tmp/camp/plan | sed 's/^/T: plan /'
for f in $(awk '$1 == "run" { print $7 }' /tmp/camp/plan); do
	say "run $(grep '^H run.side' $f) $(grep '^h sysctl.vm.swappiness' $f)" \
		"$(grep '^h sysctl.vm.min_free' $f | cut -d' ' -f 3) $(grep '^h machine.target' $f) $(grep '^H outcome ' $f)"
done
for f in report.html report.csv report.json; do [ -s /tmp/camp/$f ] && say "wrote $f"; done
ab >/tmp/3.out 2>/tmp/3.err; say "again $? ran $(grep -c 'runs done' /tmp/3.err)"
/wmark compare /tmp/camp >/tmp/4.out 2>&1; say "compare $?"
INIT
guest_run 400
like "refused without the long option, before anything is written" "$out" '^T: refused 3 $'
like "a kernel is refused" "$out" '^T: kernel 2'
like "a kernel parameter is refused" "$out" '^T: boot 2'
like "a setting is in force while a run is under way" "$out" '^T: running 1'
like "the driver killed: the run under way puts its settings back" "$out" '^T: killed: restored'
like "... and no process is left" "$out" '^T: left 0'
like "the same command makes the runs that are missing" "$out" '^T: ab (0|1|77) ran [1-5] after [1-5]$'
like "every setting is back" "$out" '^T: restored$'
unlike "the journal is gone" "$out" 'journal left'
like "ABBA or BAAB, then AB or BA" "$out" '^T: order (ABBA|BAAB)(AB|BA)$'
like "the plan names the target" "$out" '^T: plan target host'
# runs SIDE SETTINGS: how many such runs ended well
runs() {
	printf '%s\n' "$out" | grep -c "^T: run H run.side $1 h sysctl.vm.swappiness $2 h machine.target host H outcome ok"
}
is "side A ran with its settings" "$(runs A '60 [0-9]*')" 3
is "side B with its own" "$(runs B '10 9000')" 3
like "the settings are the sides" "$(printf '%s\n' "$out" | tr '\n' ' ')" 'vm\.swappiness=60 -> vm\.swappiness=10'
is "reports are there" "$(printf '%s\n' "$out" | grep -c '^T: wrote report')" 3
like "a finished campaign runs nothing again" "$out" '^T: again (0|1|77) ran 0'
like "compare judges it" "$out" '^T: compare (0|1|77)'
[ "$bad" -eq 0 ] || printf '%s\n' "$out" | tail -60 | sed 's/^/# /'
done_testing
