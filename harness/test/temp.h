/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder for the files of one test: Test(suite, name, TEMP_DIR) has it before its first line;
 * after its last line the folder is removed with everything in it.
 */
#ifndef WMARK_TEST_TEMP_H
#define WMARK_TEST_TEMP_H

#include <criterion/criterion.h>
#include <stddef.h>

#define TEMP_DIR .init = temp_init, .fini = temp_fini

extern char *temp_dir; /* NULL in a test without TEMP_DIR */

void temp_init(void);
void temp_fini(void);
/* "DIR/NAME" of a file or folder, which need not exist; good until the end of the test. */
const char *temp_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Writes the file DIR/NAME and makes its folders; returns its path. */
const char *temp_put(const char *name, const void *data, size_t len);

#endif
