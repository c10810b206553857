"""Baseline characteristics."""

from sclerotrial.analysis.baseline import baseline
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(baseline(step.study, step.frames("data")), step.output[0])
