"""Words of the logic language: brackets, texts, numbers, names and signs; comments are passed."""

from __future__ import annotations

import html
import re
from typing import NamedTuple


class LogicError(ValueError):
    """A text that is no logic.

    Attributes
    ----------
    what : str
        What is wrong, in words.
    at : int
        Position in the text, from 1.
    """

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} (at character {at})")
        self.what, self.at = what, at


class Token(NamedTuple):
    """One word: its kind ('ref', 'text', 'number', 'name', 'sign', 'end'), text and position."""

    kind: str
    text: str
    at: int


#: signs written in several ways -> the one that the parser knows
SIGNS = {
    "==": "=", "!=": "<>", "≠": "<>", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=",
    "&&": "and", "||": "or", "!": "not", "−": "-", "×": "*",
}  # fmt: skip
#: quotes as word processors turn them
_QUOTES = str.maketrans("“”„‘’‚\u00a0", "\"\"\"''' ")
_TOKEN = re.compile(
    r"(?P<blank>\s+|//[^\n]*|(?m:^)\s*\#[^\n]*|/\*.*?\*/)"
    r"|\[(?P<ref>[^\[\]]*)\]"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><>|!=|==|<=|>=|=<|=>|&&|\|\||[-+*/^%(),<>=!≠≤≥−×])",
    re.DOTALL,
)


def plain_text(text: str) -> str:
    """The text without the signs that dictionaries carry over from web pages."""
    if "&" in text and re.search(r"&(?:lt|gt|amp|quot|#\d+);", text):
        text = html.unescape(text)
    text = re.sub(r"<br\s*/?>", "\n", text, flags=re.IGNORECASE)
    return text.translate(_QUOTES)


def tokens(text: str) -> list[Token]:
    """All words of a text, an 'end' behind them.

    Comments run from ``//`` to the end of the line, stand between ``/*`` and ``*/``, or fill a
    line that begins with ``#``. Line breaks are blanks.

    Raises
    ------
    LogicError
        At the first sign that belongs to no word.
    """
    text = plain_text(text)
    found: list[Token] = []
    at = 0
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if not hit:
            raise LogicError(_unreadable(text[at]), at + 1)
        kind = str(hit.lastgroup)
        word = hit[kind]
        if kind == "text":
            word = re.sub(r"\\(.)", r"\1", word[1:-1])
        elif kind == "sign":
            word = SIGNS.get(word, word)
        elif kind == "name":
            word = word.casefold()
        if kind != "blank":
            if kind == "sign" and word in ("and", "or", "not"):
                kind = "name"
            found.append(Token(kind, word, at + 1))
        at = hit.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _unreadable(sign: str) -> str:
    if sign in "[]":
        return "A bracket is not closed"
    if sign in "\"'":
        return "A quotation mark is not closed"
    if sign in "{}":
        return "Curly brackets have no part in logic"
    return f"The sign {sign!r} has no meaning here"
