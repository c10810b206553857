"""Efficacy: change within groups, exact."""

from sclerotrial.analysis.efficacy import efficacy
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(efficacy(step.study, step.frames("data")), step.output[0])
