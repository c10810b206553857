"""Drawing the change of skin biomarkers."""

from sclerotrial.figures.biomarkers import biomarker_change_skin
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = biomarker_change_skin(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "biomarker_change_skin", step.params.formats)
