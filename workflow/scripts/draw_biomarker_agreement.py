"""Drawing the agreement of two assays of one analyte."""

from sclerotrial.figures.agreement import biomarker_agreement
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = biomarker_agreement(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_agreement", step.params.formats)
