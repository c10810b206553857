"""When adverse events began: their cumulative share by study day, the first week marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    SMALL,
    arm_colours,
    caption,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import Numbers, slug
from sclerotrial.tabular import num


def event_onset(adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any) -> tuple[Any, str]:
    """Cumulative share of the events of each group and of each patient, by day of onset.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adae``.
    ard : DataFrame
        Share of the first week, counts of the caption.
    study : Study
        Sections ``study``, ``arms``, ``run``, ``safety``, ``visits``, ``efficacy_visits``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        annotate,
        geom_point,
        geom_step,
        geom_text,
        ggplot,
        labs,
        scale_color_manual,
        scale_x_continuous,
        scale_y_continuous,
    )

    people = treated(adam["adsl"], study)
    events = onsets(adam["adae"], people)
    if events.empty:
        return nothing(study, "adverse events")
    each = steps(events, "USUBJID")
    arms = steps(events, "ARM")
    numbers, days = Numbers(ard), study.safety.early_onset_days
    end = max(float(events["DAY"].max()), max((v.target or 0) for v in study.visits))
    last = arms.groupby("ARM", sort=False).tail(1)
    heads = [_head(numbers, arm, events) for arm in last["ARM"]]
    # names stand under the curves, one beneath the other, in the order of the arms
    names = pd.DataFrame(
        {
            "ARM": list(last["ARM"]),
            "HEAD": heads,
            "X": end,
            "Y": [26.0 - 11 * k for k in range(len(heads))],
        }
    )
    early = _early(numbers, study, days)
    plot = (
        ggplot(arms, aes("DAY", "SHARE"))
        + annotate("rect", xmin=1, xmax=days + 1, ymin=0, ymax=100, fill="#EDEDED")
        + geom_step(aes(group="USUBJID", color="ARM"), data=each, size=0.25, alpha=0.45)
        + geom_step(aes(color="ARM"), size=1.0)
        + geom_point(aes("X", "Y", color="ARM"), data=names, size=2, shape="s")
        + geom_text(
            aes("X", "Y", label="HEAD"), data=names, nudge_x=-5, size=SMALL, ha="right", color=INK
        )
        + annotate("text", x=days + 3, y=104, label=early, size=SMALL, ha="left", color=INK)
        + scale_color_manual(arm_colours(study), guide=None)
        + scale_x_continuous(
            breaks=[1, days, *(v.target for v in study.visits if (v.target or 0) > 20)],
            limits=(1, end),
        )
        + scale_y_continuous(breaks=range(0, 101, 25), limits=(0, 108))
        + labs(
            x="Day of onset (day 1: first dose)",
            y="Events begun, %",
            caption=simulated_note(study) or None,
        )
        + theme(COLUMN_MM, 66)
    )
    return plot, _text(adam, numbers, study, days)


def onsets(adae: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """First day of each emergent episode of the patients shown: ``USUBJID``, ``ARM``, ``DAY``."""
    rows = adae[adae["TRTEMFL"] == "Y"].merge(people[["USUBJID", "ARM"]], on="USUBJID")
    rows["DAY"] = num(rows["ASTDY"])
    rows["EPISODE"] = rows["AEGRPID"].where(rows["AEGRPID"] != "", rows["AESEQ"])
    rows = rows.dropna(subset=["DAY"])
    first = rows.groupby(["ARM", "USUBJID", "EPISODE"], sort=True)["DAY"].min()
    return first.reset_index()[["USUBJID", "ARM", "DAY"]]


def steps(events: pd.DataFrame, key: str) -> pd.DataFrame:
    """Cumulative share of events by day, for each value of ``key``; starts at zero."""
    found = []
    for name, rows in events.groupby(key, sort=True):
        days = np.sort(rows["DAY"].to_numpy(float))
        share = 100 * np.arange(1, len(days) + 1) / len(days)
        frame = pd.DataFrame({"DAY": [1.0, *days], "SHARE": [0.0, *share]})
        frame = frame.groupby("DAY", as_index=False)["SHARE"].max() if len(days) else frame
        if frame["DAY"].iloc[0] == 1.0 and frame["SHARE"].iloc[0] > 0:
            frame = pd.concat([pd.DataFrame({"DAY": [1.0], "SHARE": [0.0]}), frame])
        found.append(frame.assign(**{"ARM": rows["ARM"].iloc[0], key: name}))
    return pd.concat(found, ignore_index=True)


def _head(numbers: Numbers, arm: str, events: pd.DataFrame) -> str:
    q = f"safety.any.{slug(arm)}"
    if f"{q}.events.count" not in numbers:
        return arm
    said = f"{arm}: {numbers.text(f'{q}.events.count')} events"
    size = f"feasibility.treated.{slug(arm)}.count"
    return f"{said}, n = {numbers.text(size)}" if size in numbers else said


def _early(numbers: Numbers, study: Any, days: int) -> str:
    q = f"safety.week1.{naming.active(study)}.events.percent"
    who = naming.active_label(study).lower()
    return f"by day {days}: {numbers.text(q)} % on {who}" if q in numbers else f"day {days}"


def _text(adam: Mapping[str, pd.DataFrame], numbers: Numbers, study: Any, days: int) -> str:
    group, who = naming.active(study), naming.active_label(study).lower()
    said = ""
    ids = [
        f"safety.week1.{group}.{q}" for q in ("events.count", "events_all.count", "events.percent")
    ]
    if all(i in numbers for i in ids):
        early, every, percent = (numbers.said(i) for i in ids)
        said = f"On {who} {early} of {every} events ({percent} %) began on days 1 to {days}."
    return caption(
        study,
        "Cumulative share of emergent adverse events by day of onset; thin lines: each patient;"
        f" grey: the first {days} days on study drug.",
        said,
        "Events recur within a patient, so that the share has no interval.",
        withheld(adam["adsl"], study),
    )
