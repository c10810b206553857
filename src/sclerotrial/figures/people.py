"""Who is shown, in which order, and under which heading: the same in every figure."""

from __future__ import annotations

from typing import Any

import pandas as pd

COMPLETED = "completed"
STOPPED = "stopped early"


def treated(adsl: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Treated patients in the order of the figures.

    Parameters
    ----------
    adsl : DataFrame
        As written: all cells text.
    study : Study
        Arms in their order; ``run.blinding`` 'shared' leaves out an arm of one person.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``LABEL`` (number without the prefix that all share is kept as written),
        ``ARM``, ``FATE`` (completed, stopped early), sorted by arm, fate, subject; index 0..n-1.
    """
    rows = adsl[adsl["SAFFL"] == "Y"]
    order = {arm.label: k for k, arm in enumerate(study.arms)}
    frame = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "ARM": rows["TRT01A"],
            "FATE": [COMPLETED if c == "Y" else STOPPED for c in rows["COMPLFL"]],
        }
    )
    if study.run.blinding == "shared":
        sizes = frame["ARM"].map(frame["ARM"].value_counts())
        frame = frame[sizes > 1]
    frame["_ARM"] = [order.get(a, len(order)) for a in frame["ARM"]]
    frame["_FATE"] = (frame["FATE"] == STOPPED).astype(int)
    frame = frame.sort_values(["_ARM", "_FATE", "USUBJID"], kind="stable")
    frame["LABEL"] = [u.split("-")[-1] for u in frame["USUBJID"]]
    return frame.drop(columns=["_ARM", "_FATE"]).reset_index(drop=True)


def placebo_labels(study: Any) -> list[str]:
    """Labels of arms without the active drug."""
    return [arm.label for arm in study.arms if not arm.active]


def withheld(adsl: pd.DataFrame, study: Any) -> str:
    """Sentence that says whom a shared figure leaves out ('' when nobody)."""
    if study.run.blinding != "shared":
        return ""
    rows = adsl[adsl["SAFFL"] == "Y"]
    sizes = rows["TRT01A"].value_counts()
    alone = [arm.label for arm in study.arms if sizes.get(arm.label, 0) == 1]
    return f"Groups of one person are not shown ({', '.join(alone)})." if alone else ""
