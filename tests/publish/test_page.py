"""The report's page: its parts for eyes, keys and ears; listings; the way back of each number."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from html.parser import HTMLParser
from importlib import resources
from xml.etree import ElementTree

import pandas as pd
import pytest

from sclerotrial.publish.drawing import light
from sclerotrial.publish.lineage import lineage
from sclerotrial.publish.listing import STATIC, listing
from sclerotrial.publish.notebook import Cell
from sclerotrial.publish.pages import Results
from sclerotrial.publish.report import render
from sclerotrial.publish.ways import MOST, embedded, pack
from sclerotrial.tabular import write_csv

MEAN = "efficacy.mrss.imatinib.month6.chg.mean"
SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="{}pt"/>'
FREE = '</script><script>alert("x")</script>&'
VOID = {"meta", "img", "br", "hr", "input", "link", "source"}


class Page(HTMLParser):
    """Elements in order as (name, attributes), and the text of each kind; refuses a bad nest."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.stack, self.texts = [], [], {}
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(data)

    def of(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def ways(made, study):
    return pack(made.ard(), lineage(made.ard(), made.adam(), study))


@pytest.fixture(scope="module")
def page(made, study, ways, tmp_path_factory):
    """A page with a figure and its fold, a long listing, free text, and the way back."""
    folder = tmp_path_factory.mktemp("results")
    write_csv(made.ard(), folder / "ard.csv")
    (folder / "figures").mkdir()
    (folder / "figures" / "skin_map.svg").write_text(SVG.format(240))
    (folder / "figures" / "skin_map.txt").write_text("Simulated data. Areas < 18.\n")
    results = Results(folder)
    rows = pd.DataFrame({"Row": [str(k) for k in range(STATIC + 5)], "Text": FREE})
    shown = [
        "<h1>Trial: report</h1>",
        "<h2>Skin</h2>",
        results.figure("skin_map", numbers="efficacy.mrss*.chg.*"),
        "<h2>Queries</h2>",
        listing(rows, name="Queries"),
        results.all_numbers(),
    ]
    cells = [Cell("code", "x", outputs=({"text/html": str(text)},)) for text in shown]
    return render(cells, embedded(ways, "ways"))


def test_the_page_can_be_walked_by_keys_and_heard(page):
    seen = Page(page)
    assert seen.of("html")[0]["lang"] == "en"
    assert len(seen.of("h1")) == 1 and len(seen.of("main")) == 1
    levels = [int(t[1]) for t, _ in seen.elements if re.fullmatch(r"h[1-6]", t)]
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert all(i["alt"].startswith("Simulated data.") for i in seen.of("img"))
    assert seen.of("a")[0] == {"class": "skip", "href": "#content"}
    wide = [d for d in seen.of("div") if d.get("class") == "wide" and "role" in d]
    assert wide and all(d["tabindex"] == "0" and d["aria-label"] for d in wide)
    assert all(th["scope"] == "col" for th in seen.of("th"))
    assert len(seen.of("caption")) == len([t for t in seen.of("table") if "listing" in t["class"]])


def test_every_link_has_its_place_and_every_anchor_is_one(page):
    seen = Page(page)
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in seen.of("a")} <= set(ids)


def test_every_fold_has_its_words_and_something_in_it(page):
    seen = Page(page)
    assert len(seen.of("details")) == len(seen.of("summary")) == 2
    assert "The numbers of this figure" in seen.texts["summary"]
    assert f'<span data-ard="{MEAN}">{MEAN}</span>' in page


def test_the_page_asks_for_nothing(page):
    seen = Page(page)
    assert not re.search(r"https?://", re.sub(r"http://www\.w3\.org/2000/svg", "", page))
    asked = {a.get(k) for _, a in seen.elements for k in ("src", "href") if k in a}
    assert all(x.startswith(("#", "data:")) for x in asked)
    policy = next(m for m in seen.of("meta") if "http-equiv" in m)["content"]
    assert policy.startswith("default-src 'none'")


def test_numbers_of_a_caption_and_of_a_claim_lead_back(made, study, root, tmp_path):
    write_csv(made.ard(), tmp_path / "ard.csv")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "skin_map.svg").write_text(SVG.format(240))
    (tmp_path / "figures" / "skin_map.txt").write_text("It fell < by -2.5.\n")
    pieces = [["It fell < by ", ""], ["-2.5", MEAN], [".", ""]]
    (tmp_path / "figures" / "skin_map.json").write_text(json.dumps(pieces))
    claims = [{"TEXT": "Mean", "FOUND": "31.5; 29.0", "VERDICT": "reproduced", "ID": "mrss_all"}]
    write_csv(pd.DataFrame(claims), tmp_path / "claims.csv")
    results = Results(tmp_path, config=root / "config")
    shown = results.figure("skin_map")
    assert f'It fell &lt; by <span data-ard="{MEAN}">-2.5</span>.</figcaption>' in shown
    assert results.figure("biomarker_volcano", rare=True) == ""
    assert "no figure of this name" in results.figure("biomarker_volcano")
    cell = re.search(r'<span data-ard="([^"]*)">31.5; 29.0</span>', results.claims()).group(1)
    assert cell.split()[:2] == [
        "efficacy.mrss.imatinib.baseline.aval.mean", "efficacy.mrss.imatinib.month6.aval.mean"
    ]  # fmt: skip
    assert {"efficacy.mrss.imatinib.month6.chg.signflip.p",
            "efficacy.mrss.imatinib.month6.chg.hl.ci_low"} <= set(cell.split())  # fmt: skip


def test_on_a_phone_a_wide_figure_is_shown_in_its_layout_for_a_column(tmp_path):
    (tmp_path / "figures").mkdir()
    for name, points in (("consort", 490), ("consort_column", 240), ("laboratory", 490)):
        (tmp_path / "figures" / f"{name}.svg").write_text(SVG.format(points))
        (tmp_path / "figures" / f"{name}.txt").write_text("Said.\n")
    results = Results(tmp_path)
    seen = Page(results.figure("consort"))
    assert [t for t, _ in seen.elements][2:5] == ["picture", "source", "img"]
    shown = [base64.b64decode(a["srcset" if t == "source" else "src"].split("base64,")[1])
             for t, a in seen.elements if t in ("source", "img")]  # fmt: skip
    assert [int(re.search(rb'width="(\d+)pt"', svg)[1]) for svg in shown] == [240, 490]
    assert seen.of("source")[0]["media"] == "(max-width: 40rem)"
    assert "<picture>" not in results.figure("laboratory")
    assert "<picture>" in render(
        [Cell("code", "x", outputs=({"text/html": results.figure("consort")},))]
    )


def test_free_text_stays_text_in_cells_and_in_data(page):
    seen = Page(page)
    assert FREE not in page
    scripts = [a for t, a in seen.elements if t == "script"]
    assert [a.get("type", "own") for a in scripts] == [
        "application/json",
        "application/json",
        "own",
    ]
    rest = json.loads(seen.texts["script"][0])
    assert len(rest) == 5 and rest[0] == [str(STATIC), FREE]


def test_a_figure_of_one_column_is_not_blown_up(page):
    assert '<figure id="figure-skin-map" class="column">' in page


def test_a_drawing_on_the_page_is_the_same_picture_in_fewer_letters(made, study):
    from sclerotrial import figures
    from sclerotrial.figures.theme import render as drawn

    whole = drawn(figures.draw("event_onset", made.adam(), made.ard(), study)[0], "svg", "Said.")
    less = light(whole)
    assert len(less) < 0.95 * len(whole) and light(less) == less
    one, other = (ElementTree.fromstring(content) for content in (whole, less))
    places = {"d", "x", "y", "transform", "points"}
    for a, b in zip(one.iter(), other.iter(), strict=True):
        assert (a.tag, a.attrib.keys()) == (b.tag, b.attrib.keys())
        for key in a.attrib:
            if key not in places:
                assert a.attrib[key] == b.attrib[key]
                continue
            x, y = (re.findall(r"-?[\d.]+", e.attrib[key]) for e in (a, b))
            assert len(x) == len(y)
            assert all(abs(float(p) - float(q)) < 0.01 for p, q in zip(x, y, strict=True))


def test_colours_of_text_have_enough_contrast():
    # WCAG 2.2, 1.4.3: 4.5 to 1 against the white page
    css = resources.files("sclerotrial.publish").joinpath("report.css").read_text("utf-8")
    colours = dict(re.findall(r"--(ink|muted|accent): (#[0-9a-f]{6})", css))
    colours |= dict(re.findall(r"td\.(\w[\w-]*)[^{]*\{ color: (#[0-9a-f]{6})", css))

    def light(hex_):
        parts = [int(hex_[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        lin = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]

    assert {"ink", "muted", "accent", "reproduced", "differs"} <= set(colours)
    assert min(1.05 / (light(c) + 0.05) for c in colours.values()) >= 4.5


def test_the_way_back_of_a_number_is_that_of_the_trace(made, study, ways):
    # four patients on imatinib with their month 6 row, and their four baseline rows
    *told, at = ways["numbers"][MEAN]
    said = dict(zip(ways["told"], (ways["words"][k] for k in told), strict=True))
    assert said["TEXT"] == "-2.5" and said["DATASET"] == "adqs"
    *rows, left = ways["lists"][at]
    assert left == 0 and sum(k < 0 for k in rows) == 4 and len(rows) == 8
    cells = [[ways["words"][c] for c in ways["rows"][-1 - k if k < 0 else k]] for k in rows]
    lines = {(c[2], c[4]): (c[6], c[7]) for c in cells}
    assert lines["IM03", "Month 6"] == ("redcap/IMSSC_DATA.csv", "27")
    assert lines["IM03", "Baseline"] == ("redcap/IMSSC_DATA.csv", "23")


def test_a_number_of_many_rows_lists_some_and_says_how_many_are_left():
    ard = pd.DataFrame([{"ID": "a.b.count", "TEXT": "9"}])
    rows = pd.DataFrame(
        [{"ID": "a.b.count", "ROLE": "value", "ROW": str(k)} for k in range(MOST + 7)]
    )
    names = ("DATASET", "USUBJID", "PARAMCD", "AVISIT", "VALUE", "SRCFILE", "SRCLINE", "SRCFIELD")
    packed = pack(ard, rows.assign(**dict.fromkeys(names, "")))
    assert len(packed["lists"][0]) == MOST + 1 and packed["lists"][0][-1] == 7


def test_a_listing_of_fifty_thousand_rows_is_written_fast_and_opens_short():
    frame = pd.DataFrame({"A": [str(k) for k in range(50_000)], "B": "text"})
    begun = time.perf_counter()
    text = listing(frame)
    assert time.perf_counter() - begun < 5
    assert text.count("<tr>") == STATIC + 1
    assert f"The first {STATIC} of 50000 rows" in text


SORTED = """
const page = require(process.argv[1]);
const ways = JSON.parse(process.argv[2]);
const rows = [["b", "10"], ["a", "9"], ["c", ""]];
const way = page.unpacked(ways, process.argv[3]);
console.log(JSON.stringify([
  page.ordered(rows, 1, false).map((r) => r[0]), page.ordered(rows, 1, true).map((r) => r[0]),
  page.matching(rows, "A 9").length, way.told.TEXT, way.rows.length,
  way.rows.filter((r) => r.ROLE === "baseline").length, page.unpacked(ways, "no.such.id"),
]));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="no interpreter of the page's language")
def test_the_script_sorts_numbers_as_numbers_searches_and_unpacks(ways, tmp_path):
    script = resources.files("sclerotrial.publish").joinpath("report.js").read_text("utf-8")
    (tmp_path / "report.cjs").write_text(script, encoding="utf-8")
    argv = ["node", "-e", SORTED, str(tmp_path / "report.cjs"), json.dumps(ways), MEAN]
    said = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    # empty cells come last, whichever way
    assert said == [["a", "b", "c"], ["b", "a", "c"], 1, "-2.5", 8, 4, None]
