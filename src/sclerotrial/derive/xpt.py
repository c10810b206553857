"""SAS transport files (version 5) of the datasets, the same bytes for the same data."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import unicodedata
from pathlib import Path

import pandas as pd
import pyreadstat

from sclerotrial.derive.labels import Variable, datasets, variables
from sclerotrial.files import write_bytes
from sclerotrial.tabular import as_text, num

LONGEST_TEXT = 200
LONGEST_NAME = 8
LONGEST_LABEL = 40
#: where the headers of library and member hold their creation and modification times
_TIMES = (144, 160, 464, 480)
_TIME = b"01JAN70:00:00:00"
#: letters that do not come apart into an ASCII letter and a mark
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "µ": "u", "μ": "u", "α": "alpha",
        "β": "beta", "γ": "gamma", "×": "x", "−": "-", "–": "-", "—": "-", "‘": "'", "’": "'",
        "“": '"', "”": '"', "≤": "<=", "≥": ">=", "±": "+/-", "°": "deg", "…": "...",
    }
)  # fmt: skip


def to_ascii(text: str) -> str:
    """Text in ASCII: marks are dropped, some letters spelled out, the rest becomes '?'."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return bare.encode("ascii", "replace").decode("ascii")


def _label(dataset: str) -> str:
    known = datasets().get(dataset)
    return (known.label if known else dataset)[:LONGEST_LABEL]


def variable(dataset: str, name: str, series: pd.Series) -> Variable:
    """A variable as the metadata table has it, else by its own name and type."""
    known = variables(dataset).get(name)
    if known:
        return known
    kind = "num" if pd.api.types.is_numeric_dtype(series) else "char"
    return Variable(
        name, name[:LONGEST_NAME].upper(), name[:LONGEST_LABEL], kind, LONGEST_TEXT, "Assigned"
    )


def prepare(df: pd.DataFrame, dataset: str) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """The frame as it goes into a transport file, with labels and formats by transport name.

    Parameters
    ----------
    df : DataFrame
        A dataset, typed or as read back from CSV.
    dataset : str
        Name in the metadata table; variables that are not in it are taken as they are, with
        their own name as label.

    Returns
    -------
    (DataFrame, dict, dict)
        Numbers as floats, dates as dates, text in ASCII and cut at 200 characters.

    Raises
    ------
    ValueError
        When two variables have the same transport name, or a number or date cannot be read.
    """
    text = as_text(df)
    out: dict[str, pd.Series] = {}
    names, formats = {}, {}
    for column in df.columns:
        found = variable(dataset, column, df[column])
        name = found.xpt_name
        if name in out:
            raise ValueError(f"two variables of {dataset} become {name}")
        names[name] = to_ascii(found.label)
        if found.type == "date":
            formats[name] = "DATE9."
        out[name] = _converted(text[column], found.type)
    return pd.DataFrame(out), names, formats


def _converted(text: pd.Series, kind: str) -> pd.Series:
    if kind == "num" or (kind == "date" and not (text != "").any()):
        return num(text)
    if kind == "date":
        dates = [dt.date.fromisoformat(v) if v else None for v in text]
        return pd.Series(dates, index=text.index, dtype=object)
    return text.map(lambda v: to_ascii(v)[:LONGEST_TEXT]).astype(str)


def write_xpt(df: pd.DataFrame, path: str | os.PathLike, dataset: str) -> None:
    """Write a dataset as a transport file, whole or not at all.

    Parameters
    ----------
    df : DataFrame
    path : path
    dataset : str
        Also the name of the table inside (at most 8 characters).

    Notes
    -----
    The times in the headers are set to 1 January 1970, so that equal data give equal bytes.
    """
    frame, labels, formats = prepare(df, dataset)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "table.xpt"
        pyreadstat.write_xport(
            frame,
            str(part),
            file_label=_label(dataset),
            column_labels=labels,
            table_name=dataset[:LONGEST_NAME].upper(),
            file_format_version=5,
            variable_format=formats,
        )
        data = bytearray(part.read_bytes())
    for at in _TIMES:
        data[at : at + len(_TIME)] = _TIME
    write_bytes(path, bytes(data))
