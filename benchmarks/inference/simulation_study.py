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
from sclerotrial.simulate import Options, draw
from sclerotrial.tabular import write_csv

ROOT = Path(__file__).resolve().parents[2]
ALPHA = 0.05
#: name: patients, ratio of the arms
DESIGNS = {"ten patients, 4:1": (10, (4, 1)), "twenty patients, 1:1": (20, (1, 1))}
SHAPES = ("normal", "lognormal")
EFFECT = {"MRSS": -5.0, "CCL2": -1.0, "PIIINP": -1.0, "COL1A1": -1.0}
DROPOUT = 0.3
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
        """Coverage, width, bias and whether there was an interval."""
        there = not (math.isnan(result.ci_low) or math.isnan(result.ci_high))
        self.add("interval given", method, there)
        self.add("bias", method, result.estimate - truth)
        if there:
            inside = result.ci_low - 1e-9 <= truth <= result.ci_high + 1e-9
            self.add("coverage", method, inside)


def changes(truth, name: str) -> pd.DataFrame:
    """Baseline, changes (NaN when not seen) and the last change of each patient; arm, stratum."""
    index = defaultdict(dict)
    for row in truth.scores:
        if row["PARAMCD"] == name:
            index[row["USUBJID"]][row["AVISIT"]] = row["AVAL"]
    rows = []
    for s in truth.subjects:
        mine = index[s.id]
        base = mine.get("Baseline", math.nan)
        later = [mine.get(v, math.nan) - base for v in ("Month 3", "Month 6")]
        last = [v for v in (later[1], mine.get("Early termination", math.nan) - base, later[0])
                if v == v]  # fmt: skip
        rows.append((s.id, s.active, s.role, s.stratum, base, *later, last[0] if last else 0.0))
    return pd.DataFrame(
        rows, columns=["USUBJID", "ACTIVE", "ROLE", "STRATUM", "BASE", "M3", "M6", "LAST"]
    )


def at_last(truth, name: str) -> dict[str, float]:
    """Values of a score at month 6 by subject."""
    return {
        r["USUBJID"]: r["AVAL"]
        for r in truth.scores
        if r["PARAMCD"] == name and r["AVISIT"] == "Month 6"
    }


def within(tally: Tally, df: pd.DataFrame, truth: float, seed: int) -> None:
    """The change at month 6 on imatinib: every test, interval and rule for the missing."""
    d = df["M6"].to_numpy(float)
    seen = d[~np.isnan(d)]
    tally.test("sign-flip", paired.sign_flip(seen).p)
    tally.test("signed-rank", paired.signed_rank(seen).p)
    tally.test("signed-rank, Pratt", paired.signed_rank(seen, "pratt").p)
    t = paired.mean_change(seen)
    tally.test("t", t.p)
    for name, result in (
        ("t", t),
        ("Hodges-Lehmann, exact", paired.hodges_lehmann(seen)),
        ("BCa bootstrap", bootstrap.bca_mean(seen, seed=seed, many=999)),
        ("ANCOVA", models.ancova(d, df["BASE"])),
        ("MMRM", mixed.mmrm(df[["M3", "M6"]].to_numpy(float), df["BASE"].to_numpy(float))[1]),
    ):
        tally.interval(name, result, truth)
        if name in ("ANCOVA", "MMRM"):
            tally.test(name, result.p)
    done = df["ROLE"] == "completer"
    rules = {
        "observed (treatment policy)": d,
        "last observation carried forward": df["LAST"].to_numpy(float),
        "baseline carried forward": np.where(np.isnan(d), 0.0, d),
        "completers only": d[done.to_numpy()],
    }
    for name, values in rules.items():
        kept = values[~np.isnan(values)]
        result = paired.mean_change(kept)
        tally.interval(f"rule: {name}", result, truth)
        tally.test(f"rule: {name}, sign-flip", paired.sign_flip(kept).p)


def between(tally: Tally, df: pd.DataFrame, truth: float) -> None:
    """Imatinib against placebo at month 6."""
    there = df[~df["M6"].isna()]
    a, b = (there.loc[there["ACTIVE"] == side, "M6"].to_numpy(float) for side in (True, False))
    tally.test("rank-sum", groups.rank_sum(a, b).p)
    parts = [
        tuple(g.loc[g["ACTIVE"] == side, "M6"].to_numpy(float) for side in (True, False))
        for _, g in there.groupby("STRATUM", observed=True)
    ]
    tally.test("stratified permutation", stratified.permutation(parts).p)
    tally.test("van Elteren", stratified.rank_sum(parts).p)
    mean = groups.mean_shift(a, b)
    tally.test("permutation", mean.p)
    tally.interval("permutation of the mean difference, inverted", mean, truth)
    tally.interval("Hodges-Lehmann shift, exact", groups.shift(a, b), truth)
    arm = df["ACTIVE"].to_numpy(float)
    one = models.ancova(df["M6"], df["BASE"], arm)
    every = mixed.mmrm(df[["M3", "M6"]].to_numpy(float), df["BASE"].to_numpy(float), arm)[1]
    for name, result in (("ANCOVA, arms", one), ("MMRM, arms", every)):
        tally.test(name, result.p)
        tally.interval(name, result, truth)
    if not truth:  # what these are with a shift is no round number
        tally.interval("probability of superiority, Newcombe", groups.superiority(a, b), 0.5)
    counted(tally, a <= -RESPONSE, b <= -RESPONSE, known=not truth)


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


def ordered(tally: Tally, truth) -> None:
    """Health Transition at month 6, by arm."""
    seen = at_last(truth, "HTQ")
    arms = [[seen[s.id] for s in truth.subjects if s.active == side and s.id in seen]
            for side in (True, False)]  # fmt: skip
    both = all(len(v) for v in arms)
    sides = [k for k, values in enumerate(arms) for _ in values]
    cells = tables.cross(sides, [v for values in arms for v in values])
    tally.test("Freeman-Halton", tables.freeman_halton(cells).p if both else math.nan)
    tally.test("trend", tables.trend(*arms).p)


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


def scenario(design: str, shape: str, shifted: bool, trials: int) -> list[dict]:
    """Rows of one scenario."""
    patients, arms = DESIGNS[design]
    effect = EFFECT if shifted else {}
    tally = Tally()
    for number in range(trials):
        truth = draw(
            Options(
                seed=number,
                patients=patients,
                arms=arms,
                calibrate="none",
                defects="none",
                effect=effect,
                dropout=DROPOUT,
                skew=shape,
            )  # fmt: skip
        )
        df = changes(truth, "MRSS")
        size = effect.get("MRSS", 0.0)
        within(tally, df[df["ACTIVE"]], size, number)
        between(tally, df, size)
        ordered(tally, truth)
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
    # The skewed changes of one group are not symmetric: their null does not hold.
    null &= shape == "normal" or "exchangeable" in EXACT.get(method, "")
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


def study(trials: int, designs: list[str] | None = None, jobs: int = 1) -> pd.DataFrame:
    """All scenarios; `trials` null and as many shifted a design, half of them skewed."""
    code = fingerprint()  # of the files as they are now, whatever happens to them meanwhile
    given = [
        (design, shape, shifted, trials // len(SHAPES))
        for design in designs or list(DESIGNS)
        for shifted in (False, True)
        for shape in SHAPES
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
