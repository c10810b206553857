"""What the results decide of a manuscript's words: which number is told, and where a claim is."""

from __future__ import annotations

import math
import re
from fnmatch import fnmatchcase

from sclerotrial.tables.source import Numbers, slug

_STARRED = re.compile(r'(\bard\(\s*")([^"*]*\*[^"]*)(")')
#: a statement of the published abstract up to its words: its id and its verdict; the check, the
#: PDF and the Word version all find it by this
CLAIM = re.compile(r'#claim\(\s*"([^"]*)"\s*,\s*"([^"]*)"\s*,?\s*\)\[')
_PART = re.compile(rf"{CLAIM.pattern}|^=[ \t]+(.*?)[ \t]*$", re.MULTILINE)


def resolved(source: str, numbers: Numbers) -> str:
    """A manuscript in which each ID with a star is that of a number.

    ``#ard("biomarker.*.corr_mrss.spearman.ci_low")`` means the marker whose estimate is farthest
    from zero, the first of equals: which one that is, the results say and not the text.

    Parameters
    ----------
    source : str
        Typst text. A pattern that nothing fits stays as it is, to be refused as an unknown ID.
    numbers : Numbers
        The ARD.
    """

    def one(hit: re.Match) -> str:
        stem, _, stat = hit.group(2).rpartition(".")
        fits = {i: abs(numbers.value(i)) for i in numbers.ids if fnmatchcase(i, f"{stem}.estimate")}
        fits = {i: size for i, size in fits.items() if math.isfinite(size)}
        if not fits:
            return hit.group(0)
        found = max(fits, key=lambda i: fits[i])
        return f"{hit.group(1)}{found.removesuffix('estimate')}{stat}{hit.group(3)}"

    return _STARRED.sub(one, source)


def what(numbers: Numbers, id_: str) -> str:
    """What a number is of, in the words of its label: the part before its group and visit."""
    parts = numbers.cell(id_, "LABEL").split(", ")
    group = numbers.cell(id_, "GROUP")
    end = next((k for k, part in enumerate(parts) if slug(part) == group), len(parts))
    if numbers.cell(id_, "DATASET") == "adbm" and end > 1:
        return f"{', '.join(parts[: end - 1])} in {parts[end - 1]}"
    return ", ".join(parts[:end])


def told(text: str) -> dict[str, list[int]]:
    """Which of its places tells a claim: those in the results, else its last.

    Parameters
    ----------
    text : str
        Typst text without comments.

    Returns
    -------
    dict
        Claim -> places, counted from 0 among the places of that claim.
    """
    places: dict[str, list[bool]] = {}
    inside = False
    for hit in _PART.finditer(text):
        if hit.group(1) is None:
            inside = hit.group(3).lower().startswith("result")
        else:
            places.setdefault(hit.group(1), []).append(inside)
    return {
        id_: [k for k, there in enumerate(found) if there] or [len(found) - 1]
        for id_, found in places.items()
    }
