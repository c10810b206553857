"""NanoString counts: quality of lanes, positive control and housekeeping normalisation.

Each lane is scaled by the geometric mean of its positive controls (relative to the mean over
lanes), then by that of its housekeeping genes; levels are log2 of what results. A count below the
background of its lane (mean + 2 SD of the negative controls) is censored there. Limits of quality
are those of the maker: at least 75 % of fields counted, binding density 0.1 to 2.25, positive
scaling 0.3 to 3, housekeeping scaling 0.1 to 10, linearity R^2 of the positive controls 0.95.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.tabular import half_up

FIELDS, DENSITY, POSITIVE, HOUSEKEEPING, LINEAR = 0.75, (0.1, 2.25), (0.3, 3.0), (0.1, 10.0), 0.95
_AMOUNT = re.compile(r"\(([\d.]+)\)")
_LANE = ["FILE", "SAMPLE"]


def counts(assay: Any, readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Normalised levels of all lanes of an assay (log2, see the module).

    Raises
    ------
    InputErrors
        Lanes without positive controls or housekeeping genes.
    """
    mine = readings[readings["QUANTITY"] == "count"]
    kind = mine["FLAGS"].str.extract(r"class=(\S+)", expand=False).str.lower()
    table = mine.assign(CLASS=kind, N=pd.to_numeric(mine["VALUE"], errors="coerce"))
    references = set(assay.reference_genes)
    house = (table["CLASS"] == "housekeeping") & (
        table["PARAMCD"].isin(references) if references else True
    )
    positive = table[table["CLASS"] == "positive"]
    problems = [
        Problem(
            f"The lanes have no {what}", "assays.yaml, method counts", "Use the method as_given"
        )
        for what, part in (("positive controls", positive), ("housekeeping genes", table[house]))
        if part.empty
    ]
    raise_if_any(problems)
    # POS_F lies below the range of the assay and is left out by custom
    told = positive[~positive["ANALYTE"].str.contains("POS_F")]
    scale = _scale(told)
    content = table[house].assign(N=lambda d: d["N"] * d[_LANE].apply(tuple, axis=1).map(scale))
    house_scale = _scale(content)
    negative = table[table["CLASS"] == "negative"].groupby(_LANE)["N"]
    floor = (negative.mean() + 2 * negative.std(ddof=1)).to_dict()
    rows = _quality(readings, positive, scale, house_scale)
    genes = table[(table["TASK"] == "SAMPLE") & (table["PARAMCD"] != "")]
    if assay.analytes:
        genes = genes[genes["PARAMCD"].isin(assay.analytes)]
    lane = list(genes[_LANE].itertuples(index=False, name=None))
    factor = np.array([scale[k] * house_scale[k] for k in lane])
    limit = np.array([floor.get(k, 0.0) for k in lane])
    raw = genes["N"].to_numpy(float)
    below = raw <= np.maximum(limit, 0)
    doubtful = {(r["FILE"], r["SAMPLE"]) for r in rows if r["VERDICT"] == "fail"}
    with np.errstate(divide="ignore"):
        value = np.log2(np.where(below, np.maximum(limit, 1.0), raw) * factor)
        least = np.log2(np.maximum(limit, 1.0) * factor)
    return genes[[*_LANE, "PARAMCD", "LINE"]].assign(
        VALUE=value, CENS=np.where(below, "<", ""), LLOQ=least, ULOQ=np.nan, N_REP=1, CV=np.nan,
        CI_LOW=np.nan, CI_HIGH=np.nan, UNIT="log2 count", DILUTION=1.0,
        DOUBT=[k in doubtful for k in lane],
    ).reset_index(drop=True), rows  # fmt: skip


def _scale(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Arithmetic mean over lanes of the geometric means, over the geometric mean of each lane."""
    log = np.log(table["N"].clip(lower=1.0))
    lane = np.exp(log.groupby([table[c] for c in _LANE]).mean())
    return (lane.mean() / lane).to_dict()


def _quality(
    readings: pd.DataFrame, positive: pd.DataFrame, scale: dict, house: dict
) -> list[dict]:
    lanes = readings[readings["TASK"] == "LANE"]
    value = pd.to_numeric(lanes["VALUE"], errors="coerce")
    facts = pd.Series(value.to_numpy(), index=pd.MultiIndex.from_frame(lanes[[*_LANE, "QUANTITY"]]))
    rows = []
    for key in scale:

        def fact(name: str, at: tuple = key) -> float:
            return float(facts.get((*at, name), np.nan))

        fields = fact("fov_counted") / fact("fov_count") if fact("fov_count") else np.nan
        checks = (
            ("imaging", fields, (FIELDS, 1.0), "Share of the fields of view counted"),
            ("binding_density", fact("binding_density"), DENSITY, "Binding density"),
            ("positive_scaling", scale[key], POSITIVE, "Scaling by the positive controls"),
            ("housekeeping_scaling", house.get(key, np.nan), HOUSEKEEPING,
             "Scaling by the housekeeping genes"),
            ("linearity", _linearity(positive, key), (LINEAR, 1.0), "R2 of the positive controls"),
        )  # fmt: skip
        for check, x, (low, high), text in checks:
            if np.isfinite(x):
                ok = low <= round(x, 9) <= high
                rows.append(row(check, "pass" if ok else "fail", f"{text}: {half_up(x, 2)}",
                                FILE=key[0], SAMPLE=key[1], VALUE=x,
                                LIMIT=f"{low:g} to {high:g}"))  # fmt: skip
    return rows


def _linearity(positive: pd.DataFrame, key: tuple[str, str]) -> float:
    """Squared correlation of log2 count and log2 concentration, told in the probes' names."""
    mine = positive[(positive["FILE"] == key[0]) & (positive["SAMPLE"] == key[1])]
    amount = pd.to_numeric(mine["ANALYTE"].str.extract(_AMOUNT, expand=False), errors="coerce")
    good = (amount >= 0.5) & (mine["N"] > 0)
    if good.sum() < 3:
        return float("nan")
    return float(np.corrcoef(np.log2(amount[good]), np.log2(mine.loc[good, "N"]))[0, 1] ** 2)
