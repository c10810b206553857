"""The skin score of each patient over time, with the time on drug beneath."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import (
    INK,
    PAGE_MM,
    PALE,
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

COLUMNS = 5
BAND = -7.0  # where the dosing band stands, below the lowest score
FULL = 4.0  # height of the band at the planned dose, in points of the score


def mrss_by_patient(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """One panel a patient: the score at each analysed visit, the dose as a band beneath.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adqs``, ``adex``.
    ard : DataFrame
        Counts and means of the caption.
    study : Study
    width : float
        Printed width in mm.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_line,
        geom_point,
        geom_rect,
        geom_text,
        ggplot,
        labs,
        scale_color_manual,
        scale_fill_manual,
        scale_linetype_manual,
        scale_shape_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust

    people = treated(adam["adsl"], study)
    people["PATIENT"] = [f"{p}" for p in people["LABEL"]]
    order = list(people["PATIENT"])
    scores = _scores(adam["adqs"], people, order)
    if scores.empty:
        return nothing(study, "skin scores")
    others = pd.concat(
        [
            scores[scores["PATIENT"] != panel].assign(PATIENT=panel, WHO=scores["USUBJID"])
            for panel in order
        ],
        ignore_index=True,
    )
    others["PATIENT"] = pd.Categorical(others["PATIENT"], order)
    band = _band(adam["adex"], people, order, study)
    between = "\n" if narrow(width) else " "
    heads = people.assign(
        PATIENT=pd.Categorical(people["PATIENT"], order),
        HEAD=[f"{a},{between}{f}" for a, f in zip(people["ARM"], people["FATE"], strict=True)],
    )
    visits = [v for v in study.visits if v.avisit in study.efficacy_visits]
    unit, labels = naming.time_axis(visits)
    colours = arm_colours(study)
    columns, tall = (3, 40) if narrow(width) else (COLUMNS, 42)
    rows = int(np.ceil(len(order) / columns))
    top = float(np.nanmax(scores["AVAL"]))
    above = 15 if narrow(width) else 8  # where the words of a panel begin
    plot = (
        ggplot(scores, aes("ADY", "AVAL"))
        + geom_line(aes(group="WHO"), data=others, color=PALE, size=0.25)
        + geom_rect(
            aes(xmin="FROM", xmax="TO", ymin="LOW", ymax="HIGH", fill="ARM"),
            data=band,
            inherit_aes=False,
        )
        + geom_line(aes(color="ARM", linetype="FATE", group="USUBJID"), size=0.7)
        + geom_point(aes(color="ARM", shape="WHEN"), size=1.5, fill="white", stroke=0.6)
        + geom_text(
            aes(label="HEAD"),
            data=heads,
            x=1,
            y=top + above,
            ha="left",
            va="top",
            size=SMALL - 0.5,
            color=INK,
            inherit_aes=False,
        )
        + facet_wrap("PATIENT", ncol=columns)
        + scale_color_manual(colours, guide=None)
        + scale_fill_manual(colours, guide=None)
        + scale_linetype_manual({"completed": "solid", "stopped early": (0, (3, 2))}, guide=None)
        + scale_shape_manual({"measured on drug": "o", "measured off drug": "s"})
        + scale_x_continuous(
            breaks=[v.target for v in visits], labels=labels, limits=(-8, _end(study, scores))
        )
        + scale_y_continuous(
            breaks=[BAND + FULL / 2, *range(0, 52, 10)],
            labels=["dose", *(f"{k}" for k in range(0, 52, 10))],
            limits=(BAND - 1, top + above + 1),
        )
        + labs(
            x=naming.since_first_dose(unit),
            y="Modified Rodnan skin score, points (0 to 51)",
            caption=simulated_note(study) or None,
        )
        + theme(width, 26 + tall * rows)
        + adjust(panel_spacing_y=0.025)
    )
    return plot, _text(adam, ard, study)


def _scores(adqs: pd.DataFrame, people: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Analysed skin scores with the panel of each patient."""
    rows = adqs[(adqs["PARAMCD"] == "MRSS") & (adqs["ANL01FL"] == "Y")]
    frame = rows[["USUBJID", "ADY", "AVAL", "ICEFL"]].merge(people, on="USUBJID")
    frame["ADY"], frame["AVAL"] = num(frame["ADY"]), num(frame["AVAL"])
    frame = frame.dropna(subset=["ADY", "AVAL"])
    when = np.where(frame["ICEFL"] == "Y", "measured off drug", "measured on drug")
    frame["WHEN"] = pd.Categorical(when, ["measured on drug", "measured off drug"])
    frame["WHO"] = frame["USUBJID"]
    frame["PATIENT"] = pd.Categorical(frame["PATIENT"], order)
    return frame.sort_values(["PATIENT", "ADY"], kind="stable").reset_index(drop=True)


def _band(adex: pd.DataFrame, people: pd.DataFrame, order: list[str], study: Any) -> pd.DataFrame:
    """Dosing intervals as rectangles, their height in proportion to the dose."""
    rows = adex[adex["EXTYPE"] == "DOSING"].merge(
        people[["USUBJID", "ARM", "PATIENT"]], on="USUBJID"
    )
    planned = study.dosing.planned_daily if study.dosing else 1.0
    height = num(rows["DOSE"]) / planned * FULL
    return pd.DataFrame(
        {
            "PATIENT": pd.Categorical(rows["PATIENT"], order),
            "ARM": rows["ARM"],
            "FROM": num(rows["ASTDY"]),
            "TO": num(rows["AENDY"]) + 1,
            "LOW": BAND,
            "HIGH": BAND + height,
        }
    )


def _end(study: Any, scores: pd.DataFrame) -> float:
    last = max((v.target or 0) for v in study.visits)
    seen = float(scores["ADY"].max()) if len(scores) else 0.0
    return max(last, seen) + 8


def _text(adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any) -> str:
    numbers = Numbers(ard)
    dosing = study.dosing
    full = f" (at full height {dosing.planned_daily:g} {dosing.unit} a day)" if dosing else ""
    return caption(
        study,
        "Modified Rodnan skin score of each treated patient; the others are drawn in pale grey.",
        f"Solid line: {naming.completed(study)}; broken line: stopped early.",
        "Round marks were measured on study drug, square ones after it was stopped.",
        f"The band beneath is the time on study drug, its height the dose{full}.",
        *mean_sentences(numbers, study),
        withheld(adam["adsl"], study),
    )


def mean_sentences(numbers: Numbers, study: Any) -> list[str]:
    """Mean score at the first and last visit of all treated and of completers, from the ARD."""
    said = []
    visits = [naming.baseline(study), *naming.later(study)[-1:]]
    last = visits[-1].lower()
    for group, who in _groups(study):
        stems = [f"efficacy.mrss.{group}.{naming.visit(v)}.aval" for v in visits]
        ids, counts = [f"{q}.mean" for q in stems], [f"{q}.n" for q in stems]
        if len(visits) == 2 and all(i in numbers for i in ids + counts):
            a, b, n, m = (numbers.said(i) for i in ids + counts)
            said.append(f"Mean of {who}: {a} at baseline (n = {n}), {b} at {last} (n = {m}).")
    return said


def _groups(study: Any) -> list[tuple[str, str]]:
    who = naming.active_label(study).lower()
    return [
        (naming.active(study), f"all who took {who}"),
        (naming.COMPLETERS, "those who completed"),
    ]
