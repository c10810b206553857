"""Manuscript source and ARD -> the paper."""

from sclerotrial.files import write_bytes
from sclerotrial.publish.paper import compile_paper
from sclerotrial.step import Step
from sclerotrial.tables import build_all

with Step(snakemake) as step:
    ard, study = step.frame("ard"), step.study
    tables = build_all(ard, study, step.frames("data"))
    source = str(step.input.source[0])
    pdf = compile_paper(source, ard, study, tables=tables, figures=step.params.figures)
    write_bytes(step.output[0], pdf)
