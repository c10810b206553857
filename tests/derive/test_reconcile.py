"""Row counts from form to dataset to report."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.derive.reconcile import reconcile
from sclerotrial.read.findings import finding, frame
from sclerotrial.tabular import as_text

NO_LINEAGE = pd.DataFrame({"DATASET": ["adsl"], "ROW": ["1"], "ROLE": ["value"]})
#: subjects of the small trial: three treated, one never dosed, one failed screening


@pytest.fixture
def parts(trial, datasets):
    forms = {name: as_text(df) for name, df in trial.items()}
    adam = {name: as_text(df) for name, df in datasets.items()}
    return forms, adam


def _edge(table, form, dataset):
    return table.set_index(["FORM", "DATASET"]).loc[(form, dataset)]


def test_the_small_trial_adds_up(parts):
    forms, adam = parts
    table = reconcile(forms, forms, adam, frame([]), NO_LINEAGE)
    assert set(table["BALANCE"]) == {"ok"}
    skin = _edge(table, "mrss", "adqs")
    # 8 records; a total, a prorated total and 17 areas each; two totals carried to a visit
    assert (skin["READ"], skin["CLEAN"], skin["USED"]) == (8, 8, 8)
    assert skin["ROWS"] - skin["DERIVED"] == 8 * 19
    assert skin["DERIVED"] == 2
    doses = _edge(table, "dosing", "adex")
    assert (doses["USED"], doses["ROWS"], doses["DERIVED"]) == (4, 5, 1)  # one gap
    events = _edge(table, "adverse_events", "adae")
    assert (events["USED"], events["ROWS"], events["UNTOLD"]) == (7, 7, 0)
    people = _edge(table, "demographics", "adsl")
    assert (people["ROWS"], people["REPORTED"]) == (5, 1)
    assert _edge(table, "eligibility", "adsl")["USED"] == 1


def test_a_record_that_vanished_is_told(parts):
    forms, adam = parts
    read = dict(forms)
    read["lab"] = pd.concat([forms["lab"], forms["lab"].iloc[[0]].assign(SRCLINE="99")])
    table = reconcile(read, forms, adam, frame([]), NO_LINEAGE)
    lab = _edge(table, "lab", "adlb")
    assert lab["BALANCE"] == "1 record(s) lost in cleaning, with no query"
    told = frame(
        [finding(rule="duplicate", message="Twice", action="excluded", form="lab",
                 file="laboratory/list.csv", line=99)]
    )  # fmt: skip
    table = reconcile(read, forms, adam, told, NO_LINEAGE)
    lab = _edge(table, "lab", "adlb")
    assert (lab["REMOVED"], lab["BALANCE"]) == (1, "ok")


def test_a_record_without_a_row_and_a_row_without_a_record_are_told(parts):
    forms, adam = parts
    gone = adam["adae"]["SRCLINE"] == adam["adae"]["SRCLINE"].iloc[0]
    adam["adae"] = adam["adae"][~gone].reset_index(drop=True)
    adam["adcm"] = adam["adcm"].assign(SRCLINE="77")
    table = reconcile(forms, forms, adam, frame([]), NO_LINEAGE)
    assert _edge(table, "adverse_events", "adae")["BALANCE"].startswith("1 record(s) in no row")
    drugs = _edge(table, "concomitant_drugs", "adcm")
    assert (drugs["NO_RECORD"], drugs["UNTOLD"]) == (3, 3)
