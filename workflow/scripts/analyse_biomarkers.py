"""Biomarkers of serum and skin, exact."""

from sclerotrial.analysis.biomarkers import biomarkers
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(biomarkers(step.study, step.frames("data")), step.output[0])
