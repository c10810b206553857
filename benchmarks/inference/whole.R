# The same panel in R: Rscript whole.R FILE FOLDER [fread]; the changes of the treated patients with
# two samples, limma with a trend by the mean level of all samples of both visits, as the study asks.
args <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(limma))
if (length(args) > 2) {
  y <- data.table::fread(args[1], data.table = FALSE)
  y <- as.matrix(data.frame(y[, -1], row.names = y[, 1], check.names = FALSE))
} else {
  y <- as.matrix(read.delim(args[1], row.names = 1, check.names = FALSE))
}
table <- function(name) read.csv(file.path(args[2], name), colClasses = "character")
samples <- table("clean/samples.csv")
adsl <- table("adam/adsl.csv")
treated <- adsl$USUBJID[adsl$TRT01A == "Imatinib"]
samples <- samples[samples$barcode %in% colnames(y), ]
at <- function(visit) {
  here <- samples[samples$visit == visit, ]
  setNames(here$barcode, here$USUBJID)
}
base <- at("Baseline")
late <- at("Month 6")
who <- intersect(intersect(names(base), names(late)), treated)
d <- y[, late[who]] - y[, base[who]]
level <- rowMeans(y[, c(base, late)])
fit <- eBayes(lmFit(d), trend = level)
found <- topTable(fit, number = Inf, sort.by = "none", confint = TRUE)
found$s2.prior <- fit$s2.prior
found$df.prior <- fit$df.prior
write.csv(found, file.path(args[2], "limma.csv"))
