"""Data quality: queries and missing values."""

from sclerotrial.analysis.quality import quality
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(quality(step.study, step.frames("data")), step.output[0])
