"""Several assays at once: each marker once, by its own numbers, in the order configured."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial import figures, tables
from sclerotrial.figures.assay_quality import checked
from sclerotrial.figures.biomarker_pattern import coefficients, pattern
from sclerotrial.figures.biomarkers import changes, ratios, undecided
from sclerotrial.figures.people import treated
from sclerotrial.study_assays import Assay
from sclerotrial.tables.markers import markers, second
from sclerotrial.tables.source import Numbers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def twice(study):
    """IL-6 by a second assay of serum, and a wide panel of skin with a gene and a score."""
    again = {"label": "Second kit", "files": "x/*", "compartment": "SERUM", "scale": "linear",
             "method": "as_given", "analytes": {"IL6": {"param": "Interleukin-6"}}}  # fmt: skip
    panel = {"label": "Panel", "files": "y/*", "compartment": "SKIN", "scale": "log2",
             "method": "as_given", "wide": True, "analytes": {"GENE1": {"unit": "log2"}},
             "scores": {"FACTOR": {"param": "A score", "features": ["GENE1"]}}}  # fmt: skip
    more = {n: Assay.model_validate(a) for n, a in (("kit", again), ("panel", panel))}
    return study.model_copy(update={"assays": {**study.assays, **more}})


@pytest.fixture(scope="module")
def adbm(made):
    """IL-6 once more, twice as far from baseline; a gene, and a score without ratios."""
    rows = made.adbm()
    il6 = rows[rows["PARAMCD"] == "IL6"]
    far = il6["LOG2FC"].map(lambda v: str(2 * float(v)) if v else "")
    kit = il6.assign(ASSAY="kit", PARCAT1="kit", LOG2FC=far)
    col = rows[rows["PARAMCD"] == "COL1A1"].assign(ASSAY="panel", PARCAT1="panel")
    gene, score = col.assign(PARAMCD="GENE1"), col.assign(PARAMCD="FACTOR", LOG2FC="")
    return pd.concat([score, gene, kit, rows], ignore_index=True)


def test_names_parts_and_order_follow_the_configuration(twice):
    found = markers(twice)
    assert [(m.name, m.part) for (assay, _), m in found.items() if assay in ("kit", "panel")] == [
        ("IL6 (2)", "serum_il6_kit"), ("GENE1", "skin_gene1"), ("FACTOR", "skin_factor"),
    ]  # fmt: skip
    assert found["luminex_serum", "IL6"].part == "serum_il6"
    assert second(twice) == ["IL6 (2), by Second kit"] and second(twice, "SKIN") == []


def test_ids_of_an_analyte_that_only_the_second_assay_has_are_its_own(twice):
    ard = pd.DataFrame([{"ID": "biomarker.serum_il6.imatinib.month6.pairs.count", "VALUE": "4",
                         "TEXT": "4", "FILTER": 'ASSAY=="kit" & PARAMCD=="IL6"'}])  # fmt: skip
    assert markers(twice, Numbers(ard))["kit", "IL6"].part == "serum_il6"


def test_each_assay_has_its_panel_and_a_score_has_none(made, twice, adbm):
    people = treated(made.adsl(), twice)
    blood = changes(adbm, people, twice, ("SERUM",))
    assert list(dict.fromkeys(blood["ANALYTE"])) == ["IL6", "SCD163", "IL6 (2)"]
    # a line a patient: no second value of a visit in one panel
    assert not blood.duplicated(["ANALYTE", "USUBJID", "AVISIT"]).any()
    skin = changes(adbm, people, twice, ("SKIN",))
    assert list(dict.fromkeys(skin["ANALYTE"])) == ["COL1A1", "GENE1"]


def test_a_mean_is_that_of_the_assay_of_its_panel(made, twice, adbm):
    blood = changes(adbm, treated(made.adsl(), twice), twice, ("SERUM",))
    parts = {"serum_il6": 2.0, "serum_il6_kit": 4.0}
    ard = pd.DataFrame([{"ID": f"biomarker.{p}.imatinib.month6.fold.estimate", "VALUE": str(v),
                         "TEXT": str(v), "NOTE": ""} for p, v in parts.items()])  # fmt: skip
    means = ratios(Numbers(ard), blood, "imatinib").set_index("ANALYTE")["Y"]
    assert means.to_dict() == {"IL6": 1.0, "IL6 (2)": 2.0}


def test_crosses_of_two_assays_do_not_share_their_places(made, twice, adbm):
    unknown = adbm.assign(LOG2FC_HIGH="")
    found = undecided(unknown, treated(made.adsl(), twice), twice, ("SERUM",))
    assert sorted(found["ASSAY"]) == ["kit", "luminex_serum"]
    assert found["SHIFT"].tolist() == [0.0, 0.0]


def test_the_pattern_has_a_row_for_each_assay(made, twice, adbm):
    cells = pattern(adbm, treated(made.adsl(), twice), twice)
    assert list(dict.fromkeys(cells["NAME"])) == ["IL6", "SCD163", "IL6 (2)", "COL1A1", "GENE1"]
    assert not cells.duplicated(["NAME", "USUBJID"]).any()
    adam = {**made.adam(), "adbm": adbm}
    for name in ("biomarker_heatmap", "biomarker_change_serum", "biomarker_curves"):
        assert "IL6 (2), by Second kit." in figures.draw(name, adam, made.ard(), twice)[1]


def test_correlations_and_checks_of_two_assays_are_told_apart(made, twice):
    ard = made.ard()
    more = ard[ard["ID"].str.contains("serum_il6.*corr_")]
    more = more.assign(ID=more["ID"].str.replace("serum_il6", "serum_il6_kit"))
    names = coefficients(Numbers(pd.concat([ard, more], ignore_index=True)), twice)["NAME"]
    assert [n for n in names if n.startswith("IL6")] == [
        "IL6 serum, n = 3", "IL6 (2) serum, n = 3",
    ]  # fmt: skip
    quality = pd.concat([made.quality(), made.quality().assign(ASSAY="kit")], ignore_index=True)
    assert set(checked(quality, twice)[0]["ANALYTE"]) == {"IL6", "IL6 (2)"}


def test_the_table_prints_the_numbers_of_each_assay_and_the_scores(twice):
    rows = [(f"biomarker.{part}.imatinib.month6.{q}", text) for part, q, text in (
        ("serum_il6", "pairs.count", "8"), ("serum_il6_kit", "pairs.count", "7"),
        ("skin_factor", "pairs.count", "6"), ("skin_factor", "chg.signflip.p", "0.031"),
    )]  # fmt: skip
    ard = pd.DataFrame([{"ID": i, "TEXT": t, "VALUE": t, "NOTE": ""} for i, t in rows])
    made = tables.build("biomarkers", ard, twice)
    pairs = made.frame.set_index(["GROUP", "ROW"])["Pairs (with a limit)"].to_dict()
    assert pairs == {
        ("Luminex bead panel, serum", "Interleukin-6 (IL6), month 6"): "8",
        ("Second kit, serum", "Interleukin-6 (IL6), month 6"): "7",
        ("Panel, skin", "A score (FACTOR), month 6"): "6",
    }
    assert "0.031" in made.frame.iloc[-1]["p (smallest attainable)"]
    assert "A score changes by differences: it has no ratio." in made.notes
