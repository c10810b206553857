"""Figures: the same bytes each time, who is shown and how, and that captions quote the ARD."""

from __future__ import annotations

import re
import struct

import numpy as np
import pandas as pd
import pytest

from sclerotrial import figures
from sclerotrial.figures.biomarkers import changes, ratios
from sclerotrial.figures.consort import layout
from sclerotrial.figures.dosing import stacked
from sclerotrial.figures.forest import estimates
from sclerotrial.figures.people import treated, withheld
from sclerotrial.figures.theme import DPI, PAGE_MM, render, save
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
    assert [p.name for p in paths] == [f"{name}.svg", f"{name}.txt"]
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
