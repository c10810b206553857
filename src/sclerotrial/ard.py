"""The analysis results dataset (ARD): every number that is reported, one a row, each with an ID.

An ID reads ``analysis.param.group.visit.quantity.method.stat``; parts that do not apply are left
out. FILTER says which rows of DATASET the number rests on, as comparisons joined by ``&``
(``PARAMCD=="MRSS" & AVISIT=="Month 6"``), and is what the analysis itself selected by.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.inference import multiplicity
from sclerotrial.inference.result import NAN, Result
from sclerotrial.tabular import half_up, num, p_text

COLUMNS = [
    "ID", "ANALYSIS", "DATASET", "FILTER", "POPULATION", "ESTIMAND", "GROUP", "PARAMCD", "AVISIT",
    "STAT", "LABEL", "VALUE", "UNIT", "TEXT", "N", "METHOD", "CONVENTION", "CONF_LEVEL",
    "CONF_ACHIEVED", "P_ATTAINABLE", "P_DESIGN", "FAMILY", "P_ADJ", "NOTE",
]  # fmt: skip
ANALYSES = (
    "feasibility", "baseline", "efficacy", "completion", "safety", "exposure", "lab",
    "biomarker", "wide", "quality",
)  # fmt: skip
STATS = {
    "n": "n", "mean": "mean", "sd": "SD", "median": "median", "q1": "lower quartile",
    "q3": "upper quartile", "min": "minimum", "max": "maximum", "estimate": "estimate",
    "ci_low": "lower limit", "ci_high": "upper limit", "p": "p", "effect": "effect",
    "count": "count", "percent": "percent",
}  # fmt: skip
NUMERIC = ("VALUE", "N", "CONF_LEVEL", "CONF_ACHIEVED", "P_ATTAINABLE", "P_DESIGN", "P_ADJ")
_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_WHOLE = ("n", "count")


def slug(text: str) -> str:
    """A name as a part of an ID: lower case, runs of other characters as one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", str(text).lower()).strip("_")


def visit_part(avisit: str) -> str:
    """A visit as a part of an ID: 'Month 6' is 'month6'."""
    return re.sub(r"[^a-z0-9]+", "", avisit.lower())


@dataclass(frozen=True)
class Scope:
    """What a row is about: the parts of its ID before the method, and the columns that go along.

    Attributes
    ----------
    analysis, param, group, visit, quantity : str
        Parts of the ID ('' where one does not apply).
    dataset, where, population, estimand, paramcd, avisit, label, unit : str
        Columns of the row; `where` becomes FILTER.
    digits : int
        Decimals printed of values in `unit`.
    n : float
        Patients the number rests on.
    """

    analysis: str
    param: str = ""
    group: str = ""
    visit: str = ""
    quantity: str = ""
    dataset: str = ""
    where: str = ""
    population: str = ""
    estimand: str = ""
    paramcd: str = ""
    avisit: str = ""
    label: str = ""
    unit: str = ""
    digits: int = 1
    n: float = NAN

    def but(self, **changes: Any) -> Scope:
        """The same scope with some fields changed."""
        return replace(self, **changes)

    def id(self, *tail: str) -> str:
        """The ID with these last parts."""
        parts = (self.analysis, self.param, self.group, self.visit, self.quantity, *tail)
        return ".".join(p for p in parts if p)

    def row(
        self,
        stat: str,
        value: float,
        *,
        part: str = "",
        result: Result | None = None,
        label: str = "",
        note: str = "",
        **changes: Any,
    ) -> dict[str, Any]:
        """One row of the ARD.

        Parameters
        ----------
        stat : str
            One of `STATS`.
        value : float
            NaN where the number is refused; a note then says why.
        part : str
            Part of the ID that names the method.
        result : Result, optional
            Where method, convention, n, levels and attainable p come from.
        label, note : str
            Added to those of the scope and of the result.
        **changes
            `digits`, `unit`, `n`, `method`, `convention` of this row.
        """
        r = result or Result("")
        digits = changes.get("digits", 1 if stat == "percent" else self.digits)
        interval = stat in ("ci_low", "ci_high")
        n = changes.get("n", r.n if result else self.n)
        said = [x for x in (r.note, note) if x]
        return {
            "ID": self.id(part, stat),
            "ANALYSIS": self.analysis,
            "DATASET": self.dataset,
            "FILTER": self.where,
            "POPULATION": self.population,
            "ESTIMAND": self.estimand,
            "GROUP": self.group,
            "PARAMCD": self.paramcd,
            "AVISIT": self.avisit,
            "STAT": stat,
            "LABEL": ", ".join(x for x in (self.label, label, STATS[stat]) if x),
            "VALUE": float(value),
            "UNIT": changes.get("unit", _unit(stat, self.unit)),
            "TEXT": printed(stat, value, digits),
            "N": n,
            "METHOD": changes.get("method", r.method),
            "CONVENTION": changes.get("convention", r.convention),
            "CONF_LEVEL": r.conf_level if interval else NAN,
            "CONF_ACHIEVED": r.conf_achieved if interval else NAN,
            "P_ATTAINABLE": r.p_attainable if stat == "p" else NAN,
            "P_DESIGN": r.p_design if stat == "p" else NAN,
            "FAMILY": "",
            "P_ADJ": NAN,
            "NOTE": "; ".join(dict.fromkeys(said)),
        }


def _unit(stat: str, unit: str) -> str:
    return {"n": "patients", "percent": "%", "p": ""}.get(stat, unit)


def printed(stat: str, value: float, digits: int) -> str:
    """A number as it is printed: counts whole, p by the rule of p values, else half up."""
    if stat == "p":
        return p_text(value)
    return half_up(value, 0 if stat in _WHOLE and float(value).is_integer() else digits)


def result_rows(
    scope: Scope, part: str, result: Result, stats: Iterable[str], **changes: Any
) -> list[dict[str, Any]]:
    """Rows of one result: its estimate (or effect), its interval, its p.

    Parameters
    ----------
    scope : Scope
    part : str
        Part of the ID that names the method ('' for none).
    result : Result
    stats : iterable of str
        Of `estimate`, `effect`, `ci_low`, `ci_high`, `p`.
    **changes
        See `Scope.row`.
    """
    of = {"effect": "estimate"}
    return [
        scope.row(s, getattr(result, of.get(s, s)), part=part, result=result, **changes)
        for s in stats
    ]


def printable(result: Result, alpha: float = 0.05) -> Result:
    """The result without its p where no data of this design could have given p <= alpha."""
    if math.isnan(result.p) or not result.p_design > alpha:
        return result
    sizes = f" ({' v '.join(map(str, result.sizes))})" if result.sizes else f" (n = {result.n})"
    return result.but(
        p=NAN,
        note=f"no test printed: the smallest p of this design{sizes} is "
        f"{half_up(result.p_design, 3)}",
    )


def frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame with the contract's columns.

    Raises
    ------
    ValueError
        On an ID outside the grammar, an ID twice, or a number refused without a note: defects of
        the analysis, not of the data.
    """
    out = pd.DataFrame(list(rows), columns=COLUMNS)
    check(out)
    return out


def check(ard: pd.DataFrame) -> None:
    """Raise `ValueError` where the rows break the rules of the ARD."""
    wrong = [i for i in ard["ID"] if not _lawful(i)]
    twice = sorted(i for i, k in Counter(ard["ID"]).items() if k > 1)
    value = pd.to_numeric(ard["VALUE"], errors="coerce")
    silent = sorted(ard.loc[value.isna() & (ard["NOTE"].fillna("") == ""), "ID"])
    for what, ids in (
        ("outside the grammar", wrong),
        ("twice", twice),
        ("refused without a note", silent),
    ):
        if ids:
            raise ValueError(f"ARD ids {what}: {', '.join(ids[:5])} ({len(ids)} in all)")


def _lawful(id_: str) -> bool:
    parts = id_.split(".")
    return bool(_ID.fullmatch(id_)) and parts[0] in ANALYSES and parts[-1] in STATS


def bind(frames: Iterable[pd.DataFrame], analyses: Any = None) -> pd.DataFrame:
    """One ARD from several, in the order given, with families and adjusted p values.

    Parameters
    ----------
    frames : iterable of DataFrame
        As made by the analyses, or read back as text.
    analyses : object with ``families``, optional
        See `adjust`; without it no family is filled in.
    """
    parts = [_typed(f) for f in frames if len(f)]
    out = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    check(out)
    return adjust(out, analyses) if analyses is not None else out


def _typed(ard: pd.DataFrame) -> pd.DataFrame:
    """Numbers as floats, text as text, whether computed or read back."""
    out = pd.DataFrame(index=range(len(ard)))
    for c in COLUMNS:
        column = ard[c].reset_index(drop=True)
        if c in NUMERIC:
            text = column.dtype == object or pd.api.types.is_string_dtype(column)
            out[c] = num(column.fillna("").astype(str)) if text else column.astype(float)
        else:
            out[c] = column.fillna("").astype(str)
    return out


def adjust(ard: pd.DataFrame, analyses: Any) -> pd.DataFrame:
    """Fill FAMILY and P_ADJ.

    Parameters
    ----------
    ard : DataFrame
    analyses : object with ``families``
        Name -> ``members`` (patterns of IDs) and ``method`` (none, holm, bh, hommel). The size
        of a family is the number of its p rows, the tests that were not printed included.

    Returns
    -------
    DataFrame
        A row belongs to the first family that names it; P_ADJ stands on p rows of families with
        an adjustment.
    """
    out = ard.copy()
    out["FAMILY"] = ""
    out["P_ADJ"] = NAN
    for name, family in analyses.families.items():
        pattern = re.compile("|".join(fnmatch.translate(m) for m in family.members))
        member = out["ID"].map(lambda i, p=pattern: bool(p.match(i))) & (out["FAMILY"] == "")
        out.loc[member, "FAMILY"] = name
        tests = member & (out["STAT"] == "p")
        if family.method != "none" and tests.any():
            p = out.loc[tests, "VALUE"].to_numpy(float)
            out.loc[tests, "P_ADJ"] = multiplicity.adjust(p, family.method, len(p))
    return out


def strangers(ard: pd.DataFrame, analyses: Any) -> list[Problem]:
    """Members of families that name a number which is not there: the family would be too small.

    Patterns may match nothing.
    """
    known = set(ard["ID"])
    return [
        Problem(
            f"The family {name!r} names no number: {member}.{did_you_mean(member, known)}",
            f"analyses.yaml, key families.{name}.members",
            "Correct the ID; results/ard/*.csv list all of them",
        )
        for name, family in analyses.families.items()
        for member in family.members
        if not set(member) & set("*?[") and member not in known
    ]


def suppress(ard: pd.DataFrame, groups: Iterable[str]) -> pd.DataFrame:
    """The ARD without the numbers that show one person (`blinding: shared`).

    Parameters
    ----------
    ard : DataFrame
    groups : iterable of str
        Groups that would show a person by themselves or by subtraction (the single placebo
        patient, and all patients together).
    """
    out = _typed(ard)
    hidden = (out["N"] == 1) | out["GROUP"].isin(list(groups))
    for c in ("VALUE", "CONF_ACHIEVED", "P_ATTAINABLE", "P_ADJ"):
        out.loc[hidden, c] = NAN
    out.loc[hidden, "TEXT"] = ""
    out.loc[hidden, "NOTE"] = "suppressed: would show one person"
    return out


def lookup(ard: pd.DataFrame, id_: str) -> pd.Series:
    """The row of an ID.

    Raises
    ------
    InputErrors
        When there is no such ID; the nearest ones are named.
    """
    found = ard.index[ard["ID"] == id_]
    if not len(found):
        raise InputErrors(
            [
                Problem(
                    f"There is no number {id_!r}.{did_you_mean(id_, ard['ID'])}",
                    "results/ard.csv, column ID",
                    "Correct the ID; results/ard.csv lists all of them",
                )
            ]
        )
    return ard.loc[found[0]]
