"""Figures of areas, onset, grades, laboratory, patterns and assays: what each mark stands on."""

from __future__ import annotations

import struct

import pandas as pd
import pytest

from sclerotrial import figures
from sclerotrial.figures import assay_quality, biomarker_pattern, event_onset, laboratory, skin_map
from sclerotrial.figures.event_grades import counted
from sclerotrial.figures.forest import important
from sclerotrial.figures.people import treated
from sclerotrial.figures.theme import COLUMN_MM, DPI, FALL, RISE, diverging, render
from sclerotrial.tables.source import Numbers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
COLUMN = [
    "event_onset", "event_grades", "laboratory", "skin_map", "biomarker_heatmap",
    "biomarker_correlation", "biomarker_curves", "biomarker_plates", "biomarker_volcano",
]  # fmt: skip


@pytest.mark.parametrize("name", COLUMN)
def test_a_figure_fills_one_column_and_has_the_same_bytes_each_time(made, study, name):
    first, second = (
        render(figures.draw(name, made.adam(), made.ard(), study)[0], "png") for _ in range(2)
    )
    assert first == second
    width = struct.unpack(">I", first[16:20])[0]
    assert abs(width / DPI * 25.4 - COLUMN_MM) < 0.5


def test_the_scale_with_a_middle_is_white_at_none_and_full_at_its_ends():
    assert diverging(0, 1) == "#FFFFFF"
    assert (diverging(-1, 1), diverging(3, 1)) == (FALL, RISE)


def test_every_area_of_the_score_has_its_place_and_none_twice():
    # 17 areas are scored (Clements 1995): the map has them all
    places = skin_map.places()
    assert len(places) == 17
    assert len({(round(x, 3), y) for x, y, _, _ in places.values()}) == 17


def test_the_map_of_the_body_shows_means_of_the_ard_with_their_patients(made, study):
    found = skin_map.means(Numbers(made.ard()), study, "imatinib")
    assert found == {"face": (-0.25, "-0.25", "4"), "hanl": (0.5, "0.50", "3")}
    assert skin_map.sizes(found) == "3 to 4"


def test_onset_is_cumulative_by_episode_and_ends_at_all_events(made, study):
    events = event_onset.onsets(made.adae(), treated(made.adsl(), study))
    assert len(events) == 7
    curve = event_onset.steps(events, "ARM")
    mine = curve[curve["ARM"] == "Imatinib"]
    # days 2, 2, 3, 4, 5, 60 of six events
    assert mine["DAY"].tolist() == [1, 2, 3, 4, 5, 60]
    assert mine["SHARE"].round(1).tolist() == [0, 33.3, 50, 66.7, 83.3, 100]


def test_bars_of_grades_add_up_to_the_counts_of_the_ard(made, study):
    bars, rows = counted(Numbers(made.ard()), made.adae(), "imatinib", ["placebo"])
    nausea = rows[rows["TERM"] == "Nausea"].iloc[0]
    assert (nausea["PATIENTS"], nausea["SAID"], nausea["placebo"]) == (2, "3", "0")
    mine = bars[(bars["LOW"] < nausea["Y"]) & (bars["HIGH"] > nausea["Y"])]
    assert mine[["GRADE", "FROM", "TO"]].to_numpy().tolist() == [["3", 0.0, 1.0], ["1", 1.0, 2.0]]


def test_a_range_without_an_end_reaches_the_values_seen(made, study):
    rows = laboratory.values(made.adlb(), treated(made.adsl(), study), study)
    assert laboratory.bands(rows)[["LOW", "HIGH"]].to_numpy().tolist() == [[120.0, 160.0]]
    alone = rows.assign(ANRHI=float("nan"))
    assert laboratory.bands(alone)["HIGH"].tolist() == [130.0]
    _, text = figures.draw("laboratory", made.adam(), made.ard(), study)
    assert "Haemoglobin below in 2" in text


def test_a_cell_of_the_pattern_says_rise_fall_bound_or_undecided(made, study):
    adbm = made.adbm()
    free = (adbm["PARAMCD"] == "IL6") & (adbm["USUBJID"] == "IM02") & (adbm["AVISIT"] == "Month 6")
    adbm.loc[free, ["AVALCENS", "LOG2FC"]] = ["<", ""]
    cells = biomarker_pattern.pattern(adbm, treated(made.adsl(), study), study)
    signs = cells[cells["PARAMCD"] == "IL6"].set_index("USUBJID")["SIGN"].to_dict()
    assert signs == {"IM01": "\u2212", "IM02": "?", "IM03": "\u2264", "IM04": "\u2212", "IM05": "="}


def test_a_refused_correlation_is_shown_with_its_reason(made, study):
    rows = biomarker_pattern.coefficients(Numbers(made.ard()), study).set_index("NAME")
    assert rows.loc["IL6 serum, n = 3", "SAID"] == "some pairs with a limit"
    assert rows.loc["SCD163 serum, n = 4", "SAID"] == "\u22120.40 (\u22120.97 to 0.91)"


def test_a_sample_beyond_its_limit_is_not_on_the_curve(made, study):
    points = assay_quality.curve_points(made.readings(), made.levels(), study)
    assert points["KIND"].value_counts().to_dict() == {"standard": 3, "sample": 1}
    assert points[points["KIND"] == "sample"][["X", "Y"]].to_numpy().tolist() == [[5.0, 500.0]]


def test_limits_of_checks_are_the_numbers_of_their_words(made, study):
    points, limits = assay_quality.checked(made.quality(), study)
    assert points["VERDICT"].tolist() == ["pass", "fail", "pass"]
    assert sorted(limits["LIMIT"]) == [20.0, 80.0, 120.0]


def test_the_band_of_importance_is_the_number_of_the_ard(study):
    rows = [{"ID": "efficacy.mrss.mcid.estimate", "VALUE": "5", "TEXT": "5.0"}]
    band = important(Numbers(pd.DataFrame(rows)), study)
    assert band[["LOW", "HIGH"]].to_numpy().tolist() == [[-5.0, 5.0]]
