"""What is known of modules and closures, kept between runs: right while their text is the same.

One file holds what the text of each module says, by the digest of that text and of this package; a
second one beside it holds whole closures, by the digest of everything that could be read for them.
A file that is gone, old or damaged costs time and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from sclerotrial.fingerprint.source import Facts, Module, Piece

_PIECE = [f.name for f in fields(Piece) if f.name not in ("node", "facts")]
_MODULE = [f.name for f in fields(Module) if f.name not in ("path", "pieces", "raw", "_telling")]


@cache
def _version() -> str:
    """Digest of the code that reads modules: what another version wrote is not taken."""
    told = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()


def _key(name: str, raw: bytes) -> str:
    return f"{name} {hashlib.sha256(raw).hexdigest()}"


def recall(kept: Path | None) -> dict[str, Any]:
    """What `remember` wrote, by module and text; nothing when that cannot be used."""
    if kept is None:
        return {}
    try:
        said = json.loads(Path(kept).read_bytes())
        return said["modules"] if said["version"] == _version() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def module(kept: dict[str, Any], name: str, path: Path, raw: bytes) -> Module | None:
    """A module as it was remembered; None when its text is another."""
    said = kept.get(_key(name, raw)) if kept else None
    if said is None:
        return None
    try:
        about = dict(zip(_MODULE, said["module"], strict=True))
        about["bound"] = set(about["bound"])
        pieces = [_piece(*one) for one in said["pieces"]]
        return Module(path=path, pieces=pieces, raw=raw, **about)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _piece(about: list, facts: list) -> Piece:
    piece = Piece(**dict(zip(_PIECE, about, strict=True)))
    piece.runs, piece.bases = list(map(tuple, piece.runs)), list(map(tuple, piece.bases))
    said = Facts(*facts)
    piece.facts = said._replace(
        uses=list(map(tuple, said.uses)), notes=list(map(tuple, said.notes))
    )
    return piece


def remember(kept: Path, modules: Iterable[Module], before: dict[str, Any]) -> None:
    """Write what is known of modules, if that is news; the file is whole at any time.

    Parameters
    ----------
    kept : path
        The file.
    modules : iterable of Module
        What was read in this run.
    before : dict
        What `recall` gave.
    """
    modules = list(modules)
    if all(_key(one.name, one.raw) in before for one in modules) and Path(kept).is_file():
        return
    known = {}
    for one in modules:
        about = [sorted(v) if isinstance(v := getattr(one, n), set) else v for n in _MODULE]
        pieces = [[[getattr(p, n) for n in _PIECE], list(one.facts(p))] for p in one.pieces]
        known[_key(one.name, one.raw)] = {"module": about, "pieces": pieces}
    _write(kept, {"version": _version(), "modules": known})


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(path)


# --- whole closures -------------------------------------------------------------------------------


def _beside(kept: Path) -> Path:
    return Path(kept).with_name("closures.json")


def recall_closures(kept: Path | None) -> dict[str, list[str]]:
    """What `remember_closures` wrote, lines by key; nothing when that cannot be used."""
    if kept is None:
        return {}
    try:
        said = json.loads(_beside(kept).read_bytes())
        if said["version"] != _version():
            return {}
        lines = said["lines"]
        found = {key: [lines[i] for i in at] for key, at in said["closures"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return {}
    return found if all(isinstance(line, str) for line in lines) else {}


def remember_closures(kept: Path, found: dict[str, list[str]], before: dict) -> None:
    """Write the closures of this run, if one of them is news; lines recur, and are kept once.

    Parameters
    ----------
    kept : path
        The file of the modules, beside which they are written.
    found : dict of key to lines
    before : dict
        What `recall_closures` gave.
    """
    if found.keys() <= before.keys():
        return
    places: dict[str, int] = {}
    at = {key: [places.setdefault(x, len(places)) for x in found[key]] for key in sorted(found)}
    _write(_beside(kept), {"version": _version(), "lines": list(places), "closures": at})


def state(package: str, paths: Iterable[Path], root: Path) -> str:
    """Digest of the names and the contents of files.

    Parameters
    ----------
    package : str
        What they are together.
    paths : iterable of path
        Below `root`.
    root : path
    """
    told = hashlib.sha256(package.encode())
    for path in sorted(paths):
        told.update(f"\n{path.relative_to(root).as_posix()} ".encode())
        told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()
