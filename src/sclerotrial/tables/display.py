"""A table as it is shown: cells, the ARD ids behind each cell, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from sclerotrial.tables.source import ABSENT, Numbers
from sclerotrial.tabular import half_up, p_text

SIMULATED = "Simulated data: no patient took part in what is shown here."
MARKS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Display:
    """A table ready for any renderer.

    Attributes
    ----------
    name : str
        File name without ending.
    title, subtitle : str
        What the table shows and in whom.
    frame : DataFrame of str
        ``GROUP`` (heading of a block of rows, '' for none), ``ROW`` (label), then one column of
        printed cells for each remaining column.
    ids : DataFrame of str
        Same columns and length: the ARD ids that a cell is made of, separated by blanks.
    notes : tuple of str
        Below the table, in order.
    simulated : bool
        Every page that shows simulated data says so.
    """

    name: str
    title: str
    subtitle: str
    frame: pd.DataFrame
    ids: pd.DataFrame
    notes: tuple[str, ...] = ()
    simulated: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns of numbers."""
        return [c for c in self.frame.columns if c not in ("GROUP", "ROW")]

    def used(self) -> list[str]:
        """ARD ids shown in the table, each once, in reading order."""
        cells = self.ids[self.columns].to_numpy().ravel() if len(self.ids) else []
        return list(dict.fromkeys(i for cell in cells for i in cell.split()))


@dataclass
class Sheet:
    """Collects rows of a table and the ids behind their cells.

    Parameters
    ----------
    numbers : Numbers
        The ARD.
    columns : sequence of str
        Headings of the columns of numbers.
    """

    numbers: Numbers
    columns: Sequence[str]
    rows: list[dict[str, str]] = field(default_factory=list)
    ids: list[dict[str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def cell(self, template: str, *ids: str) -> tuple[str, str]:
        """Printed cell and its ids: the template's ``{}`` are filled with TEXT of the ids.

        ``ID@COLUMN`` takes another column of the row: a p value's smallest attainable one, an
        interval's achieved level. A dash stands for a cell whose first number is not in the ARD
        or was refused by it; the reason of a refusal becomes a lettered note. A bracket of which
        every number is missing is left out.
        """
        if not ids or ids[0].split("@")[0] not in self.numbers:
            return ABSENT, ""
        texts = [self._text(i) for i in ids]
        known = dict.fromkeys(i.split("@")[0] for i in ids if i.split("@")[0] in self.numbers)
        if texts[0] == ABSENT:
            mark = "" if "@" in ids[0] else self._mark(self.numbers.note(ids[0]))
            return f"{ABSENT}{mark}", " ".join(known)
        if len(texts) > 1 and all(t == ABSENT for t in texts[1:]) and " (" in template:
            return template.split(" (")[0].format(*texts), ids[0]
        return template.format(*texts), " ".join(known)

    def _text(self, id_: str) -> str:
        name, _, column = id_.partition("@")
        if name not in self.numbers:
            return ABSENT
        if not column:
            return self.numbers.text(name)
        cell = self.numbers.cell(name, column)
        if not cell:
            return ABSENT
        value = float(cell)
        if column.startswith("CONF"):
            return f"{half_up(value * 100 if value <= 1 else value, 1).removesuffix('.0')} %"
        return p_text(value)

    def add(self, group: str, label: str, *cells: tuple[str, str]) -> None:
        """Add a row; rows of which every cell is absent from the ARD are left out."""
        if not any(ids for _, ids in cells):
            return
        names = ["GROUP", "ROW", *self.columns]
        self.rows.append(dict(zip(names, [group, label, *(t for t, _ in cells)], strict=True)))
        self.ids.append(dict(zip(names, ["", "", *(i for _, i in cells)], strict=True)))

    def display(
        self, name: str, title: str, subtitle: str, notes: Sequence[str], simulated: bool
    ) -> Display:
        """The table with its notes; columns that are absent throughout are left out."""
        names = ["GROUP", "ROW", *self.columns]
        frame = pd.DataFrame(self.rows, columns=names, dtype=str)
        ids = pd.DataFrame(self.ids, columns=names, dtype=str)
        keep = [c for c in names if c in ("GROUP", "ROW") or (ids[c] != "").any()]
        lettered = [f"{_letter(k)}: {reason}" for k, reason in enumerate(self.reasons)]
        return Display(
            name=name,
            title=title,
            subtitle=subtitle,
            frame=frame[keep],
            ids=ids[keep],
            notes=(*[n for n in notes if n], *lettered),
            simulated=simulated,
        )

    def _mark(self, reason: str) -> str:
        if not reason:
            return ""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return f" [{_letter(self.reasons.index(reason))}]"


def _letter(k: int) -> str:
    return MARKS[k % 26] * (k // 26 + 1)
