"""Files of statistics programs (SAS transport, sas7bdat, SPSS, Stata), with their labels."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import re
import tempfile
from pathlib import Path

import pandas as pd

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.export import SUBJECTS, VISITS, Export, FormTable, counts, guess, keyed_rows

XPT = b"HEADER RECORD*******LIB"
_MEMBER = re.compile(rb"HEADER RECORD\*{7}MEM(BER|BV8)  ?HEADER RECORD!{7}")
SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
CPORT = b"**COMPRESSED** **COMPRESSED**"
_SPSS = (b"$FL2", b"$FL3")
#: the same beginning as a data set, another kind within it
SAS7BCAT = bytes.fromhex("000000000000000000000000c2ea8163b31411cfbd92080009c7318c181f1011")
_STATA = (b"<stata_dta>",)
#: releases of Stata before 13: number of the format, order of bytes, 1, 0
_OLD_STATA = re.compile(rb"^[\x66-\x73][\x01\x02]\x01\x00", re.DOTALL)
#: codes of missing values that a note tells at most
_SHOWN = 5
_NAMES = {
    "xpt": "SAS transport",
    "sas7bdat": "SAS data set",
    "sav": "SPSS data",
    "dta": "Stata data",
}


def kind_of(content: bytes) -> str:
    """'xpt', 'sas7bdat', 'sav', 'dta', or '' for anything else."""
    if content.startswith(XPT):
        return "xpt"
    if content[: len(SAS7BDAT)] == SAS7BDAT:
        return "sas7bdat"
    if content.startswith(_SPSS):
        return "sav"
    return "dta" if content.startswith(_STATA) or _OLD_STATA.match(content) else ""


def read_statistics(
    content: bytes, shown: str, *, catalog: Path | None = None, subject: str = "", visit: str = ""
) -> Export:
    """Data sets of a file as form tables; SRCLINE is the number of the record.

    Numbers lose a needless point, dates become ISO text, special missing values stay missing.

    Parameters
    ----------
    content : bytes
    shown : str
    catalog : path, optional
        A SAS catalog (sas7bcat) with the labels of codes.
    subject, visit : str
        Columns of the subject and the visit; guessed when not given.

    Raises
    ------
    InputErrors
        A damaged file, or a form of it that nobody can read (CPORT).
    """
    kind = kind_of(content)
    parts = _members(content) if kind == "xpt" else [content]
    tables, fields, notes = {}, {}, []
    encoding = ""
    for number, part in enumerate(parts, start=1):
        frame, meta, plain, declared = _load(part, kind, shown, catalog)
        notes += ["dates are left as numbers: one lies out of the calendar"] if plain else []
        name = (meta.table_name or Path(shown).stem or f"table{number}").strip()
        name = name if name not in tables else f"{name}_{number}"
        notes += [f"{name}: {note}" for note in declared]
        cells = pd.DataFrame({c: _text(frame[c]) for c in frame.columns}, index=frame.index)
        key = subject or guess(cells.columns, SUBJECTS)
        event = visit or guess(cells.columns, VISITS)
        rows = keyed_rows(
            cells,
            subject=cells.get(key, ""),
            event=cells.get(event, ""),
            file=shown if len(parts) == 1 else f"{shown}/{name}",
            lines=pd.Series(range(1, len(cells) + 1), dtype="int64"),
        )
        if not key:
            notes.append(f"{name}: no column was taken for the subject")
        tables[name] = FormTable(name, rows, label=meta.file_label or "", kind="record")
        encoding = encoding or str(meta.file_encoding or "")
        for column, label in zip(meta.column_names, meta.column_labels, strict=True):
            codes = meta.variable_value_labels.get(column, {})
            fields[f"{name}.{column}"] = Field(
                name=column,
                form=name,
                type="radio" if codes else "text",
                label=label or "",
                choices={_one(k): str(v) for k, v in codes.items()},
                validation=_validation(frame[column], meta, column),
            )
    return Export(
        file=shown,
        format=_NAMES[kind],
        version=_version(content, kind),
        tables=tables,
        dictionary=Dictionary(fields, shown, key="SUBJECT"),
        encoding=encoding,
        decimal="." if any(f.validation == "number" for f in fields.values()) else "",
        notes=tuple(notes),
        **counts(tables.values()),
    )


def _members(content: bytes) -> list[bytes]:
    """Data sets of a transport file, each as a file of its own."""
    starts = [m.start() for m in _MEMBER.finditer(content) if m.start() % 80 == 0]
    if len(starts) < 2:
        return [content]
    head = content[: starts[0]]
    ends = [*starts[1:], len(content)]
    return [head + content[a:b] for a, b in zip(starts, ends, strict=True)]


def _load(content: bytes, kind: str, shown: str, catalog: Path | None):
    import pyreadstat

    if kind == "xpt" and len(content) % 80:
        raise InputErrors([_damaged(kind, shown)])
    read = {
        "xpt": pyreadstat.read_xport, "sas7bdat": pyreadstat.read_sas7bdat,
        "sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta,
    }[kind]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data.{kind}"
        path.write_bytes(content)
        for encoding, plain in ((None, False), ("WINDOWS-1252", False), (None, True)):
            with contextlib.suppress(UnicodeDecodeError, OverflowError, pyreadstat.ReadstatError):
                frame, meta = read(str(path), encoding=encoding, disable_datetime_conversion=plain)
                if catalog and kind == "sas7bdat":  # the labels alone: the codes are the data
                    meta = read(str(path), encoding=encoding, catalog_file=str(catalog))[1]
                if not all(isinstance(c, str) and c for c in meta.column_names):
                    break  # a damaged file may leave a column without its name
                declared = []
                if kind != "xpt":
                    told = {"encoding": encoding, "disable_datetime_conversion": plain}
                    declared = _declared(frame, read(str(path), user_missing=True, **told)[0])
                return frame, meta, plain, declared
    raise InputErrors([_damaged(kind, shown)])


def _declared(frame: pd.DataFrame, whole: pd.DataFrame) -> list[str]:
    """Notes of values that the file declares missing (SPSS), or tells the kind of (.a of Stata)."""
    notes = []
    for column in frame.columns[frame.isna().any().to_numpy() | (frame == "").any().to_numpy()]:
        codes = [c for a, b in zip(frame[column], whole[column], strict=True)
                 if not _one(a) and (c := _one(b))]  # fmt: skip
        some = sorted(set(codes))
        shown = ", ".join(some[:_SHOWN]) + (" ..." if len(some) > _SHOWN else "")
        if codes:
            notes.append(f"{len(codes)} values of {column} are declared missing: blank ({shown})")
    return notes


def _damaged(kind: str, shown: str) -> Problem:
    return Problem(
        f"The file begins as {_NAMES[kind]} but cannot be read: damaged or cut off",
        shown,
        "Export it again; a transport file must travel in binary mode",
    )


def _text(column: pd.Series) -> pd.Series:
    return pd.Series([_one(v) for v in column], index=column.index, dtype=str)


def _one(value: object) -> str:
    """A value as text: whole numbers without a point, dates as ISO."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value).strip()


def _validation(column: pd.Series, meta: object, name: str) -> str:
    sample = next((v for v in column if not pd.isna(v)), None)
    if isinstance(sample, dt.datetime):
        return "datetime_seconds_ymd"
    if isinstance(sample, dt.date):
        return "date_ymd"
    return "number" if isinstance(sample, (int, float)) else ""


def _version(content: bytes, kind: str) -> str:
    if kind == "xpt":
        return "8" if content.startswith(b"HEADER RECORD*******LIBV8") else "5"
    if kind == "sas7bdat":
        hit = re.search(rb"\b(\d\.\d{4}M\d)", content[:400])
        return hit[1].decode() if hit else ""
    return ""
