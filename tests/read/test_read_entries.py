"""Entries of a record that differ, and forms marked as incomplete."""

from __future__ import annotations

import pandas as pd

from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.read.entries import differing, unfinished
from sclerotrial.study_models import Study

STUDY = Study.model_validate(
    {
        "study": {"id": "T", "title": "T"},
        "visits": [{"avisit": "Baseline", "avisitn": 0, "event": "base_arm_1"}],
        "forms": {"sources": {}, "identifiers": ["phone"]},
    }
)
FIELDS = [
    Field("id", "f", "text"),
    Field("w", "f", "text", validation="number"),
    Field("note", "f", "notes"),
    Field("phone", "f", "text", validation="number"),
]
DICTIONARY = Dictionary({f.name: f for f in FIELDS}, "d.csv")


def test_two_entries_that_differ():
    columns = ["id", "redcap_event_name", "w", "note", "phone"]
    rows = [
        ("1--1", "base_arm_1", "70", "well", "111"),
        ("1--2", "base_arm_1", "77", "unwell", "112"),
        ("1", "base_arm_1", "70", "well", "111"),
        ("2--1", "base_arm_1", "60", "", ""),
        ("2--2", "base_arm_1", "61", "", ""),
        ("2", "base_arm_1", "16", "", ""),
        ("3", "base_arm_1", "50", "", ""),
    ]
    cells = pd.DataFrame(rows, columns=columns, dtype=str)
    found = differing(cells, pd.Series(range(2, 9)), STUDY, DICTIONARY, "x.csv")
    told = [(f["USUBJID"], f["FIELD"], f["SEVERITY"], f["VALUE"], f["SRCLINE"]) for f in found]
    assert told == [
        ("1", "w", "info", "70", "4"),
        ("1", "note", "info", "[masked]", "4"),
        ("1", "phone", "info", "[masked]", "4"),
        ("2", "w", "warning", "16", "7"),
    ]
    assert "'70' and '77'" in found[0]["MESSAGE"] and found[0]["VISIT"] == "Baseline"
    assert "neither" in found[3]["MESSAGE"]
    assert not any("11" in f["MESSAGE"] or "well" in f["MESSAGE"] for f in found[1:3])


def test_a_form_with_values_that_is_marked_incomplete():
    cells = pd.DataFrame({"w": ["1", "2"], "f_complete": ["0", "2"]}, dtype=str)
    form = pd.DataFrame(
        {"USUBJID": ["A", "B"], "VISIT": "", "INSTANCE": "", "w": ["1", "2"], "SRCLINE": ["2", "3"]}
    )
    found = unfinished(cells, {"f": form}, {"f": "f"}, "x.csv", pd.Series([2, 3]))
    assert [(f["USUBJID"], f["RULE"], f["FIELD"]) for f in found] == [
        ("A", "form_incomplete", "f_complete")
    ]


def test_a_status_that_nobody_uses_is_told_once():
    """500 records that were never marked are one thing to ask, not 500."""
    names = [f"S{n}" for n in range(20)]
    lines = [str(n + 2) for n in range(20)]
    form = pd.DataFrame({"USUBJID": names, "VISIT": "", "INSTANCE": "", "SRCLINE": lines})

    def told(open_records):
        marks = ["0"] * open_records + ["2"] * (20 - open_records)
        cells = pd.DataFrame({"f_complete": marks}, dtype=str)
        numbers = pd.Series(range(2, 22))
        return unfinished(cells, {"f": form}, {"f": "f"}, "x.csv", numbers)

    (only,) = told(18)
    assert only["MESSAGE"].endswith("so in 18 of 20 records, the first is shown")
    assert len(told(17)) == 17
