"""The simulation study as it was published, and whether it is that of the code at hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sclerotrial.fingerprint import Code, digest
from sclerotrial.tabular import half_up, read_csv

#: where it is kept, and the script that makes it; below the folder of the project
KEPT = "published/simulation_study.csv"
SCRIPT = "benchmarks/inference/simulation_study.py"
ROOM = " sclerotrial.inference."


def code_of(code: Code, script: str | Path) -> str:
    """Fingerprint of the functions of `inference` that the study reaches, and of the study itself.

    The generator of trials is left out: a trial drawn otherwise tests the same methods.
    """
    lines = code.closure(Path(script))
    return digest("\n".join(x for x in lines if ROOM in x or x.startswith("script ")))


def stale(project: str | Path, code: Code) -> bool:
    """Whether the published study was made by other code than that at hand."""
    project = Path(project)
    told = read_csv(project / KEPT)["FINGERPRINT"]
    return set(told) != {code_of(code, project / SCRIPT)}


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
