"""Descriptions of the raw files -> one table."""

from sclerotrial.intake import as_table
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(as_table(step.input.files), step.output[0])
