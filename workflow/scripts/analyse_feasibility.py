"""Feasibility: enrolled of planned, accrual, retention, re-introduction."""

from sclerotrial.analysis.feasibility import feasibility
from sclerotrial.step import Step

with Step(snakemake) as step:
    step.write(feasibility(step.study, step.frames("data")), step.output[0])
