"""Drawing the skin score of every patient."""

from sclerotrial.figures.skin_score import mrss_by_patient
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = mrss_by_patient(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "mrss_by_patient", step.params.formats)
