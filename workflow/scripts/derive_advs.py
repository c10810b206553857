"""Clean forms -> advs, the dataset of vital signs."""

from sclerotrial.derive.advs import derive_advs
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    advs, findings = derive_advs(step.study, clean, step.frame("adsl"), step.frame("adex"))
    step.write(advs, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(advs, step.output.xpt, "advs")
