"""Exposure and dose intensity."""

from sclerotrial.analysis.exposure import exposure
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(exposure(step.study, step.frames("data")), step.output[0])
