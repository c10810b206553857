"""docs/swaps.md: what it shows of three swaps is what the published results and the runs say."""

from __future__ import annotations

import csv
import importlib.util
import re
import shutil

import pytest

from sclerotrial.study import load
from sclerotrial.tabular import read_csv


@pytest.fixture(scope="module")
def swaps(root):
    """The command that makes them."""
    spec = importlib.util.spec_from_file_location("show_swaps", root / "docs/show_swaps.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text(root):
    return (root / "docs/swaps.md").read_text(encoding="utf-8")


def tables(text):
    """Tables of a Markdown page as lists of dictionaries."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        head, _, *rows = ([c.strip() for c in line[1:-1].split("|")] for line in block.splitlines())
        yield [dict(zip(head, row, strict=True)) for row in rows]


def test_what_stood_before_is_what_is_published(root, text):
    published = read_csv(root / "published/ard.csv").set_index("ID")
    claims = read_csv(root / "published/claims.csv").set_index("ID")
    numbers = flips = statements = 0
    for table in tables(text):
        for row in table:
            if "DIFFERENCE" in row:
                assert row["OLD"] == published.at[row["ID"], "TEXT"], row["ID"]
                assert row["UNIT_OLD"] == (published.at[row["ID"], "UNIT"] if row["OLD"] else "")
                numbers += 1
            elif "WHAT" in row:
                texts = {s: published.at[i, "TEXT"] for s in ("ci_low", "ci_high")
                         if (i := f"{row['ID']}.{s}") in published.index}  # fmt: skip
                test = published.loc[f"{row['ID']}.p"]
                p = float(test["P_ADJ" if "adjusted" in row["WHAT"] else "VALUE"] or "nan")
                assert row["OLD"] in (" to ".join(texts.values()), f"{p:.3f}"), row["ID"]
                flips += 1
            elif "VERDICT" in row:
                assert row["VERDICT_OLD"] == claims.at[row["ID"], "VERDICT"]
                assert row["FOUND_OLD"] == claims.at[row["ID"], "FOUND"]
                statements += 1
    assert numbers > 10 and flips and statements


def test_the_page_says_what_it_is(root, text, swaps):
    assert "Simulated data: no patient took part in what is shown here." in text
    for swap in swaps.SWAPS.values():
        assert f"## {swap.title}\n\n{swap.story}\n" in text
        assert swap.reading in text
    assert "(docs/swaps.md)" in (root / "README.md").read_text(encoding="utf-8")
    assert "show-swaps:" in (root / "Makefile").read_text(encoding="utf-8")


def project(root, folder):
    """Raw files and configuration of the trial, with the levels that the other vendor copies."""
    for part in ("config", "data"):
        shutil.copytree(root / part, folder / part)
    levels = folder / "results/assays/luminex_serum/levels.csv"
    levels.parent.mkdir(parents=True)
    with levels.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["SAMPLE", "PARAMCD", "VALUE"])
        write.writerows([[s, m, "100"] for s in ("IM01-BL-S", "IM01-M6-S") for m in ("IL6", "ET1")])
    return folder


def plate(folder):
    with (folder / "data/raw/serum/luminex_plate1.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_corrected_plate_differs_in_the_names_of_two_tubes(root, tmp_path, swaps):
    folder = project(root, tmp_path / "p")
    before = plate(folder)
    swaps.corrected(folder)
    moved = [(a[1], b[1]) for a, b in zip(before, plate(folder), strict=True) if a != b]
    assert set(moved) == {("IM05-BL-S", "IM05-M6-S"), ("IM05-M6-S", "IM05-BL-S")}


def test_the_rerun_lacks_two_patients(root, tmp_path, swaps):
    folder = project(root, tmp_path / "p")
    before = plate(folder)
    swaps.fewer(folder)
    after = plate(folder)

    def block(rows, name):
        start = rows.index(["DataType:", name])
        stop = next(i for i in range(start + 1, len(rows)) if rows[i] == [])
        return {r[0]: r[1:] for r in rows[start + 2 : stop]}

    old, new = block(before, "Median"), block(after, "Median")
    assert {old[w][0][:4] for w in old.keys() - new.keys()} == {"IM08", "IM09"}
    assert ["Samples", str(len(new)), "Min Events", "50", "Per Bead"] in after
    assert all(new[w] == old[w] for w in new if not new[w][0].startswith("IM"))
    ratio = [float(b) / float(a) for w in new for a, b in zip(old[w][1:-1], new[w][1:-1],
             strict=True) if new[w][0].startswith("IM")]  # fmt: skip
    assert 0.7 < min(ratio) < 0.95 and 1.05 < max(ratio) < 1.3
    assert block(after, "Count").keys() == new.keys()


def test_the_other_vendor_needs_one_entry_of_the_configuration(root, tmp_path, swaps):
    folder = project(root, tmp_path / "p")
    before = load(folder / "config")
    swaps.other_vendor(folder)
    after = load(folder / "config")
    was, now = before.assays["luminex_serum"], after.assays["luminex_serum"]
    assert (now.method, now.scale, now.label) == ("as_given", "log2", "Olink panel")
    assert {a.unit for a in now.analytes.values()} == {"NPX"}
    assert was.analytes.keys() == now.analytes.keys()
    assert before.assays["qpcr_skin"] == after.assays["qpcr_skin"]
    lines = (folder / "data/raw/serum/npx_plate1.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2  # ET-1 is not on the panel
    assert [p.name for p in (folder / "data/raw/serum").iterdir()] == ["npx_plate1.csv"]


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.xdist_group("trial")
def test_the_runs_give_the_text(copy, root, text, tmp_path, swaps):
    """The three cases again through the real command: the page, word for word."""
    shutil.copytree(root / "published", copy.folder / "published")
    copy.run()
    made = [swaps.HEAD]
    for name in swaps.SWAPS:
        said = swaps.make(name, tmp_path / "out", copy.folder)
        made.append(swaps.chapter(name, said, tmp_path / "out" / name))
        page = (tmp_path / "out" / name / "results/impact.html").read_text(encoding="utf-8")
        assert "Simulated data: no patient took part in what is shown here." in page
    assert "\n".join(made).rstrip() + "\n" == text
