"""Drawing dosing and adverse events in time."""

from sclerotrial.figures.dosing import dosing_and_events
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = dosing_and_events(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "dosing_and_events", step.params.formats)
