"""Errors of the rarer kinds met in real exports; planted by ``--defects every`` or a rate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from sclerotrial.simulate import crf, laboratory, logs
from sclerotrial.simulate.cells import Context, Row
from sclerotrial.simulate.defects import LB, Candidates, Spoil, numeric
from sclerotrial.simulate.key import Defect

KINDS: dict[str, tuple[str, Candidates, Spoil]] = {}
_SCORED = ("Baseline", "Month 3", "Month 6")
_FRENCH = "janv fevr mars avr mai juin juil aout sept oct nov dec".split()  # noqa: SIM905
_GERMAN = "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez".split()  # noqa: SIM905


def _kind(name: str, cell: str, candidates: Candidates) -> Callable[[Spoil], Spoil]:
    def add(spoil: Spoil) -> Spoil:
        KINDS[name] = (cell, candidates, spoil)
        return spoil

    return add


def _filled(field: str, *visits: str) -> Candidates:
    """Rows of the export in which a field is filled."""
    return lambda c: [r for r in c.crf(*visits) if r.get(field)]


def _cell(
    kind: str,
    field: str,
    raw: str | Callable[[Row], str],
    expected: str = "query",
    where: Candidates | None = None,
    visits: tuple[str, ...] = (),
    takes: str = "",
) -> None:
    """A kind that writes one cell of the export.

    Parameters
    ----------
    kind, field : str
    raw : str or callable
        What is written, or what makes it of the row.
    expected : str
    where : callable, optional
        Rows that it could befall; those where the field is filled.
    visits : tuple of str
    takes : str
        The cell it takes, where another kind must not fall on it; the field.
    """

    @_kind(kind, takes or field, where or _filled(field, *visits))
    def spoil(c: Context, row: Row, rng: np.random.Generator) -> Defect:
        return c.in_crf(kind, row, field, raw(row) if callable(raw) else raw, expected)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _shift(field: str, days: int) -> Callable[[Row], str]:
    return lambda r: (_day(r[field]) + timedelta(days=days)).isoformat()


def _repeats(form: str, keep: Callable[[Row], bool]) -> Candidates:
    return lambda c: [r for r in c.repeats(form) if keep(r)]


# --- codes, ranges, required, branching, calculations ---------------------------------------------
_cell("sex_stray_code", "sex", "22", visits=("Screening",))
_cell("choice_label", "sex", lambda r: {"1": "Male", "2": "female"}[r["sex"]], "mended",
      lambda c: [r for r in c.crf("Screening") if r.get("sex") in ("1", "2")])  # fmt: skip
_cell("yes_for_1", "edema", lambda r: "Yes" if r["edema"] == "1" else "No", "mended",
      lambda c: [r for r in c.crf() if r.get("edema") in ("0", "1")])  # fmt: skip
_cell("required_blank", "sex", "", visits=("Screening",))
_cell("hidden_value", "mtx_dose", "15",
      where=lambda c: [r for r in c.crf("Screening") if r.get("mtx_current") == "0"])  # fmt: skip
_cell("calculation_wrong", "mrss_sum", lambda r: str(int(r["mrss_sum"]) + 3), takes="mrss_total")
_cell("blood_pressure_outlier", "sysbp", lambda r: r["sysbp"] + "0")
_cell("pressure_swapped", "diabp", lambda r: str(int(r["sysbp"]) + 5),
      where=lambda c: [r for r in c.crf() if r.get("sysbp") and int(r["sysbp"]) < 130])  # fmt: skip
_cell("text_in_number", "pulse", "see note")
_cell("limit_in_number", "pulse", "<60")
_cell("skin_grade_9", "mrss_face", "9", visits=("Month 3",), takes="mrss_total")
_cell("transition_of_100", "htq", "75")
_cell("dose_over_the_dictionary", "mtx_dose", "150",
      where=_filled("mtx_dose", "Screening"))  # fmt: skip


@_kind("age_101", "birth_date", _filled("birth_date", "Screening"))
def _age(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = f"{int(row['consent_date'][:4]) - 102}{row['birth_date'][4:]}"
    return c.in_crf("age_101", row, "birth_date", raw, "query")


# --- dates ----------------------------------------------------------------------------------------
_cell("excel_serial", "glob_date", lambda r: str((_day(r["glob_date"]) - date(1899, 12, 30)).days),
      "mended")  # fmt: skip
_cell("month_in_french", "haq_date", lambda r: "{0.day} {1} {0.year}".format(
    _day(r["haq_date"]), _FRENCH[_day(r["haq_date"]).month - 1]), "mended")  # fmt: skip
_cell("month_in_german", "vs_date", lambda r: "{0.day}. {1} {0.year}".format(
    _day(r["vs_date"]), _GERMAN[_day(r["vs_date"]).month - 1]), "mended")  # fmt: skip
_cell("two_digit_year_crf", "vs_date", lambda r: _day(r["vs_date"]).strftime("%d-%b-%y"), "mended")
_cell("ambiguous_settled", "htq_date", lambda r: _day(r["htq_date"]).strftime("%d/%m/%Y"), "mended",
      lambda c: [r for r in c.crf() if r.get("htq_date") and _day(r["htq_date"]).day <= 12
                 and abs(_day(r["htq_date"]).day - _day(r["htq_date"]).month) > 0])  # fmt: skip
_cell("month_misread", "mrss_date", _shift("mrss_date", 61), visits=_SCORED)
_cell("date_missing", "haq_date", "", visits=_SCORED)
_cell("missing_code_for_date", "glob_date", "UNK")


@_kind("visit_before_consent", "visit_date", _filled("consent_date", "Screening"))
def _before(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = (_day(row["consent_date"]) - timedelta(days=9)).isoformat()
    return c.in_crf("visit_before_consent", row, "visit_date", raw, "query")


@_kind("visit_out_of_order", "visit_date", _filled("visit_date", "Month 1"))
def _unordered(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = (_day(row["visit_date"]) - timedelta(days=366)).isoformat()
    return c.in_crf("visit_out_of_order", row, "visit_date", raw, "query")


_cell("visit_undated", "visit_date", "", visits=("Week 2",))
_cell("visit_not_done", "visit_done", "0", takes="visit_date",
      where=lambda c: [r for r in c.crf("Week 2", "Month 1")
                       if r.get("visit_done") == "1"])  # fmt: skip
_cell("first_symptom_after_consent", "onset_date", _shift("consent_date", 30),
      where=_filled("onset_date", "Screening"))  # fmt: skip
_cell("last_dose_after_end", "ds_last_dose", _shift("ds_end", 9), where=_filled("ds_end"))
_cell("completion_contradicts", "ds_reason", lambda r: "2" if r["ds_completed"] == "1" else "1")


# --- forms and entries ----------------------------------------------------------------------------
@_kind("form_missing", "*globals", _filled("glob_date", "Month 3"))
def _missing_form(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    for name in ("ptga_mm", "phga_mm", "vas_line_mm"):
        row[name] = ""
    row["globals_complete"] = "0"
    return c.in_crf("form_missing", row, "glob_date", "", "query")


_cell("form_incomplete", "haq_complete", "0", where=_filled("haq_date"))


@_kind("entries_differ", "*entries", _filled("pulse", "Month 1"))
def _entries(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    rows = c.sheets[crf.PATH].rows
    at = next(i for i, r in enumerate(rows) if r is row)
    first = dict(row, record_id=f"{row['record_id']}--1")
    second = dict(row, record_id=f"{row['record_id']}--2", pulse=str(int(row["pulse"]) + 7))
    rows[at + 1 : at + 1] = [first, second]
    return c.in_crf("entries_differ", row, "pulse", row["pulse"], "query", "one entry has 7 more")


# --- numbers and units ----------------------------------------------------------------------------
_cell("pounds_without_unit", "weight", lambda r: f"{float(r['weight']) / LB:.1f}", where=lambda c: [
    r for r in c.crf("Week 2", "Month 1", "Month 3")
    if numeric(r, "weight") and float(r["weight"]) / LB < 175])  # fmt: skip
_cell("line_in_cm", "ptga_mm", lambda r: f"{int(r['ptga_mm']) / 10:.1f}", where=lambda c: [
    r for r in c.crf("Baseline", "Month 3", "Early termination")
    if r.get("ptga_mm", "").isdigit() and int(r["ptga_mm"]) % 10])  # fmt: skip


@_kind("decimal_slip", "*", lambda c: c.lab("PLT", "ALB"))
def _slip(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = f"{float(row['result']) / 10:g}"
    return c.in_lab("decimal_slip", row, "result", raw, "query")


@_kind("creatinine_mg_dl", "*", lambda c: c.lab("CREA", "CREAT", "Creatinine"))
def _creatinine(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = f"{float(row['result']) / 88.42:.2f}"
    return c.in_lab("creatinine_mg_dl", row, "result", raw, "mended")


def _in_lab(
    kind: str, field: str, raw: str | Callable[[Row], str], expected: str, *tests: str
) -> None:
    @_kind(kind, "*", lambda c: c.lab(*tests))
    def spoil(c: Context, row: Row, rng: np.random.Generator) -> Defect:
        return c.in_lab(kind, row, field, raw(row) if callable(raw) else raw, expected)


_in_lab("no_result_qns", "result", "QNS", "query", "ESR", "ALT")
_in_lab("no_result_trace", "result", "trace", "query", "CRP", "ALT")
_in_lab("negative_result", "result", lambda r: f"-{r['result'].lstrip('<')}", "query", "ALT", "ESR")
_in_lab("unknown_unit", "unit", "furlongs", "query", "WBC", "ALB")
_in_lab("unit_blank", "unit", "", "query", "Hemoglobin", "HGB")
_in_lab("test_misspelt", "test", "Hemoglobine X", "query", "Hemoglobin", "HGB")
_in_lab("inclusive_limit", "result", "<=3", "mended", "CRP")
_in_lab("lab_month_name", "date",
        lambda r: f"{r['date'][:2]}-{_FRENCH[int(r['date'][3:5]) - 1]}-{r['date'][6:]}", "mended",
        "ALT", "CK")  # fmt: skip


@_kind("lab_wrong_day", "*", lambda c: c.lab("PLT", "WBC", "ALT"))
def _lab_day(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    d, m, y = row["date"].split("/")
    moved = date(int(y), int(m), int(d)) + timedelta(days=5)
    return c.in_lab("lab_wrong_day", row, "date", moved.strftime("%d/%m/%Y"), "query")


@_kind("lab_wrong_subject", "*", lambda c: c.lab("CK", "NEUT", "ESR"))
def _lab_subject(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    busy = {r["patient"] for r in c.sheets[laboratory.PATH].rows if r["date"] == row["date"]}
    free = sorted(s for s in c.of if s not in busy)
    other = free[int(rng.integers(len(free)))]
    return c.in_lab("lab_wrong_subject", row, "patient", other, "query")


@_kind("lab_result_twice", "*", lambda c: [r for r in c.lab("ALT", "CK") if r["result"].isdigit()])
def _lab_twice(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    rows = c.sheets[laboratory.PATH].rows
    again = dict(row)
    rows.insert(next(i for i, r in enumerate(rows) if r is row) + 1, again)
    c.used.add((id(again), "*"))
    raw = str(int(row["result"]) + 3)
    return c.in_lab("lab_result_twice", again, "result", raw, "query")


# --- adverse events, drugs, doses -----------------------------------------------------------------
def _often(c: Context) -> list[Row]:
    """Events, done with, of terms that stand in three rows or more."""
    rows = c.repeats("adverse_events")
    terms = [r["ae_pt"] for r in rows]
    return [r for r in rows if terms.count(r["ae_pt"]) > 3 and r["ae_ongoing"] == "0"]


def _event(kind: str, field: str, raw: str | Callable[[Row], str], keep: Callable[[Row], bool],
           expected: str = "query") -> None:  # fmt: skip
    _cell(kind, field, raw, expected, _repeats("adverse_events", keep))


_event("grade_missing", "ae_grade", "", lambda r: r["ae_grade"] in ("1", "2"))
_event("fatal_and_mild", "ae_outcome", "5", lambda r: r["ae_grade"] in ("1", "2"))
_event("admission_not_serious", "ae_hosp", "1", lambda r: r["ae_serious"] == "0")
_event("severe_without_action", "ae_action", "0",
       lambda r: r["ae_grade"] in ("3", "4") and r["ae_rel"] in ("2", "3", "4"))  # fmt: skip
_event("laboratory_as_event", "ae_verbatim", "Hb 9.8", lambda r: r["ae_pt"] == "Anaemia")
_cell("term_misspelt", "ae_pt", lambda r: r["ae_pt"][:-2] + r["ae_pt"][-1] + r["ae_pt"][-2],
      where=_often)  # fmt: skip
_cell("no_end", "ae_end", "", takes="ae_start", where=_repeats(
    "adverse_events", lambda r: r["ae_ongoing"] == "0" and r["ae_end"] != ""))  # fmt: skip


def _again(c: Context, row: Row, **changed: str) -> Row:
    """The row once more, as the subject's next instance."""
    rows = c.sheets[crf.PATH].rows
    form = row["redcap_repeat_instrument"]
    mine = [r for r in c.repeats(form) if r["record_id"] == row["record_id"]]
    number = max(int(r["redcap_repeat_instance"]) for r in mine) + 1
    again = dict(row, redcap_repeat_instance=str(number), **changed)
    rows.insert(max(i for i, r in enumerate(rows) if any(r is m for m in mine)) + 1, again)
    return again


@_kind("event_twice", "*event", _repeats("adverse_events", lambda r: len(r["ae_start"]) == 10))
def _event_twice(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    again = _again(c, row)
    c.used |= {(id(row), f) for f in row} | {(id(again), f) for f in row}
    return c.in_crf("event_twice", again, "ae_pt", again["ae_pt"], "query", "the same row again")


@_kind("event_in_two_rows", "*event", _repeats(
    "adverse_events",
    lambda r: len(r["ae_end"]) == 10 and r["ae_grade"] == "1" and r["ae_hosp"] == "0",
))  # fmt: skip
def _event_split(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    start = (_day(row["ae_end"]) + timedelta(days=1)).isoformat()
    end = (_day(row["ae_end"]) + timedelta(days=4)).isoformat()
    again = _again(c, row, ae_start=start, ae_end=end, ae_grade="2")
    c.used |= {(id(row), f) for f in row} | {(id(again), f) for f in row}
    return c.in_crf("event_in_two_rows", again, "ae_pt", again["ae_pt"], "query", "a higher grade")


_cell("dose_in_tablets", "ex_dose", lambda r: str(int(float(r["ex_dose"]) // 100)),
      where=_repeats("dosing", lambda r: float(r["ex_dose"]) >= 100))  # fmt: skip
_cell("dose_of_the_day", "ex_dose", "400", where=_repeats("dosing", lambda r: r["ex_freq"] == "2"))


def _not_last(c: Context) -> list[Row]:
    """Dose intervals that another one of the subject follows."""
    last = {r["record_id"]: r for r in c.repeats("dosing")}
    return [r for r in c.repeats("dosing") if last[r["record_id"]] is not r]


_cell("dose_interval_open", "ex_end", "", where=_not_last)


@_kind("dose_intervals_overlap", "ex_end", _not_last)
def _overlap(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    mine = [r for r in c.repeats("dosing") if r["record_id"] == row["record_id"]]
    after = mine[next(i for i, r in enumerate(mine) if r is row) + 1]
    raw = (_day(after["ex_start"]) + timedelta(days=1)).isoformat()
    return c.in_crf("dose_intervals_overlap", row, "ex_end", raw, "query")


_cell("more_returned", "da_returned", lambda r: str(int(r["da_dispensed"]) + 6))
_cell("methotrexate_daily", "cm_freq", "daily",
      where=_repeats("concomitant_drugs", lambda r: r["cm_drug"] == "methotrexate"))  # fmt: skip
_cell("brand_name", "cm_drug", "Trexall", "mended",
      where=_repeats("concomitant_drugs", lambda r: r["cm_drug"] == "methotrexate"))  # fmt: skip


# --- samples --------------------------------------------------------------------------------------
def _samples(c: Context) -> list[Row]:
    return list(c.sheets[logs.MANIFEST].rows)


@_kind("sample_of_no_visit", "*", _samples)
def _sample_visit(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_sheet("sample_of_no_visit", logs.MANIFEST, row, "visit", "Mont 6", row["subject"])


@_kind("sample_day_off", "*", _samples)
def _sample_day(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = (_day(row["collected"][:10]) + timedelta(days=30)).isoformat() + row["collected"][10:]
    return c.in_sheet("sample_day_off", logs.MANIFEST, row, "collected", raw, row["subject"])


@_kind("sample_twice", "*", _samples)
def _sample_twice(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    again = dict(row)
    c.sheets[logs.MANIFEST].rows.append(again)
    c.used.add((id(again), "*"))
    raw = row["barcode"] + "B"
    return c.in_sheet("sample_twice", logs.MANIFEST, again, "barcode", raw, row["subject"])


@_kind("thawed_25_times", "*", _samples)
def _thawed(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_sheet("thawed_25_times", logs.MANIFEST, row, "freeze_thaw", "25", row["subject"])


_cell("biopsy_barcode_misspelt", "bx_barcode", lambda r: r["bx_barcode"][:-1] + "9X")
