# Reference numbers of exact tests and intervals on awkward data, as R's packages give them.
#   Rscript tests/inference/r/exact.R tests/inference/r/exact.json
# Needs coin, exactRankTests, perm, exact2x2, effsize, binom, survival, boot, jsonlite.
suppressPackageStartupMessages({
  library(coin); library(exactRankTests); library(perm); library(exact2x2); library(survival)
  library(boot)
})
out <- commandArgs(trailingOnly = TRUE)[1]
# NULL where R stops, or (effsize, on some data) does not come to an end
quiet <- function(x) {
  setTimeLimit(elapsed = 5, transient = TRUE)
  on.exit(setTimeLimit())
  suppressWarnings(tryCatch(x, error = function(e) NULL))
}
p_of <- function(x) quiet(as.numeric(x$p.value))
ends <- function(x) quiet(as.numeric(x$conf.int))
# numbers that look drawn, the same on every machine
draw <- function(n, seed) { v <- sin(seq_len(n) * 12.9898 + seed * 78.233) * 43758.5453; v - floor(v) }
sample_of <- function(kind, n, seed) {
  u <- draw(n, seed)
  switch(kind,
    distinct = round(6 * u - 2.2, 4),
    ties = round(1.5 * u - 0.5, 1),
    zeros = round(4 * u - 1.5),
    constant = rep(1.3, n),
    missing = ifelse(draw(n, seed + 0.5) < 0.25, NA, round(3 * u - 1, 1))
  )
}
kinds <- c("distinct", "ties", "zeros", "constant", "missing")

one <- list()
for (kind in kinds) for (n in 1:12) {
  x <- sample_of(kind, n, n + 3)
  d <- x[!is.na(x)]
  moved <- d[d != 0]
  free <- length(moved) == length(d) && !anyDuplicated(abs(d))
  zero <- rep(0, length(d))
  signs <- function(m) p_coin(wilcoxsign_test(d ~ zero, distribution = "exact", zero.method = m))
  p_coin <- function(x) quiet(as.numeric(coin::pvalue(x)))
  tens <- round(d * 10^4)
  we <- if (length(moved)) quiet(wilcox.exact(moved, conf.int = TRUE)) else NULL
  wt <- if (free) quiet(wilcox.test(d, conf.int = TRUE, exact = TRUE)) else NULL
  blocks <- data.frame(
    y = c(d, zero), g = factor(rep(1:2, each = length(d))), b = factor(rep(seq_along(d), 2))
  )
  one[[length(one) + 1]] <- list(
    kind = kind, x = x,
    coin_wilcoxon = if (length(moved)) signs("Wilcoxon"), coin_pratt = if (length(moved)) signs("Pratt"),
    coin_symmetry = if (length(d) > 1) p_coin(symmetry_test(y ~ g | b, blocks, distribution = "exact")),
    perm_test = if (length(d)) p_of(quiet(perm.test(tens, zero, paired = TRUE, exact = TRUE))),
    wilcox_exact = p_of(we), wilcox_exact_ci = ends(we),
    wilcox_exact_hl = quiet(as.numeric(we$estimate)),
    wilcox_test = p_of(wt), wilcox_test_ci = ends(wt),
    wilcox_test_hl = quiet(as.numeric(wt$estimate)),
    wilcox_test_level = quiet(attr(wt$conf.int, "conf.level"))
  )
}

two <- list()
for (kind in kinds) for (m in c(1:4, 6, 9)) for (n in c(1, 2, 3, 5, 8)) {
  x <- round(sample_of(kind, m, m + 10 * n) + if (kind == "distinct") 0.51234 else 0.5, 5)
  y <- sample_of(kind, n, 3 * n + m + 0.1)
  a <- x[!is.na(x)]
  b <- y[!is.na(y)]
  if (!length(a) || !length(b)) next
  f <- data.frame(v = c(a, b), g = factor(rep(c("x", "y"), c(length(a), length(b)))))
  free <- !anyDuplicated(f$v)
  p_coin <- function(x) quiet(as.numeric(coin::pvalue(x)))
  rank <- quiet(coin::wilcox_test(v ~ g, f, distribution = "exact", conf.int = TRUE))
  interval <- quiet(coin::confint(rank))
  wt <- if (free) quiet(wilcox.test(a, b, conf.int = TRUE, exact = TRUE)) else NULL
  we <- quiet(wilcox.exact(a, b, exact = TRUE, conf.int = TRUE))
  far <- quiet(permTS(a, b, method = "exact.ce", control = permControl(tsmethod = "abs")))
  g <- if (min(length(a), length(b)) > 2 && kind != "constant") quiet(effsize::cohen.d(a, b, hedges.correction = TRUE, noncentral = TRUE))
  two[[length(two) + 1]] <- list(
    kind = kind, x = x, y = y,
    coin_rank = p_coin(coin::wilcox_test(v ~ g, f, distribution = "exact")),
    coin_mean = p_coin(oneway_test(v ~ g, f, distribution = "exact")),
    coin_ci = quiet(as.numeric(interval$conf.int)), coin_hl = quiet(as.numeric(interval$estimate)),
    wilcox_exact = p_of(we), wilcox_exact_ci = ends(we), perm_abs = p_of(far),
    wilcox_test = p_of(wt), wilcox_test_ci = ends(wt), wilcox_test_hl = quiet(as.numeric(wt$estimate)),
    wilcox_test_level = quiet(attr(wt$conf.int, "conf.level")),
    hedges = quiet(as.numeric(g$estimate)), hedges_ci = quiet(as.numeric(g$conf.int))
  )
}

tables <- list()
for (t in list(c(0, 5, 3, 2), c(3, 1, 1, 3), c(6, 0, 1, 2), c(0, 1, 8, 1), c(9, 0, 0, 3), c(2, 7, 2, 1),
               c(5, 4, 0, 3), c(4, 4, 2, 2), c(7, 2, 3, 9), c(1, 0, 0, 1), c(0, 9, 3, 0), c(3, 6, 0, 3))) {
  m <- matrix(t, 2, byrow = TRUE)
  f <- quiet(fisher.test(m))
  ways <- lapply(c(central = "central", minlike = "minlike", blaker = "blaker"),
                 function(w) quiet(exact2x2(m, tsmethod = w)))
  b <- lapply(c(minlike = "minlike", central = "central"), function(w) quiet(
    exact2x2::boschloo(m[1, 1], sum(m[1, ]), m[2, 1], sum(m[2, ]), tsmethod = w)))
  tables[[length(tables) + 1]] <- list(
    table = m, fisher = p_of(f), fisher_ci = ends(f), fisher_or = quiet(as.numeric(f$estimate)),
    exact2x2 = lapply(ways, p_of), exact2x2_ci = lapply(ways, ends),
    boschloo = lapply(b, p_of)
  )
}
wide <- lapply(list(
  matrix(c(3, 1, 0, 1, 2, 3), 2, byrow = TRUE), matrix(c(4, 0, 1, 0, 3, 2, 1, 1, 4), 3, byrow = TRUE),
  matrix(c(0, 0, 5, 2, 2, 0, 1, 1), 2, byrow = TRUE), matrix(c(1, 6, 2, 1, 3, 0, 2, 2), 4, byrow = TRUE),
  matrix(c(5, 2, 1, 0, 0, 1, 1, 2), 2, byrow = TRUE)
), function(m) list(table = m, p = fisher.test(m)$p.value))

shares <- list()
for (n in c(1, 3, 9, 12)) for (x in unique(c(0, 1, n %/% 2, n - 1, n))) {
  ci <- function(m) { r <- binom::binom.confint(x, n, methods = m); c(r$lower, r$upper) }
  shares[[length(shares) + 1]] <- list(x = x, n = n, exact = ci("exact"), wilson = ci("wilson"))
}

curves <- lapply(list(
  list(c(1, 2, 3, 4, 5, 6, 7, 8, 9), rep(1, 9)),
  list(c(3, 3, 5, 8, 8, 8, 12, 14, 14), c(1, 0, 1, 1, 1, 0, 0, 1, 0)),
  list(c(2, 4, 4, 6, 10, 10), c(0, 1, 1, 0, 1, 0)), list(c(5, 7, 9, 9), c(1, 1, 1, 1)),
  list(c(6, 6, 6), c(0, 0, 0)), list(c(1, 1, 2, 2, 3, 3, 4, 4, 30, 30), c(1, 0, 1, 0, 1, 0, 1, 0, 1, 1))
), function(v) {
  s <- survfit(Surv(v[[1]], v[[2]]) ~ 1, conf.type = "log-log")
  q <- quantile(s, 0.5)
  list(times = v[[1]], events = v[[2]], at = s$time, surv = s$surv, lower = s$lower, upper = s$upper,
       median = as.numeric(q$quantile), median_lower = as.numeric(q$lower),
       median_upper = as.numeric(q$upper))
})

d <- c(1.83, 0.5, 1.62, -2.48, 1.68, 1.88, 1.55, 3.06, 1.3)
set.seed(4)
b <- boot(d, function(x, i) mean(x[i]), R = 499)
bca <- boot.ci(b, type = "bca", L = d - mean(d))$bca[4:5]
resampled <- list(x = d, picked = boot.array(b, indices = TRUE), bca = bca, t = sort(as.numeric(b$t)))

versions <- sapply(c("coin", "exactRankTests", "perm", "exact2x2", "effsize", "binom", "survival", "boot"),
                   function(p) as.character(packageVersion(p)))
jsonlite::write_json(
  list(R = as.character(getRversion()), versions = as.list(versions), one = one, two = two,
       tables = tables, wide = wide, shares = shares, curves = curves, bca = resampled),
  out, auto_unbox = TRUE, digits = NA, null = "null", na = "null"
)
