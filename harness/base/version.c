/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/version.h"

#include "git_version.h"

const char wmark_version[] = WMARK_VERSION;
