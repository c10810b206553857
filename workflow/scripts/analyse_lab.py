"""Laboratory grades and shifts, weight."""

from sclerotrial.analysis.lab import lab
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(lab(step.study, step.frames("data")), step.output[0])
