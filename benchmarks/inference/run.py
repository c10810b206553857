"""Exact tests of a wide panel: ours against every peer that is installed, in one run.

    python benchmarks/inference/run.py [--features 20000] [--only TEXT] [--engine TEXT]
                                       [--out FILE.csv [--resume]]

FILE.csv is written after every line. Of a run of some tasks or engines the lines replace those that
FILE.csv has and leave the others; with `--resume` those that it has are not measured again.

Each line is a process of its own: seconds of the call alone (data made beforehand, a warm-up),
seconds of processor (the ones to trust on a machine that others use) and how many cores these make,
peak memory of the process. Peers that take a loop are timed on a part of the features and scaled
(`x`, how many times). `apart` is the largest difference of a peer's p from ours on the features it
was given. Two distances to the machine's limit: `product`, seconds that the product of all outcomes
with all features would take at the speed of multiplication measured first (below it, the algorithm
saves work), and `copy`, seconds that copying the values once takes.
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
LOOP = {"pingouin loop": 100, "scipy loop": 100, "scipy exact loop": 10}
LOOP_IN_R = {"R limma": 20_000, "R wilcox.test": 1000, "R coin": 200, "R exactRankTests": 100,
             "R perm": 20}  # fmt: skip
BUDGET = 300.0
COLUMNS = ("cpu", "seconds", "cores", "times", "MB", "apart", "product", "copy")
NUMBA = HERE.parents[1] / ".venv-numba"  # where `make test-compiled` puts it


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
    """Peers that can do a task at all and claim its exact p."""
    if test == "moderated t":
        return ["ours", "R limma"]
    total = sum(shape)
    found = ["ours"]
    clean, small = kind == "clean", total <= 10
    if test in ("signed rank", "rank sum"):
        found += ["ours, numba"]
    if test == "signed rank":
        found += ["pingouin loop", "scipy loop"] if kind != "ties" or total <= 13 else []
        found += ["scipy axis"] if clean else []
    if test == "rank sum":
        found += ["scipy axis", "scipy loop"] if clean else []
        found += ["pingouin loop"] if clean and min(shape) <= 8 else []
    if test in ("signed rank", "rank sum"):
        found += ["R wilcox.test"] if kind != "ties" else []
        found += ["R exactRankTests"]
    if test in ("sign flip", "permutation"):
        found += ["scipy axis"] if small and kind != "missing" else []
        found += ["scipy exact loop"] if total <= 16 and kind != "missing" else []
        # Exact for whole numbers, which one decimal gives, says its manual.
        found += ["R exactRankTests"] if kind == "ties" else []
    if test == "permutation":
        found += ["R perm"] if total <= 20 else []
        found += ["R coin"] if total <= 30 or kind == "ties" else []
    elif test != "sign flip" or kind == "ties":
        found += ["R coin"]
    return found


def ours(test: str, arrays: list[np.ndarray]) -> np.ndarray:
    """The package's own way."""
    from sclerotrial.inference import exact, linear, moderated

    if test == "moderated t":
        m, n = (a.shape[1] for a in arrays)
        first = (np.arange(m + n) < m).astype(float)
        design = np.stack([np.ones(m + n), first], axis=1)
        return moderated.moderate(linear.fit(np.concatenate(arrays, axis=1), design), [0, 1]).p
    calls = {"signed rank": exact.signed_rank, "sign flip": exact.sign_flip,
             "rank sum": exact.rank_sum, "permutation": exact.permutation}  # fmt: skip
    return calls[test](*arrays).p


def peer(engine: str, test: str, arrays: list[np.ndarray]) -> np.ndarray:
    """scipy and pingouin, as their manuals say; the far tail, as ours, where one can choose."""
    from scipy import stats

    if engine == "pingouin loop":
        import pingouin

        calls = {"signed rank": pingouin.wilcoxon, "rank sum": pingouin.mwu}
        return np.array([
            float(calls[test](*(v[~np.isnan(v)] for v in row))["p_val"].iloc[0])
            for row in zip(*arrays, strict=True)
        ])  # fmt: skip
    if engine == "scipy axis":
        return np.asarray(_scipy(stats, test, arrays, axis=1))
    return np.array([_scipy(stats, test, row, axis=0) for row in zip(*arrays, strict=True)])


def _scipy(stats, test: str, samples: object, axis: int) -> np.ndarray:
    first, *_ = samples
    whole = {"n_resamples": np.inf, "vectorized": True, "axis": axis, "alternative": "greater",
             "batch": 16 if axis else None}  # fmt: skip
    if test == "signed rank":
        policy = "propagate" if axis else "omit"
        return stats.wilcoxon(first, nan_policy=policy, axis=axis).pvalue
    if test == "rank sum":
        return stats.mannwhitneyu(*samples, method="exact", axis=axis).pvalue
    if test == "sign flip":
        return stats.permutation_test(
            (first,), lambda x, axis: abs(x.mean(axis=axis)), permutation_type="samples", **whole
        ).pvalue
    return stats.permutation_test(
        tuple(samples), lambda x, y, axis: abs(x.mean(axis=axis) - y.mean(axis=axis)), **whole
    ).pvalue


def child(spec: dict) -> None:
    """One measurement, in a process of its own; prints a line of JSON."""
    test, shape, kind, engine = spec["test"], tuple(spec["shape"]), spec["kind"], spec["engine"]
    many = min(spec["features"], LOOP.get(engine, spec["features"]))
    arrays = data(kind, spec["features"], shape)
    arrays = [a[:many] for a in arrays]
    run = ours if engine.startswith("ours") else lambda t, a: peer(engine, t, a)
    # numba is only loaded for a large task
    run(test, arrays if "numba" in engine else [a[:2] for a in arrays])
    wall, used = time.perf_counter(), time.process_time()
    p = run(test, arrays)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    peak, scale = peak_memory(), spec["features"] / many
    apart = float("nan") if engine == "ours" else difference(test, arrays, p)
    print(json.dumps({"seconds": wall * scale, "times": scale, "cpu": used * scale, "MB": peak,
                      "apart": apart}))  # fmt: skip


def difference(test: str, arrays: list[np.ndarray], p: np.ndarray) -> float:
    """Largest difference of these p values from ours, without numba, on the same features."""
    os.environ["SCLEROTRIAL_COMPILED"] = "0"
    from sclerotrial.inference import kernels

    kernels._wanted.cache_clear()
    return float(np.nanmax(np.abs(ours(test, arrays) - p)))


def peak_memory() -> float:
    """Most megabytes this process has held (getrusage would count those of its parent)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def limits(spec: dict, flops: float, copied: float) -> dict:
    """Seconds of the product of all outcomes with all features, and of copying the values once."""
    shape = spec["shape"]
    total = sum(shape)
    ways = 2.0 ** (total - 1) if len(shape) == 1 else float(comb(total, shape[0]))
    ways = 2.0 if spec["test"] == "moderated t" else ways
    cells = total * spec["features"]
    return {"product": 2 * cells * ways / flops, "copy": 16 * cells / copied}


def in_r(spec: dict) -> dict | None:
    """The same in R; None where Rscript or the package is not there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    many = min(spec["features"], LOOP_IN_R[spec["engine"]])
    arrays = [a[:many] for a in data(spec["kind"], spec["features"], tuple(spec["shape"]))]
    with tempfile.TemporaryDirectory() as folder:
        for i, a in enumerate(arrays):
            np.savetxt(Path(folder) / f"{i}.csv", a, delimiter=",", fmt="%.17g")
        words = [rscript, str(HERE / "peers.R"), spec["engine"], spec["test"], folder]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=BUDGET, check=True)
        except subprocess.TimeoutExpired:
            return dict.fromkeys(("seconds", "times", "cpu", "MB", "apart"), float("nan"))
        except subprocess.CalledProcessError as bad:
            print(bad.stderr.strip().splitlines()[-1:], file=sys.stderr)
            return None
        p = np.loadtxt(Path(folder) / "p.txt", ndmin=1)
    seconds, used, peak = (float(v) for v in done.stdout.split()[-3:])
    scale = spec["features"] / many
    return {"seconds": seconds * scale, "times": scale, "cpu": used * scale, "MB": peak,
            "apart": difference(spec["test"], arrays, p)}  # fmt: skip


def measured(spec: dict) -> dict | None:
    """One line, or None where the peer is not there; without numbers where it takes too long."""
    if spec["engine"].startswith("R "):
        return in_r(spec)
    words = [sys.executable, str(Path(__file__).resolve()), "--child", json.dumps(spec)]
    more = os.environ | {"SCLEROTRIAL_COMPILED": "0"}
    if "numba" in spec["engine"]:
        more["SCLEROTRIAL_COMPILED"] = "1"
        more["PYTHONPATH"] = os.pathsep.join([str(NUMBA), os.environ.get("PYTHONPATH", "")])
        there = [sys.executable, "-c", "import numba"]
        if subprocess.run(there, capture_output=True, env=more, check=False).returncode:
            return None
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=BUDGET, check=False, env=more
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(("seconds", "times", "cpu", "MB", "apart"), float("nan"))
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
    parser.add_argument("--out", help="write the table as CSV, after every line")
    parser.add_argument("--resume", action="store_true", help="leave out what --out has")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(json.loads(args.child))
        return 0
    chosen = [
        (f"{test} {' v '.join(map(str, shape))} {kind}", engine,
         {"test": test, "shape": shape, "kind": kind, "engine": engine, "features": args.features})
        for test, shape, kind in tasks()
        for engine in engines(test, shape, kind)
    ]  # fmt: skip
    order = [(task, engine) for task, engine, _ in chosen]
    some = args.only or args.engine or args.resume
    lines = kept(Path(args.out)) if args.out and some else {}
    flops, copied = machine()
    print(
        f"{args.features} features; machine: {flops / 1e9:.0f} GF/s, copy {copied / 1e9:.0f} GB/s, "
        f"{os.cpu_count()} processors"
    )
    print(f"{'task':28s} {'engine':17s}" + "".join(f"{c:>10s}" for c in COLUMNS))
    for task, engine, spec in chosen:
        if args.only not in task or args.engine not in engine:
            continue
        if args.resume and (task, engine) in lines:
            continue
        found = measured(spec)
        if found is None:
            print(f"{task:28s} {engine:17s} {'not there':>9s}", flush=True)
            continue
        found |= limits(spec, flops, copied)
        found["cores"] = found["cpu"] / found["seconds"]
        line = {c: float(f"{found[c]:.3g}") for c in COLUMNS}
        print(f"{task:28s} {engine:17s}" + "".join(f"{v:10.3g}" for v in line.values()),
              flush=True)  # fmt: skip
        lines[task, engine] = {"task": task, "engine": engine, **line}
        if args.out:
            write(Path(args.out), [lines[name] for name in order if name in lines])
    return 0


def kept(out: Path) -> dict[tuple[str, str], dict]:
    """Lines of an earlier run by task and engine."""
    if not out.exists():
        return {}
    with out.open(newline="", encoding="utf-8") as file:
        return {(line["task"], line["engine"]): line for line in csv.DictReader(file)}


def write(out: Path, lines: list[dict]) -> None:
    """The whole table; a run that is stopped leaves the one before."""
    new = out.with_suffix(".new")
    with new.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["task", "engine", *COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    new.replace(out)


if __name__ == "__main__":
    raise SystemExit(main())
