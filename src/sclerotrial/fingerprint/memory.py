"""What is known of modules, kept between runs: right for as long as their text is the same.

It holds what the text of each module says, by the digest of that text and of this package: a file
that is gone, old or damaged costs time and changes nothing.
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
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    part.write_text(json.dumps({"version": _version(), "modules": known}), encoding="utf-8")
    part.replace(kept)
