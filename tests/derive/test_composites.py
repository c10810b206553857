"""ACR CRISS and revised CRISS as rows of adqs, declared in the configuration."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sclerotrial.derive.adqs import derive_adqs
from sclerotrial.derive.adsl import derive_adsl
from sclerotrial.study_endpoints import Components, Composite, Endpoint

PARTS = {"mrss": "MRSS", "fvc": "FVC", "ptga": "PTGA", "phga": "PHGA", "haqdi": "HAQDI"}


def with_indices(study, **left_out):
    """The study with lung function, step 1 and both indices."""
    number = {"dataset": "adqs", "form": "globals", "instrument": "number"}
    more = {
        "FVC": Endpoint(param="FVC % predicted", field="fvc", better="higher", **number),
        "ORGAN": Endpoint(param="Organs worse", field="organ", **number),
    }
    parts = Components(step1="ORGAN", **{n: c for n, c in PARTS.items() if n not in left_out})
    indices = {
        "CRISS": Composite(param="ACR CRISS", rule="acr_criss", components=parts),
        "RCRISS": Composite(param="Revised CRISS", rule="revised_criss", components=parts),
    }
    return study.model_copy(
        update={"endpoints": {**study.endpoints, **more}, "composites": indices}
    )


@pytest.fixture
def measured(trial, make):
    """IM01 at baseline and month 6: skin 30, 24; HAQ 1, 2; globals in mm; FVC 80, 84."""
    trial["globals"] = make.form(
        "glob_date ptga_mm phga_mm vas_line_mm fvc organ",
        "IM01|Baseline||2008-05-12|60|50|100|80|",
        "IM01|Month 3||2008-08-11|55|40|100|82|",
        "IM01|Month 6||2008-11-10|40|30|100|84|0",
    )
    return trial


def rows(study, trial) -> pd.DataFrame:
    """The rows of IM01 by index and visit."""
    adsl, _ = derive_adsl(study, trial)
    df, _ = derive_adqs(study, trial, adsl)
    found = df[(df["PARCAT1"] == "Exploratory composite") & (df["USUBJID"] == "IM01")]
    return found.set_index(["PARAMCD", "AVISIT"])


def test_the_equation_takes_globals_from_0_to_10(study, measured):
    row = rows(with_indices(study), measured).loc[("CRISS", "Month 6")]
    # -5.54 - 0.81 x -6 + 0.21 x 4 - 0.40 x -2 - 0.44 x -2 - 3.41 x 1 = -1.57
    assert row["AVAL"] == pytest.approx(1 / (1 + math.exp(1.57)), abs=1e-12)
    assert (row["AVALC"], row["AVALU"]) == ("not improved; step 2", "probability")
    assert row["PARAM"] == "ACR CRISS, exploratory"
    assert row["SRCVAR"] == "MRSS FVC PTGA PHGA HAQDI ORGAN"
    assert (row["SRCDOM"], row["NITEMS"], row["ANL01FL"]) == ("adqs", 5, "Y")
    assert math.isnan(row["BASE"])


def test_the_revised_index_counts_measures(study, measured):
    row = rows(with_indices(study), measured).loc[("RCRISS", "Month 6")]
    # skin -20 %, FVC +5 %, globals -33 % and -40 %: four of five; HAQ is worse
    assert (row["AVAL"], row["AVALC"]) == (1, "improved")


def test_a_refusal_is_a_row_and_says_why(study, measured):
    found = rows(with_indices(study), measured)
    # month 3: neither the HAQ nor step 1
    for code in ("CRISS", "RCRISS"):
        row = found.loc[(code, "Month 3")]
        assert math.isnan(row["AVAL"])
        assert row["ANL01FL"] == ""
        assert "step 1 (organ involvement) was not assessed" in row["AVALC"]
    # no lung function in the trial: the ACR index is refused, the revised needs three of four
    left = rows(with_indices(study, fvc=True), measured)
    assert left.loc[("CRISS", "Month 6"), "AVALC"] == "not computable: no change of fvc"
    assert left.loc[("RCRISS", "Month 6"), "AVAL"] == 1


def test_organs_that_became_worse_decide_from_then_on(study, measured):
    measured["globals"].loc[1, "organ"] = "1"
    found = rows(with_indices(study), measured)
    for visit in ("Month 3", "Month 6"):
        assert found.loc[("CRISS", visit), "AVAL"] == 0
        assert found.loc[("RCRISS", visit), "AVAL"] == 0
        assert "step 1" in found.loc[("CRISS", visit), "AVALC"]


def test_indices_are_no_endpoints_and_not_in_the_shipped_trial(study, measured):
    assert study.composites == {}
    adsl, _ = derive_adsl(with_indices(study), measured)
    assert "BFVC" in adsl.columns
    assert "BCRISS" not in adsl.columns
