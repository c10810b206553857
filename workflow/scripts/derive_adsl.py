"""Clean forms -> adsl, one row a person."""

from sclerotrial.derive.adsl import derive_adsl
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    adsl, findings = derive_adsl(step.study, step.frames("forms"))
    step.write(adsl, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adsl, step.output.xpt, "adsl")
