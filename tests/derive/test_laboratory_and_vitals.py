"""adlb and advs of the small trial (`conftest.py`)."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sclerotrial.derive.adlb import add_grades, derive_adlb, range_indicator
from sclerotrial.derive.advs import derive_advs
from sclerotrial.errors import InputErrors

NAN = math.nan


@pytest.fixture
def adlb(datasets):
    return datasets["adlb"]


def test_windows_give_the_visit(adlb):
    hgb = adlb[adlb["PARAMCD"] == "HGB"]
    # 10 May is day -2 and 12 May day 1: the last before the first dose is baseline
    assert hgb["AVISIT"].tolist() == ["Screening", "Baseline", "Month 3"]
    assert hgb["ADY"].tolist() == [-2, 1, 92]
    assert hgb["ABLFL"].tolist() == ["", "Y", ""]
    assert hgb["CHG"].tolist()[2] == -23


def test_ranges_grades_and_shift(adlb):
    hgb = adlb[adlb["PARAMCD"] == "HGB"]
    assert hgb["ANRIND"].tolist() == ["NORMAL", "LOW", "LOW"]
    assert hgb["ATOXGR"].tolist() == [0, 1, 2]  # 130, 118 below 120, 95 below 100 g/L
    assert set(hgb["BTOXGR"]) == {1}
    assert set(hgb["BNRIND"]) == {"LOW"}
    assert hgb["SHIFT1"].tolist() == ["", "", "LOW to LOW"]
    assert hgb["LBORRES"].tolist()[0] == "13.0"


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        # admiral, test-derive_var_atoxgr.R: what cannot be graded one way is not called normal
        (5.0, NAN, 6.0, (NAN, 0, NAN)),
        (2.5, NAN, 6.0, (2, 0, 2)),
        (7.0, NAN, 6.0, (NAN, 1, 1)),
        (5.0, 4.0, NAN, (0, NAN, NAN)),
        (5.0, 4.0, 6.0, (0, 0, 0)),
    ],
)
def test_the_graver_of_both_ways(value, low, high, expected):
    df = pd.DataFrame(
        {
            "USUBJID": ["A"], "PARAMCD": ["GLUC"],
            "ATOXDSC": "Hypoglycemia; Hyperglycemia (fasting)",
            "AVAL": value, "AVALU": "mmol/L", "AVALCENS": "", "ANRLO": low, "ANRHI": high,
            "BASE": NAN, "BNRIND": "", "ABLFL": "", "POSTFL": "Y",
        }
    )  # fmt: skip
    row = add_grades(df, "4").iloc[0]
    found = tuple(row[["ATOXGRL", "ATOXGRH", "ATOXGR"]].astype(float))
    assert found == pytest.approx(expected, nan_ok=True)


def test_values_below_a_limit_and_remarks(adlb):
    crp = adlb[(adlb["PARAMCD"] == "CRP") & (adlb["DTYPE"] == "")].set_index("LBORRES")
    low = crp.loc["<0.6"]
    assert (low["AVAL"], low["AVALCENS"], low["AVALC"], low["ANRIND"]) == (
        0.6, "<", "<0.6", "NORMAL",
    )  # fmt: skip
    assert crp.loc["7", "SHIFT1"] == "NORMAL to HIGH"
    remark = crp.loc["hemolysed"]
    assert math.isnan(remark["AVAL"])
    assert remark["ANL01FL"] == ""
    assert math.isnan(crp.loc["7", "ATOXGR"])  # no criteria for CRP


def test_an_endpoint_of_the_laboratory_is_carried_forward(adlb):
    locf = adlb[adlb["DTYPE"] == "LOCF"]
    # CRP of month 3 stands for month 6, where the sample was haemolysed; HGB is no endpoint
    assert locf[["PARAMCD", "AVISIT", "AVAL"]].values.tolist() == [["CRP", "Month 6", 7]]


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        # admiral, tests/testthat/test-derive_var_anrind.R, test 3: the limits are normal
        (70, 60, 100, "NORMAL"), (57, 60, 100, "LOW"), (60, 60, 100, "NORMAL"),
        (102, 60, 80, "HIGH"), (109, 60, 100, "HIGH"), (100, 60, 100, "NORMAL"),
        (80, 60, 80, "NORMAL"), (39, 60, 100, "LOW"), (40, 60, 100, "LOW"),
    ],
)  # fmt: skip
def test_range_indicator_of_admiral(value, low, high, expected):
    assert range_indicator(value, low, high) == expected


def test_unknown_tests_are_left_out_with_a_finding(study, trial, derived):
    trial["lab"].loc[0, "test"] = "XYZ"
    adlb, notes = derive_adlb(study, trial, *derived)
    assert "XYZ" not in set(adlb["PARAMCD"])
    assert notes["RULE"].tolist() == ["test_unknown"]


@pytest.mark.parametrize("day", ["2008-08", "unknown", ""])
def test_a_sample_without_a_whole_date_belongs_to_no_visit(study, trial, derived, day):
    trial["lab"].loc[2, "sample_date"] = day
    adlb, notes = derive_adlb(study, trial, *derived)
    row = adlb[(adlb["PARAMCD"] == "HGB") & (adlb["AVAL"] == 95)].iloc[0]
    assert (row["ADT"], row["AVISIT"], row["ANL01FL"]) == ("", "", "")
    assert notes["RULE"].tolist() == ["date_none"]


def test_unknown_version_of_the_criteria(study, trial, derived):
    other = study.model_copy(update={"safety": study.safety.model_copy(update={"ctcae": "2"})})
    with pytest.raises(InputErrors, match="version '2'"):
        derive_adlb(other, trial, *derived)


@pytest.mark.parametrize(
    ("value", "low", "high", "censored", "expected"),
    [
        (3, 2, 5, "", "NORMAL"), (2, 2, 5, "", "NORMAL"), (5, 2, 5, "", "NORMAL"),
        (1.9, 2, 5, "", "LOW"), (5.1, 2, 5, "", "HIGH"), (3, NAN, 5, "", "NORMAL"),
        (6, NAN, 5, "", "HIGH"), (1, 2, NAN, "", "LOW"), (3, NAN, NAN, "", ""),
        (NAN, 2, 5, "", ""), (0.6, 0, 5, "<", "NORMAL"), (0.6, NAN, 5, "<", "NORMAL"),
        (2, 2, 5, "<", "LOW"), (3, 2, 5, "<", ""), (9, 0, 5, "<", ""),
        (5, 2, 5, ">", "HIGH"), (4, 2, 5, ">", ""), (4, 2, NAN, ">", "NORMAL"),
    ],
)  # fmt: skip
def test_range_indicator(value, low, high, censored, expected):
    assert range_indicator(value, low, high, censored) == expected


def test_weight_gain_and_oedema(study, trial, derived):
    advs, _ = derive_advs(study, trial, *derived)
    gain = advs[advs["PARAMCD"] == "WTGAIN"]
    assert gain["AVISIT"].tolist() == ["Month 1", "Month 6"]
    assert gain["AVAL"].tolist() == [10, -5]  # 60 to 66 and to 57 kg
    assert gain["ATOXGR"].tolist() == [2, 0]
    weight = advs[advs["PARAMCD"] == "WEIGHT"]
    assert weight["PCHG"].tolist()[1:] == [10, -5]
    assert weight["ATOXGR"].isna().all()
    swollen = advs[advs["PARAMCD"] == "EDEMA"]
    assert (swollen["AVAL"].tolist(), swollen["AVALC"].tolist()) == ([0, 1, 0], ["N", "Y", "N"])
    # blank cells are no rows
    assert (advs["PARAMCD"] == "SYSBP").sum() == 2


def test_without_forms_there_are_no_rows(study, derived):
    for derive in (derive_adlb, derive_advs):
        df, notes = derive(study, {}, *derived)
        assert (len(df), len(notes)) == (0, 0)


def test_criteria_that_are_not_packaged_stop_both(study, trial, derived):
    safety = study.safety.model_copy(update={"ctcae": "9"})
    other = study.model_copy(update={"safety": safety})
    for derive in (derive_adlb, derive_advs):
        with pytest.raises(InputErrors, match="CTCAE version '9'"):
            derive(other, trial, *derived)


def _graded(study, trial, derived, version="5", **tests):
    lab = {**study.laboratory}
    for code, term in tests.items():
        lab[code] = lab[code].model_copy(update={"ctcae": term})
    safety = study.safety.model_copy(update={"ctcae": version})
    other = study.model_copy(update={"laboratory": lab, "safety": safety})
    return derive_adlb(other, trial, *derived)


def test_grades_in_both_directions_and_their_shifts(study, trial, derived):
    adlb, notes = _graded(study, trial, derived, HGB="Anemia; Hemoglobin increased")
    hgb = adlb[adlb["PARAMCD"] == "HGB"].set_index("LBORRES")
    # range 120-160: baseline 118 is grade 1, 95 grade 2; nothing is too high
    assert hgb.loc["95", ["ATOXGRL", "BTOXGRL", "ATOXGRH", "ATOXGR"]].tolist() == [2, 1, 0, 2]
    assert hgb.loc["95", ["SHIFT2", "SHIFT3"]].tolist() == ["1 to 2", "0 to 0"]
    assert hgb.loc["118", "SHIFT2"] == ""
    assert "term_ungraded" not in set(notes["RULE"])


def test_terms_that_the_version_does_not_have_are_told(study, trial, derived):
    adlb, notes = _graded(study, trial, derived, HGB="Hypophosphatemia")
    assert notes["RULE"].tolist().count("term_ungraded") == 1
    assert adlb.loc[adlb["PARAMCD"] == "HGB", "ATOXGR"].isna().all()
