"""The one way in which tables are written and read between steps, and numbers printed.

Written numbers carry 12 significant digits, so that another processor gives the same file;
printed numbers are rounded half up from their decimal digits.
"""

from __future__ import annotations

import math
import os
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from sclerotrial.files import write_text

__all__ = [
    "as_text", "cells", "half_up", "num", "p_text", "plain", "read_csv", "records", "sig12",
    "write_csv", "write_text",
]  # fmt: skip

SIGNIFICANT = 12


def sig12(x: float) -> float:
    """Round to 12 significant digits; infinities and NaN stay as they are."""
    x = float(x)
    return x if not math.isfinite(x) else float(f"{x:.{SIGNIFICANT}g}")


def plain(x: object) -> str:
    """Text of one cell: '' for missing, whole numbers without a point, 12 significant digits."""
    if type(x) is str:  # most cells
        return x
    if x is None or x is pd.NA or x is pd.NaT:
        return ""
    if isinstance(x, (bool, np.bool_)):
        return "Y" if x else ""
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    if isinstance(x, (float, np.floating)):
        x = float(x)
        if math.isnan(x):
            return ""
        if math.isinf(x):
            return "inf" if x > 0 else "-inf"
        x = sig12(x)
        if x == int(x) and abs(x) < 1e15:
            return str(int(x))
        return repr(x)
    if isinstance(x, pd.Timestamp):
        stamp = x.isoformat()
        return stamp[:10] if stamp.endswith("T00:00:00") else stamp
    return str(x)


def as_text(df: pd.DataFrame) -> pd.DataFrame:
    """Every cell as the text that is written; the same columns and order."""
    return pd.DataFrame({c: [plain(v) for v in cells(df[c])] for c in df.columns}, dtype=str)


def cells(values: pd.Series) -> list:
    """The cells of a column as plain Python values; text in a tenth of the time of a loop."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.to_numpy(dtype=object).tolist()
    return list(values)


def records(df: pd.DataFrame) -> list[dict[str, object]]:
    """A dict a row, as ``to_dict("records")`` gives it, of text in a tenth of its time."""
    names = list(df.columns)
    columns = [
        cells(df[c]) if isinstance(df[c].dtype, pd.StringDtype) else df[c].tolist() for c in names
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def write_csv(df: pd.DataFrame, path: str | os.PathLike) -> None:
    """Write a table: comma, UTF-8, LF, 12 significant digits, '' for missing."""
    write_text(path, as_text(df).to_csv(index=False, lineterminator="\n"))


def read_csv(path: str | os.PathLike) -> pd.DataFrame:
    """Read a table written by `write_csv`; every cell text, missing ''."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False)


def num(values: pd.Series) -> pd.Series:
    """Text to floats; '' is NaN.

    Raises
    ------
    ValueError
        When a cell is neither empty nor a number: between steps that is a defect of ours.
    """
    text = values.astype(str).str.strip()
    return pd.to_numeric(text.where(text != "", None), errors="raise").astype(float)


def half_up(x: float, digits: int) -> str:
    """Print a number with so many decimals, rounded half up from its decimal digits.

    The decimal digits are those of the 12-significant-digit number, so that 0.285 (stored as
    0.28499999999999998) prints as 0.29. '' for missing. A rounded zero carries no sign.
    """
    if x is None or (isinstance(x, float) and math.isnan(x)):
        return ""
    if math.isinf(float(x)):
        return "∞" if x > 0 else "-∞"
    exact = Decimal(repr(sig12(float(x))))
    shown = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if shown == 0:
        shown = abs(shown)
    return f"{shown:f}"


def p_text(p: float) -> str:
    """Print a p value: three decimals, '<0.001' below."""
    if p is None or math.isnan(p):
        return ""
    return "<0.001" if p < 0.0005 else half_up(p, 3)
