"""Study days and partial dates; cases of the vignettes of admiral."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.derive import dates
from sclerotrial.derive.spans import dated_spans

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2030, 12, 31)).map(dt.date.isoformat)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2008-05-12", 1), ("2008-05-13", 2), ("2008-05-11", -1), ("2008-05-01", -11),
        ("2008-11-10", 183), ("", None),
    ],
)  # fmt: skip
def test_study_day_has_no_zero(date, expected):
    assert dates.study_day(date, "2008-05-12") == expected


@given(DAYS, DAYS)
def test_study_day_is_never_zero_and_steps_by_one(date, reference):
    day = dates.study_day(date, reference)
    after = dates.study_day(dates.add_days(date, 1), reference)
    assert day != 0
    assert after - day == (2 if day == -1 else 1)


@pytest.mark.parametrize(
    ("text", "at", "caps", "expected"),
    [
        # admiral, vignettes/imputation.Rmd
        ("2019-02", "last", (), ("2019-02-28", "D")),
        ("2019-02", "last", ("2019-01-14", "2019-02-25"), ("2019-02-25", "D")),
        ("2019-02", "mid", (), ("2019-02-15", "D")),
        ("2019", "mid", (), ("2019-06-30", "M")),
        ("2019", "first", (), ("2019-01-01", "M")),
        ("2019", "last", (), ("2019-12-31", "M")),
        ("2019---07", "first", (), ("2019-01-07", "M")),
        ("2019---07", "last", (), ("2019-12-07", "M")),
        ("2020-02", "last", (), ("2020-02-29", "D")),
        ("2019-07-18", "first", ("2019-07-25",), ("2019-07-18", "")),
        ("2019-07-18T15:25", "last", (), ("2019-07-18", "")),
        ("", "first", ("2019-07-25",), ("", "")),
        # admiral, tests/testthat/test-derive_vars_dt.R: dashes at the end, times, both caps
        ("2019-07--", "first", (), ("2019-07-01", "D")),
        ("2019-07--", "last", (), ("2019-07-31", "D")),
        ("2019-07--", "mid", (), ("2019-07-15", "D")),
        ("2019-06--T00:00", "last", (), ("2019-06-30", "D")),
        ("2019----T00:00", "first", (), ("2019-01-01", "M")),
        ("2019---06T00:00", "last", (), ("2019-12-06", "M")),
        ("2019-07-18T15:25:40", "first", (), ("2019-07-18", "")),
        ("2019", "first", ("2019-07-06", "2019-06-06"), ("2019-07-06", "M")),
        ("2019-07--", "first", ("2019-07-06", "2019-06-06"), ("2019-07-06", "D")),
        ("2019", "last", ("2019-07-06", "2019-06-06"), ("2019-06-06", "M")),
        ("2019-07--", "last", ("2019-07-06", "2019-06-06"), ("2019-07-06", "D")),
    ],
)
def test_imputation(text, at, caps, expected):
    assert dates.impute(text, at, caps) == expected


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("2008-05", "2008-05-12", ("2008-05-12", "D")),  # possible: moved to the first dose
        ("2008-06", "2008-05-12", ("2008-06-01", "D")),
        ("2008-04", "2008-05-12", ("2008-04-01", "D")),
        ("2008", "2008-05-12", ("2008-05-12", "M")),
        ("2008---20", "2008-05-12", ("2008-01-20", "M")),  # the 12th is not a 20th
        ("2008---12", "2008-05-12", ("2008-05-12", "M")),
        ("2008-05", "", ("2008-05-01", "D")),
        ("", "2008-05-12", ("", "")),
    ],
)
def test_starts_move_to_treatment(text, start, expected):
    assert dates.impute_start(text, [start]) == expected


def test_a_missing_start_is_filled_only_when_asked():
    assert dates.impute_start("", fill="2008-05-12") == ("2008-05-12", "Y")


def test_ends_stop_at_the_end_of_study_and_stay_open_when_ongoing():
    assert dates.impute_end("2008-11", ["2008-11-10"]) == ("2008-11-10", "D")
    assert dates.impute_end("2008-10", ["2008-11-10"]) == ("2008-10-31", "D")
    assert dates.impute_end("2008-11", ["2008-11-10"], ongoing=True) == ("", "")


def test_imputed_starts_do_not_pass_the_end():
    assert dates.not_after("2008-05-12", "D", "2008-05-03") == "2008-05-03"
    assert dates.not_after("2008-05-12", "", "2008-05-03") == "2008-05-12"
    assert dates.not_after("2008-05-12", "D", "") == "2008-05-12"


@pytest.mark.parametrize(
    ("recorded", "start", "flag", "end", "found"),
    [
        ("2008-05", "2008-05-12", "D", "2008-05-03", "2008-05-03"),
        ("2008", "2008-05-12", "M", "2008-03-01", "2008-03-01"),
        # the end is in another month or year, or on another day than the one that is known
        ("2008-05", "2008-05-12", "D", "2008-04-20", "2008-05-01"),
        ("2008", "2008-05-12", "M", "2007-12-31", "2008-01-01"),
        ("2008---20", "2008-05-20", "M", "2008-03-10", "2008-01-20"),
        ("", "2008-05-12", "Y", "2008-03-10", "2008-03-10"),
    ],
)
def test_a_start_moved_to_the_end_keeps_its_known_parts(recorded, start, flag, end, found):
    assert dates.not_after(start, flag, end, recorded) == found


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        # treatment 12 May to 9 November, end of study 10 November 2008
        ("2008-11-05", "2008-11", "2008-11-05", "2008-11-10"),
        ("2008-11", "2008-11", "2008-11-01", "2008-11-10"),
        ("2008", "2008", "2008-05-12", "2008-11-10"),
        ("2008-11-20", "2008-11", "2008-11-20", "2008-11-30"),  # began after the cap
        ("2008-12", "2008", "2008-12-01", "2008-12-31"),
        ("2008-12", "2008-12", "2008-12-01", "2008-12-31"),
        ("", "2008", "", "2008-11-10"),
    ],
)
def test_an_imputed_end_is_not_before_its_start(start, end, first, last):
    row = {"USUBJID": "A", "START": start, "END": end, "ON": "0"}
    df = pd.DataFrame([row | dict.fromkeys(["VISIT", "INSTANCE", "SRCFILE", "SRCLINE"], "")])
    who = {"USUBJID": "A", "TRTSDT": "2008-05-12", "EOSDT": "2008-11-10"}
    found, notes = dated_spans(df, "f", "START", "END", "ON", pd.DataFrame([who]))
    assert (found["ASTDT"].item(), found["AENDT"].item(), notes) == (first, last, [])


@pytest.mark.parametrize(
    ("date", "reference", "expected"),
    [
        # admiral, tests/testthat/test-derive_vars_dy.R: a reference with a time of day
        ("2014-01-18", "2014-01-17T23:59:59", 2), ("2014-01-20", "2014-01-17T23:59:59", 4),
        ("2014-02-01", "2014-01-17T23:59:59", 16), ("2014-01-17", "2014-01-17T23:59:59", 1),
        ("2014-03-01", "2014-01-17T23:59:59", 44), ("2014-01-15", "2014-01-17T23:59:59", -2),
        ("2014-05-01", "2014-01-17T23:59:59", 105),
    ],
)  # fmt: skip
def test_study_day_of_a_reference_with_a_time(date, reference, expected):
    assert dates.study_day(date, reference) == expected


@pytest.mark.parametrize("text", ["--07-18", "--06-06T00:00", "-----T00:00", "2019/07/18"])
def test_a_date_without_a_year_is_none(text):
    # admiral has NA for these where nothing caps them
    assert dates.usable(text) == ""


@pytest.mark.parametrize("text", ["May 2008", "2008-13", "2008-02-30", "08-05-12", "2008-5-1"])
def test_other_texts_are_no_dates(text):
    assert dates.usable(text) == ""
    with pytest.raises(ValueError, match="ISO date"):
        dates.impute(text, "first")


@given(DAYS, st.sampled_from([4, 7, 10]), st.sampled_from(["first", "mid", "last"]), DAYS)
def test_known_parts_never_change(date, length, at, cap):
    text = date[:length]
    found, flag = dates.impute(text, at, [cap])
    assert found.startswith(text)
    assert flag == {4: "M", 7: "D", 10: ""}[length]
    assert dates.impute(text, "first")[0] <= found <= dates.impute(text, "last")[0]
