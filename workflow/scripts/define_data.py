"""Analysis datasets -> define.xml, their description."""

from sclerotrial.derive.define import define
from sclerotrial.files import write_bytes
from sclerotrial.step import Step

with Step(snakemake) as step:
    about = step.study.study
    day = step.params.released or "1970-01-01"
    write_bytes(step.output[0], define(about.id, about.title, step.frames("data"), day))
