"""Processor seconds and memory of the derivations by patients: `python -m benchmarks.derive`.

The cleaned forms of the shipped trial are repeated under new subject identifiers until there are
enough randomised patients; each size runs in a process of its own, so that its peak of memory is
its own. Written to `benchmarks/derive/results.csv` with ``--write``.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.csv")
SIZES = (10, 1_000, 10_000)
COLUMNS = ["PATIENTS", "DATASET", "ROWS", "SECONDS", "MS_PER_PATIENT"]


def forms(study, patients: int) -> dict[str, pd.DataFrame]:
    """Cleaned forms of so many randomised patients (a multiple of the trial's own number)."""
    from sclerotrial import clean, read

    raw = ROOT / "data" / "raw"
    crf, _ = read.read_all(study, raw)
    once, _ = clean.clean_forms(study, crf, read.dictionaries(study, raw))
    own = sorted(set(once["allocation"]["USUBJID"]))
    times = max(1, round(patients / len(own)))
    return {name: _repeated(df[df["USUBJID"].isin(own)], times) for name, df in once.items()}


def _repeated(df: pd.DataFrame, times: int) -> pd.DataFrame:
    out = pd.concat([df] * times, ignore_index=True)
    copy = pd.Series(range(times)).repeat(len(df)).reset_index(drop=True)
    out["USUBJID"] = out["USUBJID"] + "-" + copy.astype(str).str.zfill(5)
    return out


def measure(patients: int) -> list[tuple]:
    """Rows of `COLUMNS` for one size."""
    from sclerotrial.derive import adae, adcm, adex, adlb, adqs, adsl, adtte, advs
    from sclerotrial.study import load

    study = load(ROOT / "config")
    clean = forms(study, patients)
    rows, made = [], {}

    def timed(name: str, derive, *given) -> None:
        # of the processor, not of the wall: other work on the machine does not count
        start = time.process_time()
        made[name] = derive(study, clean, *given)[0]
        seconds = time.process_time() - start
        number = len(made["adsl"])
        rows.append((number, name, len(made[name]), seconds, 1000 * seconds / number))

    timed("adsl", adsl.derive_adsl)
    timed("adex", adex.derive_adex, made["adsl"])
    both = (made["adsl"], made["adex"])
    for name, derive in (
        ("adqs", adqs.derive_adqs),
        ("adlb", adlb.derive_adlb),
        ("advs", advs.derive_advs),
        ("adae", adae.derive_adae),
        ("adcm", adcm.derive_adcm),
    ):
        timed(name, derive, *both)
    timed("adtte", adtte.derive_adtte, made["adsl"], made["adae"])
    number = len(made["adsl"])
    total = sum(r[3] for r in rows)
    rows.append((number, "all", sum(r[2] for r in rows), total, 1000 * total / number))
    # ru_maxrss is in KiB on Linux
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append((number, "peak memory, MiB", "", peak, ""))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.derive", description=__doc__)
    parser.add_argument("--patients", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one)))
        return
    rows = []
    for patients in given.patients:
        command = [sys.executable, "-m", "benchmarks.derive", "--one", str(patients)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        part = json.loads(done.stdout)
        for number, name, count, value, each in part:
            each = f"{each:9.3f} ms a patient" if each != "" else ""
            print(f"{number:7} patients  {name:18}{count:>9} rows{value:10.2f}  {each}", flush=True)
        rows += part
    if given.write:
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([COLUMNS, *([*r[:3], *_rounded(r[3:])] for r in rows)])


def _rounded(values) -> list:
    return [round(v, 3) if v != "" else "" for v in values]


if __name__ == "__main__":
    main()
