/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html/page.h"

#include "report/fmt.h"
#include "report/words.h"

void html_head(struct buf *out, const char *title)
{
	buf_addstr(
		out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		"'unsafe-inline'; img-src data:\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light\">\n<title>");
	add_html(out, title);
	buf_addstr(out, "</title>\n<style>\n");
	buf_addstr(out, html_css);
	buf_addstr(out, "</style>\n</head>\n<body>\n");
}

void html_foot(struct buf *out, const struct report_opts *o)
{
	buf_addstr(out, "</main>\n<footer>Made by wmark");
	if (o->wmark_version) {
		buf_addc(out, ' ');
		add_html(out, o->wmark_version);
	}
	if (o->date) {
		buf_addstr(out, ", ");
		add_html(out, o->date);
	}
	buf_addstr(
		out,
		". One file, no script, no network: save it, mail it, print it.</footer>\n</body>\n</html>\n");
}

void html_section_begin(struct buf *out, const char *id, const char *title)
{
	buf_addf(out, "<section id=\"%s\" class=\"long\">\n<h2><a href=\"#%s\">", id, id);
	add_html(out, title);
	buf_addstr(out, "</a></h2>\n");
}

void html_section_end(struct buf *out)
{
	buf_addstr(out, "</section>\n");
}

void html_link(struct buf *out, const char *id, const char *text)
{
	buf_addf(out, "<a href=\"#%s\">", id);
	add_html(out, text);
	buf_addstr(out, "</a>");
}

void html_note(struct buf *out, const char *markup)
{
	buf_addf(out, "<p class=\"note\">%s</p>\n", markup);
}

void html_tag(struct buf *out, const char *tag, const char *cls, const char *text)
{
	buf_addf(out, *cls ? "<%s class=\"%s\">" : "<%s>", tag, cls);
	add_html(out, text);
	buf_addf(out, "</%s>", tag);
}

const char *html_verdict_class(enum verdict v)
{
	static const char *const cls[] = {
		[VERDICT_REGRESSED] = "bad", [VERDICT_IMPROVED] = "good",
		[VERDICT_SMALL] = "mild",    [VERDICT_SAME] = "same",
		[VERDICT_UNKNOWN] = "open",  [VERDICT_CHANGED] = "mild",
		[VERDICT_BISTABLE] = "open",
	};

	return cls[v];
}

const char *html_metric_class(const struct cmp_metric *m)
{
	return view_moved(m) ? html_verdict_class(m->verdict) : "quiet";
}

void html_scenario_id(struct buf *out, const struct comparison *c, size_t i)
{
	buf_addf(out, "s%zu-", i + 1);
	add_anchor(out, c->scenario[i].name);
}
