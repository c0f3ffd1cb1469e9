/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer entry for the archive reader, and for every query of an archive that it has read. */
#include <stdint.h>
#include <stdlib.h>

#include "archive/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct archive_series *s)
{
	uint64_t v, sum = 0;

	for (size_t k = 0; k < s->nr_keys && k < 64; k++)
		if (archive_key(s, s->key[k]) < 0)
			abort(); /* a key that cannot be found */
	for (size_t t = 0; t < s->nr_ticks; t++) {
		long at = archive_tick_at(s, s->tick[t].t_us);

		/* a query for the last tick's time finds that tick or a later one */
		if (at < (long)t)
			abort();
		for (int k = -1; k < (int)s->nr_keys + 1 && k < 64; k++) {
			sum += archive_value(s, t, k, &v) ? v : 0;
			sum += archive_key_time(s, t, k);
			sum += archive_delta(s, k, s->tick[0].t_us, s->tick[t].t_us, &v) ? v : 0;
		}
	}
	*(volatile uint64_t *)&v = sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct archive a;
	uint64_t begin, end;

	if (!archive_parse(&a, "fuzz", (const char *)data, size, NULL)) {
		/* an archive is whole, or there is a reason why not */
		if (a.complete == (*a.why != '\0'))
			abort();
		for (size_t i = 0; i < a.nr_series; i++)
			ask(&a.series[i]);
		archive_window(&a, &begin, &end);
		for (size_t i = 0; i < a.nr_kv; i++)
			if (!archive_get(&a, a.kv[i].key))
				abort();
		for (size_t i = 0; i < a.nr_lat; i++)
			hist_quantile(a.lat[i].hist, 0.99);
	}
	archive_release(&a);
	return 0;
}
