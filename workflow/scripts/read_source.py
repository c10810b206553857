"""Raw export -> keyed rows of its forms, and what the reader found."""

from pathlib import Path

from sclerotrial.read import read_source
from sclerotrial.step import Step

with Step(snakemake) as step:
    forms, findings = read_source(step.study, step.params.source, Path(step.params.raw))
    for path in step.output.forms:
        step.write(forms[Path(path).stem], path)
    step.write(findings, step.output.findings)
