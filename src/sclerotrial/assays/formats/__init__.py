"""Instrument formats: one module a format, told apart by content.

A module of this folder is a format when it has ``NAME``, ``sniff(head, path)`` (the version of
the writing software as text, None when the file is another's) and ``read(path, name)`` (the tidy
long table of `_common.COLUMNS`). `head` is the beginning of the text, unpacked and decoded, ''
for a workbook or parquet. A format with ``SURE = True`` (its first lines belong to no other) is
asked first, one with ``LAST = True`` (a plain table) only when no instrument's knows the file.
Adding a format is adding one file.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import COLUMNS, decode, forget, refuse
from sclerotrial.assays.formats._matrix import Matrix
from sclerotrial.assays.formats._panel import Cells, Keep
from sclerotrial.errors import did_you_mean

__all__ = ["COLUMNS", "FORMATS", "detect", "forget", "read", "read_cells", "read_matrix"]

#: Words of instrument headers that may be shown: structure, never content.
_STRUCTURE = {
    "program", "build", "date", "datatype", "location", "sample", "sample name", "target name",
    "target", "well", "well position", "task", "ct", "cq", "results", "analyte", "instrument type",
    "serial number", "software version", "plate name", "plate start", "well location", "sample id",
    "sampleid", "olinkid", "uniprot", "assay", "npx", "value", "unit", "result", "name", "type",
    "block type", "experiment type", "header", "version", "xponent", "bio-plex",
}  # fmt: skip


_CONTAINERS = {
    "archive": "an archive of several files (unpack it)",
    "parquet": "a parquet table of unknown columns",
    "rdata": "data saved by R (write it out as a table)",
    "binary": "bytes that are no text and no workbook",
}


def _discover() -> dict[str, ModuleType]:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    modules = [importlib.import_module(f"{__name__}.{n}") for n in names]
    return {m.NAME: m for m in modules}


FORMATS: dict[str, ModuleType] = _discover()
_STAGES: dict[str, dict[str, ModuleType]] = {"SURE": {}, "": {}, "LAST": {}}
for _name, _module in FORMATS.items():
    _STAGES[next((s for s in ("SURE", "LAST") if getattr(_module, s, False)), "")][_name] = _module


def detect(path: str | Path, name: str | None = None, fmt: str = "auto") -> tuple[str, str]:
    """Tell the format of a file by its content.

    Parameters
    ----------
    path : path
        The file.
    name : str, optional
        How the file is called in messages (default: its own name).
    fmt : str
        ``auto``, or the name of a format that overrules what is told by content.

    Returns
    -------
    format, version : str
        Version '' where the file does not tell.

    Raises
    ------
    InputErrors
        No format, or more than one, knows the file; `fmt` is no format.
    """
    path = path if isinstance(path, Path) else Path(path)
    name = name or path.name
    known = ", ".join(FORMATS)
    if fmt != "auto" and fmt not in FORMATS:
        raise refuse(
            f"There is no assay format {fmt!r}.{did_you_mean(fmt, FORMATS)}",
            "assays.yaml, key format",
            f"Use auto or one of: {known}",
        )
    try:
        seen = _files.head_of(path)
    except OSError as error:
        raise refuse(
            f"The file cannot be opened ({error.strerror})", name, "Check its name and rights"
        ) from error
    head, encoding = decode(seen.raw) if seen.kind == "text" else ("", seen.kind)
    told: dict[str, str] = {}
    for stage in _STAGES if fmt == "auto" else ():
        told = told or _ask(head, path, stage)
    if fmt != "auto":
        return fmt, FORMATS[fmt].sniff(head, path) or ""
    if len(told) == 1:
        return next(iter(told.items()))
    what = "is of no known assay format" if not told else f"could be {' or '.join(told)}"
    raise refuse(
        f"The file {what}; seen: {_structure(head, encoding, path)}",
        name,
        f"Export it as one of: {known}; or name the format with `format:` in assays.yaml"
        " (a plate layout or sample sheet: with `layout:`)",
    )


def _ask(head: str, path: Path, stage: str) -> dict[str, str]:
    """Version by format of those of a stage (``SURE``, '', ``LAST``) that know the file."""
    return {n: v for n, m in _STAGES[stage].items() if (v := m.sniff(head, path)) is not None}


def read(path: str | Path, name: str | None = None, fmt: str = "auto") -> pd.DataFrame:
    """Read a file of any known format as the tidy long table (see `detect`, `COLUMNS`)."""
    path = Path(path)
    name = name or path.name
    return FORMATS[detect(path, name, fmt)[0]].read(path, name)


def read_matrix(path: str | Path, name: str, fmt: str = "auto") -> Matrix | None:
    """Read a file as a matrix of features by samples; None where its format is none of those."""
    module = FORMATS[detect(path, name, fmt)[0]]
    return module.read_matrix(Path(path), name) if hasattr(module, "read_matrix") else None


def read_cells(
    path: str | Path, name: str, fmt: str, keep: Keep, runs: re.Pattern | None = None
) -> Cells | None:
    """Read a file of readings as the cells of a panel, never the whole of it at once.

    Parameters
    ----------
    path, name, fmt
        As for `read`.
    keep : callable
        Tells of a feature whether its readings are wanted as rows.
    runs : regular expression, optional
        Whole names of bridge samples: asks for the plates and warnings of the cells.

    Returns
    -------
    Cells or None
        None where the format (or its layout) is only read as a table.
    """
    module = FORMATS[detect(path, name, fmt)[0]]
    if not hasattr(module, "read_cells"):
        return None
    return module.read_cells(Path(path), name, keep, runs)


def _structure(head: str, encoding: str, path: Path) -> str:
    """Encoding, delimiter and the shape of the first line; words of content become letters a."""
    if encoding == "workbook":
        book = _files.workbook(path)
        if book is None or not book.names:
            return "a workbook that does not open"
        rows = [c for _, c in book.rows(book.names[0]) if any(c)]
        shown = " | ".join(_shape(c) for c in rows[0][:6]) if rows else "nothing"
        return f"a workbook of {len(book.names)} sheet(s), the first begins: {shown}"
    if encoding != "text" and encoding in _CONTAINERS:
        return _CONTAINERS[encoding]
    lines = [line for line in head.split("\n") if line.strip()]
    if not lines:
        return "an empty file"
    counts = {d: lines[0].count(d) for d in (",", ";", "\t")}
    delimiter = max(counts, key=counts.get)
    label = {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]
    if not counts[delimiter]:
        return f"{encoding} text without a delimiter, first line {_shape(lines[0])!r}"
    cells = lines[0].split(delimiter)
    shown = " | ".join(_shape(c) for c in cells[:6]) + (" | ..." if len(cells) > 6 else "")
    return f"{encoding} text, {label}, {len(cells)} columns: {shown}"


def _shape(cell: str) -> str:
    text = cell.strip().strip('"').strip()
    if text.lower().rstrip(":") in _STRUCTURE:
        return text
    masked = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
    return masked[:16]
