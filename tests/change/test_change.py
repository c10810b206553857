"""Change scoring: hand cases, the table of reference change values, invariants."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.change.score import beyond_rcv, change, flags_by_chance, rcv

NAN = np.nan


@pytest.mark.parametrize(
    ("base", "aval", "low", "high", "direction"),
    [
        ("4", "16", 2, 2, 1),
        ("16", "4", -2, -2, -1),
        ("4", "4", 0, 0, 0),
        ("4", "<1", NAN, -2, -1),  # measured before, above the later limit: down by 2 at least
        ("4", "<8", NAN, 1, NAN),  # the later limit is higher than the value: undecided
        ("4", "<4", NAN, 0, NAN),  # on the limit is not beyond it
        ("<1", "4", 2, NAN, 1),
        ("<8", "4", -1, NAN, NAN),
        ("<1", "<1", NAN, NAN, NAN),
        ("<1", "<8", NAN, NAN, NAN),  # limits of two plates
        ("4", ">32", 3, NAN, 1),
        (">32", "4", NAN, -3, -1),
        (">32", ">32", NAN, NAN, NAN),
        ("<1", ">32", 5, NAN, 1),
        (">32", "<1", NAN, -5, -1),
    ],
)
def test_pairs(base, aval, low, high, direction):
    (b, bc), (a, ac) = ((float(x.lstrip("<>")), x[0] if x[0] in "<>" else "") for x in (base, aval))
    got = change([b], [a], "linear", [bc], [ac])
    np.testing.assert_equal([got.low[0], got.high[0], got.direction[0]], [low, high, direction])
    np.testing.assert_equal(got.log2fc[0], low if not bc + ac else NAN)


def test_scales():
    linear = change([4.0, 0.0], [6.0, 6.0], "linear")
    assert (linear.chg[0], linear.pchg[0]) == (2.0, 50.0)
    assert linear.log2fc[0] == pytest.approx(np.log2(1.5))
    assert np.isnan(linear.log2fc[1])  # no ratio to zero
    log = change([-7.0], [-5.5], "log2")
    assert (log.log2fc[0], log.chg[0], log.direction[0]) == (1.5, 1.5, 1)
    assert np.isnan(log.pchg[0])
    for scale in ("bounded", "ordinal"):
        other = change([3.0], [1.0], scale)
        assert (other.chg[0], other.direction[0]) == (-2.0, -1)
        assert np.isnan([other.log2fc[0], other.low[0], other.high[0], other.pchg[0]]).all()
    with pytest.raises(ValueError, match="'ratio'"):
        change([1.0], [1.0], "ratio")


def test_binary_dust_is_a_tie():
    assert change([0.3], [0.1 + 0.2], "log2").direction[0] == 0
    assert change([0.3], [0.1 + 0.2], "linear").chg[0] == 0


def test_missing_is_missing():
    got = change([NAN, 4.0], [4.0, NAN], "linear", ["", "<"], ["", ""])
    for part in (got.log2fc, got.low, got.high, got.direction, got.chg):
        assert np.isnan(part).all()


VALUES = st.floats(0.01, 1e6)
CENS = st.sampled_from(["", "<", ">"])


@given(base=VALUES, aval=VALUES, bc=CENS, ac=CENS, scale=st.sampled_from(["linear", "log2"]))
def test_swapping_visits_turns_the_change(base, aval, bc, ac, scale):
    one, two = (
        change([base], [aval], scale, [bc], [ac]), change([aval], [base], scale, [ac], [bc])
    )  # fmt: skip
    for a, b in ((one.log2fc, two.log2fc), (one.low, two.high), (one.high, two.low),
                 (one.direction, two.direction), (one.chg, two.chg)):  # fmt: skip
        np.testing.assert_array_equal(a, -b + 0.0 * b)


@given(
    truth=st.tuples(VALUES, VALUES), limits=st.tuples(VALUES, VALUES),
    sides=st.tuples(st.sampled_from("<>"), st.sampled_from("<>")),
)  # fmt: skip
def test_bounds_contain_the_truth(truth, limits, sides):
    seen = [
        (limit, side) if (value < limit if side == "<" else value > limit) else (value, "")
        for value, limit, side in zip(truth, limits, sides, strict=True)
    ]
    got = change([seen[0][0]], [seen[1][0]], "linear", [seen[0][1]], [seen[1][1]])
    true = np.log2(truth[1] / truth[0])
    assert np.isnan(got.low[0]) or got.low[0] <= true + 1e-9
    assert np.isnan(got.high[0]) or got.high[0] >= true - 1e-9
    if abs(true) > 1e-8:
        assert np.isnan(got.direction[0]) or got.direction[0] == np.sign(true)


@pytest.mark.parametrize("cens", [False, True])
def test_wide_matrix_equals_single_cells_and_is_fast(cens):
    rng = np.random.default_rng(20080430)
    base, aval = rng.lognormal(size=(2, 20000, 100))
    marks = [np.where(x < 0.3, "<", "").astype(object) if cens else None for x in (base, aval)]
    begin = time.perf_counter()
    got = change(base, aval, "linear", *marks)
    assert time.perf_counter() - begin < 8
    for i, j in ((0, 0), (19999, 99), (777, 42)):
        one = [None if m is None else [m[i, j]] for m in marks]
        cell = change([base[i, j]], [aval[i, j]], "linear", *one)
        np.testing.assert_array_equal(cell.low[0], got.low[i, j])
        np.testing.assert_array_equal(cell.direction[0], got.direction[i, j])


@pytest.mark.parametrize(
    ("cva", "cvi", "up", "down"),
    [(5, 34.1, 153.1, -60.5), (8, 15, 59.7, -37.4), (10, 20, 84.5, -45.8), (10, 48, 262.0, -72.4)],
)
def test_reference_change_values(cva, cvi, up, down):
    """Table of the clinical reference, section 4.4."""
    assert [round(x, 1) for x in rcv(cva, cvi)] == [down, up]


def test_rcv_of_means_is_narrower():
    """Four samples each side halve the logarithm of the limit."""
    one, four = rcv(8, 15), rcv(8, 15, n_before=4, n_after=4)
    assert np.log1p(four[1] / 100) == pytest.approx(np.log1p(one[1] / 100) / 2)


def test_beyond_rcv_needs_certainty():
    limits = (-50.0, 100.0)  # -1 and +1 in log2
    low = [1.2, 0.9, 1.2, NAN, NAN, -3.0]
    high = [1.2, 0.9, NAN, 1.2, -1.5, 3.0]
    assert beyond_rcv(low, high, limits).tolist() == [True, False, True, False, True, False]


def test_flags_by_chance():
    """5 % of 40 comparisons."""
    assert flags_by_chance(40) == pytest.approx(2.0, abs=1e-3)
