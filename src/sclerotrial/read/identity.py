"""Who a record belongs to: subject ids made one, identifiers dropped, age in place of birth.

Identifying fields are dropped here and nowhere else; their text enters no message.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.read.datetext import evidence, parse_date, settle
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.findings import MASK, finding
from sclerotrial.study_models import Study

_SEPARATORS = re.compile(r"[\s\-_./\u2010-\u2015]+")
_ENTRY = re.compile(r"^(?P<id>.+)--[12]$")
OLDEST = 110


def normal_subject(text: str, pattern: str | None, digits: int | None) -> str | None:
    """A subject id in the form of the study.

    Tried in turn, the first that fits the pattern: as written (trimmed), upper case, without
    separators, the number at the end padded with zeros to `digits`.

    Returns None when nothing fits; without a pattern the trimmed text.
    """
    text = text.strip()
    if not pattern:
        return text
    upper = text.upper()
    bare = _SEPARATORS.sub("", upper)
    candidates = [text, upper, bare, *(_padded(t, digits) for t in (upper, bare))]
    return next((c for c in candidates if re.fullmatch(pattern, c)), None)


def _padded(text: str, digits: int | None) -> str:
    hit = re.fullmatch(r"(.*?)(\d+)(?:\.0)?", text)
    if not hit or not digits:
        return text
    return hit[1] + str(int(hit[2])).zfill(digits)


def shown_id(text: str) -> str:
    """A subject id for a message: initials or a name in its place stay hidden."""
    return text if len(text) <= 12 and re.search(r"\d", text) else MASK


def subjects(
    raw: pd.Series,
    lines: pd.Series,
    study: Study,
    *,
    shown: str,
    column: str,
    blank: bool,
    padded: Sequence[int] = (),
) -> tuple[pd.Series, list[dict[str, str]], list[Problem]]:
    """Subject ids of the rows of a file.

    Parameters
    ----------
    raw, lines : Series
        Ids as written and the lines of their rows.
    shown, column : str
        File and column, for messages.
    blank : bool
        Whether rows may have no subject (unused numbers of an allocation list).
    padded : sequence of int
        Lines whose id had blanks around it, already taken off.

    Returns
    -------
    (Series, findings, problems)
        '' where no id was found; one finding for each other spelling of a subject.
    """
    rule = study.forms.subject
    first = pd.Series(lines.to_numpy(), index=raw.to_numpy()).groupby(level=0, sort=False)
    spellings = pd.DataFrame({"line": first.min(), "rows": first.size()}).sort_values("line")
    normals = {t: normal_subject(t, rule.pattern, rule.digits) for t in spellings.index if t}
    ids = {t: normal or "" for t, normal in normals.items()} | {"": ""}
    problems = []
    for text, line, rows in spellings.itertuples():
        where = f"{shown}, line {line}, field {column}"
        normal = normals.get(text, "")
        if not text and not blank:
            problems.append(
                Problem(
                    f"{rows} row(s) have no subject, the first at this line",
                    where,
                    "Enter the subject's id, or remove the row from the export",
                )
            )
        elif normal is None:
            good = dict.fromkeys(n for n in normals.values() if n)
            hidden = shown_id(text) == MASK
            hint = "" if hidden else did_you_mean(text.upper(), good)
            named = "Initials or a name may belong to several people. " if hidden else ""
            problems.append(
                Problem(
                    f"The subject id {shown_id(text)!r} does not fit the pattern"
                    f" {rule.pattern}.{hint}",
                    where,
                    f"{named}Correct the id at its source, or subject.pattern in forms.yaml",
                )
            )
    found = raw.map(ids).astype(str)
    return found, _spellings(raw, found, lines, set(padded), shown, column), problems


def _spellings(
    raw: pd.Series,
    found: pd.Series,
    lines: pd.Series,
    padded: set[int],
    shown: str,
    column: str,
) -> list[dict[str, str]]:
    """A finding for each row with another spelling of its subject.

    When most rows of a file are written in another form, each spelling is told once.
    """
    told = pd.DataFrame({"raw": raw, "id": found, "line": lines, "rows": 1})
    told["blanks"] = told["line"].isin(padded)
    told = told[((told["raw"] != told["id"]) | told["blanks"]) & (told["id"] != "")]
    if len(told) > 0.5 * len(raw):
        told["rows"] = told.groupby(["raw", "blanks"])["line"].transform("size")
        told = told.drop_duplicates(["raw", "blanks"])
    return [_spelling(*row, shown, column) for row in told.itertuples(index=False)]


def _spelling(
    text: str, normal: str, line: int, rows: int, blanks: bool, shown: str, column: str
) -> dict[str, str]:
    what = "with blanks around it" if blanks and text == normal else "in another form"
    text = f" {text} " if blanks else text
    return finding(
        rule="subject_spelling",
        severity="info",
        action="converted",
        subject=normal,
        field=column,
        raw=shown_id(text),
        value=normal,
        message=f"Subject id written {what}" + (f", in {rows} rows" if rows > 1 else ""),
        file=shown,
        line=line,
        key=f"{shown}|{text}",
    )


def entered_twice(ids: pd.Series) -> bool:
    """Whether any record id is that of one of two entries (`1--1`)."""
    return any(_ENTRY.match(text) for text in ids.unique())


def drop_second_entries(
    ids: pd.Series, lines: pd.Series, *, shown: str, column: str
) -> tuple[pd.Series, list[dict[str, str]], list[Problem]]:
    """Rows to keep when REDCap's double data entry left its two entries (`1--1`, `1--2`) in.

    The merged record alone is analysed; entries never merged are a problem.
    """
    if not entered_twice(ids):
        return pd.Series(True, index=ids.index), [], []
    entry = ids.str.extract(_ENTRY)["id"]
    keep = entry.isna()
    merged = set(ids[keep])
    findings, problems = [], []
    for record, rows in entry.dropna().groupby(entry.dropna(), sort=True):
        line = int(lines[rows.index].min())
        if record in merged:
            findings.append(
                finding(
                    rule="double_entry",
                    severity="info",
                    action="excluded",
                    field=column,
                    raw=shown_id(record),
                    message="First and second entry left out: the merged record is used",
                    file=shown,
                    line=line,
                    key=f"{shown}|{record}",
                )
            )
        else:
            problems.append(
                Problem(
                    f"The two entries of record {shown_id(record)!r} were never merged",
                    f"{shown}, line {line}, field {column}",
                    "Merge the entries in REDCap (Data Comparison Tool) and export again",
                )
            )
    return keep, findings, problems


def identifiers(study: Study, dictionary: Dictionary | None) -> set[str]:
    """Fields that leave no reader: listed in forms.yaml, flagged, or identifying by nature.

    The record id itself stays: it becomes the subject.
    """
    names = set(study.forms.identifiers)
    if study.forms.age:
        names.add(study.forms.age.birth_date)
    if dictionary:
        flagged = {f.name for f in dictionary.fields.values() if f.identifier or f.suspect}
        names |= flagged - {dictionary.record_id}
    return names


def suspected(
    study: Study, dictionary: Dictionary, columns: Iterable[str], shown: str
) -> list[dict[str, str]]:
    """A finding for each field that was dropped though nobody declared it as identifying."""
    declared = {*study.forms.identifiers, study.forms.age.birth_date if study.forms.age else ""}
    return [
        finding(
            rule="undeclared_identifier",
            action="excluded",
            form=f.form,
            field=f.name,
            raw=MASK,
            message="The field seems to identify a person and was dropped;"
            " flag it in the dictionary or list it under identifiers",
            file=shown,
            line=1,
        )
        for f in dictionary.fields.values()
        if f.suspect
        and f.name not in declared
        and f.name in set(columns)
        and f.name != dictionary.record_id
    ]


def no_birth_date(
    study: Study, dictionary: Dictionary, columns: Iterable[str], shown: str
) -> list[dict[str, str]]:
    """A finding when age cannot be derived: the export came without the birth date."""
    rule = study.forms.age
    field = dictionary.fields.get(rule.birth_date) if rule else None
    if field is None or {rule.birth_date, rule.field} & set(columns):
        return []
    message = f"The export has no such column: {rule.field} cannot be derived"
    return [
        finding(
            rule="age_none",
            form=field.form,
            field=rule.birth_date,
            message=message,
            file=shown,
            line=1,
        )
    ]


def whole_years(birth: dt.date, at: dt.date) -> int:
    """Completed years of age; a birthday on 29 February counts from 1 March in other years."""
    return at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))


def reference_dates(subject: pd.Series, dates: pd.Series, study: Study) -> dict[str, str]:
    """First filled date at which age is taken, by subject."""
    filled = (dates != "") & (subject != "")
    first = dict(zip(subject[filled][::-1], dates[filled][::-1], strict=True))
    rule = study.forms.subject
    ids = {text: normal_subject(text, rule.pattern, rule.digits) for text in first}
    return {ids[text]: date for text, date in reversed(first.items()) if ids[text]}


def derive_age(
    form: str,
    cells: pd.DataFrame,
    study: Study,
    order: str | None,
    shown: str,
    taken_at: Mapping[str, str] | None = None,
    codes: Iterable[str] = (),
) -> tuple[pd.Series | None, list[dict[str, str]], list[Problem]]:
    """Age in whole years at the configured date, in the form that holds the birth date.

    Parameters
    ----------
    form : str
    cells : DataFrame
        USUBJID, VISIT, INSTANCE, SRCLINE and the fields as text, the birth date included.
    study : Study
        Section ``forms``.
    order : str or None
        Order of day, month and year where a date leaves it open.
    shown : str
        Path of the file as it is told in findings and problems.
    taken_at : mapping, optional
        Date at which age is taken, by subject, where another form holds it.
    codes : iterable of str
        Codes of missing data that the export declares, beside those of the study.

    Returns
    -------
    ages : Series or None
        None when the form does not hold the birth date, or holds an age of its own.
    findings : list of dict
    problems : list of Problem
    """
    rule = study.forms.age
    if rule is None or rule.birth_date not in cells or rule.field in cells:
        return None, [], []
    ages, findings, problems = [], [], []
    at_texts = cells["USUBJID"].map(taken_at or {}).fillna("").astype(str)
    if rule.at in cells:
        at_texts = cells[rule.at].where(cells[rule.at] != "", at_texts)
    birth_order = settle(evidence(cells[rule.birth_date]), order)
    at_order = settle(evidence(at_texts), order)
    missing = {c.casefold() for c in (*study.forms.missing_codes, *codes)} | {""}
    for row, at_text in zip(cells.to_dict("records"), at_texts, strict=True):
        birth_text = row[rule.birth_date]
        age = ""
        if birth_text.casefold() not in missing:
            birth = parse_date(birth_text, birth_order)
            if birth.precision != "day":
                problems.append(
                    Problem(
                        f"The date of birth cannot be read as a date ({birth.shape})",
                        f"{shown}, line {row['SRCLINE']}, field {rule.birth_date}",
                        "Correct the date at its source: YYYY-MM-DD",
                    )
                )
            elif at_text.casefold() not in missing:
                at = parse_date(at_text, at_order)
                if at.precision == "day":  # an unreadable one is told when that field is cleaned
                    age = str(
                        whole_years(
                            dt.date.fromisoformat(birth.iso[:10]),
                            dt.date.fromisoformat(at.iso[:10]),
                        )
                    )
        if age and not 0 <= int(age) <= OLDEST:
            findings.append(
                finding(
                    rule="age_implausible",
                    severity="error",
                    action="set missing",
                    subject=row["USUBJID"],
                    visit=row["VISIT"],
                    instance=row["INSTANCE"],
                    form=form,
                    field=rule.field,
                    raw=MASK,
                    message=f"Age is not within 0 to {OLDEST} years; check birth and {rule.at}",
                    file=shown,
                    line=row["SRCLINE"],
                )
            )
            age = ""
        ages.append(age)
    return pd.Series(ages, index=cells.index, dtype=str), findings, problems
