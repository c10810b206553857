"""Data quality: queries, missing values, deviations, checks of the assays."""

import pandas as pd

from sclerotrial.analysis.quality import quality
from sclerotrial.step import Step

with Step(snakemake) as step:
    checks = step.tables("checks") if step.input.checks else []
    checks = pd.concat(checks, ignore_index=True) if checks else None
    step.write(quality(step.study, step.frames("data"), checks), step.output[0])
