"""Biomarkers at one look: patient by analyte, and their change against that of the skin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.figures.people import COMPLETED, treated, withheld
from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    MUTED,
    SMALL,
    arm_colours,
    caption,
    diverging,
    inches,
    minus,
    nothing,
    simulated_note,
    style,
    theme,
)
from sclerotrial.tables import naming
from sclerotrial.tables.markers import markers, second
from sclerotrial.tables.source import ABSENT, Numbers, as_float, marked
from sclerotrial.tabular import num, p_text

FULL = 1.0  # log2: the colour is full at a half and at the double
CELL = 4.4  # mm
HEAD = 16.0
LABELS = 21.0


def biomarker_heatmap(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """Change to the last visit of each analyte (row) in each patient (column).

    Parameters
    ----------
    adam : mapping
        ``adsl``, ``adbm``.
    ard : DataFrame
        Numbers of the caption.
    study : Study
        Sections ``study``, ``arms``, ``run``, ``samples``, ``assays``, ``visits``,
        ``efficacy_visits``.

    Returns
    -------
    matplotlib Figure, caption
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    people = treated(adam["adsl"], study)
    cells = pattern(adam["adbm"], people, study)
    if cells.empty:
        return nothing(study, "biomarkers")
    rows = list(dict.fromkeys(zip(cells["COMPART"], cells["NAME"], strict=True)))
    columns = list(people["USUBJID"])
    wide = min(CELL * 1.35, (COLUMN_MM - LABELS - 2) / max(len(columns), 1))
    gaps = {k: i for i, k in enumerate(dict.fromkeys(c for c, _ in rows))}
    height = HEAD + CELL * len(rows) + 3 * len(gaps) + 17
    colours = arm_colours(study)
    with matplotlib.rc_context(style()):
        figure = Figure(figsize=(inches(COLUMN_MM), inches(height)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, COLUMN_MM)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for k, person in people.iterrows():
            x = LABELS + wide * (k + 0.5)
            axes.text(
                x,
                HEAD - 4,
                person["LABEL"],
                size=SMALL - 0.5,
                color=INK,
                ha="center",
                va="bottom",
                rotation=90,
            )
            done = person["FATE"] == COMPLETED
            axes.add_patch(
                Rectangle(
                    (x - wide / 2 + 0.3, HEAD - 3.2),
                    wide - 0.6,
                    1.8,
                    facecolor=colours[person["ARM"]] if done else "white",
                    edgecolor=colours[person["ARM"]],
                    lw=0.8,
                )
            )
        at = {c: LABELS + wide * k for k, c in enumerate(columns)}
        tops = {}
        for k, (where, code) in enumerate(rows):
            tops[where, code] = HEAD + CELL * k + 3 * (gaps[where] + 1) - 1.5
            y = tops[where, code] + CELL / 2
            axes.text(LABELS - 1, y, code, size=SMALL, color=INK, ha="right", va="center")
        for where in gaps:
            first = min(y for (c, _), y in tops.items() if c == where)
            axes.text(
                LABELS, first - 1.6, where.lower(), size=SMALL - 0.5, color=MUTED, va="center"
            )
        for cell in cells.itertuples():
            x, y = at[cell.USUBJID], tops[cell.COMPART, cell.NAME]
            real = cell.RCVFL == "Y"
            axes.add_patch(
                Rectangle(
                    (x, y),
                    wide,
                    CELL,
                    facecolor="white" if cell.SIGN == "?" else diverging(cell.Y, FULL),
                    edgecolor=INK if real else "#B5B5B5",
                    lw=1.1 if real else 0.3,
                    zorder=3 if real else 2,
                )
            )
            axes.text(
                x + wide / 2,
                y + CELL / 2,
                cell.SIGN,
                size=SMALL - 0.5,
                color=INK,
                ha="center",
                va="center",
                zorder=4,
            )
        _scale(axes, height - 12.5, simulated_note(study), height)
    return figure, _heat_text(adam, Numbers(ard), study, cells)


def pattern(adbm: pd.DataFrame, people: pd.DataFrame, study: Any) -> pd.DataFrame:
    """One row a patient and analyte with a pair at the last visit with samples of its assay.

    Returns
    -------
    DataFrame
        ``USUBJID``, ``COMPART``, ``PARAMCD``, ``NAME``, ``Y`` (log2 ratio, or the known bound),
        ``SIGN`` ('+', '\u2212', '=' within a tenth, with '\u2264' or '\u2265' of a bound, '?'
        undecided), ``RCVFL``.
    """
    visits = [v for v in study.samples.visits if v != naming.baseline(study)]
    rows = adbm[(adbm["ANL01FL"] == "Y") & adbm["AVISIT"].isin(visits) & (adbm["ABLFL"] != "Y")]
    rows = rows.merge(people[["USUBJID"]], on="USUBJID")
    rank = rows["AVISIT"].map({v: k for k, v in enumerate(visits)})
    rows = rows[rank == rank.groupby(rows["PARCAT1"]).transform("max")]
    known = markers(study)
    order = {key: k for k, key in enumerate(known)}
    keys = list(zip(rows["ASSAY"], rows["PARAMCD"], strict=True))
    names = [known[key].name if key in known else key[1] for key in keys]
    size, low, high = (num(rows[c]) for c in ("LOG2FC", "LOG2FC_LOW", "LOG2FC_HIGH"))
    bounded = (rows["AVALCENS"] != "") | (rows["BASECENS"] != "")
    value = np.where(~bounded, size, np.where(high.notna(), high, low)).astype(float)
    signs = []
    for v, limited, top in zip(value, bounded, high.notna(), strict=True):
        if v != v:
            signs.append("?" if limited else "")
        elif limited:
            signs.append("\u2264" if top else "\u2265")
        else:
            signs.append("=" if abs(v) < 0.1 else ("+" if v > 0 else "\u2212"))
    frame = rows[["USUBJID", "COMPART", "PARAMCD", "RCVFL"]].assign(
        NAME=names, Y=value, SIGN=signs, _K=[order.get(key, len(order)) for key in keys]
    )
    frame = frame[frame["SIGN"] != ""]
    first = list(dict.fromkeys(a.compartment for a in study.assays.values()))
    frame["_C"] = [first.index(c) if c in first else len(first) for c in frame["COMPART"]]
    frame = frame.sort_values(["_C", "_K", "PARAMCD", "USUBJID"], kind="stable")
    return frame.drop(columns=["_C", "_K"]).reset_index(drop=True)


def _scale(axes: Any, top: float, note: str, height: float) -> None:
    from matplotlib.patches import Rectangle

    steps = 9
    for k in range(steps):
        value = FULL * (2 * k / (steps - 1) - 1)
        axes.add_patch(
            Rectangle(
                (LABELS + 4 * k, top),
                4,
                3,
                facecolor=diverging(value, FULL),
                edgecolor="#B5B5B5",
                lw=0.3,
            )
        )
    for at, words in ((0, "half (\u2212)"), (steps / 2, "same (=)"), (steps, "double (+)")):
        axes.text(LABELS + 4 * at, top + 4.6, words, size=SMALL, ha="center", va="center")
    axes.text(LABELS + 4 * steps + 3, top + 1.5, "of baseline", size=SMALL, va="center")
    if note:
        axes.text(2, height - 1, note, size=SMALL, color=MUTED, va="bottom")


def _heat_text(
    adam: Mapping[str, pd.DataFrame], numbers: Numbers, study: Any, cells: pd.DataFrame
) -> str:
    group, who = naming.active(study), naming.active_label(study).lower()
    counted, again = [], second(study)
    last = naming.visit(naming.later(study)[-1]) if naming.later(study) else ""
    for where in dict.fromkeys(cells["COMPART"]):
        q = f"biomarker.{where.lower()}.{group}.{last}"
        if f"{q}.tested.count" in numbers:
            counted.append(
                f"{numbers.said(f'{q}.tested.count')} of {numbers.said(f'{q}.declared.count')}"
                f" in {where.lower()}"
            )
    return caption(
        study,
        "Change of each biomarker (row) to the last visit in each treated patient (column), as"
        " ratio to baseline; + rise, \u2212 fall, = within a tenth of a doubling, \u2264 at most,"
        " \u2265 at least, ? undecided, blank not measured.",
        "Above: the hue of the patient's group, filled for those who completed."
        + (" Bold: past the reference change value." if (cells["RCVFL"] == "Y").any() else ""),
        f"Tested on {who}: {', '.join(counted)}." if counted else "",
        f"{'; '.join(again)}." if again else "",
        withheld(adam["adsl"], study),
    )


def biomarker_correlation(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """Spearman correlation of the change of each biomarker with that of the skin score.

    Parameters
    ----------
    adam : mapping
        Not looked at: coefficients and intervals are rows of the ARD.
    ard : DataFrame
        ``biomarker.*.{group}.{visit}.corr_{endpoint}.spearman.*``.
    study : Study
        Sections ``study``, ``arms``, ``endpoints``, ``assays``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        geom_errorbarh,
        geom_point,
        geom_text,
        geom_vline,
        ggplot,
        labs,
        scale_x_continuous,
        scale_y_continuous,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_blank

    numbers = Numbers(ard)
    rows = coefficients(numbers, study)
    if rows.empty:
        return nothing(study, "correlations of biomarkers")
    rows["Y"] = np.arange(len(rows))[::-1].astype(float)
    known, refused = rows[rows["R"].notna()], rows[rows["R"].isna()]
    colour = arm_colours(study).get(naming.active_label(study), INK)
    plot = (
        ggplot(known, aes("R", "Y"))
        + geom_vline(xintercept=0, color=MUTED, size=0.3)
        + geom_errorbarh(
            aes(xmin="LOW", xmax="HIGH"),
            data=known.dropna(subset=["LOW", "HIGH"]),
            height=0.3,
            size=0.5,
            color=colour,
        )
        + geom_point(size=1.7, shape="D", fill="white", color=colour, stroke=0.6)
        + geom_text(aes(label="SAID"), x=1.08, ha="left", size=SMALL - 0.5, color=INK)
        + geom_text(aes(y="Y", label="SAID"), data=refused, x=0, size=SMALL - 0.5, color=MUTED)
        + scale_x_continuous(breaks=[-1, -0.5, 0, 0.5, 1], limits=(-1.05, 2.75), labels=_ticks)
        + scale_y_continuous(
            breaks=list(rows["Y"]),
            labels=list(rows["NAME"]),
            limits=(-0.7, len(rows) - 0.3),
            expand=(0, 0),
        )
        + labs(x="Spearman correlation", y="", caption=simulated_note(study) or None)
        + theme(COLUMN_MM, 22 + 4.9 * len(rows))
        + adjust(panel_grid_major_y=element_blank(), axis_ticks_major_y=element_blank())
    )
    return plot, _correlation_text(numbers, study, rows)


def _ticks(values: Any) -> list[str]:
    return [minus(f"{v:g}") for v in values]


def coefficients(numbers: Numbers, study: Any) -> pd.DataFrame:
    """Rows of the figure, all from the ARD; those refused say why.

    Returns
    -------
    DataFrame
        ``NAME``, ``R``, ``LOW``, ``HIGH``, ``SAID`` (as printed, or the reason), ``N``,
        ``ENDPOINT``.
    """
    found = []
    names = {m.part: m.name for m in markers(study).values()}
    group = f".{naming.active(study)}."
    for id_ in numbers.ids:
        if ".corr_" not in id_ or not id_.endswith(".spearman.estimate") or group not in id_:
            continue
        q = id_.removesuffix(".estimate")
        part = id_.split(".")[1]
        where, _, code = part.partition("_")
        name = names.get(part) or numbers.cell(id_, "PARAMCD") or code.upper()
        n = numbers.cell(id_, "N")
        said = minus(numbers.text(id_))
        ends = [f"{q}.{s}" for s in ("ci_low", "ci_high")]
        low, high = (numbers.text(e) if e in numbers else ABSENT for e in ends)
        if low != ABSENT and high != ABSENT:
            said += f" ({minus(low)} to {minus(high)})"
        refused = numbers.text(id_) == ABSENT
        found.append(
            {
                "NAME": f"{name} {where}, n = {n}",
                "R": numbers.value(id_),
                "LOW": numbers.value(f"{q}.ci_low") if low != ABSENT else np.nan,
                "HIGH": numbers.value(f"{q}.ci_high") if high != ABSENT else np.nan,
                "SAID": (numbers.note(id_) or "not estimated") if refused else said,
                "N": n,
                "ENDPOINT": id_.split(".corr_")[1].split(".")[0].upper(),
            }
        )
    columns = ["NAME", "R", "LOW", "HIGH", "SAID", "N", "ENDPOINT"]
    return pd.DataFrame(found, columns=columns)


def _correlation_text(numbers: Numbers, study: Any, rows: pd.DataFrame) -> str:
    who = naming.active_label(study).lower()
    ends = [
        study.endpoints[e].param for e in dict.fromkeys(rows["ENDPOINT"]) if e in study.endpoints
    ]
    family = [i for i in numbers.ids if ".corr_" in i and i.endswith(".spearman.p")]
    adjusted = [(as_float(numbers.cell(i, "P_ADJ")), i) for i in family]
    least = min(((p, i) for p, i in adjusted if p == p), default=None)
    said = (
        f"Of all that were tested the smallest p after adjustment is"
        f" {marked(p_text(least[0]), least[1])}."
        if least
        else ""
    )
    return caption(
        study,
        f"Change of each biomarker against change of {' and '.join(ends) or 'the outcome'} at the"
        f" last visit in those who took {who}, with a 95 % interval.",
        "Exploratory: few patients, many biomarkers, intervals not adjusted for their number.",
        said,
        "No coefficient is given where a value lies beyond a limit of quantification.",
        f"{'; '.join(second(study))}." if second(study) else "",
    )
