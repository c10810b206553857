"""Limits of quantification from back-calculated standards (ICH M10, 2022, section 4.2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sclerotrial.assays.curves import Curves, invert
from sclerotrial.errors import Problem, raise_if_any

#: Share of the levels between the limits that must be accepted.
MIN_SHARE = 0.75
#: A spreadsheet that takes the decimal mark for a thousands separator multiplies by this.
_LOST_MARK = 1000.0


@dataclass(frozen=True)
class Limits:
    """Limits of one curve, as read off it (before dilution).

    Attributes
    ----------
    lloq, uloq : float
        Extreme accepted standards; the extreme standards when `accepted` is False.
    accepted : bool
        Whether enough levels are within recovery.
    n_accepted, n_levels : int
        Levels accepted of those between the limits.
    """

    lloq: float
    uloq: float
    accepted: bool
    n_accepted: int
    n_levels: int


def back_calculated(curves: Curves, u: np.ndarray, y: np.ndarray) -> list[pd.DataFrame]:
    """Recovery of each standard level of each curve.

    Parameters
    ----------
    curves : Curves of K rows
    u, y : (K, N) arrays
        ln concentration (-inf blank, NaN no point) and response of the standard wells.

    Returns
    -------
    list of K DataFrames
        LEVEL (concentration, ascending), RESPONSE (mean of wells), RECOVERY (percent of nominal;
        0 or inf when the mean response lies beyond an asymptote, NaN without a curve), N (wells).
    """
    out = []
    for k in range(len(u)):
        point = np.isfinite(u[k]) & np.isfinite(y[k])
        levels, inverse = np.unique(u[k][point], return_inverse=True)
        count = np.bincount(inverse, minlength=len(levels))
        mean = np.bincount(inverse, weights=y[k][point], minlength=len(levels)) / count
        row = curves.row(k)
        with np.errstate(over="ignore"):
            recovery = 100 * np.exp(invert(row, mean[None, :]).u[0] - levels)
        out.append(
            pd.DataFrame(
                {"LEVEL": np.exp(levels), "RESPONSE": mean, "RECOVERY": recovery, "N": count}
            )
        )
    return out


def accept(
    levels: pd.DataFrame,
    recovery: tuple[float, float] = (80, 120),
    recovery_end: tuple[float, float] = (75, 125),
    min_levels: int = 6,
) -> Limits:
    """Limits of a curve: the widest range of standards that M10 accepts.

    Both ends lie within `recovery_end`, at least 75 % of the levels from end to end are accepted
    (inner ones within `recovery`), and at least `min_levels` are. A rejected end makes the next
    standard the limit.
    """
    conc, rec = levels["LEVEL"].to_numpy(float), levels["RECOVERY"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        inner = (rec >= recovery[0]) & (rec <= recovery[1])
        end = (rec >= recovery_end[0]) & (rec <= recovery_end[1])
    n, best = len(conc), None
    for i in range(n):
        for j in range(i + 1, n):
            if not (end[i] and end[j]):
                continue
            width, good = j - i + 1, 2 + int(inner[i + 1 : j].sum())
            fits = good >= min_levels and good >= MIN_SHARE * width
            if fits and (best is None or (width, good) > best[:2]):
                best = (width, good, i, j)
    if best is None:
        low, high = (conc[0], conc[-1]) if n else (np.nan, np.nan)
        return Limits(low, high, False, int(inner.sum()), n)
    return Limits(conc[best[2]], conc[best[3]], True, best[1], best[0])


def mend_expected(expected: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mend expected concentrations that a locale multiplied by 1000.

    Where exactly three decimals stood, a spreadsheet may read 215.625 as 215625. Such a cell is
    told by the dilution series of its own analyte: the other standards lie on a geometric series,
    the cell lies a factor of 1000 above it.

    Parameters
    ----------
    expected : DataFrame
        FILE, ANALYTE, SAMPLE (standard), VALUE (float), LINE.

    Returns
    -------
    expected, mended : DataFrame
        The same rows with VALUE mended, and the rows that were mended with their former WAS.

    Raises
    ------
    InputErrors
        A series that does not fall or rise strictly after mending.
    """
    out, mended, problems = expected.copy(), [], []
    out["_NO"] = [_number(s) for s in out["SAMPLE"]]
    for (file, analyte), rows in out.groupby(["FILE", "ANALYTE"], sort=True):
        rows = rows[rows["VALUE"] > 0].sort_values("_NO", kind="stable")
        value, number = rows["VALUE"].to_numpy(float), rows["_NO"].to_numpy(float)
        if len(rows) < 4 or len(np.unique(number)) < len(number):
            continue
        logs = np.log(value)
        slope = np.median(np.diff(logs) / np.diff(number))
        line = np.median(logs - slope * number) + slope * number
        off = logs - line
        bad = (np.abs(off - np.log(_LOST_MARK)) < 0.05) & (value == np.rint(value))
        if bad.any() and (np.abs(off[~bad]) < 0.05).all() and bad.sum() * 2 < len(bad):
            out.loc[rows.index[bad], "VALUE"] = value[bad] / _LOST_MARK
            mended.append(rows[bad].assign(WAS=value[bad], VALUE=value[bad] / _LOST_MARK))
            logs = np.where(bad, logs - np.log(_LOST_MARK), logs)
        signs = np.sign(np.diff(logs))
        if len(set(signs.tolist())) > 1 or 0 in signs:
            where = f"{file}, line {rows['LINE'].iloc[0]}, analyte {analyte}"
            what = "The expected concentrations of the standards neither fall nor rise throughout"
            problems.append(Problem(what, where, "Correct the concentrations in the export"))
    raise_if_any(problems)
    columns = [*expected.columns, "WAS"]
    found = pd.concat(mended)[columns] if mended else pd.DataFrame(columns=columns)
    return out.drop(columns="_NO"), found


def _number(standard: str) -> int:
    found = re.search(r"(\d+)\s*$", standard)
    return int(found.group(1)) if found else 0
