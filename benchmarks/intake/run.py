"""Reading of a large REDCap export: rate against pandas alone, memory against the file's size.

    python benchmarks/intake/run.py [--rows 100000] [--fields 200] [--folder DIR]

Each reader runs in a process of its own, in turn, on the same file; the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

HEAD = [
    "field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations",
    "text_validation_type_or_show_slider_number",
]  # fmt: skip
KINDS = ("integer", "number", "date_ymd", "radio", "text")
STUDY = {
    "study": {"id": "B", "title": "Benchmark"},
    "forms": {
        "sources": {
            "crf": {
                "format": "redcap",
                "file": "data.csv",
                "dictionary": "dictionary.csv",
                "forms": "auto",
            }
        }
    },
}
#: what each process does; it prints seconds (by the clock and of the processor, which other work on
#: the machine does not change) and its peak memory in megabytes
MEASURED = """
import json, resource, sys, time
from pathlib import Path
folder, what = Path(sys.argv[1]), sys.argv[2]
import pandas as pd
if what == "pandas":
    start, cpu = time.perf_counter(), time.process_time()
    rows = len(pd.read_csv(folder / "data.csv", dtype=str))
    spent = {"read": time.perf_counter() - start, "read_cpu": time.process_time() - cpu}
else:
    from sclerotrial.clean import clean_forms
    from sclerotrial.read import dictionaries, read_source
    from sclerotrial.study_models import Study
    study = Study.model_validate(json.loads(sys.argv[3]))
    start, cpu = time.perf_counter(), time.process_time()
    forms, _ = read_source(study, "crf", folder)
    spent = {"read": time.perf_counter() - start, "read_cpu": time.process_time() - cpu}
    rows = max(len(f) for f in forms.values())
    if what == "checked":
        clean_forms(study, forms, dictionaries(study, folder))
        spent["checked"] = time.perf_counter() - start
        spent["checked_cpu"] = time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"rows": rows, "peak": peak, **spent}))
"""


def write(folder: Path, rows: int, fields: int) -> int:
    """Write an export and its dictionary; the number of bytes of the export."""
    chance = random.Random(1)
    kinds = [KINDS[i % len(KINDS)] for i in range(fields - 2)]
    with (folder / "dictionary.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        out.writerow(["record_id", "form_0", "text", "Record", "", ""])
        for i, kind in enumerate(kinds):
            radio = kind == "radio"
            out.writerow([
                f"v{i}", f"form_{i // 20}", "radio" if radio else "text", f"Field {i}",
                "1, A | 2, B" if radio else "", "" if kind in ("radio", "text") else kind,
            ])  # fmt: skip
    pools = {
        "integer": [str(n) for n in range(100)],
        "number": [f"{n / 7:.3f}" for n in range(500)],
        "date_ymd": [f"2019-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(300)],
        "radio": ["1", "2", ""],
        "text": ["some words, here", "a note", "", 'said "well"', "two\nlines"],
    }
    with (folder / "data.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        names = [f"v{i}" for i in range(len(kinds))]
        out.writerow(["record_id", "redcap_event_name", *names])
        for n in range(rows):
            cells = [chance.choice(pools[kind]) for kind in kinds]
            out.writerow([str(n // 10 + 1), f"visit_{n % 10}_arm_1", *cells])
    return (folder / "data.csv").stat().st_size


def measure(folder: Path, what: str, rounds: int) -> dict[str, float]:
    """Best time and largest peak of several processes."""
    found = []
    for _ in range(rounds):
        command = [sys.executable, "-c", MEASURED, str(folder), what, json.dumps(STUDY)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    best = {key: min(f[key] for f in found) for key in found[0]}
    return best | {"peak": max(f["peak"] for f in found)}


def main() -> None:
    """Write the file, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--fields", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--checked", action="store_true", help="clean and check the forms, too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write(folder, args.rows, args.fields) / 1024**2
        pandas = measure(folder, "pandas", args.rounds)
        ours = measure(folder, "checked" if args.checked else "read", args.rounds)
    cells = args.rows * args.fields / 1e6
    print(f"{args.rows} rows x {args.fields} fields, {size:.0f} MB")
    print("what                      seconds  CPU seconds  million cells/s  peak MB  peak / file")
    rows = [("pandas.read_csv(dtype=str)", pandas, "read"), ("read and keyed", ours, "read")]
    if args.checked:
        rows.append(("read, keyed, checked", ours, "checked"))
    for label, found, key in rows:
        seconds, cpu, peak = found[key], found[f"{key}_cpu"], found["peak"]
        print(f"{label:26}{seconds:7.2f}{cpu:13.2f}{cells / seconds:17.2f}{peak:9.0f}"
              f"{peak / size:13.1f}")  # fmt: skip
    print(f"read and keyed takes {ours['read'] / pandas['read']:.2f} of the time of pandas alone,"
          f" {ours['read_cpu'] / pandas['read_cpu']:.2f} of its processor time")  # fmt: skip


if __name__ == "__main__":
    main()
