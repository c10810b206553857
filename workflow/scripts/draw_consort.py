"""Drawing who was screened, randomised, treated and analysed."""

from sclerotrial.figures.consort import consort
from sclerotrial.figures.theme import save
from sclerotrial.step import Step

with Step(snakemake) as step:
    plot, caption = consort(step.frames("data"), step.frame("ard"), step.study)
    save(plot, caption, step.params.folder, "consort", step.params.formats)
