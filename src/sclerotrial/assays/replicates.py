"""One level from the replicate wells of a sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sclerotrial.assays.plate import replicate_cv, row

_KEYS = ["FILE", "SAMPLE", "PARAMCD", "DILUTION"]


def combine(
    wells: pd.DataFrame, cv_max: float | None, log: bool = True
) -> tuple[pd.DataFrame, list[dict]]:
    """Combine replicates; choose among dilutions.

    All wells quantified: the mean on the log scale (a geometric mean). All wells censored on one
    side: censored. Wells that disagree: the well readings are averaged as the method gives them
    in U_MEAN (the concentration at the mean response) and censored by the same limits; without
    U_MEAN the censored wells decide when they are at least half. Each such sample has a row.
    Of several dilutions the smallest that is quantified is taken.

    Parameters
    ----------
    wells : DataFrame
        _KEYS, U (ln concentration, or the value itself with ``log=False``; -inf and +inf beyond
        the curve), CENS, LLOQ, ULOQ (floats, times dilution), VAR_CURVE, VAR_WELL, DF, LOW (bool),
        UNIT, LINE and optionally U_MEAN.

    Returns
    -------
    levels : DataFrame
        FILE, SAMPLE, PARAMCD, VALUE, CENS, LLOQ, ULOQ, N_REP, CV, CI_LOW, CI_HIGH, UNIT,
        DILUTION, LINE, DOUBT.
    rows : list of dict
        Quality rows replicate_cv, replicate_censored, dilution_choice.
    """
    back = np.exp if log else (lambda x: x)
    w = wells.assign(
        QUANT=wells["U"].where(wells["CENS"] == ""),
        BELOW=wells["CENS"] == "<",
        ABOVE=wells["CENS"] == ">",
        _CONC=back(wells["U"].where(wells["CENS"] == "")),
    )
    if "U_MEAN" not in w:
        w["U_MEAN"] = np.nan
    g = w.groupby(_KEYS, sort=True)
    out = g.agg(
        U=("QUANT", "mean"), N=("QUANT", "count"), WELLS=("QUANT", "size"), BELOW=("BELOW", "sum"),
        ABOVE=("ABOVE", "sum"), LLOQ=("LLOQ", "first"), ULOQ=("ULOQ", "first"),
        VAR_CURVE=("VAR_CURVE", "mean"), VAR_WELL=("VAR_WELL", "mean"), DF=("DF", "first"),
        U_MEAN=("U_MEAN", "first"), DOUBT=("LOW", "any"), UNIT=("UNIT", "first"),
        LINE=("LINE", "first"), MEAN=("_CONC", "mean"), SD=("_CONC", "std"),
    ).reset_index()  # fmt: skip
    mixed = (out["BELOW"] < out["WELLS"]) & (out["ABOVE"] < out["WELLS"])
    mixed &= out["BELOW"] + out["ABOVE"] > 0
    u, cens = _settle(out, mixed, log)
    half = stats.t.ppf(0.975, np.maximum(out["DF"], 1)) * np.sqrt(
        out["VAR_CURVE"] + out["VAR_WELL"] / np.maximum(out["N"], 1)
    )
    exact = cens == ""
    with np.errstate(over="ignore"):
        value = np.where(exact, back(u), np.where(cens == "<", out["LLOQ"], out["ULOQ"]))
        low, high = back(u - half), back(u + half)
    out = out.assign(
        VALUE=value,
        CENS=cens,
        N_REP=out["N"].where(exact, out["WELLS"]),
        CV=(100 * out["SD"] / out["MEAN"]).where(log & exact),
        CI_LOW=np.where(exact, low, np.nan),
        CI_HIGH=np.where(exact, high, np.nan),
        MIXED=mixed,
    )
    out, rows = _choose(out)
    for m in out[out["MIXED"]].itertuples():
        text = (
            f"{m.BELOW + m.ABOVE} of {m.WELLS} replicates lie beyond a limit: "
            + ("the mean reading is used" if np.isfinite(m.U_MEAN) else "the majority is followed")
            + (f", reported {m.CENS}" if m.CENS else "")
        )
        rows.append(row("replicate_censored", "note", text, FILE=m.FILE, PARAMCD=m.PARAMCD,
                        SAMPLE=m.SAMPLE, VALUE=m.BELOW + m.ABOVE))  # fmt: skip
    rows += replicate_cv(out, cv_max)
    if cv_max is not None:
        out["DOUBT"] = out["DOUBT"] | (out["CV"] > cv_max)
    keep = [
        "FILE", "SAMPLE", "PARAMCD", "VALUE", "CENS", "LLOQ", "ULOQ", "N_REP", "CV", "CI_LOW",
        "CI_HIGH", "UNIT", "DILUTION", "LINE", "DOUBT",
    ]  # fmt: skip
    return out[keep].reset_index(drop=True), rows


def _settle(out: pd.DataFrame, mixed: pd.Series, log: bool) -> tuple[np.ndarray, np.ndarray]:
    """ln concentration and censoring of each sample."""
    u = out["U"].to_numpy(float).copy()
    cens = np.where(
        out["BELOW"] == out["WELLS"], "<", np.where(out["ABOVE"] == out["WELLS"], ">", "")
    )
    cens = cens.astype(object)
    ref = np.log if log else (lambda x: x)
    by_mean = mixed.to_numpy() & ~np.isnan(out["U_MEAN"].to_numpy(float))
    mean = out["U_MEAN"].to_numpy(float)
    u[by_mean] = mean[by_mean]
    with np.errstate(invalid="ignore", divide="ignore"):
        cens[by_mean & (mean < ref(out["LLOQ"].to_numpy(float)))] = "<"
        cens[by_mean & (mean > ref(out["ULOQ"].to_numpy(float)))] = ">"
    vote = mixed.to_numpy() & ~by_mean
    cens[vote & (2 * out["BELOW"] >= out["WELLS"]).to_numpy()] = "<"
    cens[vote & (2 * out["ABOVE"] >= out["WELLS"]).to_numpy()] = ">"
    return u, cens


def _choose(out: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """The smallest dilution that is quantified; else the one with the tighter limit."""
    # '<' is tightest at the smallest dilution, '>' at the largest
    rank = np.where(out["CENS"] == "", 0, np.where(out["CENS"] == "<", 1, 2))
    order = np.where(out["CENS"] == ">", -out["DILUTION"], out["DILUTION"])
    out = out.assign(_RANK=rank, _ORDER=order)
    keys = ["FILE", "SAMPLE", "PARAMCD"]
    out = out.sort_values([*keys, "_RANK", "_ORDER"], kind="stable")
    size = out.groupby(keys)["VALUE"].transform("size")
    first = ~out.duplicated(keys)
    rows = [
        row("dilution_choice", "note", f"One of {n} dilutions taken", FILE=r.FILE, VALUE=r.DILUTION,
            PARAMCD=r.PARAMCD, SAMPLE=r.SAMPLE)
        for r, n in zip(out[first].itertuples(), size[first], strict=True) if n > 1
    ]  # fmt: skip
    return out[first].reset_index(drop=True), rows
