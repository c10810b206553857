"""Laboratory grades of the CTCAE, versions 3 (four terms), 4 and 5, from `criteria/ctcae_labs.csv`.

One row of that table is one bound: version, term, direction, unit of absolute bounds, branch of the
baseline (any, normal, high), grade, operator, factor, what it multiplies (ABS, LLN, ULN, BASE) and
what is added to the product. Bounds are strict as printed: "<LLN - 100 g/L" leaves 100 itself at
grade 1. Criteria and the rules for missing limits follow the public tables of pharmaverse/admiral
(ncictcaev4, ncictcaev5); those of version 3 were found for four terms only (table 3 of PMC1524981).
Where grades differ by symptoms only, the worse is taken.
"""

from __future__ import annotations

import math
import operator
from functools import cache

from sclerotrial.instruments._criteria import table

_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FILE = "ctcae_labs"
#: both sides of a comparison are rounded to so many significant digits (float noise)
_DIGITS = 15


@cache
def _bounds(term: str, version: str) -> tuple[dict[str, str], ...]:
    found = [r for r in table(_FILE) if r["TERM"].lower() == term and r["VERSION"] == version]
    return tuple(sorted(found, key=lambda r: -int(r["GRADE"])))


@cache
def versions() -> tuple[str, ...]:
    """Versions that the criteria table holds."""
    return tuple(sorted({r["VERSION"] for r in table(_FILE)}))


@cache
def terms(version: str) -> dict[str, str]:
    """Terms of a version, each with its direction (low, high); not to be changed."""
    return {r["TERM"]: r["DIRECTION"] for r in table(_FILE) if r["VERSION"] == version}


def _rounded(x: float) -> float:
    return float(f"{x:.{_DIGITS}g}")


def _known(x: float | None) -> bool:
    return x is not None and not math.isnan(x)


def grade(
    term: str | None,
    value: float | None,
    unit: str | None = None,
    *,
    version: str,
    lln: float | None = None,
    uln: float | None = None,
    base: float | None = None,
    base_high: bool = False,
    censored: str = "",
    ranges_only: bool = False,
) -> int | None:
    """Grade one laboratory value.

    Parameters
    ----------
    term : str or None
        Term of the CTCAE; upper and lower case alike.
    value : float or None
        In the unit of the criteria where they have absolute bounds.
    unit : str or None
        Unit of the value; compared without regard to case.
    version : str
        Of `versions`.
    lln, uln : float or None
        Limits of the reference range.
    base : float or None
        Value at baseline.
    base_high : bool
        Whether the baseline lay above its upper limit (version 5 then counts from baseline).
    censored : str
        '<' or '>' when the value is a limit: graded only where the limit decides.
    ranges_only : bool
        True for the baseline itself and what came before it: bounds that count from the baseline
        do not apply, so a high baseline keeps the grade that its range gives.

    Returns
    -------
    int or None
        0 (none of the criteria) to 4; None when it cannot be graded: unknown term, missing
        value, wrong or missing unit, or no bound of a higher grade is met and a bound of the
        lowest grade is missing.

    Raises
    ------
    ValueError
        When the version is not in the table.
    """
    if version not in versions():
        raise ValueError(f"CTCAE laboratory criteria exist for: {', '.join(versions())}")
    bounds = _bounds((term or "").lower(), version)
    if not bounds or not _known(value):
        return None
    needs = {b["UNIT"].lower() for b in bounds} - {""}
    if needs and (unit or "").lower() not in needs:
        return None
    branches = {b["BASELINE"] for b in bounds}
    if branches != {"any"}:
        if not _known(uln):
            return None
        branch = "high" if base_high and not ranges_only else "normal"
        bounds = tuple(b for b in bounds if b["BASELINE"] == branch)
    if ranges_only:
        bounds = tuple(b for b in bounds if b["REFERENCE"] != "BASE")
    refs = {"ABS": 1.0, "LLN": lln, "ULN": uln, "BASE": base}
    found = _highest(value, bounds, refs)
    if found is None or not censored:
        return found
    return _if_decided(found, bounds[0]["DIRECTION"], censored, int(bounds[0]["GRADE"]))


def _highest(
    value: float, bounds: tuple[dict[str, str], ...], refs: dict[str, float | None]
) -> int | None:
    lowest = min(int(b["GRADE"]) for b in bounds)
    undecided = False
    for bound in bounds:
        ref = refs[bound["REFERENCE"]]
        if not _known(ref):
            undecided |= int(bound["GRADE"]) == lowest
            continue
        limit = _rounded(float(bound["FACTOR"]) * ref + float(bound["OFFSET"] or 0))
        if _OPERATORS[bound["OPERATOR"]](_rounded(value), limit):
            return int(bound["GRADE"])
    return None if undecided else 0


def _if_decided(at_limit: int, direction: str, censored: str, highest: int) -> int | None:
    """A value known to lie beyond its limit is graded where all such values share the grade."""
    worse = (censored == "<") == (direction == "low")
    if worse:
        return at_limit if at_limit == highest else None
    return 0 if at_limit == 0 else None
