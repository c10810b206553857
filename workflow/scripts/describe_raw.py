"""One raw file -> what it is, and everything wrong with it."""

import json

from sclerotrial.intake import describe
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    row = describe(step.study, str(step.input.raw), step.params.raw)
    write_text(step.output[0], json.dumps(row, indent=1, ensure_ascii=False) + "\n")
