"""Manuscript source, ARD and claims -> the paper, to read and to edit."""

from sclerotrial.files import write_bytes
from sclerotrial.publish.paper import compile_paper, prepare
from sclerotrial.publish.word import word_paper
from sclerotrial.step import Step
from sclerotrial.tables import build_all

with Step(snakemake) as step:
    ard, study, claims = step.frame("ard"), step.study, step.frame("claims")
    tables = build_all(ard, study, step.frames("data"))
    source = str(step.input.source[0])
    manuscript = prepare(source, ard, study, tables, step.params.figures, claims)
    write_bytes(step.output.pdf, compile_paper(manuscript))
    write_bytes(step.output.docx, word_paper(manuscript))
