"""Panels of many features: mean change against its p, one mark a feature (a volcano plot)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    MUTED,
    SMALL,
    caption,
    minus,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import Numbers, slug

#: marks of a feature whose adjusted p is at most the bound: where it went
WENT = {"rise": "^", "fall": "v"}
NAMED = 8  # features called by their name in a panel
BLUE, ORANGE = "#0072B2", "#D55E00"
STEP = 0.055  # of the height of a panel, between names


def biomarker_volcano(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """One panel an assay and visit: log2 change of every feature against its p.

    Parameters
    ----------
    adam : mapping
        ``wide``: a row a feature, group and visit with ``ASSAY``, ``GROUP``, ``AVISIT``, ``PARAM``
        (its name), ``N`` (patients), ``ESTIMATE`` (mean log2 change), ``P_MOD`` (moderated t),
        ``P_ADJ`` (Benjamini-Hochberg), as in ``results/wide/tests.parquet``. Comparisons of groups
        are left out.
    ard : DataFrame
        ``wide.{assay}.{group}.{visit}.tested.count`` and ``.passed.count``, for the caption.
    study : Study
        Sections ``study``, ``arms``, ``assays``, ``analyses``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_point,
        geom_text,
        geom_vline,
        ggplot,
        labs,
        scale_color_manual,
        scale_shape_manual,
        scale_x_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_text

    rate = _rate(study)
    points = features(adam["wide"], study, rate)
    if points.empty:
        return nothing(study, "panels of many features")
    panels = list(dict.fromkeys(points["PANEL_"]))
    points["PANEL_"] = pd.Categorical(points["PANEL_"], panels)
    rest, past = points[points["WENT"] == ""], points[points["WENT"] != ""]
    most = float(points["ESTIMATE"].abs().max()) or 1.0
    called = names(points, most)
    plot = (
        ggplot(points, aes("ESTIMATE", "HEIGHT"))
        + geom_vline(xintercept=0, color=MUTED, size=0.3)
        # thousands of marks would make a large drawing of lines: they are kept as one picture
        + geom_point(data=rest, size=0.5, stroke=0, color="#8A8A8A", alpha=0.6, raster=True)
        + geom_point(aes(shape="WENT", color="WENT"), data=past, size=1.1, stroke=0.2)
        + geom_text(
            aes("X", "Y", label="PARAM"),
            data=called[called["X"] > 0],
            size=SMALL - 0.5,
            color=INK,
            ha="left",
        )
        + geom_text(
            aes("X", "Y", label="PARAM"),
            data=called[called["X"] < 0],
            size=SMALL - 0.5,
            color=INK,
            ha="right",
        )
        + facet_wrap("PANEL_", ncol=1, scales="free_y")
        + scale_shape_manual(WENT)
        + scale_color_manual({"rise": ORANGE, "fall": BLUE})
        + scale_x_continuous(limits=(-2 * most, 2 * most), labels=_ticks)
        + labs(
            x="Mean change from baseline, log2",
            y="\u2212log10 of p",
            caption=simulated_note(study) or None,
        )
        + theme(COLUMN_MM, 26 + 52 * len(panels))
        + adjust(strip_text=element_text(size=SMALL, ha="left", color=INK), panel_spacing_y=0.03)
    )
    return plot, _text(points, Numbers(ard), adam["wide"], study, rate)


def features(wide: pd.DataFrame, study: Any, rate: float) -> pd.DataFrame:
    """Marks of the figure.

    Returns
    -------
    DataFrame
        ``PANEL_`` (assay, visit, patients, features), ``PARAM``, ``ESTIMATE``, ``HEIGHT`` (minus
        log10 of p), ``WENT`` (rise or fall where the adjusted p is at most `rate`, else ''); a
        feature without a p has no mark.
    """
    numbers = ("ESTIMATE", "P_MOD", "P_ADJ", "N")
    frame = wide[wide["GROUP"].isin(list(study.analyses.groups))]
    frame = frame.assign(**{c: pd.to_numeric(frame[c], errors="coerce") for c in numbers})
    frame = frame[(frame["P_MOD"] > 0) & frame["ESTIMATE"].notna()].copy()
    frame["HEIGHT"] = -np.log10(frame["P_MOD"])
    past = frame["P_ADJ"] <= rate
    frame["WENT"] = np.where(past, np.where(frame["ESTIMATE"] > 0, "rise", "fall"), "")
    heads = {}
    for (assay, group, visit), rows in frame.groupby(["ASSAY", "GROUP", "AVISIT"], sort=False):
        label = study.assays[assay].label if assay in study.assays else assay
        who = "" if group == naming.active(study) else f", {study.analyses.groups[group].label}"
        heads[assay, group, visit] = (
            f"{label}{who}, {visit.lower()}: {len(rows)} features, n = {_span(rows['N'])}"
        )
    keys = zip(frame["ASSAY"], frame["GROUP"], frame["AVISIT"], strict=True)
    frame["PANEL_"] = [heads[k] for k in keys]
    columns = ["PANEL_", "PARAM", "ESTIMATE", "HEIGHT", "WENT"]
    return frame[columns].reset_index(drop=True)


def names(points: pd.DataFrame, most: float) -> pd.DataFrame:
    """Names of the features furthest up in each panel: falls at the left, rises at the right.

    Returns
    -------
    DataFrame
        ``PANEL_``, ``PARAM``, ``X``, ``Y``: no two of a side nearer than `STEP` of the height.
    """
    found = []
    for panel, rows in points[points["WENT"] != ""].groupby("PANEL_", sort=False, observed=True):
        top = float(points.loc[points["PANEL_"] == panel, "HEIGHT"].max())
        first = rows.sort_values(["HEIGHT", "PARAM"], ascending=[False, True], kind="stable")
        last = dict.fromkeys(WENT, np.inf)
        for row in first.head(NAMED).itertuples():
            last[row.WENT] = min(row.HEIGHT, last[row.WENT] - STEP * top)
            side = 1.1 if row.WENT == "rise" else -1.1
            found.append((panel, row.PARAM, side * most, last[row.WENT]))
    frame = pd.DataFrame(found, columns=["PANEL_", "PARAM", "X", "Y"])
    frame["PANEL_"] = pd.Categorical(frame["PANEL_"], points["PANEL_"].cat.categories)
    return frame


def _ticks(values: Any) -> list[str]:
    return [minus(f"{v:g}") for v in values]


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _rate(study: Any) -> float:
    """The false discovery rate that the panels are held to."""
    return float(getattr(getattr(study.analyses, "wide", None), "fdr", study.analyses.alpha))


def _text(
    points: pd.DataFrame, numbers: Numbers, wide: pd.DataFrame, study: Any, rate: float
) -> str:
    who = naming.active_label(study).lower()
    said = []
    for assay, group, visit in dict.fromkeys(
        zip(wide["ASSAY"], wide["GROUP"], wide["AVISIT"], strict=True)
    ):
        q = naming.join("wide", slug(assay), group, naming.visit(visit))
        ids = (f"{q}.passed.count", f"{q}.tested.count")
        if group in study.analyses.groups and all(i in numbers for i in ids):
            passed, tested = map(numbers.said, ids)
            said.append(f"{study.assays[assay].label}, {visit.lower()}: {passed} of {tested} pass.")
    many = (
        f"Triangles: features within a false discovery rate of {rate:g}; the first {NAMED} of a"
        " panel are named."
        if (points["WENT"] != "").any()
        else f"No feature lies within a false discovery rate of {rate:g}."
    )
    return caption(
        study,
        f"Panels of many features in those who took {who}: mean log2 change from baseline of each"
        " feature against its p (moderated t).",
        many,
        *said,
        "That others do not pass does not show that they did not change.",
    )
