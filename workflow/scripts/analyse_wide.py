"""Wide panels: moderated t, what exact tests could reach, max-T."""

from pathlib import Path

from sclerotrial.analysis.wide import wide, write_tests
from sclerotrial.change.wide_file import read_changes
from sclerotrial.step import Step

with Step(snakemake) as step:
    paths = {Path(p).stem: p for p in step.input.panels}
    panels = {n: (read_changes(p), read_changes(p, "AVAL")) for n, p in paths.items()}
    ard, tests = wide(step.study, step.frames("data"), panels)
    step.write(ard, step.output.ard)
    write_tests(tests, step.output.tests)
