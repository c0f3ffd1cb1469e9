/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer entry for the reader of INI files and lists, for the canonical text, and for the
 * queries of a scenario's text in an archive. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "evidence/memcg.h"
#include "evidence/workload_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void require_inside(const char *text, size_t size, const char *piece, size_t len)
{
	require(!len || (piece >= text && piece + len <= text + size));
	require(!len || !memchr(piece, '\n', len));
}

static void fuzz_lines(const char *text, size_t size)
{
	struct err e = ERR_INIT;
	size_t line = 0;
	struct ini r;
	int what;

	ini_open(&r, "fuzz", text, size);
	while ((what = ini_next(&r, &e))) {
		require(r.line > line);
		line = r.line;
		require(what > 0 || (what == e.code && !strncmp(e.msg, "fuzz:", 5)));
		require_inside(text, size, r.section, r.section_len);
		require_inside(text, size, r.value, r.value_len);
		require(what != INI_SECTION || r.section_len);
		if (what == INI_KEY || what == INI_MORE) {
			require(r.key && r.key_len);
			require_inside(text, size, r.key, r.key_len);
		}
	}
	ini_open(&r, "fuzz", text, size);
	while ((what = ini_next_name(&r, NULL)))
		if (what > 0)
			require_inside(text, size, r.value, r.value_len);
}

/* The canonical text of a file must read back as itself. */
static void fuzz_file(const char *text, size_t size)
{
	static const char *const repeatable[] = { "needs.file", NULL };
	struct buf once = BUF_INIT, again = BUF_INIT;
	struct arena mem = ARENA_INIT;
	struct ini_file f, g;

	if (!ini_read(&f, "fuzz", text, size, repeatable, &mem, NULL)) {
		ini_write(&f, &once);
		require(!ini_read(&g, "again", once.data, once.len, repeatable, &mem, NULL));
		ini_write(&g, &again);
		require(once.len == again.len && !memcmp(once.data, again.data, once.len));
		ini_release(&g);
	}
	ini_release(&f);
	buf_release(&once);
	buf_release(&again);
	arena_release(&mem);
}

static void fuzz_archive(const char *text, size_t size)
{
	char *copy = strndup(text, size);
	struct archive_kv kv = { .key = "scenario.text", .value = copy };
	const struct archive a = { .kv = &kv, .nr_kv = 1 };
	struct workload_facts f;

	workload_facts_load(&f, &a);
	workload_in_background(&f, "anon");
	workload_facts_release(&f);
	memcg_may_reclaim(&a);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_lines((const char *)data, size);
	fuzz_file((const char *)data, size);
	fuzz_archive((const char *)data, size);
	return 0;
}
