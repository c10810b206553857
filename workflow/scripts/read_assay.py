"""Files as the instrument wrote them -> one long table of readings."""

from pathlib import Path

from sclerotrial.assays import read_files
from sclerotrial.step import Step

with Step(snakemake) as step:
    name = step.wildcards.assay
    assay = step.study.assays[name]
    readings = read_files(name, assay, step.params.files, Path(step.params.raw))
    step.write(readings, step.output.csv)
