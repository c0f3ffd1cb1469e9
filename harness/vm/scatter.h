/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the state of a guest's memory depend on the seed; scatter.c says why. */
#ifndef WMARK_VM_SCATTER_H
#define WMARK_VM_SCATTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * For process 1, before the run: touches a quarter of each node's memory and gives it back in
 * pieces and an order that @seed decides. *held = pages that the process keeps, locked, from now
 * on.
 */
int guest_scatter(uint64_t seed, size_t *held, struct err *e);

#endif
