"""Adverse events by preferred term: patients by their worst grade, and number of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.figures.theme import (
    COLUMN_MM,
    GRADES,
    INK,
    MUTED,
    SMALL,
    caption,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import Numbers

ROW_MM = 5.6


def event_grades(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """Bars of patients by worst grade of each term in the active group; other groups as counts.

    Parameters
    ----------
    adam : mapping
        ``adae``, for how terms are written; counts are rows of the ARD.
    ard : DataFrame
        ``safety.pt_{term}.{group}.grade{k}.count``, ``.patients.count``, ``.events.count``.
    study : Study
        Sections ``study``, ``arms``, ``run``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        annotate,
        geom_rect,
        geom_text,
        ggplot,
        labs,
        scale_fill_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_blank

    numbers = Numbers(ard)
    active = naming.active(study)
    # a shared figure shows no group whose numbers the ARD withholds
    others = [
        a
        for a in study.arms
        if slug(a.label) != active
        and any(i.endswith(f".{slug(a.label)}.patients.count") for i in numbers.ids)
    ]
    bars, rows = counted(numbers, adam["adae"], active, [slug(a.label) for a in others])
    if rows.empty:
        return nothing(study, "adverse events by term")
    grades = [g for g in GRADES if g in set(bars["GRADE"])]
    most = float(rows["PATIENTS"].max())
    room = max([most + 2, *(most + 3.6 + 2.6 * k for k in range(len(others)))]) + 1.2
    beside = [most + 3.6 + 2.6 * k for k in range(len(others))]
    top = float(rows["Y"].max()) + 0.95
    plot = (
        ggplot(bars)
        + geom_rect(
            aes(xmin="FROM", xmax="TO", ymin="LOW", ymax="HIGH", fill="GRADE"),
            color=INK,
            size=0.3,
        )
        + geom_text(
            aes("PATIENTS", "Y", label="SAID"),
            data=rows,
            nudge_x=0.2,
            ha="left",
            size=SMALL,
            color=INK,
        )
        + annotate("text", x=most + 0.2, y=top, label="events", size=SMALL, color=MUTED, ha="left")
    )
    for arm, x in zip(others, beside, strict=True):
        column = slug(arm.label)
        size = _of(numbers, column).replace(" ", "\n", 1)
        plot = (
            plot
            + geom_text(aes(y="Y", label=column), data=rows, x=x, size=SMALL, color=INK)
            + annotate(
                "text",
                x=x,
                y=top,
                label=f"{arm.label.lower()}{size}",
                size=SMALL,
                color=MUTED,
            )
        )
    plot = (
        plot
        + scale_fill_manual(GRADES, breaks=grades, labels=[f"grade {g}" for g in grades])
        + scale_x_continuous(breaks=range(0, int(most) + 1, 2), limits=(0, room))
        + scale_y_continuous(
            breaks=list(rows["Y"]),
            labels=list(rows["TERM"]),
            limits=(-0.6, top + 0.5),
            expand=(0, 0),
        )
        + labs(
            x=f"Patients on {naming.active_label(study).lower()}{_of(numbers, active)}",
            y="",
            caption=simulated_note(study) or None,
        )
        + theme(COLUMN_MM, 26 + ROW_MM * len(rows))
        + adjust(panel_grid_major_y=element_blank(), axis_ticks_major_y=element_blank())
    )
    return plot, _text(numbers, study, active, others)


def counted(
    numbers: Numbers, adae: pd.DataFrame, active: str, others: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars and rows of the figure, the most frequent term at the top.

    Returns
    -------
    bars : DataFrame
        ``GRADE``, ``FROM``, ``TO`` (patients), ``LOW``, ``HIGH``.
    rows : DataFrame
        ``TERM``, ``Y``, ``PATIENTS``, ``SAID`` (events as printed), a column of printed patients
        for each other group.
    """
    written = {slug(t): t for t in adae["AEDECOD"]}
    parts = [
        i.split(".")[1]
        for i in numbers.ids
        if i.startswith("safety.pt_") and i.endswith(f".{active}.patients.count")
    ]
    bars: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for k, part in enumerate(parts):
        q = f"safety.{part}.{active}"
        y = float(len(parts) - 1 - k)
        start = 0.0
        for grade in reversed(GRADES):
            id_ = f"{q}.grade{grade}.count"
            many = numbers.value(id_) if id_ in numbers else 0.0
            if many > 0:
                bars.append(
                    {
                        "GRADE": grade,
                        "FROM": start,
                        "TO": start + many,
                        "LOW": y - 0.36,
                        "HIGH": y + 0.36,
                    }
                )
                start += many
        events = f"{q}.events.count"
        row = {
            "TERM": written.get(
                part.removeprefix("pt_"), part.removeprefix("pt_").replace("_", " ")
            ),
            "Y": y,
            "PATIENTS": numbers.value(f"{q}.patients.count"),
            "SAID": numbers.text(events) if events in numbers else "",
        }
        for other in others:
            id_ = f"safety.{part}.{other}.patients.count"
            row[other] = numbers.text(id_) if id_ in numbers else ""
        rows.append(row)
    columns = ["GRADE", "FROM", "TO", "LOW", "HIGH"]
    return (
        pd.DataFrame(bars, columns=columns),
        pd.DataFrame(rows, columns=["TERM", "Y", "PATIENTS", "SAID", *others]),
    )


def _of(numbers: Numbers, group: str) -> str:
    size = f"feasibility.treated.{group}.count"
    return f" (n = {numbers.text(size)})" if size in numbers else ""


def _text(numbers: Numbers, study: Any, active: str, others: list) -> str:
    who = naming.active_label(study).lower()
    size = f"feasibility.treated.{active}.count"
    worst = []
    for grade in GRADES:
        id_ = f"safety.worst_grade{grade}.{active}.patients.count"
        if id_ in numbers and numbers.value(id_) > 0:
            worst.append(f"grade {grade} in {numbers.said(id_)}")
    of = f" (n = {numbers.said(size)})" if size in numbers else ""
    return caption(
        study,
        f"Patients on {who}{of} with each adverse event from the first dose on, once a term, by its"
        " worst grade; beside the bars the number of events.",
        f"Worst grade of any event: {', '.join(worst)} patients." if worst else "",
        f"At the right: patients on {' and '.join(a.label.lower() for a in others)}."
        if others
        else "",
        "Grades as given on the case report form.",
    )
