"""Concentrations from signals by the standard curve of each file and analyte."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.assays import across, limits, plate
from sclerotrial.assays.curves import Curves, fit, invert
from sclerotrial.assays.replicates import combine
from sclerotrial.assays.run_said import SIGNALS
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.tabular import half_up

#: Rule of thumb of kits for the coefficient of determination.
_R2 = 0.99
_KEY = ["FILE", "PARAMCD"]
#: flags of wells that the instrument or the analyst left out
_LEFT_OUT = {"masked", "outlier", "removed", "invalid"}


def curve_levels(assay: Any, readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Levels by standard curve.

    The signal is the median MFI unless the assay names another (`signal`): weights 1/y^2 need a
    response that stays above zero, and the blank then informs the response at zero dose. Limits
    (`curve.limits`): ``accepted`` extreme standards that ICH M10 accepts; ``standards`` the
    extreme standards; ``asymptotes`` as xPONENT, which extrapolates as far as the curve can be
    inverted and names the extreme standard as the limit beyond. Limits are times dilution.

    Returns
    -------
    levels : DataFrame
        As `replicates.combine`.
    rows : list of dict
        Quality rows of curves, recovery, beads, controls, blanks, replicates.
    """
    readings, gone = _left_out(readings)
    wells = _wells(assay, readings)
    expected, rows = _expected(readings)
    rows = gone + rows
    wells = wells.merge(expected, on=[*_KEY, "SAMPLE"], how="left")
    _need_concentrations(wells)
    wells, told = plate.drop_low_counts(wells, assay.beads_min)
    rows += told
    keys = wells[_KEY].drop_duplicates().sort_values(_KEY, kind="stable").reset_index(drop=True)
    index = {k: i for i, k in enumerate(keys.itertuples(index=False, name=None))}
    wells["K"] = [index[k] for k in wells[_KEY].itertuples(index=False, name=None)]
    curves, u, y = _fit(assay.curve, wells, len(keys))
    table, told = _limits(assay.curve, curves, u, y, keys)
    rows += told
    rows += plate.blank(wells[wells["TASK"] == "BLANK"], table.set_index(_KEY)["AT_LLOQ"])
    wells = _read_off(assay.curve, curves, table, wells)
    control = wells[wells["TASK"] == "CONTROL"].assign(CONC=lambda d: np.exp(d["U"]))
    told, failed = plate.control_recovery(control, assay.controls.recovery)
    rows += told + across.controls_over_plates(control)
    mine = wells[(wells["TASK"] == "SAMPLE") & wells["SIGNAL"].notna()]
    mine = mine.assign(U_MEAN=_mean_reading(curves, mine))
    rows += across.parallelism(mine)
    levels, told = combine(mine, assay.replicates.cv_max)
    runs = pd.Series(list(zip(levels["FILE"], levels["PARAMCD"], strict=True)))
    rejected = set(map(tuple, table.loc[~table["ACCEPTED"], _KEY].to_numpy())) | failed
    levels["DOUBT"] = levels["DOUBT"].astype(bool) | runs.isin(rejected).to_numpy(bool)
    return levels, rows + told


def _left_out(readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Readings without the wells left out by the analyst, and a row for each well and parameter."""
    out = readings["FLAGS"].str.split().map(lambda f: bool(_LEFT_OUT & set(f))) & (
        readings["WELL"] != ""
    )
    key = ["FILE", "WELL", "PARAMCD"]
    gone = readings[out].drop_duplicates(key)
    rows = [
        plate.row("left_out", "note", f"Well left out in the instrument's software ({w.FLAGS})",
                  FILE=w.FILE, PARAMCD=w.PARAMCD, SAMPLE=w.SAMPLE, LEVEL=w.WELL)
        for w in gone.itertuples()
    ]  # fmt: skip
    every = pd.MultiIndex.from_frame(readings[key])
    return readings[~every.isin(pd.MultiIndex.from_frame(gone[key]))], rows


def _wells(assay: Any, readings: pd.DataFrame) -> pd.DataFrame:
    """One row a well and parameter: SIGNAL, COUNT, DILUTION, UNIT, LINE."""
    frames = []
    for file, mine in readings[readings["WELL"] != ""].groupby("FILE", sort=True):
        have = set(mine["QUANTITY"])
        wanted = [assay.signal] if assay.signal else list(SIGNALS)
        signal = next((s for s in wanted if s in have), None)
        if signal is None:
            raise_if_any(
                [
                    Problem(
                        f"The file has no signal {' or '.join(wanted)}",
                        file,
                        "Export it, or name another with `signal:` in assays.yaml",
                    )
                ]
            )
        rows = mine[mine["QUANTITY"] == signal].drop(columns="UNIT")
        rows = rows.assign(SIGNAL=pd.to_numeric(rows["VALUE"], errors="coerce"), OF=signal)
        count = mine.loc[mine["QUANTITY"] == "count", ["WELL", "PARAMCD", "VALUE"]]
        count = count.assign(COUNT=pd.to_numeric(count["VALUE"], errors="coerce"))
        frames.append(
            rows.merge(count[["WELL", "PARAMCD", "COUNT"]], on=["WELL", "PARAMCD"], how="left")
        )
    wells = pd.concat(frames, ignore_index=True)
    dilution = pd.to_numeric(wells["DILUTION"], errors="coerce").fillna(float(assay.dilution))
    keep = ["FILE", "WELL", "SAMPLE", "TASK", "PARAMCD", "SIGNAL", "OF", "COUNT", "LINE"]
    return wells[keep].assign(DILUTION=dilution)


def _expected(readings: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Expected concentrations (EXPECTED, UNIT) of standards and controls, mended where needed."""
    rows = readings[readings["QUANTITY"] == "expected"]
    rows = rows.assign(VALUE=pd.to_numeric(rows["VALUE"], errors="coerce"))
    rows = rows[rows["VALUE"].notna()].reset_index(drop=True)
    standard, mended = limits.mend_expected(rows[rows["TASK"] == "STANDARD"])
    told = [
        plate.row("expected_mended", "note",
                  "Expected concentration divided by 1000: the export had lost its decimal mark",
                  FILE=m.FILE, PARAMCD=m.PARAMCD, SAMPLE=m.SAMPLE, LEVEL=m.WAS, VALUE=m.VALUE)
        for m in mended.itertuples()
    ]  # fmt: skip
    both = pd.concat([standard, rows[rows["TASK"] == "CONTROL"]])
    both = both.rename(columns={"VALUE": "EXPECTED"})
    return both[[*_KEY, "SAMPLE", "EXPECTED", "UNIT"]], told


def _need_concentrations(wells: pd.DataFrame) -> None:
    problems = []
    for file, mine in wells.groupby("FILE", sort=True):
        standards = mine[mine["TASK"] == "STANDARD"]
        if standards.empty:
            problems.append(
                Problem("The plate has no standards, the method is curve", file,
                        "Add the standards, or use the method as_given")
            )  # fmt: skip
        names = standards.loc[standards["EXPECTED"].isna(), "SAMPLE"].drop_duplicates().tolist()
        if names:
            told = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
            problems.append(
                Problem(f"No expected concentration for {len(names)} standard(s): {told}", file,
                        "Export the data type Standard Expected Concentration with the batch")
            )  # fmt: skip
    raise_if_any(problems)


def _fit(curve: Any, wells: pd.DataFrame, n: int) -> tuple[Curves, np.ndarray, np.ndarray]:
    """Fit all curves; ln concentration (-inf blank) and response of their points."""
    point = (wells["TASK"] == "STANDARD") & (wells["EXPECTED"] > 0)
    if getattr(curve, "blank", True):
        # a net signal has lost its blank already: as a point near zero it would take all weight
        point |= (wells["TASK"] == "BLANK") & (wells["OF"] != "net_mfi")
    mine = wells[point & wells["SIGNAL"].notna()]
    place = mine.groupby("K").cumcount().to_numpy()
    shape = (n, int(place.max()) + 1 if len(place) else 1)
    u, y = np.full(shape, np.nan), np.full(shape, np.nan)
    blank = (mine["TASK"] == "BLANK").to_numpy()
    logs = np.log(np.where(blank, 1.0, mine["EXPECTED"].to_numpy(float)))
    u[mine["K"], place] = np.where(blank, -np.inf, logs)
    y[mine["K"], place] = mine["SIGNAL"]
    return fit(u, y, curve.model, curve.weights, getattr(curve, "ridge", 1.0)), u, y


def _limits(
    curve: Any, curves: Curves, u: np.ndarray, y: np.ndarray, keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict]]:
    """Limits of each curve (before dilution) and its quality rows."""
    out, rows = [], []
    for k, levels in enumerate(limits.back_calculated(curves, u, y)):
        file, code = keys.iloc[k]
        where = {"FILE": file, "PARAMCD": code}
        lim = limits.accept(levels, curve.recovery, curve.recovery_end, curve.min_levels)
        ends = levels["LEVEL"].min(), levels["LEVEL"].max()
        low, high = (lim.lloq, lim.uloq) if curve.limits == "accepted" else ends
        for level in levels.itertuples():
            pair = curve.recovery_end if level.LEVEL in (lim.lloq, lim.uloq) else curve.recovery
            text = f"Standard read back at {half_up(level.RECOVERY, 1)} %"
            ok = pair[0] <= level.RECOVERY <= pair[1]
            rows.append(
                plate.row("recovery", "pass" if ok else "fail", text, LEVEL=level.LEVEL,
                          VALUE=level.RECOVERY, LIMIT=plate.bounds(pair), **where)
            )  # fmt: skip
        rows.append(
            plate.row("curve_levels", "pass" if lim.accepted else "fail",
                      f"{lim.n_accepted} of {lim.n_levels} levels accepted", VALUE=lim.n_accepted,
                      LIMIT=f"at least {curve.min_levels} and 75 %", **where)
        )  # fmt: skip
        r2 = curves.r2[k]
        rows.append(
            plate.row("curve_r2", "pass" if r2 >= _R2 else "note",
                      "Weighted coefficient of determination" if np.isfinite(r2) else "No curve",
                      VALUE=r2, LIMIT=f"at least {_R2}", **where)
        )  # fmt: skip
        at = curves.row(k).predict(np.log([[low]]))[0, 0] if np.isfinite(low) else np.nan
        accepted = lim.accepted and bool(np.isfinite(curves.params[k]).all())
        out.append((file, code, low, high, at, accepted))
    columns = [*_KEY, "LOW_LIMIT", "HIGH_LIMIT", "AT_LLOQ", "ACCEPTED"]
    return pd.DataFrame(out, columns=columns), rows


def _read_off(curve: Any, curves: Curves, table: pd.DataFrame, wells: pd.DataFrame):
    """Concentration (times dilution), censoring and variance of every well."""
    place = wells.groupby("K").cumcount().to_numpy()
    k = wells["K"].to_numpy()
    y = np.full((len(table), place.max() + 1), np.nan)
    y[k, place] = wells["SIGNAL"]
    inverse = invert(curves, y)
    scale = np.log(wells["DILUTION"].to_numpy(float))
    low = np.log(table["LOW_LIMIT"].to_numpy(float))[k] + scale
    high = np.log(table["HIGH_LIMIT"].to_numpy(float))[k] + scale
    u = inverse.u[k, place] + scale
    beyond = (-np.inf, np.inf) if curve.limits == "asymptotes" else (low, high)
    with np.errstate(invalid="ignore"):
        if curve.limits == "asymptotes":
            cens = np.where(u == beyond[0], "<", np.where(u == beyond[1], ">", ""))
        else:
            cens = np.where(u < beyond[0], "<", np.where(u > beyond[1], ">", ""))
    return wells.assign(
        U=u, CENS=cens, LLOQ=np.exp(low), ULOQ=np.exp(high), DF=inverse.df[k, place],
        VAR_CURVE=inverse.var_curve[k, place], VAR_WELL=inverse.var_well[k, place],
        UNIT=wells["UNIT"].groupby(k).transform("first"),
    )  # fmt: skip


def _mean_reading(curves: Curves, wells: pd.DataFrame) -> np.ndarray:
    """ln concentration at the mean signal of the replicates of each well's sample."""
    groups = [wells[c] for c in ("FILE", "SAMPLE", "PARAMCD", "DILUTION")]
    mean = wells["SIGNAL"].groupby(groups).transform("mean").to_numpy(float)
    k, place = wells["K"].to_numpy(), wells.groupby("K").cumcount().to_numpy()
    y = np.full((len(curves.params), place.max() + 1 if len(place) else 1), np.nan)
    y[k, place] = mean
    return invert(curves, y).u[k, place] + np.log(wells["DILUTION"].to_numpy(float))
