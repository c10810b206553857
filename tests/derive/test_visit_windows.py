"""Windows, baseline and change, on frames made by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.derive.baseline import derive_baseline, derive_change
from sclerotrial.derive.dates import study_days
from sclerotrial.derive.visits import assign_window, flag_analysed, window_of

REF = "2008-05-12"


def _frame(*rows):
    df = pd.DataFrame(rows, columns=["ADT", "AVAL"])
    df["AVAL"] = df["AVAL"].astype(float)
    return df.assign(USUBJID="A", PARAMCD="X", REFDT=REF, LINE=range(len(df)), DTYPE="")


def _visits(study, df):
    df["ADY"] = study_days(df["ADT"], df["REFDT"])
    return flag_analysed(assign_window(derive_baseline(df), study.visits))


@pytest.mark.parametrize(
    ("day", "visit"),
    [
        (2, "Week 2"), (22, "Week 2"), (23, "Month 1"), (60, "Month 1"), (61, "Month 3"),
        (137, "Month 3"), (138, "Month 6"), (240, "Month 6"), (241, None), (math.nan, None),
    ],
)  # fmt: skip
def test_windows_of_the_study(study, day, visit):
    after = [v for v in study.visits if v.target is not None and v.target > 1]
    found = window_of(day, after)
    assert (found.avisit if found else None) == visit


def test_nearest_to_the_planned_day_then_the_later(study):
    # planned day 183 is 2008-11-10
    df = _visits(
        study,
        _frame(
            ("2008-05-12", 1),
            ("2008-11-04", 2),
            ("2008-11-07", 3),  # 3 days before
            ("2008-11-13", 4),  # 3 days after: equally near and later
            ("2008-11-14", 5),
        ),
    )
    assert df.loc[df["ANL01FL"] == "Y", "AVAL"].tolist() == [1, 4]
    assert df["AVISIT"].tolist() == ["Baseline"] + ["Month 6"] * 4
    assert df["AWTDIFF"].tolist() == [0, 6, 3, 3, 4]


def test_of_two_records_of_a_day_the_later_record(study):
    df = _visits(study, _frame(("2008-05-12", 1), ("2008-11-10", 2), ("2008-11-10", 3)))
    assert df["ANL01FL"].tolist() == ["Y", "", "Y"]


def test_baseline_is_the_last_value_up_to_the_first_dose(study):
    df = _visits(
        study,
        _frame(("2008-05-01", 1), ("2008-05-11", 2), ("2008-05-12", None), ("2008-05-13", 4)),
    )
    assert df["ABLFL"].tolist() == ["", "Y", "", ""]
    assert df["BASE"].tolist() == [2, 2, 2, 2]
    assert df["AVISIT"].tolist() == ["Screening", "Baseline", "Baseline", "Week 2"]
    assert df["ANL01FL"].tolist() == ["Y", "Y", "", "Y"]


def test_the_day_of_the_first_dose_is_before_it_and_the_next_is_after():
    df = derive_baseline(_frame((REF, 7), ("2008-05-13", 8)))
    assert df["POSTFL"].tolist() == ["", "Y"]
    assert df["ABLFL"].tolist() == ["Y", ""]


def test_no_value_before_gives_no_baseline():
    df = derive_change(derive_baseline(_frame(("2008-05-13", 8), ("", 9))))
    assert df["BASE"].isna().all()
    assert df["CHG"].isna().all()
    assert df["ABLFL"].tolist() == ["", ""]


def test_change_and_percent():
    df = _frame((REF, 8), ("2008-06-01", 10))
    df = derive_change(derive_baseline(df))
    assert math.isnan(df["CHG"][0])
    assert (df["CHG"][1], df["PCHG"][1]) == (2, 25)
    negative = derive_change(derive_baseline(_frame((REF, -8), ("2008-06-01", -6))))
    assert negative["PCHG"][1] == 25
    zero = derive_change(derive_baseline(_frame((REF, 0), ("2008-06-01", 3))))
    assert (zero["CHG"][1], zero["PCHG"].isna()[1]) == (3, True)
    ordinal = derive_change(derive_baseline(df[["ADT", "AVAL", "USUBJID", "PARAMCD", "REFDT",
                                               "LINE", "DTYPE"]]), frozenset({"X"}))  # fmt: skip
    assert ordinal["CHG"].isna().all()


RECORDS = st.lists(
    st.tuples(st.integers(-60, 260), st.one_of(st.none(), st.integers(0, 51))), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(RECORDS, st.randoms())
def test_order_of_rows_changes_nothing(study, records, random):
    start = pd.Timestamp(REF)
    rows = [((start + pd.Timedelta(days=d)).date().isoformat(), v) for d, v in records]
    df = _frame(*rows)
    shuffled = df.sample(frac=1, random_state=random.randrange(1000)).reset_index(drop=True)
    first = _visits(study, df.copy())
    again = _visits(study, shuffled).sort_values("LINE").reset_index(drop=True)
    pd.testing.assert_frame_equal(first, again)
    used = first[first["ANL01FL"] == "Y"]
    assert not used.duplicated(["AVISIT"]).any()
    assert used["AVAL"].notna().all()
    assert (first["ABLFL"] == "Y").sum() <= 1
