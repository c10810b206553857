"""The whole way of a panel of 20,000 genes, from its file to the ARD, in one process.

    python benchmarks/inference/whole.py [--genes 20000] [--patients 10] [--stages]

A study is simulated first (not timed). Then a fresh process reads the configuration and the panel's
file, pairs the visits, writes all changes, tests every gene and writes the rows of the ARD. An R
script that reads the same file, takes the changes and runs limma is timed beside it where Rscript
and limma are there. Seconds of wall and of processor (the ones to trust on a shared machine), best
of three.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def ours(folder: Path, *, maxt: bool, stages: bool) -> None:
    """What the steps score_wide and analyse_wide do, in this process."""
    marks = [("start", time.process_time())]
    from sclerotrial.analysis.wide import wide, write_tests
    from sclerotrial.assays import read_panel
    from sclerotrial.change.panel import score_panel
    from sclerotrial.change.wide_file import read_changes
    from sclerotrial.study import load
    from sclerotrial.tabular import read_csv, write_csv

    marks.append(("imports", time.process_time()))
    study = load(folder / "config")
    plan = study.analyses.wide.model_copy(update={"maxt": maxt})
    plan = study.analyses.model_copy(update={"wide": plan})
    study = study.model_copy(update={"analyses": plan})
    raw, out = folder / "data/raw", folder / "results"
    name = next(n for n, a in study.assays.items() if a.wide)
    marks.append(("configuration", time.process_time()))
    files = [p.as_posix() for p in sorted(raw.glob(study.assays[name].files))]
    panel = read_panel(study.assays[name], files, raw)
    marks.append(("read", time.process_time()))
    samples = read_csv(out / f"clean/{study.samples.form}.csv")
    adsl = read_csv(out / "adam/adsl.csv")
    score_panel(panel, name, samples, adsl, study, out / "wide.parquet")
    marks.append(("changes", time.process_time()))
    path = out / "wide.parquet"
    panels = {name: (read_changes(path), read_changes(path, "AVAL"))}
    marks.append(("read changes", time.process_time()))
    ard, tests = wide(study, {"adsl": adsl}, panels)
    marks.append(("tests", time.process_time()))
    write_csv(ard, out / "wide_ard.csv")
    write_tests(tests, out / "wide_tests.parquet")
    marks.append(("write", time.process_time()))
    if stages:
        for (_, a), (word, b) in zip(marks, marks[1:], strict=False):
            print(f"{word:14s} {b - a:6.2f}", file=sys.stderr)


def best(words: list[str], times: int = 3) -> tuple[float, float] | None:
    """Least seconds of wall and of processor."""
    walls, used = [], []
    for _ in range(times):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        if subprocess.run(words, check=False, capture_output=False).returncode:
            return None
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(used)


def main() -> int:
    """Simulate, then time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--stages", action="store_true", help="seconds of each stage")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        spec = json.loads(args.child)
        ours(Path(spec["folder"]), maxt=spec["maxt"], stages=args.stages)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "study"
        command = [sys.executable, "-m", "sclerotrial.cli"]
        draw = [*command, "simulate", "--genes", str(args.genes), "--patients", str(args.patients),
                "--defects", "none", "--calibrate", "none", "--out", str(folder)]  # fmt: skip
        subprocess.run(draw, check=True, capture_output=True)
        wanted = [f"{folder}/results/{n}.csv" for n in ("adam/adsl", "clean/samples")]
        flow = Path(sys.executable).parent / "snakemake"
        subprocess.run(
            [str(flow), "--cores", "1", "--config", f"study={folder}", "--", *wanted],
            check=True, capture_output=True,
        )  # fmt: skip
        me = [sys.executable, str(Path(__file__).resolve())]
        for word, maxt in (("moderated t, exact tests", False), ("the same and max-T", True)):
            spec = json.dumps({"folder": str(folder), "maxt": maxt})
            found = best([*me, "--child", spec, *(["--stages"] if args.stages else [])])
            print(f"ours, {word:28s} {found[0]:6.2f} s wall {found[1]:6.2f} s processor")
        raw = next((folder / "data/raw/skin").glob("*.tsv"))
        r = shutil.which("Rscript")
        found = best([r, str(HERE / "whole.R"), str(raw), f"{folder}/results"]) if r else None
        told = f"{found[0]:6.2f} s wall {found[1]:6.2f} s processor" if found else "R not present"
        print(f"R: read, log ratios, limma           {told}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
