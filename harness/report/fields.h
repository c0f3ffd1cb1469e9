/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a judged metric: CSV and JSON are both written from one table, so that neither
 * lacks a field of the other. */
#ifndef WMARK_REPORT_FIELDS_H
#define WMARK_REPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "judge/comparison.h"

/* JSON has the fields group after group, and those of FIELDS_COURSE in a separate object. CSV has
 * them in the order of the table. */
enum field_group {
	FIELDS_METRIC,
	FIELDS_RESOLUTION,
	FIELDS_LIMITS,
	FIELDS_JUDGED,
	FIELDS_NUMBERS,
	FIELDS_COURSE,
	FIELDS_RUNS,
	NR_FIELD_GROUPS
};

enum field_type { FIELD_TEXT, FIELD_WORD, FIELD_NUMBER, FIELD_COUNT, FIELD_YES, FIELD_LIST };

struct field {
	const char *csv, *json; /* column and key; csv NULL = in JSON alone */
	enum field_group group;
	enum field_type type;
	bool of_metric; /* offset is in struct metric, else in struct cmp_metric */
	bool of_shift;	/* offset is in cmp_of_shift() of @side */
	enum side side;
	size_t offset, offset_nr; /* offset of the value; of a list's length */
	const char *const *words; /* FIELD_WORD: names of the enum */
	/* FIELD_TEXT whose value is in no struct */
	const char *(*text)(const struct cmp_metric *m);
	bool (*given)(const struct cmp_metric *m); /* is there a value? NULL = always */
	bool optional; /* JSON: the key is left out where there is no value, else it is null */
};
extern const struct field metric_fields[]; /* .json == NULL ends it */

/* The value of a field; the members of other types are empty. */
struct field_value {
	bool given;	  /* false: the number is ABSENT, the list is empty, or there is no text */
	const char *text; /* TEXT, WORD; may be NULL */
	double number;	  /* NUMBER; NAN = ABSENT */
	size_t count;
	bool yes;
	const double *list;
	size_t nr;
};
struct field_value field_value(const struct field *f, const struct cmp_metric *m);

#endif
