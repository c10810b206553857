"""Checks in the logic language: branching, required fields, calculations, rules of the study.

They read the clean forms. A cell that cleaning set missing is unknown here, not blank, so that one
error is asked about once; a code for a missing value stays that code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from sclerotrial.clean.specs import KEYS, Spec, data_columns, form_of
from sclerotrial.errors import Problem
from sclerotrial.logic import UNKNOWN, Expression, LogicError, MissingCode, Records, truth
from sclerotrial.logic.values import number
from sclerotrial.logic.values import text as as_text
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.findings import MASK, finding, place
from sclerotrial.read.identity import identifiers
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = Mapping[str, pd.DataFrame]
#: relative difference up to which a calculation and its stored result are the same
SAME = 1e-6
_LINE = ["SRCFILE", "SRCLINE"]


class Judge:
    """The forms of a study as logic sees them, and what each column should hold.

    Parameters
    ----------
    study : Study
    clean, raw : mapping of form to DataFrame
        After and before cleaning.
    told : mapping of form to specs
    dictionaries : mapping of source to Dictionary
    """

    def __init__(
        self,
        study: Study,
        clean: Frames,
        raw: Frames,
        told: Mapping[str, dict[str, Spec]],
        dictionaries: Mapping[str, Dictionary],
    ) -> None:
        self.study, self.clean, self.told, self.dictionaries = study, clean, told, dictionaries
        self.raw = {name: _aligned(clean[name], raw[name]) for name in clean}
        withheld = set(study.forms.identifiers)
        fields: dict[str, str] = {}
        for name in clean:
            dictionary = dictionaries.get(form_of(study, name).source)
            if dictionary:
                withheld |= identifiers(study, dictionary)
                instrument = form_of(study, name).instrument or name
                fields |= {f.name: name for f in dictionary.of(instrument)}
        self.today = study.forms.exported.isoformat() if study.forms.exported else ""
        self.records = Records(
            forms={n: _seen(clean[n], self.raw[n], self._codes(n)) for n in clean},
            events={e: v.avisit for v in study.visits for e in v.events if e},
            order=[v.avisit for v in study.visits],
            withheld=frozenset(withheld),
            fields=fields,
            instruments={n: form_of(study, n).instrument or n for n in clean},
        )

    def _codes(self, form: str) -> set[str]:
        """Codes for a missing value, of the study and of the form's own project."""
        project = self.dictionaries.get(form_of(self.study, form).source)
        own = (*self.study.forms.missing_codes, *(project.missing if project else ()))
        return {c.casefold() for c in own}

    def holds(self, text: str, form: str) -> list[object]:
        """Whether a condition holds in each row of a form: True, False or UNKNOWN."""
        return [truth(v) for v in self.records.values(Expression(text, self.today), form)]

    def key(self, form: str) -> list[str]:
        """Columns that make a record of a form one."""
        return form_of(self.study, form).key


def _aligned(clean: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """The rows as read that are left after cleaning, in the order of the clean ones."""
    if clean[_LINE].equals(raw[_LINE]):
        return raw
    at = pd.MultiIndex.from_frame(clean[_LINE])
    return raw.set_index(_LINE).reindex(at).reset_index().fillna("")


def _seen(clean: pd.DataFrame, raw: pd.DataFrame, codes: set[str]) -> pd.DataFrame:
    """A form for logic: what cleaning emptied is a missing code, or unknown."""
    seen = {}
    for column in data_columns(clean):
        if column not in raw:
            continue
        before, after = raw[column], clean[column]
        emptied = (after == "").to_numpy() & (before != "").to_numpy()
        if not emptied.any():
            continue
        cells = after.to_numpy(dtype=object).copy()
        for at in emptied.nonzero()[0]:
            text = before.iloc[at]
            cells[at] = MissingCode(text) if text.casefold() in codes else UNKNOWN
        seen[column] = pd.Series(cells, index=clean.index, dtype=object)
    return clean.assign(**seen)


def from_dictionary(judge: Judge) -> Found:
    """Hidden values, blank required fields, calculations, boxes and limits of the dictionary."""
    found: Found = []
    for form in judge.clean:
        for column, spec in judge.told[form].items():
            found += _shown(judge, form, column, spec)
            found += _limits(judge, form, column, spec)
        dictionary = judge.dictionaries.get(form_of(judge.study, form).source)
        if dictionary:
            instrument = form_of(judge.study, form).instrument or form
            for told in dictionary.of(instrument):
                found += _calculation(judge, form, told)
                found += _boxes(judge, form, told)
    return found


def _told(judge: Judge, form: str, column: str, rows: Iterable[int], **said: str) -> Found:
    """One finding for each of the rows, with the cell as it stands."""
    rows = list(rows)
    if not rows:
        return []
    table, raw = judge.clean[form], judge.raw[form]
    spec = judge.told[form].get(column)
    key = judge.key(form)
    # of a wide form the few columns that are told
    names = dict.fromkeys(c for c in (*KEYS, *key, column) if c in table)
    records = table[list(names)].iloc[rows].to_dict("records")
    written = raw[column].iloc[rows] if column in raw else [r.get(column, "") for r in records]
    found = []
    for row, before in zip(records, written, strict=True):
        value = row.get(column, "")
        if spec is not None and spec.free:
            value, before = (MASK if v else "" for v in (value, before))
        found.append(
            finding(
                field=column,
                raw=before,
                value=value,
                **said,
                **place(row, form, key),
            )
        )
    return found


def _unread(judge: Judge, form: str, field: str, what: str, why: str, line: int) -> Found:
    """That a logic of the dictionary was not evaluated: told once a field."""
    file = judge.dictionaries[form_of(judge.study, form).source].file
    return [
        finding(
            rule="logic_not_evaluated",
            severity="info",
            form=form,
            field=field,
            message=f"The {what} of the data dictionary was not evaluated: {why}",
            file=file,
            line=line,
            key=f"{file}|{field}|{what}",
        )
    ]


def _evaluated(
    judge: Judge, form: str, field: str, text: str, what: str, line: int = 0
) -> tuple[list[object] | None, Expression | None, Found]:
    """Values of a logic of the dictionary, or why there are none."""
    try:
        expression = Expression(text, judge.today)
        why = judge.records.unknowable(expression)
        if not why:
            return judge.records.values(expression, form), expression, []
    except LogicError as error:
        why = str(error)
    return None, None, _unread(judge, form, field, what, why, line)


def _shown(judge: Judge, form: str, column: str, spec: Spec) -> Found:
    """Values in fields that the form hides, and blanks in required ones that it shows."""
    if not spec.branching and not spec.required:
        return []
    table, raw = judge.clean[form], judge.raw[form]
    shows: list[object] = [True] * len(table)
    found: Found = []
    if spec.branching:
        values, _, found = _evaluated(judge, form, column, spec.branching, "branching logic")
        if values is None:
            return found
        shows = [truth(v) for v in values]
    empty = "0" if spec.kind == "checkbox" else ""
    filled = ~table[column].isin(["", empty])
    hidden = [i for i, s in enumerate(shows) if s is False and filled.iloc[i]]
    found += _told(
        judge,
        form,
        column,
        hidden,
        rule="hidden_value",
        message="The field holds a value, and its branching logic hides it",
    )
    if spec.required:
        blank = (table[column] == "") & (raw[column] == "")
        lacking = [i for i, s in enumerate(shows) if s is True and blank.iloc[i]]
        found += _told(
            judge, form, column, lacking, rule="required", message="A required field is blank"
        )
    return found


def _limits(judge: Judge, form: str, column: str, spec: Spec) -> Found:
    """Limits that are dates, the day of the export, or other fields."""
    found: Found = []
    for sign, limit, words in (
        (">=", spec.earliest, "before the earliest"),
        ("<=", spec.latest, "after the latest"),
    ):
        if not limit or spec.kind not in ("date", "datetime", "number", "integer"):
            continue
        if limit in ("today", "now"):
            if not judge.today:
                continue
            limit = f"'{judge.today}'"
        elif not limit.startswith("["):
            limit = f"'{limit}'"
        values, _, notes = _evaluated(judge, form, column, f"[{column}] {sign} {limit}", "limit")
        found += notes
        # a blank limit or value says nothing
        other = Expression(limit, judge.today)
        known = judge.records.values(other, form) if values else []
        wrong = [
            i
            for i, v in enumerate(values or [])
            if v is False and judge.clean[form][column].iloc[i] and known[i] not in ("", UNKNOWN)
        ]
        found += _told(
            judge,
            form,
            column,
            wrong,
            rule="range",
            message=f"The value lies {words} that the dictionary allows ({limit})",
        )
    return found


def _calculation(judge: Judge, form: str, told: Field) -> Found:
    """A calculated field against its calculation; one none of whose fields is filled is passed."""
    table = judge.clean[form]
    if not told.calculation or told.name not in table:
        return []
    values, expression, found = _evaluated(
        judge, form, told.name, told.calculation, "calculation", told.line
    )
    if values is None or expression is None:
        return found
    columns = [judge.records.column(r, form) for r in expression.refs if not r.smart]
    for at, value in enumerate(values):
        if told.type == "calc" and value is not UNKNOWN and number(value) is None:
            value = ""  # such a field holds numbers alone: "NaN" or another word leaves it blank
        stored = table[told.name].iloc[at]
        filled = any(c[at] not in ("", "0", UNKNOWN) for c in columns)
        if value is UNKNOWN or _same(stored, value) or not (stored or filled):
            continue
        shown = as_text(value)
        found += _told(
            judge,
            form,
            told.name,
            [at],
            rule="calculation",
            message=f"The calculation gives {shown or 'no value'}"
            if judge.told[form][told.name].kind == "calc"
            else "The calculation gives another text",
        )
    return found


def _same(stored: str, value: object) -> bool:
    a, b = number(stored), number(value)
    if a is not None and b is not None:
        return math.isclose(a, b, rel_tol=SAME, abs_tol=1e-9)
    return stored == as_text(value)


def _boxes(judge: Judge, form: str, told: Field) -> Found:
    """Boxes of one question: none ticked where one must be, too many, 'none' beside others."""
    table = judge.clean[form]
    if told.type != "checkbox":
        return []
    columns = {code: c for code, c in zip(told.choices, told.columns, strict=True) if c in table}
    if not columns:
        return []
    ticked = {code: table[c] == "1" for code, c in columns.items()}
    number_of = sum(t.astype(int) for t in ticked.values())
    found: Found = []
    if told.required:
        shows: list[object] = [True] * len(table)
        if told.branching:
            values, _, _ = _evaluated(judge, form, told.name, told.branching, "branching logic")
            shows = [truth(v) for v in values] if values else [UNKNOWN] * len(table)
        none = [i for i, s in enumerate(shows) if s is True and number_of.iloc[i] == 0]
        found += _told(
            judge, form, told.name, none, rule="required", message="No box of a required question"
        )
    alone = re.search(r"@NONEOFTHEABOVE\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))", told.annotation)
    for code in (next(filter(None, alone.groups()), "") if alone else "").split(","):
        if code.strip() in ticked:
            both = ticked[code.strip()] & (number_of > 1)
            found += _told(
                judge,
                form,
                columns[code.strip()],
                both.to_numpy().nonzero()[0],
                rule="checkbox_exclusive",
                message="'None of these' is ticked beside another box",
            )
    most = re.search(r"@MAXCHECKED\s*=\s*['\"]?(\d+)", told.annotation)
    if most:
        over = (number_of > int(most[1])).to_numpy().nonzero()[0]
        found += _told(
            judge,
            form,
            told.name,
            over,
            rule="checkbox_too_many",
            message=f"More than {most[1]} boxes are ticked",
        )
    blank = {code: table[c] == "" for code, c in columns.items()}
    blanks = sum(b.astype(int) for b in blank.values())
    some = ((blanks > 0) & (blanks < len(columns))).to_numpy().nonzero()[0]
    return found + _told(
        judge,
        form,
        told.name,
        some,
        rule="checkbox_blank",
        message="Some boxes of the question are 0 or 1, others blank",
    )


def rules(judge: Judge) -> tuple[Found, list[Problem]]:
    """The rules of forms.yaml: a finding for each record in which one does not hold.

    Returns
    -------
    (findings, problems)
        Problems name what a rule refers to and the export does not have.
    """
    found: Found = []
    problems: list[Problem] = []
    for rule in judge.study.forms.rules:
        at = f"forms.yaml, key rules, id {rule.id}"
        if rule.form not in judge.clean:
            continue
        table = judge.clean[rule.form]
        boxes = f"{rule.field}___"
        if rule.field not in table and not any(c.startswith(boxes) for c in table):
            problems.append(
                Problem(
                    f"The form {rule.form!r} has no field {rule.field!r}",
                    f"{at}, field",
                    "Name the field of the form that the query is about",
                )
            )
            continue
        try:
            asked = judge.holds(rule.when, rule.form) if rule.when else [True] * len(table)
            good = judge.holds(rule.must, rule.form)
        except LogicError as error:
            problems.append(
                Problem(
                    f"The rule cannot be evaluated: {error.what}",
                    at,
                    "Use fields of the forms: [field], [event][field] or [form.field]",
                )
            )
            continue
        both = zip(asked, good, strict=True)
        wrong = [i for i, (a, g) in enumerate(both) if a is True and g is False]
        found += _told(
            judge,
            rule.form,
            rule.field,
            wrong,
            rule=rule.id,
            severity=rule.severity,
            message=rule.message,
        )
    return found, problems
