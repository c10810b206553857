# The same panel in R: Rscript whole.R FILE FOLDER; changes of the patients with two samples, limma.
args <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(limma))
y <- read.delim(args[1], row.names = 1, check.names = FALSE)
y <- as.matrix(y[, vapply(y, is.numeric, TRUE)])
samples <- read.csv(file.path(args[2], "clean", "samples.csv"), colClasses = "character")
barcode <- names(samples)[which.max(vapply(samples, function(v) sum(v %in% colnames(y)), 0))]
samples <- samples[samples[[barcode]] %in% colnames(y), ]
base <- samples[samples$VISIT == "Baseline", ]
late <- samples[samples$VISIT == "Month 6", ]
who <- intersect(base$USUBJID, late$USUBJID)
d <- y[, late[[barcode]][match(who, late$USUBJID)]] - y[, base[[barcode]][match(who, base$USUBJID)]]
fit <- eBayes(lmFit(d), trend = TRUE)
write.csv(topTable(fit, number = Inf), file.path(args[2], "limma.csv"))
