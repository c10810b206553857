"""Figures of areas, onset, grades, laboratory, patterns and assays: what each mark stands on."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest

from sclerotrial import figures
from sclerotrial.analysis.agreement import agreement
from sclerotrial.analysis.common import Desk
from sclerotrial.figures import (
    assay_quality,
    biomarker_pattern,
    event_onset,
    laboratory,
    skin_map,
    volcano,
)
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


def test_a_long_name_of_a_test_keeps_its_letters(made, study):
    _, said = laboratory.laboratory(made.adam(), made.ard(), study)
    long = [test.param for test in study.laboratory.values() if len(test.param) > 12]
    assert long and all(name in said for name in long)


def test_the_band_of_importance_is_the_number_of_the_ard(study):
    rows = [{"ID": "efficacy.mrss.mcid.estimate", "VALUE": "5", "TEXT": "5.0"}]
    band = important(Numbers(pd.DataFrame(rows)), study)
    assert band[["LOW", "HIGH"]].to_numpy().tolist() == [[-5.0, 5.0]]


def test_a_panel_of_many_features_names_those_past_the_bound(made, study):
    points = volcano.features(made.wide(), study, 0.05)
    # 60 features, one without a p; three adjusted p of at most 0.05
    assert len(points) == 59 and points["WENT"].tolist()[:3] == ["fall", "rise", "rise"]
    assert points["WENT"].tolist()[3:] == [""] * 56
    assert points["HEIGHT"][0] == pytest.approx(4.69897, abs=1e-5)  # -log10 of 0.00002
    assert points["PANEL_"][0] == "Luminex bead panel, month 6: 59 features, n = 3 to 4"
    points["PANEL_"] = pd.Categorical(points["PANEL_"])
    named = volcano.names(points, 1.4)
    assert named["PARAM"].tolist() == ["GENE0", "GENE1", "GENE2"]
    assert (named["X"] > 0).tolist() == [False, True, True]
    # two rises of nearly the same height are called one beneath the other
    heights = named["Y"].tolist()
    assert heights[1] - heights[2] == pytest.approx(volcano.STEP * points["HEIGHT"].max())
    _, text = figures.draw("biomarker_volcano", made.adam(), made.ard(), study)
    assert "Triangles: features within a false discovery rate of 0.05" in text
    q = "wide.luminex_serum.imatinib.month6"
    rows = [
        {"ID": f"{q}.{part}.count", "TEXT": n} for part, n in (("passed", "3"), ("tested", "59"))
    ]
    told = figures.draw("biomarker_volcano", made.adam(), pd.DataFrame(rows), study)[1]
    assert "Luminex bead panel, month 6: 3 of 59 pass." in told
    assert ("3", f"{q}.passed.count") in told.parts
    arms = {"wide": made.wide().assign(GROUP="imatinib_vs_placebo")}
    assert "no data of panels" in figures.draw("biomarker_volcano", arms, made.ard(), study)[1]
    few = {"wide": made.wide().assign(P_ADJ="0.9")}
    assert (
        "No feature lies within a false discovery rate"
        in figures.draw("biomarker_volcano", few, made.ard(), study)[1]
    )


@pytest.fixture
def twice(made, study):
    """The study with a second assay of IL6 in serum, on the log2 scale; and its levels.

    By hand: the second reads IL6 lower by 1 (log2) in IM01 and IM02, by 0 in IM04, by 0.5 in IM05;
    of IM03 one level is below its limit.
    """
    second = study.assays["luminex_serum"].model_copy(
        update={"label": "Second panel", "scale": "log2", "method": "as_given",
                "analytes": {"IL6": study.assays["luminex_serum"].analytes["IL6"]}}
    )  # fmt: skip
    more = study.model_copy(update={"assays": {**study.assays, "second_serum": second}})
    adbm = made.adbm()
    mine = adbm[(adbm["PARAMCD"] == "IL6") & (adbm["AVISIT"] == "Month 6")].copy()
    less = {"IM01": 1.0, "IM02": 1.0, "IM03": 0.0, "IM04": 0.0, "IM05": 0.5}
    levels = np.log2(mine["AVAL"].astype(float)) - mine["USUBJID"].map(less)
    mine = mine.assign(ASSAY="second_serum", AVAL=levels.astype(str), AVALU="NPX")
    return more, {**made.adam(), "adbm": pd.concat([adbm, mine], ignore_index=True)}


def test_two_assays_of_one_analyte_are_held_against_each_other(made, twice):
    more, frames = twice
    rows = pd.DataFrame(agreement(Desk.of(more, frames))).astype(str)
    q = "biomarker.serum_il6.all.agree_luminex_serum_second_serum"
    texts = dict(zip(rows["ID"], rows["TEXT"], strict=True))
    # differences 1, 1, 0, 0.5: mean 0.625, SD 0.4787; limits 0.625 -+ 1.96 x 0.4787
    assert texts == {
        f"{q}.pairs.count": "4", f"{q}.patients.count": "4", f"{q}.limited.count": "1",
        f"{q}.bias.estimate": "0.63", f"{q}.limits.min": "-0.31", f"{q}.limits.max": "1.56",
    }  # fmt: skip
    assert "units differ" in rows.set_index("ID").loc[f"{q}.bias.estimate", "NOTE"]
    plot, text = figures.draw("biomarker_agreement", frames, rows, more)
    assert "IL6 in serum, Luminex bead panel minus Second panel: bias 0.63" in text
    assert "limits \u22120.31 to 1.56." in text and "left out (1 of IL6)" in text
    assert render(plot, "png").startswith(b"\x89PNG")
    assert (f"{q}.bias.estimate", "0.63") in [(i, said) for said, i in text.parts]


def test_one_assay_an_analyte_gives_no_agreement(made, study):
    assert agreement(Desk.of(study, made.adam())) == []
    _, text = figures.draw("biomarker_agreement", made.adam(), made.ard(), study)
    assert "no data of analytes that two assays measure" in text
