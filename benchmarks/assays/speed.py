"""Seconds to read real instrument files, one a line, as a table to compare.

    python benchmarks/assays/speed.py FOLDER [--with PYTHON]

Each file is read three times, the fastest counts. With `--with`, the interpreter of an environment
that has `allotropy` reads the same files by its own vendors (an import is not counted for either).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

#: our format -> the vendors of allotropy that may read it
VENDORS = {
    "xponent": ("LUMINEX_XPONENT",), "intelliflex": ("LUMINEX_INTELLIFLEX",),
    "bioplex_xml": ("BIORAD_BIOPLEX",), "gen5": ("AGILENT_GEN5",),
    "skanit": ("THERMO_SKANIT",), "softmax": ("MOLDEV_SOFTMAX_PRO",),
    "tecan": ("TECAN_MAGELLAN",),
    "quantstudio": ("APPBIO_QUANTSTUDIO", "APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS"),
    "cfx": ("CFXMAESTRO",), "msd": ("MSD_WORKBENCH",), "methodical_mind": ("METHODICAL_MIND",),
}  # fmt: skip
_THEIRS = """
import json, sys, time
from allotropy.parser_factory import Vendor
from allotropy.to_allotrope import allotrope_from_file
out = {}
for path, names in json.load(sys.stdin).items():
    out[path] = None
    for name in names:
        vendor = getattr(Vendor, name, None)
        best = None
        for _ in range(3 if vendor else 0):
            begin = time.perf_counter()
            try:
                allotrope_from_file(path, vendor)
            except Exception:
                break
            spent = time.perf_counter() - begin
            best = spent if best is None else min(best, spent)
        if best is not None:
            out[path] = best
            break
print(json.dumps(out))
"""


def ours(files: list[Path]) -> dict[Path, tuple[str, float]]:
    """Format and seconds of each file that is read."""
    from sclerotrial.assays import formats
    from sclerotrial.errors import InputErrors

    out = {}
    for path in files:
        spent = []
        try:
            for _ in range(3):
                formats._files._open.cache_clear()
                begin = time.perf_counter()
                kind = formats.detect(path)[0]
                formats.FORMATS[kind].read(path, path.name)
                spent.append(time.perf_counter() - begin)
        except InputErrors:
            continue
        out[path] = (kind, min(spent))
    return out


def main() -> None:
    """Print a line a file: format, seconds, and theirs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with", dest="python", help="interpreter that has allotropy")
    given = parser.parse_args()
    files = sorted(p for p in given.folder.rglob("*") if p.is_file())
    mine = ours(files)
    theirs: dict[str, float | None] = {}
    if given.python:
        ask = {str(p): VENDORS[k] for p, (k, _) in mine.items() if k in VENDORS}
        done = subprocess.run([given.python, "-c", _THEIRS], input=json.dumps(ask), text=True,
                              capture_output=True, check=True)  # fmt: skip
        theirs = json.loads(done.stdout.splitlines()[-1])
    print("file\tformat\tseconds\tallotropy\tratio")
    for path, (kind, spent) in mine.items():
        other = theirs.get(str(path))
        told = "" if other is None else f"{other:.3f}\t{other / spent:.0f}"
        print(f"{path.relative_to(given.folder)}\t{kind}\t{spent:.4f}\t{told or chr(9)}")
    sys.stderr.write(f"{len(mine)} of {len(files)} files read\n")


if __name__ == "__main__":
    main()
