"""Drawing the change of all outcomes with exact intervals."""

from sclerotrial.figures.forest import forest_outcomes
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(forest_outcomes, given, step.params.folder, "forest_outcomes", step.params.formats)
