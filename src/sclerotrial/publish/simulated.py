"""The simulation study as the report's appendix shows it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.publish.listing import listing
from sclerotrial.tabular import half_up, read_csv

NONE = '<p class="note">No simulation study is kept with this study: make simulation-study.</p>'
STALE = (
    '<p class="banner">Stale: the code of the tests has changed since these numbers were made. '
    "make simulation-study makes them anew.</p>"
)


def appendix(path: str | Path | None, *, stale: bool) -> str:
    """The study as HTML: the tests that are called exact under a true null, then all measures.

    Parameters
    ----------
    path : path, optional
        ``simulation_study.csv``.
    stale : bool
        Whether other code made it than that at hand.
    """
    if not path or not Path(path).is_file():
        return NONE
    df = read_csv(path)
    judged = df["VERDICT"] != ""
    said = f"Made by the code {df['FINGERPRINT'].iloc[0]}; Monte Carlo errors in brackets."
    return (
        f'{STALE if stale else ""}<p class="note">{said}</p>'
        f"{listing(shown(df[judged]), mark='Verdict', name='Exact tests under their null')}"
        f"<details><summary>All measures: {len(df)}</summary>"
        f"{listing(shown(df), mark='Verdict', name='Simulation study')}</details>"
    )


def shown(df: pd.DataFrame) -> pd.DataFrame:
    """A row a measure under headings in words: percentages, a bias in points, with its error."""
    found = []
    for measure, value, error in zip(df["MEASURE"], df["VALUE"], df["MC_ERROR"], strict=True):
        times, unit, digits = (1, "", 2) if measure == "bias" else (100, " %", 1)
        if value == "":
            found.append("none")
            continue
        number, spread = (half_up(times * float(v), digits) for v in (value, error))
        found.append(f"{number}{unit} ({spread})")
    return pd.DataFrame(
        {
            "Design": df["DESIGN"],
            "Truth": df["TRUTH"],
            "Changes": df["SHAPE"],
            "Measure": df["MEASURE"],
            "Method": df["METHOD"],
            "Found": found,
            "Trials": df["TRIALS"],
            "Exact if": df["EXACT_UNDER"],
            "Verdict": df["VERDICT"],
        }
    )
