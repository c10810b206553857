"""From a file to levels, on plates whose truth is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.assays import copies, formats, read_files
from sclerotrial.assays.analytes import assign, fold
from sclerotrial.assays.quantify import LEVELS, quantify
from sclerotrial.assays.replicates import combine
from sclerotrial.errors import InputErrors

TOP, BOTTOM = 2000.0, 2000.0 / 3**7


@pytest.fixture
def run(tmp_path, make_plate, make_assay):
    def run(samples, assay=None, manifest=None, **plate):
        path = tmp_path / "plate.csv"
        path.write_text(make_plate(samples, **plate))
        return quantify("a", assay or make_assay(), formats.read(path), manifest)

    return run


def checks(quality, check):
    return quality[quality["CHECK"] == check]


def test_levels_of_exact_responses(run):
    levels, quality = run([("A", 50.0, "1", 80), ("A", 50.0, "1", 80), ("B", 9.0, "1", 80)])
    assert list(levels.columns) == LEVELS
    assert levels["VALUE"].tolist() == pytest.approx([50.0, 9.0], rel=1e-5)
    assert levels["N_REP"].tolist() == [2, 1]
    assert (levels["CENS"] == "").all()
    assert levels["LLOQ"].tolist() == pytest.approx([BOTTOM] * 2)
    assert levels["ULOQ"].tolist() == pytest.approx([TOP] * 2)
    assert set(quality["VERDICT"]) == {"pass"}
    assert len(checks(quality, "recovery")) == 8


def test_a_sample_in_twice_the_wells_is_asked_about(run):
    """A1 in four wells, the three others in two: one pair may be another tube's."""
    wells = [(n, 50.0, "1", 80) for n in ("A1", "B2", "C3", "D4", "A1") for _ in range(2)]
    _, quality = run(wells)
    (told,) = checks(quality, "wells").itertuples()
    assert (told.SAMPLE, told.VALUE, told.VERDICT) == ("A1", 4, "note")
    assert told.MESSAGE.startswith("The sample stands in 4 wells, others in 2")


def test_a_parameter_below_its_limit_in_every_sample_is_told(run):
    levels, quality = run([(n, 0.1, "1", 80) for n in ("A1", "B2", "C3")])
    assert (levels["CENS"] == "<").all()
    assert checks(quality, "all_below")["MESSAGE"].tolist() == [
        "All 3 samples lie below the lower limit"
    ]
    _, quality = run([("A1", 0.1, "1", 80), ("B2", 9.0, "1", 80)])
    assert checks(quality, "all_below").empty


def test_a_file_without_any_configured_analyte_is_refused(run, make_assay):
    """A plate of IL-6 among those of an assay of CCL2: it was put into the wrong folder."""
    with pytest.raises(InputErrors, match="none of the 1 analytes of the assay; seen: IL-6"):
        entry = SimpleNamespace(names=["MCP-1"], param="", unit="")
        run([("A", 50.0, "1", 80)], make_assay(analytes={"CCL2": entry}))


def test_a_copy_of_a_file_is_refused(tmp_path, make_plate, make_assay):
    text = make_plate([("A", 50.0, "1", 80)])
    for name in ("plate.csv", "plate (copy).csv"):
        (tmp_path / name).write_text(text)
    (tmp_path / "other.csv").write_text(make_plate([("A", 50.5, "1", 80)]))
    files = sorted(map(str, tmp_path.glob("*.csv")))
    with pytest.raises(InputErrors) as refused:
        read_files("a", make_assay(layout=None), files, tmp_path)
    (one,) = refused.value.problems
    assert (one.what, one.where) == (
        "The file holds the same readings as plate (copy).csv", "plate.csv"
    )  # fmt: skip
    files = [f for f in files if "(copy)" not in f]
    assert len(read_files("a", make_assay(layout=None), files, tmp_path)["FILE"].unique()) == 2


def test_two_plates_without_a_number_are_no_copies():
    tables = [
        pd.DataFrame({
            "FILE": [name], "TASK": ["SAMPLE"], "ANALYTE": ["IL6"], "WELL": ["A1"],
            "SAMPLE": ["A"], "QUANTITY": ["ct"], "VALUE": [value],
        })
        for name, value in (("one.csv", np.nan), ("two.csv", np.nan), ("three.csv", 31.0))
    ]  # fmt: skip
    assert copies(tables) == []
    (one,) = copies([*tables, tables[2].assign(FILE="four.csv")])
    assert (one.what, one.where) == ("The file holds the same readings as three.csv", "four.csv")


def test_dilution_multiplies_value_and_limits(run):
    levels, _ = run([("A", 50.0, "4", 80), ("B", 0.1, "4", 80)])
    assert levels["VALUE"].tolist() == pytest.approx([200.0, 4 * BOTTOM], rel=1e-5)
    assert levels["CENS"].tolist() == ["", "<"]
    assert levels["LLOQ"].tolist() == pytest.approx([4 * BOTTOM] * 2)


def test_censoring_on_both_sides(run):
    levels, _ = run([("A", 0.1, "1", 80), ("B", 9e3, "1", 80), ("C", 1e9, "1", 80)])
    assert levels["CENS"].tolist() == ["<", ">", ">"]
    assert levels["VALUE"].tolist() == pytest.approx([BOTTOM, TOP, TOP])
    assert levels["BLQFL"].tolist() == ["Y", "", ""]
    assert levels["CI_LOW"].isna().all()


def test_asymptotes_extrapolate_as_xponent_does(run, make_assay):
    assay = make_assay({"limits": "asymptotes"})
    levels, _ = run([("A", 0.3, "1", 80), ("B", -0.0, "1", 80)], assay)
    assert levels.at[0, "VALUE"] == pytest.approx(0.3, rel=1e-3)
    assert (levels.at[0, "CENS"], levels.at[0, "LLOQ"]) == ("", pytest.approx(BOTTOM))


def test_geometric_mean_of_replicates(run):
    levels, quality = run([("A", 40.0, "1", 80), ("A", 62.5, "1", 80)])
    assert levels.at[0, "VALUE"] == pytest.approx(50.0, rel=1e-5)
    cv = 100 * np.std([40, 62.5], ddof=1) / np.mean([40, 62.5])
    assert levels.at[0, "CV"] == pytest.approx(cv, rel=1e-4)
    assert checks(quality, "replicate_cv")["VERDICT"].tolist() == ["fail"]
    assert levels.at[0, "QCFL"] == "Y"


def test_replicates_that_disagree_about_the_limit(run):
    """Wells at 0.7 and 1.5 about the limit 0.91: read at the mean signal, and told."""
    levels, quality = run([("A", 0.7, "1", 80), ("A", 1.5, "1", 80)])
    assert levels.at[0, "CENS"] == ""
    assert BOTTOM < levels.at[0, "VALUE"] < 1.5
    levels, quality = run([("A", 0.2, "1", 80), ("A", 1.0, "1", 80)])
    assert levels.at[0, "CENS"] == "<"
    assert len(checks(quality, "replicate_censored")) == 1


def test_low_bead_counts(run):
    levels, quality = run([("A", 50.0, "1", 80), ("A", 90.0, "1", 20), ("B", 9.0, "1", 20)])
    assert levels["VALUE"].tolist() == pytest.approx([50.0, 9.0], rel=1e-5)
    assert levels["QCFL"].tolist() == ["", "Y"]
    rows = checks(quality, "bead_count")
    assert rows["VERDICT"].tolist() == ["fail", "fail"]
    assert rows["MESSAGE"].str.contains("left out").tolist() == [True, False]


def test_several_dilutions_take_the_smallest_quantified(run):
    levels, quality = run([("A", 5000.0, "1", 80), ("A", 500.0, "10", 80), ("A", 50.0, "100", 80)])
    assert levels["VALUE"].tolist() == pytest.approx([5000.0], rel=1e-5)
    assert levels["DILUTION"].tolist() == [10.0]
    assert len(checks(quality, "dilution_choice")) == 1


def test_control_and_blank_rows(run):
    _, quality = run([("A", 50.0, "1", 80)])
    assert checks(quality, "control_recovery")["VALUE"].tolist() == pytest.approx(
        [100.0] * 2, abs=0.01
    )
    assert checks(quality, "control_run")["VERDICT"].tolist() == ["pass"]
    assert checks(quality, "blank")["VERDICT"].tolist() == ["pass"]


def test_missing_concentrations_are_refused(run):
    with pytest.raises(InputErrors, match="No expected concentration for 8 standard"):
        run([("A", 50.0, "1", 80)], expected=False)


def test_poor_curve_flags_its_levels(run, make_assay):
    levels, quality = run([("A", 50.0, "1", 80)], make_assay({"min_levels": 9}))
    assert checks(quality, "curve_levels")["VERDICT"].tolist() == ["fail"]
    assert levels["QCFL"].tolist() == ["Y"]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_readings_is_nothing(tmp_path, make_plate, make_assay, seed):
    path = tmp_path / "plate.csv"
    path.write_text(make_plate([("A", 50.0, "1", 80), ("A", 61.0, "1", 80), ("B", 0.2, "1", 20)]))
    readings = formats.read(path)
    shuffled = readings.sample(frac=1, random_state=np.random.default_rng(seed))
    for one, two in zip(
        quantify("a", make_assay(), readings, None), quantify("a", make_assay(), shuffled, None),
        strict=True,
    ):  # fmt: skip
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_qpcr_through_quantify(make_assay, manifest):
    rows = [
        ("A1", "SAMPLE", "GAPDH", "18.0", ""), ("A2", "SAMPLE", "GAPDH", "18.2", ""),
        ("A3", "SAMPLE", "CTGF", "25.1", ""), ("A4", "SAMPLE", "CTGF", "30.0", "omit"),
        ("A5", "SAMPLE", "COMP", "", "undetermined"), ("A6", "NTC", "CTGF", "30", ""),
    ]  # fmt: skip
    readings = pd.DataFrame(rows, columns=["WELL", "TASK", "ANALYTE", "VALUE", "FLAGS"])
    readings["SAMPLE"] = ["IM01"] * 5 + [""]
    readings = readings.assign(
        QUANTITY="ct", TEXT="", UNIT="Ct", DILUTION="", FILE="q.txt", LINE=range(1, 7)
    ).astype(str)
    names = {"CCN2": SimpleNamespace(names=["CTGF"], param="CCN2 label", unit="-dCt"),
             "COMP": SimpleNamespace(names=[], param="", unit="")}  # fmt: skip
    assay = make_assay(method="delta_ct", scale="log2", compartment="SKIN", analytes=names,
                       reference_genes=["GAPDH"])  # fmt: skip
    levels, quality = quantify("q", assay, readings, manifest("IM01", compartment="SKIN"))
    assert levels["PARAMCD"].tolist() == ["CCN2", "COMP"]
    assert levels["PARAM"].tolist() == ["CCN2 label", "COMP"]
    assert levels["VALUE"].tolist() == pytest.approx([-7.0, 18.1 - 40])
    assert levels["CENS"].tolist() == ["", "<"]
    assert checks(quality, "omitted")["LEVEL"].tolist() == ["A4"]
    assert checks(quality, "ntc")["VERDICT"].tolist() == ["fail"]
    assay.reference_genes = ["GAPHD"]
    with pytest.raises(InputErrors, match="Did you mean 'GAPDH'"):
        quantify("q", assay, readings.assign(SAMPLE="IM01"), manifest("IM01", compartment="SKIN"))


def test_lost_wells_are_told(make_assay):
    """The second sample of a cut file has its reference gene and no target."""
    rows = [("A1", "S1", "GAPDH"), ("A2", "S1", "COMP"), ("A3", "S2", "GAPDH")]
    readings = pd.DataFrame(rows, columns=["WELL", "SAMPLE", "ANALYTE"]).assign(
        TASK="SAMPLE", VALUE="20", FLAGS="", QUANTITY="ct", TEXT="", UNIT="Ct", DILUTION="",
        FILE="q.txt", LINE=["1", "2", "3"],
    )  # fmt: skip
    assay = make_assay(method="delta_ct", scale="log2", reference_genes=["GAPDH"])
    levels, quality = quantify("q", assay, readings, None)
    assert levels["SAMPLE"].tolist() == ["S1"]
    assert checks(quality, "level_missing")[["SAMPLE", "PARAMCD"]].to_numpy().tolist() == [
        ["S2", "COMP"]
    ]


def test_names_of_analytes():
    assert fold("IL-6 (25)") == fold("il6") == "il6"
    # plain names take a way of their own; marks, the Kelvin sign and dotted I the long one
    assert [fold(n) for n in ("GENE1", "HLA-A", "\u212a1", "\u0130L6", " ")] == [
        "gene1", "hlaa", "k1", "il6", "",
    ]  # fmt: skip
    readings = pd.DataFrame({"ANALYTE": ["IL-6", "IL6"], "FILE": "p"})
    with pytest.raises(InputErrors, match="are both IL6"):
        assign(readings, {"IL6": SimpleNamespace(names=["IL-6"])})
    codes, rows = assign(
        pd.DataFrame({"ANALYTE": ["IL-8", "MCP-1"], "FILE": "p"}),
        {"CCL2": SimpleNamespace(names=["MCP-1"]), "VEGF": SimpleNamespace(names=[])},
    )
    assert codes.tolist() == ["", "CCL2"]
    assert [r["CHECK"] for r in rows] == ["analyte_unknown", "analyte_absent"]


def test_majority_where_there_is_no_mean_reading():
    """The instrument's own results: two of three below its limit make it below."""
    wells = pd.DataFrame(
        {
            "FILE": "p", "SAMPLE": "A", "PARAMCD": "X", "DILUTION": 1.0, "UNIT": "", "LINE": "1",
            "U": np.log([2.0, 2.0, 3.0]), "CENS": ["<", "<", ""], "LLOQ": 2.0, "ULOQ": 9.0,
            "VAR_CURVE": np.nan, "VAR_WELL": np.nan, "DF": 1.0, "LOW": False,
        }
    )  # fmt: skip
    assert combine(wells, 20.0)[0]["CENS"].tolist() == ["<"]
    wells["CENS"] = ["<", "", ""]
    got = combine(wells, 20.0)[0]
    assert got["CENS"].tolist() == [""]
    assert got["VALUE"].tolist() == pytest.approx([np.sqrt(6.0)])
