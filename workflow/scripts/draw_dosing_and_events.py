"""Drawing dosing and adverse events in time."""

from sclerotrial.figures.dosing import dosing_and_events
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(
        dosing_and_events, given, step.params.folder, "dosing_and_events", step.params.formats
    )
