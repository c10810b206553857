# One peer in R: Rscript peers.R ENGINE TEST FOLDER; prints seconds and peak megabytes.
args <- commandArgs(trailingOnly = TRUE)
engine <- args[1]
test <- args[2]
files <- sort(list.files(args[3], full.names = TRUE))
data <- lapply(files, function(f) as.matrix(read.csv(f, header = FALSE)))
rows <- nrow(data[[1]])
run <- switch(engine,
  "R wilcox.test" = function() for (i in seq_len(rows)) {
    if (length(data) == 1) wilcox.test(data[[1]][i, ]) else
      wilcox.test(data[[1]][i, ], data[[2]][i, ])
  },
  "R coin" = {
    suppressPackageStartupMessages(library(coin))
    function() for (i in seq_len(rows)) {
      if (length(data) == 1) {
        d <- na.omit(data[[1]][i, ])
        pvalue(wilcoxsign_test(d ~ rep(0, length(d)), distribution = "exact"))
      } else {
        y <- c(data[[1]][i, ], data[[2]][i, ])
        g <- factor(rep(1:2, c(ncol(data[[1]]), ncol(data[[2]]))))
        ok <- !is.na(y)
        f <- if (test == "rank sum") wilcox_test else oneway_test
        pvalue(f(y[ok] ~ g[ok], distribution = "exact"))
      }
    }
  },
  "R limma" = {
    suppressPackageStartupMessages(library(limma))
    function() {
      y <- do.call(cbind, data)
      g <- rep(1:0, c(ncol(data[[1]]), ncol(data[[2]])))
      topTable(eBayes(lmFit(y, cbind(1, g))), coef = 2, number = Inf)
    }
  }
)
invisible(gc(reset = TRUE))
seconds <- system.time(suppressWarnings(run()))[["elapsed"]]
cat(seconds, sum(gc()[, 6]), "\n")
