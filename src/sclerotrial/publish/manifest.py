"""Checksums of all results: what was published, bit for bit."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem, raise_if_any
from sclerotrial.files import sha256, write_text

NAME = "manifest.sha256"
#: not results: logs and half-written files
SKIP_FOLDERS = ("logs",)
SKIP_ENDINGS = (".log", ".part", ".tmp")
#: 64 hex digits, two blanks, a path below the folder
_LINE = re.compile(r"[0-9a-f]{64}  [^/\s\ufffd][^\r\ufffd]*")


def result_files(results: str | os.PathLike, skip: tuple[str, ...] = (NAME,)) -> list[str]:
    """Paths of all result files relative to the folder, posix, sorted by bytes."""
    results = Path(results)
    found = []
    for path in results.rglob("*"):
        relative = path.relative_to(results)
        hidden = any(part.startswith(".") for part in relative.parts)
        if not path.is_file() or hidden or relative.parts[0] in SKIP_FOLDERS:
            continue
        if path.name.endswith(SKIP_ENDINGS) or relative.as_posix() in skip:
            continue
        found.append(relative.as_posix())
    return sorted(found)


def manifest(results: str | os.PathLike, files: list[str] | None = None) -> str:
    """Lines ``sha256  path`` that ``sha256sum -c`` reads.

    Parameters
    ----------
    results : path
        The folder of results.
    files : list of str, optional
        Paths relative to the folder; all result files when not given. A workflow names those
        that it declares, so that files left over from elsewhere do not count.
    """
    results = Path(results)
    names = result_files(results) if files is None else sorted(dict.fromkeys(files))
    return "".join(f"{sha256(results / name)}  {name}\n" for name in names)


def read_manifest(path: str | os.PathLike) -> dict[str, str]:
    """Checksum of each path of a manifest.

    Raises
    ------
    InputErrors
        When there is no such file, or lines of it are no checksum with a path below the folder.
    """
    path, todo = Path(path), "Make it again: make results; a published one: make publish"
    if not path.is_file():
        raise InputErrors([Problem("There is no list of checksums", path.as_posix(), todo)])
    *lines, rest = path.read_bytes().decode("utf-8", errors="replace").split("\n")
    if rest or not lines:  # cut short, or empty: the last line has its end
        lines.append(rest)
    found: dict[str, str] = {}
    bad = [len(lines)] if rest else []
    for k, line in enumerate(lines, start=1):
        checksum, _, name = line.partition("  ")
        good = _LINE.fullmatch(line) and ".." not in name.split("/") and name not in found
        bad += [] if good else [k]
        found[name] = checksum
    what = "A line of a list of checksums is damaged"
    raise_if_any(Problem(what, f"{path.as_posix()}, line {k}", todo) for k in sorted({*bad}))
    return found


def write_manifest(results: str | os.PathLike, files: list[str] | None = None) -> None:
    """Write ``results/manifest.sha256``."""
    write_text(Path(results) / NAME, manifest(results, files))
