"""qPCR: delta Ct against reference genes, on the scale -dCt (up is up).

dCt = Ct(target) - mean of the Ct of the reference genes of the same sample. The analysis scale is
its negative, a log2 relative quantity. An undetermined Ct is right-censored at `ct_max`: -dCt is
then below (mean reference Ct - ct_max), a limit of that sample's own. Wells without enough copies
fail at random some cycles earlier, so `ct_max` should be where detection becomes unsure, not the
last cycle of the run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sclerotrial.assays.plate import row
from sclerotrial.tabular import half_up

#: Reference genes that differ by more than this from their usual difference are doubted (2-fold).
_STABILITY = 1.0
_KEYS = ["FILE", "SAMPLE", "PARAMCD"]


@dataclass(frozen=True)
class DeltaDelta:
    """Relative quantity of one group of wells against another.

    Attributes
    ----------
    dct_a, dct_b : float
        Mean delta Ct of calibrator and test.
    ddct, fold : float
        dct_b - dct_a and 2^-ddct.
    error : float
        sqrt(SD(target)^2 + SD(reference)^2) of the test wells.
    lower, upper : float
        2^-(ddct + error), 2^-(ddct - error).
    """

    dct_a: float
    dct_b: float
    ddct: float
    fold: float
    error: float
    lower: float
    upper: float


def ddct(target_a, reference_a, target_b, reference_b) -> DeltaDelta:
    """Livak & Schmittgen 2001: fold of test wells b against calibrator wells a (lists of Ct)."""
    ta, ra, tb, rb = (np.asarray(x, float) for x in (target_a, reference_a, target_b, reference_b))
    a, b = ta.mean() - ra.mean(), tb.mean() - rb.mean()
    error = float(np.hypot(tb.std(ddof=1), rb.std(ddof=1)))
    d = b - a
    low, high = 2.0 ** -(d + error), 2.0 ** -(d - error)
    return DeltaDelta(float(a), float(b), float(d), float(2.0**-d), error, float(low), float(high))


def summarise(
    wells: pd.DataFrame, ct_max: float, sd_max: float | None
) -> tuple[pd.DataFrame, list[dict]]:
    """Mean Ct by sample and gene.

    Undetermined wells in a minority are left out with a row. When half or more of the wells are
    undetermined, so is the gene in that sample: its Ct lies beyond the mean of the wells that
    were determined, or beyond `ct_max` when none was.

    Parameters
    ----------
    wells : DataFrame
        FILE, SAMPLE, PARAMCD, CT (float, NaN undetermined), LINE.
    ct_max : float
        Last cycle; a Ct beyond it counts as undetermined.
    sd_max : float or None
        Largest SD of replicates.

    Returns
    -------
    genes : DataFrame
        _KEYS, CT (NaN undetermined), CT_LIMIT (beyond which an undetermined Ct lies), SD, N, LINE,
        DOUBT.
    rows : list of dict
        Quality rows: replicate_sd, replicate_undetermined.
    """
    wells = wells.assign(CT=wells["CT"].where(wells["CT"] <= ct_max))
    grouped = wells.groupby(_KEYS, sort=True)
    genes = grouped.agg(
        CT=("CT", "mean"), SD=("CT", "std"), N=("CT", "count"), WELLS=("CT", "size"),
        LINE=("LINE", "first"),
    ).reset_index()  # fmt: skip
    lost = genes["WELLS"] - genes["N"]
    genes["CT_LIMIT"] = genes["CT"].fillna(ct_max)
    genes.loc[2 * lost >= genes["WELLS"], ["CT", "SD"]] = np.nan
    mixed = (lost > 0) & (genes["N"] > 0)
    rows = []
    for g in genes[mixed].itertuples():
        text = f"{g.WELLS - g.N} of {g.WELLS} replicates undetermined: " + (
            "left out" if np.isfinite(g.CT) else "the gene counts as undetermined"
        )
        rows.append(row("replicate_undetermined", "note", text, FILE=g.FILE, PARAMCD=g.PARAMCD,
                        SAMPLE=g.SAMPLE, VALUE=g.WELLS - g.N))  # fmt: skip
    wide = genes["SD"] > sd_max if sd_max is not None else pd.Series(False, index=genes.index)
    for g, bad in zip(genes.itertuples(), wide, strict=True):
        if sd_max is not None and np.isfinite(g.SD):
            rows.append(
                row("replicate_sd", "fail" if bad else "pass",
                    f"Replicate Ct differ with an SD of {half_up(g.SD, 2)}", FILE=g.FILE,
                    PARAMCD=g.PARAMCD, SAMPLE=g.SAMPLE, VALUE=g.SD, LIMIT=f"{sd_max:g}")
            )  # fmt: skip
    return genes.assign(DOUBT=mixed | wide).drop(columns="WELLS"), rows


def minus_dct(
    genes: pd.DataFrame, references: list[str], ct_max: float
) -> tuple[pd.DataFrame, list[dict]]:
    """-dCt of every target gene of every sample.

    Parameters
    ----------
    genes : DataFrame
        From `summarise`.
    references : list of str
        PARAMCD of the reference genes; all must be determined in a sample.

    Returns
    -------
    levels : DataFrame
        _KEYS, VALUE (-dCt, the limit when censored), CENS ('<' or ''), LLOQ (limit of the sample),
        N_REP, SD (of the difference), CI_LOW, CI_HIGH (95 % from replicates), DOUBT, LINE.
    rows : list of dict
        Quality rows: reference_missing, reference_stability.
    """
    is_ref = genes["PARAMCD"].isin(references)
    ref = genes[is_ref]
    ct = ref.pivot(index=["FILE", "SAMPLE"], columns="PARAMCD", values="CT").reindex(
        columns=references
    )
    rows = _reference_rows(ct, genes)
    var = (ref["SD"] ** 2 / ref["N"]).where(ref["SD"].notna())
    by = [ref["FILE"], ref["SAMPLE"]]
    base = pd.DataFrame(
        {
            "REF": ct.mean(axis=1, skipna=False),
            # without replicates of one of them the spread of their mean is not known
            "VAR": var.groupby(by).sum(min_count=len(references)) / len(references) ** 2,
            "DF": (ref["N"] - 1).groupby(by).sum(),
            "DOUBT_REF": ref["DOUBT"].groupby(by).any(),
        }
    )
    out = genes[~is_ref].merge(base.reset_index(), on=["FILE", "SAMPLE"], how="left")
    out = out[out["REF"].notna()].copy()
    out["CENS"] = np.where(out["CT"].isna(), "<", "")
    out["LLOQ"] = out["REF"] - out["CT_LIMIT"].where(out["CT"].isna(), out.get("CT_MAX", ct_max))
    out["VALUE"] = (out["REF"] - out["CT"]).where(out["CT"].notna(), out["LLOQ"])
    total = out["SD"] ** 2 / out["N"] + out["VAR"]
    t = stats.t.ppf(0.975, np.maximum(out["N"] - 1 + out["DF"], 1))
    half = t * np.sqrt(total)
    out["CI_LOW"], out["CI_HIGH"] = out["VALUE"] - half, out["VALUE"] + half
    out["DOUBT"] = out["DOUBT"].astype(bool) | out["DOUBT_REF"].fillna(False).astype(bool)
    keep = [*_KEYS, "VALUE", "CENS", "LLOQ", "N", "SD", "CI_LOW", "CI_HIGH", "DOUBT", "LINE"]
    return out[keep].rename(columns={"N": "N_REP"}).reset_index(drop=True), rows


def _reference_rows(ct: pd.DataFrame, genes: pd.DataFrame) -> list[dict]:
    """Samples without all reference genes, and those in which the genes disagree."""
    rows = []
    every = genes[["FILE", "SAMPLE"]].drop_duplicates()
    full = ct.reindex(pd.MultiIndex.from_frame(every))
    for (file, sample), values in full.iterrows():
        gone = [g for g in full.columns if not np.isfinite(values[g])]
        if gone:
            text = f"Reference gene not determined ({', '.join(gone)}): the sample has no levels"
            rows.append(row("reference_missing", "fail", text, FILE=file, SAMPLE=sample))
    usual = ct.sub(ct.mean(axis=1), axis=0)
    off = usual.sub(usual.groupby(level="FILE").transform("median"))
    spread = (off.max(axis=1) - off.min(axis=1)).dropna()
    for (file, sample), value in spread.items():
        verdict = "note" if value > _STABILITY else "pass"
        text = f"Reference genes depart by {half_up(value, 2)} Ct from their usual difference"
        rows.append(row("reference_stability", verdict, text, FILE=file, SAMPLE=sample,
                        VALUE=value, LIMIT=f"{_STABILITY:g}"))  # fmt: skip
    return rows


def ntc(wells: pd.DataFrame, ntc_min: float | None) -> list[dict]:
    """No-template controls: a Ct below `ntc_min` is contamination (FILE, WELL, PARAMCD, CT)."""
    if ntc_min is None:
        return []
    rows = []
    for w in wells.itertuples():
        clean = not ntc_min > w.CT
        text = "The no-template control is clean" if clean else "The no-template control amplified"
        rows.append(row("ntc", "pass" if clean else "fail", text, FILE=w.FILE, PARAMCD=w.PARAMCD,
                        LEVEL=w.WELL, VALUE=w.CT, LIMIT=f"at least {ntc_min:g}"))  # fmt: skip
    return rows
