/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All formats in which a comparison is written to a file. The Makefile finds them by their
 * REPORT_FORMAT(name) in report/ and html/ and makes report_formats.h from the names: html, csv,
 * json.
 */
#ifndef WMARK_REPORT_FORMATS_H
#define WMARK_REPORT_FORMATS_H

#include "report/report.h"
#include "report_formats.h"

#define REPORT_FORMAT_NUMBER(name) REPORT_FORMAT_##name,
enum { REPORT_FORMATS(REPORT_FORMAT_NUMBER) NR_REPORT_FORMATS };

#define REPORT_FORMAT_EXTERN(name) extern REPORT_FORMAT(name);
REPORT_FORMATS(REPORT_FORMAT_EXTERN)

/* Options --NAME FILE of all formats: rows of an option table, whose values go to
 * f[NR_REPORT_FORMATS]. */
#define REPORT_FORMAT_OPT(name, S, f) \
	OPT_STR(S, f[REPORT_FORMAT_##name], #name, 0, NULL, "FILE", report_format_##name.help),
#define REPORT_FORMAT_OPTS(S, f) REPORT_FORMATS(REPORT_FORMAT_OPT, S, f)

#endif
