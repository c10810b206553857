"""Building the tidy long table: numbers with their marks, and what cannot be read told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from sclerotrial.assays.formats._common import COLUMNS, decimal_mark, number, refuse
from sclerotrial.errors import Problem, raise_if_any

Rows = list[tuple[int, list[str]]]

#: Words that instruments write in place of a number, and the flag each stands for.
WORDS = {
    "***": "no_value", "---": "outlier", "range?": "out_of_range",
    "masked": "masked", "mask": "masked", "path?": "no_value", "err": "no_value",
    "error": "no_value", "no value": "no_value", "no fit": "no_value", "no sample": "no_value",
    "nofit": "no_value", "not calculated": "no_value", "failed": "no_value", "fail": "no_value",
    "missed": "no_value", "overflow": ">", "ovrflw": ">", "ovrflow": ">", "over": ">", "overrange": ">", "saturated": ">",
    "sat": ">", "#sat": ">", "#low": "<", "#high": ">",
    "oor >": ">", "oor>": ">", "oor <": "<", "oor<": "<", "> max": ">",
    ">max": ">", "< min": "<", "<min": "<", "above": ">", "below": "<", "high": ">", "low": "<",
    "above fit curve range": ">", "below fit curve range": "<", "inf": ">", "-inf": "<",
    "infinity": ">", "oor": "out_of_range", "###": "no_value", "removed": "removed",
    "#n/a": "no_value", "#div/0!": "no_value", "#num!": "no_value", "#value!": "no_value",
    "undetermined": "undetermined", "undet": "undetermined", "undet.": "undetermined",
    "no ct": "undetermined", "no cq": "undetermined", "noct": "undetermined", "out": "out_of_range",
}  # fmt: skip
_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9]\d?)")
#: how a cell that may hold a number begins
_FIGURE = re.compile(r"[*<>= ]*[-+]?[.,]?\d")
_HINT = "Export the results again; do not edit the file by hand"
#: Names that say what is in a well, whatever the instrument.
_TASKS = (
    ("NTC", re.compile(r"(ntc|no[ _-]?template.*|neg(ative)?[ _-]?(ctrl|control)|nac)[ _-]?\d*",
                       re.I)),
    ("BLANK", re.compile(r"(b|bl|blk|blank|background|bkg|bg|buffer)[ _-]?\d*", re.I)),
    ("STANDARD", re.compile(r"(s|st|std|stds|standards?|cal|calibrators?)[ _-]*0*\d*", re.I)),
    ("CONTROL", re.compile(r"(c|co|ctl|ctrl|controls?|qc|pc|nc|hc|lc|ctl|pos|neg|"
                           r"(positive|negative|high|low|mid)?[ _-]?(control|ctrl|qc))s?[ _-]*\d*",
                           re.I)),
)  # fmt: skip


def fold(title: str) -> str:
    """Lower case letters and digits only; Cyrillic te of some exports is t."""
    return re.sub(r"[^a-z0-9%]", "", title.replace("т", "t").replace("Т", "t").lower())


def well(place: str) -> str:
    """``a01`` is A1; what is no well stays as it is."""
    found = _WELL.fullmatch(place.strip())
    return f"{found.group(1).upper()}{int(found.group(2))}" if found else place.strip()


def is_well(place: str) -> bool:
    """Whether a cell names a well (A1 to AF48)."""
    found = _WELL.fullmatch(place.strip())
    return bool(found) and int(found.group(2)) <= 48


def task(sample: str, default: str = "SAMPLE") -> str:
    """What the name of a well says it holds: SAMPLE, STANDARD, CONTROL, BLANK or NTC."""
    return next((t for t, rx in _TASKS if rx.fullmatch(sample.strip())), default)


def find_header(
    rows: Rows, titles: dict[str, Sequence[str]], needs: Iterable[str], first: int = 0
) -> tuple[int, dict[str, int]] | None:
    """The first row that holds a title of each of `needs`.

    Parameters
    ----------
    rows : list of (line, cells)
    titles : dict
        Key -> folded titles it goes by, the preferred first.
    needs : iterable of str
        Keys that must be there.
    first : int
        Index at which to begin.

    Returns
    -------
    index, columns : int, dict of key -> position; None when there is no such row
    """
    needs = list(needs)
    for i in range(first, len(rows)):
        cells = rows[i][1]
        if len(cells) < len(needs):
            continue
        folded = [fold(c) for c in cells]
        at = {k: next((folded.index(t) for t in v if t in folded), None) for k, v in titles.items()}
        if all(at[k] is not None for k in needs):
            return i, {k: p for k, p in at.items() if p is not None}
    return None


def cell(cells: list[str], at: int | None) -> str:
    """A cell of a row, '' where the row is too short or has no such column."""
    return cells[at] if at is not None and at < len(cells) else ""


class Tidy:
    """Rows of the tidy table of one file.

    Parameters
    ----------
    name : str
        How the file is called (column FILE).
    mark : str, optional
        Decimal mark; by default it is told from all cells added (see `_common.decimal_mark`).
    """

    def __init__(self, name: str, mark: str | None = None) -> None:
        self.name, self.mark = name, mark
        self.rows: list[tuple] = []

    def add(self, quantity: str, text: str, line: int, *, well: str = "", sample: str = "",
            task: str = "SAMPLE", analyte: str = "", unit: str = "", flags: str = "",
            dilution: str = "") -> None:  # fmt: skip
        """Add a reading; a cell that is neither a number nor a known word is a problem.

        Parameters
        ----------
        quantity : str
            Column QUANTITY.
        text : str
            The cell as written.
        line : int
            Where it stands.
        well, sample, task, analyte, unit, flags, dilution : str
            The columns of these names; what the cell itself says joins the flags.
        """
        self.rows.append((well, sample, task, analyte, quantity, text, unit, flags, dilution, line,
                          self.mark))  # fmt: skip

    def table(self, what: str = "The file has no readings") -> pd.DataFrame:
        """The table.

        Raises
        ------
        InputErrors
            Cells that are no number, or no row at all.
        """
        if not self.rows:
            raise refuse(what, self.name, _HINT)
        wells, samples, tasks, analytes, quantities, texts, units, flags, dilutions, lines, marks = (
            zip(*self.rows, strict=True)
        )
        auto = decimal_mark(t for t, m in zip(texts, marks, strict=True) if not m and _FIGURE.match(t))
        keys = list(zip(texts, (m or auto for m in marks), strict=True))
        told = {k: _value(*k) for k in dict.fromkeys(keys)}
        values = [told[k][0] for k in keys]
        if None in values:
            first = values.index(None)
            n = values.count(None)
            more = f"; so in {n} cells" if n > 1 else ""
            where = f"{self.name}, line {lines[first]}, {quantities[first]}"
            raise_if_any([Problem(f"A cell is no number{more}", where, _HINT)])
        said = [(told[k][1], f) for k, f in zip(keys, flags, strict=True)]
        joined = {
            b: " ".join(dict.fromkeys(x for x in " ".join(b).split(" ") if x)) for b in set(said)
        }
        columns = (wells, samples, tasks, analytes, quantities, values, texts, units,
                   [joined[b] for b in said], dilutions)  # fmt: skip
        out = {c: _text(v) for c, v in zip(COLUMNS, columns, strict=False)}
        out["FILE"] = _text([self.name]).take([0] * len(values))
        out["LINE"] = _text([str(n) for n in lines])
        return pd.DataFrame(out, columns=COLUMNS)


def _text(values: Sequence[str]) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="str")


def _value(text: str, mark: str) -> tuple[str | None, str]:
    """Number ('' missing, None no number) and flags of a cell."""
    text = text.strip()
    word = WORDS.get(text.lower())
    if word is None and text and not text.strip("?"):
        word = "no_value"
    if word is not None:
        return "", word
    flags = []
    if text[:1] == "*":
        # both ends: the well was masked; the front only: extrapolated
        flags.append("masked" if len(text) > 1 and text[-1] == "*" else "extrapolated")
        text = text.strip("* ")
    if text[:1] in "<>" and text:
        flags.append(text[0])
        text = text[1:].lstrip("= ")
    return number(text, mark), " ".join(flags)
