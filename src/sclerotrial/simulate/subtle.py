"""Errors that only a second look shows: beside other visits, other forms, or the design.

Planted by ``--defects every`` or a rate, after all others, in rows whose neighbours are as they
should be: an error in one of two values leaves nobody to say which is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from sclerotrial.simulate import catalogue, crf, laboratory, logs
from sclerotrial.simulate.cells import Context, Row
from sclerotrial.simulate.defects import Candidates, Spoil
from sclerotrial.simulate.key import Defect

KINDS: dict[str, tuple[str, Candidates, Spoil]] = {}
_SCALES = ("ptga_mm", "phga_mm")
_LEFT = tuple(f"mrss_{a}" for a in catalogue.AREAS if a.endswith("_l"))
_RIGHT = tuple(f"mrss_{a}" for a in catalogue.AREAS if a.endswith("_r"))
_ITEMS = {c: tuple(f"haq_{c}_{k + 1}" for k in range(n)) for c, n in catalogue.HAQ_ITEMS.items()}
#: categories with devices, by the page of the questionnaire that lists them
_PAGES = (("dress", "arise", "eat", "walk"), ("hyg", "reach", "grip"))


def _kind(name: str, cell: str, candidates: Candidates) -> Callable[[Spoil], Spoil]:
    def add(spoil: Spoil) -> Spoil:
        KINDS[name] = (cell, candidates, spoil)
        return spoil

    return add


def _others(c: Context, row: Row) -> list[Row]:
    """The subject's rows at other events."""
    mine = [r for r in c.crf() if r["record_id"] == row["record_id"]]
    return [r for r in mine if r is not row and not r.get("redcap_repeat_instrument")]


# --- scales, weight -------------------------------------------------------------------------------
def _scale(c: Context, row: Row) -> str:
    """The scale of a row that would stand out when reversed: the first, '' when none would."""
    for field in _SCALES:
        cells = [r.get(field, "") for r in (row, *_others(c, row))]
        if not cells[0].isdigit() or row.get("vas_line_mm") != "100":
            continue
        value, *rest = [int(x) for x in cells if x.isdigit() and int(x) <= 100]
        if len(rest) < 2 or max(rest) - min(rest) > 28:
            continue
        middle = float(np.median(rest))
        if abs(value - middle) <= 18 and abs(100 - value - middle) >= 52:
            return field
    return ""


@_kind("scale_reversed", "ptga_mm", lambda c: [r for r in c.crf() if _scale(c, r)])
def _reversed(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    field = _scale(c, row)
    return c.in_crf("scale_reversed", row, field, str(100 - int(row[field])), "query")


def _swap(text: str) -> str:
    """A weight with its first two digits exchanged."""
    return text[1] + text[0] + text[2:]


def _weighed(c: Context) -> list[Row]:
    """Rows whose weight, two digits exchanged, is possible and yet far from the others."""
    out = []
    for row in c.crf("Week 2", "Month 1", "Month 3"):
        text = row.get("weight", "")
        entered = (id(row), "*entries") in c.used
        if entered or not text[:2].isdigit() or text[2:3] not in ("", "."):
            continue
        others = [
            float(r["weight"])
            for r in _others(c, row)
            if r.get("weight_unit") == "kg" and r.get("weight", "").replace(".", "", 1).isdigit()
        ]
        if len(others) < 2 or max(others) > 1.1 * min(others) or row["weight_unit"] != "kg":
            continue
        wrong = float(_swap(text)) / float(np.median(others))
        near = abs(float(text) / float(np.median(others)) - 1) < 0.03
        if near and float(_swap(text)) >= 36 and not 0.85 < wrong < 1.15:
            out.append(row)
    return out


@_kind("both_entries_wrong", "weight", _weighed)
def _both(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    found = c.in_crf("both_entries_wrong", row, "weight", _swap(row["weight"]), "query")
    rows = c.sheets[crf.PATH].rows
    at = next(i for i, r in enumerate(rows) if r is row)
    entries = [dict(row, record_id=f"{row['record_id']}--{k}") for k in (1, 2)]
    rows[at + 1 : at + 1] = entries
    c.used.add((id(row), "*entries"))
    return found


# --- skin score -----------------------------------------------------------------------------------
def _scores(row: Row, fields: tuple[str, ...]) -> list[int]:
    cells = [row.get(f, "") for f in fields]
    return [int(x) for x in cells] if all(x.isdigit() for x in cells) else []


def _some(row: Row, fields: tuple[str, ...]) -> bool:
    """Whether every one of the areas has points."""
    return bool(scores := _scores(row, fields)) and min(scores) > 0


def _two_sided(c: Context) -> list[Row]:
    return [r for r in c.crf("Month 3") if sum(s > 0 for s in _scores(r, _RIGHT)) >= 4]


@_kind("sides_pooled", "mrss_total", _two_sided)
def _pooled(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    true = row[_LEFT[0]]
    row |= dict.fromkeys(_LEFT, "0")
    return c.in_crf("sides_pooled", row, _LEFT[0], "0", "query", truth=true)


def _not_examined(n: int) -> tuple[tuple[str, ...], Candidates]:
    """The last n areas of the form, and rows where all of them have points, here and before."""
    last = tuple(f"mrss_{a}" for a in catalogue.AREAS[-n:])
    return last, lambda c: [
        r
        for r in c.crf("Month 3")
        if _some(r, last)
        and any(_some(o, last) for o in _others(c, r))
        and r["mrss_total"] == str(sum(_scores(r, tuple(f"mrss_{a}" for a in catalogue.AREAS))))
    ]


_SIX, _six = _not_examined(6)
_EIGHT, _eight = _not_examined(8)


@_kind("zero_for_missing", "mrss_total", _six)
def _zeros(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    true = row[_SIX[0]]
    row |= dict.fromkeys(_SIX, "0")
    return c.in_crf("zero_for_missing", row, _SIX[0], "0", "query", "the total is right", true)


@_kind("zero_for_missing_summed", "mrss_total", _eight)
def _zeros_summed(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    true, total = row[_EIGHT[0]], int(row["mrss_total"]) - sum(_scores(row, _EIGHT))
    row |= dict.fromkeys(_EIGHT, "0")
    row |= {f: str(total) for f in ("mrss_total", "mrss_sum") if row.get(f)}
    kind = "zero_for_missing_summed"
    return c.in_crf(kind, row, _EIGHT[0], "0", "query", "the total was added up from them", true)


@_kind("biopsy_score_differs", "bx_site_score", lambda c: [
    r for r in c.crf() if r.get("bx_site_score")])  # fmt: skip
def _biopsy(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = str((int(row["bx_site_score"]) + 1) % 4)
    return c.in_crf("biopsy_score_differs", row, "bx_site_score", raw, "query")


# --- HAQ ------------------------------------------------------------------------------------------
def _idle(row: Row) -> list[str]:
    """Categories of one page answered without any difficulty: two or more, else none."""
    for page in _PAGES:
        free = [k for k in page if (s := _scores(row, _ITEMS[k])) and max(s) == 0]
        if len(free) > 1:
            return free
    return []


@_kind("aids_on_other_page", "haq_hyg_2", lambda c: [r for r in c.crf() if _idle(r)])
def _aids(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    row |= {f"haq_aids___{catalogue.AIDS_OF[k][0]}": "1" for k in _idle(row)}
    field = f"haq_aids___{catalogue.AIDS_OF[_idle(row)[0]][0]}"
    return c.in_crf("aids_on_other_page", row, field, "1", "query", truth="0")


def _raised(row: Row) -> str:
    """A category whose typed score is its items' lifted by an aid or help; '' none."""
    for k, items in _ITEMS.items():
        scores, typed = _scores(row, items), row.get(f"haq_cat_{k}", "")
        if scores and typed.isdigit() and max(scores) < int(typed):
            return k
    return ""


@_kind("category_below_its_aid", "haq_hyg_2", lambda c: [r for r in c.crf() if _raised(r)])
def _category(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    k = _raised(row)
    raw = str(max(_scores(row, _ITEMS[k])))
    return c.in_crf("category_below_its_aid", row, f"haq_cat_{k}", raw, "query")


@_kind("haq_index_typed", "haq_hyg_2", lambda c: [
    r for r in c.crf() if r.get("haq_di") and float(r["haq_di"]) < 2.5])  # fmt: skip
def _index(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    return c.in_crf("haq_index_typed", row, "haq_di", f"{float(row['haq_di']) + 0.25:g}", "query")


@_kind("haq_only_categories", "haq_hyg_2", lambda c: [
    r for r in c.crf("Month 3") if r.get("haq_di") and r.get("haq_dress_1")])  # fmt: skip
def _only(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    true = row["haq_dress_1"]
    row |= {f: "" for items in _ITEMS.values() for f in items}
    return c.in_crf("haq_only_categories", row, "haq_dress_1", "", "query", truth=true)


# --- drugs, allocation ----------------------------------------------------------------------------
def _dosed(c: Context) -> list[Row]:
    said = {r["record_id"]: r.get("mtx_dose", "") for r in c.crf("Screening")}
    return [
        r
        for r in c.repeats("concomitant_drugs")
        if r["cm_drug"] == "methotrexate" and r["cm_dose"] == said.get(r["record_id"])
    ]


@_kind("methotrexate_dose_differs", "cm_dose", _dosed)
def _methotrexate(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    raw = f"{float(row['cm_dose']) + 5:g}"
    return c.in_crf("methotrexate_dose_differs", row, "cm_dose", raw, "query")


def _placebo(c: Context) -> list[Row]:
    """Subjects on placebo; another block has an active one to exchange with."""
    used = [r for r in c.sheets[logs.ALLOCATION].rows if r["subject"]]
    return [r for r in used if r["treatment"] == "PLACEBO" and _partners(used, r)]


def _partners(used: list[Row], row: Row) -> list[Row]:
    return [r for r in used if r["treatment"] == "IMATINIB" and r["block"] != row["block"]]


@_kind("arms_exchanged", "*", _placebo)
def _exchanged(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    pool = _partners([r for r in c.sheets[logs.ALLOCATION].rows if r["subject"]], row)
    other = pool[int(rng.integers(len(pool)))]
    other["treatment"] = "PLACEBO"
    c.used.add((id(other), "*"))
    kind, subject = "arms_exchanged", row["subject"]
    found = c.in_sheet(kind, logs.ALLOCATION, row, "treatment", "IMATINIB", subject)
    found.note = f"with {other['subject']}: blocks {row['block']} {other['block']}"
    return found


# --- laboratory -----------------------------------------------------------------------------------
def _panel(c: Context, patient: str, day: str) -> list[Row]:
    """A day's rows of a patient when none of them was touched, else none."""
    rows = [
        r for r in c.sheets[laboratory.PATH].rows if r["patient"] == patient and r["date"] == day
    ]
    touched = any((id(r), "*") in c.used for r in rows)
    return rows if len(rows) == len(catalogue.LABORATORY) and not touched else []


def _spare(c: Context) -> list[Row]:
    """Results whose panel is whole, and whose test stands alone nowhere near."""
    lost = [r for r in c.sheets[laboratory.PATH].rows if (id(r), "*") in c.used]
    busy = {(r["test"], r[k]) for r in lost for k in ("patient", "date")}
    return [
        r
        for r in c.lab()
        if not {(r["test"], r["patient"]), (r["test"], r["date"])} & busy
        and _panel(c, r["patient"], r["date"])
    ]


@_kind("lab_test_missing", "*", _spare)
def _test(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    rows = c.sheets[laboratory.PATH].rows
    mine = _panel(c, row["patient"], row["date"]) or [
        r for r in rows if r["patient"] == row["patient"] and r["date"] == row["date"]
    ]
    c.gone.append(rows.pop(next(i for i, r in enumerate(rows) if r is row)))
    left = next(r for r in mine if r is not row)
    c.used |= {(id(r), "*") for r in mine}
    note = f"{row['test']} was not reported"
    return c.in_lab("lab_test_missing", left, "test", left["test"], "query", note=note)


def _bled(c: Context) -> list[Row]:
    """Visits whose panel is whole and the only blood taken around them."""
    out = []
    for row in c.crf("Week 2", "Month 1"):
        if row.get("visit_done") != "1" or not row.get("visit_date"):
            continue
        if _panel(c, row["record_id"], date.fromisoformat(row["visit_date"]).strftime("%d/%m/%Y")):
            out.append(row)
    return out


@_kind("lab_panel_missing", "visit_date", _bled)
def _no_panel(c: Context, row: Row, rng: np.random.Generator) -> Defect:
    day = date.fromisoformat(row["visit_date"]).strftime("%d/%m/%Y")
    panel, sheet = _panel(c, row["record_id"], day), c.sheets[laboratory.PATH]
    c.gone += panel
    gone = {id(r) for r in panel}
    sheet.rows[:] = [r for r in sheet.rows if id(r) not in gone]
    note = "no result of the day"
    return c.in_crf("lab_panel_missing", row, "visit_date", row["visit_date"], "query", note)
