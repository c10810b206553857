"""Figures: the same bytes each time, who is shown and how, and that captions quote the ARD."""

from __future__ import annotations

import json
import re
import struct

import numpy as np
import pandas as pd
import pytest

from sclerotrial import figures
from sclerotrial.figures.biomarkers import changes, ratios, undecided
from sclerotrial.figures.consort import broken, consort, layout, printed_mm
from sclerotrial.figures.dosing import stacked, stops
from sclerotrial.figures.forest import estimates, middles
from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import COLUMN_MM, DPI, PAGE_MM, minus, render, save, save_both
from sclerotrial.tables.source import Numbers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def shared(study):
    """The study with groups of one person withheld."""
    return study.model_copy(update={"run": study.run.model_copy(update={"blinding": "shared"})})


def test_patients_are_ordered_by_arm_fate_and_number(made, study):
    people = treated(made.adsl(), study)
    assert people["LABEL"].tolist() == ["IM01", "IM02", "IM03", "IM04", "IM05"]
    assert people["FATE"].tolist()[1:4] == ["completed", "stopped early", "stopped early"]
    assert people["ARM"].tolist()[-1] == "Placebo"


def test_a_shared_figure_leaves_out_the_only_patient_of_an_arm(made, study):
    assert treated(made.adsl(), shared(study))["LABEL"].tolist() == ["IM01", "IM02", "IM03", "IM04"]
    assert "Placebo" in withheld(made.adsl(), shared(study))
    assert withheld(made.adsl(), study) == ""


@pytest.mark.parametrize("name", list(figures.FIGURES))
def test_a_figure_is_drawn_and_calls_simulated_data_so(made, study, name, tmp_path):
    plot, text = figures.draw(name, made.adam(), made.ard(), study)
    assert text.startswith("Simulated data.")
    paths = save(plot, text, tmp_path, name, ["svg"])
    assert [p.name for p in paths] == [f"{name}.svg", f"{name}.txt", f"{name}.json"]
    svg = paths[0].read_text(encoding="utf-8")
    assert "<desc>Simulated data." in svg
    assert "matplotlib.org" not in svg and "dc:date" not in svg


def test_the_same_figure_has_the_same_bytes(made, study):
    made_twice = [figures.draw("mrss_by_patient", made.adam(), made.ard(), study) for _ in range(2)]
    for kind in ("svg", "png"):
        first, second = (render(plot, kind, text) for plot, text in made_twice)
        assert first == second


def test_a_png_has_its_printed_size(made, study):
    content = render(figures.draw("consort", made.adam(), made.ard(), study)[0], "png")
    width = struct.unpack(">I", content[16:20])[0]
    assert abs(width / DPI * 25.4 - PAGE_MM) < 0.5


@pytest.mark.parametrize("name", figures.WIDE)
def test_a_wide_figure_has_a_layout_for_one_column_as_well(made, study, name):
    plot, text = figures.draw(name, made.adam(), made.ard(), study, width=COLUMN_MM)
    assert text == figures.draw(name, made.adam(), made.ard(), study)[1]
    width, height = struct.unpack(">II", render(plot, "png")[16:24])
    # not higher than a page of A4 less its margins
    assert abs(width / DPI * 25.4 - COLUMN_MM) < 0.5 and height / DPI * 25.4 < 247


@pytest.mark.parametrize(
    ("name", "width"),
    [(n, COLUMN_MM) for n in figures.FIGURES] + [(n, PAGE_MM) for n in figures.WIDE],
)
def test_nothing_is_cut_off_at_the_edge_of_a_figure(made, study, name, width):
    import io

    from matplotlib.image import imread

    plot, _ = figures.draw(name, made.adam(), made.ard(), study, width=width)
    ink = imread(io.BytesIO(render(plot, "png")))[..., :3].min(axis=2) < 0.9
    edge = 2  # pixels; a letter that is cut off reaches them
    sides = {"left": ink[:, :edge], "right": ink[:, -edge:], "foot": ink[-edge:]}
    assert [side for side, cells in sides.items() if cells.any()] == []


def test_both_layouts_are_written_and_share_the_caption(made, study, tmp_path):
    given = (made.adam(), made.ard(), study)
    paths = save_both(consort, given, tmp_path, "consort", ["svg", "png"])
    assert [p.name for p in paths] == [
        "consort.svg", "consort.png", "consort.txt", "consort.json", "consort_column.svg",
        "consort_column.png",
    ]  # fmt: skip
    widths = [
        struct.unpack(">I", (tmp_path / f"consort{end}.png").read_bytes()[16:20])[0] / DPI * 25.4
        for end in ("", "_column")
    ]
    assert abs(widths[0] - PAGE_MM) < 0.5 and abs(widths[1] - COLUMN_MM) < 0.5


def test_a_line_that_is_longer_than_its_box_is_broken_and_loses_no_word():
    line = "    given again after an interruption: 4"
    lines = broken(("Completed six months on drug (n = 6)", line), 36)
    assert len(lines) > 2 and all(printed_mm(t, bold=False) <= 36 for t in lines[1:])
    assert (
        " ".join(" ".join(lines).split()) == f"Completed six months on drug (n = 6) {line.strip()}"
    )
    assert broken((line.strip(),), 200) == (line.strip(),)


def test_numbers_of_a_caption_know_their_ids(made, study, tmp_path):
    plot, text = figures.draw("mrss_by_patient", made.adam(), made.ard(), study)
    assert "\x02" not in text and "".join(said for said, _ in text.parts) == text
    behind = {ids: said for said, ids in text.parts if ids}
    assert behind["efficacy.mrss.imatinib.baseline.aval.mean"] == "31.5"
    numbers = Numbers(made.ard())
    assert all(minus(numbers.text(i)) == said for i, said in behind.items())
    save(plot, text, tmp_path, "skin", ["svg"])
    told = json.loads((tmp_path / "skin.json").read_text(encoding="utf-8"))
    assert [tuple(piece) for piece in told] == text.parts


def test_captions_quote_the_texts_of_the_ard(made, study):
    _, text = figures.draw("mrss_by_patient", made.adam(), made.ard(), study)
    assert "31.5 at baseline (n = 4), 29.0 at month 6 (n = 4)" in text


def test_the_flow_shows_counts_of_the_ard_only(made, study):
    boxes, _, _ = layout(Numbers(made.ard()), study, [], PAGE_MM, {})
    words = " ".join(line for box in boxes for line in box.lines)
    assert re.findall(r"\d+", words) == ["6", "5", "20"]


def test_marks_of_one_spot_stand_apart_and_an_episode_is_one_mark(made, study):
    people = treated(made.adsl(), study).assign(Y=0.0)
    events = made.adae()
    one = stacked(events, people)
    assert len(one) == len(events)
    assert not one.duplicated(["X", "Y"]).any() or one.groupby("X")["Y"].nunique().max() > 1
    again = events.assign(AEGRPID="same", USUBJID="IM01")
    merged = stacked(again, people)
    assert (
        len(merged) == 1 and merged["GRADE"].tolist() == ["3"] and merged["HOSP"].tolist() == [True]
    )


def test_a_censored_change_is_a_limit_and_an_undecided_one_has_no_mark(made, study):
    people = treated(made.adsl(), study)
    marks = changes(made.adbm(), people, study, ("SERUM",))
    mark = marks[(marks["PARAMCD"] == "IL6") & (marks["USUBJID"] == "IM03")].set_index("AVISIT")
    assert mark.loc["Month 6", "BOUND"] == "below" and mark.loc["Month 6", "Y"] == -0.5
    assert mark.loc["Baseline", "Y"] == 0 and mark.loc["Month 3", "BOUND"] == ""
    unknown = made.adbm()
    unknown.loc[unknown["BLQFL"] == "Y", "LOG2FC_HIGH"] = ""
    fewer = changes(unknown, people, study, ("SERUM",))
    assert len(fewer) == len(marks) - 1


def test_ratios_are_drawn_where_the_ard_has_them(made, study):
    marks = changes(made.adbm(), treated(made.adsl(), study), study, ("SERUM",))
    stem = "biomarker.serum_il6.imatinib.month6.fold"
    rows = [{"ID": f"{stem}.{s}", "TEXT": str(v), "VALUE": str(v), "NOTE": ""} for s, v in
            (("estimate", 2.0), ("ci_low", 0.5), ("ci_high", 8.0))]  # fmt: skip
    means = ratios(Numbers(pd.DataFrame(rows)), marks, "imatinib")
    assert means[["Y", "LOW", "HIGH"]].to_numpy().tolist() == [[1.0, -1.0, 3.0]]


def test_an_interval_below_its_level_is_printed_and_not_drawn(made, study):
    ard = made.ard()
    assert np.isfinite(estimates(Numbers(ard), study)["LOW"]).all()
    limits = ard["ID"].str.contains("hl.ci_")
    ard.loc[limits, "CONF_LEVEL"] = "0.95"
    row = estimates(Numbers(ard), study).iloc[0]
    assert np.isnan(row["LOW"]) and row["TEXT"] == "-3.0 (-5.0 to 1.0, only 88 %), n = 4"


def test_a_study_without_such_data_gets_a_figure_that_says_so(made, study):
    adam = made.adam()
    adam["adbm"] = adam["adbm"][adam["adbm"]["COMPART"] == "SERUM"]
    plot, text = figures.draw("biomarker_change_skin", adam, made.ard(), study)
    assert "no data of biomarkers in skin" in text
    assert render(plot, "svg").startswith(b"<?xml")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-4.5 (-5.0 to -4.0), n = 2", "\u22124.5 (\u22125.0 to \u22124.0), n = 2"),
        ("Month-6, 2008-05-01, CCL-2, p -", "Month-6, 2008-05-01, CCL-2, p -"),
    ],
)
def test_only_the_sign_of_a_number_becomes_the_sign_of_print(text, shown):
    assert minus(text) == shown


def test_a_stage_of_the_flow_stands_at_one_height_in_all_arms(made, study):
    rows = [
        ("feasibility.allocated.imatinib.count", "9"),
        ("feasibility.treated.imatinib.count", "9"),
        ("feasibility.retention.imatinib.count", "6"),
        ("feasibility.dose_reduced.imatinib.count", "5"),
        ("feasibility.allocated.placebo.count", "1"),
        ("feasibility.treated.placebo.count", "1"),
        ("efficacy.mrss.imatinib.month6.aval.n", "8"),
        ("efficacy.mrss.imatinib.month6.missing.count", "1"),
        ("efficacy.mrss.imatinib.month6.off_drug.count", "0"),
    ]
    ard = pd.DataFrame([{"ID": i, "TEXT": v, "VALUE": v, "NOTE": ""} for i, v in rows])
    fates = {"Placebo": "Completed six months on drug (n = 1)"}
    boxes, _, _ = layout(Numbers(ard), study, list(study.arms), PAGE_MM, fates)
    tops = {}
    for box in boxes[2:]:
        tops.setdefault(box.lines[0].split(" (")[0].split(" to ")[0], set()).add(box.top)
    assert tops.keys() == {"Allocated", "Completed six months on drug", "Analysed"}
    assert all(len(heights) == 1 for heights in tops.values())
    words = [line.strip() for box in boxes for line in box.lines]
    assert "not measured: 1" in words and not any("off the drug" in w for w in words)


def test_the_end_of_a_stopped_course_is_told_with_day_and_reason(made, study):
    people = treated(made.adsl(), study).assign(Y=0.0)
    doses = made.adex().assign(TO=lambda d: d["AENDY"].astype(float) + 1)
    doses = doses[doses["EXTYPE"] == "DOSING"].merge(people[["USUBJID", "Y"]], on="USUBJID")
    told = stops(doses, people, made.adsl())
    assert told["END"].tolist() == [
        "stopped, day 14: adverse event",
        "stopped, day 85: adverse event",
    ]


def test_no_patient_with_an_undecided_change_goes_unseen(made, study):
    people = treated(made.adsl(), study)
    assert undecided(made.adbm(), people, study, ("SERUM",)).empty
    unknown = made.adbm()
    unknown.loc[unknown["BLQFL"] == "Y", "LOG2FC_HIGH"] = ""
    found = undecided(unknown, people, study, ("SERUM",))
    assert found[["USUBJID", "PARAMCD", "AVISIT"]].to_numpy().tolist() == [
        ["IM03", "IL6", "Month 6"]
    ]
    assert found["SHIFT"].tolist() == [0.0]


def test_words_of_a_panel_stand_in_the_middle_of_what_it_shows():
    rows = pd.DataFrame(
        {"PANEL_": ["a", "a", "b"], "ESTIMATE": [-4, -1, 2], "LOW": [np.nan, -5, 1],
         "HIGH": [np.nan, 3, 4]}
    )  # fmt: skip
    assert middles(rows).tolist() == [-1.0, -1.0, 2.0]
