"""Clean forms -> adqs, the dataset of questionnaires and scores."""

from sclerotrial.derive.adqs import derive_adqs
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    clean = step.frames("forms")
    adqs, findings = derive_adqs(step.study, clean, step.frame("adsl"), step.frame("adex"))
    step.write(adqs, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(adqs, step.output.xpt, "adqs")
