"""Drawings as the report's page holds them: the same picture in fewer letters."""

from __future__ import annotations

import re

#: places that hold coordinates in points, where a hundredth is less than can be printed
_PLACES = re.compile(r'(\b(?:d|x|y|cx|cy|x1|x2|y1|y2|points)="|translate\()([^")]*)')
_DECIMALS = re.compile(r"(?<=\.\d\d)\d+")


def light(svg: bytes) -> bytes:
    """An SVG without blanks between its elements, coordinates cut at a hundredth of a point.

    Parameters
    ----------
    svg : bytes
        As `sclerotrial.figures.theme.render` gives it.
    """
    text = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->", "", svg.decode("utf-8"), flags=re.S)
    text = re.sub(r">\s+<", "><", text)

    def cut(hit: re.Match) -> str:
        return hit[1] + _DECIMALS.sub("", " ".join(hit[2].split()))

    return _PLACES.sub(cut, text).strip().encode("utf-8")
