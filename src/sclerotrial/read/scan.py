"""One walk through a large delimited text: where its records end, and whether it is regular.

The text is looked at in pieces, so that no more than a few megabytes are held beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_PIECE = 1 << 22
_LF, _CR, _QUOTE, _SPACE, _TAB = 10, 13, 34, 32, 9
#: blanks of several bytes that are taken off a cell, too
_WIDE = tuple(c.encode() for c in "\u00a0\u2007\u202f\ufeff")


@dataclass(frozen=True)
class Scan:
    """Where each record ends, the line at which it begins, and what its cells may hold.

    Attributes
    ----------
    ends, lines : ndarray of int
    spans : bool
        Whether a cell spans lines.
    doubtful : bool
        Whether a cell may have blanks around it, or a carriage return in it.
    """

    ends: np.ndarray
    lines: np.ndarray
    spans: bool
    doubtful: bool

    def sizes(self, content: bytes) -> np.ndarray:
        """Length of each record without its line end."""
        data = np.frombuffer(content, dtype=np.uint8)
        begins = np.concatenate(([0], self.ends[:-1] + 1))
        crlf = (self.ends > 0) & (self.ends < len(data))
        crlf &= data[np.clip(self.ends - 1, 0, len(data) - 1)] == _CR
        return self.ends - begins - crlf


def scan(content: bytes, separator: int) -> Scan | None:
    """Walk through a text in UTF-8; None where a quote stands elsewhere than around a cell."""
    data = np.frombuffer(content, dtype=np.uint8)
    walk = _Walk(data, separator, b"\r" in content)
    for begin in range(0, len(data), _PIECE):
        if not walk.piece(begin):
            return None
    if walk.quotes % 2:
        return None
    ends = np.concatenate(walk.ends) if walk.ends else np.zeros(0, dtype="int64")
    lines = np.concatenate([np.ones(1, dtype="int64"), *walk.lines])
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    wide = not content.isascii() and any(blank in content for blank in _WIDE)
    return Scan(ends, lines[: len(ends)], walk.spans, walk.doubtful or wide)


class _Walk:
    """State of the walk: quotes and lines so far."""

    def __init__(self, data: np.ndarray, separator: int, returns: bool) -> None:
        self.data, self.separator, self.returns = data, separator, returns
        self.quotes = self.newlines = 0
        self.ends: list[np.ndarray] = []
        self.lines: list[np.ndarray] = []
        self.spans = self.doubtful = False
        self.edge = np.zeros(256, dtype=bool)
        self.edge[[separator, _LF, _CR, _QUOTE]] = True

    def at(self, places: np.ndarray) -> np.ndarray:
        """Bytes at places; a line end before the text and behind it."""
        found = self.data[np.clip(places, 0, len(self.data) - 1)]
        found[(places < 0) | (places >= len(self.data))] = _LF
        return found

    def piece(self, begin: int) -> bool:
        """Look at the next piece; whether its quotes are regular."""
        part = self.data[begin : begin + _PIECE]
        quotes = np.flatnonzero(part == _QUOTE) + begin
        opening, closing = quotes[self.quotes % 2 :: 2], quotes[1 - self.quotes % 2 :: 2]
        if not self.edge[self.at(opening - 1)].all() or not self.edge[self.at(closing + 1)].all():
            return False
        newline = np.flatnonzero(part == _LF) + begin
        inner = newline[:0]
        if self.returns:
            returns = np.flatnonzero(part == _CR) + begin
            inner = returns[self.inside(quotes, returns)]
            alone = returns[self.at(returns + 1) != _LF]
            newline = np.sort(np.concatenate((newline, alone)))
        within = self.inside(quotes, newline)
        outside = np.flatnonzero(~within)
        self.ends.append(newline[outside])
        self.lines.append(outside + self.newlines + 2)
        self.spans |= bool(within.any())
        self.doubtful = self.doubtful or len(inner) > 0 or self.padded(part, begin, quotes, newline)
        self.quotes += len(quotes)
        self.newlines += len(newline)
        return True

    def inside(self, quotes: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Whether places of this piece stand within quotes."""
        return (np.searchsorted(quotes, places) + self.quotes) % 2 == 1

    def padded(self, part: np.ndarray, begin: int, quotes: np.ndarray, newline: np.ndarray) -> bool:
        """Whether a blank stands at the edge of a cell."""
        blank = part == _SPACE
        if self.separator != _TAB:
            blank |= part == _TAB
        places = np.flatnonzero(blank) + begin
        near = self.edge[self.at(places - 1)] | self.edge[self.at(places + 1)]
        places = np.concatenate((places[near], newline[self.inside(quotes, newline)]))
        left, right = self.at(places - 1), self.at(places + 1)
        # a quote beside another is one that the text holds, not the edge of the cell
        edge = (left == _QUOTE) & (self.at(places - 2) != _QUOTE)
        edge |= (right == _QUOTE) & (self.at(places + 2) != _QUOTE)
        outside = ~self.inside(quotes, places)
        edge |= outside & (self.edge[left] | self.edge[right])
        return bool(edge.any())
