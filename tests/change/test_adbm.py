"""ADBM: baseline, roles of samples, the view change.csv."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sclerotrial.change.adbm import CHANGE, COLUMNS, adbm, change_view
from sclerotrial.tabular import as_text

CONTRACT = [
    "USUBJID", "PARAMCD", "PARAM", "COMPART", "ASSAY", "AVISIT", "BASE", "AVAL", "AVALU", "LOG2FC",
    "LOG2FC_LOW", "LOG2FC_HIGH", "CHG", "PCHG", "BASECENS", "AVALCENS", "BASELIM", "AVALLIM",
    "BLQFL", "QCFL", "RCVFL", "SRCFILE", "SRCLINE",
]  # fmt: skip
VISITS = [
    SimpleNamespace(avisit="Baseline", avisitn=0.0, baseline=True),
    SimpleNamespace(avisit="Month 3", avisitn=3.0, baseline=False),
    SimpleNamespace(avisit="Month 6", avisitn=6.0, baseline=False),
]
CV = {"within_person_cv": SimpleNamespace(value=15.0), "analytical_cv": SimpleNamespace(value=8.0)}


@pytest.fixture
def study():
    assays = {
        "serum": SimpleNamespace(scale="linear", analytes={"IL6": SimpleNamespace(**CV)}),
        "skin": SimpleNamespace(scale="log2", analytes={"COMP": SimpleNamespace()}),
    }
    return SimpleNamespace(study=SimpleNamespace(id="IMSSC"), visits=VISITS, assays=assays)


@pytest.fixture
def adsl():
    return pd.DataFrame(
        {
            "USUBJID": ["P1", "P2"], "TRT01A": ["Imatinib", ""], "SAFFL": ["Y", ""],
            "COMPLFL": ["Y", ""], "TRTSDT": ["2008-05-10", ""], "RANDDT": ["2008-05-09"] * 2,
        }
    )  # fmt: skip


def level(code, visit, value, cens="", subject="P1", assay="serum", param="IL6", qc=""):
    return {
        "ASSAY": assay, "COMPART": assay.upper(), "SAMPLE": code, "USUBJID": subject,
        "AVISIT": visit, "PARAMCD": param, "PARAM": param, "VALUE": value, "CENS": cens,
        "LLOQ": 1.0, "ULOQ": 100.0, "UNIT": "pg/mL", "BLQFL": "Y" if cens == "<" else "",
        "QCFL": qc, "FILE": f"{assay}.csv", "LINE": "7",
    }  # fmt: skip


def build(study, adsl, rows, dates):
    samples = pd.DataFrame({"barcode": list(dates), "collected": list(dates.values())})
    return adbm(pd.DataFrame(rows), adsl, samples, study)


DATES = {"A": "2008-05-10 10:15", "B": "2008-08-09 09:00", "C": "2008-11-08"}


def test_change_from_baseline(study, adsl):
    rows = [
        level("A", "Baseline", 10.0),
        level("B", "Month 3", 20.0),
        level("C", "Month 6", 1.0, "<"),
    ]
    got, findings = build(study, adsl, rows, DATES)
    assert list(got.columns) == COLUMNS
    assert findings.empty
    assert got["ABLFL"].tolist() == ["Y", "", ""]
    assert got["ADY"].tolist() == [1, 92, 183]
    assert got["AVALC"].tolist() == ["10", "20", "<1"]
    assert got["LOG2FC"].tolist()[1] == pytest.approx(1.0, abs=1e-12)
    assert got["LOG2FC_HIGH"].tolist()[2] == pytest.approx(-np.log2(10))
    assert got["DIRECTION"].tolist()[1:] == [1, -1]
    # RCV of CVa 8, CVi 15: +59.7 and -37.4 %; +100 % and below -90 % are past it
    assert got["RCVFL"].tolist() == ["", "Y", "Y"]
    assert got.loc[0, ["LOG2FC", "CHG"]].isna().all()


def test_view_is_the_contract(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("B", "Month 3", 20.0)]
    got, _ = build(study, adsl, rows, DATES)
    view = change_view(got)
    assert list(view.columns) == CHANGE == CONTRACT
    assert view[["AVISIT", "BASE", "AVAL", "CHG", "PCHG"]].to_numpy().tolist() == [
        ["Month 3", 10.0, 20.0, 10.0, 100.0]
    ]
    assert change_view(as_text(got)).equals(as_text(view))


def test_baseline_after_the_first_dose_is_none(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("B", "Month 3", 20.0)]
    got, findings = build(study, adsl, rows, {**DATES, "A": "2008-05-11"})
    assert (got["ABLFL"] == "").all()
    assert got["BASE"].isna().all()
    assert findings["RULE"].tolist() == ["baseline_after_dose"]
    assert change_view(got)["AVISIT"].tolist() == ["Month 3"]


def test_last_baseline_and_of_one_day_the_undoubted(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("A2", "Baseline", 12.0),
            level("A3", "Baseline", 14.0, qc="Y"), level("B", "Month 3", 20.0)]  # fmt: skip
    dates = {**DATES, "A": "2008-05-01", "A2": "2008-05-10", "A3": "2008-05-10"}
    got, _ = build(study, adsl, rows, dates)
    assert got.loc[got["ABLFL"] == "Y", "SAMPLEID"].tolist() == ["A2"]
    assert got.loc[got["AVISIT"] == "Month 3", "BASE"].tolist() == [12.0]
    assert len(got) == 4


def test_never_dosed_counts_from_randomisation(study, adsl):
    rows = [level("A", "Baseline", 10.0, subject="P2"), level("B", "Month 3", 20.0, subject="P2")]
    got, _ = build(study, adsl, rows, {**DATES, "A": "2008-05-09"})
    assert got["ADY"].tolist() == [1, 93]
    assert got["ABLFL"].tolist() == ["Y", ""]


def test_strangers_are_excluded_with_a_finding(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("Z", "Baseline", 9.0, subject="P9")]
    got, findings = build(study, adsl, rows, {**DATES, "Z": "2008-05-09"})
    assert got["USUBJID"].tolist() == ["P1"]
    assert findings[["RULE", "ACTION", "USUBJID"]].to_numpy().tolist() == [
        ["sample_subject_unknown", "excluded", "P9"]
    ]


def test_two_tubes_of_a_visit_give_one_analysed_row(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("B", "Month 3", 20.0), level("B2", "Month 3", 40.0)]
    got, _ = build(study, adsl, rows, {**DATES, "B2": "2008-08-10"})
    assert got.loc[got["AVISIT"] == "Month 3", "ANL01FL"].tolist() == ["", "Y"]
    assert change_view(got)["AVAL"].tolist() == [40.0]


def test_log_scale_and_no_rcv_without_a_source(study, adsl):
    rows = [level("A", "Baseline", -7.0, assay="skin", param="COMP"),
            level("C", "Month 6", -4.0, assay="skin", param="COMP")]  # fmt: skip
    got, _ = build(study, adsl, rows, DATES)
    assert got["LOG2FC"].tolist()[1] == 3.0
    assert np.isnan(got["PCHG"].tolist()[1])
    assert got["RCVFL"].tolist() == ["", ""]


def test_order_of_levels_is_nothing(study, adsl):
    rows = [level("A", "Baseline", 10.0), level("B", "Month 3", 20.0),
            level("C", "Month 6", 1.0, "<"),
            level("A", "Baseline", -7.0, assay="skin", param="COMP")]  # fmt: skip
    one, _ = build(study, adsl, rows, DATES)
    two, _ = build(study, adsl, rows[::-1], DATES)
    pd.testing.assert_frame_equal(one, two)


def test_a_plate_run_again_counts_once_and_says_so(study, adsl):
    first = [level("A", "Baseline", 10.0), level("B", "Month 3", 20.0)]
    again = [r | {"VALUE": 2 * r["VALUE"], "FILE": "serum2.csv", "LINE": "9"} for r in first]
    got, findings = build(study, adsl, first + again, DATES)
    used = got[got["ANL01FL"] == "Y"]
    assert used["AVAL"].tolist() == [20.0, 40.0]  # the later plate by name
    assert used["LOG2FC"].tolist()[1] == 1.0
    told = findings[findings["RULE"] == "sample_not_used"]
    assert told[["SRCFILE", "SRCLINE"]].to_numpy().tolist() == [["serum.csv", "7"]] * 2
    assert told["RAW"].tolist() == ["A", "B"]
