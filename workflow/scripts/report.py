"""Results -> the report, one page that holds all it shows."""

from sclerotrial.publish.report import build_report
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    given = step.params
    simulation = {"simulation": str(step.input.simulation), "stale": given.stale}
    page = build_report(
        str(step.input.notebook), given.results, given.config, given.lock, **simulation
    )
    write_text(step.output[0], page)
