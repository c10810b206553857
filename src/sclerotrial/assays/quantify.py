"""From readings to levels: the methods of an assay, and its quality rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays import (
    across,
    analytes,
    bridge,
    deltact,
    plate,
    prepare,
    run_said,
    samples,
    wide,
)
from sclerotrial.assays.counts import counts
from sclerotrial.assays.curve_levels import curve_levels
from sclerotrial.assays.efficiency import factors
from sclerotrial.assays.given import as_given
from sclerotrial.errors import Problem, did_you_mean, raise_if_any

#: Columns of levels.csv.
LEVELS = [
    "ASSAY", "COMPART", "SAMPLE", "USUBJID", "AVISIT", "PARAMCD", "PARAM", "VALUE", "CENS", "LLOQ",
    "ULOQ", "UNIT", "N_REP", "CV", "CI_LOW", "CI_HIGH", "BLQFL", "QCFL", "DILUTION", "FILE", "LINE",
]  # fmt: skip


def quantify(
    name: str,
    assay: Any,
    readings: pd.DataFrame,
    manifest: pd.DataFrame | None,
    visits: list[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Levels of all samples of an assay, and what is to be said of their quality.

    Parameters
    ----------
    name : str
        Key of the assay in assays.yaml (column ASSAY).
    assay : study_assays.Assay
        Its configuration.
    readings : DataFrame
        Tidy long table of all its files (`formats.COLUMNS`, text).
    manifest : DataFrame or None
        Cleaned sample manifest; None leaves USUBJID and AVISIT empty (a plate without a study).
    visits : list of str, optional
        Visits at which samples are drawn.

    Returns
    -------
    levels : DataFrame
        Columns `LEVELS`, a row a file, sample and parameter. VALUE on the analysis scale of the
        assay (the limit when CENS is '<' or '>'), limits times dilution, CI 95 %.
    quality : DataFrame
        Columns `plate.QUALITY`.

    Raises
    ------
    InputErrors
        Samples that are not in the manifest, standards without concentration, absent reference
        genes.
    """
    readings, said = run_said.split(_in_order(readings))
    if getattr(assay, "wide", False) and not assay.analytes:
        empty = pd.DataFrame(columns=LEVELS)
        made = said + prepare.quality(assay, readings)
        return _scored(name, assay, readings, manifest, visits, empty, made)
    extra, is_wide = tuple(assay.reference_genes), getattr(assay, "wide", False)
    codes, rows = analytes.assign(readings, assay.analytes, extra, is_wide)
    rows += said + prepare.quality(assay, readings)
    if is_wide and not assay.scores and not (codes != "").any():
        what = f"None of the {len(assay.analytes)} analytes of the assay was measured"
        todo = "Name them as the files do, with `names`"
        raise_if_any([Problem(what, f"assays.yaml, key {name}.analytes", todo)])
    if assay.method == "delta_ct":
        _need_references(assay, readings, set(codes))
    known = readings.assign(PARAMCD=codes)
    # the control probes of a lane carry its normalisation
    probes = (known["TASK"] == "CONTROL") & (assay.method == "counts")
    known = known[(known["PARAMCD"] != "") | (known["ANALYTE"] == "") | probes]
    bridged = getattr(assay, "bridge", None)
    if bridged:
        known, told = bridge.as_controls(known, bridged, manifest)
        rows += told
    if manifest is None:
        names = known.loc[known["TASK"] == "SAMPLE", "SAMPLE"].drop_duplicates()
        matched = pd.DataFrame({"SAMPLE": names, "USUBJID": "", "AVISIT": "", "DOUBT": False})
    else:
        matched, told = samples.match(known, manifest, assay.compartment, visits)
        rows += told
    method = {
        "curve": curve_levels, "delta_ct": _delta_ct, "as_given": as_given, "counts": counts,
    }[assay.method]  # fmt: skip
    aligned = known
    if bridged:
        aligned, told = bridge.align(known, bridged, assay.signal)
        rows += told
    levels, told = method(assay, aligned)
    rows += run_said.lost(assay, known)
    rows += _absent(known, levels)
    levels = levels.merge(matched, on="SAMPLE", how="inner", suffixes=("", "_SAMPLE"))
    rows += across.places(levels) + across.none_above(levels)
    if assay.method in ("curve", "delta_ct"):  # regions of slides differ in number
        rows += across.crowded(known)
    doubt = levels["DOUBT"].astype(bool) | levels["DOUBT_SAMPLE"].astype(bool)
    entry = {c: assay.analytes.get(c) for c in levels["PARAMCD"].unique()}
    levels = levels.assign(
        ASSAY=name,
        COMPART=assay.compartment,
        PARAM=[getattr(entry[c], "param", "") or c for c in levels["PARAMCD"]],
        UNIT=[
            getattr(entry[c], "unit", "") or u
            for c, u in zip(levels["PARAMCD"], levels["UNIT"], strict=True)
        ],
        BLQFL=np.where((levels["CENS"] == "<") | levels.get("BELOW_LOD", False), "Y", ""),
        QCFL=np.where(doubt, "Y", ""),
    )
    if getattr(assay, "wide", False):
        return _scored(name, assay, readings, manifest, visits, levels[LEVELS], rows + told)
    return _by_file(levels), plate.frame(name, rows + told)


def _by_file(levels: pd.DataFrame) -> pd.DataFrame:
    order = ["FILE", "PARAMCD", "SAMPLE"]
    return levels.sort_values(order, kind="stable")[LEVELS].reset_index(drop=True)


def _scored(name, assay, readings, manifest, visits, levels, rows):
    """The levels of a wide panel with its scores, and the quality rows."""
    if not getattr(assay, "scores", {}):
        return _by_file(levels), plate.frame(name, rows)
    if getattr(assay, "bridge", None):
        readings, told = _members_aligned(assay, readings, manifest)
        rows = rows + told
    mine = readings[(readings["TASK"] == "SAMPLE") & (readings["ANALYTE"] != "")]
    panel = wide.of_table(mine, assay)
    if manifest is None:
        matched = pd.DataFrame({"SAMPLE": panel.samples, "USUBJID": "", "AVISIT": ""})
    else:
        matched, told = samples.match(readings, manifest, assay.compartment, visits)
        rows = rows + ([] if assay.analytes else told)
    at = matched.set_index("SAMPLE")["AVISIT"].reindex(panel.samples)
    first = [i for i, v in enumerate(at) if visits and v == visits[0]]
    found, told = wide.scores(panel.features, panel.values, assay, first)
    file = mine.drop_duplicates("SAMPLE").set_index("SAMPLE").reindex(panel.samples)
    parts = [
        pd.DataFrame({"SAMPLE": panel.samples, "PARAMCD": code, "VALUE": values, 
                      "FILE": file["FILE"].to_numpy(),
                      "PARAM": assay.scores[code].param or code, "UNIT": assay.scores[code].unit,
                      "LINE": file["LINE"].to_numpy()})
        for code, values in found.items()
    ]  # fmt: skip
    table = pd.concat(parts).merge(matched, on="SAMPLE", how="inner").assign(
        ASSAY=name, COMPART=assay.compartment, CENS="", LLOQ=np.nan, ULOQ=np.nan, N_REP=1,
        CV=np.nan, CI_LOW=np.nan, CI_HIGH=np.nan, BLQFL="", DILUTION=1.0,
        QCFL=lambda d: np.where(d.get("DOUBT", False), "Y", ""),
    )  # fmt: skip
    table = table[np.isfinite(table["VALUE"])][LEVELS]
    both = pd.concat([levels, table]) if len(levels) else table
    return _by_file(both), plate.frame(name, rows + told)


def _members_aligned(assay, readings, manifest):
    """Readings of a wide panel aligned by bridge samples, with rows of what is no analyte."""
    known, rows = bridge.as_controls(readings, assay.bridge, manifest)
    named = known.assign(PARAMCD=known["ANALYTE"])
    aligned, told = bridge.align(named, assay.bridge, assay.signal)
    analytes_of = set(wide.declared(list(dict.fromkeys(named["ANALYTE"])), assay))
    rows = [] if assay.analytes else rows
    return aligned, rows + [r for r in told if r["PARAMCD"] not in analytes_of]


def _in_order(readings: pd.DataFrame) -> pd.DataFrame:
    """By file and line, so that the order in which rows or files arrive changes nothing."""
    line = pd.to_numeric(readings["LINE"])
    keys = ["FILE", "_LINE", "ANALYTE", "QUANTITY"]
    out = readings.assign(_LINE=line).sort_values(keys, kind="stable")
    return out.drop(columns="_LINE").reset_index(drop=True)


def _absent(readings: pd.DataFrame, levels: pd.DataFrame) -> list[dict]:
    """A row for each sample and parameter of a file that has no level, such as after a cut."""
    mine = readings[readings["TASK"] == "SAMPLE"]
    samples = mine[["FILE", "SAMPLE"]].drop_duplicates()
    codes = levels[["FILE", "PARAMCD"]].drop_duplicates()
    have = pd.MultiIndex.from_frame(levels.loc[levels["VALUE"].notna(), ["SAMPLE", "PARAMCD"]])
    wanted = samples.merge(codes, on="FILE")
    gone = ~pd.MultiIndex.from_frame(wanted[["SAMPLE", "PARAMCD"]]).isin(have)
    text = "The sample has no level of this parameter"
    return [
        plate.row("level_missing", "fail", text, FILE=w.FILE, SAMPLE=w.SAMPLE, PARAMCD=w.PARAMCD)
        for w in wanted[gone].itertuples()
    ]


def _need_references(assay: Any, readings: pd.DataFrame, seen: set[str]) -> None:
    where = "assays.yaml, key reference_genes"
    names = sorted(set(readings["ANALYTE"]) - {""})
    problems = [
        Problem(f"The reference gene {g} is in no file of the assay.{did_you_mean(g, names)}",
                where, "Name a gene that was measured")
        for g in assay.reference_genes if g not in seen
    ]  # fmt: skip
    if not assay.reference_genes:
        what = "The method delta_ct has no reference gene"
        problems.append(Problem(what, where, "Name at least one gene"))
    raise_if_any(problems)


def _doubling(genes: pd.DataFrame, factor: dict[str, float]) -> pd.DataFrame:
    """Ct on the scale of doublings (times log2 of the efficiency of the gene)."""
    times = np.log2(genes["PARAMCD"].map(factor).fillna(2.0).to_numpy(float))
    return genes.assign(**{c: genes[c] * times for c in ("CT", "CT_LIMIT", "CT_MAX", "SD")})


def _delta_ct(assay: Any, readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """-dCt of every sample and target."""
    ct_max = assay.ct_max or 40.0
    wells = readings[readings["QUANTITY"] == "ct"]
    omitted = wells["FLAGS"].str.split().map(lambda flags: "omit" in flags)
    rows = [
        plate.row("omitted", "note", "Well omitted in the instrument's software", FILE=w.FILE,
                  PARAMCD=w.PARAMCD, SAMPLE=w.SAMPLE, LEVEL=w.WELL)
        for w in wells[omitted].itertuples()
    ]  # fmt: skip
    wells = wells[~omitted].assign(CT=lambda d: pd.to_numeric(d["VALUE"], errors="coerce"))
    # an empty cell is no measurement; an undetermined one is
    wells = wells[wells["CT"].notna() | wells["FLAGS"].str.contains("undetermined")]
    expected = readings[readings["QUANTITY"] == "expected"]
    factor, told = factors(wells[wells["TASK"] == "STANDARD"], expected,
                           getattr(assay, "efficiency", None))  # fmt: skip
    rows += told
    mine = wells[wells["TASK"] == "SAMPLE"]
    genes, told = deltact.summarise(mine, ct_max, assay.replicates.sd_max)
    genes = _doubling(genes.assign(CT_MAX=ct_max), factor)
    levels, more = deltact.minus_dct(genes, list(assay.reference_genes), ct_max)
    rows += told + more + deltact.ntc(wells[wells["TASK"] == "NTC"], assay.controls.ntc_min)
    if assay.analytes:
        levels = levels[levels["PARAMCD"].isin(assay.analytes)]
    return levels.assign(ULOQ=np.nan, CV=np.nan, UNIT="-dCt", DILUTION=1.0), rows
