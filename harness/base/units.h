/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units of sizes, as 64-bit numbers of bytes. */
#ifndef WMARK_BASE_UNITS_H
#define WMARK_BASE_UNITS_H

#define MIB (1ull << 20)

#endif
