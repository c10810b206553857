"""Drawing the change of each area of the skin."""

from sclerotrial.figures.skin_map import skin_map
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = skin_map(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "skin_map", step.params.formats)
