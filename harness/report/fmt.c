/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/fmt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/comparison.h"

/* How many decimals give three significant digits. */
static int places(double v)
{
	v = fabs(v);
	return v >= 99.95      ? 0
	       : v >= 9.995    ? 1
	       : v >= 0.9995   ? 2
	       : v >= 0.09995  ? 3
	       : v >= 0.009995 ? 4
			       : 5;
}

static struct fmt scaled(double v, double step, const char *const *unit, int nr)
{
	struct fmt f;
	int i = 0;

	while (i + 1 < nr && fabs(v) >= step * 0.9995) {
		v /= step;
		i++;
	}
	snprintf(f.s, sizeof(f.s), "%.*f%s%s",
		 v == 0		 ? 0
		 : places(v) > 3 ? 3
				 : places(v),
		 v, *unit[i] ? " " : "", unit[i]);
	return f;
}

struct fmt fmt_num(double v)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P" };
	struct fmt f;

	if (isnan(v))
		snprintf(f.s, sizeof(f.s), "ABSENT");
	else if (isinf(v))
		snprintf(f.s, sizeof(f.s), v > 0 ? "inf" : "-inf");
	else if (v == 0)
		snprintf(f.s, sizeof(f.s), "0");
	else if (fabs(v) < 9999.5 && (fabs(v) >= 999.5 || v == nearbyint(v)))
		snprintf(f.s, sizeof(f.s), "%.0f", v);
	else if (fabs(v) < 1e-4 || fabs(v) >= 1e18)
		snprintf(f.s, sizeof(f.s), "%.2e", v);
	else if (fabs(v) < 1)
		snprintf(f.s, sizeof(f.s), "%.*f", places(v), v);
	else
		return scaled(v, 1000, units, 6);
	return f;
}

struct fmt fmt_tick(double v)
{
	struct fmt f = fmt_num(v), out = { "" };
	size_t digits = strcspn(f.s, " e"), keep = digits;

	if (memchr(f.s, '.', digits)) {
		while (f.s[keep - 1] == '0')
			keep--;
		keep -= f.s[keep - 1] == '.';
	}
	snprintf(out.s, sizeof(out.s), "%.*s%s", (int)keep, f.s, f.s + digits);
	return out;
}

static void percent(struct fmt *f, double share, bool sign, const char *unit)
{
	double v = share * 100;

	if (isnan(v))
		snprintf(f->s, sizeof(f->s), "-");
	else if (v >= 1000 && *unit == '%')
		snprintf(f->s, sizeof(f->s), isinf(v) ? "x inf" : "x %.*f", places(share + 1),
			 share + 1);
	else
		snprintf(f->s, sizeof(f->s), sign ? "%+.*f %s" : "%.*f %s",
			 fabs(v) >= 99.95 ? 0 : 1, fabs(v) < 0.05 ? 0.0 : v, unit);
}

struct fmt fmt_pct(double share, bool sign)
{
	struct fmt f;

	percent(&f, share, sign, "%");
	return f;
}

static const char *shift_unit(const struct cmp_metric *m)
{
	return m->m->scale == SCALE_LOGIT ? "pp" : "%";
}

struct fmt fmt_shift(const struct cmp_metric *m, double shift, bool sign)
{
	struct fmt f;

	if (!m->shift_in_units || isnan(shift))
		percent(&f, shift, sign, shift_unit(m));
	else if (fabs(shift) < .05 * m->m->c)
		snprintf(f.s, sizeof(f.s), sign ? "+0" : "0");
	else
		snprintf(f.s, sizeof(f.s), "%s%.30s",
			 shift < 0 ? "-"
			 : sign	   ? "+"
				   : "",
			 fmt_num(fabs(shift)).s);
	return f;
}

struct fmt fmt_share_of(const struct cmp_metric *m, double share)
{
	struct fmt f;

	percent(&f, share, false, shift_unit(m));
	return f;
}

struct fmt fmt_floor(const struct cmp_metric *m)
{
	return fmt_share_of(m, cmp_floor(m));
}

struct fmt fmt_mde(const struct cmp_metric *m)
{
	struct fmt f = { "" };

	if (isnan(m->mde))
		return f;
	if (isinf(m->mde))
		snprintf(f.s, sizeof(f.s), "-");
	else if (m->m->scale == SCALE_LOGIT || m->shift_in_units)
		f = fmt_shift(m, m->mde, false);
	else if (m->shift < 0)
		percent(&f, -m->mde, true, "%");
	else if (m->mde < 1)
		percent(&f, m->mde, true, "%");
	else if (m->mde > 98)
		snprintf(f.s, sizeof(f.s), "> x 99");
	else
		snprintf(f.s, sizeof(f.s), "x %.*f", places(m->mde + 1), m->mde + 1);
	return f;
}

struct fmt fmt_interval(const struct cmp_metric *m)
{
	struct fmt a = fmt_shift(m, m->lo, true), b = fmt_shift(m, m->hi, true), f;
	size_t cut = strcspn(a.s, " ");

	if (isnan(m->lo) || isnan(m->hi)) {
		snprintf(f.s, sizeof(f.s), "-");
		return f;
	}
	/* the unit is written only once */
	if (!m->shift_in_units && a.s[0] != 'x' && b.s[0] != 'x')
		a.s[cut] = '\0';
	snprintf(f.s, sizeof(f.s), "%.16s .. %.18s", a.s, b.s);
	return f;
}

struct fmt fmt_p(double p)
{
	struct fmt f;

	if (isnan(p))
		snprintf(f.s, sizeof(f.s), "-");
	else if (p < 0.001)
		snprintf(f.s, sizeof(f.s), "<0.001");
	else if (p >= 0.9995)
		snprintf(f.s, sizeof(f.s), "1");
	else
		snprintf(f.s, sizeof(f.s), "%.*f", p < 0.01 ? 4 : p < 0.1 ? 3 : 2, p);
	return f;
}

struct fmt fmt_ns(double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	struct fmt f;

	if (!isnan(ns))
		return scaled(ns, 1000, units, 4);
	snprintf(f.s, sizeof(f.s), "ABSENT");
	return f;
}

struct fmt fmt_kib(double kib)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	struct fmt f;

	if (!isnan(kib))
		return scaled(kib, 1024, units, 4);
	snprintf(f.s, sizeof(f.s), "ABSENT");
	return f;
}

struct fmt fmt_exact(double v)
{
	struct fmt f = { "" };

	if (!isfinite(v))
		return f;
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(f.s, sizeof(f.s), "%.*g", digits, v);
		if (strtod(f.s, NULL) == v)
			break;
	}
	return f;
}

struct fmt fmt_coord(double v)
{
	struct fmt f;
	size_t n;

	if (!isfinite(v))
		v = 0;
	snprintf(f.s, sizeof(f.s), "%.1f", v);
	n = strlen(f.s);
	if (n > 2 && !strcmp(f.s + n - 2, ".0"))
		f.s[n - 2] = '\0';
	if (!strcmp(f.s, "-0"))
		snprintf(f.s, sizeof(f.s), "0");
	return f;
}
