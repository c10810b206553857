"""Clean forms -> adtte, the dataset of times to events."""

from sclerotrial.derive.adtte import derive_adtte
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adtte, findings = derive_adtte(step.study, clean, step.frame("adsl"), step.frame("adae"))
    step.write(adtte, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adtte, step.output.xpt, "adtte")
