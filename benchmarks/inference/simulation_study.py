"""Do the tests and intervals keep what they promise? Trials with a known truth, by the thousand.

    make simulation-study
    python benchmarks/inference/simulation_study.py [--trials 2000] [--out FILE.csv]

Aims, data, estimands, methods and measures (ADEMP) are told in docs/simulation_study.md. Each
trial is drawn by the package's own generator, uncalibrated, and analysed by the package's own
functions, in process. The same trials and numbers come out on any machine and in any order: a
trial's seed is its number.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from simulated_trials import DESIGNS, EFFECT, ROOT, SHAPES, trials

from sclerotrial.analysis.models import LEAST
from sclerotrial.fingerprint import Code
from sclerotrial.fingerprint.simulated import code_of
from sclerotrial.inference import (
    bootstrap,
    correlation,
    exact,
    groups,
    linear,
    mixed,
    models,
    moderated,
    multiplicity,
    paired,
    proportions,
    resampled_max,
    stratified,
    tables,
)
from sclerotrial.inference.result import Result
from sclerotrial.tabular import write_csv

ALPHA = 0.05
#: tests whose level is exact, and the null hypothesis under which it is
EXACT = {
    "sign-flip": "changes symmetric about 0",
    "signed-rank": "changes symmetric about 0",
    "signed-rank, Pratt": "changes symmetric about 0",
    "permutation": "groups exchangeable",
    "rank-sum": "groups exchangeable",
    "stratified permutation": "groups exchangeable within strata",
    "van Elteren": "groups exchangeable within strata",
    "Fisher": "groups exchangeable",
    "Boschloo": "groups exchangeable",
    "Freeman-Halton": "groups exchangeable",
    "trend": "groups exchangeable",
    "Spearman": "pairs exchangeable",
    "Pearson, permutation": "pairs exchangeable",
}
OBSERVED = "observed (treatment policy)"
RESPONSE = 5.0  # points of the skin score by which a responder falls


class Tally:
    """Sums over trials of what was seen."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, measure: str, method: str, value: float) -> None:
        """One trial's outcome; NaN where the method gave none."""
        self.seen[(measure, method)].append(float(value))

    def test(self, method: str, p: float) -> None:
        """Whether a test rejects; one that cannot be done rejects nothing."""
        self.add("rejection", method, not math.isnan(p) and p <= ALPHA)

    def interval(self, method: str, result, truth: float) -> None:
        """Coverage, bias and whether there was an interval."""
        there = not (math.isnan(result.ci_low) or math.isnan(result.ci_high))
        self.add("interval given", method, there)
        self.add("bias", method, result.estimate - truth)
        if there:
            inside = result.ci_low - 1e-9 <= truth <= result.ci_high + 1e-9
            self.add("coverage", method, inside)


def in_one_group(df: pd.DataFrame, seed: int, many: int = 999) -> dict[str, Result]:
    """Every test and interval of the change at month 6 of one group, as seen."""
    d, base = df["M6"].to_numpy(float), df["BASE"].to_numpy(float)
    return rule(d, base) | {
        "BCa bootstrap": bootstrap.bca_mean(d, seed=seed, many=many),
        "MMRM": mixed.mmrm(df[["M3", "M6"]].to_numpy(float), base)[1],
    }


def rule(d: np.ndarray, base: np.ndarray) -> dict[str, Result]:
    """What is told of the changes that a rule for missing outcomes leaves."""
    seen = d[~np.isnan(d)]
    return {
        "sign-flip": paired.sign_flip(seen),
        "signed-rank": paired.signed_rank(seen),
        "signed-rank, Pratt": paired.signed_rank(seen, "pratt"),
        "t": paired.mean_change(seen),
        "Hodges-Lehmann, exact": paired.hodges_lehmann(seen),
        "ANCOVA": models.ancova(d, base),
    }


def rules(df: pd.DataFrame) -> dict[str, np.ndarray]:
    """Changes at month 6 under each rule for missing outcomes."""
    d = df["M6"].to_numpy(float)
    return {
        OBSERVED: d,
        "last observation carried forward": df["LAST"].to_numpy(float),
        "baseline carried forward": np.where(np.isnan(d), 0.0, d),
        "completers only": d[df["DONE"].to_numpy(bool)],
    }


def within(tally: Tally, df: pd.DataFrame, truth: float, seed: int) -> None:
    """The change at month 6 on imatinib: every test, interval and rule for the missing."""
    found = in_one_group(df, seed)
    for name, result in found.items():
        if name not in ("BCa bootstrap", "Hodges-Lehmann, exact"):
            tally.test(name, result.p)
        if name not in EXACT:
            tally.interval(name, result, truth)
    for name, values in rules(df).items():
        kept = values[~np.isnan(values)]
        mean = found["t"] if name == OBSERVED else paired.mean_change(kept)
        tally.interval(f"rule: {name}", mean, truth)
        tally.test(f"rule: {name}, sign-flip", paired.sign_flip(kept).p)


def seen_in(df: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Changes at month 6 on imatinib, and on placebo."""
    there = df[~df["M6"].isna()]
    return tuple(there.loc[there["ACTIVE"] == side, "M6"].to_numpy(float) for side in (True, False))


def of_two_groups(df: pd.DataFrame) -> dict[str, Result]:
    """Every test and interval of imatinib against placebo at month 6."""
    a, b = seen_in(df)
    parts = [seen_in(g) for _, g in df.groupby("STRATUM", observed=True)]
    arm, base = df["ACTIVE"].to_numpy(float), df["BASE"].to_numpy(float)
    later = df[["M3", "M6"]].to_numpy(float)
    sizes = np.bincount(arm[~np.isnan(later).all(axis=1)].astype(int), minlength=2)
    every = Result("MMRM", note="too few patients in an arm")  # as the analyses say
    if min(sizes) >= LEAST:
        every = mixed.mmrm(later, base, arm)[1]
    return {
        "permutation": groups.mean_shift(a, b),
        "rank-sum": groups.rank_sum(a, b),
        "stratified permutation": stratified.permutation(parts),
        "van Elteren": stratified.rank_sum(parts),
        "Hodges-Lehmann shift, exact": groups.shift(a, b),
        "ANCOVA, arms": models.ancova(df["M6"], base, arm),
        "MMRM, arms": every,
        "probability of superiority, Newcombe": groups.superiority(a, b),
    }


def between(tally: Tally, df: pd.DataFrame, truth: float) -> None:
    """Imatinib against placebo at month 6."""
    found = of_two_groups(df)
    for name in ("permutation", "rank-sum", "stratified permutation", "van Elteren",
                 "ANCOVA, arms", "MMRM, arms"):  # fmt: skip
        tally.test(name, found[name].p)
    tally.interval("permutation of the mean difference, inverted", found["permutation"], truth)
    for name in ("Hodges-Lehmann shift, exact", "ANCOVA, arms", "MMRM, arms"):
        tally.interval(name, found[name], truth)
    name = "probability of superiority, Newcombe"
    if not truth:  # what it is with a shift is no round number
        tally.interval(name, found[name], 0.5)


def counted(tally: Tally, a: np.ndarray, b: np.ndarray, *, known: bool) -> None:
    """Responders of both arms, as a table; the shares are equal where the truth is known."""
    table = tuple((int(v.sum()), len(v) - int(v.sum())) for v in (a, b))
    if min(map(sum, table)) == 0:
        for name in ("Fisher", "Boschloo"):
            tally.test(name, math.nan)
        return
    tally.test("Fisher", tables.freeman_halton(table).p)
    tally.test("Boschloo", boschloo(table))
    if known:
        gap = proportions.newcombe(table[0][0], len(a), table[1][0], len(b))
        tally.interval("difference of shares, Newcombe", gap, 0.0)
        tally.interval("odds ratio, conditional exact", odds(table), 1.0)


@cache
def boschloo(table: tuple) -> float:
    """The same tables come again and again."""
    return tables.boschloo(table).p


@cache
def odds(table: tuple):
    """Odds ratio with its interval; its bias is not told: the estimate can be infinite."""
    return tables.fisher(table).but(estimate=math.nan)


def of_categories(df: pd.DataFrame) -> dict[str, Result]:
    """Health Transition at month 6, by arm."""
    seen = df[~df["HTQ"].isna()]
    arms = [seen.loc[seen["ACTIVE"] == side, "HTQ"].to_list() for side in (True, False)]
    if not all(arms):
        none = Result("", note="no value in one group")
        return {"Freeman-Halton": none, "trend": none}
    sides = [k for k, values in enumerate(arms) for _ in values]
    cells = tables.cross(sides, [v for values in arms for v in values])
    return {"Freeman-Halton": tables.freeman_halton(cells), "trend": tables.trend(*arms)}


def association(tally: Tally, df: pd.DataFrame, truth, seed: int) -> None:
    """Change of the skin score of each patient and of a marker of the next one: independent."""
    cells = {(r["USUBJID"], r["AVISIT"]): r["AVAL"] for r in truth.levels
             if r["PARAMCD"] == "IL6" and r["COMPART"] == "SERUM"}  # fmt: skip
    mine = df.set_index("USUBJID")["M6"]
    ids = list(mine.index)
    ratio = [cells.get((s, "Month 6"), math.nan) / cells.get((s, "Baseline"), math.nan)
             for s in ids]  # fmt: skip
    other = np.roll(np.log2(ratio), 1)
    tally.test("Spearman", correlation.spearman(mine, other, seed=seed).p)
    tally.test("Pearson, permutation", correlation.pearson(mine, other, seed=seed).p)


def family(tally: Tally, truth, effect: dict[str, float]) -> None:
    """Biomarkers of the imatinib arm: false discoveries of each compartment's family."""
    active = {s.id for s in truth.subjects if s.active}
    levels = truth.levels
    for compartment in ("SERUM", "SKIN"):
        cells = {(r["PARAMCD"], r["USUBJID"], r["AVISIT"]): r["AVAL"] for r in levels
                 if r["COMPART"] == compartment and r["USUBJID"] in active}  # fmt: skip
        names = sorted({k[0] for k in cells})
        who = sorted({k[1] for k in cells})
        d = np.full((len(names), len(who)), np.nan)
        for i, name in enumerate(names):
            for j, s in enumerate(who):
                pair = cells.get((name, s, "Baseline")), cells.get((name, s, "Month 6"))
                if None not in pair:
                    low, high = (np.log2(v) if compartment == "SERUM" else v for v in pair)
                    d[i, j] = high - low
        null = np.array([name not in effect for name in names])
        mod = moderated.moderate(linear.fit(d, np.ones((d.shape[1], 1))), [1.0]).p
        whole = ~np.isnan(d).any(axis=0)
        every = resampled_max.paired(d[:, whole]).p if whole.sum() > 1 else np.full(len(d), np.nan)
        for method, p, rate in (
            ("sign-flip, Benjamini-Hochberg", multiplicity.adjust(exact.sign_flip(d).p, "bh"), 1),
            ("moderated t, Benjamini-Hochberg", multiplicity.adjust(mod, "bh"), 1),
            ("max-T (family-wise)", every, 0),
        ):
            hits = np.nan_to_num(p, nan=1.0) <= ALPHA
            wrong = float((hits & null).sum())
            share = wrong / max(1, hits.sum()) if rate else float(wrong > 0)
            what = "false discovery proportion" if rate else "family-wise error"
            tally.add(what, f"{compartment.lower()}: {method}", share)


def scenario(design: str, shape: str, shifted: bool, many: int) -> list[dict]:
    """Rows of one scenario."""
    effect = EFFECT if shifted else {}
    by_chance = not DESIGNS[design][2]
    tally = Tally()
    for number, truth, df in trials(design, shape, shifted, range(many)):
        size = effect.get("MRSS", 0.0)
        within(tally, df[df["ACTIVE"]], size, number)
        between(tally, df, size)
        if by_chance:
            a, b = seen_in(df)
            counted(tally, a <= -RESPONSE, b <= -RESPONSE, known=not shifted)
            for name, result in of_categories(df).items():
                tally.test(name, result.p)
            association(tally, df[df["ACTIVE"]], truth, number)
            family(tally, truth, effect)
    return [
        row(design, shape, shifted, measure, method, np.array(values))
        for (measure, method), values in tally.seen.items()
    ]


def row(
    design: str, shape: str, shifted: bool, measure: str, method: str, values: np.ndarray
) -> dict:
    """One row: the mean over trials, its Monte Carlo error, and a verdict where one is due.

    Parameters
    ----------
    design, shape : str
    shifted : bool
    measure, method : str
    values : array of trials
    """
    x = values[~np.isnan(values)]
    mean = math.fsum(x) / len(x) if len(x) else math.nan
    spread = math.sqrt(math.fsum((x - mean) ** 2) / max(1, len(x) - 1) / max(1, len(x)))
    null = not shifted and measure == "rejection" and method in EXACT
    # changes of one group that are skewed, or of which rises are lost, are not symmetric
    symmetric = shape == "normal" and not DESIGNS[design][2]
    null &= symmetric or "exchangeable" in EXACT.get(method, "")
    bound = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / max(1, len(x)))
    verdict = ("kept" if mean <= bound else "ABOVE NOMINAL") if null else ""
    return {
        "DESIGN": design, "SHAPE": shape, "TRUTH": "shifted" if shifted else "null",
        "MEASURE": measure, "METHOD": method, "VALUE": mean, "MC_ERROR": spread, "TRIALS": len(x),
        "EXACT_UNDER": EXACT.get(method, "") if measure == "rejection" else "", "VERDICT": verdict,
    }  # fmt: skip


def fingerprint() -> str:
    """Of the code that made the numbers: the functions of `inference` reached, and this file."""
    return code_of(Code(ROOT / "src" / "sclerotrial"), Path(__file__))


def _scenario(given: tuple[str, str, bool, int]) -> list[dict]:
    """A scenario in a process of its own; a warning of arithmetic stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return scenario(*given)


def study(many: int, designs: list[str] | None = None, jobs: int = 1) -> pd.DataFrame:
    """All scenarios: `many` trials a design and truth, half of each shape.

    Where patients are lost by their outcome changes are normal only.
    """
    code = fingerprint()  # of the files as they are now, whatever happens to them meanwhile
    given = [
        (design, shape, shifted, many // len(SHAPES))
        for design in designs or list(DESIGNS)
        for shifted in (False, True)
        for shape in (SHAPES[:1] if DESIGNS[design][2] else SHAPES)
    ]
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            parts = list(pool.map(_scenario, given))
    else:
        parts = [_scenario(each) for each in given]
    rows = [line for part in parts for line in part]
    return pd.DataFrame(rows).assign(FINGERPRINT=code)


def main() -> int:
    """Run, write, and fail when a test called exact was not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2, help="processes; changes no number")
    parser.add_argument("--out", default=str(ROOT / "published" / "simulation_study.csv"))
    args = parser.parse_args()
    found = study(args.trials, jobs=args.jobs)
    write_csv(found, args.out)
    bad = found[found["VERDICT"] == "ABOVE NOMINAL"]
    print(f"{len(found)} rows; exact tests above nominal: {len(bad)}")
    return int(len(bad) > 0)


if __name__ == "__main__":
    sys.exit(main())
