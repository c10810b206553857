"""Results and the former ones -> what a swap of raw files changed, as a page."""

from sclerotrial.publish.impact import impact
from sclerotrial.publish.impact_page import page
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    pairs = [
        next(iter(step.tables(f"{age}{name}")), None)
        for name in ("ard", "intake", "change", "claims") for age in ("old_", "")
    ]  # fmt: skip
    found = impact(*pairs)
    write_text(step.output[0], page(found, step.study.study.simulated))
    step.note(f"{len(found.numbers)} numbers moved, {len(found.flips)} conclusions flipped")
