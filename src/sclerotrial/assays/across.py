"""Checks across dilutions, plates and visits: parallelism, controls over plates, who lies where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.tabular import half_up

#: ICH M10 (2022), 4.2.9: dilutions of a study sample agree within this CV.
PARALLEL_CV = 30.0
#: Controls of one level agree over plates within this CV (ICH M10: 20 % between runs).
PLATES_CV = 20.0


def parallelism(wells: pd.DataFrame) -> list[dict]:
    """CV of the concentrations (times dilution) of a sample over its dilutions.

    Parameters
    ----------
    wells : DataFrame
        FILE, PARAMCD, SAMPLE, DILUTION, U (ln concentration times dilution), CENS.
    """
    good = wells[(wells["CENS"] == "") & np.isfinite(wells["U"])]
    key = ["FILE", "PARAMCD", "SAMPLE"]
    level = np.exp(good["U"]).groupby([good[c] for c in (*key, "DILUTION")]).mean()
    of = level.groupby(level=key)
    table = pd.DataFrame({"N": of.size(), "CV": 100 * of.std(ddof=1) / of.mean()})
    return [
        row("parallelism", "pass" if t.CV <= PARALLEL_CV else "fail",
            f"{t.N} dilutions agree with a CV of {half_up(t.CV, 1)} %", FILE=t.Index[0],
            PARAMCD=t.Index[1], SAMPLE=t.Index[2], VALUE=t.CV, LIMIT=f"{PARALLEL_CV:g} %")
        for t in table[table["N"] > 1].itertuples()
    ]  # fmt: skip


def controls_over_plates(controls: pd.DataFrame) -> list[dict]:
    """CV of each control over the means of its plates, where there are two or more.

    Parameters
    ----------
    controls : DataFrame
        FILE, PARAMCD, SAMPLE, CONC, CENS.
    """
    good = controls[(controls["CENS"] == "") & np.isfinite(controls["CONC"])]
    mean = good.groupby(["PARAMCD", "SAMPLE", "FILE"])["CONC"].mean()
    of = mean.groupby(level=["PARAMCD", "SAMPLE"])
    table = pd.DataFrame({"N": of.size(), "CV": 100 * of.std(ddof=1) / of.mean()})
    return [
        row("control_plates", "pass" if t.CV <= PLATES_CV else "fail",
            f"The control differs over {t.N} plates with a CV of {half_up(t.CV, 1)} %",
            PARAMCD=t.Index[0], SAMPLE=t.Index[1], VALUE=t.CV, LIMIT=f"{PLATES_CV:g} %")
        for t in table[table["N"] > 1].itertuples()
    ]  # fmt: skip


def places(levels: pd.DataFrame) -> list[dict]:
    """Samples measured in several files, and patients whose visits lie on different plates."""
    one = levels.drop_duplicates(["FILE", "SAMPLE"])
    rows = []
    for sample, files in one.groupby("SAMPLE", sort=True)["FILE"]:
        if len(files) > 1:
            text = f"The sample was measured in {len(files)} files"
            rows += [row("sample_repeated", "note", text, FILE=f, SAMPLE=sample) for f in files]
    known = one[one["USUBJID"].fillna("") != ""]
    for _, mine in known.groupby("USUBJID", sort=True):
        if mine["FILE"].nunique() > 1 and mine["AVISIT"].nunique() > 1:
            text = f"The visits of the patient lie on {mine['FILE'].nunique()} plates"
            rows += [
                row("visits_apart", "note", text, FILE=m.FILE, SAMPLE=m.SAMPLE)
                for m in mine.itertuples()
            ]
    return rows


def crowded(readings: pd.DataFrame) -> list[dict]:
    """Samples that stand in more wells of a plate than the others: one may bear another's name.

    Parameters
    ----------
    readings : DataFrame
        FILE, SAMPLE, TASK, WELL, DILUTION, QUANTITY, PARAMCD.
    """
    mine = readings[(readings["TASK"] == "SAMPLE") & (readings["WELL"] != "")]
    wells = mine.drop_duplicates(["FILE", "SAMPLE", "WELL", "DILUTION", "PARAMCD"])
    key = ["FILE", "PARAMCD", "SAMPLE", "DILUTION"]
    count = wells.groupby(key, sort=True, observed=True).size().reset_index(name="N")
    usual = count.groupby(["FILE", "PARAMCD"])["N"].transform("median")
    found = count[count["N"] >= 2 * usual].drop_duplicates(["FILE", "SAMPLE"])
    return [
        row("wells", "note", f"The sample stands in {c.N} wells, others in {usual[c.Index]:g}: may "
            "one of them bear another's name?", FILE=c.FILE, SAMPLE=c.SAMPLE, VALUE=c.N)
        for c in found.itertuples() if c.N > 1
    ]  # fmt: skip


def none_above(levels: pd.DataFrame) -> list[dict]:
    """Parameters that no sample of a file has above its lower limit (FILE, PARAMCD, CENS)."""
    below = (
        (levels["CENS"] == "<").groupby([levels["FILE"], levels["PARAMCD"]]).agg(["sum", "size"])
    )
    return [
        row("all_below", "fail", f"All {t.size} samples lie below the lower limit", FILE=t.Index[0],
            PARAMCD=t.Index[1], VALUE=t.size)
        for t in below.itertuples() if t.sum == t.size and t.size > 1
    ]  # fmt: skip
