"""Plate quality: quality rows and the checks of replicates, beads, controls and blanks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sclerotrial.tabular import half_up

#: Columns of quality.csv.
QUALITY = [
    "ASSAY", "FILE", "CHECK", "PARAMCD", "SAMPLE", "LEVEL", "VALUE", "LIMIT", "VERDICT", "MESSAGE",
]  # fmt: skip


def row(check: str, verdict: str, message: str, **where: object) -> dict:
    """One quality row; ASSAY is filled in by `frame`.

    Parameters
    ----------
    check : str
        Name of the check, such as ``recovery``.
    verdict : {'pass', 'fail', 'note'}
    message : str
        What was seen, in words.
    **where
        FILE, PARAMCD, SAMPLE, LEVEL, VALUE, LIMIT.
    """
    return {**dict.fromkeys(QUALITY, ""), **where, "CHECK": check, "VERDICT": verdict,
            "MESSAGE": message}  # fmt: skip


def frame(assay: str, rows: list[dict]) -> pd.DataFrame:
    """Quality rows of an assay, in a fixed order."""
    out = pd.DataFrame(rows, columns=QUALITY).assign(ASSAY=assay)
    order = ["FILE", "CHECK", "PARAMCD", "SAMPLE"]
    return out.sort_values(order, kind="stable").reset_index(drop=True)


def bounds(pair: tuple[float, float], unit: str = "%") -> str:
    """Limits as text: ``80 to 120 %``."""
    return f"{_short(pair[0])} to {_short(pair[1])} {unit}".strip()


def _short(x: float) -> str:
    return f"{x:g}"


def drop_low_counts(wells: pd.DataFrame, beads_min: int | None) -> tuple[pd.DataFrame, list[dict]]:
    """Leave out wells with too few beads where another replicate remains.

    Parameters
    ----------
    wells : DataFrame
        FILE, WELL, SAMPLE, TASK, PARAMCD, COUNT (float, NaN when the instrument gives none).
    beads_min : int or None
        Fewest beads; None checks nothing.

    Returns
    -------
    wells : DataFrame
        Without the wells left out; column LOW (bool) marks those kept for want of another.
    rows : list of dict
        A quality row a well with too few beads, a note where counts are missing altogether.
    """
    low = wells["COUNT"] < beads_min if beads_min else pd.Series(False, index=wells.index)
    keys = [wells[c] for c in ("FILE", "SAMPLE", "PARAMCD")]
    others = (~low).groupby(keys).transform("sum") > 0
    rows = [
        row(
            "bead_count", "fail",
            "Well left out: too few beads, another replicate remains"
            if other else "Too few beads and no other replicate: kept and flagged",
            FILE=w.FILE, PARAMCD=w.PARAMCD, SAMPLE=w.SAMPLE, LEVEL=w.WELL, VALUE=w.COUNT,
            LIMIT=f"at least {beads_min}",
        )
        for w, other in zip(wells[low].itertuples(), others[low], strict=True)
    ]  # fmt: skip
    if beads_min:
        for file, counts in wells.groupby("FILE", sort=True)["COUNT"]:
            if counts.isna().all():
                rows.append(row("bead_count", "note", "The file has no bead counts", FILE=file))
            elif not (counts < beads_min).any():
                rows.append(
                    row("bead_count", "pass", "All wells have enough beads", FILE=file,
                        VALUE=counts.min(), LIMIT=f"at least {beads_min}")
                )  # fmt: skip
    kept = wells.assign(LOW=low)[~(low & others)]
    return kept.copy(), rows


def replicate_cv(levels: pd.DataFrame, cv_max: float | None) -> list[dict]:
    """Coefficient of variation of replicate concentrations against its limit.

    Parameters
    ----------
    levels : DataFrame
        FILE, PARAMCD, SAMPLE, CV (percent, NaN with fewer than two quantified replicates).
    """
    if cv_max is None:
        return []
    return [
        row(
            "replicate_cv", "fail" if cv_max < w.CV else "pass",
            f"Replicates differ with a CV of {half_up(w.CV, 1)} %",
            FILE=w.FILE, PARAMCD=w.PARAMCD, SAMPLE=w.SAMPLE, VALUE=w.CV, LIMIT=f"{cv_max:g} %",
        )
        for w in levels[levels["CV"].notna()].itertuples()
    ]  # fmt: skip


def control_recovery(
    controls: pd.DataFrame, recovery: tuple[float, float] | None
) -> tuple[list[dict], set[tuple[str, str]]]:
    """Recovery of controls, well by well, and of the run.

    A run is accepted when two thirds of all controls and half of those of each level recover
    within the limits (ICH M10).

    Parameters
    ----------
    controls : DataFrame
        FILE, PARAMCD, SAMPLE, WELL, CONC, CENS, EXPECTED (floats; rows without EXPECTED count not).
    recovery : pair of percent, or None for no check

    Returns
    -------
    rows : list of dict
    failed : set of (FILE, PARAMCD)
        Runs that are not accepted.
    """
    rows, failed = [], set()
    known = controls[controls["EXPECTED"].notna()]
    if recovery is None or known.empty:
        return rows, failed
    percent = 100 * known["CONC"] / known["EXPECTED"]
    good = percent.between(*recovery) & (known["CENS"] == "")
    for w, p, ok in zip(known.itertuples(), percent, good, strict=True):
        text = f"{w.CENS}{half_up(p, 1)} % of the expected concentration"
        rows.append(
            row("control_recovery", "pass" if ok else "fail", text, FILE=w.FILE, SAMPLE=w.SAMPLE,
                PARAMCD=w.PARAMCD, LEVEL=w.WELL, VALUE=p, LIMIT=bounds(recovery))
        )  # fmt: skip
    table = known.assign(GOOD=good)
    for (file, code), run in table.groupby(["FILE", "PARAMCD"], sort=True):
        share = run.groupby("SAMPLE")["GOOD"].mean()
        # integers, so that exactly two thirds pass
        ok = 3 * int(run["GOOD"].sum()) >= 2 * len(run) and (share >= 0.5).all()
        if not ok:
            failed.add((file, code))
        rows.append(
            row("control_run", "pass" if ok else "fail",
                f"{int(run['GOOD'].sum())} of {len(run)} controls within limits", FILE=file,
                PARAMCD=code, VALUE=100 * run["GOOD"].mean(),
                LIMIT="two thirds of all, half of each level")
        )  # fmt: skip
    return rows, failed


def blank(blanks: pd.DataFrame, response_lloq: pd.Series) -> list[dict]:
    """Blank signal (mean + 3 SD where there are two or more) against the response at the LLOQ.

    Parameters
    ----------
    blanks : DataFrame
        FILE, PARAMCD, SIGNAL.
    response_lloq : Series
        Response of the curve at the lower limit, indexed by (FILE, PARAMCD).
    """
    rows = []
    for key, signal in blanks.groupby(["FILE", "PARAMCD"], sort=True)["SIGNAL"]:
        limit = response_lloq.get(key, np.nan)
        top = signal.mean() + (3 * signal.std(ddof=1) if len(signal) > 1 else 0.0)
        clear = bool(top < limit) if np.isfinite(limit) else False
        text = "The blank lies below the response at the lower limit" if clear else (
            "The blank is not told from the response at the lower limit"
        )  # fmt: skip
        rows.append(
            row("blank", "pass" if clear else "fail", text, FILE=key[0], PARAMCD=key[1],
                VALUE=top, LIMIT="" if not np.isfinite(limit) else f"below {limit:.4g}")
        )  # fmt: skip
    return rows
