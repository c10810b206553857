"""Scores, vital signs, events, drugs -> each skin score beside the oedema of that day."""

from sclerotrial.derive.listings import skin_and_oedema
from sclerotrial.step import Step

with Step(snakemake) as step:
    names = ("adqs", "advs", "adae", "adcm")
    step.write(skin_and_oedema(*(step.frame(n) for n in names)), step.output[0])
