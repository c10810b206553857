"""Numbers typed by hand in a manuscript: found, told, refused."""

from __future__ import annotations

import re

from sclerotrial.errors import Problem

#: what may be written in figures: years, doses, and the name of a common scale's length
ALLOWED = re.compile(r"\b(?:19|20)\d\d\b|\b\d+\s+mg\b|\b100\s+mm\b")
_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty"
)
#: number words in a section of results; durations of the design may stand in words
WORDS = re.compile(
    rf"\b(?:{_WORDS})\b(?!(?:\s+|-)(?:months?|weeks?|years?|sided)\b)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d[\d.,:/]*")
_HEADING = re.compile(r"^=[ \t]+(.*?)[ \t]*$", re.MULTILINE)
_ANY_HEADING = re.compile(r"^=+[ \t].*$", re.MULTILINE)
_CALL = re.compile(r"#[A-Za-z][A-Za-z0-9._-]*\((?:[^()\"]|\"[^\"]*\")*\)")
_CODE_LINE = re.compile(r"^\s*#(?:import|set|show|let|include)\b.*$", re.MULTILINE)
_REFERENCE = re.compile(r"@[A-Za-z][\w:.-]*|<[A-Za-z][\w:.-]*>")
_COMMENT = re.compile(r"(?<!:)//.*$", re.MULTILINE)


def typed_numbers(source: str, name: str) -> list[Problem]:
    """Problems of numbers that stand in the text and not in a call.

    Parameters
    ----------
    source : str
        A Typst manuscript. The list of references is left out, and whatever stands above the
        first heading. Figures are refused in every section; number words, as in 'two patients',
        where results are told (a heading with 'result' or 'abstract' in it).
    name : str
        File name for the messages.
    """
    text = _blanked(source)
    heads = [(0, "")] + [(hit.start(), hit.group(1).lower()) for hit in _HEADING.finditer(text)]
    # every line that is a heading is blanked, so that 'Month 6' may head a part
    text = _blank(_ANY_HEADING, text)
    hits = [(hit.start(), hit.group(0)) for hit in _NUMBER.finditer(text)]
    told = [(hit.start(), hit.group(0)) for hit in WORDS.finditer(text)]
    hits += [(at, word) for at, word in told if "result" in _under(heads, at)]
    hits += [(at, word) for at, word in told if "abstract" in _under(heads, at)]
    return [
        Problem(
            f"The number {word.rstrip('.,:')!r} is typed by hand",
            f"{name}, line {text.count(chr(10), 0, at) + 1}",
            'Take it from the results: #ard("ID"), or from the configuration: #study("key")',
        )
        for at, word in sorted(hits)
        if _under(heads, at) and not _under(heads, at).startswith("reference")
    ]


def _under(heads: list[tuple[int, str]], at: int) -> str:
    """The main heading under which a place of the text stands."""
    return [name for start, name in heads if start <= at][-1]


def _blanked(source: str) -> str:
    """The text with code, comments, labels and citations as blanks; lines stay where they are."""
    for pattern in (_COMMENT, _CODE_LINE, _CALL, _REFERENCE, ALLOWED):
        source = _blank(pattern, source)
    return source


def _blank(pattern: re.Pattern, text: str) -> str:
    return pattern.sub(lambda hit: re.sub(r"[^\n]", " ", hit.group(0)), text)
