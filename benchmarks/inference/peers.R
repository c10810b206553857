# One peer in R: Rscript peers.R ENGINE TEST FOLDER
# Prints seconds, seconds of processor and peak megabytes; leaves its p values in FOLDER/p.txt.
args <- commandArgs(trailingOnly = TRUE)
engine <- args[1]
test <- args[2]
files <- sort(list.files(args[3], pattern = "csv$", full.names = TRUE))
data <- lapply(files, function(f) as.matrix(read.csv(f, header = FALSE)))
rows <- nrow(data[[1]])
sizes <- vapply(data, ncol, 1L)
# Sums of values are exact for whole numbers, say coin and exactRankTests: one decimal is handed over so.
tenths <- lapply(data, function(x) round(10 * x))
if (test %in% c("sign flip", "permutation") &&
  all(mapply(function(x, t) all(abs(10 * x - t) < 1e-9, na.rm = TRUE), data, tenths))) {
  data <- tenths
}
each <- function(one, two) {
  if (length(data) == 1) {
    vapply(seq_len(rows), function(i) one(c(na.omit(data[[1]][i, ]))), 1)
  } else {
    vapply(seq_len(rows), function(i) {
      x <- c(na.omit(data[[1]][i, ]))
      y <- c(na.omit(data[[2]][i, ]))
      if (length(x) && length(y)) two(x, y) else NaN
    }, 1)
  }
}
suppressPackageStartupMessages(switch(engine,
  "R coin" = library(coin), "R exactRankTests" = library(exactRankTests), "R limma" = library(limma),
  "R perm" = library(perm)
))
run <- switch(engine,
  "R wilcox.test" = function() each(
    function(d) wilcox.test(d, exact = TRUE)$p.value,
    function(x, y) wilcox.test(x, y, exact = TRUE)$p.value
  ),
  "R exactRankTests" = function() {
    law <- if (test %in% c("sign flip", "permutation")) perm.test else wilcox.exact
    each(
      function(d) law(d, exact = TRUE)$p.value,
      function(x, y) law(x, y, exact = TRUE)$p.value
    )
  },
  "R perm" = function() each(NULL, function(x, y) {
    permTS(x, y,
      alternative = "two.sided", method = "exact.network", control = permControl(tsmethod = "abs")
    )$p.value
  }),
  "R coin" = function() {
    law <- if (test == "rank sum") coin::wilcox_test else coin::oneway_test
    each(
      function(d) {
        if (test == "sign flip") {
          n <- length(d)
          pair <- data.frame(d = c(d, 0 * d), at = gl(2, n), who = factor(rep(seq_len(n), 2)))
          return(coin::pvalue(coin::symmetry_test(
            d ~ at | who, data = pair, distribution = "exact"
          )))
        }
        coin::pvalue(coin::wilcoxsign_test(
          d ~ rep(0, length(d)), distribution = "exact", zero.method = "Wilcoxon"
        ))
      },
      function(x, y) {
        g <- factor(rep(1:2, c(length(x), length(y))))
        coin::pvalue(law(c(x, y) ~ g, distribution = "exact"))
      }
    )
  },
  "R limma" = function() {
    fit <- lmFit(do.call(cbind, data), cbind(1, rep(1:0, sizes)))
    eBayes(fit)$p.value[, 2]
  }
)
took <- system.time(p <- suppressWarnings(run()))
write(format(p, digits = 16), file.path(args[3], "p.txt"), ncolumns = 1)
peak <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
cat(took[["elapsed"]], took[["user.self"]] + took[["sys.self"]],
    as.numeric(gsub("[^0-9]", "", peak)) / 1024, "\n")
