"""Rules within one form: totals, date pairs, scales of another length, duplicates, raters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from sclerotrial.clean.dates import span
from sclerotrial.clean.specs import Spec, data_columns, total_items
from sclerotrial.read.findings import MASK, finding, place
from sclerotrial.study_models import Form
from sclerotrial.tabular import plain

Found = list[dict[str, str]]
#: separators between two events written in one line; a slash needs blanks, a plus too
_TWO_EVENTS = re.compile(r"\s(?:and|&|et|und)\s|;|\s\+\s|\s/\s|\n", re.IGNORECASE)
#: a code of a person (R1, 03) may be shown, anything longer may be a name
_CODE = re.compile(r"[A-Za-z]{0,2}\d{1,4}$")
VAS_LENGTH = 100.0


def rescale_lines(frame: pd.DataFrame, form: Form, name: str) -> tuple[pd.DataFrame, Found]:
    """Distances on a printed line that was not 100 mm long, brought to 100 mm.

    The length stands in a field whose name ends with `line_mm`; it applies to the fields of the
    form that have the range 0 to 100. Afterwards the length is 100.
    """
    length_field = next((c for c in frame.columns if c.endswith("line_mm")), None)
    fields = [f for f, rule in form.fields.items() if rule.range == (0, VAS_LENGTH) and f in frame]
    if length_field is None or not fields:
        return frame, []
    result, findings = frame.copy(), []
    length = pd.to_numeric(frame[length_field], errors="coerce")
    for at in frame.index[length.notna() & (length > 0) & (length != VAS_LENGTH)]:
        row = frame.loc[at]
        for field in fields:
            if not row[field]:
                continue
            try:
                value = plain(float(row[field]) * VAS_LENGTH / length[at])
            except ValueError:
                continue
            result.loc[at, field] = value
            findings.append(
                finding(
                    rule="line_length",
                    severity="warning",
                    action="converted",
                    field=field,
                    raw=row[field],
                    value=value,
                    message=f"The printed line was {plain(length[at])} mm long:"
                    " value brought to 100 mm",
                    **place(row, name),
                )
            )
        result.loc[at, length_field] = plain(VAS_LENGTH)
        findings.append(
            finding(
                rule="line_length",
                severity="warning",
                action="converted",
                field=length_field,
                raw=row[length_field],
                value=plain(VAS_LENGTH),
                message="Length of the printed line; the values on it were brought to 100 mm",
                **place(row, name),
            )
        )
    return result, findings


def totals(frame: pd.DataFrame, form: Form, name: str) -> tuple[pd.DataFrame, Found]:
    """A typed total against its items: the sum of the items is kept.

    With an item missing the total is left as it is, and told when it cannot be right.
    """
    if form.total is None or form.total.field not in frame or frame.empty:
        return frame, []
    field, rule = form.total.field, form.total.rule
    items = total_items(form, data_columns(frame))
    if not items:
        return frame, []
    items_of = frame[items].apply(pd.to_numeric, errors="coerce")
    missing = items_of.isna().sum(axis=1)
    right = items_of.sum(axis=1) if rule == "sum" else items_of.mean(axis=1)
    typed = pd.to_numeric(frame[field], errors="coerce")
    # with items missing a typed sum can be no smaller than what is there; a mean says nothing
    unchecked = typed.notna() & (missing > 0) & ((typed >= right) | (rule == "mean"))
    wrong = typed.notna() & ~unchecked & ((typed - right).abs() > 1e-9)
    result, findings = frame.copy(), []
    for at in frame.index[unchecked | wrong]:
        row, short = frame.loc[at], int(missing[at])
        value = row[field] if short else plain(right[at])
        result.loc[at, field] = value
        if unchecked[at]:
            message = f"{short} item(s) missing: the typed total cannot be checked"
        else:
            message = f"The typed total is not the {rule} of its items ({plain(right[at])})"
        findings.append(
            finding(
                rule="total_unchecked" if unchecked[at] else "total",
                severity="info" if unchecked[at] else "warning",
                action="kept" if short else "converted",
                field=field,
                raw=row[field],
                value=value,
                message=message,
                **place(row, name),
            )
        )
    return result, findings


def pairs(frame: pd.DataFrame, form: Form, specs: dict[str, Spec], name: str) -> Found:
    """Pairs of fields of which the second must not be smaller: start and end of an event."""
    found = []
    for first, second in form.order:
        if first not in frame or second not in frame:
            continue
        if specs[first].kind in ("number", "integer"):
            a, b = (pd.to_numeric(frame[c], errors="coerce") for c in (first, second))
            bad, what = a > b, f"{first} is more than {second}"
        else:
            bad, what = span(frame, first, second), f"{second} lies before {first}"
        for row in frame[bad].to_dict("records"):
            found.append(
                finding(
                    rule="order",
                    severity="error",
                    field=second,
                    raw=row[second],
                    value=row[second],
                    message=f"{what} ({row[first]})",
                    **place(row, name),
                )
            )
    return found


def ongoing(frame: pd.DataFrame, raw: pd.DataFrame, form: Form, name: str) -> Found:
    """Ongoing with an end date, or neither ongoing nor ended.

    The field that says so is the one whose name ends with `_ongoing`; the end is the second of
    the form's first date pair. An end that was given as unknown raises nothing.
    """
    flag = next((c for c in frame.columns if c.endswith("_ongoing")), None)
    end = form.order[0][1] if form.order else None
    if flag is None or end not in frame:
        return []
    both = (frame[flag] == "1") & (frame[end] != "")
    neither = (frame[flag] == "0") & (raw[end] == "")
    found = []
    for mask, rule, severity, message in (
        (both, "ongoing_with_end", "warning", "Marked as ongoing, yet it has an end date"),
        (neither, "no_end", "warning", "Not ongoing, yet it has no end date"),
    ):
        for row in frame[mask].to_dict("records"):
            found.append(
                finding(
                    rule=rule,
                    severity=severity,
                    field=end,
                    raw=row[end],
                    value=row[end],
                    message=message,
                    **place(row, name),
                )
            )
    return found


def several_events(frame: pd.DataFrame, name: str) -> Found:
    """Verbatim terms that seem to hold two events; their text is not shown."""
    found = []
    for column in frame.columns:
        if not column.endswith("verbatim"):
            continue
        for row in frame[frame[column].str.contains(_TWO_EVENTS)].to_dict("records"):
            found.append(
                finding(
                    rule="two_events",
                    severity="info",
                    field=column,
                    raw=MASK,
                    value=MASK,
                    message="The line seems to hold more than one event; split it if so",
                    **place(row, name),
                )
            )
    return found


def serious(frame: pd.DataFrame, name: str) -> Found:
    """Events with admission to hospital that are not marked serious."""
    hosp, flag = (next((c for c in frame if c.endswith(e)), None) for e in ("_hosp", "_serious"))
    if hosp is None or flag is None:
        return []
    return [
        finding(
            rule="hospital_not_serious",
            severity="error",
            field=flag,
            raw=row[flag],
            value=row[flag],
            message="An event with admission to hospital is serious by definition",
            **place(row, name),
        )
        for row in frame[(frame[hosp] == "1") & (frame[flag] == "0")].to_dict("records")
    ]


def other_rater(
    frame: pd.DataFrame, form: Form, name: str, order_of: Callable[[str], float]
) -> Found:
    """Visits of a subject that another person rated than the first visit.

    The rater is the field whose name ends with `_rater`.
    """
    field = next((c for c in frame.columns if c.endswith("_rater")), None)
    if field is None:
        return []
    found = []
    rated = frame[frame[field] != ""]
    for _, rows in rated.groupby("USUBJID", sort=True):
        rows = rows.assign(_at=rows["VISIT"].map(order_of)).sort_values("_at", kind="stable")
        first = rows[field].iloc[0]
        for row in rows[rows[field].str.casefold() != first.casefold()].to_dict("records"):
            raw = row[field] if _CODE.match(row[field]) else MASK
            shown = first if _CODE.match(first) else "another person"
            found.append(
                finding(
                    rule="other_rater",
                    severity="info",
                    field=field,
                    raw=raw,
                    value=raw,
                    message=f"Another rater than at the subject's first visit ({shown})",
                    **place(row, name),
                )
            )
    return found


def duplicates(
    frame: pd.DataFrame, key: list[str], name: str, table: bool
) -> tuple[pd.DataFrame, Found]:
    """Records that stand twice.

    In a table an exact copy, or a second record of the same key, is excluded: of copies the first
    is kept, of records that differ the fullest, then the first by the order of their texts. In a
    repeating form of the CRF a copy is doubted and kept.

    Parameters
    ----------
    key : list of str
        Fields that tell records of a subject apart; empty when nothing does.
    """
    columns = data_columns(frame)
    if not columns:
        return frame, []
    subject = frame["USUBJID"] != ""
    repeats = subject & (frame["INSTANCE"] != "")
    same = ["USUBJID", "VISIT", *columns]
    copies = frame.duplicated(same) & repeats
    findings = []
    firsts = (
        frame[repeats].drop_duplicates(same).set_index(same)["SRCLINE"] if copies.any() else None
    )
    for row in frame[copies].to_dict("records"):
        line = firsts.loc[tuple(row[c] for c in same)]
        findings.append(
            finding(
                rule="duplicate",
                severity="warning",
                action="excluded" if table else "kept",
                message=f"The same record stands at line {line}",
                **place(row, name, key),
            )
        )
    left = frame[~copies] if table else frame
    if not table or not key or not set(key) <= set(columns):
        return left.reset_index(drop=True), findings
    keyed = left[(left[key] != "").all(axis=1) & (left["USUBJID"] != "")]
    # by content, so that the order of the rows decides nothing: the fullest, then by text
    blanks = (keyed[columns] == "").sum(axis=1)
    keyed = keyed.assign(_blanks=blanks).sort_values(["_blanks", *columns], kind="stable")
    keyed = keyed.drop(columns="_blanks")
    again = keyed[keyed.duplicated(["USUBJID", *key])]
    first = keyed.drop_duplicates(["USUBJID", *key]).set_index(["USUBJID", *key])["SRCLINE"]
    for row in again.to_dict("records"):
        line = first.loc[tuple(row[c] for c in ("USUBJID", *key))]
        findings.append(
            finding(
                rule="duplicate_key",
                severity="error",
                action="excluded",
                message=f"Another record of the same {' and '.join(key)} stands at line {line}"
                " and is used",
                **place(row, name, key),
            )
        )
    return left.drop(index=again.index).reset_index(drop=True), findings
