/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock of schedules, time-outs and latencies. */
#ifndef WMARK_BASE_CLOCK_H
#define WMARK_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * CLOCK_MONOTONIC in ns. Async-signal-safe, no allocation; no system call where the vDSO has the
 * clock.
 */
static inline uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

#endif
