"""Clean forms -> adex, the dataset of exposure."""

from sclerotrial.derive.adex import derive_adex
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adex, findings = derive_adex(step.study, clean, step.frame("adsl"))
    step.write(adex, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adex, step.output.xpt, "adex")
