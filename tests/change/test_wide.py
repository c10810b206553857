"""Wide panels: samples chosen as in adbm, changes and scores by hand, the file read back."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import read_files, read_panel
from sclerotrial.assays.quantify import quantify
from sclerotrial.assays.wide import mean_z, scores
from sclerotrial.change.adbm import analysed_samples
from sclerotrial.change.panel import score_panel
from sclerotrial.change.wide_file import read_changes
from sclerotrial.errors import InputErrors
from sclerotrial.study_assays import Assay

#: a tube a row: barcode, subject, visit, day of collection
TUBES = [
    ("T1", "P1", "Baseline", "2020-01-01"), ("T2", "P1", "Month 6", "2020-07-01"),
    ("T3", "P2", "Baseline", "2020-01-01"), ("T4", "P2", "Month 6", "2020-07-01"),
    ("T5", "P2", "Month 6", "2020-07-09"), ("T6", "P3", "Baseline", "2020-02-01"),
    ("T7", "P3", "Month 6", "2020-07-01"),
]  # fmt: skip
#: gene by tube; the first dose of all is on 2020-01-02, so T6 is no baseline
GENES = {
    "COL1A1": (1, 3, 2, 9, 5, 4, 6),
    "IFI44": (8, 7, 8, 9, 9.5, 1, 2),
    "FLAT": (5, 5, 5, 5, 5, 5, 5),
    "GAP": (1, "NA", 2, 9, 4, 0, 1),
}


def an_assay(**more):
    return Assay(label="", files="*.tsv", compartment="SKIN", scale="log2", method="as_given",
                 wide=True, **more)  # fmt: skip


@pytest.fixture
def matrix(tmp_path):
    lines = ["gene\t" + "\t".join(t[0] for t in TUBES)]
    lines += ["\t".join([g, *map(str, v)]) for g, v in GENES.items()]
    (tmp_path / "m.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def people():
    code, who, visit, day = map(list, zip(*TUBES, strict=True))
    manifest = pd.DataFrame({
        "barcode": code, "USUBJID": who, "visit": visit, "collected": day, "compartment": "SKIN",
        "freeze_thaw": "", "quality": "ok",
    })  # fmt: skip
    adsl = pd.DataFrame({
        "USUBJID": ["P1", "P2", "P3"], "TRT01A": "", "SAFFL": "Y", "COMPLFL": "Y",
        "TRTSDT": "2020-01-02", "RANDDT": "2020-01-01",
    })  # fmt: skip
    return manifest, adsl


def a_study(assay):
    visits = [SimpleNamespace(avisit=v, avisitn=i, baseline=i == 0)
              for i, v in enumerate(("Baseline", "Month 6"))]  # fmt: skip
    return SimpleNamespace(study=SimpleNamespace(id="S"), assays={"panel": assay}, visits=visits,
                           samples=SimpleNamespace(visits=["Baseline", "Month 6"]))  # fmt: skip


def scored(folder, assay, people, path):
    panel = read_panel(assay, [str(folder / "m.tsv")], folder)
    score_panel(panel, "panel", *people, a_study(assay), path)
    return panel


def test_changes_of_all_features_by_hand(matrix, people, tmp_path):
    """P1 3 - 1 = 2; P2 the later of two tubes, 5 - 2 = 3; P3 has no baseline before the dose."""
    out = tmp_path / "w.parquet"
    scored(matrix, an_assay(), people, out)
    change = read_changes(out)["Month 6"]
    assert change.subjects == ["P1", "P2", "P3"]
    assert change.features["FEATURE"].tolist() == list(GENES)
    expected = [[2, 3, np.nan], [-1, 1.5, np.nan], [0, 0, np.nan], [np.nan, 2, np.nan]]
    np.testing.assert_array_equal(change.values, expected)
    assert change.features["N"].tolist() == [2, 2, 2, 1]
    level = read_changes(out, "AVAL")
    assert list(level) == ["Baseline", "Month 6"]
    np.testing.assert_array_equal(level["Month 6"].values[0], [3, 5, 6])
    assert np.isnan(level["Baseline"].values[0, 2])
    table = pd.read_parquet(out)
    assert table.columns[:5].tolist() == ["ASSAY", "COMPART", "MEASURE", "AVISIT", "KIND"]
    assert table["MEASURE"].tolist() == ["AVAL"] * 8 + ["LOG2FC"] * 4


def test_the_same_panel_gives_the_same_bytes(matrix, people, tmp_path):
    for name in ("a", "b"):
        scored(matrix, an_assay(), people, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_reference_change_value_where_a_variation_is_told(matrix, people, tmp_path):
    """CVi 30 %: s = sqrt(ln 1.09), 2.77 s = 0.8138, so beyond 1.174 up or down in log2."""
    analytes = {
        "COL1A1": {"within_person_cv": {"value": 30, "source": "made"}},
        "IFI44": {"param": "Interferon-induced 44"},
    }
    out = tmp_path / "w.parquet"
    scored(matrix, an_assay(analytes=analytes), people, out)
    told = read_changes(out)["Month 6"].features.set_index("FEATURE")
    width = 1.96 * math.sqrt(2 * math.log(1.09)) / math.log(2)
    assert told.at["COL1A1", "RCV_HIGH"] == pytest.approx(width, rel=1e-12)
    assert told.at["COL1A1", "RCV_LOW"] == pytest.approx(-width, rel=1e-12)
    assert told.at["COL1A1", "N_RCV"] == 2
    assert math.isnan(told.at["IFI44", "N_RCV"])
    assert told.at["IFI44", "PARAM"] == "Interferon-induced 44"
    assert told["PARAMCD"].tolist() == ["COL1A1", "IFI44", "", ""]


def test_only_what_is_declared_is_reported(matrix, people):
    """Levels hold the declared gene and the score; the weighted one is 0.5 + 2 COL1A1 - IFI44."""
    assay = an_assay(
        analytes={"COL1A1": {}},
        scores={"SKIN2": {"weights": {"COL1A1": 2, "IFI44": -1}, "intercept": 0.5, "unit": "pt"}},
    )
    readings = read_files("panel", assay, [str(matrix / "m.tsv")], matrix)
    assert set(readings["ANALYTE"]) == {"COL1A1", "IFI44", ""}
    counted = readings[readings["QUANTITY"] == "features"].set_index("SAMPLE")["VALUE"]
    assert counted.to_dict() == {t[0]: "3" if t[0] == "T2" else "4" for t in TUBES}
    levels, _ = quantify("panel", assay, readings, people[0], ["Baseline", "Month 6"])
    by = levels.pivot(index="SAMPLE", columns="PARAMCD", values="VALUE").astype(float)
    assert by["COL1A1"].tolist() == list(GENES["COL1A1"])
    want = [0.5 + 2 * a - b for a, b in zip(GENES["COL1A1"], GENES["IFI44"], strict=True)]
    assert by["SKIN2"].tolist() == pytest.approx(want)
    assert set(levels.loc[levels["PARAMCD"] == "SKIN2", "UNIT"]) == {"pt"}


def test_a_panel_without_declarations_reports_nothing(matrix, people):
    readings = read_files("panel", an_assay(), [str(matrix / "m.tsv")], matrix)
    levels, quality = quantify("panel", an_assay(), readings, people[0], ["Baseline", "Month 6"])
    assert levels.empty and quality.empty


def test_a_tube_that_the_manifest_lacks_is_refused(matrix, people, tmp_path):
    manifest, adsl = people
    with pytest.raises(InputErrors, match="'T7' is not in the manifest"):
        scored(matrix, an_assay(), (manifest[:-1], adsl), tmp_path / "w.parquet")


def test_scores_take_mean_and_spread_from_the_baseline():
    """Reference 1 and 3: mean 2, SD sqrt 2; a flat member counts for nothing, nor a missing one."""
    values = np.array([[1.0, 3, 5, np.nan], [4, 4, 4, 4], [0, 2, 1, 7]])
    z = mean_z(values, [0, 1])
    root = math.sqrt(2)
    assert z[:3].tolist() == pytest.approx([-1 / root, 1 / root, (3 / root + 0) / 2])
    assert z[3] == pytest.approx(6 / root)
    assert math.isnan(mean_z(values[1:2])[0])


def test_a_score_without_its_features_is_refused():
    assay = an_assay(scores={"S": {"weights": {"COL1A1": 1, "COMPP": 1}}, "T": {}})
    with pytest.raises(InputErrors) as told:
        scores(["COL1A1", "COMP"], np.ones((2, 3)), assay, None)
    assert [p.what for p in told.value.problems] == [
        "The score S needs COMPP, which was not measured. Did you mean 'COMP'?",
        "The score T has no features",
    ]


def test_samples_of_strangers_and_doubted_ones_give_way(people):
    """Of two tubes of one day the one that is not doubted; nobody outside of the trial."""
    manifest, adsl = people
    columns = pd.DataFrame({
        "COLUMN": [0, 1, 2], "SAMPLE": ["T1", "T2", "X"], "FILE": "f",
        "USUBJID": ["P1", "P1", "P9"], "AVISIT": ["Baseline"] * 3, "DOUBT": [True, False, False],
    })  # fmt: skip
    same_day = manifest.assign(collected="2020-01-01")
    chosen = analysed_samples(columns, adsl, same_day, a_study(an_assay()), "panel")
    assert chosen.to_dict("list") == {"COLUMN": [1], "USUBJID": ["P1"], "AVISIT": ["Baseline"]}


def test_npx_below_the_limit_is_counted(tmp_path, people):
    """A long NPX table as a wide panel: LOD 1.5, one value of a change below it."""
    head = "SampleID;OlinkID;Assay;NPX;LOD;PlateID;WellID"
    rows = [f"{code};OID{k};{name};{value};1.5;P;A1"
            for k, name, values in ((1, "IL6", (1.0, 3.0, 2.0, 2.5)), (2, "IL8", (2, 2, 2, 2)))
            for code, value in zip(("T1", "T2", "T3", "T5"), values, strict=True)]  # fmt: skip
    (tmp_path / "npx.csv").write_text("\n".join([head, *rows]) + "\n")
    assay = an_assay()
    panel = read_panel(assay, [str(tmp_path / "npx.csv")], tmp_path)
    score_panel(panel, "panel", *people, a_study(assay), tmp_path / "w.parquet")
    change = read_changes(tmp_path / "w.parquet")["Month 6"]
    assert change.features["N_CENS"].tolist() == [1, 0]
    np.testing.assert_array_equal(change.values, [[2.0, 0.5], [0, 0]])


# --- matrices made ready ------------------------------------------------------------------------


COUNTS = {"p1": (10, 20, 40), "p2": (100, 100, 800), "p3": (0, 9, 9), "p4": (30, 60, 120)}


@pytest.fixture
def counted(tmp_path):
    lines = ["probe\tT1\tT2\tT3"] + ["\t".join([p, *map(str, v)]) for p, v in COUNTS.items()]
    (tmp_path / "m.tsv").write_text("\n".join(lines) + "\n")
    (tmp_path / "array.csv").write_text(
        "# of the maker\nID_REF,Gene Symbol,Chromosome\np1,COL1A1,17\np4,COL1A1,17\np2,IFI44,1\n"
        "p3,AKT1 /// AKT2,14\n"
    )
    return tmp_path


def given(folder, **more):
    analytes = {"COL1A1": {"names": ["p1"]}, "IFI44": {}}
    assay = Assay(label="", files="*.tsv", compartment="SKIN", scale="linear", method="as_given",
                  wide=True, analytes=analytes, **more)  # fmt: skip
    return assay, [str(folder / "m.tsv")]


def test_counts_by_median_ratio_and_probes_to_genes(counted):
    """Ratios to the geometric means: p1 and p4 (1/2, 1, 2), p2 (1/2, 1/2, 4); p3 has a zero.

    The medians are 1/2, 1 and 2. Of p1 and p4 the stronger is COL1A1; p3 is of two genes.
    """
    assay, files = given(counted, normalise="median_ratio", genes="array.csv")
    table = read_files("panel", assay, files, counted)
    mine = table[table["ANALYTE"] == "COL1A1"]
    assert [float(v) for v in mine["VALUE"]] == pytest.approx([60, 60, 60])
    assert [float(v) for v in mine["TEXT"]] == [30, 60, 120]
    assert set(mine["LINE"]) == {"5"}
    other = table[table["ANALYTE"] == "IFI44"]
    assert [float(v) for v in other["VALUE"]] == pytest.approx([200, 100, 400])
    levels, quality = quantify("panel", assay, table, None)
    assert levels["PARAMCD"].tolist() == ["COL1A1"] * 3 + ["IFI44"] * 3
    assert levels["VALUE"].tolist() == pytest.approx([60] * 3 + [200, 100, 400])
    told = quality.set_index("CHECK")
    assert told.loc["size_factor", "VALUE"].tolist() == pytest.approx([0.5, 1, 2])
    assert told.loc["probes_to_genes", "VALUE"] == 2
    panel = read_panel(assay, files, counted)
    assert panel.features == ["COL1A1", "IFI44"]
    np.testing.assert_allclose(panel.values, [[60, 60, 60], [200, 100, 400]])


def test_a_matrix_is_quantile_normalised_over_its_files(counted):
    """A second file's T4 and T5 take part: all five hold the same values, in their own order."""
    lines = ["probe\tT4\tT5"] + [f"p{i}\t{v}\t{10 - v}" for i, v in enumerate((5, 2, 9, 7), 1)]
    (counted / "n.tsv").write_text("\n".join(lines) + "\n")
    assay, files = given(counted, normalise="quantile")
    panel = read_panel(assay, [*files, str(counted / "n.tsv")], counted)
    means = [(0 + 9 + 9 + 2 + 1) / 5, (10 + 20 + 40 + 5 + 3) / 5, (30 + 60 + 120 + 7 + 5) / 5,
             (100 + 100 + 800 + 9 + 8) / 5]  # fmt: skip
    np.testing.assert_allclose(np.sort(panel.values, axis=0), np.tile(means, (5, 1)).T)
    assert panel.values[:, 3].tolist() == pytest.approx([means[1], means[0], means[3], means[2]])
    _, quality = quantify("panel", assay, read_files("panel", assay, files, counted), None)
    assert "normalised" in set(quality["CHECK"])


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("p\tT1\tT2\na\t1\t\nb\t2\t3\n", {"normalise": "quantile"}, "needs a complete matrix"),
        ("p\tT1\tT2\na\t0\t1\nb\t2\t0\n", {"normalise": "median_ratio"}, "positive in all samples"),
        ("p\tT1\tT2\na\t1\t1\nb\t2\t2\n", {"genes": "array.csv"}, "No feature of the matrix"),
        ("p\tT1\tT2\na\t1\t1\nb\t2\t2\n", {"genes": "other.csv"}, "No table of probes and genes"),
        ("p\tT1\tT2\na\t1\t1\nb\t2\t2\n", {"genes": "m.tsv"}, "no columns of probes and genes"),
    ],
)
def test_what_cannot_be_made_ready_is_told(counted, text, more, said):
    (counted / "m.tsv").write_text(text)
    assay, files = given(counted, **more)
    with pytest.raises(InputErrors, match=said):
        read_files("panel", assay, files, counted)


def test_a_panel_without_any_declared_analyte_is_told(counted):
    assay = Assay(label="", files="*.tsv", compartment="SKIN", scale="linear", method="as_given",
                  wide=True, analytes={"CCN2": {}, "COMP": {}})  # fmt: skip
    table = read_files("panel", assay, [str(counted / "m.tsv")], counted)
    with pytest.raises(InputErrors, match="None of the 2 analytes of the assay was measured"):
        quantify("panel", assay, table, None)


def test_only_a_wide_matrix_is_made_ready():
    from sclerotrial.study_assays import problems

    entry = {"label": "", "files": "*", "compartment": "SKIN", "method": "as_given"}
    assays = {"a": Assay(**entry, scale="linear", normalise="quantile"),
              "b": Assay(**entry, scale="log2", wide=True, normalise="median_ratio"),
              "c": Assay(**entry, scale="linear", genes="x.csv")}  # fmt: skip
    assert [p.where for p in problems(assays, "assays.yaml")] == [
        "assays.yaml, key assays.a.normalise", "assays.yaml, key assays.b.normalise",
        "assays.yaml, key assays.c.genes",
    ]  # fmt: skip
