"""adae, adcm, adex and adtte of the small trial (`conftest.py`)."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sclerotrial.derive.adae import derive_adae, one_spelling
from sclerotrial.derive.adcm import derive_adcm
from sclerotrial.derive.adex import derive_adex
from sclerotrial.derive.adsl import derive_adsl
from sclerotrial.derive.adtte import derive_adtte
from sclerotrial.tabular import as_text


@pytest.fixture
def adae(datasets):
    return datasets["adae"]


def _row(df, subject, number):
    return df[(df["USUBJID"] == subject) & (df["AESEQ"] == number)].iloc[0]


def test_rows_that_are_one_event(adae):
    nausea = adae[adae["AEDECOD"] == "Nausea"]
    assert len(nausea) == 2  # written 'nausea' and 'Nausea'
    assert nausea["AEGRPID"].nunique() == 1
    assert nausea["AOCCPFL"].tolist() == ["Y", ""]
    for flag in ("AOCCIFL", "AOCCSIFL", "AOCCPIFL"):
        assert nausea[flag].tolist() == ["", "Y"]  # grade 3 is the second row
    hair = adae[adae["AEDECOD"] == "Alopecia"]
    assert hair[["AOCCIFL", "AOCCSIFL", "AOCCPIFL"]].values.tolist() == [["", "Y", "Y"]]
    assert nausea["AOCCEFL"].tolist() == ["", "Y"]
    swollen = adae[adae["AEDECOD"] == "Oedema peripheral"]
    assert swollen["AEGRPID"].nunique() == 2  # five days between
    assert adae["AEGRPID"].nunique() == 6


def test_dates_and_days(adae):
    bald = adae[adae["AEDECOD"] == "Alopecia"].iloc[0]
    assert (bald["ASTDT"], bald["ASTDTF"], bald["ASTDY"]) == ("2008-06-01", "D", 21)
    assert (bald["AENDT"], bald["AEONGO"]) == ("", "Y")
    cold = adae[adae["AEDECOD"] == "Nasopharyngitis"].iloc[0]
    assert (cold["ASTDY"], cold["TRTEMFL"], cold["AOCCFL"]) == (-12, "", "")
    assert math.isnan(cold["DOSEON"])


def test_unknown_start_is_emergent_and_has_no_day(adae):
    tired = adae[adae["AEDECOD"] == "Fatigue"].iloc[0]
    assert (tired["ASTDT"], tired["TRTEMFL"], tired["WEEK1FL"]) == ("", "Y", "")
    assert math.isnan(tired["ASTDY"])


def test_first_week_dose_and_relation(adae):
    early = adae[adae["WEEK1FL"] == "Y"]
    assert early[["USUBJID", "ASTDY"]].values.tolist() == [["IM01", 1]]
    swollen = adae[adae["AEDECOD"] == "Oedema peripheral"]
    assert swollen["ASTDY"].tolist() == [8, 23]
    assert swollen["DOSEON"].tolist() == [400, 200]
    assert swollen["RELFL"].tolist() == ["Y", "Y"]
    assert swollen["AEREL"].tolist() == ["Definite", "Definite"]
    assert adae.loc[adae["AEDECOD"] == "Fatigue", "RELFL"].tolist() == [""]


def test_dechallenge_and_rechallenge(adae):
    # interrupted 27 May to 1 June, ended 29 May, back on 4 June with 200 mg
    swollen = adae[adae["AEDECOD"] == "Oedema peripheral"]
    assert swollen["DECHAL"].tolist() == ["positive", "negative"]
    assert swollen["RECHAL"].tolist() == ["positive", ""]
    assert set(adae.loc[adae["AEDECOD"] == "Nausea", "DECHAL"]) == {""}


def test_the_window_after_the_last_dose(study, trial, derived):
    # IM02's last dose is 11 June: 11 July is day 30 after it
    trial["adverse_events"].loc[4, ["ae_start", "ae_end", "ae_ongoing"]] = ["2008-07-11", "", "1"]
    assert _row(derive_adae(study, trial, *derived)[0], "IM02", 3)["TRTEMFL"] == "Y"
    trial["adverse_events"].loc[4, "ae_start"] = "2008-07-12"
    assert _row(derive_adae(study, trial, *derived)[0], "IM02", 3)["TRTEMFL"] == ""


def test_uncoded_events_do_not_show_their_words(study, trial, derived):
    trial["adverse_events"].loc[2, "ae_pt"] = ""
    adae, notes = derive_adae(study, trial, *derived)
    assert _row(adae, "IM01", 3)["AEDECOD"] == "Uncoded"
    assert notes["RULE"].tolist() == ["term_uncoded"]
    assert not notes.astype(str).apply(lambda c: c.str.contains("bald")).any().any()


@pytest.mark.parametrize("derive", [derive_adae, derive_adcm])
def test_order_of_rows_changes_nothing(study, trial, derived, derive):
    first, _ = derive(study, trial, *derived)
    shuffled = {k: v.iloc[::-1] for k, v in trial.items()}
    again, _ = derive(study, shuffled, *map(as_text, derived))
    pd.testing.assert_frame_equal(as_text(first), as_text(again))


def test_drugs(study, trial, derived):
    adcm, _ = derive_adcm(study, trial, *derived)
    by = adcm.set_index("CMTRT")
    assert by["PREFL"].to_dict() == {"methotrexate": "Y", "furosemide": "", "mycophenolate": ""}
    # IM02's last dose is 11 June; mycophenolate began in July
    assert by["CONFL"].to_dict() == {"methotrexate": "Y", "furosemide": "Y", "mycophenolate": ""}
    assert by.loc["methotrexate", ["ASTDT", "ASTDTF", "MTXFL"]].tolist() == ["2007-01-01", "M", "Y"]
    assert by.loc["furosemide", ["DIURFL", "CMDOSE"]].tolist() == ["Y", 40]


def test_exposure_rows(study, trial, derived):
    adex = derived[1]
    mine = adex[adex["USUBJID"] == "IM02"]
    assert mine["EXSEQ"].tolist() == [1, 2, 3]
    assert mine["EXTYPE"].tolist() == ["DOSING", "INTERRUPTION", "DOSING"]
    assert mine["ASTDY"].tolist() == [1, 15, 21]
    assert mine["AENDY"].tolist() == [14, 20, 30]
    assert mine["CUMDOSE"].tolist() == [5600, 0, 2000]
    summed = adex.groupby("USUBJID")["CUMDOSE"].sum().to_dict()
    adsl = derived[0].set_index("USUBJID")["CUMDOSE"]
    assert summed == {s: adsl[s] for s in summed}


def test_dosing_of_a_screen_failure_is_told(study, trial, make):
    fields = "ex_start ex_end ex_dose ex_freq ex_reason"
    more = make.form(fields, "SF01|Logs|1|2008-05-06|2008-05-07|200|2|1")
    trial["dosing"] = pd.concat([trial["dosing"], more], ignore_index=True)
    adsl, _ = derive_adsl(study, trial)
    adex, notes = derive_adex(study, trial, adsl)
    assert "SF01" not in set(adex["USUBJID"])
    assert notes[["USUBJID", "RULE", "SEVERITY"]].values.tolist() == [
        ["SF01", "not_randomised", "error"]
    ]
    assert adsl.set_index("USUBJID").loc["SF01", "SAFFL"] == ""


def test_times(study, trial, derived, adae):
    adtte, _ = derive_adtte(study, trial, derived[0], adae)
    got = {
        (r["USUBJID"], r["PARAMCD"]): (r["AVAL"], r["CNSR"], r["SRCDOM"])
        for r in adtte.to_dict("records")
    }
    assert got == {
        ("IM01", "TTFAE"): (1, 0, "adverse_events"),
        ("IM01", "TTDISC"): (182, 1, "disposition"),
        ("IM01", "TTHOSP"): (183, 1, "disposition"),  # last contact 10 November
        ("IM02", "TTFAE"): (8, 0, "adverse_events"),
        ("IM02", "TTDISC"): (30, 0, "disposition"),
        ("IM02", "TTHOSP"): (8, 0, "adverse_events"),
        ("IM03", "TTFAE"): (1, 0, "adverse_events"),  # unknown start
        ("IM03", "TTDISC"): (182, 1, "disposition"),
        ("IM03", "TTHOSP"): (183, 1, "disposition"),
    }


def test_a_closed_study_does_not_count_as_stopping(study, trial):
    trial["disposition"].loc[1, "ds_reason"] = "5"
    adsl, _ = derive_adsl(study, trial)
    adex, _ = derive_adex(study, trial, adsl)
    adae, _ = derive_adae(study, trial, adsl, adex)
    adtte, _ = derive_adtte(study, trial, adsl, adae)
    row = adtte[(adtte["USUBJID"] == "IM02") & (adtte["PARAMCD"] == "TTDISC")].iloc[0]
    assert (row["CNSR"], row["EVNTDESC"]) == (1, "Study closed")


def test_without_events_and_drugs(study, trial, derived):
    trial = {k: v for k, v in trial.items() if k not in ("adverse_events", "concomitant_drugs")}
    adae, _ = derive_adae(study, trial, *derived)
    assert len(adae) == 0
    assert len(derive_adcm(study, trial, *derived)[0]) == 0
    adtte, _ = derive_adtte(study, trial, derived[0], adae)
    # IM02: 30 days after the last dose of day 30
    row = adtte[(adtte["USUBJID"] == "IM02") & (adtte["PARAMCD"] == "TTFAE")].iloc[0]
    assert (row["AVAL"], row["CNSR"]) == (60, 1)


def test_terms_that_differ_in_case_or_signs_are_one():
    given = pd.Series(["nausea", "NAUSEA", "Nausea", "Nausea ", "Face  oedema", "face-oedema", ""])
    assert one_spelling(given).tolist() == [*["Nausea"] * 4, *["Face oedema"] * 2, ""]
    assert one_spelling(pd.Series(["???", ""])).tolist() == ["???", ""]
    assert one_spelling(pd.Series([], dtype=str)).tolist() == []
