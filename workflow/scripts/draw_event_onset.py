"""Drawing when adverse events began."""

from sclerotrial.figures.event_onset import event_onset
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = event_onset(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "event_onset", step.params.formats)
