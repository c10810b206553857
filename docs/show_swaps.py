"""Three swaps of a biomarker file on the shipped trial, each in a copy of the project.

    python docs/show_swaps.py [--out swaps] [--write]

A corrected plate, a re-run with fewer wells, a panel of another vendor: the file is dropped, the
real command runs, and what it says of the file and of what changed is shown. The results of the
project must be there (`snakemake`); they stay as they are. `--write` puts what was seen into
docs/swaps.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sclerotrial.publish.impact import Impact, impact
from sclerotrial.publish.impact_page import by_fate
from sclerotrial.tabular import read_csv

ROOT = Path(__file__).resolve().parents[1]
PLATE = "data/raw/serum/luminex_plate1.csv"
#: what a run needs, with the results, so that only what hangs on the file runs
PARTS = ["Snakefile", "workflow", "config", "data", "profiles", "notebooks", "paper", "published",
         "results", "requirements.lock", "environment.yml", "CITATION.cff"]  # fmt: skip


TARGETS = ["results/impact.html", "results/intake.csv"]
#: numbers that docs/swaps.md shows of a page
SHOWN = r"biomarker\.serum_\w+\.imatinib\.month6\.fold(_sub)?\.estimate"
HEAD = """# Three swaps of a biomarker file

**Simulated data: no patient took part in what is shown here.**

`make show-swaps` makes the three cases on the shipped trial through the real command, each in a
copy of the project under `swaps/`; open `swaps/corrected/results/impact.html` and its sisters. This
text was written by the same command (`python docs/show_swaps.py --write`); its tables hold what the
pages hold. Columns that end in `OLD` are the published results.
"""


class Swap(NamedTuple):
    """A case: what happened, what is done in the project's folder, how the page is read."""

    title: str
    story: str
    drop: Callable[[Path], None]
    reading: str


def corrected(folder: Path) -> None:
    """Two tubes stood in each other's place on the plate: their names change places."""
    plate = folder / PLATE
    there = {"IM05-BL-S": "IM05-M6-S", "IM05-M6-S": "IM05-BL-S"}
    text = plate.read_text(encoding="utf-8")
    plate.write_text(re.sub("|".join(there), lambda m: there[m[0]], text), encoding="utf-8")


def fewer(folder: Path) -> None:
    """Another run of the plate: other signals (4 % apart), and two patients' tubes were empty."""
    plate, rng = folder / PLATE, random.Random(20090312)
    block, out, wells = "", io.StringIO(), set()
    write = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for cells in csv.reader(plate.read_text(encoding="utf-8").splitlines()):
        if cells[:1] == ["DataType:"]:
            block = cells[1]
        sample = cells[1] if len(cells) > 1 else ""
        if re.match("IM(08|09)-", sample):
            continue
        if block == "Median" and re.match(r"\d+\(1,", cells[0] if cells else ""):
            wells.add(cells[0])
            if sample.startswith("IM"):
                cells[2:-1] = [_again(float(c), rng) for c in cells[2:-1]]
        write.writerow(cells) if cells else out.write("\n")
    text = re.sub(r'"Samples","\d+"', f'"Samples","{len(wells)}"', out.getvalue())
    plate.write_text(text.replace("1/15/2009", "3/12/2009"), encoding="utf-8")


def _again(signal: float, rng: random.Random) -> str:
    return f"{round(2 * signal * math.exp(rng.gauss(0, 0.04))) / 2:g}"


#: analytes of the other panel: its name there, its NPX at 1 pg/mL, its limit of detection
_PANEL = {"IL6": ("IL6", 1.4, 1.9), "CCL2": ("MCP-1", 2.2, 1.2), "CXCL10": ("CXCL10", 1.1, 1.5),
          "TIMP1": ("TIMP1", -6.1, 0.9), "SCD163": ("sCD163", -5.2, 0.7),
          "VEGF": ("VEGFA", 0.3, 1.1)}  # fmt: skip


def other_vendor(folder: Path) -> None:
    """NPX of another vendor's panel for the same tubes, in place of the plate; one edit for it."""
    levels = pd.read_csv(folder / "results/assays/luminex_serum/levels.csv", dtype=str)
    rng, rows = random.Random(20090420), []
    for one in levels.itertuples():
        if one.PARAMCD in _PANEL:
            name, at_one, lod = _PANEL[one.PARAMCD]
            npx = at_one + math.log2(float(one.VALUE)) + rng.gauss(0, 0.08)
            number = list(_PANEL).index(one.PARAMCD) + 1
            rows.append(f"{one.SAMPLE};1;OID9000{number};;{name};0;Simulated panel;v1;Plate 1;"
                        f"PASS;{lod};{npx:.4f}")  # fmt: skip
    head = ("SampleID;Index;OlinkID;UniProt;Assay;MissingFreq;Panel;Panel_Version;PlateID;"
            "QC_Warning;LOD;NPX")  # fmt: skip
    text = "\n".join([head, *rows]) + "\n"
    (folder / "data/raw/serum/npx_plate1.csv").write_text(text, encoding="utf-8")
    (folder / PLATE).unlink()
    file = folder / "config/assays.yaml"
    serum, mark, rest = file.read_text(encoding="utf-8").partition("  qpcr_skin:")
    for old, new in EDIT:
        assert old in serum
        serum = serum.replace(old, new)
    file.write_text(serum + mark + rest, encoding="utf-8")


#: the edit of config/assays.yaml for the other vendor, in the entry of the serum assay
EDIT = [
    ("label: Luminex bead panel", "label: Olink panel"), ("scale: linear", "scale: log2"),
    ("method: curve", "method: as_given"), ("unit: pg/mL", "unit: NPX"), ("names: [VEGF, VEGF-A]",
     "names: [VEGF, VEGF-A, VEGFA]"),
]  # fmt: skip

SWAPS = {
    "corrected": Swap(
        "A corrected plate",
        "The laboratory finds that two tubes of a patient, of baseline and of Month 6, stood in\n"
        "each other's place, and sends the plate again. Its file takes the place of the old one.",
        corrected,
        "All samples are matched as before: the barcodes are the same, only their wells are\n"
        "others. One patient's change has turned its sign, which moves the group's numbers.",
    ),
    "fewer": Swap(
        "A re-run with fewer wells",
        "The plate is measured again two months later; by then the tubes of two patients are\n"
        "empty. Its file takes the place of the old one.",
        fewer,
        "The two patients are listed as lost, with the markers that they had; in `quality.csv`\n"
        "each missing tube is a row `sample_missing`.",
    ),
    "other_vendor": Swap(
        "A panel of another vendor",
        "The same tubes are measured on another vendor's panel, which gives NPX for six of the\n"
        "nine markers. Its file stands in place of the plate, and one entry of\n"
        "`config/assays.yaml` says that its numbers are taken as given, on a log2 scale.",
        other_vendor,
        "Levels are on another scale, so the page gives both units and no difference between\n"
        "them. Ratios to baseline compare across vendors. The three markers that the panel does\n"
        "not have are gone, each with a row `analyte_absent` in `quality.csv`.",
    ),
}  # fmt: skip


def make(name: str, out: Path, project: Path = ROOT) -> str:
    """Do a swap in a copy of the project under `out` and return what the command said."""
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        copy = shutil.copytree if (project / part).is_dir() else shutil.copy2
        copy(project / part, folder / part)
    SWAPS[name].drop(folder)
    command = [sys.executable, "-m", "snakemake", *TARGETS]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=folder, text=True, check=False, **streams)
    if done.returncode:
        raise SystemExit(done.stdout)
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return done.stdout


def seen(folder: Path) -> Impact:
    """What the page of a copy shows, as tables."""
    names = ("ard", "intake", "biomarkers/change", "claims")
    return impact(*(
        read_csv(folder / where / f"{name}.csv")
        for name in names for where in ("published", "results")
    ))  # fmt: skip


def chapter(name: str, said: str, folder: Path) -> str:
    """A case in Markdown: the file, what the run said, rows of the page as they come."""
    swap, found = SWAPS[name], seen(folder)
    kinds = found.numbers["CHANGE"].value_counts()
    changes = found.numbers[found.numbers["ID"].str.fullmatch(SHOWN)]
    quality = read_csv(folder / "results/assays/luminex_serum/quality.csv")
    failed = quality[quality["VERDICT"] == "fail"].groupby("CHECK", as_index=False).size()
    lines = [f"{mark} {t}" for e in EDIT for mark, t in zip("-+", e, strict=True)]
    edit = ["The edit:", "", "```diff", *lines, "```", ""] if name == "other_vendor" else []
    return "\n".join([
        f"## {swap.title}", "", swap.story, "", *edit, "What the run says (steps by name):", "",
        "```text", *_steps(said), "```", "",
        "What the file was taken for, in `results/intake.csv` and on the page:", "",
        *_table(found.files.drop(columns="ROWS_OLD")), "",
        "Checks that fail, in `results/assays/luminex_serum/quality.csv`, with their number:", "",
        *_table(failed), "",
        f"The page counts {kinds.get('moved', 0)} numbers that print differently, "
        f"{kinds.get('new', 0)} that are new and {kinds.get('gone', 0)} that are gone. "
        "Conclusions that flipped:", "", *_table(found.flips), "",
        "Statements of the abstract that are judged otherwise, or by another number:", "",
        *_table(found.claims), "", "Samples gained and lost:", "",
        *_table(by_fate(found.samples)), "",
        "Of the numbers, the ratios to baseline at Month 6:", "",
        *_table(changes.drop(columns="LABEL")), "", swap.reading, "",
    ])  # fmt: skip


def _steps(said: str) -> list[str]:
    """Lines of the run that hold no time; a list of many changed keys is cut."""
    lines = [re.sub(r" \([\d.]+ (s|min)[^)]*\)$", "", line) for line in said.splitlines()]
    first = [x for x in lines if re.match("What changed|  read_assay", x)]
    # two steps may end in either order
    number = re.compile(r"^\s*\d+ of \d+ +")
    steps = sorted(number.sub("", x) for x in lines if number.match(x))
    return [x if len(x) <= 96 else f"{x[:92]} ..." for x in [*first, *steps]]


def _table(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return ["None."]
    rows = [[str(x).replace("|", "/") for x in r] for r in table.itertuples(index=False)]
    return [
        "| " + " | ".join(r) + " |" for r in (table.columns, ["---"] * len(table.columns), *rows)
    ]


def main() -> None:
    """The three cases, one after another."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    ask.add_argument("--out", type=Path, default=Path("swaps"), help="folder of the copies")
    ask.add_argument("--write", action="store_true", help="write docs/swaps.md anew")
    asked = ask.parse_args()
    chapters = []
    for name, swap in SWAPS.items():
        said = make(name, asked.out)
        print(f"{said}\n{swap.title}: {asked.out / name / 'results/impact.html'}\n")
        chapters.append(chapter(name, said, asked.out / name))
    if asked.write:
        text = "\n".join([HEAD, *chapters]).rstrip() + "\n"
        (ROOT / "docs/swaps.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
