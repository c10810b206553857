"""The report in headless Chromium: opens fast, asks for nothing, works by click, key and finger.

Skipped where no Python with PyQt6-WebEngine is at hand: this one, or that of SCLEROTRIAL_BROWSER.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.publish.lineage import lineage
from sclerotrial.publish.listing import listing
from sclerotrial.publish.notebook import Cell
from sclerotrial.publish.pages import Results
from sclerotrial.publish.report import render
from sclerotrial.publish.ways import embedded, pack
from sclerotrial.tabular import write_csv

MEAN = "efficacy.mrss.imatinib.month6.chg.mean"
ROWS = 50_000
PHONE, SCREEN = 390, 1280
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}pt" height="90pt" viewBox="0 0 9 9"/>'


@functools.cache
def interpreter() -> str:
    """A Python that has a browser ('' for none)."""
    for python in filter(None, (os.environ.get("SCLEROTRIAL_BROWSER"), sys.executable)):
        said = subprocess.run(
            [python, "-c", "import PyQt6.QtWebEngineWidgets"], capture_output=True, check=False
        )
        if said.returncode == 0:
            return python
    return ""


def seen(page: Path, steps: list[str], width: int = SCREEN) -> dict:
    """What headless Chromium sees of a page, and what each step gives."""
    if not interpreter():
        pytest.skip("no browser: PyQt6-WebEngine is not installed")
    out = page.with_suffix(".seen.json")
    script = Path(__file__).with_name("browser.py")
    done = subprocess.run(
        [interpreter(), str(script), str(page), str(width), str(out)],
        input=json.dumps(steps), text=True, capture_output=True, timeout=180, check=False,
    )  # fmt: skip
    assert out.is_file(), done.stderr[-2000:]
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["loaded"] and found["console"] == []
    asked = [a for a in found["requests"] if not a.startswith("data:")]
    assert asked == [page.absolute().as_uri()]
    return found


@pytest.fixture(scope="module")
def page(made, study, tmp_path_factory):
    """A page with figures, folds, numbers, a listing of 50,000 rows, and the way back."""
    folder = tmp_path_factory.mktemp("results")
    write_csv(made.ard(), folder / "ard.csv")
    (folder / "figures").mkdir()
    for name, width in (("skin_map", 240), ("mrss_by_patient", 493), ("consort", 493)):
        (folder / "figures" / f"{name}.svg").write_text(SVG.format(width))
        (folder / "figures" / f"{name}.txt").write_text("Simulated data. It fell by -2.5.\n")
        pieces = [["Simulated data. It fell by ", ""], ["-2.5", MEAN], [".", ""]]
        (folder / "figures" / f"{name}.json").write_text(json.dumps(pieces))
    (folder / "figures" / "consort_column.svg").write_text(SVG.format(240))
    results = Results(folder)
    rows = pd.DataFrame({"Row": [str(k) for k in range(ROWS)], "Text": "a word and another"})
    rows.loc[ROWS - 1, "Text"] = "the needle"
    shown = [
        "<h1>Trial: report</h1>", "<h2>Skin</h2>",
        results.figure("skin_map", numbers="efficacy.mrss*.chg.*"),
        results.figure("mrss_by_patient"), results.figure("consort"),
        "<h2>Queries</h2>", listing(rows, name="Queries"), results.all_numbers(),
    ]  # fmt: skip
    cells = [Cell("code", "x", outputs=({"text/html": str(text)},)) for text in shown]
    data = embedded(pack(made.ard(), lineage(made.ard(), made.adam(), study)), "ways")
    path = folder / "report.html"
    path.write_text(render(cells, data), encoding="utf-8")
    return path


TIMED = """(() => {
  const holder = [...document.querySelectorAll("div.listing")].at(-1);
  const body = holder.querySelector("tbody"), status = holder.querySelector("[role=status]");
  const timed = (act) => { const from = performance.now(); act(); void body.offsetHeight;
    return [performance.now() - from, status.textContent, body.rows[0].cells[0].textContent]; };
  const head = holder.querySelector("th button"), box = holder.querySelector("input");
  const type = (text) => { box.value = text; box.dispatchEvent(new Event("input")); };
  return JSON.stringify([timed(() => head.click()), timed(() => head.click()),
    timed(() => type("needle")), timed(() => type(""))]);
})()"""


def test_a_listing_of_fifty_thousand_rows_sorts_and_searches_while_one_waits(page):
    up, down, found, all_ = json.loads(seen(page, [TIMED])["results"][0])
    assert (up[2], down[2], found[2], all_[2]) == ("0", str(ROWS - 1), str(ROWS - 1), str(ROWS - 1))
    assert found[1] == "1 to 1 of 1 rows" and all_[1] == f"1 to 100 of {ROWS} rows"
    # a second is the most that does not break a train of thought (Nielsen 1993); milliseconds
    assert max(up[0], down[0], found[0], all_[0]) < 1000


WAY = """(() => {
  const dialog = document.getElementById("way");
  const number = document.querySelector("figcaption [data-ard]");
  number.focus();
  const key = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
  number.dispatchEvent(key);
  const said = dialog.textContent, opened = dialog.open;
  dialog.querySelector("button").click();
  return JSON.stringify({ opened, said, closed: !dialog.open, tab: number.tabIndex,
    role: number.getAttribute("role"), text: number.textContent });
})()"""


def test_a_number_of_a_caption_leads_back_to_raw_file_and_line_by_key(page):
    way = json.loads(seen(page, [WAY])["results"][0])
    assert way["opened"] and way["closed"] and way["role"] == "button" and way["tab"] == 0
    assert way["text"] == "-2.5" and MEAN in way["said"]
    assert "redcap/IMSSC_DATA.csv, line 27" in way["said"]


FOLDS = """(() => {
  const folds = [...document.querySelectorAll("details")];
  const seen = folds.map((fold) => { const before = fold.scrollHeight;
    fold.querySelector("summary").click(); return [fold.open, fold.scrollHeight > before]; });
  const links = [...document.querySelectorAll("a[href]")].map((a) =>
    document.getElementById(a.getAttribute("href").slice(1)) !== null);
  return JSON.stringify([seen, links]);
})()"""
NUMBERS = """document.querySelectorAll("#all-numbers tbody tr").length"""


def check_folds(found: dict) -> None:
    folds, links = json.loads(found["results"][0])
    assert folds and all(opened and grew for opened, grew in folds)
    assert links and all(links)
    assert found["results"][1] > 0


def test_every_link_and_fold_works(page):
    check_folds(seen(page, [FOLDS, NUMBERS]))


SIDE = """[innerWidth, document.documentElement.scrollWidth
  - document.documentElement.clientWidth]"""


def test_nothing_is_wider_than_a_phone(page):
    assert seen(page, [SIDE], width=PHONE)["results"] == [[PHONE, 0]]


#: how far a figure can be moved sideways, and whether the layout for a column is shown
MOVES = """(() => ["mrss-by-patient", "consort"].map((name) => {
  const wide = document.querySelector(`#figure-${name} .wide`), img = wide.querySelector("img");
  const narrow = wide.querySelector("source");
  return [wide.scrollWidth > wide.clientWidth, !!narrow && img.currentSrc === narrow.srcset];
}))()"""


def test_a_figure_with_a_layout_for_a_column_need_not_be_moved_on_a_phone(page):
    assert seen(page, [MOVES], width=PHONE)["results"] == [[[True, False], [False, True]]]
    assert seen(page, [MOVES])["results"] == [[[False, False], [False, False]]]


def test_the_page_is_painted_within_a_second(page):
    assert min(seen(page, [])["times"]["paint"] for _ in range(2)) < 1000


@pytest.mark.workflow
def test_the_report_of_the_shipped_trial_opens_within_a_second_and_works(finished, tmp_path):
    report = tmp_path / "report.html"
    report.write_bytes((finished.folder / "results" / "report.html").read_bytes())
    found = seen(report, [FOLDS, NUMBERS])
    check_folds(found)
    assert min(found["times"]["paint"], seen(report, [])["times"]["paint"]) < 1000
    assert seen(report, [SIDE], width=PHONE)["results"] == [[PHONE, 0]]
