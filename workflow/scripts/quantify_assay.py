"""Readings -> levels with their limits, and what is to be said of their quality."""

from sclerotrial.assays.quantify import quantify
from sclerotrial.step import Step

with Step(snakemake) as step:
    name, study = step.wildcards.assay, step.study
    samples = step.frames("samples").get(study.samples.form)
    visits = list(study.samples.visits)
    levels, quality = quantify(name, study.assays[name], step.frame("readings"), samples, visits)
    step.write(levels, step.output.levels)
    step.write(quality, step.output.quality)
