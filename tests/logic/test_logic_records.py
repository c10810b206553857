"""References between forms, events and instances."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from sclerotrial.logic import UNKNOWN, Expression, LogicError, Records
from sclerotrial.read.dictionary import read_dictionary


def rows(*cells, columns):
    return pd.DataFrame([dict(zip(columns, c, strict=True)) for c in cells], dtype=str)


KEYS = ["USUBJID", "VISIT", "INSTANCE"]


@pytest.fixture
def records():
    return Records(
        forms={
            "demo": rows(
                ("S1", "Screening", "", "2008-05-01", "2"),
                ("S2", "Screening", "", "2008-06-01", "1"),
                columns=[*KEYS, "consent", "sex"],
            ),
            "signs": rows(
                ("S1", "Screening", "", "70", "0"),
                ("S1", "Baseline", "", "71", "1"),
                ("S1", "Month 3", "", "69", "0"),
                ("S2", "Baseline", "", "55", "0"),
                columns=[*KEYS, "weight", "oedema___1"],
            ),
            "events": rows(
                ("S1", "Logs", "1", "2008-06-01"),
                ("S1", "Logs", "2", "2008-07-01"),
                ("S1", "Logs", "10", "2008-08-01"),
                columns=[*KEYS, "start"],
            ),
            "lab": rows(
                ("S1", "", "1", "12", "2008-05-02"),
                ("S2", "", "1", "13", "2008-06-02"),
                columns=[*KEYS, "result", "start"],
            ),
        },
        events={
            "screening_arm_1": "Screening",
            "baseline_arm_1": "Baseline",
            "month_3_arm_1": "Month 3",
            "logs_arm_1": "Logs",
        },
        order=["Screening", "Baseline", "Month 3", "Logs"],
        withheld=frozenset({"dob"}),
        fields={"never": "demo"},
        instruments={"signs": "vital_signs"},
    )


def values(records, text, form):
    return records.values(Expression(text), form)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("[weight]", "signs", ["70", "71", "69", "55"]),
        ("[sex]", "signs", ["2", "", "", ""]),  # the same event only
        ("[screening_arm_1][sex]", "signs", ["2", "2", "2", "1"]),
        ("[Screening][sex]", "signs", ["2", "2", "2", "1"]),
        ("[previous-event-name][weight]", "signs", ["", "70", "71", ""]),
        ("[next-event-name][weight]", "signs", ["71", "69", "", ""]),
        ("[first-event-name][weight]", "signs", ["70", "70", "70", ""]),
        ("[last-event-name][weight]", "signs", ["69", "69", "69", ""]),
        ("[start]", "events", ["2008-06-01", "2008-07-01", "2008-08-01"]),
        ("[start][1]", "events", ["2008-06-01"] * 3),
        ("[start][first-instance]", "events", ["2008-06-01"] * 3),
        ("[start][last-instance]", "events", ["2008-08-01"] * 3),
        ("[start][previous-instance]", "events", ["", "2008-06-01", ""]),  # 10 has no 9
        ("[start][next-instance]", "events", ["2008-07-01", "", ""]),
        ("[logs_arm_1][events.start][2]", "demo", ["2008-07-01", ""]),
        ("[lab.result]", "signs", ["12", "12", "12", "13"]),  # a table has no events
        ("[Screening][consent] <= [start]", "lab", [True, True]),
        ("[oedema(1)] = '1'", "signs", [False, True, False, False]),
        ("[baseline_arm_1][oedema(1)]", "demo", ["1", "0"]),
        ("[never]", "demo", ["", ""]),
        ("[event-name]", "demo", ["screening_arm_1"] * 2),
        ("[event-label]", "demo", ["Screening"] * 2),
        ("[event-number]", "signs", [1, 2, 3, 2]),
        ("[previous-event-name]", "signs", ["", "screening_arm_1", "baseline_arm_1",
                                            "screening_arm_1"]),
        ("[arm-number]", "demo", ["1", "1"]),
        ("[record-name]", "demo", ["S1", "S2"]),
        ("[instrument-name]", "signs", ["vital_signs"] * 4),
        ("[current-instance]", "events", [1, 2, 10]),
        ("[previous-instance]", "events", ["", 1, 9]),
        ("[first-instance]", "events", [1, 1, 1]),
        ("[last-instance]", "events", [10, 10, 10]),
        ("[current-instance] = [last-instance]", "events", [False, False, True]),
    ],
)  # fmt: skip
def test_a_reference_finds_its_value(records, text, form, expected):
    assert values(records, text, form) == expected


def test_what_the_reader_withholds_is_unknown_not_blank(records):
    assert values(records, "[dob] = ''", "demo") == [UNKNOWN, UNKNOWN]
    assert values(records, "[user-name]", "demo") == [UNKNOWN, UNKNOWN]
    reason = records.unknowable
    assert "withholds" in reason(Expression("age_at_date([dob], [consent])"))
    assert "day" in reason(Expression("datediff([consent], 'today', 'd')"))
    assert "user-name" in reason(Expression("[user-name] = 'x'"))
    assert "screen" in reason(Expression("[sex:label] = 'Male'"))
    assert reason(Expression("[sex:value] = 1 and [event-number] = 2")) == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[wieght]", "no form has the field 'wieght'"),
        ("[month_9_arm_1][weight]", "no event is called 'month_9_arm_1'"),
        ("[start]", "is in events and lab"),
        ("[labs.start]", "no form is called 'labs'"),
        ("[oedema(7)]", "with the choice '7'"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(records, text, word):
    with pytest.raises(LogicError, match=word.replace("(", r"\(")):
        values(records, text, "demo")


def test_every_logic_of_the_real_dictionaries_is_read(realdata):
    """Branching logic, calculations and calculated texts of all dictionaries that are there."""
    found = 0
    for path in sorted((realdata / "a_crf").rglob("*.csv")):
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as f:
            head = next(csv.reader(f), [])
        if not {"Variable / Field Name", "field_name"} & set(head):
            continue
        dictionary = read_dictionary(path, path.name)
        for field in dictionary.fields.values():
            for text in filter(None, (field.branching, field.calculation)):
                Expression(text)
                found += 1
    assert found >= 8
