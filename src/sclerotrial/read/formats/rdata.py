"""R data files (.rda, .RData, .rds): their data frames, with factors, dates and labels.

The binary (XDR) form of R's serialisation, versions 2 and 3, packed by gzip, bzip2 or xz.
Source: R Internals, section 1.8 'Serialization Formats'.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.export import SUBJECTS, VISITS, Export, FormTable, counts, guess, keyed_rows
from sclerotrial.read.formats.rdata_columns import Vector, as_text, columns_of

_HEADS = (b"RDX2\n", b"RDX3\n", b"X\n")
_MOST = 2_000_000_000
_NA_INT = -2147483648
#: objects that cannot be walked through
_NO_TABLE = {15: "a vector of complex numbers", 18: "an object of any kind", 21: "a compiled"
             " function", 25: "an object of a class of S4"}  # fmt: skip
#: what a damaged file may raise
_DAMAGE = (struct.error, LookupError, ValueError, RecursionError, TypeError, AttributeError,
           OverflowError, MemoryError)  # fmt: skip
#: kinds of objects that are pairs: lists, closures, promises, calls, dots
_PAIRS = (2, 3, 5, 6, 17)


def unpacked(content: bytes) -> bytes:
    """The bytes behind the packing; the content itself where there is none."""
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"BZh"):
            return bz2.decompress(content)
        if content.startswith(b"\xfd7zXZ"):
            return lzma.decompress(content)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError):
        return b""
    return content


def is_rdata(content: bytes) -> bool:
    """Whether a file holds objects of R."""
    if not content.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", *_HEADS)):
        return False
    if content.startswith(b"\x1f\x8b"):
        try:
            return zlib.decompressobj(31).decompress(content, 10).startswith(_HEADS)
        except zlib.error:
            return False
    return unpacked(content).startswith(_HEADS)


def read_rdata(content: bytes, shown: str, *, subject: str = "", visit: str = "") -> Export:
    """Data frames of an R file as form tables; SRCLINE is the number of the row.

    Raises
    ------
    InputErrors
        A damaged file, kinds of objects that hold no data, no data frame at all.
    """
    try:
        objects, version = _Reader(unpacked(content)).objects(PurePosixPath(shown).stem)
        frames = {n: columns_of(f, n) for n, f in _frames(objects).items()}
    except _DAMAGE as error:
        raise InputErrors(
            [
                Problem(
                    f"The R file cannot be read ({error or type(error).__name__})",
                    shown,
                    "Save the data frame alone (saveRDS), or write it as CSV in R",
                )
            ]
        ) from None
    if not frames:
        raise InputErrors(
            [Problem("The R file holds no data frame", shown, "Save the data frame itself")]
        )
    tables, fields, notes = {}, {}, []
    for name, (texts, own, more) in frames.items():
        cells = pd.DataFrame({c: pd.Series(t, dtype=str) for c, t in texts.items()})
        columns = list(texts)
        fields |= own
        notes += more
        key = subject or guess(columns, SUBJECTS)
        event = visit or guess(columns, VISITS)
        rows = keyed_rows(
            cells,
            subject=cells.get(key, ""),
            event=cells.get(event, ""),
            file=shown if len(frames) == 1 else f"{shown}/{name}",
            lines=pd.Series(range(1, len(cells) + 1), dtype="int64"),
        )
        tables[name] = FormTable(name, rows, kind="record")
    return Export(
        file=shown,
        format="R data frame" + ("s" if len(frames) > 1 else ""),
        version=version,
        tables=tables,
        dictionary=Dictionary(fields, shown, key="SUBJECT"),
        encoding="UTF-8",
        notes=tuple(notes),
        **counts(tables.values()),
    )


def _frames(objects: Mapping[str, object]) -> dict[str, Vector]:
    """Data frames by name; those inside of lists are 'list.name'."""
    found: dict[str, Vector] = {}
    for name, o in objects.items():
        if isinstance(o, Vector) and "data.frame" in o.classes:
            found[name] = o
        elif isinstance(o, Vector) and any(isinstance(e, Vector) for e in o):
            names = list(o.attributes.get("names") or [])
            names += [""] * (len(o) - len(names))
            parts = {n or str(i): e for i, (n, e) in enumerate(zip(names, o, strict=True), start=1)}
            found |= {f"{name}.{n}": f for n, f in _frames(parts).items()}
    return found


class _Reader:
    """A walk through the serialised objects."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.seen: list[object] = []

    def objects(self, name: str) -> tuple[dict[str, object], str]:
        """Objects by name (an .rds has one without), and the version of the format."""
        if self.data.startswith((b"RDX2\n", b"RDX3\n")):
            self.at = 5
        if self.data[self.at : self.at + 2] != b"X\n":
            raise ValueError("not the binary form")
        self.at += 2
        version, _, _ = self.ints(3)
        if version == 3:
            self.take(self.ints(1)[0])
        found = self.item()
        named = isinstance(found, dict) and self.data.startswith(b"RDX")
        return (found if named else {name: found}), f"serialisation {version}"

    def take(self, n: int) -> bytes:
        """The next bytes."""
        if n < 0 or self.at + n > len(self.data):
            raise IndexError("it is cut off")
        self.at += n
        return self.data[self.at - n : self.at]

    def ints(self, n: int) -> list[int]:
        """The next integers."""
        return np.frombuffer(self.take(4 * n), dtype=">i4").tolist()

    def length(self) -> int:
        """Length of a vector."""
        n = self.ints(1)[0]
        if n == -1:
            high, low = self.ints(2)
            n = (high << 32) + low
        if n > _MOST:
            raise ValueError("a vector is too long")
        return n

    def item(self, flags: int | None = None) -> object:
        """The next object; its flags where they were read before."""
        flags = self.ints(1)[0] if flags is None else flags
        kind, has_attributes, has_tag = flags & 0xFF, flags & 0x200, flags & 0x400
        if kind in (254, 253, 242, 241, 251, 252):  # nil and the fixed environments
            return None
        if kind == 255:
            number = flags >> 8 or self.ints(1)[0]
            return self.seen[number - 1]
        if kind == 1:
            self.seen.append(self.item())
            return self.seen[-1]
        if kind == 9:
            n = self.ints(1)[0]
            if n == -1:
                return None
            codec = "latin-1" if (flags >> 12) & 4 else "utf-8"
            return self.take(n).decode(codec, "replace")
        if kind == 4:  # an environment, which data may carry in a formula
            self.ints(1)
            self.seen.append(None)
            for _ in range(4):
                self.item()
            return None
        if kind in _PAIRS:  # attributes, the objects of a file; functions, which hold no data
            return self.pairs(flags)
        if kind in (22, 23):  # pointers into the memory of R, which a data.table carries
            self.seen.append(None)
            for _ in range(2 * (kind == 22) + bool(has_attributes)):
                self.item()
            return None
        if kind in (7, 8):  # functions of R itself, by name
            return self.take(self.ints(1)[0]).decode("latin-1")
        if kind == 238:
            return self.compact()
        vector = self.vector(kind)
        if has_attributes:
            told = self.item() or {}
            if not isinstance(told, dict):
                raise ValueError("attributes that are no list")
            vector.attributes = told
        if has_tag:
            raise ValueError("an object with a tag")
        return vector

    def pairs(self, flags: int) -> dict[str, object]:
        """A pairlist as a mapping, in its order; a last cell that is no list is one item more."""
        found: dict[str, object] = {}
        while True:
            kind = flags & 0xFF
            if kind == 254:
                return found
            if kind not in _PAIRS:
                return found | {f"({len(found) + 1})": self.item(flags)}
            if flags & 0x200:
                self.item()
            tag = self.item() if flags & 0x400 else f"({len(found) + 1})"
            found[str(tag)] = self.item()
            flags = self.ints(1)[0]

    def vector(self, kind: int) -> Vector:
        """A vector without its attributes."""
        if kind == 10:
            return Vector([None if v == _NA_INT else bool(v) for v in self.ints(self.length())])
        if kind == 13:
            return Vector([None if v == _NA_INT else v for v in self.ints(self.length())])
        if kind == 14:
            n = self.length()
            raw = self.take(8 * n)
            return Vector(_reals(raw), raw=raw)
        if kind in (16, 19, 20):
            return Vector([self.item() for _ in range(self.length())])
        if kind == 24:
            return Vector(list(self.take(self.length())))
        what = _NO_TABLE.get(kind, f"an object of kind {kind}")
        raise ValueError(f"{what} is in it, which is no table")

    def compact(self) -> Vector:
        """Vectors that R writes in short: sequences, and numbers put off as texts."""
        about, state, attributes = self.item(), self.item(), self.item()
        name = next(iter(about.values())) if isinstance(about, dict) else ""
        if name in ("compact_intseq", "compact_realseq"):
            n, first, step = state
            values = [first + i * step for i in range(int(n))]
            found = Vector([int(v) for v in values] if name == "compact_intseq" else values)
        elif name == "deferred_string":
            inner = next(iter(state.values())) if isinstance(state, dict) else state[0]
            found = Vector([None if v is None else as_text(v) for v in inner])
        elif str(name).startswith("wrap_"):
            inner = next(iter(state.values())) if isinstance(state, dict) else state[0]
            found = Vector(list(inner), dict(inner.attributes), inner.raw)
        else:
            raise ValueError(f"a short form {name!r}")
        found.attributes |= attributes or {}
        return found


def _reals(content: bytes) -> list[float | None]:
    return [None if math.isnan(v) else v for v in np.frombuffer(content, dtype=">f8").tolist()]
