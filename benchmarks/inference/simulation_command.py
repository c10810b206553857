"""Trials of the study through the real command: raw exports, pipeline, ARD; equal numbers.

    make simulation-command
    python benchmarks/inference/simulation_command.py [--trials 20] [--first 0] [--keep DIR]

Each trial is written by `sclerotrial simulate`, carried by `snakemake` up to the ARD, and what
stands there of the skin score is compared, to the 12 digits that are written, with what the
simulation study computes of the same trial in process. Trials go through designs, shapes and truths
in turn. Left out are markers, which the pipeline measures anew from plates and curves, and the
model of all visits: the pipeline puts visits of early termination into the window of a visit,
which the study in process does not.
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
from simulation_study import DESIGNS, DROPOUT, EFFECT, SHAPES, changes

from sclerotrial.inference import bootstrap, groups, models, paired, stratified
from sclerotrial.inference.result import Result
from sclerotrial.simulate import Options, draw
from sclerotrial.tabular import sig12

ROOT = Path(__file__).resolve().parents[2]
WITHIN, BETWEEN = "efficacy.mrss.imatinib.month6", "efficacy.mrss.imatinib_vs_placebo.month6.chg"
ENDS = ("estimate", "ci_low", "ci_high")


def options(number: int) -> Options:
    """The trial of that number: scenarios in turn, the number as its seed."""
    scenarios = list(itertools.product(DESIGNS.values(), (False, True), SHAPES))
    (patients, arms), shifted, shape = scenarios[number % len(scenarios)]
    return Options(
        seed=number, patients=patients, arms=arms, calibrate="none", defects="none",
        effect=EFFECT if shifted else {}, dropout=DROPOUT, skew=shape,
    )  # fmt: skip


def in_process(of: Options) -> dict[str, tuple[float, Result]]:
    """ARD id -> value and result, as the simulation study computes them."""
    df = changes(draw(of), "MRSS")
    mine = df[df["ACTIVE"]]
    d, base = mine["M6"].to_numpy(float), mine["BASE"].to_numpy(float)
    found: dict[str, tuple[float, Result]] = {}

    def put(stem: str, result: Result, *stats: str) -> None:
        found.update({f"{stem}.{s}": (getattr(result, s), result) for s in stats})

    def carried(rule: str, values: np.ndarray) -> None:
        stem = f"{WITHIN}.sens_{rule}"
        x = values[~np.isnan(values)]
        put(f"{stem}.signflip", paired.sign_flip(x), "p")
        put(f"{stem}.signedrank", paired.signed_rank(x), "p")
        put(f"{stem}.signedrank_pratt", paired.signed_rank(x, "pratt"), "p")
        put(f"{stem}.t", paired.mean_change(x), *ENDS, "p")
        put(f"{stem}.hl", paired.hodges_lehmann(x), *ENDS)
        put(f"{stem}.ancova", models.ancova(values, base), *ENDS, "p")

    carried("observed", d)
    carried("bocf", np.where(np.isnan(d), 0.0, d))
    put(f"{WITHIN}.sens_observed.bca", bootstrap.bca_mean(d), "estimate")
    there = df[~df["M6"].isna()]
    a, b = (there.loc[there["ACTIVE"] == side, "M6"].to_numpy(float) for side in (True, False))
    if min(len(a), len(b)) < 2:
        return found
    put(f"{BETWEEN}.permutation", groups.permutation(a, b), "estimate", "p")
    put(f"{BETWEEN}.ranksum", groups.rank_sum(a, b), "p")
    put(f"{BETWEEN}.shift", groups.shift(a, b), *ENDS)
    parts = [
        tuple(g.loc[g["ACTIVE"] == side, "M6"].to_numpy(float) for side in (True, False))
        for _, g in there.groupby("STRATUM", observed=True)
    ]
    put(f"{BETWEEN}.permutation_stratified", stratified.permutation(parts), "p")
    put(f"{BETWEEN}.vanelteren", stratified.rank_sum(parts), "p")
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
    ard = folder / "results/ard.csv"
    words = [str(flow), "--cores", "1", "--config", f"study={folder}", "--", str(ard)]
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT)
    with open(ard, newline="", encoding="utf-8") as file:
        return {row["ID"]: row["VALUE"] for row in csv.DictReader(file)}


def differences(of: Options, folder: Path) -> tuple[int, list[str]]:
    """How many numbers were compared, and those that differ, in words."""
    written = through_the_command(of, folder)
    compared, bad = 0, []
    for name, (value, result) in in_process(of).items():
        text = written.get(name)
        refused = name.endswith(".p") and result.p_design > 0.05
        want = "" if math.isnan(value) or refused else sig12(value)
        compared += 1
        same = text == "" if want == "" else text not in ("", None) and float(text) == want
        if not same:
            bad.append(f"{name}: {want!r} in process, {text!r} in the ARD")
    return compared, bad


def main() -> int:
    """Run, tell each trial, and fail on a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--keep", help="folder of the studies (default: thrown away)")
    args = parser.parse_args()
    wrong = 0
    for number in range(args.first, args.first + args.trials):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(args.keep or scratch) / f"trial{number}"
            start, of = time.perf_counter(), options(number)
            compared, bad = differences(of, folder)
        wrong += bool(bad)
        shape = f"{of.patients} patients, {of.skew}, {'shifted' if of.effect else 'null'}"
        seconds = time.perf_counter() - start
        print(f"trial {number} ({shape}): {compared - len(bad)} of {compared} numbers equal, "
              f"{seconds:.0f} s", *bad, sep="\n  ", flush=True)  # fmt: skip
    print(f"{args.trials - wrong} of {args.trials} trials equal")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
