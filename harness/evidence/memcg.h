/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory cgroups may have had to do with a run. Whether a kernel's counters hold their reclaim
 * is another question: run_node_has_pgscan() of evidence/view.h.
 */
#ifndef WMARK_EVIDENCE_MEMCG_H
#define WMARK_EVIDENCE_MEMCG_H

#include <stdbool.h>

#include "archive/archive.h"

/*
 * May memory cgroups have been reclaimed, at a limit or because somebody wrote to memory.reclaim?
 * On a machine of others always: it has units and containers of its own. In a guest of ours, which
 * has none, where a workload or a knob of the scenario names one, one was sampled or set up, or one
 * killed tasks.
 */
bool memcg_may_reclaim(const struct archive *a);
/* Does the kernel log say that a memory cgroup killed a task at its limit? */
bool memcg_killed(const struct archive *a);

#endif
