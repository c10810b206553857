# One peer in R: Rscript peers.R ENGINE TEST FOLDER
# Prints seconds, seconds of processor and peak megabytes; leaves its p values in FOLDER/p.txt.
args <- commandArgs(trailingOnly = TRUE)
engine <- args[1]
test <- args[2]
files <- sort(list.files(args[3], pattern = "csv$", full.names = TRUE))
data <- lapply(files, function(f) as.matrix(read.csv(f, header = FALSE)))
rows <- nrow(data[[1]])
sizes <- vapply(data, ncol, 1L)
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
  "R coin" = library(coin), "R exactRankTests" = library(exactRankTests), "R limma" = library(limma)
))
run <- switch(engine,
  "R wilcox.test" = function() each(
    function(d) wilcox.test(d, exact = TRUE)$p.value,
    function(x, y) wilcox.test(x, y, exact = TRUE)$p.value
  ),
  "R exactRankTests" = function() each(
    function(d) wilcox.exact(d, exact = TRUE)$p.value,
    function(x, y) wilcox.exact(x, y, exact = TRUE)$p.value
  ),
  "R coin" = function() {
    law <- if (test == "rank sum") coin::wilcox_test else coin::oneway_test
    each(
      function(d) {
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
