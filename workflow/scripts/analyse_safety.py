"""Adverse events."""

from sclerotrial.analysis.safety import safety
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(safety(step.study, step.frames("data")), step.output[0])
