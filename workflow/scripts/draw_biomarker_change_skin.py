"""Drawing the change of skin biomarkers."""

from sclerotrial.figures.biomarkers import biomarker_change_skin
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(
        biomarker_change_skin,
        given,
        step.params.folder,
        "biomarker_change_skin",
        step.params.formats,
    )
