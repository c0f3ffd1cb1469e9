/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every sample of a run as CSV: long (one value per row) or wide (one source, one column per key).
 * ABSENT is an empty field. */
#include <errno.h>
#include <inttypes.h>

#include "report/fmt.h"
#include "report/report.h"

static void long_form(const struct archive_series *s, struct buf *out)
{
	for (size_t i = 0; i < s->nr_ticks; i++)
		for (size_t k = 0; k < s->nr_keys; k++) {
			uint64_t v;

			if (!archive_value(s, i, (int)k, &v))
				continue;
			buf_addf(out, "%" PRIu64 ",", archive_key_time(s, i, (int)k));
			add_csv(out, s->name);
			buf_addc(out, ',');
			add_csv(out, s->key[k]);
			buf_addf(out, ",%" PRIu64 "\n", v);
		}
}

static void wide_form(const struct archive_series *s, struct buf *out)
{
	buf_addstr(out, "t_us");
	for (size_t k = 0; k < s->nr_keys; k++) {
		buf_addc(out, ',');
		add_csv(out, s->key[k]);
	}
	buf_addc(out, '\n');
	for (size_t i = 0; i < s->nr_ticks; i++) {
		buf_addf(out, "%" PRIu64, s->tick[i].t_us);
		for (size_t k = 0; k < s->nr_keys; k++) {
			uint64_t v;

			buf_addc(out, ',');
			if (archive_value(s, i, (int)k, &v))
				buf_addf(out, "%" PRIu64, v);
		}
		buf_addc(out, '\n');
	}
}

int report_run_csv(const struct archive *a, const char *source, struct buf *out, struct err *e)
{
	const struct archive_series *s = source ? archive_series(a, source) : NULL;
	struct buf names = BUF_INIT;

	if (s) {
		wide_form(s, out);
		return 0;
	}
	if (source) {
		for (size_t i = 0; i < a->nr_series; i++)
			buf_addf(&names, "%s%s", i ? ", " : "", a->series[i].name);
		err_set(e, -ENOENT, "%s: no source \"%s\"; it has: %s",
			a->path ? a->path : "archive", source, names.len ? names.data : "none");
		buf_release(&names);
		return -ENOENT;
	}
	buf_addstr(out, "t_us,source,key,value\n");
	for (size_t i = 0; i < a->nr_series; i++)
		long_form(&a->series[i], out);
	return 0;
}
