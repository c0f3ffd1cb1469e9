/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and foreign text for people and for machines. Every report formats with these functions,
 * so that one value looks the same in the terminal, in HTML and in a figure. Archives are
 * untrusted: the add functions accept any bytes and write valid UTF-8.
 */
#ifndef WMARK_REPORT_FMT_H
#define WMARK_REPORT_FMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct cmp_metric;

/* Results are returned by value, so that several fit into one printf: fmt_num(x).s */
struct fmt {
	char s[40];
};

/* Three significant digits: 0.0123, 4.57, 710, 8123, 12.3 k, 4.00 M; integers below 10,000 in full.
 * "ABSENT" for NAN. */
struct fmt fmt_num(double v);
/* As fmt_num(), without zeros at the end of the fraction: for axes. */
struct fmt fmt_tick(double v);
/* A share or relative shift: "+12.3 %", "-0.4 %"; @sign puts the plus. Above 1000 %: "x 14.2". "-"
 * for NAN. */
struct fmt fmt_pct(double share, bool sign);
/*
 * A shift of @m: relative in %, in percentage points ("pp") where the metric is a share
 * (SCALE_LOGIT), or a bare number in the metric's unit (cmp_metric.shift_in_units).
 */
struct fmt fmt_shift(const struct cmp_metric *m, double shift, bool sign);
/* A relative shift of @m, or one in points, whatever its shift is shown in. */
struct fmt fmt_share_of(const struct cmp_metric *m, double share);
/* The floor of @m, cmp_floor(): always a relative shift or points. */
struct fmt fmt_floor(const struct cmp_metric *m);
/*
 * The detectable shift of @m, on the side of the observed one: "-42.0 %", "+61.0 %", "30.1 pp".
 * From a doubling on it is a factor, "x 8.24", and beyond a hundredfold "> x 99". "-" when so few
 * runs detect no shift at all, "" when it was not computed.
 */
struct fmt fmt_mde(const struct cmp_metric *m);
/* "-3.1 .. +4.0 %" (or pp, or bare numbers); one unit for both ends. */
struct fmt fmt_interval(const struct cmp_metric *m);
/* A probability: "0.029", "<0.001", "1"; "-" for NAN. */
struct fmt fmt_p(double p);
/* Durations: 12 ns, 4.57 us, 1.23 ms, 38.0 s. */
struct fmt fmt_ns(double ns);
/* Sizes: 640 KiB, 12.3 MiB, 1.50 GiB. */
struct fmt fmt_kib(double kib);
/* The shortest decimal text that reads back as the same double; "" for NAN and infinities (CSV). */
struct fmt fmt_exact(double v);
/* A round number of places for SVG coordinates: at most one decimal, no trailing zero. */
struct fmt fmt_coord(double v);

/* Bytes of the valid UTF-8 sequence at @s (at most @len), or 0. Overlong forms, surrogates and >
 * U+10FFFF are invalid. */
size_t utf8_len(const char *s, size_t len);
/* Number of code points of valid text: the column width of all that reports print. */
size_t utf8_width(const char *s);

/* The add functions append @s; NULL = nothing. Invalid bytes become U+FFFD. */
void add_utf8(struct buf *b, const char *s); /* for JSON: control characters kept */
void add_plain(
	struct buf *b,
	const char *s); /* for terminals: control characters (ESC, newline) become U+FFFD too */
/* text and attribute values; control characters as above, tab and newline kept */
void add_html(struct buf *b, const char *s);
/* Appends one RFC 4180 field of text: quoted when it holds , " CR LF or starts or ends with a
 * space; ' comes before what a spreadsheet would take for a formula (= + - @ tab CR). No separator.
 */
void add_csv(struct buf *b, const char *s);
/* Appends @s cut to @width columns with an ellipsis, or padded with spaces; right-aligned when
 * @width < 0. @width 0 = as it is. */
void add_padded(struct buf *b, const char *s, int width);
/* "a-b_c" for id attributes: [A-Za-z0-9_.-] kept, anything else becomes '-'. */
void add_anchor(struct buf *b, const char *s);

#endif
