"""Amplification efficiency from a standard curve, and Ct on a scale where one cycle is a doubling.

Pfaffl (2001): the quantity of a gene is E^-Ct. Ct times log2 E therefore takes the place of Ct in
delta Ct; with E = 2 nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.tabular import half_up

#: MIQE: efficiencies of 90 to 110 % and R2 of at least 0.98.
RANGE, R2 = (90.0, 110.0), 0.98
FEWEST = 3


@dataclass(frozen=True)
class Efficiency:
    """Standard curve of a gene: Ct = intercept + slope log10(quantity).

    Attributes
    ----------
    slope, intercept, r2 : float
    factor : float
        E = 10^(-1 / slope), 2 for a doubling a cycle.
    percent : float
        100 (E - 1).
    n : int
        Levels.
    """

    slope: float
    intercept: float
    r2: float
    factor: float
    percent: float
    n: int


def efficiency(quantity: np.ndarray, ct: np.ndarray) -> Efficiency | None:
    """Least-squares line through the wells of a standard curve; None below three levels."""
    good = (quantity > 0) & np.isfinite(ct)
    x, y = np.log10(quantity[good]), ct[good]
    n = len(np.unique(x))
    if n < FEWEST:
        return None
    dx, dy = x - x.mean(), y - y.mean()
    slope = float((dx * dy).sum() / (dx**2).sum())
    if slope >= 0:
        return None
    factor = 10 ** (-1 / slope)
    r2 = float((dx * dy).sum() ** 2 / ((dx**2).sum() * (dy**2).sum()))
    return Efficiency(slope, float(y.mean() - slope * x.mean()), r2, factor, 100 * (factor - 1), n)


def factors(
    wells: pd.DataFrame, expected: pd.DataFrame, given: Mapping[str, float] | str | None
) -> tuple[dict[str, float], list[dict]]:
    """Factor of each gene: given in the configuration, or by the curve of the files.

    Parameters
    ----------
    wells : DataFrame
        Wells of standards: FILE, SAMPLE, PARAMCD, CT.
    expected : DataFrame
        Their quantities: FILE, SAMPLE, PARAMCD, VALUE.
    given : dict of gene -> factor, 'curve', or None
        None: a doubling for all.

    Returns
    -------
    factors : dict
        Genes that have none are doubled a cycle.
    rows : list of dict
        Quality rows efficiency.
    """
    if not given:
        return {}, []
    if not isinstance(given, str):
        return dict(given), []
    key = ["FILE", "SAMPLE", "PARAMCD"]
    amount = expected.assign(Q=pd.to_numeric(expected["VALUE"], errors="coerce"))
    both = wells.merge(amount[[*key, "Q"]].drop_duplicates(key), on=key)
    out, rows = {}, []
    for gene, mine in both.groupby("PARAMCD", sort=True):
        found = efficiency(mine["Q"].to_numpy(float), mine["CT"].to_numpy(float))
        if found is None:
            continue
        out[gene] = found.factor
        good = RANGE[0] <= found.percent <= RANGE[1] and found.r2 >= R2
        text = f"Efficiency {half_up(found.percent, 1)} %, R2 {half_up(found.r2, 3)}"
        rows.append(row("efficiency", "pass" if good else "fail", text, PARAMCD=gene,
                        VALUE=found.percent, LIMIT="90 to 110 %, R2 at least 0.98"))  # fmt: skip
    return out, rows
