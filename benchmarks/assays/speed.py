"""Processor seconds to read real instrument files, one a line, then a summary by format.

    python benchmarks/assays/speed.py FOLDER [--with PYTHON] [--times N]

Each file is read up to N times (15) within half a second, the fastest counts, and nothing that was
kept of it is used again.
With `--with`, the interpreter of an environment that has `allotropy` reads each file right after,
by its own vendors (an import is not counted for either).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

#: our format -> the vendors of allotropy that may read it
VENDORS = {
    "xponent": ("LUMINEX_XPONENT", "LUMINEX_INTELLIFLEX"), "intelliflex": ("LUMINEX_INTELLIFLEX",),
    "bioplex_xml": ("BIORAD_BIOPLEX",), "gen5": ("AGILENT_GEN5",),
    "skanit": ("THERMO_SKANIT",), "softmax": ("MOLDEV_SOFTMAX_PRO",),
    "tecan": ("TECAN_MAGELLAN",),
    "quantstudio": ("APPBIO_QUANTSTUDIO", "APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS"),
    "cfx": ("CFXMAESTRO",), "msd": ("MSD_WORKBENCH",), "methodical_mind": ("METHODICAL_MIND",),
}  # fmt: skip
_THEIRS = """
import json, logging, sys, time
logging.disable(logging.CRITICAL)
from allotropy.parser_factory import Vendor
from allotropy.to_allotrope import allotrope_from_file
for line in sys.stdin:
    path, names, times = json.loads(line)
    best = None
    for name in names:
        vendor = getattr(Vendor, name, None)
        until = time.process_time() + 0.5
        for _ in range(times if vendor and best is None else 0):
            begin = time.process_time()
            if best and begin > until:
                break
            try:
                allotrope_from_file(path, vendor)
            except Exception:
                break
            spent = time.process_time() - begin
            best = spent if best is None else min(best, spent)
    print(json.dumps(best), flush=True)
"""


def ours(path: Path, times: int) -> tuple[str, float] | None:
    """Format and seconds of a file, None when it is not read."""
    from sclerotrial.assays import formats
    from sclerotrial.errors import InputErrors

    spent, until = [], time.process_time() + 0.5
    try:
        for _ in range(times):
            if spent and time.process_time() > until:
                break
            formats.forget()
            begin = time.process_time()
            kind = formats.detect(path)[0]
            formats.FORMATS[kind].read(path, path.name)
            spent.append(time.process_time() - begin)
    except InputErrors:
        return None
    return kind, min(spent)


class Theirs:
    """An interpreter with `allotropy` that is asked file by file."""

    def __init__(self, python: str | None, times: int) -> None:
        self.times = times
        self.process = python and subprocess.Popen(
            [python, "-c", _THEIRS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def seconds(self, path: Path, kind: str) -> float | None:
        """Seconds of a file, None when it is not read."""
        if not self.process or kind not in VENDORS:
            return None
        self.process.stdin.write(json.dumps([str(path), VENDORS[kind], self.times]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def main() -> None:
    """Print a line a file (format, seconds, theirs, ratio), and a line a format at the end."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with", dest="python", help="interpreter that has allotropy")
    parser.add_argument("--times", type=int, default=15)
    given = parser.parse_args()
    files = sorted(p for p in given.folder.rglob("*") if p.is_file() and p.suffix != ".json")
    theirs, ratios, read = Theirs(given.python, given.times), {}, {}
    print("file\tformat\tseconds\tallotropy\tratio")
    for path in files:
        mine = ours(path, given.times)
        if mine is None:
            continue
        kind, spent = mine
        read[kind] = read.get(kind, 0) + 1
        other = theirs.seconds(path, kind)
        told = ""
        if other is not None:
            ratios.setdefault(kind, []).append(other / spent)
            told = f"{other:.4f}\t{other / spent:.0f}"
        print(f"{path.relative_to(given.folder)}\t{kind}\t{spent:.5f}\t{told or chr(9)}")
    print("\nformat\tread\tby allotropy\tmedian ratio\tleast\t50 or more")
    every = [r for rs in ratios.values() for r in rs]
    for kind, mine in [*sorted(ratios.items()), ("all", every)] if every else ():
        fast = sum(r >= 50 for r in mine)
        print(f"{kind}\t{read.get(kind, sum(read.values()))}\t{len(mine)}\t{median(mine):.0f}"
              f"\t{min(mine):.0f}\t{fast}")  # fmt: skip
    sys.stderr.write(f"{sum(read.values())} of {len(files)} files read\n")


if __name__ == "__main__":
    main()
