/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logarithm, exponential, gamma and error function from plain additions, multiplications and
 * divisions. The last bits of libm's functions differ between CPUs with and without fused
 * multiply-add (glibc 2.36, sysdeps/x86_64/fpu/multiarch), and a verdict must be the same to the
 * last byte wherever it is repeated. Logarithm and exponential err by at most 3 units of the last
 * place, the others by at most 2e-14.
 */
#include "stats/stats.h"

#include <math.h>

/*
 * ln 2 in two parts; the first part has 20 zero bits at its end, so that its product with an
 * exponent is exact.
 */
#define LN2_HI 0x1.62e42feep-1
#define LN2_LO 0x1.a39ef35793c76p-33
#define EXP_MAX 709.79
#define EXP_MIN (-745.14)
#define EXP_TERMS 14
#define LOG_TERMS 11
#define GAMMA_FROM 15	/* from here on, Stirling's series to 1 / x^13 is exact to double */
#define ERFC_FRACTION 1 /* the continued fraction is used from here on */
#define ERFC_STEPS 250
#define ERF_TERMS 40

/*
 * ln(1 + f) + k ln 2 for f in [sqrt(1/2) - 1, sqrt(2) - 1]: with s = f / (2 + f) it is 2 s + s
 * R(s^2), and 2 s = f - s f keeps f itself, which is exact, out of the rounding.
 */
static double log_near_1(double f, double k)
{
	double s = f / (2 + f), z = s * s, rest = 0, half = .5 * f * f;

	for (int n = LOG_TERMS; n > 0; n--)
		rest = z * (2.0 / (2 * n + 1) + rest);
	return k * LN2_HI - ((half - (s * (half + rest) + k * LN2_LO)) - f);
}

double stat_log(double x)
{
	int exponent;
	double m;

	if (isnan(x) || x < 0)
		return NAN;
	if (x == 0 || isinf(x))
		return x == 0 ? -INFINITY : INFINITY;
	m = frexp(x, &exponent);
	if (m < M_SQRT1_2) {
		m *= 2;
		exponent--;
	}
	return log_near_1(m - 1, exponent);
}

double stat_log1p(double x)
{
	double u = 1 + x;

	if (x > M_SQRT1_2 - 1 && x < M_SQRT2 - 1)
		return log_near_1(x, 0);
	if (!(x > -1) || isinf(x))
		return stat_log(u);
	return stat_log(u) + (x - (u - 1)) / u; /* adds what 1 + x lost */
}

/* e^r - 1 for |r| <= ln 2 / 2; the exact argument is r + low */
static double expm1_small(double r, double low)
{
	double sum = 0;

	for (int n = EXP_TERMS; n > 1; n--)
		sum = r / n * (1 + sum);
	return r + (r * sum + low);
}

double stat_exp(double x)
{
	double k, hi, lo, r;

	if (isnan(x))
		return x;
	if (x > EXP_MAX || x < EXP_MIN)
		return x > 0 ? INFINITY : 0;
	k = floor(x * M_LOG2E + .5);
	hi = x - k * LN2_HI;
	lo = k * LN2_LO;
	r = hi - lo;
	return ldexp(1 + expm1_small(r, (hi - r) - lo), (int)k);
}

double stat_expm1(double x)
{
	return fabs(x) <= .5 * M_LN2 ? expm1_small(x, 0) : stat_exp(x) - 1;
}

double stat_log_gamma(double x)
{
	static const double series[] = { 1 / 12.0,   -1 / 360.0,      1 / 1260.0, -1 / 1680.0,
					 1 / 1188.0, -691 / 360360.0, 1 / 156.0 };
	double product = 1, sum = 0, z;

	if (isnan(x) || !(x > 0))
		return NAN;
	for (; x < GAMMA_FROM; x += 1)
		product *= x;
	z = 1 / (x * x);
	for (int i = 6; i >= 0; i--)
		sum = sum * z + series[i];
	return (x - .5) * stat_log(x) - x + .5 * stat_log(2 * M_PI) + sum / x - stat_log(product);
}

double stat_erfc(double x)
{
	double f = x, term = x, sum = x;

	if (isnan(x))
		return x;
	if (x < 0)
		return 2 - stat_erfc(-x);
	if (isinf(x))
		return 0;
	if (x >= ERFC_FRACTION) {
		for (int n = ERFC_STEPS; n > 0; n--)
			f = x + n / 2.0 / f;
		return stat_exp(-x * x) / (f * sqrt(M_PI));
	}
	for (int n = 1; n < ERF_TERMS; n++) { /* all terms are positive */
		term *= 2 * x * x / (2 * n + 1);
		sum += term;
	}
	return 1 - M_2_SQRTPI * stat_exp(-x * x) * sum;
}
