/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table describes the options of a command, of a workload or of a scenario section. The command
 * line, the INI reader, --help, `wmark list -v` and the man page check all use it. Values are
 * stored at `offset` of a caller-owned struct.
 */
#ifndef WMARK_BASE_OPT_H
#define WMARK_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum opt_type {
	OPT_T_END,
	OPT_T_BOOL, /* bool; "yes no on off true false 1 0"; no value on a command line = yes */
	OPT_T_INT,  /* int64_t within [min, max] */
	OPT_T_SIZE, /* struct opt_size: bytes with k m g t (1024), or a share: 50%ram, 80%node */
	OPT_T_DURATION, /* uint64_t ns; 250us 10ms 1.5s 2m 1h; a unit is required (0 needs none) */
	OPT_T_RATE,	/* struct opt_rate: 100 (ops/s), 8m/s or 20MiB/s (bytes/s); 0 = unlimited */
	OPT_T_FLOAT,	/* double within [min, max] */
	OPT_T_SHARE,	/* double within [min, max]; 20% is 0.2 */
	OPT_T_STR,	/* const char *: points at the given text, which must outlive the struct */
	OPT_T_ENUM,	/* int: index into choices */
	OPT_T_LIST,	/* struct opt_list: may be given more than once; texts as for OPT_T_STR */
	OPT_T_HELP,	/* a heading in --help, no option */
};

enum opt_share { OPT_BYTES, OPT_PCT_RAM, OPT_PCT_NODE };

struct opt_size {
	enum opt_share share;
	uint64_t bytes; /* OPT_BYTES */
	double pct;	/* OPT_PCT_RAM, OPT_PCT_NODE */
};

struct opt_rate {
	double per_s; /* 0 = no limit */
	bool bytes;   /* per_s counts bytes, not operations */
};

struct opt_list {
	const char **v; /* malloc'ed, opt_release() frees it */
	size_t nr;
};

struct opt_desc {
	const char *name;
	enum opt_type type;
	char letter; /* short form on command lines, 0 = none */
	size_t offset;
	const char *def; /* text that opt_defaults() parses; NULL = leave zero */
	const char *arg; /* name of the value in help; NULL = the type's own */
	const char *help;
	const char *const *choices; /* OPT_T_ENUM: NULL-terminated */
	double min, max;	    /* OPT_T_INT, OPT_T_FLOAT, OPT_T_SHARE; both 0 = any */
};

/* clang-format off */
#define OPT_BOOL(S, f, n, l, h)             { .name = n, .type = OPT_T_BOOL, .letter = l, .offset = offsetof(S, f), .help = h }
#define OPT_YES(S, f, n, l, d, h)           { .name = n, .type = OPT_T_BOOL, .letter = l, .offset = offsetof(S, f), .def = d, .help = h }
#define OPT_INT(S, f, n, l, d, lo, hi, h)   { .name = n, .type = OPT_T_INT, .letter = l, .offset = offsetof(S, f), .def = d, .min = lo, .max = hi, .help = h }
#define OPT_SIZE(S, f, n, l, d, h)          { .name = n, .type = OPT_T_SIZE, .letter = l, .offset = offsetof(S, f), .def = d, .help = h }
#define OPT_DURATION(S, f, n, l, d, h)      { .name = n, .type = OPT_T_DURATION, .letter = l, .offset = offsetof(S, f), .def = d, .help = h }
#define OPT_RATE(S, f, n, l, d, h)          { .name = n, .type = OPT_T_RATE, .letter = l, .offset = offsetof(S, f), .def = d, .help = h }
#define OPT_FLOAT(S, f, n, l, d, lo, hi, h) { .name = n, .type = OPT_T_FLOAT, .letter = l, .offset = offsetof(S, f), .def = d, .min = lo, .max = hi, .help = h }
#define OPT_SHARE(S, f, n, l, d, lo, hi, h) { .name = n, .type = OPT_T_SHARE, .letter = l, .offset = offsetof(S, f), .def = d, .min = lo, .max = hi, .help = h }
#define OPT_STR(S, f, n, l, d, a, h)        { .name = n, .type = OPT_T_STR, .letter = l, .offset = offsetof(S, f), .def = d, .arg = a, .help = h }
#define OPT_ENUM(S, f, n, l, d, c, h)       { .name = n, .type = OPT_T_ENUM, .letter = l, .offset = offsetof(S, f), .def = d, .choices = c, .help = h }
#define OPT_LIST(S, f, n, l, a, h)          { .name = n, .type = OPT_T_LIST, .letter = l, .offset = offsetof(S, f), .arg = a, .help = h }
#define OPT_HEAD(h)                         { .name = "", .type = OPT_T_HELP, .help = h }
#define OPT_END                             { .type = OPT_T_END }
/* clang-format on */

/*
 * Parses every .def into @cfg, which the caller has zeroed. A bad default is a programmer error
 * (assert).
 */
void opt_defaults(const struct opt_desc *t, void *cfg);
/* Frees what opt parsing allocated (OPT_T_LIST). */
void opt_release(const struct opt_desc *t, void *cfg);
/*
 * Sets one option by name. -ENOENT: no such option; -EINVAL: bad value. The message names the word
 * and what is allowed.
 */
int opt_set(const struct opt_desc *t, void *cfg, const char *name, const char *value,
	    struct err *e);
/* Closest option name for a typo, or NULL. */
const char *opt_nearest(const struct opt_desc *t, const char *name);

/*
 * Parses a command line: options may stand anywhere up to "--". *argv_rest and *nr_rest give the
 * other words, in order, in argv itself (reordered). With @stop_early the first word that is no
 * option ends the options (for commands that run a command). Returns 0, 1 when --help or -h was
 * given, or -EINVAL.
 */
int opt_parse(const struct opt_desc *t, void *cfg, int argc, char **argv, bool stop_early,
	      char ***argv_rest, int *nr_rest, struct err *e);

/* "  -s, --seed N     help (default 1)" lines, wrapped at 100 columns. */
void opt_help(const struct opt_desc *t, struct buf *out);
/* The same as a list of the man page (mdoc). */
void opt_mdoc(const struct opt_desc *t, struct buf *out);
/* The placeholder of an option's value ("SIZE", "N" ...); "" for booleans. */
const char *opt_arg(const struct opt_desc *d);

/* May @s be a name: letters, digits, - _ and the bytes of @also, no dot first? */
bool opt_is_name(const char *s, const char *also);
/* Text parsers, also for use outside tables. 0 or -EINVAL with the word in the message. */
int opt_parse_size(const char *s, struct opt_size *out, struct err *e);
int opt_parse_duration(const char *s, uint64_t *ns, struct err *e);
int opt_parse_rate(const char *s, struct opt_rate *out, struct err *e);
int opt_parse_u64(const char *s, uint64_t *out, struct err *e);
/* Bytes of a size; %ram is a share of @ram_bytes, %node of @node_bytes. */
uint64_t opt_size_bytes(const struct opt_size *s, uint64_t ram_bytes, uint64_t node_bytes);

/* Closest of @nr names to @word by edit distance <= 2 (and < half its length), or NULL. */
const char *opt_suggest(const char *word, const char *const *names, size_t nr);

#endif
