"""Dosing and adverse events of each patient in time (a swimmer plot)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.people import STOPPED, placebo_labels, treated, withheld
from sclerotrial.figures.theme import (
    GRADES,
    INK,
    MUTED,
    PAGE_MM,
    SMALL,
    arm_colours,
    caption,
    narrow,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import Numbers
from sclerotrial.tabular import num

SHAPES = {"1": "o", "2": "s", "3": "^", "4": "D", "5": "X"}
CELL_DAYS = 5  # marks nearer than this are put above each other, on an axis of
HALF_YEAR = 250  # at most so many days; on a longer one twice as far, and so on
STEP = 0.16  # of the height of a patient's row
SPACE = 0.48  # what the marks of one spot may take of it
SPACE_BELOW = 0.29  # the same where the letter of an admission stands above them
LETTER = 0.14  # from the highest mark to that letter
ROW_MM = 12.0
FULL = 0.19  # half of a bar at the planned dose, of the height of a row


def dosing_and_events(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """One row a patient: dosing with the dose, gaps, events by grade, hospital admissions.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adex``, ``adae``.
    ard : DataFrame
        Counts of the caption.
    study : Study
    width : float
        Printed width in mm.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        geom_point,
        geom_rect,
        geom_segment,
        geom_text,
        ggplot,
        guide_legend,
        guides,
        labs,
        scale_fill_manual,
        scale_shape_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_blank, element_text

    people = treated(adam["adsl"], study)
    if people.empty:
        return nothing(study, "study drug")
    people["Y"] = np.arange(len(people))[::-1].astype(float)
    doses, gaps = _intervals(adam["adex"], people, study)
    end = max([v.target or 0 for v in study.visits] + [doses["TO"].max() if len(doses) else 0])
    cell = near_days(end)
    # days that the words of a dose take, so that they are printed where they fit into the bar
    words = (26 if narrow(width) else 14) * cell / CELL_DAYS
    ends = stops(doses, people, adam["adsl"])
    if narrow(width):
        ends["END"] = ends["END"].str.replace(": ", ":\n")
    events = stacked(adam["adae"], people, cell)
    grades = [g for g in GRADES if g in set(events["GRADE"])]
    admitted = events[events["HOSP"]]
    colours = arm_colours(study)
    visits = [v for v in study.visits if v.target is not None and v.target > 0]
    plot = (
        ggplot()
        + geom_segment(
            aes(x="FROM", xend="TO", y="Y", yend="Y"), data=gaps, color=MUTED, linetype="dotted"
        )
        + geom_rect(
            aes(xmin="FROM", xmax="TO", ymin="LOW", ymax="HIGH", fill="ARM"),
            data=doses,
            show_legend=False,
        )
        + geom_text(
            aes(x="MID", y="Y", label="DOSE"),
            data=doses[~doses["MATCHING"] & (doses["TO"] - doses["FROM"] >= words)],
            color="white",
            fontweight="bold",
            size=SMALL - 1,
            va="center",
        )
        + geom_text(
            aes(x="MID", y="Y", label="DOSE"),
            data=doses[doses["MATCHING"]],
            color=INK,
            fontweight="bold",
            size=SMALL - 1,
            va="center",
        )
        + geom_text(
            aes(x="TO", y="Y", label="END"),
            data=ends,
            nudge_x=1.5 * cell / CELL_DAYS,
            size=SMALL,
            color=INK,
            ha="left",
        )
        + geom_point(
            aes("X", "Y", shape="GRADE", fill="GRADE"),
            data=events,
            color=INK,
            size=1.5,
            stroke=0.35,
        )
        + geom_text(
            aes("X", "Y", label="MARK"),
            data=_above(admitted, events) if narrow(width) else admitted.assign(MARK="H"),
            nudge_x=0 if narrow(width) else cell / 2,
            nudge_y=0 if narrow(width) else 0.03,
            size=SMALL,
            fontweight="bold",
            color=INK,
            ha="center",
            va="center",
        )
        + scale_fill_manual({**colours, **GRADES}, breaks=grades, guide=None)
        + scale_shape_manual(SHAPES, breaks=grades, labels=[f"grade {g}" for g in grades])
        + guides(shape=guide_legend(override_aes={"fill": [GRADES[g] for g in grades]}))
        + scale_x_continuous(
            breaks=[v.target for v in visits],
            labels=[_short(v, narrow(width)) for v in visits],
            limits=(-2, end + 6),
            expand=(0, 0),
        )
        + scale_y_continuous(
            breaks=list(people["Y"]),
            labels=[
                f"{p} {a.lower()}\n{f}"
                for p, a, f in zip(people["LABEL"], people["ARM"], people["FATE"], strict=True)
            ],
            limits=(-0.45, len(people) - 0.15),
            expand=(0, 0),
        )
        + labs(x="Planned visit (study day)", y="", caption=simulated_note(study) or None)
        + theme(width, 30 + ROW_MM * len(people))
        + adjust(
            panel_grid_major_y=element_blank(),
            axis_line_y=element_blank(),
            axis_ticks_major_y=element_blank(),
            axis_text_y=element_text(ha="right", size=SMALL, color=INK),
        )
    )
    return plot, _text(adam, ard, study, cell)


def _short(visit: Any, tight: bool) -> str:
    name = visit.avisit.replace("Month ", "M").replace("Week ", "W")
    return f"{name[:4] if tight else name}\n{visit.target}"


def _intervals(
    adex: pd.DataFrame, people: pd.DataFrame, study: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rectangles of dosing (height by dose) and lines of interruptions."""
    rows = adex.merge(people[["USUBJID", "ARM", "Y"]], on="USUBJID")
    rows["FROM"], rows["TO"] = num(rows["ASTDY"]), num(rows["AENDY"]) + 1
    dosing = rows[rows["EXTYPE"] == "DOSING"].copy()
    planned = study.dosing.planned_daily if study.dosing else 1.0
    half = FULL * num(dosing["DOSE"]) / planned
    dosing["LOW"], dosing["HIGH"] = dosing["Y"] - half, dosing["Y"] + half
    dosing["MID"] = (dosing["FROM"] + dosing["TO"]) / 2
    matching = set(placebo_labels(study))
    unit = f" {study.dosing.unit}" if study.dosing else ""
    dosing["MATCHING"] = dosing["ARM"].isin(matching)
    dosing["DOSE"] = [
        arm.lower() if arm in matching else f"{dose:g}{unit}"
        for arm, dose in zip(dosing["ARM"], num(dosing["DOSE"]), strict=True)
    ]
    return dosing, rows[rows["EXTYPE"] == "INTERRUPTION"]


def stops(doses: pd.DataFrame, people: pd.DataFrame, adsl: pd.DataFrame) -> pd.DataFrame:
    """Where and why study drug ended before its time.

    Returns
    -------
    DataFrame
        ``TO`` (end of the last dose, study days), ``Y``, ``END`` (day and reason in words), a row
        a patient who stopped early.
    """
    last = doses.sort_values("TO", kind="stable").drop_duplicates("USUBJID", keep="last")
    rows = people[people["FATE"] == STOPPED][["USUBJID"]].merge(last, on="USUBJID")
    why = dict(zip(adsl["USUBJID"], adsl.get("DCSREAS", pd.Series("", adsl.index)), strict=True))
    said = [
        f"stopped, day {to - 1:.0f}" + (f": {why[who].lower()}" if why.get(who) else "")
        for who, to in zip(rows["USUBJID"], rows["TO"], strict=True)
    ]
    return pd.DataFrame({"TO": rows["TO"], "Y": rows["Y"], "END": said})


def near_days(end: float) -> int:
    """Days within which two marks would lie upon each other, by the last day of the axis."""
    return CELL_DAYS * max(1, math.ceil(end / HALF_YEAR))


def stacked(adae: pd.DataFrame, people: pd.DataFrame, cell: int = CELL_DAYS) -> pd.DataFrame:
    """Onset of emergent events with a height that keeps marks of near days apart.

    Parameters
    ----------
    adae : DataFrame
        ``USUBJID``, ``AESEQ``, ``AEGRPID``, ``ASTDY``, ``AETOXGRN``, ``AESHOSP``, ``TRTEMFL``.
        Rows of one episode, as at a change of grade, are one mark: first day, highest grade.
    people : DataFrame
        ``USUBJID`` and ``Y``, the height of the patient's row.
    cell : int
        Days within which marks stand above each other.

    Returns
    -------
    DataFrame
        ``X`` (study day), ``Y``, ``GRADE``, ``HOSP``.
    """
    rows = adae[adae["TRTEMFL"] == "Y"].merge(people[["USUBJID", "Y"]], on="USUBJID")
    rows = rows.assign(DAY=num(rows["ASTDY"]), GRADE=_grade(rows["AETOXGRN"]))
    rows["HOSP"] = rows["AESHOSP"] == "Y"
    rows["EPISODE"] = rows["AEGRPID"].where(rows["AEGRPID"] != "", rows["AESEQ"])
    of = rows.dropna(subset=["DAY"]).groupby(["USUBJID", "EPISODE"], sort=False)
    rows = of.agg({"DAY": "min", "GRADE": "max", "HOSP": "max", "Y": "first"}).reset_index()
    rows = rows.sort_values(
        ["USUBJID", "DAY", "GRADE"], ascending=[True, True, False], kind="stable"
    )
    rows["SPOT"] = (rows["DAY"] // cell).astype(int)
    spots = rows.groupby(["USUBJID", "SPOT"], sort=False)
    level = spots.cumcount()
    space = np.where(spots["HOSP"].transform("max").astype(bool), SPACE_BELOW, SPACE)
    squeeze = np.minimum(STEP, space / np.maximum(spots["DAY"].transform("size") - 1, 1))
    return pd.DataFrame(
        {
            "X": (rows["SPOT"] + 0.5) * cell,
            "Y": rows["Y"] + 0.26 + level * squeeze,
            "GRADE": rows["GRADE"],
            "HOSP": rows["HOSP"].astype(bool),
        }
    ).reset_index(drop=True)


def _above(admitted: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Letters of admissions above the marks of their days, where there is no room beside them."""
    row, spot = np.floor(events["Y"]), events["X"]
    top = events["Y"].groupby([row, spot]).transform("max")
    return admitted.assign(MARK="H", Y=top[admitted.index] + LETTER).drop_duplicates(["X", "Y"])


def _grade(values: pd.Series) -> pd.Series:
    """Grades as '1'..'5'; a missing grade is shown as the lowest and said in the listing."""
    return pd.Series([v[:1] if v[:1] in GRADES else "1" for v in values], index=values.index)


def _text(adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, cell: int) -> str:
    numbers = Numbers(ard)
    group, who = naming.active(study), naming.active_label(study).lower()
    near = naming.WORDS[cell - 1] if cell <= len(naming.WORDS) else str(cell)
    counts = []
    ids = [
        f"safety.any.{group}.events.count",
        f"safety.any.{group}.patients.count",
        f"safety.hospitalised.{group}.patients.count",
    ]
    if all(i in numbers for i in ids):
        events, patients, hospital = (numbers.said(i) for i in ids)
        counts = [
            f"On {who}: {events} emergent events in {patients} patients;"
            f" {hospital} were admitted to hospital."
        ]
    unit = f"{study.dosing.unit} a day" if study.dosing else ""
    return caption(
        study,
        f"Study drug ({unit}; the height of a bar is the dose), interruptions (dotted) and onset"
        " of emergent adverse events of each treated patient.",
        "Darker marks are higher grades; H: admission to hospital; the day and the reason"
        " stand where study drug was stopped early.",
        f"Marks of events that began within the same {near} days stand above each other.",
        *counts,
        withheld(adam["adsl"], study),
    )
