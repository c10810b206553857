"""Numbers as written (12 significant digits) and as printed (half up)."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.tabular import half_up, num, p_text, plain, read_csv, records, sig12, write_csv


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (0.285, 2, "0.29"),  # binary 0.28499999999999998
        (2.675, 2, "2.68"),
        (-0.25, 1, "-0.3"),
        (280 / 9, 1, "31.1"),
        (182 / 6, 1, "30.3"),
        (235 / 8, 1, "29.4"),
        (-0.0004, 2, "0.00"),
        (1e22, 0, "1" + "0" * 22),
        (float("nan"), 1, ""),
    ],
)
def test_half_up(x, digits, text):
    assert half_up(x, digits) == text


@pytest.mark.parametrize(("p", "text"), [(0.0005, "0.001"), (0.00049, "<0.001"), (1.0, "1.000")])
def test_p_text(p, text):
    assert p_text(p) == text


@pytest.mark.parametrize(
    ("x", "text"), [(0.1 + 0.2, "0.3"), (3.0, "3"), (None, ""), (True, "Y"), (1e-20, "1e-20")]
)
def test_plain(x, text):
    assert plain(x) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_twelve_digits_are_enough_and_stable(x):
    once = sig12(x)
    assert sig12(once) == once
    assert math.isclose(once, x, rel_tol=1e-11, abs_tol=0)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(blacklist_categories=["Cs", "Cc"])),
            st.floats(allow_nan=True, allow_infinity=False),
        ),
        min_size=1,
    )
)
def test_a_table_comes_back_as_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    table = pd.DataFrame(rows, columns=["word", "x"])
    write_csv(table, path)
    back = read_csv(path)
    assert back["word"].tolist() == table["word"].tolist()
    assert num(back["x"]).tolist() == pytest.approx([sig12(x) for x in table["x"]], nan_ok=True)
    first = path.read_bytes()
    write_csv(back, path)
    assert path.read_bytes() == first


def test_records_are_those_of_pandas_whatever_a_column_holds():
    frame = pd.DataFrame({
        "ID": ["a", ""], "N": [1, 2], "X": [0.5, float("nan")], "Y": [True, False],
        "Z": [None, "z"], "T": pd.to_datetime(["2012-05-01", "2012-05-02"]),
    })  # fmt: skip
    told, known = (pd.DataFrame(r) for r in (records(frame), frame.to_dict("records")))
    pd.testing.assert_frame_equal(told, known)
    assert [type(v) for v in records(frame)[0].values()] == [
        type(v) for v in frame.to_dict("records")[0].values()
    ]
    assert records(frame.iloc[:0]) == []


def test_a_word_where_a_number_should_be_is_a_defect():
    with pytest.raises(ValueError, match="twelve"):
        num(pd.Series(["1", "twelve"]))
