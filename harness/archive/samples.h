/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the lines of an archive that hold sources, dictionary and samples. */
#ifndef WMARK_ARCHIVE_SAMPLES_H
#define WMARK_ARCHIVE_SAMPLES_H

#include "archive/scan.h"

/* Each reads the rest of a src, d, s or lost line. 0, or -EINVAL with r->what set. */
int reader_source(struct reader *r);
int reader_key(struct reader *r);
int reader_sample(struct reader *r);
int reader_lost(struct reader *r);
void reader_release(struct reader *r);

#endif
