"""Invariants of cleaning, over cells of every kind."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.clean import clean_forms
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.study_models import Study

FIELDS = [
    Field("record_id", "other", "text"),
    Field("n", "f", "text", validation="number", minimum="0", maximum="300"),
    Field("k", "f", "text", validation="integer", minimum="0", maximum="3"),
    Field("d", "f", "text", validation="date_ymd"),
    Field("p", "f", "text"),
    Field("c", "f", "radio", choices={"1": "Male", "2": "Female"}),
    Field("b", "f", "checkbox", choices={"1": "A"}),
    Field("w", "f", "text", validation="number"),
    Field("u", "f", "radio", choices={"kg": "kg", "lb": "lb"}),
    Field("line_mm", "f", "text", validation="number"),
    Field("t", "f", "text", validation="integer"),
]
STUDY = Study.model_validate(
    {
        "study": {"id": "T", "title": "T"},
        "vitals": {"W": {"param": "W", "field": "w", "unit": "kg", "plausible": [35, 180]}},
        "laboratory": {
            "HGB": {
                "param": "Haemoglobin",
                "names": ["Hb"],
                "unit": "g/L",
                "units": {"g/L": 1, "g/dL": 10},
                "plausible": [50, 220],
            }
        },
        "forms": {
            "missing_codes": ["-9", "NA"],
            "sources": {
                "crf": {"format": "redcap", "file": "c", "dictionary": "d", "date_order": "dmy"},
                "lab": {"format": "table", "file": "l", "subject": "s"},
            },
            "forms": {
                "f": {
                    "source": "crf",
                    "instrument": "f",
                    "partial_dates": ["p"],
                    "order": [["p", "d"]],
                    "total": {"field": "t", "items": ["k", "c"]},
                    "fields": {"n": {"range": [0, 100]}},
                    "units": {
                        "w": {
                            "unit_field": "u",
                            "unit": "kg",
                            "factors": {"kg": 1, "lb": 0.45359237},
                        }
                    },
                },
                "lab": {
                    "source": "lab",
                    "laboratory": True,
                    "key": ["sample_date", "test"],
                    "fields": {"sample_date": {"type": "date"}},
                },
            },
        },
    }
)
NUMBER = st.sampled_from(
    ["", "0", "1", "2", "3.0", "12.5", "12,5", "70", "150", "<3", "99 H", "1,234", "x", "-9", "104"]
)
DATE = st.sampled_from(
    ["", "2008-05-01", "13/05/2008", "03/05/2008", "39569", "12-May-08", "2008-05-01 10:00", "NA"]
)
PARTIAL = st.one_of(DATE, st.sampled_from(["2008", "UN-MAY-2008", "2008-05"]))
RECORD = st.fixed_dictionaries(
    {
        "n": NUMBER,
        "k": NUMBER,
        "d": DATE,
        "p": PARTIAL,
        "c": st.sampled_from(["", "1", "2", "male", "3", "NA", "1.0"]),
        "b___1": st.sampled_from(["0", "1", "Checked", "2"]),
        "w": NUMBER,
        "u": st.sampled_from(["", "kg", "lb", "LBS", "st"]),
        "line_mm": st.sampled_from(["", "100", "98", "110"]),
        "t": NUMBER,
    }
)
RESULT = st.fixed_dictionaries(
    {
        "sample_date": st.sampled_from(["2008-05-01", "2008-05-02", "13/05/2008"]),
        "test": st.sampled_from(["Hb", "HGB", "Sodium"]),
        "result": st.sampled_from(["112", "11.2", "<60", "12,4", "hemolysed", "120 L", "NA", ""]),
        "unit": st.sampled_from(["g/L", "g/dL", "", "mmol"]),
        "ref_low": st.sampled_from(["", "12", "120"]),
        "ref_high": st.sampled_from(["", "16", "160"]),
        "flag": st.sampled_from(["", "L"]),
    }
)


def keyed(name, records):
    rows = [
        {"USUBJID": "S01", "VISIT": "", "INSTANCE": str(i)}
        | r
        | {"SRCFILE": f"{name}.csv", "SRCLINE": str(i + 1)}
        for i, r in enumerate(records, start=1)
    ]
    return pd.DataFrame(rows, dtype=str)


DICTIONARIES = {"crf": Dictionary({f.name: f for f in FIELDS})}
SETTINGS = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(st.lists(RECORD, min_size=1, max_size=5), st.lists(RESULT, min_size=1, max_size=6))
def test_cleaning_twice_changes_nothing(records, results):
    crf = {"f": keyed("f", records), "lab": keyed("lab", results)}
    once, findings = clean_forms(STUDY, crf, DICTIONARIES)
    twice, _ = clean_forms(STUDY, once, DICTIONARIES)
    for form, frame in once.items():
        pd.testing.assert_frame_equal(frame, twice[form])
    assert len(once["f"]) == len(records)
    excluded = findings[(findings["FORM"] == "lab") & (findings["ACTION"] == "excluded")]
    unused = sum(r["test"] == "Sodium" for r in results)
    by_row = (excluded["RULE"] != "test_not_used").sum()
    assert len(once["lab"]) == len(results) - unused - by_row


@SETTINGS
@given(st.lists(RECORD, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_columns_and_rows_may_come_in_any_order(records, random):
    frame = keyed("f", records)
    order = list(range(len(frame)))
    random.shuffle(order)
    columns = [c for c in frame.columns if c not in ("USUBJID", "VISIT", "INSTANCE")]
    random.shuffle(columns)
    shuffled = frame.iloc[order].reset_index(drop=True)[["USUBJID", "VISIT", "INSTANCE", *columns]]
    plain, told = clean_forms(STUDY, {"f": frame}, DICTIONARIES)
    other, heard = clean_forms(STUDY, {"f": shuffled}, DICTIONARIES)
    back = other["f"].sort_values("INSTANCE", ignore_index=True)[plain["f"].columns]
    pd.testing.assert_frame_equal(plain["f"], back)
    assert len(told) == len(heard)
