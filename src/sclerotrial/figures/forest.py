"""Change from baseline of each outcome with its exact interval, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.figures.people import COMPLETED, STOPPED
from sclerotrial.figures.theme import (
    INK,
    MUTED,
    PAGE_MM,
    SMALL,
    arm_colours,
    caption,
    minus,
    narrow,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.source import ABSENT, Numbers, as_float, marked
from sclerotrial.tabular import half_up

COLUMNS = 2
ALL = "all treated"
#: diamonds stand for a group's estimate, circles and squares as in the figure of the skin score
MARKS = {ALL: "D", COMPLETED: "o", STOPPED: "s"}


def forest_outcomes(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any, width: float = PAGE_MM
) -> tuple[Any, str]:
    """One panel an outcome: Hodges-Lehmann change to the last visit, with what was printed.

    Parameters
    ----------
    adam : mapping
        Not looked at: estimates and intervals are rows of the ARD.
    ard : DataFrame
    study : Study
        Sections ``study``, ``arms``, ``visits``, ``efficacy_visits``, ``endpoints``.
    width : float
        Printed width in mm; in one column the panels stand beneath each other.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        expand_limits,
        facet_wrap,
        geom_errorbarh,
        geom_label,
        geom_point,
        geom_rect,
        geom_vline,
        ggplot,
        labs,
        scale_shape_manual,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_blank

    numbers = Numbers(ard)
    rows = estimates(numbers, study).assign(TEXT=lambda d: d["TEXT"].map(minus))
    if rows.empty:
        return nothing(study, "change from baseline")
    panels = list(dict.fromkeys(rows["PANEL_"]))
    rows["MIDDLE"] = middles(rows)
    rows["PANEL_"] = pd.Categorical(rows["PANEL_"], panels)
    heights = rows.drop_duplicates("WHO").sort_values("Y", kind="stable")
    colour = arm_colours(study).get(naming.active_label(study), INK)
    columns, row = (1, 6.6) if narrow(width) else (COLUMNS, 7.0)
    lines = max(1, -(-len(panels) // columns))
    band = important(numbers, study)
    band = band[band["PANEL_"].isin(panels)]
    band["PANEL_"] = pd.Categorical(band["PANEL_"], panels)
    plot = (
        ggplot(rows, aes("ESTIMATE", "Y"))
        + geom_rect(
            aes(xmin="LOW", xmax="HIGH"),
            data=band,
            ymin=-0.4,
            ymax=float(rows["Y"].max()) + 0.7,
            fill="#EDEDED",
            inherit_aes=False,
        )
        + geom_vline(xintercept=0, color=MUTED, size=0.3)
        + geom_errorbarh(
            aes(xmin="LOW", xmax="HIGH"),
            data=rows.dropna(subset=["LOW", "HIGH"]),
            color=colour,
            height=0.22,
            size=0.6,
        )
        + geom_point(aes(shape="WHO"), color=colour, fill="white", size=1.9, stroke=0.6)
        + geom_label(
            aes(x="MIDDLE", label="TEXT"),
            nudge_y=0.42,
            size=SMALL,
            color=INK,
            fill="white",
            label_size=0,
            label_padding=0.05,
        )
        + facet_wrap("PANEL_", ncol=columns, scales="free_x")
        + expand_limits(x=0)
        + scale_shape_manual(MARKS, guide=None)
        + scale_x_continuous(expand=(0.42, 0), labels=_ticks)
        + scale_y_continuous(
            breaks=list(heights["Y"]),
            labels=list(heights["WHO"]),
            limits=(-0.4, float(rows["Y"].max()) + 0.7),
        )
        + labs(x=_axis(study, narrow(width)), y="", caption=simulated_note(study) or None)
        + theme(width, 18 + (1.7 * row + row * max(1, len(heights))) * lines)
        + adjust(panel_grid_major_y=element_blank(), panel_spacing_y=0.03)
    )
    return plot, _text(numbers, study, rows)


def middles(rows: pd.DataFrame) -> pd.Series:
    """Middle of what each panel shows, zero included: there its words fit, wherever marks lie."""
    shown = rows[["ESTIMATE", "LOW", "HIGH"]].assign(ZERO=0.0)
    low = shown.min(axis=1).groupby(rows["PANEL_"], sort=False).transform("min")
    high = shown.max(axis=1).groupby(rows["PANEL_"], sort=False).transform("max")
    return (low + high) / 2


def _last(study: Any) -> str:
    return naming.later(study)[-1].lower() if naming.later(study) else "the last visit"


def _axis(study: Any, broken: bool = False) -> str:
    """Title of the axis; it says which way is better where that is the same for all outcomes."""
    ways = {e.better for e in study.endpoints.values()}
    which = "below zero is better" if ways == {"lower"} else ""
    if broken:
        inside = "; ".join(x for x in ("unit of each outcome", which) if x)
        return f"Change from baseline to {_last(study)}\n({inside})"
    return ", ".join(
        x
        for x in (f"Change from baseline to {_last(study)}, in the unit of each outcome", which)
        if x
    )


def _ticks(values: Any) -> list[str]:
    """Tick labels with the sign of print."""
    return [minus(f"{round(v, 6):g}") for v in values]


def _text(numbers: Numbers, study: Any, rows: pd.DataFrame) -> str:
    """The caption, with the levels that the intervals drawn achieve."""
    visit = naming.visit(naming.later(study)[-1]) if naming.later(study) else ""
    levels = []
    for code in study.endpoints:
        for group in (naming.active(study), naming.COMPLETERS, naming.STOPPED):
            id_ = naming.join("efficacy", code.lower(), group, visit, "chg", "hl", "ci_low")
            if id_ in numbers and numbers.text(id_) != ABSENT and reaches(numbers, id_):
                levels.append((as_float(numbers.cell(id_, "CONF_ACHIEVED")), id_))
    ends = [min(levels), max(levels)] if levels else []
    known = {half_up(100 * level, 1): id_ for level, id_ in ends}
    span = " to ".join(marked(text, id_) for text, id_ in known.items())
    who = naming.active_label(study).lower()
    short = rows["LOW"].isna().any()
    return caption(
        study,
        f"Change from baseline to {_last(study)}, Hodges-Lehmann estimate with the hull of the"
        " values that the exact signed-rank test does not reject"
        + (f" (level achieved: {span} %)." if span else "."),
        f"Diamonds: all who took {who}, as observed, on or off the drug; circles: those who"
        f" {naming.completed(study)}; squares: those who stopped before, measured off the drug.",
        "Printed: estimate (interval), number of patients with both values.",
        "Grey: changes smaller than the minimal clinically important difference of the literature,"
        " where there is one."
        if len(important(numbers, study))
        else "",
        "Of so few patients that no interval reaches the level asked for, none is drawn, and the"
        " level that it has is printed."
        if short
        else "",
        *(
            f"{e.param} has ordered categories and no differences: it stands in the table."
            for e in study.endpoints.values()
            if naming.ordinal(e)
        ),
        "Who completed was not decided by chance; each group is held against its own baseline.",
    )


def estimates(numbers: Numbers, study: Any) -> pd.DataFrame:
    """Rows of the figure, all from the ARD.

    Returns
    -------
    DataFrame
        ``PANEL_`` (outcome with unit), ``WHO`` (group), ``Y`` (height), ``ESTIMATE``, ``LOW``,
        ``HIGH``, ``TEXT`` (as printed, with n).
    """
    who = [
        (naming.active(study), ALL),
        (naming.COMPLETERS, COMPLETED),
        (naming.STOPPED, STOPPED),
    ]
    found = []
    visit = naming.visit(naming.later(study)[-1]) if naming.later(study) else ""
    for code, endpoint in study.endpoints.items():
        for k, (group, label) in enumerate(who):
            q = naming.join("efficacy", code.lower(), group, visit, "chg")
            id_ = f"{q}.hl.estimate"
            if id_ not in numbers or numbers.value(id_) != numbers.value(id_):
                continue
            low, high = f"{q}.hl.ci_low", f"{q}.hl.ci_high"
            bounded = low in numbers and high in numbers and reaches(numbers, low)
            found.append(
                {
                    "PANEL_": naming.with_unit(endpoint.param, endpoint.unit),
                    "WHO": label,
                    "Y": float(len(who) - 1 - k),
                    "ESTIMATE": numbers.value(id_),
                    "LOW": numbers.value(low) if bounded else float("nan"),
                    "HIGH": numbers.value(high) if bounded else float("nan"),
                    "TEXT": _printed(numbers, q),
                }
            )
    columns = ["PANEL_", "WHO", "Y", "ESTIMATE", "LOW", "HIGH", "TEXT"]
    return pd.DataFrame(found, columns=columns)


def important(numbers: Numbers, study: Any) -> pd.DataFrame:
    """Changes smaller than the minimal clinically important one, of outcomes that have one.

    Returns
    -------
    DataFrame
        ``PANEL_``, ``LOW``, ``HIGH``: minus and plus the difference that the ARD names.
    """
    found = []
    for code, endpoint in study.endpoints.items():
        id_ = naming.join("efficacy", code.lower(), "mcid", "estimate")
        if id_ in numbers and numbers.value(id_) == numbers.value(id_):
            least = abs(numbers.value(id_))
            found.append((naming.with_unit(endpoint.param, endpoint.unit), -least, least))
    return pd.DataFrame(found, columns=["PANEL_", "LOW", "HIGH"])


def reaches(numbers: Numbers, id_: str) -> bool:
    """Whether an interval achieves the level that was asked for."""
    asked, achieved = (as_float(numbers.cell(id_, c)) for c in ("CONF_LEVEL", "CONF_ACHIEVED"))
    return not achieved < asked


def _printed(numbers: Numbers, q: str) -> str:
    """Estimate, interval (with its level where that is below the one asked for), n."""
    said = numbers.text(f"{q}.hl.estimate")
    low, high = f"{q}.hl.ci_low", f"{q}.hl.ci_high"
    if low in numbers and numbers.text(low) != ABSENT:
        level = ""
        if not reaches(numbers, low):
            level = f", only {half_up(100 * as_float(numbers.cell(low, 'CONF_ACHIEVED')), 0)} %"
        said += f" ({numbers.text(low)} to {numbers.text(high)}{level})"
    if f"{q}.n" in numbers:
        said += f", n = {numbers.text(f'{q}.n')}"
    return said
