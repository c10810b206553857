"""A wide panel -> the change of all its features, patient by patient and visit by visit."""

from pathlib import Path

from sclerotrial.assays import read_panel
from sclerotrial.change.panel import score_panel
from sclerotrial.step import Step

with Step(snakemake) as step:
    name, study = step.wildcards.assay, step.study
    samples = step.frames("samples")[study.samples.form]
    panel = read_panel(study.assays[name], step.params.files, Path(step.params.raw), samples)
    rows = score_panel(panel, name, samples, step.frame("adsl"), study, step.output.parquet)
    step.note(f"wrote {step.output.parquet}: {rows} rows")
