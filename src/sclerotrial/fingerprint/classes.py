"""Which statements do more, when their module is imported, than to bind their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sclerotrial.fingerprint.imported import UNKNOWN
from sclerotrial.fingerprint.source import Module, Piece
from sclerotrial.fingerprint.walk import Chain

if TYPE_CHECKING:
    from sclerotrial.fingerprint.closure import Code

#: bases from elsewhere that leave the making of an instance as it is
_QUIET = {"NamedTuple", "TypedDict", "Generic", "Protocol", "object", "Exception", "ABC"}


def acts(code: Code, module: Module, piece: Piece) -> bool:
    """Whether a statement may change something, or call something of ours, at import."""
    if any(not _makes_plainly(code, module, chain) for chain in piece.runs):
        return True
    return piece.is_class and _has_hooked_base(code, module, piece)


def _has_hooked_base(code: Code, module: Module, piece: Piece) -> bool:
    found = [(m, p) for m, p in _classes(code, module, piece.bases) if p is not piece]
    return any(p.hooked or _has_hooked_base(code, m, p) for m, p in found)


def _makes_plainly(code: Code, module: Module, chain: Chain) -> bool:
    """Whether a call makes an instance of a class that runs no code of its own for that."""
    if chain == UNKNOWN:
        return False
    found = list(_classes(code, module, [chain]))
    return bool(found) and all(_is_plain(code, where, piece) for where, piece in found)


def _is_plain(code: Code, module: Module, piece: Piece) -> bool:
    return (
        piece.plain
        and not piece.hooked
        and all(
            bool(base) and (base[-1] in _QUIET or _makes_plainly(code, module, base))
            for base in piece.bases
        )
    )


def _classes(code: Code, module: Module, chains: Iterable[Chain]) -> Iterable[tuple[Module, Piece]]:
    """The classes of the package that names stand for, through imports."""
    todo = [(module, chain) for chain in chains if chain]
    seen = set()
    while todo:
        at, chain = todo.pop()
        if (at.path, chain) in seen:
            continue
        seen.add((at.path, chain))
        for i in at.names.get(chain[0], ()):
            if at.pieces[i].is_class and len(chain) == 1:
                yield at, at.pieces[i]
        for base, name in at.imports.get(chain[0], ()):
            rest = [*([name] if name else []), *chain[1:]]
            while rest and code.has(f"{base}.{rest[0]}"):
                base, rest = f"{base}.{rest[0]}", rest[1:]
            other = code.module(base)
            if other is not None and rest:
                todo.append((other, tuple(rest)))
        for base in at.stars:
            other = code.module(base)
            if other is not None and not at.binds(chain[0]):
                todo.append((other, chain))
