"""Drawing the skin score of every patient."""

from sclerotrial.figures.skin_score import mrss_by_patient
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(mrss_by_patient, given, step.params.folder, "mrss_by_patient", step.params.formats)
