"""Errors of the common kinds met in real exports: each can be mended or asked about, none stops.

A kind says which rows it could befall and what it does to one. In the named set the cells that
carry the published means (skin scores and acute phase at baseline and month 6) are spared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from sclerotrial.simulate import laboratory
from sclerotrial.simulate.cells import Context, Row
from sclerotrial.simulate.key import Defect

LB = 0.45359237

Candidates = Callable[[Context], list[Row]]
Spoil = Callable[[Context, Row, np.random.Generator], Defect]
KINDS: dict[str, tuple[str, Candidates, Spoil]] = {}


def _kind(name: str, cell: str, candidates: Candidates) -> Callable[[Spoil], Spoil]:
    """Register a kind: the cell it takes ('*' the whole row) and the rows it could befall."""

    def add(spoil: Spoil) -> Spoil:
        KINDS[name] = (cell, candidates, spoil)
        return spoil

    return add


def numeric(row: Row, name: str) -> bool:
    """Whether a cell holds a number without sign or mark."""
    return row.get(name, "").replace(".", "", 1).isdigit()


@_kind("subject_id_dash", "*", lambda c: c.lab("WBC", "PLT", "ALT", "CK"))
def _dash(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_lab("subject_id_dash", row, "patient", f"im-{int(row['patient'][2:])}", "mended")


@_kind("subject_id_blanks", "*", lambda c: c.lab("WBC", "PLT", "ALT", "CK"))
def _blanks(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_lab("subject_id_blanks", row, "patient", f" {row['patient']} ", "mended")


@_kind(
    "decimal_comma",
    "weight",
    lambda c: [r for r in c.crf("Week 2", "Month 1", "Month 3") if "." in r.get("weight", "")],
)
def _comma(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf("decimal_comma", row, "weight", row["weight"].replace(".", ","), "mended")


@_kind("missing_code", "pulse", lambda c: [r for r in c.crf() if numeric(r, "pulse")])
def _missing(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf("missing_code", row, "pulse", "-99", "query", "not measured", "")


@_kind(
    "vas_out_of_range",
    "ptga_mm",
    lambda c: [r for r in c.crf("Month 3") if numeric(r, "ptga_mm") and r["vas_line_mm"] == "100"],
)
def _vas(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf("vas_out_of_range", row, "ptga_mm", "104", "query")


@_kind(
    "haq_half_score",
    "haq_hyg_2",
    lambda c: [r for r in c.crf("Month 3") if r.get("haq_hyg_2") in ("1", "2")],
)
def _half(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf("haq_half_score", row, "haq_hyg_2", "1.5", "query")


@_kind(
    "mrss_total_disagrees",
    "mrss_total",
    lambda c: [
        r for r in c.crf("Month 6") if numeric(r, "mrss_total") and int(r["mrss_total"]) < 48
    ],
)
def _total(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf(
        "mrss_total_disagrees",
        row,
        "mrss_total",
        str(int(row["mrss_total"]) + 2),
        "mended",
        "the sum of the areas is right",
    )


@_kind("haemoglobin_g_dl", "*", lambda c: c.lab("Hemoglobin"))
def _hgb(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_lab(
        "haemoglobin_g_dl",
        row,
        "result",
        f"{int(row['result']) / 10:.1f}",
        "mended",
        note="a value in g/dL labelled g/L",
    )


@_kind(
    "weight_in_lb",
    "weight",
    lambda c: [r for r in c.crf("Week 2", "Month 1", "Month 3") if numeric(r, "weight")],
)
def _pounds(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    kg, row["weight_unit"] = float(row["weight"]), "lb"
    return c.in_crf(
        "weight_in_lb", row, "weight", f"{kg / LB:.1f}", "mended", "the unit says lb", f"{kg:g}"
    )


@_kind("crp_mg_dl", "*", lambda c: [r for r in c.lab("CRP") if numeric(r, "result")])
def _crp(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    was = float(row["result"])
    row |= {"unit": "mg/dL", "ref_high": f"{float(row['ref_high']) / 10:g}"}
    return c.in_lab(
        "crp_mg_dl", row, "result", f"{was / 10:.2f}", "mended", note="the unit says mg/dL"
    )


def _dated(c: Context) -> list[Row]:
    """Event rows with a whole start date well after the first week, not of an admission."""
    out = []
    for r in c.repeats("adverse_events"):
        if len(r["ae_start"]) == 10 and r["ae_hosp"] == "0":
            day = c.of[r["record_id"]].day(date.fromisoformat(r["ae_start"]))
            if day > 10:
                out.append(r)
    return out


@_kind(
    "ae_end_before_start", "ae_start", lambda c: [r for r in _dated(c) if len(r["ae_end"]) == 10]
)
def _early_end(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = (date.fromisoformat(row["ae_start"]) - timedelta(days=3)).isoformat()
    return c.in_crf("ae_end_before_start", row, "ae_end", raw, "query")


def _month_after(c: Context) -> list[Row]:
    """Events whose month begins after the first week of treatment."""
    return [
        r
        for r in _dated(c)
        if c.of[r["record_id"]].day(date.fromisoformat(r["ae_start"][:7] + "-01")) > 7
    ]


@_kind("ae_partial_start", "ae_start", _month_after)
def _partial(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf(
        "ae_partial_start",
        row,
        "ae_start",
        row["ae_start"][:7],
        "mended",
        "kept as a partial date; imputed with a flag",
    )


@_kind("duplicate_lab_row", "*", lambda c: c.lab())
def _twice(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    rows = c.sheets[laboratory.PATH].rows
    again = dict(row)
    rows.insert(next(i for i, r in enumerate(rows) if r is row) + 1, again)
    c.used.add((id(again), "*"))
    return c.in_lab(
        "duplicate_lab_row", again, "result", again["result"], "mended", "", "the same line again"
    )


@_kind(
    "trailing_flag",
    "*",
    lambda c: [r for r in c.lab("CRP", "ESR", "ALT", "CK") if r["flag"] == "H"],
)
def _flag(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    row["flag"] = ""
    return c.in_lab("trailing_flag", row, "result", f"{row['result']} H", "mended")


@_kind("haemolysed", "*", lambda c: c.lab("CK", "ALT"))
def _haemolysed(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    row["flag"] = ""
    return c.in_lab("haemolysed", row, "result", "hemolysed", "query", "", "no result")


@_kind(
    "two_events_in_one",
    "ae_verbatim",
    lambda c: [r for r in c.repeats("adverse_events") if r["ae_pt"] == "Nausea"],
)
def _two(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf(
        "two_events_in_one",
        row,
        "ae_verbatim",
        "nausea and heartburn",
        "query",
        "coded as nausea alone",
    )


@_kind("other_rater", "mrss_rater", lambda c: [r for r in c.crf("Month 3") if r.get("mrss_rater")])
def _rater(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = "R2" if row["mrss_rater"] == "R1" else "R1"
    return c.in_crf("other_rater", row, "mrss_rater", raw, "query", "really another rater", raw)


@_kind(
    "vas_line_length",
    "ptga_mm",
    lambda c: [r for r in c.crf("Month 3") if numeric(r, "ptga_mm")],
)
def _line(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    true = {f: row[f] for f in ("ptga_mm", "phga_mm")}
    row |= {f: f"{round(float(x) * 0.98)}" for f, x in true.items()}
    return c.in_crf(
        "vas_line_length",
        row,
        "vas_line_mm",
        "98",
        "mended",
        f"measured on a shorter line; true {true['ptga_mm']} and {true['phga_mm']} mm of 100",
        "98",
    )


@_kind("two_digit_year", "*", lambda c: c.lab("WBC", "PLT", "ALT", "Albumin"))
def _year(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_lab("two_digit_year", row, "date", row["date"][:6] + row["date"][8:], "mended")


@_kind(
    "date_in_other_form",
    "raynaud_date",
    lambda c: [
        r
        for r in c.crf("Screening")
        if len(r.get("raynaud_date", "")) == 10 and int(r["raynaud_date"][8:]) > 12
    ],
)
def _form(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    y, m, d = row["raynaud_date"].split("-")
    return c.in_crf("date_in_other_form", row, "raynaud_date", f"{d}/{m}/{y}", "mended")


@_kind(
    "ongoing_with_end",
    "ae_end",
    lambda c: [r for r in c.repeats("adverse_events") if r["ae_ongoing"] == "1"],
)
def _ongoing(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = c.of[row["record_id"]].end.isoformat()
    return c.in_crf("ongoing_with_end", row, "ae_end", raw, "query", "ongoing at the last contact")


@_kind(
    "stratum_differs",
    "mtx_current",
    lambda c: [
        r
        for r in c.crf("Screening")
        if r.get("mtx_current") == "1" and (id(r), "mtx_dose") not in c.used
    ],
)
def _stratum(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    row["mtx_dose"] = ""
    return c.in_crf(
        "stratum_differs",
        row,
        "mtx_current",
        "0",
        "query",
        "randomised in the methotrexate stratum, and takes it",
    )
