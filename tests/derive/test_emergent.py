"""Treatment-emergent events: table of admiral, episodes, dechallenge and rechallenge."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.derive import emergent

START, END = "2022-01-01", "2022-04-30"


@pytest.mark.parametrize(
    ("start", "end", "first", "worst", "plain", "full"),
    [
        # admiral, tests of derive_var_trtemfl
        ("2021-12-13", "2021-12-15", 1, 1, False, False),
        ("2021-12-30", "2022-01-14", 1, 3, False, True),
        ("2021-12-31", "2022-01-01", 1, 1, False, False),
        ("2022-01-01", "2022-01-02", 3, 4, True, True),
        ("2022-05-10", "2022-05-10", 2, 2, True, True),
        ("2022-05-11", "2022-05-11", 2, 2, True, False),
        ("", "", 3, 4, True, True),
        ("2021-12-30", "", 3, 4, False, True),
        ("2021-12-30", "", 3, 3, False, False),
        ("", "2022-01-04", 3, 4, True, True),
        ("", "2021-12-24", 3, 4, False, False),
    ],
)
def test_golden_table(start, end, first, worst, plain, full):
    assert emergent.is_emergent(start, end, START, END) is plain
    assert emergent.is_emergent(start, end, START, END, 10, first, worst) is full


@pytest.mark.parametrize(
    ("start", "end", "first", "worst", "plain", "full"),
    [
        # the same table with its times: treatment 2022-01-01T01:01 to 2022-04-30T11:30
        ("2021-12-14T20:15", "2021-12-14T22:00", 1, 3, False, False),
        ("2021-12-30T20:00", "2022-01-14T11:00", 1, 3, False, True),
        ("2021-12-31T20:15", "2022-01-01T01:23", 1, 1, False, False),
        ("2022-01-01T12:00", "2022-01-02T23:25", 3, 4, True, True),
        ("2022-05-10T11:00", "2022-05-10T13:05", 2, 2, True, True),
        ("2022-05-10T12:00", "2022-05-10T13:05", 2, 2, True, True),
        ("2022-05-11T11:00", "2022-05-11T13:05", 2, 2, True, False),
        ("", "2022-01-04T09:00", 3, 4, True, True),
        ("", "2021-12-24T19:00", 3, 4, False, False),
        ("", "2022-06-04T09:00", 3, 4, True, True),
        # a day alone is compared as a day
        ("2022-01-01", "", 1, 1, True, True),
    ],
)
def test_golden_table_with_times(start, end, first, worst, plain, full):
    treated = ("2022-01-01T01:01", "2022-04-30T11:30")
    assert emergent.is_emergent(start, end, *treated) is plain
    assert emergent.is_emergent(start, end, *treated, 10, first, worst) is full


def test_a_window_without_a_last_dose_sets_no_limit():
    assert emergent.is_emergent("2023-01-01", "", START, "", 10) is True


def test_nobody_untreated_has_emergent_events():
    assert emergent.is_emergent("2022-01-05", "", "") is False


def test_grades_compare_as_numbers():
    # as text '10' would come before '9'
    assert emergent.is_emergent("2021-12-30", "", START, END, 10, 9, 10) is True
    assert emergent.is_emergent("2021-12-30", "", START, END, 10, float("nan"), 3) is False


def _rows(*rows):
    names = ["USUBJID", "TERM", "ASTDT", "AENDT", "GRADE"]
    df = pd.DataFrame(rows, columns=names)
    return df.assign(LINE=range(len(df)), TRTSDT=START, TRTEDT=END)


def test_rows_that_follow_each_other_are_one_episode():
    df = emergent.add_episodes(
        _rows(
            ("A", "nausea", "2022-01-05", "2022-01-08", 1),
            ("A", "nausea", "2022-01-09", "2022-01-12", 3),  # the day after
            ("A", "nausea", "2022-01-14", "2022-01-15", 1),  # a day between
            ("A", "rash", "2022-01-09", "", 1),
            ("A", "rash", "2022-03-01", "", 2),  # the former never ended
            ("B", "nausea", "2022-01-09", "2022-01-10", 1),
            ("B", "nausea", "", "", 1),
        )
    )
    got = df.sort_values("LINE")["AEGRPID"].tolist()
    assert got[0] == got[1] != got[2]
    assert got[3] == got[4]
    assert len(set(got)) == 5
    assert len({g for g in got if g.startswith("A")}) == 3


def test_an_episode_is_counted_when_it_becomes_worse_than_before_treatment():
    df = emergent.add_episodes(
        _rows(
            ("A", "nausea", "2021-12-20", "2022-01-04", 2),
            ("A", "nausea", "2022-01-05", "2022-01-08", 1),
            ("A", "nausea", "2022-01-09", "2022-01-12", 3),
            ("A", "nausea", "2022-01-13", "2022-01-20", 2),
        )
    )
    assert emergent.emergent_rows(df, 30) == [False, False, True, False]


DOSES = pd.DataFrame(
    [
        ("2022-01-01", "2022-01-20", "DOSING"),
        ("2022-01-21", "2022-01-30", "INTERRUPTION"),
        ("2022-01-31", "2022-04-30", "DOSING"),
    ],
    columns=["ASTDT", "AENDT", "EXTYPE"],
).to_dict("records")


@pytest.mark.parametrize(
    ("action", "outcome", "end", "again", "dechallenge", "rechallenge"),
    [
        ("INTERRUPTED", "RESOLVED", "2022-01-28", "2022-02-03", "positive", "positive"),
        ("INTERRUPTED", "RESOLVED", "2022-01-28", None, "positive", "negative"),
        ("INTERRUPTED", "RESOLVED", "2022-02-10", None, "negative", ""),  # ended on drug again
        ("INTERRUPTED", "CONTINUING", "", None, "negative", ""),
        ("STOPPED", "FATAL", "2022-01-28", None, "negative", ""),
        ("INTERRUPTED", "", "", None, "", ""),  # nobody knows what became of it
        ("REDUCED", "RESOLVED", "2022-02-10", None, "positive", ""),
        ("", "RESOLVED", "2022-01-28", None, "", ""),
    ],
)
def test_challenges(action, outcome, end, again, dechallenge, rechallenge):
    row = {
        "ACTION": action, "OUTCOME": outcome, "ASTDT": "2022-01-15", "AENDT": end, "AEGRPID": "E1",
    }  # fmt: skip
    same = [{"AEGRPID": "E1", "ASTDT": "2022-01-15"}]
    if again:
        same.append({"AEGRPID": "E2", "ASTDT": again})
    assert emergent.dechallenge(row, DOSES) == dechallenge
    assert emergent.rechallenge(row, DOSES, same) == rechallenge


def test_no_rechallenge_where_the_drug_was_not_given_again():
    row = {
        "ACTION": "STOPPED", "OUTCOME": "RESOLVED", "ASTDT": "2022-02-15", "AENDT": "2022-05-20",
        "AEGRPID": "E1",
    }  # fmt: skip
    same = [{"AEGRPID": "E1", "ASTDT": "2022-02-15"}]
    assert emergent.dechallenge(row, DOSES) == "positive"
    assert emergent.rechallenge(row, DOSES, same) == ""
