"""Delimited text: encoding, separator and line ends told by content, not by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.encoding import decode_bytes
from sclerotrial.read.grid import Grid, Record, to_grid
from sclerotrial.read.quick import quick_grid

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
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


@dataclass(frozen=True)
class Text:
    """A decoded file: its text with the line ends as they came, and its encoding's name."""

    text: str
    encoding: str

    @property
    def line_ends(self) -> str:
        """Name of the line ends: LF, CRLF or CR."""
        if "\r\n" in self.text:
            return "CRLF"
        return "CR" if "\r" in self.text and "\n" not in self.text else "LF"


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
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
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
    text, encoding, _ = decode_bytes(content)
    if text is None or _CONTROL.search(text):
        raise InputErrors([_no_text(shown, "")])
    return Text(text, encoding)


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


def _first_lines(text: str, n: int) -> Iterable[str]:
    for i, line in enumerate(io.StringIO(text, newline="")):
        if i >= n:
            return
        yield line


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
    text, skipped = decoded.text, 0
    hint = re.match(r"\ufeff?sep=(.)\r?\n?", text)
    if hint:
        separator, text, skipped = hint[1], text[hint.end() :], 1
    separator = separator or sniff_separator(text)
    about = {"encoding": decoded.encoding, "separator": separator, "line_ends": decoded.line_ends}
    names = list(wanted)
    quick = quick_grid(text, skipped, names, about, namer)
    if quick is not None:
        return quick
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
