"""The table of the raw files on the terminal; stops when a file was refused."""

from sclerotrial.errors import raise_if_any
from sclerotrial.intake import as_lines, refusals
from sclerotrial.step import Step

with Step(snakemake) as step:
    print(as_lines(step.frame("table")))
    raise_if_any(refusals(step.input.files))
