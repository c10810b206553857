"""Clean forms -> adcm, the dataset of concomitant drugs."""

from sclerotrial.derive.adcm import derive_adcm
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adcm, findings = derive_adcm(step.study, clean, step.frame("adsl"), step.frame("adex"))
    step.write(adcm, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adcm, step.output.xpt, "adcm")
