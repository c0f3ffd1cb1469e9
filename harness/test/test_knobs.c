/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "scenario/knob.h"
#include "run/knobs.h"
#include "test/temp.h"

Test(knobs, names_and_values)
{
	char *p = knob_path("vm.swappiness"), thp[] = "always [madvise] never\n", plain[] = "60\n",
	     empty[] = "";

	cr_assert_str_eq(p, "/proc/sys/vm/swappiness");
	free(p);
	knob_value(thp);
	cr_assert_str_eq(thp, "madvise");
	knob_value(plain);
	cr_assert_str_eq(plain, "60");
	knob_value(empty);
	cr_assert_str_eq(empty, "");
}

Test(knobs, one_journal_at_a_time, TEMP_DIR)
{
	const char *journal = temp_path("deep/journal");
	struct knobs *k, *second;
	struct err e = ERR_INIT;

	cr_assert_eq(knobs_open(&k, journal, &e), 0, "%s", e.msg);
	cr_assert_eq(knobs_open(&second, journal, &e), -EBUSY);
	cr_assert(strstr(e.msg, "wmark restore"));
	cr_assert_eq(knobs_set(k, "vm.no_such_setting", "1", NULL, NULL, &e), -ENOENT);
	cr_assert(strstr(e.msg, "vm.no_such_setting"));
	cr_assert_eq(knobs_restore(k, NULL, &e), 0, "%s", e.msg);
	cr_assert(!fs_exists(journal), "the journal goes when all is back");
}

Test(knobs, a_journal_restores_only_settings, TEMP_DIR)
{
	static const char *const bad[] = { "/etc/passwd\tx\n", "/proc/sys/../../etc/passwd\tx\n",
					   "/sys/nothing-behind\n", "garbage\n" };
	const char *journal = temp_path("journal");
	struct err e = ERR_INIT;
	size_t nr;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cr_assert_eq(fs_write(journal, bad[i], strlen(bad[i]), &e), 0);
		cr_assert_eq(knobs_restore_file(journal, false, &nr, &e), -EINVAL, "%s", bad[i]);
		cr_assert(fs_exists(journal), "a journal that was not understood is kept");
	}
	/* a half line is what a power cut leaves; its setting was not changed yet */
	cr_assert_eq(fs_write(journal, "/sys/kernel/mm/x", 16, &e), 0);
	cr_assert_eq(knobs_restore_file(journal, false, &nr, &e), 0, "%s", e.msg);
	cr_assert_eq(nr, (size_t)0);
	cr_assert_eq(knobs_restore_file(journal, false, &nr, &e), -ENOENT);
}

Test(knobs, what_cannot_be_put_back_is_said_and_kept, TEMP_DIR)
{
	static const char gone[] = "/sys/kernel/mm/no_such_setting\tx\n";
	const char *journal = temp_path("journal");
	struct err e = ERR_INIT;
	size_t nr;

	cr_assert_eq(fs_write(journal, gone, strlen(gone), &e), 0);
	cr_assert_eq(knobs_restore_file(journal, false, &nr, &e), -EIO);
	cr_assert(strstr(e.msg, "no_such_setting"), "%s", e.msg);
	cr_assert(fs_exists(journal));
	cr_assert_eq(knobs_restore_file(journal, true, &nr, &e), 0, "%s", e.msg);
	cr_assert(!fs_exists(journal));
}

Test(knobs, a_live_run_is_not_restored_under_its_feet, TEMP_DIR)
{
	const char *journal = temp_path("journal");
	struct err e = ERR_INIT;
	struct knobs *k;
	size_t nr;

	cr_assert_eq(knobs_open(&k, journal, &e), 0, "%s", e.msg);
	cr_assert_eq(knobs_restore_file(journal, false, &nr, &e), -EBUSY);
	cr_assert_eq(knobs_restore(k, NULL, &e), 0);
}

Test(knobs, of_twins_the_one_that_is_not_0_is_put_back, TEMP_DIR)
{
	static const char ratio[] = "/proc/sys/vm/overcommit_ratio",
			  kbytes[] = "/proc/sys/vm/overcommit_kbytes";
	const char *journal = temp_path("journal");
	char *line;
	struct buf before = BUF_INIT, now = BUF_INIT, mode = BUF_INIT;
	struct err e = ERR_INIT;
	struct knobs *k;

	cr_assert_str_eq(knob_twin("/proc/sys/vm/dirty_bytes"), "/proc/sys/vm/dirty_ratio");
	cr_assert_str_eq(knob_twin(ratio), kbytes);
	cr_assert_null(knob_twin("/proc/sys/vm/swappiness"));
	/* for real where nothing depends on them: they say something in mode 2 alone */
	if (access(ratio, W_OK) || access(kbytes, W_OK) || fs_read(ratio, &before, NULL) ||
	    !strcmp(before.data, "0\n") || fs_read("/proc/sys/vm/overcommit_memory", &mode, NULL) ||
	    !strcmp(mode.data, "2\n"))
		goto out;
	cr_assert_eq(knobs_open(&k, journal, &e), 0, "%s", e.msg);
	cr_assert_eq(knobs_set(k, "vm.overcommit_kbytes", "123456", NULL, NULL, &e), 0, "%s",
		     e.msg);
	line = xasprintf("%s\t%s", ratio, before.data);
	cr_assert_eq(fs_read(journal, &now, &e), 0, "%s", e.msg);
	cr_assert_str_eq(now.data, line);
	cr_assert_eq(knobs_restore(k, NULL, &e), 0, "%s", e.msg);
	buf_reset(&now);
	cr_assert_eq(fs_read(ratio, &now, &e), 0, "%s", e.msg);
	cr_assert_str_eq(now.data, before.data);
	free(line);
out:
	buf_release(&before);
	buf_release(&mode);
	buf_release(&now);
}
