"""Clean forms -> what each answer, aid and help of the HAQ did to its category."""

from sclerotrial.derive.listings import haq_answers
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(haq_answers(step.study, step.frames("forms")), step.output[0])
