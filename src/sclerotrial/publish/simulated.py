"""The simulation study as the report lists it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.tabular import half_up, read_csv


def shown(path: str | Path) -> pd.DataFrame:
    """The study as the report lists it: a row a measure, percentages with their error.

    Parameters
    ----------
    path : path
        ``simulation_study.csv``.
    """
    df = read_csv(path)
    share = df["MEASURE"] != "bias"
    value, error = df["VALUE"].astype(float), df["MC_ERROR"].astype(float)
    times = share.map({True: 100.0, False: 1.0})
    told = [
        f"{half_up(v * k, 1 if k > 1 else 2)}{' %' if k > 1 else ''} ({half_up(e * k, 2)})"
        for v, e, k in zip(value, error, times, strict=True)
    ]
    return pd.DataFrame(
        {
            "DESIGN": df["DESIGN"],
            "TRUTH": df["TRUTH"] + ", " + df["SHAPE"],
            "MEASURE": df["MEASURE"],
            "METHOD": df["METHOD"],
            "FOUND": told,
            "TRIALS": df["TRIALS"],
            "VERDICT": df["VERDICT"],
        }
    )
