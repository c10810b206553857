"""Levels of all assays -> adbm, the dataset of biomarkers with their change from baseline."""

import pandas as pd

from sclerotrial.change.adbm import adbm
from sclerotrial.derive.xpt import write_xpt
from sclerotrial.step import Step

with Step(snakemake) as step:
    study = step.study
    levels = pd.concat(step.tables("levels"), ignore_index=True)
    samples = step.frames("samples")[study.samples.form]
    markers, findings = adbm(levels, step.frame("adsl"), samples, study)
    step.write(markers, step.output.csv)
    step.write(findings, step.output.findings)
    write_xpt(markers, step.output.xpt, "adbm")
