/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/modules.h"

#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/fs.h"

#define MODULE_NAME_SIZE 64
/* no module is nearly as large; a decompression bomb is larger */
#define MODULE_BYTES_MAX (256ul << 20)

void modules_name(const char *path, char *out, size_t size)
{
	const char *base = strrchr(path, '/');
	size_t n = 0;

	base = base ? base + 1 : path;
	for (; *base && *base != '.' && *base != ':' && n + 1 < size; base++)
		out[n++] = *base == '-' ? '_' : *base;
	out[n] = '\0';
}

/* The line of @text whose path is the module @name ("fs/ext4/ext4.ko: lib/crc16.ko"), as a copy, or
 * NULL. */
static char *find_line(const char *text, const char *name)
{
	char have[MODULE_NAME_SIZE];

	while (*text) {
		size_t n = strcspn(text, "\n"), path = strcspn(text, ": \t\n");
		char *word = xstrndup(text, path);

		modules_name(word, have, sizeof(have));
		free(word);
		if (path && !strcmp(have, name))
			return xstrndup(text, n);
		text += n + (text[n] == '\n');
	}
	return NULL;
}

static bool is_path_safe(const char *p)
{
	return p[0] != '/' && !strstr(p, "..");
}

static int add_module(const char *dep, const char *builtin, const char *name, struct strv *paths,
		      struct err *e)
{
	char *line, *save = NULL, *b, *needs, *path;
	struct strv deps = STRV_INIT;
	int ret = 0;

	line = find_line(dep, name);
	if (!line) {
		b = find_line(builtin, name);
		if (!b)
			return err_set(e, -ENOENT, "module %s: neither in modules.dep nor built in",
				       name);
		free(b);
		return 0;
	}
	needs = strchr(line, ':');
	if (!needs) {
		ret = err_set(e, -EINVAL, "modules.dep: no ':' in the line of module %s", name);
		goto out;
	}
	*needs++ = '\0';
	/* modules.dep lists all dependencies, also indirect ones; the one to be loaded first stands
	 * last */
	for (path = strtok_r(needs, " \t\r", &save); path; path = strtok_r(NULL, " \t\r", &save))
		strv_add(&deps, path);
	for (size_t i = deps.nr; i-- > 0;)
		if (!strv_has(paths, deps.v[i]))
			strv_add(paths, deps.v[i]);
	if (!strv_has(paths, line))
		strv_add(paths, line);
	for (size_t i = 0; i < paths->nr && !ret; i++)
		if (!is_path_safe(paths->v[i]))
			ret = err_set(e, -EINVAL, "modules.dep: path '%s' leaves the directory",
				      paths->v[i]);
out:
	strv_release(&deps);
	free(line);
	return ret;
}

int modules_order(const char *dep, const char *builtin, const char *const *names, size_t nr,
		  struct strv *paths, struct err *e)
{
	char name[MODULE_NAME_SIZE];
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++) {
		bool optional = names[i][0] == '?';

		modules_name(names[i] + optional, name, sizeof(name));
		ret = add_module(dep, builtin, name, paths, optional ? NULL : e);
		if (ret == -ENOENT && optional)
			ret = 0;
	}
	return ret;
}

static int unpack_xz(const char *name, const void *data, size_t len, struct buf *out, struct err *e)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret r = lzma_stream_decoder(&s, 256ul << 20, 0);
	int ret = 0;

	s.next_in = data;
	s.avail_in = len;
	while (r == LZMA_OK && out->len < MODULE_BYTES_MAX) {
		buf_reserve(out, 1 << 18);
		s.next_out = (uint8_t *)out->data + out->len;
		s.avail_out = 1 << 18;
		r = lzma_code(&s, LZMA_FINISH);
		out->len += (1 << 18) - s.avail_out;
	}
	if (r != LZMA_STREAM_END)
		ret = err_set(e, -EIO, "%s: damaged xz file (liblzma code %d)", name, (int)r);
	lzma_end(&s);
	return ret;
}

static int unpack_zst(const char *name, const void *data, size_t len, struct buf *out,
		      struct err *e)
{
	ZSTD_DStream *d = ZSTD_createDStream();
	ZSTD_inBuffer in = { data, len, 0 };
	size_t left = 1;
	int ret = 0;

	if (!d)
		return err_set(e, -ENOMEM, "%s: no memory for zstd", name);
	while (left && out->len < MODULE_BYTES_MAX) {
		ZSTD_outBuffer o = { NULL, 1 << 18, 0 };
		size_t before = in.pos;

		buf_reserve(out, 1 << 18);
		o.dst = out->data + out->len;
		left = ZSTD_decompressStream(d, &o, &in);
		if (ZSTD_isError(left))
			break;
		out->len += o.pos;
		if (!o.pos && in.pos == before)
			break; /* the data was cut off: no input is left, and nothing came out */
	}
	if (ZSTD_isError(left))
		ret = err_set(e, -EIO, "%s: damaged zstd file: %s", name, ZSTD_getErrorName(left));
	else if (left)
		ret = err_set(e, -EIO, "%s: zstd file is cut off or too large", name);
	ZSTD_freeDStream(d);
	return ret;
}

int modules_unpack(const char *name, const void *data, size_t len, struct buf *out, struct err *e)
{
	const char *dot = strrchr(name, '.');
	int ret = 0;

	if (dot && !strcmp(dot, ".xz"))
		ret = unpack_xz(name, data, len, out, e);
	else if (dot && !strcmp(dot, ".zst"))
		ret = unpack_zst(name, data, len, out, e);
	else if (dot && !strcmp(dot, ".gz"))
		ret = err_set(e, -ENOTSUP,
			      "%s: modules packed with gzip are not supported (xz and zstd are)",
			      name);
	else
		buf_add(out, data, len);
	if (!ret) {
		buf_reserve(out, 1);
		out->data[out->len] = '\0';
	}
	return ret;
}

/*
 * Removes the signature at the end of a module (include/linux/module_signature.h: 12 bytes whose
 * last four are its length, then the marker). Checking one costs 0.2 s of a boot under TCG, and
 * Debian's kernels do not insist on it.
 */
static void drop_signature(struct buf *b)
{
	static const char marker[] = "~Module signature appended~\n";
	const size_t fixed = 12 + sizeof(marker) - 1;
	const unsigned char *p;
	size_t len;

	if (b->len < fixed ||
	    memcmp(b->data + b->len - (sizeof(marker) - 1), marker, sizeof(marker) - 1))
		return;
	p = (const unsigned char *)b->data + b->len - fixed + 8;
	len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (len <= b->len - fixed)
		b->len -= fixed + len;
}

/* Does this kernel refuse unsigned modules? */
static bool insists_on_signatures(const struct vm_kernel *k)
{
	struct buf b = BUF_INIT;
	bool yes = k->config && !fs_read(k->config, &b, NULL) &&
		   strstr(b.data, "\nCONFIG_MODULE_SIG_FORCE=y");

	buf_release(&b);
	return yes;
}

static int add_file(struct initramfs *i, const char *dir, const char *path, size_t number,
		    bool keep_signature, struct err *e)
{
	struct buf packed = BUF_INIT, plain = BUF_INIT;
	char *file = xasprintf("%s/%s", dir, path), *guest = NULL, name[MODULE_NAME_SIZE];
	int ret = fs_read(file, &packed, e);

	if (!ret)
		ret = modules_unpack(file, packed.data, packed.len, &plain, e);
	if (ret)
		goto out;
	if (!keep_signature)
		drop_signature(&plain);
	modules_name(path, name, sizeof(name));
	guest = xasprintf("/modules/%02zu-%s.ko", number, name);
	ret = initramfs_data(i, guest, 0644, plain.data, plain.len, e);
out:
	free(guest);
	free(file);
	buf_release(&packed);
	buf_release(&plain);
	return ret;
}

int modules_add(struct initramfs *i, const struct vm_kernel *k, const char *const *names, size_t nr,
		struct err *e)
{
	struct buf dep = BUF_INIT, builtin = BUF_INIT;
	struct strv paths = STRV_INIT;
	char *file = NULL;
	bool keep;
	int ret = 0;

	/* Without a modules directory all modules must be built in; the guest says which one is
	 * not. */
	if (!k->modules || !nr)
		return 0;
	file = xasprintf("%s/modules.dep", k->modules);
	if (fs_read(file, &dep, NULL)) {
		ret = err_set(e, -ENOENT,
			      "%s is missing: run depmod -b ROOT %s on the unpacked tree", file,
			      k->release);
		goto out;
	}
	keep = insists_on_signatures(k);
	free(file);
	file = xasprintf("%s/modules.builtin", k->modules);
	fs_read(file, &builtin, NULL); /* a missing file: nothing is built in */
	ret = modules_order(dep.data, builtin.data, names, nr, &paths, e);
	for (size_t n = 0; n < paths.nr && !ret; n++)
		ret = add_file(i, k->modules, paths.v[n], n, keep, e);
	if (ret)
		err_wrap(e, ret, "kernel %s", k->release);
out:
	free(file);
	strv_release(&paths);
	buf_release(&dep);
	buf_release(&builtin);
	return ret;
}
