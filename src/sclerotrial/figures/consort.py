"""The flow of participants (CONSORT): boxes and arrows, every count from the ARD."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sclerotrial.figures.theme import (
    FONT,
    INK,
    MUTED,
    PAGE_MM,
    SIZE,
    SMALL,
    arm_colours,
    caption,
    inches,
    narrow,
    simulated_note,
    style,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import Numbers, slug

Stroke = tuple[tuple[float, float], tuple[float, float]]

LINE = 4.1  # mm a line of text
PAD = 2.0
GAP = 6.0
WIDE = 72.0
APART = 3.0  # between boxes side by side, and to the edge
FOOT = 8.0  # below the lowest box, for the mark of simulated data


@dataclass(frozen=True)
class Box:
    """A box of the flow: its lines of text, its centre from the left and top edge, in mm."""

    lines: tuple[str, ...]
    x: float
    top: float
    width: float = WIDE
    colour: str = INK
    bold: int = 1  # lines of the heading

    @property
    def height(self) -> float:
        """Height in mm."""
        return LINE * len(self.lines) + 2 * PAD

    @property
    def bottom(self) -> float:
        """Lower edge in mm from the top."""
        return self.top + self.height


def consort(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """Screened, randomised, treated, completed, analysed.

    Parameters
    ----------
    adam : mapping
        ``adsl``, for what became of the only patient of an arm; counts are rows of the ARD.
    ard : DataFrame
        The family ``feasibility``.
    study : Study
        Sections ``study``, ``arms``, ``recruitment``, ``visits``, ``efficacy_visits``,
        ``endpoints``.
    width : float
        Printed width in mm; lines that are longer than their box are broken.

    Returns
    -------
    matplotlib Figure, caption
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    numbers = Numbers(ard)
    arms = [a for a in study.arms if f"feasibility.allocated.{slug(a.label)}.count" in numbers]
    if not narrow(width) and len(arms) > 2:
        width = max(width, 58.0 * len(arms))
    open_ = study.run.blinding == "open"
    fates = {arm.label: _fate(adam, arm, numbers, study) if open_ else "" for arm in arms}
    boxes, arrows, lines = layout(numbers, study, arms, width, fates)
    height = max(b.bottom for b in boxes) + FOOT
    with matplotlib.rc_context(style()):
        figure = Figure(figsize=(inches(width), inches(height)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for box in boxes:
            _draw(axes, box)
        for (x0, y0), (x1, y1) in lines:
            axes.plot([x0, x1], [y0, y1], color=INK, lw=0.7, solid_capstyle="projecting")
        for start, end in arrows:
            axes.annotate(
                "",
                xy=end,
                xytext=start,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": INK,
                    "lw": 0.7,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )
        note = simulated_note(study)
        if note:
            axes.text(2, height - 2, note, size=SMALL, color=MUTED, va="bottom")
    return figure, caption(
        study,
        "Flow of participants; the hue of a box is that of its group in all figures.",
        f"Enrolment was stopped early for {study.recruitment.stop_reason}."
        if study.recruitment.stop_reason
        else "",
    )


def layout(
    numbers: Numbers, study: Any, arms: list[Any], width: float, fates: Mapping[str, str]
) -> tuple[list[Box], list[Stroke], list[Stroke]]:
    """Boxes and arrows of the flow, top to bottom.

    Returns
    -------
    boxes : list of Box
    arrows, lines : list of ((x, y), (x, y))
        Start and end in mm from the left and top edge.
    """
    wide = min(WIDE, width / max(2, len(arms)) - APART)
    # in one column the stem stands to the left, and who was not randomised beside it
    middle = width / 4 if narrow(width) else width / 2

    def box(lines: tuple[str, ...], x: float, top: float, **look: Any) -> Box:
        room = wide - 2 * PAD
        heading = len(broken(lines[:1], room))
        return Box(broken(lines, room), x, top, wide, bold=heading, **look)

    screened = box(_lines(numbers, ("Screened (n = {})", "feasibility.screened.count")), middle, 2)
    out = _lines(
        numbers,
        ("Not randomised (n = {})", "feasibility.screen_failures.count"),
        *_reasons(numbers, "feasibility.screen_failures", ""),
    )
    boxes, arrows, lines = [screened], [], []
    top = screened.bottom + GAP
    if out:
        aside = box(out, width - APART / 2 - wide / 2, top)
        boxes.append(aside)
        level = aside.top + aside.height / 2
        arrows.append(((middle, level), (aside.x - aside.width / 2, level)))
        top = aside.bottom + GAP
    enrolled = box(
        _lines(
            numbers,
            (
                "Randomised (n = {} of {} planned)",
                "feasibility.enrolled.count",
                "feasibility.planned.count",
            ),
        ),
        middle,
        top,
    )
    boxes.append(enrolled)
    arrows.append(((middle, screened.bottom), (middle, enrolled.top)))
    colours = arm_colours(study)
    fork = enrolled.bottom + GAP
    ends = [width * (k + 0.5) / len(arms) for k in range(len(arms))]
    if ends:
        lines.append(((middle, enrolled.bottom), (middle, fork)))
        lines.append(((min(*ends, middle), fork), (max(*ends, middle), fork)))
    start = [fork] * len(arms)
    texts = [_stages(numbers, study, slug(a.label), a.label, fates.get(a.label, "")) for a in arms]
    for stage in range(max(map(len, texts), default=0)):
        # one stage stands at one height in all arms
        level = max(start) + GAP
        for k, arm in enumerate(arms):
            if stage >= len(texts[k]):
                continue
            here = box(texts[k][stage], ends[k], level, colour=colours[arm.label])
            arrows.append(((here.x, start[k]), (here.x, here.top)))
            boxes.append(here)
            start[k] = here.bottom
    return boxes, arrows, lines


def broken(lines: tuple[str, ...], width: float) -> tuple[str, ...]:
    """Lines that fit into a width (mm) as they are printed; what stands in brackets is not torn.

    What follows of a broken line stands further in, and that of the heading is bold as well.
    """
    found: list[str] = []
    for k, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        words = re.findall(r"\([^)]*\)|\S+", line)
        said = indent + words[0] if words else line
        for word in words[1:]:
            if printed_mm(f"{said} {word}", bold=k == 0) > width:
                found.append(said)
                said = f"{indent}{'' if k == 0 else '  '}{word}"
            else:
                said = f"{said} {word}"
        found.append(said)
    return tuple(found)


def printed_mm(text: str, bold: bool) -> float:
    """Width of a line of a box in mm; the first line of a box is larger and bold."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family=FONT, weight="bold" if bold else "normal")
    path = TextPath((0, 0), text, size=SIZE if bold else SMALL, prop=font)
    # the points of letters: `get_extents` goes through every curve between them, to the same end
    drawn = path.vertices[path.codes != path.CLOSEPOLY, 0]
    return float(drawn.max()) / 72 * 25.4


def _stages(
    numbers: Numbers, study: Any, group: str, label: str, fate: str = ""
) -> list[tuple[str, ...]]:
    """Texts of the boxes of an arm, those without any number left out."""
    code, outcome = _primary(study)
    visit = naming.later(study)[-1] if naming.later(study) else ""
    last = naming.join("efficacy", code.lower(), group, naming.visit(visit))
    stages = [
        _lines(
            numbers,
            (f"Allocated to {label.lower()} (n = {{}})", f"feasibility.allocated.{group}.count"),
            ("took at least one dose: {}", f"feasibility.treated.{group}.count"),
        ),
        _lines(
            numbers,
            (f"{_completed(study)} (n = {{}})", f"feasibility.retention.{group}.count"),
            ("stopped early: {}", f"feasibility.discontinued.{group}.count"),
            *((f"    {t}", i) for t, i in _reasons(numbers, "feasibility.discontinued", group)),
            ("dose reduced: {}", f"feasibility.dose_reduced.{group}.count"),
            ("given again after an interruption: {}", f"feasibility.rechallenge.{group}.count"),
            ("    stopped again: {}", f"feasibility.rechallenge_failed.{group}.count"),
        )
        or ((fate,) if fate else ()),
        _lines(
            numbers,
            ("Analysed (n = {})", f"feasibility.treated.{group}.count"),
            ("adverse events: {}", f"feasibility.treated.{group}.count"),
            (f"{outcome} at {visit.lower()}: {{}}", f"{last}.aval.n"),
            *_some(numbers, "    measured off the drug: {}", f"{last}.off_drug.count"),
            *_some(numbers, "    not measured: {}", f"{last}.missing.count"),
        ),
    ]
    return [s for s in stages if s]


def _primary(study: Any) -> tuple[str, str]:
    """Code of the primary endpoint, and what it is called in a box."""
    code = next((c for c, e in study.endpoints.items() if e.role == "primary"), "")
    if not code:
        return "", ""
    endpoint = study.endpoints[code]
    return code, "skin score" if endpoint.instrument == "mrss" else endpoint.param


def _completed(study: Any) -> str:
    """Heading of those who reached the end of the study drug."""
    lasted = naming.duration(study)
    return f"Completed {lasted} on drug" if lasted else "Completed study drug"


def _some(numbers: Numbers, template: str, id_: str) -> list[tuple[str, str]]:
    """A line whose number is worth printing: one above zero."""
    return [(template, id_)] if id_ in numbers and numbers.value(id_) > 0 else []


def _fate(adam: Mapping[str, pd.DataFrame], arm: Any, numbers: Numbers, study: Any) -> str:
    """What became of the only patient of an arm, in words ('' for larger arms)."""
    rows = adam["adsl"] if "adsl" in adam else pd.DataFrame(columns=["SAFFL", "TRT01A", "COMPLFL"])
    mine = rows[(rows["SAFFL"] == "Y") & (rows["TRT01A"] == arm.label)]
    if len(mine) != 1:
        return ""
    done = mine["COMPLFL"].iloc[0] == "Y"
    said = _completed(study) if done else "Stopped early"
    size = f"feasibility.treated.{slug(arm.label)}.count"
    return f"{said} (n = {numbers.text(size)})" if size in numbers else said


def _reasons(numbers: Numbers, stem: str, group: str) -> list[tuple[str, str]]:
    """Lines of the reasons that occurred, as the ARD has them under ``stem``."""
    ending = f".{group}.count" if group else ".count"
    found = []
    for id_ in numbers.ids:
        reason = id_[len(stem) + 1 : len(id_) - len(ending)]
        if id_.startswith(f"{stem}_") and id_.endswith(ending) and "." not in reason:
            found.append((f"{reason.replace('_', ' ')}: {{}}", id_))
    return found


def _lines(numbers: Numbers, *wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Lines of which the ARD holds all the numbers, filled with their texts."""
    return tuple(
        template.format(*(numbers.text(i) for i in ids))
        for template, *ids in wanted
        if all(i in numbers for i in ids)
    )


def _draw(axes: Any, box: Box) -> None:
    from matplotlib.patches import Rectangle

    left = box.x - box.width / 2
    axes.add_patch(
        Rectangle(
            (left, box.top), box.width, box.height, facecolor="white", edgecolor=box.colour, lw=0.9
        )
    )
    for k, line in enumerate(box.lines):
        axes.text(
            left + PAD,
            box.top + PAD + LINE * (k + 0.5),
            line,
            size=SIZE if k < box.bold else SMALL,
            weight="bold" if k < box.bold else "normal",
            color=INK,
            va="center",
            ha="left",
        )
