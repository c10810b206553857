"""Clean forms -> adae, the dataset of adverse events."""

from sclerotrial.derive.adae import derive_adae
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adae, findings = derive_adae(step.study, clean, step.frame("adsl"), step.frame("adex"))
    step.write(adae, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adae, step.output.xpt, "adae")
