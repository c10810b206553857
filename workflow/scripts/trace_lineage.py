"""ARD and datasets -> the way of each number back to its raw cells."""

from sclerotrial.publish.lineage import lineage, write_lineage
from sclerotrial.step import Step

with Step(snakemake) as step:
    found = lineage(step.frame("ard"), step.frames("data"), step.study)
    write_lineage(found, step.output[0])
