/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/factset.h"

#include <errno.h>
#include <stdlib.h>

#include "archive/store.h"
#include "base/alloc.h"
#include "base/fs.h"
#include "judge/facts_file.h"

static bool load_saved(struct run_facts *f, const struct facts_of *of, const char *path,
		       const char *saved)
{
	struct buf text = BUF_INIT;
	bool ok = fs_exists(saved) && !fs_read(saved, &text, NULL) &&
		  facts_read(f, of, path, text.data, text.len);

	buf_release(&text);
	return ok;
}

static void save_facts(const struct run_facts *f, const struct facts_of *of, const char *saved)
{
	struct buf text = BUF_INIT;

	facts_write(f, of, &text);
	fs_write(saved, text.data, text.len, NULL);
	buf_release(&text);
}

int facts_load(struct run_facts *f, const char *path, enum facts_save save, struct err *e)
{
	char *saved = facts_path(path);
	struct facts_of of;
	struct archive a;
	int ret;

	*f = (struct run_facts){ .order = -1 };
	ret = facts_of_file(&of, path, e);
	if (ret || load_saved(f, &of, path, saved))
		goto out;
	facts_release(f);
	ret = archive_load(&a, path, e);
	if (!ret) {
		facts_derive(f, &a);
		if (save == FACTS_SAVE)
			save_facts(f, &of, saved);
	}
	archive_release(&a);
out:
	free(saved);
	return ret;
}

/* ---------------------------------------------------------------- many */

static int add_file(struct factset *s, const char *path, enum facts_save save, struct err *e)
{
	struct run_facts *f = xcalloc(1, sizeof(*f));
	int ret = facts_load(f, path, save, e);

	if (ret) {
		facts_release(f);
		free(f);
		return ret;
	}
	ARRAY_GROW(s->v, s->nr, s->cap);
	s->v[s->nr++] = f;
	return 0;
}

int factset_add(struct factset *s, const char *path, enum facts_save save, struct err *e)
{
	char **files = NULL;
	size_t nr = 0;
	int ret = store_runs(path, &files, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++)
		ret = add_file(s, files[i], save, e);
	fs_list_free(files, nr);
	return ret;
}

void factset_release(struct factset *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		facts_release(s->v[i]);
		free(s->v[i]);
	}
	free(s->v);
	*s = (struct factset){ NULL, 0, 0 };
}
