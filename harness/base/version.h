/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version of this wmark, set by the build. */
#ifndef WMARK_BASE_VERSION_H
#define WMARK_BASE_VERSION_H

extern const char wmark_version[]; /* git describe, or "unknown" */

#endif
