"""Results -> their description as a research object (RO-Crate)."""

from pathlib import Path

from sclerotrial.publish.crate import crate
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    base = step.params.results
    files = [Path(f).relative_to(base).as_posix() for f in step.input.results]
    study, intake = step.study, step.frame("intake")
    write_text(step.output[0], crate(base, study, intake, files, released=step.params.released))
