"""The assays themselves: standard curves, and what the checks of plates measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.ard import slug
from sclerotrial.figures.theme import (
    COLUMN_MM,
    INK,
    MUTED,
    SMALL,
    caption,
    nothing,
    simulated_note,
    theme,
)
from sclerotrial.tables.markers import markers, second
from sclerotrial.tables.source import Numbers
from sclerotrial.tabular import num

COLUMNS = 3
BLUE, ORANGE = "#0072B2", "#D55E00"
#: checks that are drawn: what they measure, in words
CHECKS = {
    "replicate_cv": "CV of replicates, %",
    "replicate_sd": "SD of replicates, Ct",
    "control_recovery": "Control recovery, %",
    "recovery": "Standard recovery, %",
}


def biomarker_curves(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """One panel an analyte: standards, and where the samples of patients lie on the curve.

    Parameters
    ----------
    adam : mapping
        ``readings``, ``levels``: of all assays, one after the other.
    ard : DataFrame
        Checks of the curves.
    study : Study
        Sections ``study``, ``assays``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_line,
        geom_point,
        geom_vline,
        ggplot,
        guide_legend,
        guides,
        labs,
        scale_shape_manual,
        scale_x_log10,
        scale_y_log10,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_text

    points = curve_points(adam["readings"], adam["levels"], study)
    if points.empty:
        return nothing(study, "standard curves")
    limits = points.drop_duplicates("PANEL_")[["PANEL_", "LLOQ", "ULOQ"]]
    limits = limits.melt("PANEL_", value_name="X").dropna(subset=["X"])
    panels = list(dict.fromkeys(points["PANEL_"]))
    for frame in (points, limits):
        frame["PANEL_"] = pd.Categorical(frame["PANEL_"], panels)
    standards = points[points["KIND"] == "standard"]
    means = standards.groupby(["PANEL_", "X"], as_index=False, observed=True)["Y"].mean()
    plot = (
        ggplot(points, aes("X", "Y"))
        + geom_vline(aes(xintercept="X"), data=limits, linetype="dotted", size=0.35, color=INK)
        + geom_line(data=means, color=MUTED, size=0.3)
        + geom_point(
            aes(shape="KIND"),
            data=points[points["KIND"] != "standard"],
            size=0.9,
            color=BLUE,
            stroke=0.3,
        )
        + geom_point(
            aes(shape="KIND"), data=standards, size=1.2, color=INK, fill="white", stroke=0.4
        )
        + facet_wrap("PANEL_", ncol=COLUMNS)
        + scale_shape_manual({"standard": "s", "sample": "x"}, breaks=["standard", "sample"])
        + guides(shape=guide_legend(override_aes={"color": [INK, BLUE]}))
        + scale_x_log10(labels=_powers)
        + scale_y_log10(labels=_powers)
        + labs(x=_unit(points), y="Signal", caption=simulated_note(study) or None)
        + theme(COLUMN_MM, 26 + 24 * -(-len(panels) // COLUMNS))
        + adjust(strip_text=element_text(size=SMALL, ha="left"), panel_spacing_y=0.07)
    )
    return plot, _curve_text(Numbers(ard), study)


def curve_points(readings: pd.DataFrame, levels: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Standards by expected concentration, samples by quantified concentration, with the signal.

    Returns
    -------
    DataFrame
        ``PANEL_``, ``KIND`` (standard, sample), ``X``, ``Y``, ``LLOQ``, ``ULOQ``, ``UNIT``. A
        sample beyond a limit has no concentration and is not drawn.
    """
    found = []
    names_of = markers(study)
    for assay, entry in study.assays.items():
        if entry.method != "curve":
            continue
        mine = levels[levels["ASSAY"] == assay]
        files = set(mine["FILE"])
        rows = readings[readings["FILE"].isin(files)]
        signal = rows[rows["QUANTITY"].str.startswith("median") | (rows["QUANTITY"] == "signal")]
        for code, analyte in entry.analytes.items():
            names = {code, *getattr(analyte, "names", [])}
            seen = signal[signal["ANALYTE"].isin(names)]
            expected = rows[rows["ANALYTE"].isin(names) & (rows["QUANTITY"] == "expected")]
            known = {(r.FILE, r.SAMPLE): float(r.VALUE) for r in expected.itertuples() if r.VALUE}
            quantified = mine[(mine["PARAMCD"] == code) & (mine["CENS"] == "")]
            amount = dict(
                zip(
                    zip(quantified["FILE"], quantified["SAMPLE"], strict=True),
                    num(quantified["VALUE"]),
                    strict=True,
                )
            )
            limit = mine[mine["PARAMCD"] == code]
            low, high = num(limit["LLOQ"]).median(), num(limit["ULOQ"]).median()
            unit = limit["UNIT"].iloc[0] if len(limit) else ""
            for row in seen.itertuples():
                kind = {"STANDARD": "standard", "SAMPLE": "sample"}.get(row.TASK, "")
                source = known if kind == "standard" else amount
                x = source.get((row.FILE, row.SAMPLE), np.nan)
                y = float(row.VALUE) if row.VALUE else np.nan
                if kind and x > 0 and y > 0:
                    found.append((names_of[assay, code].name, kind, x, y, low, high, unit))
    columns = ["PANEL_", "KIND", "X", "Y", "LLOQ", "ULOQ", "UNIT"]
    return pd.DataFrame(found, columns=columns)


def _unit(points: pd.DataFrame) -> str:
    units = [u for u in dict.fromkeys(points["UNIT"]) if u]
    return f"Concentration, {units[0]}" if len(units) == 1 else "Concentration"


def _powers(values: Any) -> list[str]:
    """Labels of an axis in powers of ten, short."""
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    said = []
    for v in values:
        power = np.log10(v)
        whole = abs(power - round(power)) < 1e-6
        said.append(f"10{str(round(power)).translate(raised)}" if whole else f"{v:g}")
    return said


def _curve_text(numbers: Numbers, study: Any) -> str:
    said = []
    for assay, entry in study.assays.items():
        if entry.method != "curve":
            continue
        for check, words in (
            ("curve_r2", "curves judged by fit"),
            ("recovery", "standards judged by recovery"),
        ):
            q = f"quality.assay_{slug(assay)}.check_{check}"
            if f"{q}.count" in numbers:
                bad = numbers.said(f"{q}_failed.count")
                said.append(f"{entry.label}: {numbers.said(f'{q}.count')} {words}, {bad} failed.")
    return caption(
        study,
        "Standards (squares, each well) by expected concentration, and samples (crosses, each well)"
        " where their quantified concentration puts them; dotted: limits of quantification.",
        *said,
        "Samples beyond a limit have no concentration and are not drawn.",
        _again(study),
    )


def biomarker_plates(
    adam: Mapping[str, pd.DataFrame], ard: pd.DataFrame, study: Any
) -> tuple[Any, str]:
    """Replicates and controls of every analyte, against the limit of each check.

    Parameters
    ----------
    adam : mapping
        ``quality``: the checks of all assays.
    ard : DataFrame
        Numbers of checks and of failures.
    study : Study
        Sections ``study``, ``assays``.

    Returns
    -------
    plot, caption
    """
    from plotnine import (
        aes,
        facet_wrap,
        geom_point,
        geom_vline,
        ggplot,
        labs,
        scale_color_manual,
        scale_shape_manual,
    )
    from plotnine import theme as adjust
    from plotnine.themes.elements import element_text

    points, limits = checked(adam["quality"], study)
    if points.empty:
        return nothing(study, "checks of plates")
    panels = [p for p in CHECKS.values() if p in set(points["PANEL_"])]
    names = list(dict.fromkeys(points["ANALYTE"]))
    for frame in (points, limits):
        frame["PANEL_"] = pd.Categorical(frame["PANEL_"], panels)
    points["ANALYTE"] = pd.Categorical(points["ANALYTE"], names[::-1])
    plot = (
        ggplot(points, aes("VALUE", "ANALYTE"))
        + geom_vline(aes(xintercept="LIMIT"), data=limits, linetype="dotted", size=0.4, color=INK)
        + geom_point(aes(color="VERDICT", shape="VERDICT"), size=1.0, stroke=0.5)
        + facet_wrap("PANEL_", ncol=2, scales="free")
        + scale_color_manual({"pass": BLUE, "fail": ORANGE}, breaks=["pass", "fail"])
        + scale_shape_manual({"pass": "|", "fail": "X"}, breaks=["pass", "fail"])
        + labs(x="", y="", caption=simulated_note(study) or None)
        + theme(COLUMN_MM, 22 + 37 * -(-len(panels) // 2))
        + adjust(
            axis_text=element_text(size=SMALL - 0.5),
            strip_text=element_text(size=SMALL, ha="left"),
            panel_spacing_y=0.07,
        )
    )
    return plot, _plate_text(Numbers(ard), study)


def checked(quality: pd.DataFrame, study: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measured values of `CHECKS` with their verdicts, and the limits that they are held to.

    Returns
    -------
    points : DataFrame
        ``PANEL_``, ``ANALYTE``, ``VALUE``, ``VERDICT`` (pass, fail).
    limits : DataFrame
        ``PANEL_``, ``LIMIT``; the numbers of the words in ``LIMIT`` of the checks.
    """
    rows = quality[quality["CHECK"].isin(list(CHECKS))].copy()
    rows["VALUE"] = num(rows["VALUE"])
    rows = rows.dropna(subset=["VALUE"])
    known = markers(study)
    order = {key: k for k, key in enumerate(known)}
    keys = list(zip(rows["ASSAY"], rows["PARAMCD"], strict=True))
    rows["NAME"] = [known[key].name if key in known else key[1] for key in keys]
    rows["_K"] = [order.get(key, len(order)) for key in keys]
    rows = rows.sort_values(["ASSAY", "_K"], kind="stable")
    points = pd.DataFrame(
        {
            "PANEL_": rows["CHECK"].map(CHECKS),
            "ANALYTE": rows["NAME"],
            "VALUE": rows["VALUE"],
            "VERDICT": np.where(rows["VERDICT"] == "fail", "fail", "pass"),
        }
    ).reset_index(drop=True)
    found = {
        (CHECKS[check], float(number))
        for check, words in zip(rows["CHECK"], rows["LIMIT"], strict=True)
        for number in re.findall(r"\d+(?:\.\d+)?", words)
    }
    return points, pd.DataFrame(sorted(found), columns=["PANEL_", "LIMIT"])


def _again(study: Any) -> str:
    named = second(study)
    return f"{'; '.join(named)}." if named else ""


def _plate_text(numbers: Numbers, study: Any) -> str:
    said = []
    for assay, entry in study.assays.items():
        found = []
        for check, words in CHECKS.items():
            q = f"quality.assay_{slug(assay)}.check_{check}"
            if f"{q}.count" in numbers:
                bad = numbers.said(f"{q}_failed.count")
                found.append(f"{words.split(',')[0].lower()} {bad} of {numbers.said(f'{q}.count')}")
        if found:
            said.append(f"Beyond a limit, {entry.label}: {'; '.join(found)}.")
    return caption(
        study,
        "What the checks of the plates measured, one mark a check; dotted: the limits that they are"
        " held to (where a check has two pairs, the wider is for the ends of the curve); crosses in"
        " orange: failed.",
        *said,
        "A failed check flags its values; it takes none away unless the list of checks says so.",
        _again(study),
    )
