"""Efficacy within groups, and completers against those who stopped."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks, shares
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.analysis.models import all_visits, by_strata, going_together
from sclerotrial.analysis.sensitivity import sensitivity
from sclerotrial.analysis.skin_areas import skin_areas
from sclerotrial.ard import Scope
from sclerotrial.inference import paired
from sclerotrial.inference.result import NAN

OBSERVED = is_("ANL01FL", "Y")
CARRIED = is_("ANL02FL", "Y")
LOCF = "LOCF (sensitivity)"
PRORATED = "prorated total (sensitivity)"


def efficacy(study: Any, frames: Frames) -> pd.DataFrame:
    """Change from baseline of every endpoint in every group.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``endpoints``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl`` and the datasets of the endpoints (``adqs``, ``adlb``).
    """
    desk = Desk.of(study, frames)
    plan = desk.plan.efficacy
    rows: Rows = []
    for code in plan.endpoints:
        for name in (*plan.groups, *plan.single):
            rows += _group(desk, code, name)
        for name in plan.locf:
            rows += _carried(desk, code, name)
        if code in plan.prorated:
            rows += _prorated(desk, code, plan.prorated[code])
        for name in plan.arms:
            rows += _arms(desk, code, name)
        for name in plan.shares:
            rows += _shares(desk, code, name, "efficacy")
        rows += _limits(desk, code)
        for other, name in product(plan.together.get(code, []), plan.groups[:1]):
            rows += going_together(desk, code, other, name)
        rows += sensitivity(desk, code)
    rows += skin_areas(desk, plan.groups)
    return ard.frame(rows)


def completion(study: Any, frames: Frames) -> pd.DataFrame:
    """Those who completed against those who stopped: baseline, last visit, change.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``endpoints``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl`` and the datasets of the endpoints.
    """
    desk = Desk.of(study, frames)
    plan = desk.plan.completion
    if not plan.comparison:
        return ard.frame([])
    rows: Rows = []
    first = next(v.avisit for v in study.visits if v.baseline)
    for code in plan.endpoints:
        rows += _compared(desk, code, first, "aval", "AVAL", is_("ABLFL", "Y"))
        later = both(is_("AVISIT", desk.last_visit), OBSERVED)
        rows += _compared(desk, code, desk.last_visit, "aval", "AVAL", later)
        if not _ordinal(desk, code):
            rows += _compared(desk, code, desk.last_visit, "chg", "CHG", later)
            carried = both(is_("AVISIT", desk.last_visit), CARRIED)
            rows += _compared(desk, code, desk.last_visit, "chg_locf", "CHG", carried)
            rows += _shares(desk, code, plan.comparison, "completion") if plan.shares else []
    return ard.frame(rows)


def _ordinal(desk: Desk, code: str) -> bool:
    return desk.study.endpoints[code].scale == "ordinal"


def _scope(desk: Desk, code: str, name: str, analysis: str = "efficacy", **more: Any) -> Scope:
    e = desk.study.endpoints[code]
    return desk.scope(
        analysis,
        name,
        label=e.param,
        param=code.lower(),
        paramcd=code,
        dataset=e.dataset,
        unit=e.unit,
        **more,
    )


def _rows_of(desk: Desk, code: str, name: str, *wheres: str) -> tuple[str, pd.DataFrame]:
    where = both(is_("PARAMCD", code), *wheres, desk.group(name).where)
    return where, desk.select(desk.study.endpoints[code].dataset, where)


# --- within a group -----------------------------------------------------------------------------


def _group(desk: Desk, code: str, name: str) -> Rows:
    digits, ordinal = desk.digits(code), _ordinal(desk, code)
    lone = desk.group(name).single
    first = next(v.avisit for v in desk.study.visits if v.baseline)
    where, df = _rows_of(desk, code, name, is_("ABLFL", "Y"))
    at = _scope(desk, code, name, avisit=first, where=where, quantity="aval")
    found = by_subject(df, "AVAL")
    rows = blocks.values(at, found, digits, lone, ordinal)
    rows += _categories(desk, code, at, found)
    for visit in desk.later_visits:
        rows += _visit(desk, code, name, visit)
    return rows


def _visit(desk: Desk, code: str, name: str, visit: str) -> Rows:
    digits, ordinal = desk.digits(code), _ordinal(desk, code)
    lone = desk.group(name).single
    where, df = _rows_of(desk, code, name, is_("AVISIT", visit), OBSERVED)
    at = _scope(desk, code, name, avisit=visit, where=where)
    aval, base = by_subject(df, "AVAL"), by_subject(df, "BASE")
    change = by_subject(df, "CHG")
    base = base[base.index.isin(aval.index)]
    rows = blocks.values(at.but(quantity="aval"), aval, digits, lone, ordinal)
    rows += blocks.count(at.but(quantity="missing"), desk.size(name) - len(aval), n=desk.size(name))
    off = df[(df["ICEFL"] == "Y") & df["USUBJID"].isin(aval.index)]
    stopped = at.but(quantity="off_drug", where=both(where, is_("ICEFL", "Y")))
    rows += blocks.count(stopped, off["USUBJID"].nunique(), n=len(aval))
    rows += _categories(desk, code, at.but(quantity="aval"), aval)
    if ordinal:
        return rows if lone else rows + _direction(desk, at.but(quantity="direction"), aval, base)
    with_base = base.reindex(change.index)
    rows += blocks.values(at.but(quantity="base"), with_base, digits, lone)
    moved = at.but(quantity="chg")
    if lone and len(change) <= 1:
        rows += blocks.single(moved, change, digits)
    else:
        rows += blocks.change(moved, desk, digits, change, with_base)
    percent = at.but(quantity="pchg", unit="%")
    rows += blocks.values(percent, by_subject(df, "PCHG"), (1, 1), lone)
    if not lone:
        rows += _precision(desk, moved, change, digits)
        rows += shares.rows_of(desk, at, shares.of_endpoint(desk, code, desk.size(name), df))
    return rows


def _categories(desk: Desk, code: str, at: Scope, found: pd.Series) -> Rows:
    """Patients in each category of an ordered scale."""
    if not _ordinal(desk, code):
        return []
    rows: Rows = []
    for value, label in desk.study.endpoints[code].labels.items():
        here = at.but(quantity=f"category_{value}", label=f"{at.label}, {label}")
        rows += blocks.share(here, int((found == float(value)).sum()), len(found), desk.plan)
    return rows


def _direction(desk: Desk, at: Scope, aval: pd.Series, base: pd.Series) -> Rows:
    """An ordered scale has no differences: better, same or worse, and a sign test."""
    common = aval.index.intersection(base.index)
    sign = np.sign((aval.loc[common] - base.loc[common]).to_numpy(float))
    good = -1 if desk.study.endpoints[at.paramcd].better == "lower" else 1
    at = at.but(n=len(common))
    rows: Rows = [at.row("n", len(common))]
    for word, wanted in (("better", good), ("same", 0), ("worse", -good)):
        here = at.but(quantity=word, label=f"{at.label}, {word}")
        rows += blocks.count(here, int((sign == wanted).sum()))
    test = ard.printable(blocks.sign_flip(desk, at, sign), desk.plan.alpha)
    test = test.but(method="exact sign test of the direction of change")
    return rows + ard.result_rows(at, "signflip", test, ("p",))


def _precision(desk: Desk, at: Scope, change: pd.Series, digits: tuple[int, int]) -> Rows:
    """Half-width reached, and the falls and rises of the mean that the interval excludes."""
    t = paired.mean_change(change.to_numpy(float), desk.plan.conf_level)
    at = at.but(digits=digits[1], n=len(change))
    why = t.note or "no interval"
    level = f"{100 * desk.plan.conf_level:g} % t interval"
    said = {
        "half_width": ((t.ci_high - t.ci_low) / 2, f"half-width of the {level}"),
        "excluded_fall": (max(0.0, -t.ci_low) if t.ci_low == t.ci_low else NAN, "falls beyond"),
        "excluded_rise": (max(0.0, t.ci_high) if t.ci_high == t.ci_high else NAN, "rises beyond"),
    }
    rows: Rows = []
    for part, (value, label) in said.items():
        text = label if part == "half_width" else f"{label} this are excluded by the {level}"
        rows += blocks.number(at, "estimate", value, why, part=part, label=text, method=level)
    return rows


def _limits(desk: Desk, code: str) -> Rows:
    """The published important and detectable changes themselves."""
    e = desk.study.endpoints[code]
    rows: Rows = []
    words = {"mcid": "minimal clinically important difference", "mdc": "minimal detectable change"}
    for name, label in words.items():
        size = getattr(e, name)
        if size is not None:
            places = len(repr(size.value).partition(".")[2].rstrip("0"))
            at = Scope(
                "efficacy",
                code.lower(),
                quantity=name,
                paramcd=code,
                label=f"{e.param}, {label}",
                unit=e.unit,
                digits=places,
            )
            rows.append(at.row("estimate", size.value, note=f"source: {size.source}"))
    return rows


def _carried(desk: Desk, code: str, name: str) -> Rows:
    """Last observation carried forward."""
    rows: Rows = []
    digits, ordinal = desk.digits(code), _ordinal(desk, code)
    for visit in desk.later_visits:
        where, df = _rows_of(desk, code, name, is_("AVISIT", visit), CARRIED)
        at = _scope(desk, code, name, avisit=visit, where=where, estimand=LOCF)
        aval, change = by_subject(df, "AVAL"), by_subject(df, "CHG")
        rows += blocks.summary(at.but(quantity="aval_locf"), aval, digits, ordinal)
        carried = at.but(quantity="carried", where=both(where, is_("DTYPE", "LOCF")))
        rows += blocks.count(carried, int((df["DTYPE"] == "LOCF").sum()), n=len(aval))
        if not ordinal:
            here = at.but(quantity="chg_locf")
            rows += blocks.change(here, desk, digits, change, by_subject(df, "BASE"))
    return rows


def _prorated(desk: Desk, code: str, other: str) -> Rows:
    """The total prorated from the items that are there, as a sensitivity."""
    rows: Rows = []
    e, digits = desk.study.endpoints[code], desk.digits(other, code)
    for name in desk.plan.efficacy.groups[:1]:
        for visit in desk.later_visits:
            where = both(
                is_("PARAMCD", other), is_("AVISIT", visit), OBSERVED, desk.group(name).where
            )
            df = desk.select(e.dataset, where)
            at = _scope(desk, code, name, avisit=visit, where=where, estimand=PRORATED)
            at = at.but(param=other.lower(), paramcd=other, label=f"{at.label}, prorated")
            rows += blocks.summary(at.but(quantity="aval"), by_subject(df, "AVAL"), digits)
            change = by_subject(df, "CHG")
            base = by_subject(df, "BASE")
            rows += blocks.change(at.but(quantity="chg"), desk, digits, change, base)
    return rows


# --- between groups -----------------------------------------------------------------------------


def _arms(desk: Desk, code: str, name: str) -> Rows:
    """The arms, where numbers allow; with one patient the row says what the design allows."""
    column, quantity = ("AVAL", "aval") if _ordinal(desk, code) else ("CHG", "chg")
    later = both(is_("AVISIT", desk.last_visit), OBSERVED)
    return _against(desk, code, name, desk.last_visit, quantity, column, later, "efficacy")


def _compared(desk: Desk, code: str, visit: str, quantity: str, column: str, where: str) -> Rows:
    """Summaries of both groups, then their comparison."""
    name = desk.plan.completion.comparison
    pair = desk.plan.comparisons[name]
    rows: Rows = []
    for group in (pair.first, pair.second):
        full, df = _rows_of(desk, code, group, where)
        at = _scope(desk, code, group, "completion", avisit=visit, where=full, quantity=quantity)
        if quantity.endswith("_locf"):
            at = at.but(estimand=LOCF)
        found = by_subject(df, column)
        rows += blocks.summary(at, found, desk.digits(code), _ordinal(desk, code))
        rows += _categories(desk, code, at, found) if visit == desk.last_visit else []
    return rows + _against(desk, code, name, visit, quantity, column, where, "completion")


def _against(
    desk: Desk,
    code: str,
    name: str,
    visit: str,
    quantity: str,
    column: str,
    where: str,
    analysis: str,
) -> Rows:
    pair, ordinal = desk.plan.comparisons[name], _ordinal(desk, code)
    found = []
    for group in (pair.first, pair.second):
        found.append(by_subject(_rows_of(desk, code, group, where)[1], column))
    at = _pair_scope(desk, code, name, visit, where, analysis).but(quantity=quantity)
    at = at.but(estimand=LOCF) if quantity.endswith("_locf") else at
    rows = blocks.compare(at, desk, *found, ordinal)
    if ordinal and min(map(len, found)) > 1:
        rows += _table(at, desk, found)
    if visit == desk.last_visit and quantity == ("aval" if ordinal else "chg"):
        rows += by_strata(desk, name, at, found, ordinal=ordinal)
        rows += all_visits(desk, code, name, at) if analysis == "efficacy" and not ordinal else []
    return rows


def _pair_scope(desk: Desk, code: str, name: str, visit: str, where: str, analysis: str) -> Scope:
    """The scope of a comparison of two groups in an endpoint at a visit."""
    pair = desk.plan.comparisons[name]
    return _scope(desk, code, pair.first, analysis, avisit=visit).but(
        group=name,
        label=f"{desk.study.endpoints[code].param}, {pair.label}, {visit}",
        estimand=pair.estimand,
        where=both(is_("PARAMCD", code), where, shares.either(desk, pair)),
        digits=desk.digits(code)[1],
    )


def _shares(desk: Desk, code: str, name: str, analysis: str) -> Rows:
    """Responders of both groups at the last visit; of completers no composite with completing."""
    if _ordinal(desk, code):
        return []
    later = both(is_("AVISIT", desk.last_visit), OBSERVED)
    pair = desk.plan.comparisons[name]
    sides = [
        shares.of_endpoint(desk, code, desk.size(g), _rows_of(desk, code, g, later)[1])
        for g in (pair.first, pair.second)
    ]
    at = _pair_scope(desk, code, name, desk.last_visit, later, analysis)
    rows: Rows = []
    for a, b in zip(*sides, strict=True):
        if analysis == "efficacy" or a.estimand != shares.COMPOSITE:
            rows += shares.against(a.at(at), desk.plan, (a.count, a.n), (b.count, b.n))
    return rows


def _table(at: Scope, desk: Desk, found: list[pd.Series]) -> Rows:
    """Freeman-Halton over the categories."""
    from sclerotrial.inference import tables

    sides = [k for k, s in enumerate(found) for _ in s]
    cells = tables.cross(sides, [float(v) for s in found for v in s])
    return ard.result_rows(
        at, "ffh", ard.printable(tables.freeman_halton(cells), desk.plan.alpha), ("p",)
    )
