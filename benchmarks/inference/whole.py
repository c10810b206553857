"""The whole way of a panel of 20,000 genes, from its file to the ARD, in one process.

    python benchmarks/inference/whole.py [--genes 20000] [--patients 10] [--stages]

A study is simulated first (not timed). Then a fresh process reads the configuration and the panel's
file, pairs the visits, writes all changes, tests every gene and writes the rows of the ARD. Where
Rscript is there, an R script takes turns with it: it reads the same file (by `read.delim`, and by
`data.table::fread`), takes the changes and runs limma; its numbers are compared with ours. One more
line of ours does what the R script does and nothing else. Least seconds of wall and of processor
(the ones to trust on a shared machine). R's packages are installed compiled, and so is ours: the
first run, not timed, leaves its byte code in the scratch folder. The lines "as a step" are those of
a fork of a process that has imported, as the pipeline runs its steps: what the analyst waits for.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).resolve().parent
TOLD = "seconds of the fork:"


def ours(folder: Path, *, maxt: bool, stages: bool, step: bool) -> None:
    """What the steps score_wide and analyse_wide do, in this process or in a fork of it."""
    marks = [("start", time.process_time())]
    from sclerotrial.analysis.wide import wide, write_tests
    from sclerotrial.assays import read_panel
    from sclerotrial.change.panel import score_panel
    from sclerotrial.change.wide_file import read_changes
    from sclerotrial.study import load
    from sclerotrial.tabular import read_csv, write_csv

    if step:
        gc.collect()
        gc.freeze()
    if step and (child := os.fork()):
        start = time.perf_counter()
        _, status, used = os.wait4(child, 0)
        print(TOLD, time.perf_counter() - start, used.ru_utime + used.ru_stime)
        sys.exit(status)
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


def same_as_r(folder: Path) -> None:
    """What whole.R does: the treated at month 6, the moderated t alone, a table of text."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    from sclerotrial.assays.formats import read_matrix
    from sclerotrial.change.wide import paired_change
    from sclerotrial.inference import linear, moderated, multiplicity
    from sclerotrial.tabular import read_csv

    raw = next((folder / "data/raw/skin").glob("*.tsv"))
    panel = read_matrix(raw, raw.name)
    samples = read_csv(folder / "results/clean/samples.csv")
    adsl = read_csv(folder / "results/adam/adsl.csv")
    place = {name: j for j, name in enumerate(panel.samples)}
    mine = samples["barcode"].isin(place) & samples["visit"].isin(["Baseline", "Month 6"])
    barcodes, who, at = (samples.loc[mine, c].tolist() for c in ("barcode", "USUBJID", "visit"))
    values = panel.values[:, [place[b] for b in barcodes]]
    pairs = paired_change(values, who, at, "Baseline", "Month 6")
    treated = set(adsl.loc[adsl["TRT01A"] == "Imatinib", "USUBJID"])
    change = pairs.log2fc[:, [s in treated for s in pairs.subjects]]
    fit = linear.fit(change, np.ones((change.shape[1], 1)))._replace(level=values.mean(axis=1))
    found = moderated.moderate(fit, [1.0], trend=True)
    columns = {
        "FEATURE": panel.features, "ESTIMATE": found.estimate, "MOD_LOW": found.low,
        "MOD_HIGH": found.high, "LEVEL": fit.level, "MOD_T": found.t, "P_MOD": found.p,
        "P_ADJ": multiplicity.adjust(found.p, "bh"), "MOD_DF": found.df,
        "N": np.full(len(panel.features), change.shape[1]),
    }  # fmt: skip
    csv.write_csv(pa.table(columns), folder / "results/moderated.csv")


def once(words: list[str], env: dict[str, str]) -> tuple[float, float] | None:
    """Seconds of wall and of processor of one run, or those it tells; None where it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run = subprocess.run(words, check=False, stdout=subprocess.PIPE, env=env, text=True)
    if run.returncode:
        return None
    if run.stdout.startswith(TOLD):
        wall, used = run.stdout.removeprefix(TOLD).split()
        return float(wall), float(used)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_turns(
    runs: dict[str, list[str]], times: int, compiled: Path
) -> dict[str, tuple[float, float]]:
    """Least seconds of wall and of processor of each; the runs take turns, so load is shared."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPYCACHEPREFIX": str(compiled)}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the Snakefile does
    found: dict[str, list[tuple[float, float]]] = {}
    for turn in range(times + 1):
        for word, words in runs.items():
            seconds = once(words, env)
            if turn and seconds is not None:
                found.setdefault(word, []).append(seconds)
    return {w: (min(s for s, _ in f), min(c for _, c in f)) for w, f in found.items()}


def apart(folder: Path, mine: pd.DataFrame) -> dict[str, float]:
    """Largest relative distance of our numbers from limma's, of the treated at month 6."""
    import numpy as np
    import pandas as pd

    theirs = pd.read_csv(folder / "results/limma.csv", index_col=0)
    mine = mine.set_index("FEATURE").reindex(theirs.index)
    pairs = {"estimate": ("ESTIMATE", "logFC"), "t": ("MOD_T", "t"), "p": ("P_MOD", "P.Value"),
             "adjusted p": ("P_ADJ", "adj.P.Val"), "low": ("MOD_LOW", "CI.L")}  # fmt: skip
    gap = {w: np.abs(mine[a] - theirs[b]) / np.maximum(np.abs(theirs[b]), 1e-3)
           for w, (a, b) in pairs.items()}  # fmt: skip
    # the total df are df.prior and those of the residuals, one less than the patients
    total = theirs["df.prior"] + mine["N"] - 1
    gap["df.prior"] = np.abs(mine["MOD_DF"] - np.minimum(total, (mine["N"] - 1).sum())) / total
    return {w: float(g.max()) for w, g in gap.items()}


def main() -> int:
    """Simulate, then time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--times", type=int, default=5, help="runs of each, in turns")
    parser.add_argument("--stages", action="store_true", help="seconds of each stage")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        spec = json.loads(args.child)
        if "maxt" in spec:
            folder, step = Path(spec["folder"]), bool(spec.get("step"))
            ours(folder, maxt=spec["maxt"], stages=args.stages, step=step)
        else:
            same_as_r(Path(spec["folder"]))
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
        runs = {}
        for word, asked in (
            ("moderated t alone, as R", {}), ("moderated t, exact tests", {"maxt": False}),
            ("the same and max-T", {"maxt": True}),
            ("exact tests, as a step", {"maxt": False, "step": True}),
            ("and max-T, as a step", {"maxt": True, "step": True}),
        ):  # fmt: skip
            spec = json.dumps({"folder": str(folder), **asked})
            runs[f"ours: {word}"] = [*me, "--child", spec, *(["--stages"] * args.stages)]
        if r := shutil.which("Rscript"):
            raw = next((folder / "data/raw/skin").glob("*.tsv"))
            theirs = [r, str(HERE / "whole.R"), str(raw), f"{folder}/results"]
            runs |= {"R: read.delim, limma": theirs, "R: fread, limma": [*theirs, "fread"]}
        for word, (wall, used) in in_turns(runs, args.times, Path(scratch)).items():
            print(f"{word:34s} {wall:6.2f} s wall {used:6.2f} s processor")
        if r:
            import pandas as pd

            all_tests = pd.read_parquet(folder / "results/wide_tests.parquet")
            here = (all_tests["GROUP"] == "imatinib") & (all_tests["AVISIT"] == "Month 6")
            alone = pd.read_csv(folder / "results/moderated.csv")
            first, second = apart(folder, all_tests[here]), apart(folder, alone)
            for word, gap in first.items():
                print(f"distance from limma, {word:13s} {gap:.1e}, alone {second[word]:.1e}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
