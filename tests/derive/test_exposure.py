"""Dosing intervals and dose intensity."""

from __future__ import annotations

import math

import pytest

from sclerotrial.derive import exposure

FIELDS = "ex_start ex_end ex_dose ex_freq ex_reason"


@pytest.mark.parametrize(
    ("given", "planned", "expected"),
    # inputs of admiral derive_param_doseint: 59/96, 88/88
    [
        (59, 96, 61.458333),
        (88, 88, 100),
        (0, 0, math.nan),
        (52, 0, math.inf),
        (math.nan, 5, math.nan),
    ],
)
def test_dose_intensity(given, planned, expected):
    assert exposure.dose_intensity(given, planned) == pytest.approx(expected, nan_ok=True)


def test_dose_intensity_conventions_for_nothing_planned():
    assert exposure.dose_intensity(0, 0, nothing=0) == 0
    assert exposure.dose_intensity(52, 0, unplanned=100) == 100


def test_two_denominators_differ(study, make):
    # 400 mg x 14 d then 200 mg x 60 d: 17,600 mg is 59.5 % of 29,600 and 24.2 % of 72,800
    clean = {
        "dosing": make.form(
            FIELDS,
            "A|Logs|1|2008-05-01|2008-05-14|200|2|1",
            "A|Logs|2|2008-05-15|2008-07-13|200|1|2",
        )
    }
    rows, notes = exposure.intervals(study, clean)
    found = exposure.summary(study, rows.to_dict("records"))
    assert notes == []
    assert found["CUMDOSE"] == 17600
    assert (found["TRTDURD"], found["DOSEDAYS"]) == (74, 74)
    assert found["RDIDUR"] == pytest.approx(59.459459)
    assert found["RDIPLAN"] == pytest.approx(24.175824)
    assert found["AVGDD"] == pytest.approx(237.837838)
    assert (found["DOSEREDFL"], found["DOSREDDT"]) == ("Y", "2008-05-15")
    assert (found["INTERRFL"], found["REINTFL"]) == ("", "")


def test_gaps_are_rows_and_do_not_count_as_dosed(study, make):
    clean = {
        "dosing": make.form(
            FIELDS,
            "A|Logs|2|2008-05-11|2008-05-20|200|1|3",  # out of order in the export
            "A|Logs|1|2008-05-01|2008-05-05|200|2|1",
        )
    }
    rows, _ = exposure.intervals(study, clean)
    assert rows["EXTYPE"].tolist() == ["DOSING", "INTERRUPTION", "DOSING"]
    gap = rows.iloc[1]
    assert (gap["ASTDT"], gap["AENDT"], gap["DURD"]) == ("2008-05-06", "2008-05-10", 5)
    assert gap["SRCLINE"] == "3"  # the interval before it
    found = exposure.summary(study, rows.to_dict("records"))
    assert (found["TRTDURD"], found["DOSEDAYS"], found["CUMDOSE"]) == (20, 15, 4000)
    assert found["REINTFL"] == "Y"
    days = ["2008-04-30", "2008-05-05", "2008-05-06", "2008-05-11", "2008-06-01"]
    doses = [exposure.dose_on(rows.to_dict("records"), d) for d in days]
    assert math.isnan(doses[0])
    assert doses[1:] == [400, 0, 200, 0]


@pytest.mark.parametrize(
    ("lines", "rule", "kept"),
    [
        (["A|Logs|1||2008-05-05|200|2|1"], "dose_no_start", []),
        (
            ["A|Logs|1|2008-05-01|2008-05-12|-200|2|1"],
            "dose_negative",
            [("2008-05-01", "2008-05-12")],
        ),
        (["A|Logs|1|2008-05-05|2008-05-01|200|2|1"], "dose_order", []),
        (
            ["A|Logs|1|2008-05-01|2008-05-12|200|2|1", "A|Logs|2|2008-05-10|2008-05-20|200|1|2"],
            "dose_overlap",
            [("2008-05-01", "2008-05-09"), ("2008-05-10", "2008-05-20")],
        ),
        (
            ["A|Logs|1|2008-05-01||200|2|1", "A|Logs|2|2008-05-10|2008-05-20|200|1|2"],
            "dose_open_end",
            [("2008-05-01", "2008-05-09"), ("2008-05-10", "2008-05-20")],
        ),
        (
            ["A|Logs|1|2008-05-01|2008-05-12|200|2|1", "A|Logs|2|2008-05-01|2008-05-20|200|1|2"],
            "dose_same_start",
            [("2008-05-01", "2008-05-20")],
        ),
    ],
)
def test_impossible_and_open_intervals(study, make, lines, rule, kept):
    rows, notes = exposure.intervals(study, {"dosing": make.form(FIELDS, *lines)})
    assert [n["RULE"] for n in notes] == [rule]
    assert list(zip(rows["ASTDT"], rows["AENDT"], strict=True)) == kept


def test_an_interval_goes_on_after_one_that_lies_within_it(study, make):
    # ten days at half dose within 60 days: no gap, and no dose that was given again
    lines = ["A|Logs|1|2008-05-01|2008-06-29|200|2|1", "A|Logs|2|2008-05-11|2008-05-20|200|1|2"]
    rows, notes = exposure.intervals(study, {"dosing": make.form(FIELDS, *lines)})
    assert list(zip(rows["ASTDT"], rows["AENDT"], rows["DOSE"], rows["SRCLINE"], strict=True)) == [
        ("2008-05-01", "2008-05-10", 400, "2"),
        ("2008-05-11", "2008-05-20", 200, "3"),
        ("2008-05-21", "2008-06-29", 400, "2"),
    ]
    assert [(n["RULE"], n["RAW"], n["VALUE"]) for n in notes] == [
        ("dose_overlap", "2008-06-29", "2008-05-10")
    ]
    found = exposure.summary(study, rows.to_dict("records"))
    assert (found["DOSEDAYS"], found["CUMDOSE"]) == (60, 50 * 400 + 10 * 200)
    assert (found["DOSEREDFL"], found["INTERRFL"], found["REINTFL"]) == ("Y", "", "")


def test_an_open_last_interval_ends_with_the_disposition(study, make):
    clean = {
        "dosing": make.form(FIELDS, "A|Logs|1|2008-05-01||200|2|1"),
        "disposition": make.form("ds_last_dose", "A|Logs||2008-05-10"),
    }
    rows, notes = exposure.intervals(study, clean)
    assert rows["DURD"].tolist() == [10]
    assert notes[0]["ACTION"] == "converted"
    rows, notes = exposure.intervals(study, {"dosing": clean["dosing"]})
    assert math.isnan(exposure.summary(study, rows.to_dict("records"))["CUMDOSE"])
    assert notes[0]["SEVERITY"] == "error"


def test_nothing_taken_gives_nothing(study, make):
    rows, _ = exposure.intervals(
        study, {"dosing": make.form(FIELDS, "A|Logs|1|2008-05-01|2008-05-09|0|2|1")}
    )
    assert rows["EXTYPE"].tolist() == ["INTERRUPTION"]
    assert exposure.summary(study, rows.to_dict("records")) == {}
