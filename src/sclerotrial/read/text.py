"""Delimited text: encoding, separator and line ends told by content, not by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.encoding import decode_bytes, is_utf8
from sclerotrial.read.grid import Grid, Record, to_grid
from sclerotrial.read.quick import quick_grid

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_NO_CONTROL = bytes(i for i in range(256) if not (i < 9 or 14 <= i < 32))
_PIECE = 1 << 22
#: characters in which the first rows are looked for
_HEAD = 4_000_000
#: first bytes of files that are no text, and what they are
MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"HEADER RECORD*******LIBRARY": "a SAS transport file",
    b"PAR1": "a Parquet file",
}


class Text:
    """A decoded file: its text with the line ends as they came, and its encoding's name.

    A large text is kept as the UTF-8 that it came in, and decoded where it is asked for.
    """

    def __init__(self, text: str | bytes, encoding: str) -> None:
        self.given, self.encoding = text, encoding

    @property
    def text(self) -> str:
        """The whole text."""
        return self.given.decode("utf-8") if isinstance(self.given, bytes) else self.given

    def head(self, most: int) -> str:
        """The beginning of the text."""
        if isinstance(self.given, bytes):
            return self.given[:most].decode("utf-8", "ignore")
        return self.given[:most]

    @property
    def line_ends(self) -> str:
        """Name of the line ends: LF, CRLF or CR."""
        crlf, cr, lf = ("\r\n", "\r", "\n")
        if isinstance(self.given, bytes):
            crlf, cr, lf = (b"\r\n", b"\r", b"\n")
        if cr not in self.given:
            return "LF"
        if crlf in self.given:
            return "CRLF"
        return "CR" if lf not in self.given else "LF"


def read_bytes(path: Path, shown: str) -> bytes:
    """Content of a raw file.

    Raises
    ------
    InputErrors
        When the file is missing, a folder, or empty. `shown` is the path as told to the user.
    """
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is missing"
        raise InputErrors(
            [
                Problem(
                    f"The raw file {what}",
                    shown,
                    "Put the export there, or correct `file` of this source in forms.yaml",
                )
            ]
        )
    content = path.read_bytes()
    blank = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"
    if not content[:1000].strip(blank) and not content.strip(blank):  # most are told at once
        raise InputErrors(
            [Problem("The raw file is empty", f"{shown}, line 1", "Export the file again")]
        )
    return content


def decode(content: bytes, shown: str) -> Text:
    """Decode bytes by their content; see `sclerotrial.read.encoding`.

    Raises
    ------
    InputErrors
        When the content is no text.
    """
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            raise InputErrors([_no_text(shown, f": it is {kind}")])
    if page := web_page(content):
        raise InputErrors([_no_text(shown, f": it is {page}")])
    mark = b"\xef\xbb\xbf"
    body = content.removeprefix(mark)
    if b"\x00" not in content and mark not in body and is_utf8(body):
        if _has_control(body):
            raise InputErrors([_no_text(shown, "")])
        return Text(body, "UTF-8 with BOM" if len(body) < len(content) else "UTF-8")
    text, encoding, _ = decode_bytes(content)
    if text is None or _CONTROL.search(text):
        raise InputErrors([_no_text(shown, "")])
    return Text(text, encoding)


def _has_control(content: bytes) -> bool:
    """Whether a text holds control characters that no table has."""
    pieces = (content[i : i + _PIECE] for i in range(0, len(content), _PIECE))
    return any(piece.translate(None, _NO_CONTROL) for piece in pieces)


def web_page(content: bytes) -> str:
    """What a file is that a server gave in place of an export ('' when it is none of these)."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\x00", b"").lower()
    if head.startswith((b"<!doctype html", b"<html")) or (head[:1] == b"<" and b"<html" in head):
        return "an HTML page (a log-in or error page of the server, perhaps)"
    if re.match(rb'\{\s*"(error|message|errors)"', head):
        return "an error message of a server (JSON)"
    return ""


def _no_text(shown: str, kind: str) -> Problem:
    return Problem(
        f"The file is not delimited text{kind}",
        f"{shown}, line 1",
        "Export the table as CSV text (or .xlsx for a table source)",
    )


def sniff_separator(text: str) -> str:
    """The separator that cuts the first rows most evenly; ',' for a single column.

    Each candidate is judged by how many of the first rows have as many cells as the most
    frequent count (above one), then by that count.
    """
    best, found = (0, 0.0, 0), ","
    sample = io.StringIO("".join(_first_lines(text, _SAMPLE_ROWS)), newline="")
    for separator in SEPARATORS:
        sample.seek(0)
        counts: dict[int, int] = {}
        try:
            for row in csv.reader(sample, delimiter=separator):
                if row:
                    counts[len(row)] = counts.get(len(row), 0) + 1
        except csv.Error:
            continue
        total = sum(counts.values())
        wide = {n: c for n, c in counts.items() if n > 1}
        if not wide:
            continue
        width = max(wide, key=lambda n: (wide[n], n))
        share = wide[width] / total
        score = (1 if share > 0.5 else 0, share if share > 0.5 else 0.0, width)
        if score > best:
            best, found = score, separator
    return found


def _first_lines(text: str, n: int) -> list[str]:
    """The first lines, those that the beginning of the text holds whole."""
    lines = list(islice(io.StringIO(text[:_HEAD], newline=""), n))
    return lines if len(lines) == n or len(text) < _HEAD or len(lines) < 2 else lines[:-1]


def parse(
    decoded: Text,
    shown: str,
    *,
    separator: str = "",
    wanted: Iterable[str] = (),
    namer: Callable[[list[str]], list[str]] | None = None,
) -> Grid:
    """Parse delimited text into rows with the physical lines at which they begin.

    Quoted cells may span lines; line ends inside them become LF. Cells lose outer blanks.
    Blank rows are left out. A first line `sep=;` (Excel) is obeyed.

    Parameters
    ----------
    wanted : iterable of str
        Column names that the header should hold: title lines above the header are passed over
        when one of the first rows holds more of these names than row one does.
    namer : function, optional
        Other names for those of the header (labels made field names).

    Raises
    ------
    InputErrors
        Quote never closed, rows with more or fewer cells than the header, columns named twice or
        not at all: all of them.
    """
    head = decoded.head(_HEAD)
    text, skipped = decoded.given, 0
    hint = re.match(r"\ufeff?sep=(.)\r?\n?", head)
    if hint:
        separator, text, skipped = hint[1], decoded.text[hint.end() :], 1
    separator = separator or sniff_separator(head)
    about = {"encoding": decoded.encoding, "separator": separator, "line_ends": decoded.line_ends}
    names = list(wanted)
    quick = quick_grid(text, skipped, names, about, namer)
    if quick is not None:
        return quick
    text = text.decode("utf-8") if isinstance(text, bytes) else text
    problems: list[Problem] = []
    return to_grid(
        _records(text, separator, skipped, shown, problems),
        shown,
        problems,
        names,
        namer,
        **about,
    )


def _records(
    text: str, separator: str, skipped: int, shown: str, problems: list[Problem]
) -> Iterator[Record]:
    """Records that are not blank, with their lines, up to the first that cannot be read."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begin = 1
    try:
        for row in reader:
            if any(row):
                yield row, begin + skipped
            begin = reader.line_num + 1
    except csv.Error:
        unclosed = reader.line_num >= text.count("\n")
        problems.append(
            Problem(
                "A quoted cell is never closed: the file is cut off or a quote is missing"
                if unclosed
                else "A quote stands inside a cell without being doubled",
                f"{shown}, line {begin + skipped}, in the record that begins there",
                "Export the file again without editing it by hand",
            )
        )


def read_delimited(
    path: Path, shown: str, *, separator: str = "", wanted: Iterable[str] = ()
) -> Grid:
    """Read a delimited text file; see `decode` and `parse`."""
    return parse(decode(read_bytes(path, shown), shown), shown, separator=separator, wanted=wanted)
