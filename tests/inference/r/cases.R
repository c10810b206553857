# Reference numbers of R for tests/inference/test_held_against_r.py.
#
#   Rscript cases.R FOLDER_OF_EXACT > cases.json
#
# R 4.2.2 with emmeans 1.8, survival 3.5, coin 1.4; FOLDER_OF_EXACT holds the source of the package
# Exact 3.3, of which only the p value is used. Small rounded data, with ties and missing values.

library(jsonlite)
suppressPackageStartupMessages({
  library(emmeans)
  library(survival)
  library(coin)
})
for (f in list.files(file.path(commandArgs(TRUE)[1], "R"), "\\.R$", full.names = TRUE)) {
  if (basename(f) != "zzz.R") source(f)
}

set.seed(20080430)
r1 <- function(n, mean = 0, sd = 1, digits = 1) round(rnorm(n, mean, sd), digits)
times <- function(n, f) lapply(seq_len(n), function(k) f(k))

# --- ANCOVA ------------------------------------------------------------------------------------

told <- function(estimate, se, df, level) {
  half <- qt(1 - (1 - level) / 2, df) * se
  list(estimate = estimate, low = estimate - half, high = estimate + half,
       t = estimate / se, p = 2 * pt(-abs(estimate / se), df), df = df)
}
ancova <- times(8, function(k) {
  n <- c(9, 6, 20, 12, 20, 30, 12, 4)[k]
  level <- c(.95, .95, .9, .95, .95, .99, .95, .95)[k]
  base <- r1(n, 30, 6)
  change <- round(-0.3 * (base - 30) + rnorm(n, -3, 4), 1)
  side <- rep(c(1, 0), length.out = n)
  if (k == 4) side <- c(rep(1, 9), rep(0, 3))
  strata <- sample(c("N", "Y", "Z")[1:(2 + (k == 6))], n, replace = TRUE)
  if (k %in% c(3, 5, 6)) change[sample(n, 3)] <- NA
  d <- data.frame(change, base, side, strata)
  fit <- lm(change ~ base, d)
  m <- as.data.frame(emmeans(fit, ~1, at = list(base = mean(d$base[!is.na(change)]))))
  out <- list(change = change, base = base, side = side, strata = strata, level = level,
              one = told(m$emmean, m$SE, m$df, level))
  if (n >= 6) {
    pair <- function(formula) {
      s <- as.data.frame(contrast(emmeans(lm(formula, transform(d, side = factor(side))), "side"),
                                  list(x = c(-1, 1))))
      told(s$estimate, s$SE, s$df, level)
    }
    out$two <- pair(change ~ base + side)
    out$stratified <- pair(change ~ base + side + strata)
    fit <- lm(change ~ base + strata, d)
    seen <- d[!is.na(change), ]
    m <- as.data.frame(emmeans(fit, ~1, at = list(base = mean(seen$base)), weights = "proportional"))
    out$one_stratified <- told(m$emmean, m$SE, m$df, level)
  }
  out
})

# --- correlation -------------------------------------------------------------------------------

orders <- function(n) {
  if (n == 1) return(matrix(1, 1, 1))
  small <- orders(n - 1)
  do.call(rbind, lapply(1:n, function(k) {
    rest <- setdiff(1:n, k)
    cbind(k, matrix(rest[small], nrow(small)))
  }))
}
by_order <- function(x, y) {
  seen <- cor(x, y)
  all <- apply(orders(length(x)), 1, function(o) cor(x, y[o]))
  mean(abs(all) >= abs(seen) - 1e-9)
}
association <- times(10, function(k) {
  n <- c(3, 4, 5, 6, 6, 7, 7, 8, 8, 9)[k]
  x <- r1(n, 0, 1, if (k %% 2) 1 else 0)
  y <- round(0.6 * x + rnorm(n), if (k %in% c(5, 7)) 0 else 1)
  if (k == 3) y <- x^2
  if (k == 10) { x <- rnorm(n); y <- x + rnorm(n) }
  if (sd(x) == 0) x[1] <- x[1] + 1
  z <- qnorm(.975)
  rho <- cor(rank(x), rank(y))
  list(x = x, y = y, pearson = cor(x, y), spearman = rho,
       p_pearson = if (n < 9) by_order(x, y) else NULL,
       p_spearman = if (n < 9) by_order(rank(x), rank(y))
                    else cor.test(x, y, method = "spearman", exact = TRUE)$p.value,
       ends = if (n > 3 && abs(cor(x, y)) < 1) as.numeric(cor.test(x, y)$conf.int) else NULL,
       # Bonett and Wright (2000)
       rank_ends = if (n > 3 && abs(rho) < 1)
         tanh(atanh(rho) + c(-1, 1) * z * sqrt((1 + rho^2 / 2) / (n - 3))) else NULL)
})
repeated <- times(5, function(k) {
  who <- rep(seq_len(c(4, 9, 6, 3, 10)[k]), c(3, 3, 2, 4, 3)[k])
  x <- round(rnorm(max(who))[who] * 3 + rnorm(length(who)), 1)
  y <- round(rnorm(max(who))[who] * 3 + 0.7 * x + rnorm(length(who)), 1)
  if (k == 5) y[c(2, 8, 9)] <- NA
  d <- data.frame(x, y, who = factor(who))
  d <- d[!is.na(d$y), ]
  d <- droplevels(d[d$who %in% names(which(table(d$who) > 1)), ])
  # analysis of covariance with parallel lines: Bland and Altman (1995)
  fit <- lm(y ~ who + x, d)
  a <- anova(fit)
  r <- sign(coef(fit)[["x"]]) * sqrt(a["x", 2] / (a["x", 2] + a["Residuals", 2]))
  df <- a["Residuals", 1]
  # Bakdash and Marusich (2017)
  list(x = x, y = y, who = who, r = r, df = df, p = a["x", 5],
       ends = tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(df - 1)))
})

# --- time to event, rates, shares --------------------------------------------------------------

follow <- times(8, function(k) {
  n <- c(9, 9, 6, 20, 30, 12, 4, 15)[k]
  time <- pmax(1, round(rexp(n, 1 / 60)))
  if (k %in% c(4, 6)) time <- pmin(time, 50)
  event <- rbinom(n, 1, c(.7, .3, 1, .6, .8, .9, .5, .5)[k]) == 1
  event[1] <- TRUE
  level <- if (k == 5) .9 else .95
  fit <- survfit(Surv(time, event) ~ 1, conf.type = "log-log", conf.int = level)
  when <- sort(unique(time[event]))
  s <- summary(fit, times = when, extend = TRUE)
  m <- quantile(fit, .5)
  list(time = time, event = event, level = level, when = when, survival = s$surv, low = s$lower,
       high = s$upper, median = as.numeric(m$quantile), median_low = as.numeric(m$lower),
       median_high = as.numeric(m$upper))
})
rates <- apply(expand.grid(count = c(0, 1, 2, 5, 12, 40), time = c(0.7, 13.25, 1024), level = c(.9, .95)),
               1, function(v) {
  t <- poisson.test(v[["count"]], v[["time"]], conf.level = v[["level"]])
  list(count = v[["count"]], time = v[["time"]], level = v[["level"]],
       estimate = as.numeric(t$estimate), ends = as.numeric(t$conf.int))
})
shares <- apply(expand.grid(count = c(0, 1, 3, 7, 9, 20), n = c(1, 3, 9, 20, 33), level = c(.9, .95)),
                1, function(v) {
  if (v[["count"]] > v[["n"]]) return(NULL)
  exact <- binom.test(v[["count"]], v[["n"]], conf.level = v[["level"]])$conf.int
  score <- suppressWarnings(
    prop.test(v[["count"]], v[["n"]], correct = FALSE, conf.level = v[["level"]])$conf.int)
  list(count = v[["count"]], n = v[["n"]], level = v[["level"]], exact = as.numeric(exact),
       score = as.numeric(score))
})
shares <- Filter(Negate(is.null), shares)
newcombe <- lapply(list(c(5, 8, 1, 7), c(0, 9, 0, 1), c(9, 9, 0, 3), c(3, 6, 2, 9), c(12, 30, 5, 29)),
                   function(v) {
  w <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int))
  a <- w(v[1], v[2]); b <- w(v[3], v[4])
  p <- v[1] / v[2]; q <- v[3] / v[4]
  list(table = v, gap = p - q, low = p - q - sqrt((p - a[1])^2 + (b[2] - q)^2),
       high = p - q + sqrt((a[2] - p)^2 + (q - b[1])^2))
})

# --- tables and families -----------------------------------------------------------------------

boschloo <- lapply(list(c(5, 3, 1, 6), c(7, 2, 1, 0), c(0, 9, 3, 0), c(3, 3, 2, 7), c(8, 2, 3, 7),
                        c(4, 0, 0, 4), c(1, 9, 6, 4), c(12, 3, 5, 10), c(2, 6, 0, 2), c(6, 4, 4, 6)),
                   function(v) {
  m <- matrix(v, 2, byrow = TRUE)
  p <- function(side) exact.test(m, alternative = side, method = "boschloo", npNumbers = 20001,
                                 to.plot = FALSE, conf.int = FALSE)$p.value
  list(table = v, less = p("less"), greater = p("greater"))
})
halton <- lapply(list(list(c(3, 0, 1, 0, 2, 4), 2), list(c(1, 4, 2, 0, 5, 1, 0, 3), 2),
                      list(c(2, 0, 1, 0, 3, 1, 4, 0, 0), 3), list(c(7, 1, 2, 2), 2)), function(v) {
  m <- matrix(v[[1]], v[[2]], byrow = TRUE)
  list(table = m, p = fisher.test(m)$p.value)
})
trend <- times(6, function(k) {
  m <- c(9, 8, 6, 10, 5, 7)[k]; n <- c(1, 2, 3, 10, 5, 4)[k]
  x <- sample(1:5, m, TRUE, c(3, 4, 3, 1, 1)); y <- sample(1:5, n, TRUE, c(1, 1, 3, 4, 3))
  g <- factor(rep(c("a", "b"), c(m, n)))
  it <- independence_test(c(x, y) ~ g, distribution = exact())
  # by enumeration too
  all <- combn(m + n, m, function(i) sum(c(x, y)[i]))
  middle <- m * mean(c(x, y))
  list(x = x, y = y, coin = as.numeric(pvalue(it)),
       counted = mean(abs(all - middle) >= abs(sum(x) - middle) - 1e-9))
})
families <- times(8, function(k) {
  n <- c(1, 2, 3, 5, 8, 13, 20, 6)[k]
  p <- round(rbeta(n, 0.6, 2), 3)
  if (k %in% c(4, 8)) p[2] <- p[1]
  m <- n + c(0, 0, 1, 0, 3, 0, 0, 2)[k]  # declared, not all done
  filled <- c(p, rep(1, m - n))
  list(p = p, family = m, holm = p.adjust(filled, "holm")[seq_len(n)],
       hommel = p.adjust(filled, "hommel")[seq_len(n)], bh = p.adjust(filled, "BH")[seq_len(n)])
})

cat(toJSON(list(ancova = ancova, association = association, repeated = repeated, follow = follow,
                rates = rates, shares = shares, newcombe = newcombe, boschloo = boschloo,
                halton = halton, trend = trend, families = families),
           digits = NA, auto_unbox = TRUE, na = "null", null = "null"), "\n")
