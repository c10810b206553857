"""Drawing biomarkers against the skin score."""

from sclerotrial.figures.biomarker_pattern import biomarker_correlation
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = biomarker_correlation(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_correlation", step.params.formats)
