"""Drawing the change of serum biomarkers."""

from sclerotrial.figures.biomarkers import biomarker_change_serum
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = biomarker_change_serum(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_change_serum", step.params.formats)
