"""Scores of the clinical forms as long records: one row a parameter and form record."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.dates import usable
from sclerotrial.derive.entry import as_number, rows_of, take
from sclerotrial.errors import Problem, did_you_mean, raise_if_any
from sclerotrial.instruments import haq, mrss, shaq, transition, vas
from sclerotrial.read.findings import finding, place

COLUMNS = [
    "USUBJID",
    "VISIT",
    "ADT",
    "PARAMCD",
    "PARAM",
    "PARCAT1",
    "AVAL",
    "AVALC",
    "AVALU",
    "NITEMS",
    "SRCDOM",
    "SRCVAR",
    "SRCFILE",
    "SRCLINE",
    "INSTANCE",
]
TOTAL, AREA, CATEGORY = "Clinical score", "mRSS area", "HAQ category"
Row = dict[str, Any]
Notes = list[dict[str, str]]


def questionnaires(study: Any, clean: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, Notes]:
    """Records of all endpoints that belong to adqs.

    Parameters
    ----------
    study : Study
        Sections ``endpoints`` and ``forms``.
    clean : mapping
        The forms that the endpoints name, and ``visit_log`` (date of a visit whose form has none).

    Returns
    -------
    (DataFrame, list of dict)
        `COLUMNS`; AVAL NaN where the score cannot be had (missing items), each with a finding.
        A record without a date takes that of its visit in the visit log, else it has none; a
        value that the instrument does not know is treated as missing.
    """
    rows: list[Row] = []
    notes: Notes = []
    scorers: dict[str, Callable[..., list[Row]]] = {
        "mrss": _mrss,
        "haq": _haq,
        "vas": _vas,
        "shaq": _vas,
        "transition": _transition,
        "number": _number,
    }
    raise_if_any(_unfound(study, clean))
    wanted = {c: e for c, e in study.endpoints.items() if e.dataset == "adqs"}
    read: dict[str, list[Row]] = {}
    for code, endpoint in wanted.items():
        form = endpoint.form
        if form not in read:
            field = study.forms.forms[form].date
            named = [f for e in wanted.values() if e.form == form for f in (e.field, e.line_field)]
            records = take(clean, form, [], dict.fromkeys(f for f in [field, *named] if f))
            read[form] = list(dated(records, form, field, clean, notes))
        for record in read[form]:
            common = _common(record, form)
            for row in scorers[endpoint.instrument](code, endpoint, record, notes):
                rows.append({**common, **row})
    return pd.DataFrame(rows, columns=COLUMNS), notes


def _unfound(study: Any, clean: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Endpoints whose form holds nothing of what they are scored from."""
    items = {
        "mrss": [a["FIELD"] for a in mrss.areas()],
        "haq": [i["FIELD"] for i in haq.items()],
    }
    found = []
    for code, endpoint in study.endpoints.items():
        if endpoint.dataset != "adqs" or endpoint.form not in clean:
            continue
        columns = list(clean[endpoint.form].columns)
        needed = items.get(endpoint.instrument, [endpoint.field or ""])
        if not set(needed) & set(columns):
            own = endpoint.instrument not in items
            what = f"the field {needed[0]!r}" if own else f"items of {endpoint.instrument!r}"
            found.append(
                Problem(
                    f"The form {endpoint.form!r} does not hold {what}."
                    + did_you_mean(needed[0], columns),
                    f"endpoints.yaml, key endpoints.{code}",
                    "Correct form, instrument or field of the endpoint",
                )
            )
    return found


def dated(
    records: pd.DataFrame,
    form: str,
    field: str | None,
    clean: Mapping[str, pd.DataFrame],
    notes: Notes,
) -> Iterable[Row]:
    """Records with ADT: the form's date, else that of the visit, else ''.

    Parameters
    ----------
    records : DataFrame
        From `take`.
    form, field : str
        Form and its date field; None means that the form has no date of its own.
    clean : mapping
        ``visit_log`` gives the day of a visit.
    notes : list
        Findings are added here: date taken from the visit, or no date at all.
    """
    log = take(clean, "visit_log", [], ["visit_date"])
    days = {
        (r["USUBJID"], r["VISIT"]): r["visit_date"]
        for r in rows_of(log)
        if len(usable(r["visit_date"])) == 10
    }
    for record in rows_of(records):
        own = record[field][:10] if field else ""
        date = own if len(usable(own)) == 10 else ""
        if not date:
            date = days.get((record["USUBJID"], record["VISIT"]), "") if record["VISIT"] else ""
            if field:
                notes.append(
                    finding(
                        rule="date_from_visit" if date else "date_none",
                        message="The form has no date; the day of its visit is used"
                        if date
                        else "The record has no date and belongs to no analysis visit",
                        severity="info" if date else "warning",
                        action="converted" if date else "excluded",
                        field=field,
                        value=date,
                        **place(record, form),
                    )
                )
        yield {**record, "ADT": date}


def _common(record: Row, form: str) -> Row:
    keep = {c: record[c] for c in ["USUBJID", "VISIT", "INSTANCE", "ADT", "SRCFILE", "SRCLINE"]}
    blank = {"PARCAT1": TOTAL, "AVALC": "", "NITEMS": math.nan}
    return {**keep, **blank, "SRCDOM": form}


def known_answers(
    record: Row, fields: Iterable[str], valid: Callable[[float], bool], form: str, notes: Notes
) -> dict[str, float]:
    """Numbers of the given fields that the instrument knows.

    Parameters
    ----------
    record : mapping
        From `take`.
    fields : iterable of str
    valid : callable
        Whether a number is a value of the instrument.
    form : str
    notes : list
        A finding for each other number is added here; it is treated as missing.
    """
    out = {}
    for field in fields:
        value = as_number(record.get(field, ""))
        if value is None:
            continue
        if valid(value):
            out[field] = value
        else:
            notes.append(
                finding(
                    rule="score_unknown",
                    message=f"{field} is not a value of the instrument and is treated as missing",
                    severity="error",
                    action="set missing",
                    field=field,
                    raw=record[field],
                    **place(record, form),
                )
            )
    return out


def _incomplete(record: Row, form: str, field: str, message: str, notes: Notes) -> None:
    notes.append(
        finding(
            rule="score_incomplete",
            message=message,
            action="set missing",
            field=field,
            **place(record, form),
        )
    )


def _mrss(code: str, endpoint: Any, record: Row, notes: Notes) -> list[Row]:
    areas = mrss.areas()
    scores = known_answers(record, [a["FIELD"] for a in areas], mrss.is_valid, endpoint.form, notes)
    total = mrss.total(scores)
    needed = endpoint.prorate_from or len(areas)
    prorated, used = mrss.prorated(scores, needed)
    if total is None:
        _incomplete(
            record, endpoint.form, code, f"{used} of 17 areas are scored: no total score", notes
        )
    common = {"AVALU": endpoint.unit, "SRCVAR": "mrss_*"}
    label = f"{endpoint.param}, prorated from {needed} or more areas"
    whole = {"PARAMCD": code, "PARAM": endpoint.param, "AVAL": total, "NITEMS": used}
    part = {"PARAMCD": f"{code}PRO", "PARAM": label, "AVAL": prorated, "NITEMS": used}
    single = [
        {
            "PARAMCD": a["PARAMCD"],
            "PARAM": f"mRSS {a['LABEL'].lower()}",
            "PARCAT1": AREA,
            "AVAL": scores.get(a["FIELD"]),
            "SRCVAR": a["FIELD"],
        }
        for a in areas
    ]
    return [{**common, **row} for row in [whole, part, *single]]


def ticked(record: Row, kind: str) -> list[str]:
    """Codes of the aids, or of the help, that are ticked in a record of the HAQ."""
    return [
        s["CODE"]
        for s in haq.support()
        if s["KIND"] == kind and as_number(record.get(s["FIELD"], "")) == 1
    ]


def _haq(code: str, endpoint: Any, record: Row, notes: Notes) -> list[Row]:
    answers = known_answers(
        record, [i["FIELD"] for i in haq.items()], haq.is_valid, endpoint.form, notes
    )
    scored = haq.categories(
        answers, ticked(record, "aid"), ticked(record, "help"), endpoint.category_rule
    )
    needed = endpoint.min_categories or len(scored)
    count = sum(c.score is not None for c in scored.values())
    di = haq.index(scored, needed)
    if di is None:
        _incomplete(
            record,
            endpoint.form,
            code,
            f"{count} of 8 categories are answered, {needed} are needed: no disability index",
            notes,
        )
    common = {"AVALU": endpoint.unit, "SRCVAR": "haq_*"}
    other = "HAQADI" if code == "HAQDI" else f"{code}A"[:8]
    alone = haq.index(scored, needed, aided=False)
    label = f"{endpoint.param} without aids and help"
    rows = [
        {"PARAMCD": code, "PARAM": endpoint.param, "AVAL": di, "NITEMS": count},
        {"PARAMCD": other, "PARAM": label, "AVAL": alone, "NITEMS": count},
    ]
    for category in haq.categories_in_order():
        score = scored[category["CATEGORY"]]
        rows.append(
            {
                "PARAMCD": category["PARAMCD"],
                "PARAM": f"HAQ {category['LABEL'].lower()}",
                "PARCAT1": CATEGORY,
                "AVAL": score.score,
                "AVALC": f"raised by {', '.join(score.raised_by)}" if score.raised_by else "",
                "NITEMS": score.answered,
                "SRCVAR": f"{_stem(category['CATEGORY'])}* haq_aids* haq_help*",
            }
        )
    return [{**common, **row} for row in rows]


def _stem(category: str) -> str:
    first = next(i["FIELD"] for i in haq.items() if i["CATEGORY"] == category)
    return first.rsplit("_", 1)[0] + "_"


def _vas(code: str, endpoint: Any, record: Row, notes: Notes) -> list[Row]:
    own = endpoint.instrument == "shaq"
    top = endpoint.range[1] if endpoint.range else shaq.HIGHEST if own else 100
    mark = as_number(record.get(endpoint.field, ""))
    # a line that was not measured is taken as printed to its nominal length
    nominal = endpoint.line_mm or (shaq.LINE_MM if top == shaq.HIGHEST else 100)
    line = as_number(record[endpoint.line_field]) or nominal
    value = None
    if mark is not None:
        try:
            value = vas.rescale(mark, line, top)
        except ValueError as error:
            _incomplete(record, endpoint.form, endpoint.field, str(error).capitalize(), notes)
    return [_single(code, endpoint, value)]


def _transition(code: str, endpoint: Any, record: Row, notes: Notes) -> list[Row]:
    known = transition.labels()
    found = known_answers(record, [endpoint.field], lambda v: v in known, endpoint.form, notes)
    value = found.get(endpoint.field)
    words = endpoint.labels or {str(k): v for k, v in known.items()}
    label = "" if value is None else words.get(str(int(value)), "")
    return [{**_single(code, endpoint, value), "AVALC": label}]


def _number(code: str, endpoint: Any, record: Row, _notes: Notes) -> list[Row]:
    return [_single(code, endpoint, as_number(record.get(endpoint.field, "")))]


def _single(code: str, endpoint: Any, value: float | None) -> Row:
    return {
        "PARAMCD": code,
        "PARAM": endpoint.param,
        "AVAL": value,
        "AVALU": endpoint.unit,
        "SRCVAR": endpoint.field,
    }
