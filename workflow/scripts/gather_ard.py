"""Rows of all analyses -> the ARD, with families of multiplicity filled in."""

from sclerotrial import ard
from sclerotrial.errors import raise_if_any
from sclerotrial.step import Step

with Step(snakemake) as step:
    plan = step.study.analyses
    parts = step.tables("parts")
    gathered = ard.bind(parts, plan)
    raise_if_any(ard.strangers(gathered, plan))
    if step.study.run.blinding == "shared":
        gathered = ard.suppress(gathered, plan.hidden)
    step.write(gathered, step.output.ard)
    for part, path in zip(parts, step.output.reported, strict=True):
        step.write(gathered[gathered["ID"].isin(part["ID"])], path)
