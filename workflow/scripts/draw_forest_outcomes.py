"""Drawing the change of all outcomes with exact intervals."""

from sclerotrial.figures.forest import forest_outcomes
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = forest_outcomes(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "forest_outcomes", step.params.formats)
