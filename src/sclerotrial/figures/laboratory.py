"""Laboratory values of every patient in time, with the range of the laboratory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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
from sclerotrial.tables.source import Numbers
from sclerotrial.tabular import num

COLUMNS = 3
OUTSIDE = {"LOW": "v", "HIGH": "^"}


def laboratory(adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any) -> tuple[Any, str]:
    """One panel a test: each patient's values, marked where outside the range of their record.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adlb``.
    ard : DataFrame
        Counts of patients who left the range.
    study : Study
        Sections ``study``, ``arms``, ``run``, ``laboratory``, ``visits``.

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
        ggplot,
        labs,
        scale_color_manual,
        scale_shape_manual,
        scale_x_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_text

    people = treated(adam["adsl"], study)
    rows = values(adam["adlb"], people, study)
    if rows.empty:
        return nothing(study, "laboratory tests")
    panels = list(dict.fromkeys(rows["PANEL_"]))
    ranges = bands(rows)
    out = rows[rows["ANRIND"].isin(list(OUTSIDE))]
    visits = [v for v in study.visits if v.target is not None and (v.target == 1 or v.target > 60)]
    unit, labels = naming.time_axis(visits)
    lines = -(-len(panels) // COLUMNS)
    counts = rows.groupby("ARM", sort=False)["USUBJID"].nunique()
    counts = {arm: counts[arm] for arm in arm_colours(study) if arm in counts}
    for frame in (rows, ranges, out):
        frame["PANEL_"] = pd.Categorical(frame["PANEL_"], panels)
    plot = (
        ggplot(rows, aes("ADY", "AVAL"))
        + geom_rect(
            aes(ymin="LOW", ymax="HIGH"),
            data=ranges,
            xmin=rows["ADY"].min(),
            xmax=rows["ADY"].max(),
            fill="#E4E4E4",
            inherit_aes=False,
        )
        + geom_line(aes(group="USUBJID", color="ARM"), size=0.35)
        + geom_point(aes(color="ARM", shape="ANRIND"), data=out, size=1.1, stroke=0.2)
        + facet_wrap("PANEL_", ncol=COLUMNS, scales="free_y")
        + scale_color_manual(
            arm_colours(study),
            breaks=list(counts),
            labels=[f"{a} (n = {n})" for a, n in counts.items()],
        )
        + scale_shape_manual(OUTSIDE, breaks=list(OUTSIDE), labels=["below range", "above range"])
        + scale_x_continuous(breaks=[v.target for v in visits], labels=labels)
        + labs(x=naming.since_first_dose(unit), y="", caption=simulated_note(study) or None)
        + theme(COLUMN_MM, 26 + 27 * lines)
        + adjust(
            strip_text=element_text(size=SMALL - 0.5, ha="left", color=INK),
            axis_text_y=element_text(size=SMALL - 1),
            legend_box="vertical",
            legend_spacing=2,
            panel_spacing_y=0.045,
        )
    )
    return plot, _text(adam, Numbers(ard), study)


def values(adlb: pd.DataFrame, people: pd.DataFrame, study: Any) -> pd.DataFrame:
    """All measured values of the tests of the study, whether analysed or not.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``ARM``, ``PARAMCD``, ``PANEL_`` (heading with unit), ``ADY``, ``AVAL``,
        ``ANRIND``, ``ANRLO``, ``ANRHI``; in the order of the configuration.
    """
    order = {code: k for k, code in enumerate(study.laboratory)}
    rows = adlb[adlb["PARAMCD"].isin(list(order)) & (adlb["DTYPE"] == "")]
    rows = rows.merge(people[["USUBJID", "ARM"]], on="USUBJID")
    for column in ("ADY", "AVAL", "ANRLO", "ANRHI"):
        rows[column] = num(rows[column])
    rows["PANEL_"] = [
        f"{_short(code, study)}, {_unit(study.laboratory[code].unit)}" for code in rows["PARAMCD"]
    ]
    rows["_K"] = rows["PARAMCD"].map(order)
    rows = rows.dropna(subset=["ADY", "AVAL"])
    rows = rows.sort_values(["_K", "USUBJID", "ADY"], kind="stable").reset_index(drop=True)
    return rows[["USUBJID", "ARM", "PARAMCD", "PANEL_", "ADY", "AVAL", "ANRIND", "ANRLO", "ANRHI"]]


def bands(rows: pd.DataFrame) -> pd.DataFrame:
    """The widest range that any record of a test gives; open ends reach the values seen."""
    found = []
    for panel, these in rows.groupby("PANEL_", sort=False):
        low, high = these["ANRLO"].min(), these["ANRHI"].max()
        if low != low and high != high:
            continue
        found.append(
            {
                "PANEL_": panel,
                "LOW": low if low == low else min(0.0, these["AVAL"].min()),
                "HIGH": high if high == high else these["AVAL"].max(),
            }
        )
    return pd.DataFrame(found, columns=["PANEL_", "LOW", "HIGH"])


def _unit(unit: str) -> str:
    """A unit as it is printed: powers raised, micro by its letter."""
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    unit = re.sub(r"\^(-?\d+)", lambda hit: hit.group(1).translate(raised), unit)
    return re.sub(r"^u(?=mol|g|L)", "µ", unit)


def _short(code: str, study: Any) -> str:
    """The name of a test where it is short, else its code."""
    name = study.laboratory[code].param
    return name if len(name) <= 12 else code


def _text(adam: Mapping[str, pd.DataFrame], numbers: Numbers, study: Any) -> str:
    group, who = naming.active(study), naming.active_label(study).lower()
    left = []
    for code in study.laboratory:
        q = f"lab.{code.lower()}.{group}"
        for way, words in (("low", "below"), ("high", "above")):
            id_ = f"{q}.shift_normal_to_{way}.count"
            if id_ in numbers and numbers.value(id_) > 0:
                left.append(f"{_short(code, study)} {words} in {numbers.said(id_)}")
    said = f"Of the patients on {who}, these left the range from within: {', '.join(left)}."
    long = [
        f"{code}, {test.param}" for code, test in study.laboratory.items() if len(test.param) > 12
    ]
    return caption(
        study,
        "Laboratory values of each treated patient, scheduled or not; grey: the range of the"
        " laboratory (the widest where it differs by sex or day); triangles: outside the range of"
        " that record.",
        said if left else "",
        f"{'; '.join(long)}." if long else "",
        withheld(adam["adsl"], study),
    )
