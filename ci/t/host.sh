#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The host target on a machine that wmark did not build: Debian's busybox as user land, Debian's kernel, the same
# static binary. Every setting it changes must be back afterwards, also when it is killed half-way.
. ci/t/lib.sh

guest_begin
cat >"$root/scenario.ini" <<'INI'
[scenario]
name = host
[needs]
nodes = 2
swap = zram
mem = 256M
[knobs]
vm.swappiness = 10
vm.watermark_scale_factor = 50
vm.min_free_kbytes = 9000
/sys/kernel/mm/transparent_hugepage/enabled = never
[workload anon]
bytes = 110%ram
incompressible = 40
[phase]
settle = 200ms
drain = 5s
INI
cat >>"$root/init" <<'INIT'
settings() {
	cd /proc/sys/vm
	for f in *; do
		case $f in stat_refresh|compact_memory|drop_caches) ;; *) echo "$f $(cat $f 2>/dev/null)" ;; esac
	done
	cat /sys/kernel/mm/transparent_hugepage/enabled
	for f in /sys/kernel/mm/lru_gen/*; do echo "$f $(cat $f 2>/dev/null)"; done; cd /
}
# instances and synthetic events of tracefs
traces() { echo "$(ls /sys/kernel/tracing/instances | wc -l) $(grep -c . /sys/kernel/tracing/synthetic_events)"; }
settings >/tmp/before
/wmark run --target host -o /tmp/no.wm /scenario.ini; say "refused $?"
/wmark run --target host --allow-global-pressure --lru mglru -o /tmp/run.wm \
	--with "vm.swappiness=11 vm.dirty_ratio=33 vm.dirty_background_bytes=16777216" /scenario.ini >/tmp/out 2>&1
say "run $?"
sed 's/^/T: out /' /tmp/out
same_settings restored
ls /var/lib/wmark/knobs.journal 2>/dev/null && say journal left
grep '^h trace' /tmp/run.wm | sed 's/^/T: /'
[ ! -e /sys/kernel/tracing/events ] || say tracefs mounted
mount -t tracefs tracefs /sys/kernel/tracing
say "traces after $(traces)"
grep '^h lru.mode' /tmp/run.wm | sed 's/^/T: /'
grep '^h sysctl.vm.swappiness' /tmp/run.wm | sed 's/^/T: /'
grep '^H outcome ' /tmp/run.wm | sed 's/^/T: /'
/wmark run --target host --allow-global-pressure --set phase.settle=30s -o /tmp/killed.wm /scenario.ini >/dev/null 2>&1 &
sleep 4; say "wmarks before $(ps | grep -c '[w]mark')"; kill -KILL $!; wait $!
sleep 1; say "wmarks after $(ps | grep -c '[w]mark')"
say "traces killed $(traces)"
settings >/tmp/killed; cmp -s /tmp/before /tmp/killed && say "still set: no" || say "still set: yes"
/wmark run --target host --allow-global-pressure -o /tmp/second.wm /scenario.ini >/tmp/busy 2>&1
say "busy $? $(grep -c 'wmark restore' /tmp/busy)"
/wmark restore | sed 's/^/T: /'
say "traces restored $(traces)"
same_settings restored by hand
/wmark run --target host --allow-global-pressure --set phase.settle=30s -o /tmp/term.wm /scenario.ini >/dev/null 2>&1 &
sleep 4; kill -TERM $!; wait $!; say "term $?"
same_settings restored on SIGTERM
grep '^H outcome ' /tmp/term.wm | sed 's/^/T: term /'
INIT
guest_run 300
like "refused without the long option" "$out" '^T: refused 3'
like "ran under pressure" "$out" '^T: run 0'
like "... outcome ok" "$out" '^T: H outcome ok'
like "... the LRU asked for" "$out" '^T: h lru.mode mglru'
like "... of --with before the scenario's, in the header" "$out" '^T: h sysctl.vm.swappiness 11'
like "events are counted without tracefs being mounted" "$out" '^T: h trace.stalls yes'
unlike "... and it is not mounted now" "$out" '^T: tracefs mounted'
like "... and no trace instance is left" "$out" '^T: traces after 0 0$'
like "every setting is back" "$out" '^T: restored$'
unlike "the journal is gone" "$out" 'journal left'
like "a run is its runner and its generators" "$out" '^T: wmarks before ([2-9]|[1-9][0-9])$'
like "... no generator outlives a killed runner" "$out" '^T: wmarks after 0$'
like "a killed run leaves its settings" "$out" '^T: still set: yes'
like "... the next run refuses and names wmark restore" "$out" '^T: busy 3 1'
like "... and its trace instance" "$out" '^T: traces killed 1 1$'
like "... which wmark restore takes away" "$out" '^T: traces restored 0 0$'
like "... wmark restore puts them back" "$out" '^T: restored by hand'
like "a run ended by SIGTERM puts them back itself" "$out" '^T: restored on SIGTERM'
like "... and says it was stopped" "$out" '^T: term H outcome stopped'
[ "$bad" -eq 0 ] || printf '%s\n' "$out" | tail -40 | sed 's/^/# /'
done_testing
