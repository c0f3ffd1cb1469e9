#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ci/new, in a copy of the tree: every skeleton builds, and its test fails until it is filled in and passes then.
. ci/t/lib.sh

tree=$tmp/tree
mkdir "$tree"
git ls-files -co --exclude-standard | while read -r f; do [ ! -f "$f" ] || echo "$f"; done | tar -cf - -T - | tar -xf - -C "$tree"
# the copy has the objects, too, except those whose flags name another folder
flags=$(cat "$O/gen/flags")
set --
case $flags in *-Werror*) set -- WERROR=1 ;; esac
case $O in /*) ;; *)
	cp -a "$O" "$tree/$O"
	sed "s#$PWD/=#$tree/=#" "$O/gen/flags" >"$tmp/flags"
	touch -r "$O/gen/flags" "$tmp/flags"
	cp -p "$tmp/flags" "$tree/$O/gen/flags"
	set -- "$@" "O=$O"
	;;
esac
cd "$tree" || exit 1
build() {
	make -s -j2 "$@" all "${O##*/}/unit" 2>&1
}
unit=$O/unit
export WMARK_TEST_DATA="$tree/harness/test/data"
unset MAKEFLAGS MFLAGS MAKELEVEL

tree_sum() {
	find . -path "./$O" -prune -o -type f -exec cksum {} + | sort | cksum
}
before=$(tree_sum)
exits 0 "--help" ci/new --help
exits 2 "no kind" ci/new planet x
exits 2 "no name" ci/new metric
exits 2 "a path is no name" ci/new workload ../x
exits 2 "a quote is no name" ci/new metric 'a"b'
exits 2 "helpers of workloads keep their names" ci/new workload wl_x
exits 1 "a workload that is there" ci/new workload anon
exits 1 "a metric that is there" ci/new metric stalls_per_gib
exits 1 "a source that is there" ci/new source vmstat
is "nothing was written so far" "$(tree_sum)" "$before"

kinds="workload scenario counter metric invariant source format"
for kind in $kinds; do
	ok "new $kind" ci/new "$kind" "try_$kind"
	exits 1 "... not twice" ci/new "$kind" "try_$kind"
done
ok "all skeletons build" build "$@"

# what proves a kind
proof() {
	case $1 in
	workload) "$unit" --filter 'workload_try_workload/*' ;;
	scenario) sh ci/t/scenario.sh ;;
	counter) "$unit" --filter 'counters/*' ;;
	metric) "$unit" --filter 'metrics/texts' ;;
	invariant) "$unit" --filter 'invariants/every_rule*' ;;
	source) "$unit" --filter 'source_try_source/*' ;;
	format) "$unit" --filter 'report_try_format/*' ;;
	esac
}
for kind in $kinds; do
	rc=0
	out=$(proof "$kind" 2>&1) || rc=$?
	is "test of $kind fails" "$([ "$rc" != 0 ] && echo yes)" yes
	like "... and says which" "$out" "try_$kind"
done

sed -i '/the operation stands here/d; s/return err_set(e, -ENOSYS.*/(void)e;/' workloads/try_workload.c
sed -i 's/^summary = .*/summary = a try/' bench/scenarios/try_scenario.ini
sed -i 's/EVENTS("try_counter", "", "try_counter")/EVENTS("try_counter", "Page faults of all kinds.", "pgfault")/' harness/evidence/counters.c
sed -i '/ROW("try_metric"/,/moves/{s/help = ""/help = "Tasks that the kernel killed."/
	s/where = ""/where = "The counter oom_kill of vmstat."/
	s/moves = ""/moves = "Too little memory for all."/;}' harness/metric/table.c
sed -i 's/^\tinv_found(.*fill in the rule.*/\tif (archive_event_time(c->a, "something", NULL, 0, \&(uint64_t){ 0 }))\n\t\tinv_found(c, -1, 0, 0, "it broke");/' harness/check/try_invariant.c
sed -i 's#/proc/fill/in#/proc/try_source#' harness/sample/try_source.c
sed -i 's/"%s: fill in\\n", c->scenario\[s\].name/"%s: %s\\n", c->scenario[s].name, verdict_names[c->scenario[s].verdict]/' harness/report/try_format.c
ok "all of them filled in build" build "$@"
for kind in $kinds; do
	ok "test of $kind passes" proof "$kind"
done
like "the period of the source is an option" "$("$O/wmark" list -v scenarios)" 'try_source'
like "the format is an option" "$("$O/wmark" compare --help)" 'try_format'
done_testing
