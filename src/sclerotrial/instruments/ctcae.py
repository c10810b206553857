"""Laboratory grades of the CTCAE, versions 3, 4 and 5, from `criteria/ctcae_labs.csv`.

One row of that table is one bound: version, term, direction, unit of absolute bounds, branch of
the baseline (any, normal, high), grade, operator, factor, what it multiplies (ABS, LLN, ULN, BASE;
or PCHG: the change from baseline in percent is compared itself), what is added to the product, a
condition that must hold as well, and the source. Bounds are strict as printed: "<LLN - 100 g/L"
leaves 100 itself at grade 1. Criteria of versions 4 and 5 and the rules for missing limits follow
the public tables of pharmaverse/admiral (ncictcaev4, ncictcaev5, SI and US conventional units);
those of version 3 the reporting system of the National Cancer Institute (NCIP/caaers,
CTCAEv3Grades), under the names of version 4. Where grades differ by symptoms only, the worse is
taken, but a grade for life-threatening consequences is never given for a value alone.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sclerotrial.instruments._criteria import table

_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FILE = "ctcae_labs"
#: both sides of a comparison are rounded to so many significant digits (float noise)
_DIGITS = 15


class _Bound(NamedTuple):
    grade: int
    met: Callable[[float, float], bool]
    factor: float
    reference: str
    offset: float
    below_lln: bool
    branch: str
    direction: str


@cache
def _bounds(term: str, unit: str, version: str) -> tuple[_Bound, ...]:
    """Bounds of a term that need no unit or this one, the highest grade first."""
    found = [
        _Bound(
            int(r["GRADE"]), _OPERATORS[r["OPERATOR"]], float(r["FACTOR"]), r["REFERENCE"],
            float(r["OFFSET"] or 0), r["IF"] == "<LLN", r["BASELINE"], r["DIRECTION"],
        )
        for r in table(_FILE)
        if r["VERSION"] == version and r["TERM"].lower() == term and r["UNIT"].lower() in ("", unit)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda b: -b.grade))


def units(term: str, version: str) -> tuple[str, ...]:
    """Units of the absolute bounds of a term; empty where it has none."""
    found = [
        r for r in table(_FILE) if r["VERSION"] == version and r["TERM"].lower() == term.lower()
    ]
    return tuple(dict.fromkeys(r["UNIT"] for r in found if r["UNIT"]))


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
    base_high: bool | None = None,
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
        Unit of the value; compared without regard to case. The criteria hold SI and US conventional
        units; nothing is converted here.
    version : str
        Of `versions`.
    lln, uln : float or None
        Limits of the reference range.
    base : float or None
        Value at baseline.
    base_high : bool or None
        Whether the baseline lay above its upper limit (version 5 then counts from baseline); None:
        told from `base` and `uln`.
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
    bounds = _bounds((term or "").lower(), (unit or "").lower(), version)
    if not bounds or not _known(value):
        return None
    if bounds[0].branch != "any":
        if not _known(uln):
            return None
        if base_high is None:
            base_high = _known(base) and _rounded(base) > _rounded(uln)
        branch = "high" if base_high and not ranges_only else "normal"
        bounds = tuple(b for b in bounds if b.branch == branch)
    if ranges_only:
        bounds = tuple(b for b in bounds if b.reference not in ("BASE", "PCHG"))
    refs = {"ABS": 1.0, "LLN": lln, "ULN": uln, "BASE": base}
    # a change in percent of a baseline of 0 is not defined
    refs["PCHG"] = 100 * (value - base) / abs(base) if _known(base) and base else None
    found = _highest(value, bounds, refs)
    if found is None or not censored:
        return found
    return _if_decided(found, bounds[0].direction, censored, bounds[0].grade)


def _highest(value: float, bounds: tuple[_Bound, ...], refs: dict[str, float | None]) -> int | None:
    lowest, given = bounds[-1].grade, _rounded(value)
    undecided = False
    for bound in bounds:
        ref = refs[bound.reference]
        if not _known(ref):
            undecided |= bound.grade == lowest
            continue
        if bound.below_lln and not (_known(refs["LLN"]) and value < refs["LLN"]):
            continue
        if bound.reference == "PCHG":
            met = bound.met(_rounded(ref), bound.factor)
        else:
            met = bound.met(given, _rounded(bound.factor * ref + bound.offset))
        if met:
            return bound.grade
    return None if undecided else 0


def _if_decided(at_limit: int, direction: str, censored: str, highest: int) -> int | None:
    """A value known to lie beyond its limit is graded where all such values share the grade."""
    worse = (censored == "<") == (direction == "low")
    if worse:
        return at_limit if at_limit == highest else None
    return 0 if at_limit == 0 else None
