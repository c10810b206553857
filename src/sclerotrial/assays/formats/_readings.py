"""Readings of a file, gathered one by one or as whole grids, as the tidy long table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sclerotrial.assays.formats._cells import HINT, mark_of, odd_cells, once
from sclerotrial.assays.formats._common import COLUMNS, refuse
from sclerotrial.assays.formats._frame import column, frame, same, spread, together
from sclerotrial.errors import Problem, raise_if_any

NAMES = pd.Index(COLUMNS)
_LOOSE = ("well", "sample", "task", "analyte", "quantity", "text", "unit", "flags", "dilution",
          "line")  # fmt: skip
_BEFORE = ("well", "sample", "task", "analyte", "quantity")
_DEFAULTS = {"well": "", "sample": "", "task": "SAMPLE", "analyte": "", "unit": "", "flags": "",
             "dilution": ""}  # fmt: skip
#: readings below which it is not worth to repeat texts by their position
_SHORT = 3000
#: different cells up to which they are replaced one after the other
_FEW = 8


@dataclass
class _Block:
    """Readings in rows and columns: `down` holds a text a row, `across` one a column.

    `kept` tells which cells are readings, None for all of them.
    """

    texts: list[str]
    lines: Sequence[int]
    width: int
    mark: str | None
    down: dict[str, Sequence[str]]
    across: dict[str, Sequence[str]]
    every: dict[str, str]
    kept: list[bool] | None = None

    def listed(self, key: str) -> Sequence[str]:
        """A column as a list."""
        if key in self.every:
            return [self.every[key]] * len(self.texts)
        if key in self.across:
            out = list(self.across[key]) * len(self.lines)
        elif self.width == 1:
            return self._only(self.down[key])
        else:
            out = [v for v in self.down[key] for _ in range(self.width)]
        return self._only(out)

    def _only(self, values: Sequence[str]) -> Sequence[str]:
        return values if self.kept is None else list(itertools.compress(values, self.kept))

    def values(self, odd: dict[str, tuple[str, str]]) -> list[str]:
        """Numbers of the cells; the cells themselves where all are plain numbers."""
        told = {t: v for t, (v, _) in odd.items() if v != t}
        return [told.get(t, t) for t in self.texts] if told else self.texts

    def flags(self, odd: dict[str, tuple[str, str]], listed: bool = True) -> list[str] | None:
        """Flags, with what the cells themselves say; None where they say nothing."""
        said = {t: f for t, (_, f) in odd.items() if f}
        if said:
            both = zip(self.texts, self.listed("flags"), strict=True)
            return [once(f"{said.get(t, '')} {f}") for t, f in both]
        for of in (self.down, self.across, self.every):
            if "flags" in of:
                told = of["flags"]
                of["flags"] = once(told) if isinstance(told, str) else [once(t) for t in told]
        return list(self.listed("flags")) if listed else None

    def arrow(self, key: str) -> pa.Array:
        """A column as text of Arrow, repeated there where it is long."""
        n = len(self.lines)
        if key in self.every:
            return same(self.every[key], len(self.texts))
        if key in self.down and self.width == 1:
            return column(self.listed(key))
        if key in self.across:
            values, codes = self.across[key], np.tile(np.arange(self.width, dtype=np.int32), n)
        else:
            values, codes = self.down[key], np.repeat(np.arange(n, dtype=np.int32), self.width)
        return spread(values, codes if self.kept is None else codes[np.array(self.kept)])


class Tidy:
    """Readings of one file, of which the tidy table is made.

    Parameters
    ----------
    name : str
        How the file is called (column FILE).
    mark : str, optional
        Decimal mark; by default it is told from all cells added (see `_common.decimal_mark`).
    """

    def __init__(self, name: str, mark: str | None = None) -> None:
        self.name, self.mark = name, mark
        self._blocks: list[_Block] = []
        self._loose: list[tuple] = []
        self._loose_mark = mark

    def __len__(self) -> int:
        return len(self._loose) + sum(len(b.texts) for b in self._blocks)

    @property
    def analytes(self) -> list[str]:
        """Analytes in the order of the readings."""
        self._close()
        return list(dict.fromkeys(a for b in self._blocks for a in b.listed("analyte")))

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
        if self.mark != self._loose_mark:
            self._close()
        self._loose.append(
            (well, sample, task, analyte, quantity, text, unit, flags, dilution, line)
        )

    def add_grid(self, texts: list[str], lines: Sequence[int], *, down: dict[str, Sequence[str]],
                 across: dict[str, Sequence[str]], width: int, skip_empty: bool = False,
                 **every: str) -> None:  # fmt: skip
        """Add the readings of a table, row by row: as `add` of each, at a fraction of the time.

        Parameters
        ----------
        texts : list of str
            The cells as written, row after row.
        lines : sequence of int
            Where each row stands.
        down, across : dict of str to sequence of str
            What of `add` differs by row, and by column.
        width : int
            Cells of a row.
        skip_empty : bool
            An empty cell is no reading.
        every : str
            What of `add` holds for all of them.
        """
        if not texts:
            return
        self._close()
        kept = list(map(bool, texts)) if skip_empty and "" in texts else None
        texts = texts if kept is None else list(itertools.compress(texts, kept))
        every = {k: v for k, v in (_DEFAULTS | every).items() if k not in down and k not in across}
        self._blocks.append(_Block(texts, lines, width, self.mark, dict(down), across, every, kept))

    def _close(self) -> None:
        if self._loose:
            columns = dict(zip(_LOOSE, zip(*self._loose, strict=True), strict=True))
            texts, lines = columns.pop("text"), columns.pop("line")
            self._blocks.append(_Block(list(texts), lines, 1, self._loose_mark, columns, {}, {}))
            self._loose = []
        self._loose_mark = self.mark

    def table(self, what: str = "The file has no readings") -> pd.DataFrame:
        """The table.

        Raises
        ------
        InputErrors
            Cells that are no number, or no row at all.
        """
        self._close()
        blocks = [b for b in self._blocks if b.texts]
        if not blocks:
            raise refuse(what, self.name, HINT)
        cells = [set(b.texts) for b in blocks]
        auto = mark_of([c for c, b in zip(cells, blocks, strict=True) if not b.mark])
        odd = [odd_cells(c, b.mark or auto) for c, b in zip(cells, blocks, strict=True)]
        self._refuse_bad(blocks, odd)
        if len(self) < _SHORT:
            listed = [_lists(b, o, self.name) for b, o in zip(blocks, odd, strict=True)]
            return frame(NAMES, together(zip(*listed, strict=True)))
        parts = zip(*(_arrays(b, o, self.name) for b, o in zip(blocks, odd, strict=True)),
                    strict=True)  # fmt: skip
        return frame(NAMES, [pa.chunked_array(p) for p in parts])

    def _refuse_bad(self, blocks: list[_Block], odd: list[dict]) -> None:
        bad = [{t for t, (value, _) in o.items() if value is None} for o in odd]
        if not any(bad):
            return
        found = [(b, k) for b, o in zip(blocks, bad, strict=True)
                 for k, t in enumerate(b.texts) if t in o]  # fmt: skip
        block, k = found[0]
        lines = [n for n in block.lines for _ in range(block.width)]
        lines = lines if block.kept is None else list(itertools.compress(lines, block.kept))
        more = f"; so in {len(found)} cells" if len(found) > 1 else ""
        where = f"{self.name}, line {lines[k]}, {block.listed('quantity')[k]}"
        if "analyte" in block.across:  # a title, never what a cell says
            where += f", analyte {block.listed('analyte')[k]}"
        raise_if_any([Problem(f"A cell is no number{more}", where, HINT)])


def _lists(block: _Block, odd: dict[str, tuple[str, str]], name: str) -> list[Sequence[str]]:
    """Columns of a block in the order of `_common.COLUMNS`."""
    n = len(block.texts)
    block.down["line"] = [str(i) for i in block.lines]
    return [*(block.listed(k) for k in _BEFORE), block.values(odd), block.texts,
            block.listed("unit"), block.flags(odd), block.listed("dilution"), [name] * n,
            block.listed("line")]  # fmt: skip


def _arrays(block: _Block, odd: dict[str, tuple[str, str]], name: str) -> list[pa.Array]:
    """The same as columns of Arrow, where what repeats is not written out as a list."""
    block.down["line"] = [str(i) for i in block.lines]
    text, flags = column(block.texts), block.flags(odd, False)
    return [*(block.arrow(k) for k in _BEFORE), _numbers(text, block, odd),
            text, block.arrow("unit"), block.arrow("flags") if flags is None else column(flags),
            block.arrow("dilution"), same(name, len(text)), block.arrow("line")]  # fmt: skip


def _numbers(text: pa.Array, block: _Block, odd: dict[str, tuple[str, str]]) -> pa.Array:
    """Numbers of the cells; a few that are no plain number are replaced where they stand."""
    told = {t: v for t, (v, _) in odd.items() if v != t}
    if len(told) > _FEW:
        return column(block.values(odd))
    for cell, value in told.items():
        text = pc.if_else(pc.equal(text, cell), pa.scalar(value, type=text.type), text)
    return text
