"""Drawing who was screened, randomised, treated and analysed."""

from sclerotrial.figures.consort import consort
from sclerotrial.figures.theme import save_both
from sclerotrial.step import Step

with Step(snakemake) as step:
    given = (step.frames("data"), step.frame("ard"), step.study)
    save_both(consort, given, step.params.folder, "consort", step.params.formats)
