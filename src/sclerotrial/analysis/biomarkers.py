"""Biomarkers: detection, change as fold, censored pairs by what is known of their order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.agreement import agreement
from sclerotrial.analysis.blocks import ESTIMATE, INTERVAL, Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.analysis.together import Measured, together
from sclerotrial.ard import Scope, slug
from sclerotrial.inference import censored, correlation, paired
from sclerotrial.inference.result import NAN, Result
from sclerotrial.study_assays import scale_of
from sclerotrial.tabular import num

PAIRED = 'BASE!="" & AVAL!=""'
FOLD = ("ratio to baseline, back-transformed mean log2 change", "geometric mean of ratios")


@dataclass(frozen=True)
class Marker:
    """One analyte of one assay: its part of the ID, and where its rows are."""

    part: str
    code: str
    label: str
    assay: str
    scale: str
    compartment: str
    has_rcv: bool

    @property
    def where(self) -> str:
        """Condition on adbm."""
        return both(is_("ASSAY", self.assay), is_("PARAMCD", self.code))


def biomarkers(study: Any, frames: Frames) -> pd.DataFrame:
    """Every analyte in every group at every visit with samples of its assay.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``assays``, ``endpoints``, ``visits``, ``efficacy_visits``.
    frames : mapping of name to DataFrame of str
        ``adsl``, ``adbm``, and the datasets of the endpoints correlated with (``adqs``).
    """
    desk = Desk.of(study, frames)
    plan = desk.plan.biomarkers
    rows: Rows = agreement(desk)
    markers = list(_markers(desk))
    for marker in markers:
        for name in (*plan.groups, *plan.single):
            rows += _detection(desk, marker, name)
            for visit in _visits(desk, marker):
                rows += _change(desk, marker, name, visit)
    for name in plan.groups:
        rows += _overall(desk, markers, name, rows)
        for visit in desk.later_visits:
            for lot in _lots(desk, markers, name, visit):
                compartment = lot[0][0].param.partition("_")[0]
                seed = desk.seed(f"max-T {name} {visit} {compartment}")
                rows += together(desk.plan, lot, seed)
    return ard.frame(rows)


def _markers(desk: Desk) -> Iterator[Marker]:
    """Analytes that the data hold, in the order of the configuration."""
    adbm = desk.frames["adbm"]
    named: set[str] = set()
    for assay, entry in desk.study.assays.items():
        here = adbm[adbm["ASSAY"] == assay]
        labels = dict(zip(here["PARAMCD"], here["PARAM"], strict=True))
        codes = [c for c in entry.analytes if c in labels]
        codes += sorted(c for c in labels if c not in entry.analytes)
        for code in codes:
            part = f"{entry.compartment.lower()}_{slug(code)}"
            part = f"{part}_{slug(assay)}" if part in named else part
            named.add(part)
            known = entry.analytes.get(code)
            yield Marker(
                part,
                code,
                f"{labels[code]}, {entry.compartment.lower()}",
                assay,
                scale_of(entry, code),
                entry.compartment,
                getattr(known, "within_person_cv", None) is not None,
            )


def _visits(desk: Desk, marker: Marker) -> list[str]:
    adbm = desk.frames["adbm"]
    seen = set(adbm.loc[adbm["ASSAY"] == marker.assay, "AVISIT"])
    return [v for v in desk.later_visits if v in seen]


def _scope(desk: Desk, marker: Marker, name: str, visit: str, where: str) -> Scope:
    digits = desk.digits(marker.code, "BIOMARKER")
    return desk.scope(
        "biomarker", name, param=marker.part, label=marker.label, paramcd=marker.code,
        dataset="adbm", where=where, avisit=visit, unit="log2", digits=digits[1],
    )  # fmt: skip


def _detection(desk: Desk, marker: Marker, name: str) -> Rows:
    """Samples inside the limits at each visit; a summary where none is outside."""
    rows: Rows = []
    first = next(v.avisit for v in desk.study.visits if v.baseline)
    for visit in (first, *_visits(desk, marker)):
        own = is_("ABLFL", "Y") if visit == first else is_("AVISIT", visit)
        where = both(marker.where, own, 'ANL01FL=="Y"', 'AVAL!=""', desk.group(name).where)
        df = desk.select("adbm", where)
        at = _scope(desk, marker, name, visit, where).but(unit="", n=len(df))
        inside = int((df["AVALCENS"] == "").sum())
        detected = at.but(quantity="detected", label=f"{at.label}, within the limits")
        rows += blocks.share(detected, inside, len(df), desk.plan)
        level = at.but(quantity="aval", unit=str(df["AVALU"].iloc[0]) if len(df) else "")
        digits = desk.digits(marker.code, "BIOMARKER")
        lone = desk.group(name).single
        if inside == len(df):
            rows += blocks.values(level, by_subject(df, "AVAL"), digits, lone)
        else:
            note = f"{len(df) - inside} of {len(df)} values outside the limits"
            stat = "estimate" if lone and len(df) == 1 else "median"
            rows += [level.row("n", len(df)), level.row(stat, NAN, note=note)]
    return rows


def _change(desk: Desk, marker: Marker, name: str, visit: str) -> Rows:
    where = both(marker.where, is_("AVISIT", visit), 'ANL01FL=="Y"', PAIRED, desk.group(name).where)
    df = desk.select("adbm", where).sort_values("USUBJID", kind="stable")
    at = _scope(desk, marker, name, visit, where).but(n=len(df))
    cens = (df["BASECENS"] != "") | (df["AVALCENS"] != "")
    digits = desk.digits(marker.code, "BIOMARKER")
    if desk.group(name).single and len(df) <= 1:
        column, quantity = ("LOG2FC", "log2fc") if _has_log(marker) else ("CHG", "chg")
        found = by_subject(df, column)
        rows = blocks.single(at.but(quantity=quantity), found, digits)
        return [_say(r, "a limit stands at one visit") for r in rows] if cens.any() else rows
    rows = _known(at, df, cens)
    if not _has_log(marker):
        moved = at.but(quantity="chg", unit=str(df["AVALU"].iloc[0]) if len(df) else "")
        d, base = by_subject(df, "CHG"), by_subject(df, "BASE")
        rows += blocks.change(moved, desk, digits, d, base) if not cens.any() else []
    elif not cens.any():
        rows += _measured(desk, at, by_subject(df, "LOG2FC"), digits)
    if cens.any():
        rows += _bounded(desk, marker, at, df, cens, digits)
    rows += _real(desk, marker, at, df)
    if visit == desk.last_visit:
        column = "LOG2FC" if _has_log(marker) else "CHG"
        rows += _with_endpoints(desk, at, by_subject(df, column), name, visit, bool(cens.any()))
    return rows


def _has_log(marker: Marker) -> bool:
    return marker.scale in ("linear", "log2")


def _say(row: dict[str, Any], note: str) -> dict[str, Any]:
    """The row with a more telling reason for a value that is not there."""
    return {**row, "NOTE": note} if math.isnan(row["VALUE"]) else row


def _known(at: Scope, df: pd.DataFrame, cens: pd.Series) -> Rows:
    """Pairs, censored pairs, and directions as far as they are known."""
    way = num(df["DIRECTION"])
    found = {
        "pairs": ("pairs", len(df)),
        "censored": ("pairs with a limit", int(cens.sum())),
        "up": ("risen", int((way > 0).sum())),
        "down": ("fallen", int((way < 0).sum())),
        "undecided": ("direction undecided", int(way.isna().sum())),
        "qc_flagged": ("with a failed quality check", int((df["QCFL"] == "Y").sum())),
    }
    return [
        at.but(quantity=quantity, label=f"{at.label}, {label}", unit="patients").row("count", k)
        for quantity, (label, k) in found.items()
    ]


def _measured(desk: Desk, at: Scope, d: pd.Series, digits: tuple[int, int]) -> Rows:
    """All pairs measured: mean log2 change, its fold, exact tests."""
    x, plan = d.to_numpy(float), desk.plan
    moved = at.but(quantity="log2fc")
    rows = blocks.summary(moved, x, digits)
    t = paired.mean_change(x, plan.conf_level)
    rows += ard.result_rows(moved, "t", t, INTERVAL)
    rows += _fold(at, t)
    rows += ard.result_rows(
        moved, "signflip", ard.printable(blocks.sign_flip(desk, moved, x), plan.alpha), ("p",)
    )
    rows += ard.result_rows(
        moved, "signedrank", ard.printable(paired.signed_rank(x), plan.alpha), ("p",)
    )
    return rows + ard.result_rows(moved, "hl", paired.hodges_lehmann(x, plan.conf_level), ESTIMATE)


def _fold(at: Scope, t: Result, ending: str = "") -> Rows:
    """Back-transformed mean as ratio (1 is no change) and as percent change."""
    ends = {"estimate": t.estimate, "ci_low": t.ci_low, "ci_high": t.ci_high}
    ratio = {k: 2.0**v for k, v in ends.items()}
    back = t.but(method=FOLD[0], convention=f"{FOLD[1]}; Student t on log2", **ratio)
    percent = back.but(**{k: 100 * (v - 1) for k, v in ratio.items()})
    rows = ard.result_rows(
        at.but(quantity=f"fold{ending}"), "", back, ESTIMATE, unit="ratio", digits=2
    )
    return rows + ard.result_rows(
        at.but(quantity=f"percent{ending}"), "", percent, ESTIMATE, unit="%", digits=1
    )


def _bounded(
    desk: Desk,
    marker: Marker,
    at: Scope,
    df: pd.DataFrame,
    cens: pd.Series,
    digits: tuple[int, int],
) -> Rows:
    """Some pairs censored: scores of direction; above the share allowed, detection only."""
    plan = desk.plan
    many = f"{int(cens.sum())} of {len(df)} pairs with a limit"
    test = censored.gehan_paired(num(df["DIRECTION"]))
    if cens.mean() > plan.biomarkers.censored_max:
        test = test.but(p=NAN, estimate=NAN, note=f"{many}: detection frequency only")
    way = at.but(quantity="direction", unit="")
    rows = ard.result_rows(way, "gehan", test, ("estimate",), digits=2)
    rows += ard.result_rows(way, "gehan", ard.printable(test, plan.alpha), ("p",))
    if not _has_log(marker):
        return rows
    refused = Result(FOLD[0], n=len(df), conf_level=plan.conf_level, note=f"{many}: no mean")
    rows += ard.result_rows(at.but(quantity="fold"), "", refused, ESTIMATE, unit="ratio")
    if cens.mean() <= plan.biomarkers.censored_max:
        rule = desk.study.assays[marker.assay].blq.sensitivity
        at = at.but(estimand=f"{rule} in place of values below the limit (sensitivity)")
        sub = at.but(quantity="log2fc_sub")
        d = _substituted(df, marker.scale, 1.0 if rule == "lloq/2" else 0.0)
        rows += blocks.summary(sub, d, digits)
        t = paired.mean_change(d, plan.conf_level)
        rows += ard.result_rows(sub, "t", t, INTERVAL)
        rows += _fold(at, t, "_sub")
    return rows


def _substituted(df: pd.DataFrame, scale: str, less: float) -> np.ndarray:
    """log2 change with the limit, `less` log2 units lower, in place of a value below it."""

    def level(value: str, cens: str) -> np.ndarray:
        x, below = num(df[value]).to_numpy(float), (df[cens] == "<").to_numpy()
        x = np.log2(x) if scale == "linear" else x
        return np.where(below, x - less, x)

    return level("AVAL", "AVALCENS") - level("BASE", "BASECENS")


def _real(desk: Desk, marker: Marker, at: Scope, df: pd.DataFrame) -> Rows:
    """Patients past the reference change value, and how many chance alone would give."""
    if not marker.has_rcv:
        return []
    here = at.but(quantity="rcv", label=f"{at.label}, past the reference change value")
    rows = blocks.count(here, int((df["RCVFL"] == "Y").sum()))
    note = "5 % of the pairs: what within-person variation alone would give"
    chance = here.but(quantity="rcv_by_chance", label=f"{here.label}, by chance", unit="patients")
    return [*rows, chance.row("estimate", 0.05 * len(df), note=note, digits=1)]


def _with_endpoints(
    desk: Desk, at: Scope, mine: pd.Series, name: str, visit: str, any_censored: bool
) -> Rows:
    """Exploratory: change of the marker against change of an endpoint, by ranks; r in support."""
    rows: Rows = []
    for code, dataset in desk.plan.biomarkers.correlate.items():
        where = both(
            is_("PARAMCD", code), is_("AVISIT", visit), 'ANL01FL=="Y"', desk.group(name).where
        )
        other = by_subject(desk.select(dataset, where), "CHG")
        both_ = mine.index.intersection(other.index)
        here = at.but(
            quantity=f"corr_{code.lower()}", unit="", digits=2, estimand="exploratory",
            label=f"{at.label}, change against change of {desk.study.endpoints[code].param}",
        )  # fmt: skip
        methods = {"spearman": correlation.spearman}
        if desk.plan.biomarkers.pearson:
            methods["pearson"] = correlation.pearson
        for method, correlate in methods.items():
            r = correlate(
                mine.loc[both_],
                other.loc[both_],
                desk.plan.conf_level,
                seed=desk.seed(f"{method} {at.id(code)}"),
            )
            if any_censored:
                r = Result(r.method, r.convention, len(both_), note="some pairs with a limit")
            rows += ard.result_rows(
                here, method, ard.printable(r, desk.plan.alpha), (*ESTIMATE, "p")
            )
    return [_say(r, r["NOTE"] or "n too small, or no spread: no interval") for r in rows]


def _lots(desk: Desk, markers: list[Marker], name: str, visit: str) -> list[Measured]:
    """Markers of each compartment that were measured in every pair, and are no single value."""
    lots: dict[str, Measured] = {}
    for marker in markers:
        where = both(
            marker.where, is_("AVISIT", visit), 'ANL01FL=="Y"', PAIRED, desk.group(name).where
        )
        df = desk.select("adbm", where)
        limits = ((df["BASECENS"] != "") | (df["AVALCENS"] != "")).any()
        if _has_log(marker) and len(df) > 1 and not limits:
            at = _scope(desk, marker, name, visit, where).but(quantity="log2fc", n=len(df))
            lots.setdefault(marker.compartment, []).append((at, by_subject(df, "LOG2FC")))
    return list(lots.values())


def _overall(desk: Desk, markers: list[Marker], name: str, rows: Rows) -> Rows:
    """How many analytes of a compartment could be tested, and how many had p below the bound."""
    out: Rows = []
    for compartment in dict.fromkeys(m.compartment for m in markers):
        parts = {m.part for m in markers if m.compartment == compartment}
        for visit in desk.later_visits:
            tests = [
                r["VALUE"]
                for r in rows
                if r["GROUP"] == name and r["AVISIT"] == visit and r["STAT"] == "p"
                and r["ID"].split(".")[1] in parts
                and r["ID"].endswith((".log2fc.signflip.p", ".direction.gehan.p"))
            ]  # fmt: skip
            if not tests:
                continue
            at = desk.scope(
                "biomarker", name, param=compartment.lower(), dataset="adbm", avisit=visit,
                label=f"{compartment.capitalize()} biomarkers", unit="biomarkers",
                where=both(is_("COMPART", compartment), is_("AVISIT", visit), 'ANL01FL=="Y"',
                           desk.group(name).where),
            )  # fmt: skip
            tested = [p for p in tests if not math.isnan(p)]
            below = sum(p <= desk.plan.alpha for p in tested)
            said = {
                "declared": ("declared", len(tests)),
                "tested": ("tested", len(tested)),
                "nominal": (f"with p at most {desk.plan.alpha:g} before adjustment", below),
            }
            for quantity, (label, k) in said.items():
                here = at.but(quantity=quantity, label=f"{at.label}, {label}")
                out.append(here.row("count", k))
            chance = at.but(quantity="nominal_by_chance", label=f"{at.label}, expected by chance")
            out.append(chance.row("estimate", desk.plan.alpha * len(tested), digits=1))
    return out
