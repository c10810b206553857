"""Exact tests of a wide panel: ours against every peer that is installed, in one run.

    python benchmarks/inference/run.py [--features 20000] [--only TEXT] [--out FILE.csv]

Each line is a process of its own: seconds of the call alone (data made beforehand, one small
warm-up), seconds of processor (the ones to trust on a machine that others use), peak memory of the
process. Peers that take a loop are timed on a part of the features and scaled (`x`, how many
times). R peers are timed by R itself where Rscript and their packages are there. `brute` is the
distance to the machine's limit: seconds that the product of all outcomes with all features would
take at the speed of multiplication measured first. Below it, the algorithm saves work.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from math import comb
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PAIRS, SPLITS = (9, 20, 30), ((6, 3), (10, 10), (30, 30))
KINDS = ("clean", "ties", "missing")
#: features of a loop that are really run; the rest is scaled
LOOP = {"pingouin loop": 100, "scipy loop": 100, "scipy exact loop": 5}
BUDGET = 120.0


def data(kind: str, features: int, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Normal values, one decimal for ties, 10 % away for missing."""
    rng = np.random.default_rng([features, *shape])
    out = [rng.normal(0.3 * (i == 0), 1, (features, n)) for i, n in enumerate(shape)]
    if kind == "ties":
        out = [np.round(x, 1) for x in out]
    if kind == "missing":
        out = [np.where(rng.random(x.shape) < 0.1, np.nan, x) for x in out]
    return out


def tasks() -> list[tuple[str, tuple[int, ...], str]]:
    """(test, shape, kind of data)."""
    found = [(t, (n,), k) for t in ("signed rank", "sign flip") for n in PAIRS for k in KINDS]
    found += [(t, s, k) for t in ("rank sum", "permutation") for s in SPLITS for k in KINDS]
    return found + [("moderated t", (10, 10), k) for k in ("clean", "missing")]


def engines(test: str, shape: tuple[int, ...], kind: str) -> list[str]:
    """Peers that can do a task at all and give its exact p."""
    if test == "moderated t":
        return ["ours", "R limma"]
    total = sum(shape)
    found = ["ours"]
    clean, small = kind == "clean", total <= 10
    if test == "signed rank":
        found += ["pingouin loop", "scipy loop"] if kind != "ties" or total <= 13 else []
        found += ["scipy axis"] if clean else []
        found += ["R wilcox.test"] if kind != "ties" else []
    if test == "rank sum":
        found += ["scipy axis", "scipy loop"] if clean else []
        found += ["pingouin loop"] if clean and min(shape) <= 8 else []
        found += ["R wilcox.test"] if kind != "ties" else []
    if test in ("sign flip", "permutation"):
        found += ["scipy axis"] if small and kind != "missing" else []
        found += ["scipy exact loop"] if total <= 16 and kind != "missing" else []
    if test != "sign flip":
        found += ["R coin"]
    return found


def ours(test: str, arrays: list[np.ndarray]) -> None:
    """The package's own way."""
    from sclerotrial.inference import exact, linear, moderated

    if test == "moderated t":
        m, n = (a.shape[1] for a in arrays)
        first = (np.arange(m + n) < m).astype(float)
        design = np.stack([np.ones(m + n), first], axis=1)
        moderated.moderate(linear.fit(np.concatenate(arrays, axis=1), design), [0, 1])
        return
    calls = {"signed rank": exact.signed_rank, "sign flip": exact.sign_flip,
             "rank sum": exact.rank_sum, "permutation": exact.permutation}  # fmt: skip
    calls[test](*arrays)


def peer(engine: str, test: str, arrays: list[np.ndarray]) -> None:
    """scipy and pingouin, as their manuals say."""
    from scipy import stats

    whole = np.inf
    if engine == "pingouin loop":
        import pingouin

        for row in zip(*arrays, strict=True):
            if test == "signed rank":
                pingouin.wilcoxon(row[0][~np.isnan(row[0])])
            else:
                pingouin.mwu(*row)
        return
    axis = engine == "scipy axis"
    for row in [arrays] if axis else zip(*arrays, strict=True):
        more = {"axis": 1} if axis else {}
        if test == "signed rank":
            stats.wilcoxon(row[0], nan_policy="propagate" if axis else "omit", **more)
        elif test == "rank sum":
            stats.mannwhitneyu(*row, method="exact", **more)
        elif test == "sign flip":
            stats.permutation_test(
                (row[0],), np.mean, permutation_type="samples", n_resamples=whole,
                vectorized=True, batch=16 if axis else None, axis=1 if axis else 0,
            )  # fmt: skip
        else:
            stats.permutation_test(
                tuple(row), _gap, n_resamples=whole, vectorized=True,
                batch=16 if axis else None, axis=1 if axis else 0,
            )  # fmt: skip


def _gap(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
    return x.mean(axis=axis) - y.mean(axis=axis)


def child(spec: dict) -> None:
    """One measurement, in a process of its own; prints a line of JSON."""
    test, shape, kind, engine = spec["test"], tuple(spec["shape"]), spec["kind"], spec["engine"]
    many = min(spec["features"], LOOP.get(engine, spec["features"]))
    arrays = data(kind, many, shape)
    run = ours if engine == "ours" else lambda t, a: peer(engine, t, a)
    run(test, [a[:2] for a in arrays])
    wall, used = time.perf_counter(), time.process_time()
    run(test, arrays)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    peak = peak_memory()
    scale = spec["features"] / many
    print(json.dumps({"seconds": wall * scale, "times": scale, "cpu": used * scale, "MB": peak}))


def peak_memory() -> float:
    """Most megabytes this process has held (getrusage would count those of its parent)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def brute(spec: dict, flops: float) -> float:
    """Seconds of the product of all outcomes with all features at full speed."""
    shape = spec["shape"]
    total = sum(shape)
    ways = 2.0 ** (total - 1) if len(shape) == 1 else float(comb(total, shape[0]))
    ways = 2.0 if spec["test"] == "moderated t" else ways
    return 2 * total * ways * spec["features"] / flops


def in_r(spec: dict) -> dict | None:
    """The same in R; None where Rscript or the package is not there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        many = min(spec["features"], 20_000 if spec["engine"] == "R limma" else 200)
        for i, a in enumerate(data(spec["kind"], many, tuple(spec["shape"]))):
            np.savetxt(Path(folder) / f"{i}.csv", a, delimiter=",", fmt="%.10g")
        words = [rscript, str(HERE / "peers.R"), spec["engine"], spec["test"], folder]
        done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        return None
    seconds, peak = (float(v) for v in done.stdout.split()[-2:])
    scale = spec["features"] / many
    return {"seconds": seconds * scale, "times": scale, "cpu": float("nan"), "MB": peak}


def measured(spec: dict) -> dict | None:
    """One line, or None where the peer is not there or takes too long."""
    if spec["engine"].startswith("R "):
        return in_r(spec)
    words = [sys.executable, str(Path(__file__).resolve()), "--child", json.dumps(spec)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=BUDGET, check=False)
    except subprocess.TimeoutExpired:
        return {"seconds": float("inf"), "times": 1.0, "cpu": float("nan"), "MB": float("nan")}
    return json.loads(done.stdout) if done.returncode == 0 else None


def machine() -> tuple[float, float]:
    """Speed of multiplying (flop a second) and of copying (bytes a second)."""
    a = np.random.default_rng(0).normal(size=(1500, 1500))
    big, other = np.zeros(1 << 24), np.zeros(1 << 24)
    flops = copied = 0.0
    for _ in range(3):
        begin = time.perf_counter()
        a @ a
        flops = max(flops, 2 * 1500**3 / (time.perf_counter() - begin))
        begin = time.perf_counter()
        other[:] = big
        copied = max(copied, 2 * big.nbytes / (time.perf_counter() - begin))
    return flops, copied


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", type=int, default=20_000)
    parser.add_argument("--only", default="", help="tasks whose name holds this text")
    parser.add_argument("--engine", default="", help="engines whose name holds this text")
    parser.add_argument("--out", help="also write the table as CSV")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(json.loads(args.child))
        return 0
    flops, copied = machine()
    print(
        f"{args.features} features; machine: {flops / 1e9:.0f} GF/s, copy {copied / 1e9:.0f} GB/s, "
        f"{os.cpu_count()} processors"
    )
    head = f"{'task':34s} {'engine':18s} {'seconds':>10s} {'cpu':>10s} {'x':>6s} {'MB':>6s}"
    print(f"{head} {'brute':>9s}")
    lines = []
    for test, shape, kind in tasks():
        name = f"{test} {' v '.join(map(str, shape))} {kind}"
        for engine in engines(test, shape, kind):
            if args.only not in name or args.engine not in engine:
                continue
            spec = {"test": test, "shape": shape, "kind": kind, "engine": engine,
                    "features": args.features}  # fmt: skip
            found = measured(spec)
            if found is None:
                print(f"{name:34s} {engine:18s} {'not there':>10s}", flush=True)
                continue
            print(
                f"{name:34s} {engine:18s} {found['seconds']:10.3g} {found['cpu']:10.3g} "
                f"{found['times']:6.0f} {found['MB']:6.0f} {brute(spec, flops):9.3g}",
                flush=True,
            )
            lines.append({"task": name, "engine": engine, **found, "brute": brute(spec, flops)})
    if args.out:
        with open(args.out, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
