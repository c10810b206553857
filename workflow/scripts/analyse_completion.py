"""Completers against those who stopped, exact."""

from sclerotrial.analysis.efficacy import completion
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(completion(step.study, step.frames("data")), step.output[0])
