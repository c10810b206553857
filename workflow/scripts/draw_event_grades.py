"""Drawing adverse events by term and grade."""

from sclerotrial.figures.event_grades import event_grades
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = event_grades(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "event_grades", step.params.formats)
