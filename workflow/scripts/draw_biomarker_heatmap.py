"""Drawing the change of all biomarkers in all patients."""

from sclerotrial.figures.biomarker_pattern import biomarker_heatmap
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = biomarker_heatmap(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_heatmap", step.params.formats)
