"""Results and the former ones -> what a swap of raw files changed, as a page."""

from sclerotrial.publish.impact import impact, page
from sclerotrial.step import Step
from sclerotrial.tabular import write_text

with Step(snakemake) as step:
    former = {
        name: next(iter(step.tables(f"old_{name}")), None) for name in ("ard", "intake", "change")
    }
    found = impact(
        former["ard"], step.frame("ard"), former["intake"], step.frame("intake"),
        former["change"], next(iter(step.tables("change")), None),
    )  # fmt: skip
    write_text(step.output[0], page(found, step.study.study.simulated))
    step.note(f"{len(found.numbers)} numbers moved, {len(found.flips)} conclusions flipped")
