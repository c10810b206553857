"""Markers of a compartment taken together: max-T by their correlation, variances by moderation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis.blocks import INTERVAL, Rows
from sclerotrial.ard import Scope
from sclerotrial.inference import draws, exact, linear, moderated, resampled_max
from sclerotrial.inference.result import NAN, Result
from sclerotrial.study_analyses import Analyses

Measured = list[tuple[Scope, pd.Series]]


def together(plan: Analyses, measured: Measured, seed: int) -> Rows:
    """Rows of each marker: p adjusted by max-T, and the moderated t, both in support.

    Parameters
    ----------
    plan : Analyses
    measured : list of (scope, log2 changes by subject)
        Markers of one compartment, group and visit whose pairs are all measured.
    seed : int
        Of resampling beyond exact reach.
    """
    if len(measured) < 2:
        return []
    table = pd.DataFrame({k: d for k, (_, d) in enumerate(measured)}).T
    x = table.to_numpy(float)
    return _largest(plan, measured, x, seed) + _moderated(plan, measured, x)


def _largest(plan: Analyses, measured: Measured, x: np.ndarray, seed: int) -> Rows:
    whole = x[:, ~np.isnan(x).any(axis=0)]
    n = whole.shape[1]
    what = "sign-flip max-T, adjusted for all markers of the compartment"
    out = Result(what, "two-sided, far tail", n, p_design=exact.design_sign(n))
    if n < 2:
        results = [out.but(note=f"{n} patients have every marker: no joint test")] * len(x)
    else:
        found = resampled_max.paired(whole, seed=seed)
        moved = (np.abs(whole) > 0).sum(axis=1)
        note = f"{len(x)} markers; patients with every one of them: {n}"
        drawn = 0.0 if found.exact else 1 / (draws.DRAWS + 1)
        results = [
            out.but(
                p=float(p), convention=found.convention, note=note,
                p_attainable=min(float(p), max(drawn, exact.design_sign(int(k)))),
            )
            for p, k in zip(found.p, moved, strict=True)
        ]  # fmt: skip
    return [
        row
        for (at, _), r in zip(measured, results, strict=True)
        for row in ard.result_rows(at, "maxt", ard.printable(r, plan.alpha), ("p",))
    ]


def _moderated(plan: Analyses, measured: Measured, x: np.ndarray) -> Rows:
    found = linear.fit(x, np.ones((x.shape[1], 1)))
    got = moderated.moderate(found, [1.0], plan.conf_level)
    rows: Rows = []
    for k, (at, d) in enumerate(measured):
        need = moderated.floor(exact.design_sign(len(d)), len(x))
        floor = (
            f"by exact tests {need:g} of {len(x)} markers would have to share the smallest p"
            if math.isfinite(need)
            else "by exact tests no marker could pass a false discovery rate of 5 %"
        )
        p = float(got.p[k])
        r = Result(
            "moderated t",
            moderated.CONVENTION,
            len(d),
            estimate=float(got.estimate[k]),
            ci_low=float(got.low[k]),
            ci_high=float(got.high[k]),
            p=p,
            conf_level=plan.conf_level,
            p_attainable=NAN if math.isnan(p) else 0.0,
            p_design=0.0,
            note=floor if not math.isnan(p) else "no spread to moderate",
        )
        rows += ard.result_rows(at, "moderated", r, (*INTERVAL, "p"))
    return rows
