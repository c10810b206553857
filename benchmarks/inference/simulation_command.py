"""Trials of the study through the real command: raw exports, pipeline, ARD; equal numbers.

    make simulation-command
    python benchmarks/inference/simulation_command.py [--trials 20] [--first 0] [--out FILE.csv]

Each trial is written by `sclerotrial simulate` and carried by `snakemake` up to the rows of the ARD
that hold what is compared. Those are compared, to the 12 digits that are written, with what the
functions of the simulation study find of the same trial in process. Trials go through designs,
shapes and truths in turn. Left out are markers, which the pipeline measures anew from plates and
curves, and the designs in which patients are lost by their outcome, which only the study knows.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from simulated_trials import DESIGNS, ROOT, SHAPES, analysed, configuration, options
from simulation_study import (
    ALPHA,
    OBSERVED,
    RESPONSE,
    in_one_group,
    of_categories,
    of_two_groups,
    rule,
    rules,
    seen_in,
)

from sclerotrial.analysis.common import seed_of
from sclerotrial.ard import printable
from sclerotrial.inference.draws import DRAWS
from sclerotrial.inference.result import Result
from sclerotrial.simulate import Options, draw
from sclerotrial.tabular import plain, write_csv

IMATINIB, COMPLETERS = "efficacy.mrss.imatinib.month6", "efficacy.mrss.completers.month6"
BETWEEN = "efficacy.mrss.imatinib_vs_placebo.month6.chg"
ORDERED = "efficacy.htq.imatinib_vs_placebo.month6.aval"
ENDS = ("estimate", "ci_low", "ci_high")
WHOLE = (*ENDS, "p")
NAMES = {"effect": "estimate"}

#: method of the study -> part of the ID, what of it is told
ONE = {
    "sign-flip": ("signflip", ("p",)),
    "signed-rank": ("signedrank", ("p",)),
    "signed-rank, Pratt": ("signedrank_pratt", ("p",)),
    "t": ("t", WHOLE),
    "Hodges-Lehmann, exact": ("hl", ENDS),
    "ANCOVA": ("ancova", WHOLE),
    "BCa bootstrap": ("bca", ENDS),
    "MMRM": ("mmrm", WHOLE),
}
TWO = {
    "permutation": ("permutation", ("estimate", "p")),
    "rank-sum": ("ranksum", ("p",)),
    "stratified permutation": ("permutation_stratified", ("p",)),
    "van Elteren": ("vanelteren", ("p",)),
    "Hodges-Lehmann shift, exact": ("shift", ENDS),
    "probability of superiority, Newcombe": ("superiority", ("effect", "ci_low", "ci_high")),
}
RULES = {
    OBSERVED: "observed",
    "last observation carried forward": "locf",
    "baseline carried forward": "bocf",
}


def scenario_of(number: int) -> tuple[str, str, bool]:
    """Design, shape and truth of the trial of that number: all in turn."""
    by_chance = [d for d, (_, _, how) in DESIGNS.items() if not how]
    every = list(itertools.product(by_chance, (False, True), SHAPES))
    design, shifted, shape = every[number % len(every)]
    return design, shape, shifted


def trial(number: int) -> Options:
    """The trial of that number."""
    return options(*scenario_of(number), number)


def in_process(of: Options) -> dict[str, float]:
    """ARD id -> value, as the functions of the simulation study give it; NaN where refused."""
    [df] = analysed([draw(of)])
    found: dict[str, float] = {}

    def put(stem: str, results: dict[str, Result], parts: dict) -> None:
        for name, result in results.items():
            if name in parts:
                part, stats = parts[name]
                told = printable(result, ALPHA)
                found.update({f"{stem}.{part}.{s}": getattr(told, NAMES.get(s, s)) for s in stats})

    mine = df[df["ACTIVE"]]
    base = mine["BASE"].to_numpy(float)
    every = rules(mine)
    for name, word in RULES.items():
        stem = f"{IMATINIB}.sens_{word}"
        found[f"{stem}.n"] = float((~np.isnan(every[name])).sum())
        put(stem, rule(every[name], base), ONE)
    run_seed = configuration().run.seed
    for group, rows in ((IMATINIB, mine), (COMPLETERS, mine[mine["DONE"]])):
        stem = f"{group}.sens_observed"
        put(stem, in_one_group(rows, seed_of(run_seed, f"bootstrap {stem}"), many=DRAWS), ONE)
    a, b = seen_in(df)
    found[f"{IMATINIB}.crit1.count"] = float((a <= -RESPONSE).sum())
    single = min(len(a), len(b)) < 2  # the tests stand as refusals, the rest not at all
    two = {k: (part, ("p",)) for k, (part, s) in TWO.items() if "p" in s} if single else TWO
    results = of_two_groups(df)
    put(BETWEEN, {k: r.but(p=math.nan) for k, r in results.items()} if single else results, two)
    put(BETWEEN, results, {"MMRM, arms": ("mmrm", WHOLE)})
    ordered = of_categories(df)
    put(
        ORDERED,
        {k: r.but(p=math.nan) if single else r for k, r in ordered.items()},
        {"trend": ("permutation", ("p",))}
        | ({} if single else {"Freeman-Halton": ("ffh", ("p",))}),
    )
    return found


def through_the_command(of: Options, folder: Path) -> dict[str, str]:
    """ARD id -> value as written, by the two commands that a user would type."""
    effect = [f"{name}={delta}" for name, delta in of.effect.items()]
    words = [sys.executable, "-m", "sclerotrial.cli", "simulate", "--out", str(folder),
             "--seed", str(of.seed), "--patients", str(of.patients),
             "--arms", ":".join(map(str, of.arms)), "--defects", "none", "--calibrate", "none",
             "--dropout", str(of.dropout), "--skew", of.skew,
             *(["--effect", *effect] if effect else [])]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT)
    flow = Path(sys.executable).parent / "snakemake"
    ard = folder / "results/ard/efficacy.csv"
    words = [str(flow), "--cores", "1", "--config", f"study={folder}", "--", str(ard)]
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT)
    with open(ard, newline="", encoding="utf-8") as file:
        return {row["ID"]: row["VALUE"] for row in csv.DictReader(file)}


def differences(of: Options, folder: Path) -> tuple[int, list[str]]:
    """How many numbers were compared, and those that differ, in words."""
    written, wanted = through_the_command(of, folder), in_process(of)
    bad = []
    for name, value in wanted.items():
        text = written.get(name)
        want = "" if math.isnan(value) else plain(value)
        if text != want:
            bad.append(f"{name}: {want!r} in process, {text!r} in the ARD")
    return len(wanted), bad


def main() -> int:
    """Run, tell each trial, write the outcome, and fail on a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--out", help="a table of the outcome, as CSV")
    parser.add_argument("--keep", help="folder of the studies (default: thrown away)")
    args = parser.parse_args()
    rows = []
    for number in range(args.first, args.first + args.trials):
        design, shape, shifted = scenario_of(number)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(args.keep or scratch) / f"trial{number}"
            start = time.perf_counter()
            compared, bad = differences(trial(number), folder)
        truth = "shifted" if shifted else "null"
        rows.append({"TRIAL": number, "DESIGN": design, "SHAPE": shape, "TRUTH": truth,
                     "COMPARED": compared, "EQUAL": compared - len(bad)})  # fmt: skip
        seconds = time.perf_counter() - start
        print(f"trial {number} ({design}, {shape}, {truth}): {compared - len(bad)} of {compared} "
              f"numbers equal, {seconds:.0f} s", *bad, sep="\n  ", flush=True)  # fmt: skip
    if args.out:
        write_csv(pd.DataFrame(rows), args.out)
    wrong = sum(row["EQUAL"] < row["COMPARED"] for row in rows)
    print(f"{len(rows) - wrong} of {len(rows)} trials equal")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
