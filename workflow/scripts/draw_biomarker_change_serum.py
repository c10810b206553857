"""Drawing the change of serum biomarkers."""

from sclerotrial.figures.biomarkers import biomarker_change_serum
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(
        biomarker_change_serum,
        given,
        step.params.folder,
        "biomarker_change_serum",
        step.params.formats,
    )
