"""Forms as read and as cleaned, datasets, queries, lineage -> do the row counts add up?"""

from sclerotrial.derive.reconcile import reconcile
from sclerotrial.publish.lineage import read_lineage
from sclerotrial.step import Step

with Step(snakemake) as step:
    forms = (step.frames("crf"), step.frames("clean"))
    lineage = read_lineage(step.input.lineage)
    table = reconcile(*forms, step.frames("data"), step.frame("queries"), lineage)
    step.write(table, step.output[0])
