/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells whether memory cgroups may have affected a run. Whether a kernel's counters include their
 * reclaim is another question: run_node_has_pgscan() of evidence/view.h.
 */
#ifndef WMARK_EVIDENCE_MEMCG_H
#define WMARK_EVIDENCE_MEMCG_H

#include <stdbool.h>

#include "archive/archive.h"

/*
 * May memory cgroups have been reclaimed, at a limit or because somebody wrote to memory.reclaim?
 * On a shared machine always: it has units and containers of its own. A guest that wmark made has
 * none of these; there it is true when a workload or a knob of the scenario names a memory cgroup,
 * when one was sampled or set up, or when one killed tasks.
 */
bool memcg_may_reclaim(const struct archive *a);
/* True when the kernel log says that a memory cgroup killed a task at its limit. */
bool memcg_killed(const struct archive *a);

#endif
