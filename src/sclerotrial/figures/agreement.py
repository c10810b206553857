"""Where two assays measure one analyte: their differences against their means (Bland-Altman)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.change.twice import side_by_side
from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    MUTED,
    SMALL,
    arm_colours,
    caption,
    minus,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.study_twice import twofold
from sclerotrial.tables.source import ABSENT, Numbers, slug

COLUMNS = 2


def biomarker_agreement(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """One panel an analyte: difference of the two assays by their mean, on the log2 scale.

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adbm``.
    ard : DataFrame
        ``biomarker.{compartment}_{code}.{group}.agree_{first}_{second}.*``: pairs, bias, limits.
    study : Study
        Sections ``study``, ``arms``, ``run``, ``assays``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_hline,
        geom_point,
        geom_text,
        ggplot,
        labs,
        scale_color_manual,
        scale_shape_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_text

    people = treated(adam["adsl"], study)
    points = differences(adam["adbm"], people, study)
    if points.empty:
        return nothing(study, "analytes that two assays measure")
    lines = agreed(Numbers(ard), study)
    panels = list(dict.fromkeys(points["PANEL_"]))
    lines = lines[lines["PANEL_"].isin(panels)]
    heads = {p: _head(lines, p) for p in panels}
    points["PANEL_"] = pd.Categorical(points["PANEL_"].map(heads), list(heads.values()))
    lines["PANEL_"] = pd.Categorical(lines["PANEL_"].map(heads), list(heads.values()))
    right = points.groupby("PANEL_", observed=True)["MEAN"].max()
    lines["X"] = lines["PANEL_"].astype(str).map(right.rename(str)).astype(float)
    rows = -(-len(panels) // COLUMNS)
    solid, dotted = (lines[lines["KIND"] == k] for k in ("bias", "limit"))
    plot = (
        ggplot(points, aes("MEAN", "DIFFERENCE"))
        + geom_hline(yintercept=0, color=MUTED, size=0.3)
        + geom_hline(aes(yintercept="Y"), data=solid, color=INK, size=0.6)
        + geom_hline(aes(yintercept="Y"), data=dotted, color=INK, size=0.5, linetype="dashed")
        + geom_point(aes(color="ARM", shape="ARM"), size=1.4, stroke=0.4)
        + geom_text(
            aes("X", "Y", label="TEXT"), data=lines, va="bottom", ha="right", size=SMALL, color=INK
        )
        + facet_wrap("PANEL_", ncol=min(COLUMNS, len(panels)), scales="free")
        + scale_color_manual(arm_colours(study))
        + scale_shape_manual(dict(zip(arm_colours(study), ("o", "s", "^", "D"), strict=False)))
        + labs(
            x="Mean of both assays, log2",
            y="Difference, log2",
            caption=simulated_note(study) or None,
        )
        + theme(COLUMN_MM, 24 + 40 * rows)
        + scale_x_continuous(labels=_ticks)
        + scale_y_continuous(labels=_ticks, expand=(0.12, 0))
        + adjust(strip_text=element_text(size=SMALL, ha="left", color=INK), panel_spacing_y=0.06)
    )
    return plot, _text(adam, Numbers(ard), study)


def _ticks(values: Any) -> list[str]:
    return [minus(f"{round(v, 6):g}") for v in values]


def differences(adbm: pd.DataFrame, people: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Marks of the figure: pairs that both assays measured within their limits.

    Returns
    -------
    DataFrame
        ``PANEL_`` (compartment, code, both assays), ``USUBJID``, ``AVISIT``, ``ARM``, ``MEAN``,
        ``DIFFERENCE`` (first minus second), log2.
    """
    found = []
    for code, compartment, first, second in twofold(study.assays):
        rows = side_by_side(adbm, code, first, second, study.assays)
        rows = rows[~rows["LIMIT"]].merge(people[["USUBJID", "ARM"]], on="USUBJID")
        found.append(
            pd.DataFrame(
                {
                    "PANEL_": f"{compartment} {code} {first} {second}",
                    "USUBJID": rows["USUBJID"],
                    "AVISIT": rows["AVISIT"],
                    "ARM": rows["ARM"],
                    "MEAN": (rows["FIRST"] + rows["SECOND"]) / 2,
                    "DIFFERENCE": rows["FIRST"] - rows["SECOND"],
                }
            )
        )
    columns = ["PANEL_", "USUBJID", "AVISIT", "ARM", "MEAN", "DIFFERENCE"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def agreed(numbers: Numbers, study: Any) -> pd.DataFrame:
    """Lines of the figure, from the ARD.

    Returns
    -------
    DataFrame
        ``PANEL_``, ``KIND`` (bias, limit), ``Y``, ``TEXT`` (as printed), ``CODE``, ``PAIRS``,
        ``PATIENTS``.
    """
    found = []
    for code, compartment, first, second in twofold(study.assays):
        q = stem(numbers, code, compartment, first, second)
        if not q:
            continue
        pairs, people = (numbers.text(f"{q}.{part}.count") for part in ("pairs", "patients"))
        for kind, id_ in (
            ("bias", f"{q}.bias.estimate"),
            ("limit", f"{q}.limits.min"),
            ("limit", f"{q}.limits.max"),
        ):
            if numbers.text(id_) != ABSENT:
                panel = f"{compartment} {code} {first} {second}"
                text = minus(numbers.text(id_))
                found.append((panel, kind, numbers.value(id_), text, code, pairs, people))
    columns = ["PANEL_", "KIND", "Y", "TEXT", "CODE", "PAIRS", "PATIENTS"]
    return pd.DataFrame(found, columns=columns)


def stem(numbers: Numbers, code: str, compartment: str, first: str, second: str) -> str:
    """Beginning of the ids of one pair of assays ('' where the ARD has none)."""
    begins = f"biomarker.{compartment.lower()}_{slug(code)}."
    ends = f".agree_{slug(first)}_{slug(second)}.pairs.count"
    hits = (i for i in numbers.ids if i.startswith(begins) and i.endswith(ends))
    return next(hits, "").removesuffix(".pairs.count")


def _head(lines: pd.DataFrame, panel: str) -> str:
    compartment, code, *_ = panel.split(" ")
    mine = lines[lines["PANEL_"] == panel]
    n = f"\nn = {mine['PATIENTS'].iloc[0]}, {mine['PAIRS'].iloc[0]} pairs" if len(mine) else ""
    return f"{code}, {compartment.lower()}{n}"


def _text(adam: Mapping[str, pd.DataFrame], numbers: Numbers, study: Any) -> str:
    said, left = [], []
    for code, compartment, first, second in twofold(study.assays):
        q = stem(numbers, code, compartment, first, second)
        if not q:
            continue
        names = f"{study.assays[first].label} minus {study.assays[second].label}"
        bias, low, high = (
            minus(numbers.said(f"{q}.{part}"))
            for part in ("bias.estimate", "limits.min", "limits.max")
        )
        span = f", limits {low} to {high}" if numbers.text(f"{q}.limits.min") != ABSENT else ""
        said.append(f"{code} in {compartment.lower()}, {names}: bias {bias}{span}.")
        if numbers.value(f"{q}.limited.count") > 0:
            left.append(f"{numbers.said(f'{q}.limited.count')} of {code}")
    return caption(
        study,
        "Analytes that two assays measure: difference against mean of both, log2, each mark a"
        " sample; line: bias; broken: limits of agreement (95 % of differences are expected between"
        " them; several samples of a patient are allowed for).",
        *said,
        f"Pairs with a value beyond a limit are left out ({', '.join(left)})." if left else "",
        withheld(adam["adsl"], study),
    )
