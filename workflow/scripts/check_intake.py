"""Descriptions of the raw files -> the problems of all of them, or none."""

from sclerotrial.errors import raise_if_any
from sclerotrial.intake import refusals
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    raise_if_any(refusals(step.input.files))
    write_text(step.output[0], f"{len(step.input.files)} raw files accepted\n")
