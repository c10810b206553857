"""Opening what an instrument wrote: text in any encoding, packed or not, and workbooks.

A file is opened once however many formats look at it: workbooks stay open for the file last seen.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import functools
import gzip
import io
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.formats import archive
from sclerotrial.read.sheet import open_book, reading
from sclerotrial.read.sheetxml import is_xml_book

HEAD_BYTES = 1 << 16
#: bytes up to which a file is kept, since several formats look at it
KEPT_BYTES = 1 << 22
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
#: some writers of RDML put the mark of a split archive before the first file
_SPLIT = b"PK\x07\x08PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_PARQUET = b"PAR1"
#: R data files, plain and compressed by R's own header
_RDATA = (b"RDX", b"BZh", b"\xfd7zXZ")
#: what a damaged file raises when it is unpacked; an encrypted one is a RuntimeError
DAMAGE = (*archive.DAMAGE, RuntimeError)
#: nanoseconds within which two versions of a file may carry one time
_TICK = 50_000_000
#: members of a delivered archive that are no table
_BESIDE = ("readme", "md5", "checksum", "license", "__macosx", ".ds_store")


@dataclass(frozen=True)
class Head:
    """First bytes of a file: `kind` text, workbook, parquet, archive, rdata or binary."""

    kind: str
    raw: bytes = b""
    member: str = ""


def head_of(path: Path) -> Head:
    """Kind of a file and the first bytes of its text (unpacked)."""
    return _head(*_state(path))


def _state(path: Path) -> tuple[str, int, tuple[int, ...]]:
    """A file as it is now, path and size first: what is kept of it holds for this state only."""
    stat = os.stat(path)
    told = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev)
    # one just written may be written again without another time
    if (now := time.time_ns()) - max(told[:2]) < _TICK:
        told = (*told, now)
    return str(path), stat.st_size, told


@functools.lru_cache(maxsize=2)
def _head(path: str, size: int, told: tuple[int, ...]) -> Head:
    if size <= KEPT_BYTES:
        raw = _bytes(path, size, told)
        raw = raw[:HEAD_BYTES] if size > HEAD_BYTES else raw
    else:
        with open(path, "rb") as file:
            raw = file.read(HEAD_BYTES)
    if raw.startswith(_GZIP):
        # enough is read for the head of the unpacked text
        with gzip.open(path) as file:
            try:
                raw = file.read(HEAD_BYTES)
            except (OSError, EOFError, zlib.error):
                return Head("binary")
        return Head("rdata" if raw.startswith(_RDATA) else "text", raw)
    if raw.startswith((_ZIP, _SPLIT)):
        return _archive(path)
    if raw.startswith(_OLE) or is_xml_book(raw):
        return Head("workbook")
    if raw.startswith(_PARQUET):
        return Head("parquet")
    if raw.startswith(_RDATA):
        return Head("rdata")
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return Head("binary" if b"\x00" in raw and not wide and not _bare_wide(raw) else "text", raw)


def _bare_wide(raw: bytes) -> bool:
    """UTF-16 without its mark: every other byte of the beginning is zero."""
    some = raw[:200]
    return len(some) > 8 and min(some[1::2].count(0), len(some) // 2) > 0.9 * (len(some) // 2)


@functools.lru_cache(maxsize=1)
def _bytes(path: str, _size: int, _told: tuple[int, ...]) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _archive(path: str) -> Head:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if "content.xml" in names or any(n.startswith("xl/") for n in names):
                return Head("workbook")
            tables = [
                n for n in names if not n.endswith("/") and not any(b in n.lower() for b in _BESIDE)
            ]
            # an RDML file may hold the instrument's own data beside it
            tables = [n for n in tables if n.lower() == "rdml_data.xml"] or tables
            if len(tables) != 1:
                return Head("archive")
            with packed.open(tables[0]) as file:
                raw = file.read(HEAD_BYTES)
        return Head("parquet" if raw.startswith(_PARQUET) else "text", raw, tables[0])
    except DAMAGE:
        return Head("binary")


def whole(path: Path, name: str = "") -> bytes:
    """All bytes of a file, unpacked (the one table of an archive).

    Raises
    ------
    InputErrors
        When it does not open: it is damaged, or may not be read. `name` is how it is called.
    """
    try:
        return _whole(path)
    except DAMAGE as error:
        why = getattr(error, "strerror", None) or "damaged"
        what = f"The file cannot be opened ({why})"
        problem = Problem(what, name or path.name, "Check its name and rights")
        raise InputErrors([problem]) from error


def _whole(path: Path) -> bytes:
    state = _state(path)
    raw = _bytes(*state) if state[1] <= KEPT_BYTES else path.read_bytes()
    if raw.startswith(_GZIP):
        return gzip.decompress(raw)
    if raw.startswith((_ZIP, _SPLIT)) and (member := _head(*state).member):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return packed.read(member)
    return raw


@functools.lru_cache(maxsize=2)
def lowered(head: str) -> str:
    """The beginning of a text in lower case: what is not in it need not be looked for."""
    return head.lower()


def forget() -> None:
    """Drop what is kept of the files last seen (for measuring)."""
    for kept in (_head, _bytes, _decoded, _open, lowered):
        kept.cache_clear()


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file as they are read: unpacked, the one table of an archive."""
    with path.open("rb") as file:
        first = file.read(8)
        file.seek(0)
        if first.startswith(_GZIP):
            with gzip.open(file) as inside:
                yield inside
        elif first.startswith((_ZIP, _SPLIT)) and (member := _archive(path).member):
            with zipfile.ZipFile(file) as packed, packed.open(member) as inside:
                yield inside
        else:
            yield file


def utf8_lines(path: Path) -> int | None:
    """Lines of a text in UTF-8, packed or not; None where it is none, or does not open."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = {b"\n": 1, b"\r": 1}
    try:
        with unpacked(path) as file:
            while chunk := file.read(1 << 18):
                decoder.decode(chunk)
                if b"\x00" in chunk:
                    return None
                for end in lines:
                    lines[end] += chunk.count(end)
            decoder.decode(b"", final=True)
    except DAMAGE:  # bytes that are no UTF-8 are a ValueError
        return None
    return max(lines.values())


def lines(path: Path, else_text: Callable[[], str]) -> Iterator[str]:
    """Lines of a text as they are read; one that is no UTF-8 is decoded whole by `else_text`."""
    if utf8_lines(path) is None:
        yield from else_text().split("\n")
        return
    with unpacked(path) as source, io.TextIOWrapper(source, "utf-8-sig") as text:
        for line in text:
            yield line.rstrip("\n")


def decode(raw: bytes) -> tuple[str, str]:
    """Decode bytes: by byte order mark, else UTF-8, else Windows-1252.

    Returns
    -------
    text, encoding : str
        `text` has LF line ends (CR-only files exist); '' with 'binary' for containers.
    """
    return _decoded(raw) if len(raw) <= KEPT_BYTES else _decode(raw)


def _decode(raw: bytes) -> tuple[str, str]:
    if raw.startswith((_ZIP, _SPLIT, _OLE, _PARQUET)) or is_xml_book(raw):
        return "", "binary"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = raw.decode("utf-16", errors="replace"), "utf-16"
    elif _bare_wide(raw):
        text, encoding = raw.decode("utf-16-le", errors="replace"), "utf-16"
    else:
        try:
            text, encoding = raw.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError as error:
            # a head may end within a character
            cut = error.start >= len(raw) - 3 and len(raw) == HEAD_BYTES
            text = (
                raw[: error.start].decode("utf-8-sig") if cut else raw.decode("cp1252", "replace")
            )
            encoding = "utf-8" if cut else "windows-1252"
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return text, encoding


_decoded = functools.lru_cache(maxsize=4)(_decode)


@dataclass
class Book:
    """An open workbook; sheets are read when asked for, as text, each row with its number."""

    names: list[str]
    book: Any
    shown: str = ""
    _read: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)

    def rows(self, name: str) -> list[tuple[int, list[str]]]:
        """Rows of a sheet.

        Raises
        ------
        InputErrors
            A sheet that is damaged.
        """
        if name not in self._read:
            with reading(b"", f"{self.shown}, sheet {name}"):
                cells = self.book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            self._read[name] = [
                (
                    i,
                    row
                    if row.count("") == len(row)
                    else [c.strip() if type(c) is str else _text(c) for c in row],
                )
                for i, row in enumerate(cells, 1)
            ]
        return self._read[name]

    def named(self, *titles: str) -> str | None:
        """The first sheet of one of these titles (lower case)."""
        return next((n for t in titles for n in self.names if n.strip().lower() == t), None)


#: the day 1 of spreadsheets is the day after
_SPREADSHEET = dt.datetime(1900, 1, 1) - dt.timedelta(days=1)


def _text(cell: Any) -> str:
    if type(cell) is str:
        return cell.strip()
    # a spreadsheet holds whole numbers as floats: a sample 275001 is not 275001.0
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.year == 1900:
        cell = cell - _SPREADSHEET  # a time past a day that lost its format
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return str(cell).strip()


def workbook(path: Path) -> Book | None:
    """The workbook, None when the file is none or does not open."""
    return _open(*_state(path))


@functools.lru_cache(maxsize=2)
def _open(path: str, size: int, told: tuple[int, ...]) -> Book | None:
    with open(path, "rb") as file:
        # whatever else it is, it is not read whole for nothing
        first = file.read(4096)
        if not first.startswith((_ZIP, _SPLIT, _OLE)) and not is_xml_book(first):
            return None
    raw = _bytes(path, size, told) if size <= KEPT_BYTES else Path(path).read_bytes()
    try:
        with reading(raw, path):
            book = open_book(raw)
            return Book(list(book.sheet_names), book, Path(path).name)
    except InputErrors:
        return None
