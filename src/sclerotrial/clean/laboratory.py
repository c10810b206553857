"""The laboratory list: tests named, results read, units and reference ranges made one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

import pandas as pd

from sclerotrial.clean.column import UNIFORM_ROWS, UNIFORM_SHARE, Verdict, judge_column
from sclerotrial.clean.numbers import Number, decimal_mark, parse_number
from sclerotrial.clean.units import Resolved, resolve, unit_key
from sclerotrial.errors import did_you_mean
from sclerotrial.read.findings import finding, place
from sclerotrial.study_models import LabTest, Study
from sclerotrial.tabular import plain

#: columns of a clean laboratory form, after the keys and the date
OUT = [
    "test",
    "result",
    "value",
    "cens",
    "unit",
    "ref_low",
    "ref_high",
    "flag",
    "raw_result",
    "raw_unit",
]


def name_key(name: str) -> str:
    """A test's name without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", name).casefold()


def test_codes(tests: Mapping[str, LabTest]) -> dict[str, str]:
    """Every name a test goes by (its code and its label too) -> its code."""
    names = {
        name_key(n): code for code, t in tests.items() for n in (t.param, *t.names) if name_key(n)
    }
    return names | {name_key(code): code for code in tests}


def with_raw(frame: pd.DataFrame) -> pd.DataFrame:
    """A laboratory form that keeps its results and units as written."""
    frame = frame.copy()
    for column in ("unit", "ref_low", "ref_high", "flag"):
        if column not in frame:
            frame[column] = ""
    for raw, column in (("raw_result", "result"), ("raw_unit", "unit")):
        if raw not in frame:
            frame[raw] = frame[column]
    return frame


def clean_lab(
    frame: pd.DataFrame, study: Study, form: str, key: list[str]
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Clean a laboratory form whose dates are ISO already.

    Parameters
    ----------
    frame : DataFrame
        Text columns `test`, `result`, `unit`, `ref_low`, `ref_high`, `flag`, and what
        `with_raw` adds.

    Returns
    -------
    (DataFrame, findings)
        One row a result of a known test: `test` is the PARAMCD, `result` the text in the analysis
        unit, `value` its number (the limit when `cens` is '<' or '>'), limits in the same unit,
        `raw_result` and `raw_unit` as written. Rows of tests that the study does not name are
        excluded, with one finding a name.
    """
    frame, findings = _known_tests(frame, study, form)
    written = (pd.unique(frame[c]) for c in ("result", "ref_low", "ref_high"))
    decimal = decimal_mark(t for texts in written for t in texts)
    judge_result = partial(_judge_result, decimal)
    judge_limit = partial(_judge_limit, decimal)
    texts, notes, _ = judge_column(frame, "result", judge_result, form, key=key)
    findings += notes
    for column in ("ref_low", "ref_high"):
        frame[column], notes, _ = judge_column(frame, column, judge_limit, form, key=key)
        findings += notes
    numbers = {t: parse_number(t) for t in pd.unique(frame["result"])}
    frame["flag"] = [
        flag or (numbers[t].flag if t else "")
        for flag, t in zip(frame["flag"].str.upper(), frame["result"], strict=True)
    ]
    frame["result"] = texts
    frame, notes = _to_analysis_units(frame, study, form, key)
    head = ["USUBJID", "VISIT", "INSTANCE"]
    tail = ["SRCFILE", "SRCLINE"]
    own = [c for c in frame.columns if c not in (*head, *OUT, *tail)]
    return frame[[*head, *own, *OUT, *tail]], findings + notes


def _known_tests(
    frame: pd.DataFrame, study: Study, form: str
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    codes = test_codes(study.laboratory)
    test = frame["test"].map(lambda t: codes.get(name_key(t), ""))
    findings = []
    for (name, file), rows in frame[test == ""].groupby(["test", "SRCFILE"], sort=True):
        near = did_you_mean(name, [n for t in study.laboratory.values() for n in t.names])
        findings.append(
            finding(
                rule="test_not_used",
                severity="warning" if near or not name else "info",
                action="excluded",
                form=form,
                field="test",
                raw=name,
                message=f"The study names no such test: {len(rows)} row(s) left out.{near}",
                file=file,
                line=rows["SRCLINE"].iloc[0],
                key=f"{file}|{name}",
            )
        )
    frame = frame.assign(test=test)
    return frame[test != ""].reset_index(drop=True), findings


def _judge_result(decimal: str | None, text: str) -> Verdict:
    number = parse_number(text, decimal)
    if not text:
        return Verdict("")
    if number.value is None:
        return Verdict(
            "",
            rule="no_result",
            severity="warning",
            action="set missing",
            message="The result is a remark, not a number",
        )
    if number.value < 0:
        return Verdict(
            "",
            rule="negative",
            severity="error",
            action="set missing",
            message="A concentration or count cannot be negative",
        )
    return _tell(number, text)


def _judge_limit(decimal: str | None, text: str) -> Verdict:
    number = parse_number(text, decimal)
    if not text or text in ("-", "–"):
        return Verdict("")
    if number.value is None:
        return Verdict(
            "", rule="not_a_number", action="set missing", message="The limit is no number"
        )
    bare = Number(number.value, "", "", tuple(n for n in number.notes if n != "limit"))
    return _tell(bare, text)


def _tell(number: Number, text: str) -> Verdict:
    notes = [n for n in number.notes if n != "limit"]
    if re.match(r"[≤≥=]|[<>]=", text):
        notes.append("an inclusive limit, taken as a limit")
    if not notes:
        return Verdict(number.text)
    doubtful = "thousands" in notes and re.search(r"\d,\d{3}", text)
    return Verdict(
        number.text,
        rule="number_format",
        severity="warning" if doubtful else "info",
        action="converted",
        message=f"Number written with {' and '.join(notes)}",
        format="" if doubtful else ", ".join(notes),
    )


def _to_analysis_units(
    frame: pd.DataFrame, study: Study, form: str, key: list[str]
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Value, censoring and limits of every row in the unit of the analysis."""
    usual = _usual_units(frame)
    told: set[tuple[str, str, str]] = set()
    findings = []
    out: dict[str, list[str]] = {
        c: [] for c in ("result", "value", "cens", "unit", "ref_low", "ref_high")
    }
    for row in frame.to_dict("records"):
        test = study.laboratory[row["test"]]
        clean, note = _row(row, test)
        for column, cells in out.items():
            cells.append(clean[column])
        if note is None:
            continue
        usual_key = (row["SRCFILE"], row["test"], unit_key(row["unit"]))
        if note["rule"] == "unit_converted" and usual_key in usual:
            if usual_key in told:
                continue
            told.add(usual_key)
            note["message"] += f"; so in {usual[usual_key]} rows of the file, the first is shown"
            findings.append(
                finding(
                    form=form,
                    field="result",
                    file=row["SRCFILE"],
                    line=row["SRCLINE"],
                    key="|".join(usual_key),
                    **note,
                )
            )
        else:
            findings.append(finding(field="result", **note, **place(row, form, key)))
    return frame.assign(**out), findings


def _usual_units(frame: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """(file, test, unit) -> rows, for units that a file mostly uses for a test."""
    units = frame["unit"].map(unit_key)
    usual = {}
    for (file, test), part in units.groupby([frame["SRCFILE"], frame["test"]], sort=True):
        for unit, n in part.value_counts().items():
            if n >= UNIFORM_ROWS and n > UNIFORM_SHARE * len(part):
                usual[file, test, unit] = int(n)
    return usual


def _row(row: Mapping[str, str], test: LabTest) -> tuple[dict[str, str], dict[str, str] | None]:
    """Clean cells of one result, and what there is to tell."""
    number = parse_number(row["result"]) if row["result"] else Number(None)
    factors = {test.unit: 1.0} | dict(test.units)
    if number.value is None:
        found = resolve(0.0, row["unit"], factors, None)
    else:
        found = resolve(
            number.value, row["unit"], factors, test.plausible, censored=bool(number.sign)
        )
    known = found.factor is not None
    value = plain(number.value * found.factor) if number.value is not None and known else ""
    clean = {
        "result": number.sign + value if value else "",
        "value": value,
        "cens": number.sign if value else "",
        "unit": test.unit if value or known else "",
    }
    clean |= _limits(row, test, found, factors)
    if number.value is None:
        return clean, None
    raw = f"{row['raw_result']} {row['raw_unit']}".strip()
    note = _note(found, test, row["unit"])
    return clean, note and note | {
        "raw": raw,
        "value": f"{clean['result']} {test.unit}" if value else "",
    }


def _note(found: Resolved, test: LabTest, label: str) -> dict[str, str] | None:
    if found.factor is None:
        why = f"The unit is none of: {', '.join(test.units)}" if label else "The result has no unit"
        return {
            "rule": "unit_unknown",
            "severity": "error",
            "action": "set missing",
            "message": why + did_you_mean(label, test.units),
        }
    if found.doubt in ("mislabelled", "assumed"):
        said = f"labelled {label}" if label else "without unit"
        return {
            "rule": f"unit_{found.doubt}",
            "severity": "warning",
            "action": "converted" if found.doubt == "mislabelled" else "kept",
            "message": f"{test.param} {said} is taken to be in {found.unit}:"
            " only this unit gives a plausible value",
        }
    if found.doubt == "implausible":
        low, high = test.plausible
        return {
            "rule": "implausible",
            "severity": "warning",
            "action": "kept",
            "message": f"{test.param} outside the plausible {plain(low)} to {plain(high)}"
            f" {test.unit}",
        }
    if found.factor != 1:
        return {
            "rule": "unit_converted",
            "severity": "info",
            "action": "converted",
            "message": f"{test.param} converted from {found.unit} to {test.unit}",
        }
    return None


def _limits(
    row: Mapping[str, str], test: LabTest, found: Resolved, factors: Mapping[str, float]
) -> dict[str, str]:
    """Reference limits in the analysis unit.

    They follow the factor of the result. Where the result's label was wrong, its limits may have
    been printed under the right label: that factor is used under which they are plausible.
    """
    limits = {c: float(row[c]) for c in ("ref_low", "ref_high") if row[c]}
    factor = found.factor
    if factor is None:
        return {"ref_low": "", "ref_high": ""}
    if found.doubt == "mislabelled" and test.plausible and limits:
        labelled = resolve(0.0, row["unit"], factors, None).factor

        def fits(f: float) -> bool:
            return all(
                test.plausible[0] * 0.5 <= v * f <= test.plausible[1] * 1.5 for v in limits.values()
            )

        if not fits(factor) and labelled is not None and fits(labelled):
            factor = labelled
    return {c: plain(limits[c] * factor) if c in limits else "" for c in ("ref_low", "ref_high")}
