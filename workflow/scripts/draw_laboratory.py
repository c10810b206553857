"""Drawing laboratory values against their ranges."""

from sclerotrial.figures.laboratory import laboratory
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = laboratory(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "laboratory", step.params.formats)
