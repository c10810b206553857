"""Checksums of all results: what was published, bit for bit."""

from __future__ import annotations

import os
from pathlib import Path

from sclerotrial.files import sha256, write_text

NAME = "manifest.sha256"
#: not results: logs and half-written files
SKIP_FOLDERS = ("logs",)
SKIP_ENDINGS = (".log", ".part", ".tmp")


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
    """Checksum of each path of a manifest; {} when there is no such file."""
    path = Path(path)
    if not path.is_file():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {name: checksum for checksum, name in pairs}


def write_manifest(results: str | os.PathLike, files: list[str] | None = None) -> None:
    """Write ``results/manifest.sha256``."""
    write_text(Path(results) / NAME, manifest(results, files))
