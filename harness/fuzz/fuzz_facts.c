/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer entry for the reader of saved facts. This program writes the first lines and the sum,
 * or no input would get past them. Facts that could be read must come back the same from the text
 * that they are written as.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "judge/facts_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct facts_of here = { 1, 2, 3 };

/* The lines before the first that depends on the run, as this program writes them. */
static void add_begin(struct buf *text)
{
	struct run_facts none = { .order = -1 };
	const char *body;

	facts_write(&none, &here, text);
	body = strstr(text->data, "\nbody ");
	text->len = (size_t)(body + 1 - text->data);
}

static void ask(const struct run_facts *f)
{
	for (size_t i = 0; i < f->nr_values; i++)
		if (facts_value(f, f->value[i].metric) != f->value[i].v)
			abort();
	for (size_t i = 0; i < f->head.nr_kv; i++)
		if (!facts_get(f, f->head.kv[i].key))
			abort();
	if (f->usable == !!f->set_aside || !isnan(facts_value(f, "\n")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct run_facts f, g;

	add_begin(&text);
	buf_add(&text, data, size);
	buf_addf(&text, "end %016" PRIx64 "\n", fnv1a(FNV_INIT, text.data, text.len));
	if (facts_read(&f, &here, "fuzz", text.data, text.len)) {
		ask(&f);
		facts_write(&f, &here, &again);
		if (!facts_read(&g, &here, "fuzz", again.data, again.len))
			abort();
		facts_release(&g);
	}
	facts_release(&f);
	buf_release(&text);
	buf_release(&again);
	return 0;
}
