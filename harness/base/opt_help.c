/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of options as --help and as the man page. */
#include "base/opt.h"

#include <string.h>

const char *opt_arg(const struct opt_desc *d)
{
	static const char *const arg[] = {
		[OPT_T_BOOL] = "",	   [OPT_T_INT] = "N",	  [OPT_T_SIZE] = "SIZE",
		[OPT_T_DURATION] = "TIME", [OPT_T_RATE] = "RATE", [OPT_T_FLOAT] = "X",
		[OPT_T_STR] = "TEXT",	   [OPT_T_ENUM] = "WORD", [OPT_T_LIST] = "TEXT",
		[OPT_T_SHARE] = "SHARE",   [OPT_T_END] = "",	  [OPT_T_HELP] = "",
	};

	return d->arg ? d->arg : arg[d->type];
}

/* Wrap @text at column 100 with @indent spaces before every line but the first. */
static void add_wrapped(struct buf *out, const char *text, size_t col, size_t indent)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (col > indent && col + word + 1 > 100) {
			buf_addf(out, "\n%*s", (int)indent, "");
			col = indent;
		} else if (col > indent) {
			buf_addc(out, ' ');
			col++;
		}
		buf_add(out, text, word);
		col += word;
		text += word;
		text += strspn(text, " ");
	}
}

static void help_text(const struct opt_desc *d, struct buf *text)
{
	buf_addstr(text, d->help);
	if (d->type == OPT_T_ENUM) {
		buf_addstr(text, ":");
		for (int i = 0; d->choices[i]; i++)
			buf_addf(text, "%s%s", i ? ", " : " ", d->choices[i]);
	}
	if (d->type == OPT_T_LIST)
		buf_addstr(text, "; may be repeated");
	if (d->min != 0 || d->max != 0)
		buf_addf(text, d->type == OPT_T_INT ? "; %.0f..%.0f" : "; %g..%g", d->min, d->max);
	if (d->def && *d->def)
		buf_addf(text, " (default %s)", d->def);
}

void opt_help(const struct opt_desc *t, struct buf *out)
{
	const size_t indent = 30;

	for (; t->type != OPT_T_END; t++) {
		struct buf text = BUF_INIT;
		size_t start = out->len, col;

		if (t->type == OPT_T_HELP) {
			buf_addf(out, "\n%s\n", t->help);
			continue;
		}
		if (t->letter)
			buf_addf(out, "  -%c, --%s", t->letter, t->name);
		else
			buf_addf(out, "      --%s", t->name);
		if (*opt_arg(t))
			buf_addf(out, " %s", opt_arg(t));
		col = out->len - start;
		if (col + 2 > indent) {
			buf_addf(out, "\n%*s", (int)indent, "");
		} else {
			buf_addf(out, "%*s", (int)(indent - col), "");
		}
		help_text(t, &text);
		add_wrapped(out, text.data, indent, indent);
		buf_addc(out, '\n');
		buf_release(&text);
	}
}

/* mdoc takes a leading . or ' for a macro and \ for an escape */
static void add_mdoc(struct buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_addstr(out, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			buf_addstr(out, "\\e");
		else if (!strncmp(text, ". ", 2))
			buf_addstr(out, ".\n"), text++;
		else
			buf_addc(out, *text);
	}
}

void opt_mdoc(const struct opt_desc *t, struct buf *out)
{
	bool open = false;

	for (; t->type != OPT_T_END; t++) {
		struct buf text = BUF_INIT;

		if (t->type == OPT_T_HELP) {
			buf_addf(out, "%s.Pp\n%s\n", open ? ".El\n" : "", t->help);
			open = false;
			continue;
		}
		if (!open)
			buf_addstr(out, ".Bl -tag -width Ds\n");
		open = true;
		buf_addstr(out, ".It");
		if (t->letter)
			buf_addf(out, " Fl %c ,", t->letter);
		buf_addf(out, " Fl -%s", t->name);
		if (*opt_arg(t))
			buf_addf(out, " Ar %s", opt_arg(t));
		buf_addc(out, '\n');
		help_text(t, &text);
		add_mdoc(out, text.data);
		buf_addstr(out, ".\n");
		buf_release(&text);
	}
	if (open)
		buf_addstr(out, ".El\n");
}
