"""ARD -> a verdict on every statement of the published abstract."""

from sclerotrial.publish.claims import evaluate
from sclerotrial.step import Step

with Step(snakemake) as step:
    study = step.study
    step.write(
        evaluate([claim.entry() for claim in study.claims], step.frame("ard"), study),
        step.output[0],
    )
