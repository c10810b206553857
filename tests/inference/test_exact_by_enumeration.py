"""The exact tests against enumeration in whole numbers: ties, zeros, constants, missing values."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import exact, fixed
from sclerotrial.inference import flips as signs_of
from sclerotrial.inference import splits as ways
from sclerotrial.inference.draws import DRAWS

# Values with one decimal, few of them, so that ties and zeros abound.
coarse = st.integers(-8, 8).map(lambda k: k / 10)
maybe = st.one_of(coarse, coarse, coarse, st.just(float("nan")))


def tenths(values):
    """One-decimal numbers as whole tenths, missing ones dropped."""
    return [round(10 * v) for v in values if v == v]


def far_tail(outcomes, seen):
    hits = sum(abs(o) >= abs(seen) for o in outcomes)
    return Fraction(hits, len(outcomes))


def least(outcomes):
    most = max(abs(o) for o in outcomes)
    return Fraction(sum(abs(o) == most for o in outcomes), len(outcomes))


def doubled_ranks(values):
    return [sum(w < v for w in values) + sum(w <= v for w in values) + 1 for v in values]


def flips(weights):
    return [sum(s * w for s, w in zip(signs, weights, strict=True))
            for signs in product((-1, 1), repeat=len(weights))]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(maybe, min_size=1, max_size=10))
def test_sign_flip_is_the_enumeration(d):
    x = tenths(d)
    got = exact.sign_flip(d)
    if not x:
        assert np.isnan(got.p[0])
        return
    outcomes = flips([abs(v) for v in x])
    assert got.p[0] == float(far_tail(outcomes, sum(x)))
    assert got.attainable[0] == float(least(outcomes))


@settings(deadline=None, max_examples=150)
@given(st.lists(maybe, min_size=1, max_size=10), st.sampled_from(["drop", "pratt"]))
def test_signed_rank_is_the_enumeration(d, zeros):
    x = tenths(d)
    got = exact.signed_rank(d, zeros)
    if not x:
        assert np.isnan(got.p[0])
        return
    ranked = [v for v in x if v] if zeros == "drop" else x
    ranks = doubled_ranks([abs(v) for v in ranked])
    pairs = [(r, v) for r, v in zip(ranks, ranked, strict=True) if v]
    outcomes = flips([r for r, _ in pairs])
    seen = sum(r if v > 0 else -r for r, v in pairs)
    assert got.p[0] == pytest.approx(float(far_tail(outcomes, seen)), abs=1e-15)
    assert got.attainable[0] == pytest.approx(float(least(outcomes)), abs=1e-15)


def splits(values, m):
    """Deviation from expectation, times N, of every choice of m."""
    total = sum(values)
    return [len(values) * sum(c) - m * total for c in combinations(values, m)]


@settings(deadline=None, max_examples=150)
@given(st.lists(maybe, min_size=1, max_size=5), st.lists(maybe, min_size=1, max_size=5))
def test_two_sample_tests_are_the_enumeration(x, y):
    a, b = tenths(x), tenths(y)
    mean, rank = exact.permutation(x, y), exact.rank_sum(x, y)
    if not a or not b:
        assert np.isnan(mean.p[0])
        assert np.isnan(rank.p[0])
        return
    for got, values in ((mean, a + b), (rank, doubled_ranks(a + b))):
        outcomes = splits(values, len(a))
        seen = len(values) * sum(values[: len(a)]) - len(a) * sum(values)
        assert got.p[0] == pytest.approx(float(far_tail(outcomes, seen)), abs=1e-15)
        assert got.attainable[0] == pytest.approx(float(least(outcomes)), abs=1e-15)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 14))
def test_meeting_in_the_middle_gives_what_all_signs_give(seed, n):
    rng = np.random.default_rng(seed)
    d = np.round(rng.normal(0.3, 1, (3, n)), 1) + 0.05
    q = fixed.to_fixed(d)
    reach = np.abs(q.sum(axis=1)) - n
    np.testing.assert_array_equal(
        signs_of.by_halves(np.abs(q), reach), signs_of.by_product(np.abs(q), reach)
    )


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 10))
def test_lists_of_half_sums_give_what_all_splits_give(seed, m):
    rng = np.random.default_rng(seed)
    q = ways.centred(fixed.to_fixed(np.round(rng.normal(0, 1, (3, 11)), 1)))
    reach = ways.distance(q, m) - 121
    np.testing.assert_array_equal(ways.by_lists(q, m, reach), ways.by_product(q, m, reach))


@settings(deadline=None, max_examples=60)
@given(st.lists(coarse, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_order_of_patients_and_scale_change_nothing(d, random):
    shuffled = list(d)
    random.shuffle(shuffled)
    for test in (exact.sign_flip, exact.signed_rank):
        p = test(d).p[0]
        assert test(shuffled).p[0] == p
        assert test([1000 * v for v in d]).p[0] == p
        assert test([-v for v in d]).p[0] == p


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(maybe, min_size=6, max_size=6), min_size=2, max_size=6))
def test_a_feature_does_not_depend_on_its_neighbours(rows):
    """The p of one gene must not change with the other genes of the call (scipy's does)."""
    x = np.array(rows)
    for test in (exact.sign_flip, exact.signed_rank):
        whole = test(x).p
        alone = np.array([test(row).p[0] for row in x])
        np.testing.assert_array_equal(whole, alone)
    for test in (exact.permutation, exact.rank_sum):
        whole = test(x[:, :2], x[:, 2:]).p
        alone = np.array([test(row[:2], row[2:]).p[0] for row in x])
        np.testing.assert_array_equal(whole, alone)


def test_monte_carlo_beyond_thirty_is_near_the_normal_law_and_repeats():
    d = np.random.default_rng(5).normal(0.25, 1, 40)
    first, second = exact.sign_flip(d, seed=7), exact.sign_flip(d, seed=7)
    assert first.p[0] == second.p[0]
    assert first.p[0] != exact.sign_flip(d, seed=8).p[0]
    z = abs(d.sum()) / np.sqrt((d**2).sum())
    expected = 2 * 0.5 * float(np.vectorize(__import__("math").erfc)(z / np.sqrt(2)))
    assert first.p[0] == pytest.approx(expected, abs=0.02)
    assert first.attainable[0] == 1 / (DRAWS + 1)


def test_two_sample_monte_carlo_repeats_and_is_near_exact():
    rng = np.random.default_rng(2)
    x, y = np.round(rng.normal(0.6, 1, 14), 1), np.round(rng.normal(0, 1, 17), 1)
    got = exact.permutation(x, y, seed=3)
    assert got.p[0] == exact.permutation(x, y, seed=3).p[0]
    q = ways.centred(fixed.to_fixed(np.concatenate([x, y])[None]))
    whole = ways.share_beyond(q, 14)[0]
    assert got.p[0] == pytest.approx(whole, abs=0.015)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(3, 0.25), (4, 0.125), (5, 0.0625), (6, 0.03125), (7, 0.015625), (9, 0.00390625)],
)
def test_smallest_p_of_the_signed_rank_design(n, expected):
    # Wilcoxon tables: 2 / 2**n
    assert exact.design_sign(n) == expected
    assert exact.signed_rank(np.arange(1, n + 1.0)).p[0] == expected


@pytest.mark.parametrize(
    ("m", "n", "rank", "mean"),
    [(3, 6, 2 / 84, 1 / 84), (4, 5, 2 / 126, 1 / 126), (2, 7, 2 / 36, 1 / 36),
     (1, 8, 2 / 9, 1 / 9), (9, 1, 0.2, 0.1), (3, 3, 0.1, 0.1)],
)  # fmt: skip
def test_smallest_p_of_two_sample_designs(m, n, rank, mean):
    assert exact.design_rank_sum(m, n) == pytest.approx(rank)
    assert exact.design_permutation(m, n) == pytest.approx(mean)
    # data that reach both: a group far out on one side, of spread-out values
    x, y = 100.0 + np.arange(m), np.arange(n) * 1.0
    assert exact.rank_sum(x, y).p[0] == pytest.approx(rank)
    far = exact.permutation(x, y).p[0]
    assert far >= mean - 1e-15
