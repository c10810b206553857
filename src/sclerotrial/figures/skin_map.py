"""A map of the body: mean change of the skin score at each of its areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    MUTED,
    SIZE,
    SMALL,
    caption,
    diverging,
    inches,
    minus,
    nothing,
    simulated_note,
    style,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import ABSENT, Numbers

#: area -> left edge, upper edge, width, height in mm; the right side of the body stands at the left
BOXES: dict[str, tuple[float, float, float, float]] = {
    "face": (-4.6, 0, 9.2, 11.5),
    "ches": (-7.7, 13, 15.4, 11.6),
    "abdo": (-7.7, 25.2, 15.4, 10.4),
    "uarr": (-12.7, 13, 4.4, 11.6),
    "farr": (-13.2, 25.2, 4.4, 10.4),
    "hanr": (-13.6, 36.2, 4.6, 5),
    "finr": (-13.6, 41.8, 4.6, 5),
    "thir": (-7.6, 36.2, 7.2, 13.4),
    "legr": (-7, 50.2, 6.2, 12.8),
    "foor": (-8.8, 63.6, 8, 4.6),
}
#: areas in pairs are drawn on the other side as well
_PAIRED = ("uarr", "farr", "hanr", "finr", "thir", "legr", "foor")
TALL = 68.2
LEAST = 0.5  # the colour is full at this change, or at the largest


def skin_map(adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any) -> tuple[Any, str]:
    """Mean change to the last visit at each area, all treated beside those who completed.

    Parameters
    ----------
    adam : mapping
        Not looked at: means are rows of the ARD.
    ard : DataFrame
        ``efficacy.mrss{area}.{group}.{visit}.chg.mean``.
    study : Study
        Sections ``study``, ``arms``, ``visits``, ``efficacy_visits``.

    Returns
    -------
    matplotlib Figure, caption
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    numbers = Numbers(ard)
    who = naming.active_label(study).lower()
    shown = [
        (head, found)
        for group, head in (
            (naming.active(study), f"all on {who}"),
            (naming.COMPLETERS, "completed"),
        )
        if (found := means(numbers, study, group))
    ]
    if not shown:
        return nothing(study, "areas of the skin")
    most = max([LEAST, *(abs(v) for _, found in shown for v, _, _ in found.values())])
    height = TALL + 28
    with matplotlib.rc_context(style()):
        figure = Figure(figsize=(inches(COLUMN_MM), inches(height)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, COLUMN_MM)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for k, (head, found) in enumerate(shown):
            middle = COLUMN_MM * (k + 0.5) / len(shown)
            title = f"{head}, n = {sizes(found)}"
            axes.text(middle, 4, title, size=SIZE, color=INK, ha="center", va="center")
            axes.text(middle - 15, 13, "right", size=SMALL, color=MUTED, ha="center")
            axes.text(middle + 15, 13, "left", size=SMALL, color=MUTED, ha="center")
            _body(axes, found, middle, 8.0, most)
        _key(axes, TALL + 14, most)
        note = simulated_note(study)
        if note:
            axes.text(2, height - 1.5, note, size=SMALL, color=MUTED, va="bottom")
    return figure, _text(numbers, study, shown)


def means(numbers: Numbers, study: Any, group: str) -> dict[str, tuple[float, str, str]]:
    """Mean change of each area as value, as printed, and its number of patients."""
    later = naming.later(study)
    visit = naming.visit(later[-1]) if later else ""
    found = {}
    for area in places():
        q = naming.join("efficacy", f"mrss{area}", group, visit, "chg")
        id_ = f"{q}.mean"
        if id_ in numbers and numbers.text(id_) != ABSENT:
            found[area] = (numbers.value(id_), numbers.text(id_), numbers.text(f"{q}.n"))
    return found


def places() -> dict[str, tuple[float, float, float, float]]:
    """Where each area stands, of both sides of the body."""
    both = dict(BOXES)
    for area in _PAIRED:
        left, top, width, height = BOXES[area]
        both[f"{area[:-1]}l"] = (-left - width, top, width, height)
    return both


def sizes(found: Mapping[str, tuple[float, str, str]]) -> str:
    """Number of patients behind the areas, as a range where they differ."""
    seen = sorted({n for _, _, n in found.values()}, key=float)
    return seen[0] if len(seen) == 1 else f"{seen[0]} to {seen[-1]}"


def _body(axes: Any, found: Mapping, middle: float, top: float, most: float) -> None:
    from matplotlib.patches import Ellipse, FancyBboxPatch

    for area, (left, upper, width, height) in places().items():
        value, text, _ = found.get(area, (0.0, ABSENT, ""))
        look = {
            "facecolor": diverging(value, most),
            "edgecolor": INK,
            "lw": 0.5,
            "hatch": "////" if value > 0 else None,
        }
        x, y = middle + left, top + upper
        if area == "face":
            axes.add_patch(Ellipse((x + width / 2, y + height / 2), width, height, **look))
        else:
            box = "round,pad=0,rounding_size=1.6"
            axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=box, **look))
        inside = width > 7 and height > 10
        outer = 1 if left + width / 2 > 0 else -1
        at = x + width / 2 if inside else x + (width + 0.7 if outer > 0 else -0.7)
        side = "center" if inside else ("left" if outer > 0 else "right")
        axes.text(
            at,
            y + height / 2,
            minus(text),
            size=SMALL - 0.5,
            color=INK,
            ha=side,
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4} if inside else None,
        )


def _key(axes: Any, top: float, most: float) -> None:
    """Steps of the colour from fall to rise."""
    from matplotlib.patches import Rectangle

    steps = 9
    wide = 36 / steps
    start = COLUMN_MM / 2 - 18
    for k in range(steps):
        value = most * (2 * k / (steps - 1) - 1)
        axes.add_patch(
            Rectangle(
                (start + k * wide, top),
                wide,
                3,
                facecolor=diverging(value, most),
                edgecolor=INK,
                lw=0.25,
                hatch="////" if value > 0 else None,
            )
        )
    axes.text(start - 1.5, top + 1.5, "falls (better)", size=SMALL, ha="right", va="center")
    axes.text(start + 37.5, top + 1.5, "rises", size=SMALL, ha="left", va="center")


def _text(numbers: Numbers, study: Any, shown: list) -> str:
    later = naming.later(study)
    visit = naming.visit(later[-1]) if later else ""
    who = naming.active_label(study).lower()
    sums = []
    for group, words in (
        (naming.active(study), f"all on {who}"),
        (naming.COMPLETERS, "completers"),
    ):
        q = naming.join("efficacy", "mrss", group, visit, "chg")
        if f"{q}.mean" in numbers:
            sums.append(
                f"{words} {minus(numbers.said(f'{q}.mean'))} (n = {numbers.said(f'{q}.n')})"
            )
    return caption(
        study,
        f"Mean change of the skin score from baseline to {later[-1].lower() if later else ''} at"
        " each of its areas, in points (0 to 3 an area), seen from the front; hatched: a rise.",
        f"Of the whole score: {', '.join(sums)}." if sums else "",
        "Areas are described, not tested.",
    )
