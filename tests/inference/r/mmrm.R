# Reference numbers of R's mmrm for tests/inference/test_mmrm_against_r.py.
#
#   Rscript mmrm.R > mmrm.json
#
# R 4.2.2 with mmrm 0.3.18 (openpharma/mmrm). Trials like ours: few patients, two or three visits
# after baseline, drop-out; and larger ones. REML, Satterthwaite by the observed information.

library(jsonlite)
suppressPackageStartupMessages(library(mmrm))
set.seed(20080430)

# the optimiser as strict as it can be, else mmrm's own settings
controls <- c(lapply(c(1e-15, 1e-13, 1e-11), function(e) {
  mmrm_control(method = "Satterthwaite", optimizer = "nlminb", optimizer_control =
    list(rel.tol = e, x.tol = 1e-10, sing.tol = 1e-30, xf.tol = 1e-30, iter.max = 2000,
         eval.max = 4000))
}), list(mmrm_control(method = "Satterthwaite")))

fitted <- function(formula, data) {
  for (control in controls) {
    fit <- tryCatch(mmrm(formula, data, reml = TRUE, control = control),
                    error = function(e) conditionMessage(e))
    if (!is.character(fit)) break
  }
  fit
}

# patients, visits, share seen at the last visit, arms, spread between and within patients
kinds <- list(
  c(9, 2, .8, 1, 4, 3), c(8, 2, .75, 1, 4, 1), c(6, 2, .9, 1, 3, 3), c(5, 2, .8, 1, 3, 3),
  c(9, 3, .8, 1, 4, 3), c(20, 2, .8, 2, 4, 3), c(20, 3, .7, 2, 4, 3), c(12, 2, .8, 2, 1, 4),
  c(30, 3, .8, 2, 5, 2), c(60, 4, .7, 2, 5, 4), c(200, 4, .6, 2, 6, 5), c(12, 2, .7, 2, 6, .5),
  c(10, 2, .9, 3, 4, 3), c(7, 2, .6, 2, 4, 3), c(16, 4, .6, 1, 4, 3), c(4, 2, .8, 1, 3, 2)
)
out <- lapply(kinds, function(v) {
  n <- v[1]; visits <- v[2]
  base <- round(rnorm(n, 30, 6))
  arm <- if (v[4] == 1) NULL else if (v[4] == 3) c(rep(1, n - 1), 0) else rep(c(1, 0), length.out = n)
  # variances grow with the visits
  y <- matrix(rnorm(n, 0, v[5]), n, visits) * rep(seq(.6, 1.4, length.out = visits), each = n) +
    rnorm(n * visits, 0, v[6])
  y <- round(y - 3 + (if (is.null(arm)) 0 else -2 * arm) - 0.2 * (base - 30))
  gone <- runif(n)
  for (t in seq_len(visits)) y[gone > 1 - (1 - v[3]) * (t - 1) / (visits - 1) , t] <- NA
  # some are missed in between
  if (n >= 9) y[sample(n, max(1, n %/% 15)), 1] <- NA
  used <- rowSums(!is.na(y)) > 0
  d <- data.frame(id = factor(rep(seq_len(n), visits)), visit = factor(rep(seq_len(visits), each = n)),
                  y = as.vector(y), b = rep(base - mean(base[used]), visits))
  formula <- y ~ 0 + visit + visit:b
  if (!is.null(arm)) {
    d$arm <- rep(arm, visits)
    formula <- y ~ 0 + visit + visit:b + visit:arm
  }
  d <- d[!is.na(d$y), ]
  fits <- lapply(c(unstructured = "us", `compound symmetry` = "cs"), function(s) {
    f <- as.formula(paste(deparse(formula), "+", s, "(visit | id)"))
    fit <- fitted(f, d)
    if (is.character(fit)) return(list(failed = fit))
    k <- grep(if (is.null(arm)) "^visit[0-9]+$" else ":arm$", names(coef(fit)))
    m <- summary(fit)$coefficients
    ends <- confint(fit)[k, , drop = FALSE]
    list(deviance = deviance(fit), sigma = VarCorr(fit), estimate = m[k, 1], se = m[k, 2], df = m[k, 3], t = m[k, 4], p = m[k, 5],
         low = ends[, 1], high = ends[, 2])
  })
  list(change = y, base = base, arm = arm, fits = fits)
})
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null", null = "null"), "\n")
