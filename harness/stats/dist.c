/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions: normal, Student t, beta. */
#include "stats/stats.h"

#include <float.h>
#include <math.h>

#define BETA_STEPS_MAX 10000
#define SOLVE_STEPS_MAX 2000

/* Continued fraction of the incomplete beta function, modified Lentz (Thompson, Barnett 1986). */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	if (fabs(d) < tiny)
		d = tiny;
	d = 1 / d;
	h = d;
	for (int m = 1; m <= BETA_STEPS_MAX; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		h *= d * c;
		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return h;
}

/*
 * Regularised incomplete beta I_x(a, b). The caller gives y = 1 - x too, so that neither tail loses
 * digits.
 */
static double beta_cdf(double x, double y, double a, double b)
{
	double front;

	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	front = stat_exp(stat_log_gamma(a + b) - stat_log_gamma(a) - stat_log_gamma(b) +
			 a * stat_log(x) + b * stat_log(y));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, y) / b;
}

double stat_norm_cdf(double z)
{
	return .5 * stat_erfc(-z * M_SQRT1_2);
}

/*
 * The inverses below use bisection, which always works; their functions are monotone and are called
 * a few times per report.
 */
double stat_norm_inv(double p)
{
	double lo = -40, hi = 0, mid;

	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? -INFINITY : INFINITY;
	if (p > .5)
		return -stat_norm_inv(1 - p);
	for (int i = 0; i < SOLVE_STEPS_MAX; i++) {
		mid = lo + (hi - lo) / 2;
		if (mid <= lo || mid >= hi)
			break;
		if (stat_norm_cdf(mid) < p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

double stat_t_cdf(double t, double df)
{
	double tt = t * t, tail;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(t))
		return t > 0 ? 1 : 0;
	/* the gamma functions cancel there, and the normal is closer than their rounding errors */
	if (df > 1e9)
		return stat_norm_cdf(t);
	tail = .5 * beta_cdf(df / (df + tt), tt / (df + tt), df / 2, .5);
	return t < 0 ? tail : 1 - tail;
}

double stat_t_inv(double p, double df)
{
	double lo = -1, hi = 0, mid;

	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? -INFINITY : INFINITY;
	if (p == .5)
		return 0;
	if (p > .5)
		return -stat_t_inv(1 - p, df);
	while (stat_t_cdf(lo, df) > p && lo > -1e300)
		lo *= 2;
	for (int i = 0; i < SOLVE_STEPS_MAX; i++) {
		mid = lo + (hi - lo) / 2;
		if (mid <= lo || mid >= hi)
			break;
		if (stat_t_cdf(mid, df) < p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

double stat_t_to_z(double t, double df)
{
	if (isinf(df))
		return t;
	return (8 * df + 1) / (8 * df + 3) * sqrt(df * stat_log1p(t * t / df));
}

double stat_z_to_t(double z, double df)
{
	double root = z * (8 * df + 3) / (8 * df + 1);

	if (isinf(df))
		return z;
	return sqrt(df * stat_expm1(root * root / df));
}

double stat_t_detectable(double t, double df, double power)
{
	return t * (1 - 1 / (4 * df)) + stat_norm_inv(power) * sqrt(1 + t * t / (2 * df));
}

double stat_beta_inv(double p, double a, double b)
{
	double lo = 0, hi = 1, mid;

	if (!(p >= 0 && p <= 1) || !(a > 0) || !(b > 0))
		return NAN;
	if (p == 0 || p == 1)
		return p;
	for (int i = 0; i < SOLVE_STEPS_MAX; i++) {
		mid = lo + (hi - lo) / 2;
		if (mid <= lo || mid >= hi)
			break;
		if (beta_cdf(mid, 1 - mid, a, b) < p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}
