"""Keyed rows -> cleaned forms and the findings of the cleaning."""

from pathlib import Path

from sclerotrial.clean import clean_forms, decisions
from sclerotrial.read import dictionaries
from sclerotrial.step import Step

with Step(snakemake) as step:
    study = step.study
    known = dictionaries(study, step.params.raw)
    decided = decisions.read(step.input.decisions)
    former = step.frames("former")
    clean, findings = clean_forms(study, step.frames("forms"), known, decided, former)
    for path in step.output.forms:
        step.write(clean[Path(path).stem], path)
    step.write(findings, step.output.findings)
