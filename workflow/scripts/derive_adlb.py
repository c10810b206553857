"""Clean forms -> adlb, the dataset of laboratory."""

from sclerotrial.derive.adlb import derive_adlb
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adlb, findings = derive_adlb(step.study, clean, step.frame("adsl"), step.frame("adex"))
    step.write(adlb, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adlb, step.output.xpt, "adlb")
