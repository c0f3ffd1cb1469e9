/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer entry for the reader of files of rebuilds. Every second input gets the first line, or
 * few would get past it. What could be read must come back the same from the text that it is
 * written as.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "judge/rebuilds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
	struct rebuilds r = { .v = NULL }, s = { .v = NULL };
	struct err e = ERR_INIT;

	if (size && data[0] & 1)
		buf_addstr(&text, REBUILDS_MAGIC "\n");
	buf_add(&text, data + !!size, size - !!size);
	if (!rebuilds_read(&r, "fuzz", text.data, text.len, &e)) {
		rebuilds_write(&r, &once);
		if (rebuilds_read(&s, "again", once.data, once.len, &e))
			abort();
		rebuilds_write(&s, &twice);
		if (strcmp(once.data, twice.data) != 0)
			abort();
	} else if (!*e.msg || strchr(e.msg, '\n')) {
		abort();
	}
	rebuilds_release(&r);
	rebuilds_release(&s);
	buf_release(&text);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
