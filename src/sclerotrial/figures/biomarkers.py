"""Change of each biomarker from baseline: every patient, and the geometric mean ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.marker_rows import differing, headings, keys_of, part_of
from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import (
    INK,
    MUTED,
    PAGE_MM,
    arm_colours,
    caption,
    narrow,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.markers import markers, second
from sclerotrial.tables.source import Numbers, visit_part
from sclerotrial.tabular import num

COLUMNS = (4, 3, 5)  # panels in a row: the first that leaves the fewest places empty
APART = 0.09  # of a visit, between the marks of undecided pairs
NUDGE = 0.22  # of a visit, for the group estimate beside the patients' marks
LIMITED = {"below": "v", "above": "^"}


def biomarker_change_serum(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """Change of the proteins measured in blood (`SERUM` and `PLASMA`); see `change_figure`."""
    return change_figure(adam, ard, study, ("SERUM", "PLASMA"), "in blood", width)


def biomarker_change_skin(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """Change of the transcripts measured in skin biopsies; see `change_figure`."""
    return change_figure(adam, ard, study, ("SKIN",), "in skin biopsies", width)


def change_figure(
    adam: Mapping[str, pd.DataFrame],
    ard: pd.DataFrame,
    study: Any,
    compartments: tuple[str, ...],
    where: str,
    width: float = PAGE_MM,
) -> tuple[Any, str]:
    """One panel an analyte: ratio to baseline of each patient at each visit.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adbm``.
    ard : DataFrame
        Geometric mean ratios with their intervals.
    study : Study
    compartments : tuple of str
        Values of ``COMPART`` that are shown.
    where : str
        The compartment in words, for the caption.
    width : float
        Printed width in mm.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_errorbar,
        geom_hline,
        geom_line,
        geom_point,
        ggplot,
        labs,
        scale_color_manual,
        scale_linetype_manual,
        scale_shape_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust

    people = treated(adam["adsl"], study)
    numbers, group = Numbers(ard), naming.active(study)
    marks = changes(adam["adbm"], people, study, compartments)
    if marks.empty:
        return nothing(study, f"biomarkers {where}")
    visits = [v for v in study.samples.visits if v in set(marks["AVISIT"])]
    title_x, labels_x = _axis(visits, study)
    marks["X"] = marks["AVISIT"].map(visits.index).astype(float)
    marks["ANALYTE"] = _counted(numbers, marks, group, visits)
    panels = list(dict.fromkeys(marks["ANALYTE"]))
    means = ratios(numbers, marks, group)
    colours = arm_colours(study)
    for frame in (marks, means):
        frame["ANALYTE"] = pd.Categorical(frame["ANALYTE"], panels)
    sure = marks[marks["BOUND"] == ""]
    bounded = marks[marks["BOUND"].isin(list(LIMITED))]
    flagged = sure[sure["RCVFL"] == "Y"]
    span = _span(pd.concat([marks["Y"], means["LOW"], means["HIGH"]]))
    unknown = undecided(adam["adbm"], people, study, compartments)
    foot = span[0] - 0.12 * (span[1] - span[0])
    if narrow(width):  # panels are narrow there: the marks need more of a visit
        unknown["SHIFT"] *= 1.4
    unknown = _placed(unknown, marks, panels, visits).assign(Y=foot)
    breaks, labels = _breaks(*span), [_ratio(b) for b in _breaks(*span)]
    if len(unknown):
        breaks, labels = [foot, *breaks], ["undecided", *labels]
        span = (foot, span[1])
    columns = 3 if narrow(width) else min(COLUMNS, key=lambda k: -len(panels) % k)
    rows = max(1, math.ceil(len(panels) / columns))
    plot = (
        ggplot(sure, aes("X", "Y"))
        + geom_hline(yintercept=0, color=MUTED, size=0.3)
        + geom_line(
            aes(group="USUBJID", color="ARM", linetype="FATE"), data=marks, size=0.4, alpha=0.75
        )
        + geom_point(aes(color="ARM"), size=0.9, stroke=0)
        + geom_point(
            aes(color="ARM", shape="BOUND"),
            data=bounded,
            size=1.5,
            fill="white",
            show_legend={"color": False},
        )
        + geom_point(
            aes(color="ARM"), data=unknown, shape="x", size=1.2, stroke=0.5, show_legend=False
        )
        + geom_point(data=flagged, shape="o", fill="#00000000", color=INK, size=2.4, stroke=0.4)
        + geom_errorbar(
            aes(x="X", ymin="LOW", ymax="HIGH"),
            data=means,
            inherit_aes=False,
            width=0.12,
            size=0.5,
            color=INK,
        )
        + geom_point(aes("X", "Y"), data=means, inherit_aes=False, shape="D", size=1.5, color=INK)
        + facet_wrap("ANALYTE", ncol=columns)
        + scale_color_manual(colours)
        + scale_linetype_manual({"completed": "solid", "stopped early": (0, (3, 2))})
        + scale_shape_manual(
            LIMITED,
            breaks=list(LIMITED),
            labels=["at most (below limit)", "at least (above limit)"],
        )
        + scale_x_continuous(
            breaks=range(len(visits)),
            labels=labels_x,
            limits=(-0.15, len(visits) - 0.5),
        )
        + scale_y_continuous(breaks=breaks, labels=labels, limits=span, expand=(0.04, 0))
        + labs(
            x=title_x,
            y="Ratio to baseline (log scale)",
            caption=simulated_note(study) or None,
        )
        + theme(width, (32 if narrow(width) else 26) + 34 * rows)
        + adjust(
            panel_spacing_y=0.03,
            legend_box="vertical" if narrow(width) else "horizontal",
            legend_spacing=2,
        )
    )
    return plot, _text(adam, study, where, means, flagged, bounded, marks, len(unknown) > 0)


def changes(
    adbm: pd.DataFrame, people: pd.DataFrame, study: Any, compartments: tuple[str, ...]
) -> pd.DataFrame:
    """Marks of the figure: log2 ratios to baseline, with zero at baseline.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``ARM``, ``FATE``, ``PARAMCD``, ``ASSAY``, ``COMPART``, ``PART`` (of the ARD
        ids), ``ANALYTE`` (heading), ``AVISIT``, ``X`` (visit number), ``Y`` (log2 ratio, or its
        known limit), ``BOUND`` ('' measured, 'below' at most this, 'above' at least this),
        ``RCVFL``. A change whose size has no known
        limit (undecided) has no mark, and what changes by differences, such as a score, none at
        all.
    """
    visits = {v: k for k, v in enumerate(study.samples.visits)}
    rows = adbm[
        adbm["COMPART"].isin(compartments)
        & (adbm["ANL01FL"] == "Y")
        & adbm["AVISIT"].isin(list(visits))
    ].merge(people[["USUBJID", "ARM", "FATE"]], on="USUBJID")
    rows = rows[~differing(rows)]
    known = markers(study)
    order = {key: k for k, key in enumerate(known)}
    keys = list(zip(rows["ASSAY"], rows["PARAMCD"], strict=True))
    size, low, high = (num(rows[c]) for c in ("LOG2FC", "LOG2FC_LOW", "LOG2FC_HIGH"))
    censored = (rows["AVALCENS"] != "") | (rows["BASECENS"] != "")
    frame = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "ARM": rows["ARM"],
            "FATE": rows["FATE"],
            "PARAMCD": rows["PARAMCD"],
            "ASSAY": rows["ASSAY"],
            "COMPART": rows["COMPART"],
            "PART": [part_of(known, *key) for key in zip(*keys_of(rows), strict=True)],
            "ANALYTE": headings(rows, known),
            "AVISIT": rows["AVISIT"],
            "X": rows["AVISIT"].map(visits).astype(float),
            "RCVFL": rows["RCVFL"],
        }
    )
    first = rows["ABLFL"] == "Y"
    below = ~first & censored & high.notna() & low.isna()
    above = ~first & censored & low.notna() & high.isna()
    frame["BOUND"] = np.select([below, above], ["below", "above"], default="")
    frame["Y"] = np.select([first, below, above], [0.0, high, low], default=size.astype(float))
    frame["_K"] = [order.get(key, len(order)) for key in keys]
    frame = frame.dropna(subset=["Y"])
    frame = frame.sort_values(["_K", "COMPART", "USUBJID", "X"], kind="stable")
    return frame.drop(columns="_K").reset_index(drop=True)


def _placed(
    unknown: pd.DataFrame, marks: pd.DataFrame, panels: list[str], visits: list[str]
) -> pd.DataFrame:
    """Undecided pairs in the panel of their analyte, side by side at their visit."""
    heads = dict(zip(zip(*keys_of(marks), strict=True), marks["ANALYTE"], strict=True))
    mine = [heads.get(key) for key in zip(*keys_of(unknown), strict=True)]
    at = unknown["AVISIT"].map({v: float(k) for k, v in enumerate(visits)}).astype(float)
    placed = unknown.assign(ANALYTE=pd.Categorical(mine, panels), X=at + unknown["SHIFT"])
    return placed.dropna(subset=["ANALYTE", "X"])


def undecided(
    adbm: pd.DataFrame, people: pd.DataFrame, study: Any, compartments: tuple[str, ...]
) -> pd.DataFrame:
    """Patients whose change has no known direction or size, so that none of them goes unseen.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``ARM``, ``ASSAY``, ``PARAMCD``, ``COMPART``, ``AVISIT``, ``SHIFT`` (of a
        visit, so that marks of one visit stand beside each other), in the order of `people`.
    """
    rows = adbm[
        adbm["COMPART"].isin(compartments)
        & (adbm["ANL01FL"] == "Y")
        & (adbm["ABLFL"] != "Y")
        & adbm["AVISIT"].isin(list(study.samples.visits))
        & ((adbm["AVALCENS"] != "") | (adbm["BASECENS"] != ""))
    ]
    sized = pd.concat(
        [num(rows[c]).notna() for c in ("LOG2FC", "LOG2FC_LOW", "LOG2FC_HIGH")], axis=1
    )
    rows = rows[~sized.any(axis=1)]
    rows = people[["USUBJID", "ARM"]].merge(
        rows[["USUBJID", "ASSAY", "PARAMCD", "COMPART", "AVISIT"]], on="USUBJID"
    )
    of = rows.groupby(["ASSAY", "PARAMCD", "COMPART", "AVISIT"], sort=False)
    rows["SHIFT"] = (of.cumcount() - (of["USUBJID"].transform("size") - 1) / 2) * APART
    return rows


def ratios(numbers: Numbers, marks: pd.DataFrame, group: str) -> pd.DataFrame:
    """Geometric mean ratios of the active group with their intervals, as log2, from the ARD."""
    found = []
    later = marks[marks["X"] > 0]
    keys = later[["PART", "ANALYTE", "AVISIT", "X"]].drop_duplicates()
    for row in keys.itertuples():
        visit = visit_part(row.AVISIT)
        stem = f"biomarker.{row.PART}.{group}.{visit}.fold"
        if f"{stem}.estimate" not in numbers:
            continue
        value = {
            s: numbers.value(f"{stem}.{s}")
            for s in ("estimate", "ci_low", "ci_high")
            if f"{stem}.{s}" in numbers
        }
        if not value.get("estimate", math.nan) > 0:
            continue
        found.append(
            {
                "ANALYTE": row.ANALYTE,
                "X": row.X + NUDGE,
                "Y": math.log2(value["estimate"]),
                "LOW": _log2(value.get("ci_low")),
                "HIGH": _log2(value.get("ci_high")),
            }
        )
    return pd.DataFrame(found, columns=["ANALYTE", "X", "Y", "LOW", "HIGH"])


def _counted(numbers: Numbers, marks: pd.DataFrame, group: str, visits: list[str]) -> list[str]:
    """Headings with the number of pairs of the active group at the last visit, from the ARD."""
    last = visit_part(visits[-1]) if visits else ""
    heads = []
    for row in marks.itertuples():
        q = f"biomarker.{row.PART}.{group}.{last}"
        said = row.ANALYTE
        if f"{q}.pairs.count" in numbers:
            said += f", n = {numbers.text(f'{q}.pairs.count')}"
        heads.append(said)
    return heads


def _log2(value: float | None) -> float:
    return math.log2(value) if value is not None and value > 0 else math.nan


def _span(values: pd.Series) -> tuple[float, float]:
    """Range of the marks, at least from a half to double."""
    seen = values.astype(float).replace([np.inf, -np.inf], np.nan).dropna()
    if not len(seen):
        return -1.0, 1.0
    return min(float(seen.min()), -1.0), max(float(seen.max()), 1.0)


def _breaks(low: float, high: float) -> list[float]:
    """Powers of two within the range."""
    first, last = math.ceil(low), math.floor(high)
    step = max(1, math.ceil((last - first) / 6))
    return [float(k) for k in range(first, last + 1) if k % step == 0]


def _ratio(power: float) -> str:
    return f"{2**power:g}" if power >= 0 else f"1/{2**-power:g}"


def _axis(visits: list[str], study: Any) -> tuple[str, list[str]]:
    """Title of the axis of time, where every visit is called by its month or week, and labels."""
    known = {v.avisit: v for v in study.visits}
    unit, labels = naming.time_axis(known[v] for v in visits)
    return f"Planned visit, {unit.removesuffix('s')}" if unit else "", labels


def _text(
    adam: Mapping[str, pd.DataFrame],
    study: Any,
    where: str,
    means: pd.DataFrame,
    flagged: pd.DataFrame,
    bounded: pd.DataFrame,
    marks: pd.DataFrame,
    crosses: bool,
) -> str:
    who = naming.active_label(study).lower()
    shown = marks[["PARAMCD", "ANALYTE"]].drop_duplicates()
    names = {code: a.param for s in study.assays.values() for code, a in s.analytes.items()}
    keys = [f"{c}, {names[c]}" for c in dict.fromkeys(shown["PARAMCD"]) if names.get(c)]
    said = [
        f"Ratio to baseline of each biomarker {where}, one line a patient (log scale);"
        f" n: patients on {who} with a pair at the last visit."
    ]
    if crosses:
        said.append(
            "Crosses: patients whose direction of change is undecided, for values beyond a limit of"
            " quantification."
        )
    if len(means):
        said.append(
            f"Black diamonds: geometric mean ratio of all who took {who}, with its 95 % t interval"
            " (not adjusted for the number of biomarkers)."
        )
    without = [h for h in dict.fromkeys(shown["ANALYTE"]) if h not in set(means["ANALYTE"])]
    if without and len(means):
        bare = ", ".join(h.split(",")[0] for h in without)
        said.append(f"No mean is given where values are censored ({bare}).")
    if len(bounded):
        said.append(
            "Triangles: one value beyond its limit; the change is at least as large as drawn."
        )
    if len(flagged):
        said.append("Rings: changes past the reference change value.")
    again = second(study, *marks["COMPART"].unique())
    if keys or again:
        said.append(f"{'; '.join([*keys, *again])}.")
    return caption(study, *said, withheld(adam["adsl"], study))
