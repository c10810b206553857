"""Rows of all analyses -> the ARD, with families of multiplicity filled in."""

from sclerotrial import ard
from sclerotrial.errors import raise_if_any
from sclerotrial.step import Step

with Step(snakemake) as step:
    plan = step.study.analyses
    gathered = ard.bind(step.tables("parts"), plan)
    raise_if_any(ard.strangers(gathered, plan))
    if step.study.run.blinding == "shared":
        gathered = ard.suppress(gathered, plan.shared_hidden)
    step.write(gathered, step.output[0])
