# SPDX-License-Identifier: GPL-2.0-or-later
# Golden numbers of test_stats.c: Rscript golden.R > golden.txt
# Debian packages: r-base-core, r-cran-exactranktests, r-cran-coin, r-bioc-multtest, r-bioc-limma (not needed to
# run the tests).
suppressWarnings(suppressMessages({ library(exactRankTests); library(multtest); library(coin); library(limma) }))
put <- function(name, ...) cat(name, sprintf("%.15g", c(...)), "\n")
a <- c(1.013, 1.052, .981, 1.104, 1.022, .974, 1.041, 1.033, .992, 1.007)
b <- c(1.083, 1.121, 1.034, 1.157, 1.094, 1.016, 1.113, 1.072, 1.061, 1.108)
x <- c(.021, -.004, .035, .052, .013, .044, -.009, .027, .061, .030)
row2 <- c(1.10, 1.02, .95, 1.01, .99, 1.05, .98, 1.03, 1, .97, 1.01, .96, 1.04, 1.06, .94, 1.07, 1.02, .93, 1.08, .92)

put("basic", mean(a), median(a), var(a))
put("norm_cdf", pnorm(c(-9, -3.5, -1, 0, .3, 1.96, 5)))
put("norm_inv", qnorm(c(1e-12, .001, .025, .3, .5, .8, .975)))
for (df in c(1, 2.5, 6, 18, 120))
	put(paste0("t_cdf_", df), pt(c(-40, -4, -1, -.1, 0, .7, 2.5, 12), df))
for (df in c(1, 2.5, 6, 18, 120))
	put(paste0("t_inv_", df), qt(c(1e-6, .001, .025, .2, .5, .8, .995), df))
put("beta_inv", qbeta(.95, 1, 300), qbeta(.95, 6, 295), qbeta(.2, 2, 3), qbeta(.999, .5, .5))

wilcox <- function(name, p, q, conf) {
	w <- suppressWarnings(wilcox.test(q, p, conf.int = TRUE, conf.level = conf, exact = TRUE))
	put(name, w$statistic, w$p.value, w$estimate, w$conf.int)
}
wilcox("wilcox_10", a, b, .95)
wilcox("wilcox_10_90", a, b, .90)
wilcox("wilcox_4", a[1:4], b[1:4], .95)
wilcox("wilcox_5_7", a[1:5], b[1:7], .95)
s <- sin((1:40)^2)
wilcox("wilcox_20", s[1:20], s[21:40] + .4, .95)
big <- sin((1:120)^2)
w <- wilcox.test(big[61:120] + .2, big[1:60], exact = FALSE)
put("wilcox_60", w$statistic, w$p.value)
tied.a <- c(1, 2, 2, 3, 3, 3, 4); tied.b <- c(2, 3, 3, 4, 5, 5)
put("wilcox_tied", wilcox.exact(tied.b, tied.a)$statistic, wilcox.exact(tied.b, tied.a)$p.value)

d <- log(1.05)
put("tost", max(t.test(x, mu = -d, alternative = "greater")$p.value, t.test(x, mu = d, alternative = "less")$p.value))
fisher <- function(...) fisher.test(matrix(c(...), 2))$p.value
put("fisher", fisher(3, 1, 1, 3), fisher(10, 0, 0, 10), fisher(10, 0, 7, 3), fisher(8, 2, 1, 5), fisher(0, 9, 0, 4), fisher(40, 3, 30, 12))
put("clopper", binom.test(0, 299, alternative = "less")$conf.int[2], binom.test(5, 300, alternative = "less")$conf.int[2],
    binom.test(17, 40, alternative = "less", conf.level = .99)$conf.int[2])
p <- c(.001, .008, .039, .041, .042, .06, .074, .205)
put("bh", p.adjust(p, "BH"))
put("holm", p.adjust(p, "holm"))
q <- c(.04, .001, .04, .2, .001)
put("bh_tied", p.adjust(q, "BH"))
put("holm_tied", p.adjust(q, "holm"))

# Smyth 2004, d0 = 20, s0 = .03
s2 <- (var(a) + var(b)) / 2
st2 <- (20 * .03^2 + 18 * s2) / 38
put("moderated", s2, (mean(b) - mean(a)) / sqrt(st2 * 2 / 10))

maxt <- function(name, rows, cls) {
	invisible(capture.output(m <- mt.maxT(rows, cls, test = "t.equalvar", B = 0)))
	m <- m[order(m$index), ]
	put(name, m$teststat, m$rawp, m$adjp)
}
maxt("maxt_10", rbind(c(a, b), row2), rep(0:1, each = 10))
rows <- round(rbind(c(a[1:4], b[1:4]), c(5, 7, 6, 9, 4, 3, 5, 2), c(2, 1, 4, 3, 6, 5, 9, 8), c(1, 9, 4, 7, 2, 8, 6, 3)), 3)
put("maxt_4_rows", t(rows))
maxt("maxt_4", rows, rep(0:1, each = 4))
maxt("maxt_3_5", rows, rep(0:1, c(3, 5)))
put("achieved", 1 - 2 * pwilcox(c(23, 0), c(10, 3), c(10, 3))) # confidence of the 95 % interval of 10 v 10 and of 3 v 3

# two samples relabelled, all labels: p of b against a; alternatives as ours, b above a = greater
perm <- function(p, q) sapply(c("two.sided", "greater", "less"), function(alt) {
	g <- factor(rep(c("q", "p"), c(length(q), length(p))), levels = c("q", "p")) # coin's statistic is the first level's
	as.numeric(pvalue(oneway_test(c(q, p) ~ g, distribution = "exact", alternative = alt)))
})
put("permute_10", perm(a, b))
put("permute_4_7", perm(a[1:4], b[4:10]))
put("permute_tied", perm(c(.1, .2, .2, .3, .3), c(.2, .3, .3, .4, .4, .6)))

# matrix(c(broken.a, fine.a, broken.b, fine.b), 2): "less" = side a breaks less often
for (alt in c("less", "greater")) {
	side <- function(...) fisher.test(matrix(c(...), 2), alternative = alt)$p.value
	put(paste0("fisher_", alt), side(0, 10, 4, 6), side(1, 9, 5, 5), side(3, 1, 1, 3), side(2, 8, 2, 8), side(9, 1, 2, 8))
}
put("clopper_both", binom.test(51, 1000)$conf.int, binom.test(0, 30)$conf.int, binom.test(30, 30, conf.level = .9)$conf.int)

# empirical Bayes of limma: its own prior, then t and p of each row
m <- rbind(c(a, b), row2, rows <- t(sapply(1:6, function(i) round(1 + .02 * i * sin((1:20)^2 + i) + .01 * i * rep(0:1, each = 10), 4))))
fit <- eBayes(lmFit(m, cbind(1, rep(0:1, each = 10))))
put("row2", row2)
put("limma_rows", t(rows))
put("limma_prior", fit$s2.prior, fit$df.prior)
put("limma_sd", sqrt(fit$s2.post))
put("limma_t", fit$t[, 2])
put("limma_p", fit$p.value[, 2])

# change points
zs <- function(v, margin) sapply(margin:(length(v) - margin), function(tau)
	abs(mean(v[-(1:tau)]) - mean(v[1:tau])) / (sd(v) * sqrt(1 / tau + 1 / (length(v) - tau))))
y <- c(10.1, 9.9, 10.2, 10, 9.8, 10.1, 10.9, 11.1, 11, 10.8, 11.2, 11)
put("change_z", zs(y, 3))
ms <- maxstat_test(y ~ i, data = data.frame(y, i = 1:12), minprob = .25, maxprob = .75)
put("change_coin", abs(statistic(ms, "standardized")))
set.seed(1)
put("change_coin_p", pvalue(maxstat_test(y ~ i, data = data.frame(y, i = 1:12), minprob = .25, maxprob = .75,
					 distribution = approximate(1e6))))
night <- sin((1:60)^2) + rep(c(0, 1.2, .2), c(25, 20, 15))
put("change_night", zs(night, 3))
put("change_lag1", acf(night, plot = FALSE)$acf[2], acf(y, plot = FALSE)$acf[2])
put("mad_z", (9 - median(night)) / mad(night), (-.5 - median(a)) / mad(a))
