"""adbm -> the change of each biomarker, a row a person, marker and visit."""

from sclerotrial.change.adbm import change_view
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(change_view(step.frame("adbm")), step.output.csv)
