"""adsl of the small trial (`conftest.py`), numbers by hand."""

from __future__ import annotations

import math

import pytest

from sclerotrial.derive.adsl import derive_adsl, months_between
from sclerotrial.errors import InputErrors


@pytest.fixture
def adsl(derived):
    return derived[0].set_index("USUBJID")


def test_everybody_screened_has_a_row(adsl):
    assert adsl.index.tolist() == ["IM01", "IM02", "IM03", "IM04", "SF01"]
    assert adsl["RANDFL"].tolist() == ["Y", "Y", "Y", "Y", ""]
    assert adsl["SAFFL"].tolist() == ["Y", "Y", "Y", "", ""]
    assert adsl["COMPLFL"].tolist() == ["Y", "", "Y", "", ""]
    assert adsl["EOSSTT"].tolist() == [
        "COMPLETED", "DISCONTINUED", "COMPLETED", "DISCONTINUED", "SCREEN FAILURE",
    ]  # fmt: skip
    assert adsl["DCSREAS"].tolist() == [
        "", "Adverse event", "", "Withdrew consent", "Pulmonary hypertension",
    ]  # fmt: skip
    assert adsl["TRT01A"].tolist() == ["Imatinib", "Imatinib", "Placebo", "", ""]
    assert adsl["TRT01P"].tolist() == ["Imatinib", "Imatinib", "Placebo", "Imatinib", ""]


def test_exposure_of_an_interrupted_treatment(adsl):
    # 14 x 400 + 10 x 200 = 7,600 mg in 30 days, 24 of them dosed, 6 without
    row = adsl.loc["IM02"]
    assert (row["TRTDURD"], row["DOSEDAYS"], row["CUMDOSE"]) == (30, 24, 7600)
    assert row["AVGDD"] == pytest.approx(253.3333, abs=1e-4)
    assert row["RDIDUR"] == pytest.approx(100 * 7600 / 12000)
    assert row["RDIPLAN"] == pytest.approx(100 * 7600 / 72800)
    assert (row["INTERRFL"], row["REINTFL"], row["REINTOUT"]) == ("Y", "Y", "stopped again")
    assert (row["DOSEREDFL"], row["DOSREDDT"]) == ("Y", "2008-06-02")
    full = adsl.loc["IM01"]
    assert (full["TRTDURD"], full["CUMDOSE"], full["RDIPLAN"]) == (182, 72800, 100)
    assert (full["DOSEREDFL"], full["INTERRFL"], full["REINTOUT"]) == ("", "", "")


def test_disease_strata_and_antibodies(adsl):
    # 2007-05 is taken as 1 May 2007: 377 days before 12 May 2008, 12.4 months of 30.4375 days
    row = adsl.loc["IM01"]
    assert (row["ONSETDT"], row["ONSETDTF"], row["DISDUR"]) == ("2007-05-01", "D", 12.4)
    assert adsl.loc["IM02", "DISDUR"] == 17.7  # 540 days
    assert math.isnan(adsl.loc["IM03", "DISDUR"])
    assert (row["STRATAR"], row["STRATAV"], row["ANTITOPO"], row["ILDFL"]) == ("Y", "Y", "Y", "Y")
    assert (adsl.loc["IM02", "ANTIRNAP"], adsl.loc["IM02", "MTXDOSE"] > 0) == ("Y", False)


def test_baselines_of_treated_and_never_dosed(adsl):
    assert adsl["BMRSS"].tolist()[:4] == [30, 20, 25, 33]
    assert math.isnan(adsl.loc["SF01", "BMRSS"])
    assert (adsl.loc["IM01", "BHAQDI"], adsl.loc["IM01", "BWEIGHT"]) == (1, 60)
    assert adsl.loc["IM01", "BCRP"] == 0.6  # below 0.6: its limit


def test_events_that_matter(adsl):
    assert (adsl.loc["IM02", "HOSPFL"], adsl.loc["IM02", "HOSPDT"]) == ("Y", "2008-05-20")
    assert adsl.loc["IM02", "RESCUEDT"] == "2008-07-01"
    assert adsl.loc["IM01", "RESCUEDT"] == ""  # methotrexate since 2007 was not added


@pytest.mark.parametrize(
    ("form", "line", "column", "value"),
    [
        ("disposition", 0, "ds_completed", "0"),
        ("dosing", 0, "ex_end", "2008-08-01"),  # stopped in month 3
        ("visit_log", 1, "visit_date", "2009-03-01"),  # outside the window
        ("visit_log", 1, "visit_done", "0"),
    ],
)
def test_completers_need_form_dosing_and_visit(study, trial, form, line, column, value):
    trial[form].loc[line, column] = value
    adsl, notes = derive_adsl(study, trial)
    assert adsl.set_index("USUBJID").loc["IM01", "COMPLFL"] == ""
    assert notes["RULE"].tolist() == ["completion_differs"]


def test_capsules(study, trial, make):
    # 182 days twice a day are 364 intakes
    trial["drug_accountability"] = make.form(
        "da_dispensed da_returned", "IM01|Month 1||60|4", "IM01|Month 6||320|30"
    )
    row = derive_adsl(study, trial)[0].set_index("USUBJID").loc["IM01"]
    assert row["PILLUSED"] == 346
    assert row["PILLPCT"] == pytest.approx(100 * 346 / 364)


def test_allocated_without_demographics(study, trial):
    trial["demographics"] = trial["demographics"].iloc[1:]
    adsl, notes = derive_adsl(study, trial)
    row = adsl.set_index("USUBJID").loc["IM01"]
    assert (row["RANDFL"], row["SCRNFL"], row["SAFFL"]) == ("Y", "", "Y")
    assert "no_demographics" in notes["RULE"].tolist()


def test_a_code_without_a_label_leaves_a_finding(study, trial):
    trial["demographics"].loc[0, "race"] = "7"
    adsl, notes = derive_adsl(study, trial)
    assert adsl.loc[0, "RACE"] == ""
    assert notes.loc[notes["RULE"] == "code_unknown", "RAW"].tolist() == ["7"]


def test_duplicates_and_missing_columns_are_told_at_once(study, trial):
    trial["demographics"] = trial["demographics"].loc[[0, 0, 1]]
    with pytest.raises(InputErrors, match="repeat the key USUBJID"):
        derive_adsl(study, trial)
    trial["allocation"] = trial["allocation"].drop(columns=["rand_date", "arm"])
    trial["demographics"] = trial["demographics"].drop_duplicates()
    with pytest.raises(InputErrors) as told:
        derive_adsl(study, trial)
    assert len(told.value.problems) == 2
    assert "IM01" not in str(told.value)


def test_only_the_two_forms_are_needed(study, trial):
    adsl, notes = derive_adsl(study, {k: trial[k] for k in ("demographics", "allocation")})
    assert adsl["SAFFL"].tolist() == [""] * 5
    assert len(notes) == 0
    with pytest.raises(InputErrors, match="no subject"):
        derive_adsl(study, {})


@pytest.mark.parametrize("form", ["demographics", "dosing", "mrss", "lab", "adverse_events"])
def test_order_of_rows_changes_nothing(study, trial, form):
    first, _ = derive_adsl(study, trial)
    trial[form] = trial[form].iloc[::-1].reset_index(drop=True)
    again, _ = derive_adsl(study, trial)
    assert first.equals(again)


def test_months():
    assert months_between("2008-01-01", "2008-01-31") == 1.0  # 30 / 30.4375 = 0.986
    assert months_between("", "2008-01-31") is None
