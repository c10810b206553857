"""The forms of a study as logic sees them, and findings on what it says of their rows.

The clean forms are read. A cell that cleaning set missing is unknown here, not blank, so that one
error is asked about once; a code for a missing value stays that code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from sclerotrial.clean.specs import KEYS, Spec, data_columns, form_of
from sclerotrial.logic import UNKNOWN, Expression, LogicError, MissingCode, Records, truth
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.findings import MASK, finding, place
from sclerotrial.read.identity import identifiers
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = Mapping[str, pd.DataFrame]
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
        own = (
            *self.study.forms.missing_codes,
            *(project.missing if project else ()),
        )
        return {c.casefold() for c in own}

    def holds(self, text: str, form: str) -> list[object]:
        """Whether a condition holds in each row of a form: True, False or UNKNOWN."""
        return [truth(v) for v in self.records.values(Expression(text, self.today), form)]

    def held(self, form: str, rows: Iterable[int]) -> list[int]:
        """Those of the rows in which the form as read holds anything at all."""
        rows = list(rows)
        cells = self.raw[form][data_columns(self.raw[form])].iloc[rows]
        return [at for at, any_ in zip(rows, (cells != "").any(axis=1), strict=True) if any_]

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


def told_rows(judge: Judge, form: str, column: str, rows: Iterable[int], **said: str) -> Found:
    """One finding for each of the rows, with the cell as it stands.

    Parameters
    ----------
    judge : Judge
    form, column : str
    rows : iterable of int
        Positions in the clean form.
    said : str
        Rule, message, severity, as `finding` takes them.
    """
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


def evaluated(
    judge: Judge, form: str, field: str, text: str, what: str, line: int = 0
) -> tuple[list[object] | None, Expression | None, Found]:
    """Values of a logic of the dictionary, or why there are none.

    Parameters
    ----------
    judge : Judge
    form, field : str
    text : str
        The logic.
    what : str
        What it is, in words.
    line : int
        Line of the field in the dictionary.

    Returns
    -------
    (list or None, Expression or None, findings)
    """
    try:
        expression = Expression(text, judge.today)
        why = judge.records.unknowable(expression)
        if not why:
            return judge.records.values(expression, form), expression, []
    except LogicError as error:
        why = str(error)
    return None, None, _unread(judge, form, field, what, why, line)
