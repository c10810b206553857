"""ARD -> all tables, for the web and for co-authors."""

from pathlib import Path

from sclerotrial.files import write_bytes, write_text
from sclerotrial.step import Step
from sclerotrial.tables import build
from sclerotrial.tables.render_docx import render_docx
from sclerotrial.tables.render_html import page

with Step(snakemake) as step:
    ard, study, data = step.frame("ard"), step.study, step.frames("data")
    names = dict.fromkeys(Path(path).stem for path in step.output)
    tables = {name: build(name, ard, study, data) for name in names}
    for path in map(Path, step.output):
        table = tables[path.stem]
        if path.suffix == ".html":
            write_text(path, page(table))
        else:
            write_bytes(path, render_docx(table))
