"""Strata beyond thirty patients: coin's numbers, every way of counting alike, draws beyond."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import groups, strata_sums, stratified

# coin 1.4: oneway_test(y ~ g | s, distribution = exact()), 5 to 9 s each
COIN = [
    (
        [
            (
                [-0.71, -0.02, 0.82, -1.01, 0.46, 0.67, 0.87, -1.69],
                [0.65, 1.6, 0.44, -0.72, -0.61, -2.65, 0.48, 1.5],
            ),
            (
                [1.35, -2.28, 0.27, 0.6, 0.22, 1.73, -1.04, -0.02],
                [0.6, 0.99, 0.17, 1.06, 0.52, -1.06, 1.29, -0.51],
            ),
        ],
        0.582078244642,
    ),
    (
        [
            (
                [-0.93, 1.14, 2.51, 1.66, 1.7, 0.89, -1.77, 1.38, 0.86, -1.94],
                [-0.65, -0.88, 1.06, 0.12, 0.3, 0.24, -1.33, -1.96, 0.06, -0.29],
            ),
            (
                [0.69, 0.53, 0.2, 1.26, 0.89, 0.08, -1.2, -1.89, -0.74, 0.55, 1.61, 0.28],
                [0.68, 1.16, 2.38, 0.29, 1.49, 0.23, -1.24, -2.27],
            ),
        ],
        0.352166545463,
    ),
    (
        [
            (
                [
                    -1.61,
                    1.05,
                    1.4,
                    1.66,
                    0.51,
                    1.37,
                    0.55,
                    0.61,
                    -0.1,
                    0.54,
                    -0.24,
                    1.3,
                    0.03,
                    -0.35,
                    0.59,
                    0.64,
                    -0.99,
                    -0.37,
                    0.11,
                    1.08,
                ],
                [0.52, 0.78, -0.27, -0.84, -1.44, 0.1, -0.42, 0.42, 0.99, 1.98],
            ),
            (
                [-0.18, 1.25, -0.96, 1.73, -0.52, 0.56, -0.4, 2.25, 1.25],
                [0.89, -0.14, 0.38, -1.11, -0.48, 1.37, -1.86, 0.06, 1.21],
            ),
            ([1.78, 1.37, 0.71, 2.05, 0.41, 0.66], [-1.69, 0.31, -0.32, -0, -2.27, -1.19]),
        ],
        0.0131727887398,
    ),
]

values = st.lists(st.integers(-50, 50).map(lambda k: k / 10), min_size=1, max_size=4)
strata = st.lists(st.tuples(values, values), min_size=1, max_size=3)


@pytest.mark.parametrize(("data", "p"), COIN)
def test_strata_of_many_patients_are_those_of_coin(data, p):
    begun = time.process_time()
    got = stratified.permutation(data)
    assert got.p == pytest.approx(p, abs=1e-11)
    assert "Monte Carlo" not in got.convention
    assert time.process_time() - begun < 5  # 0.01 s on a free machine


def normal(seed, *sizes):
    rng = np.random.default_rng(seed)
    return [(rng.normal(0.4, 1, m), rng.normal(0, 1, n)) for m, n in sizes]


@settings(max_examples=60)
@given(strata, st.integers(8, 200), st.sampled_from([stratified.permutation, stratified.rank_sum]))
def test_every_way_of_counting_gives_the_same(data, most, test):
    """Short lists force a stratum to be cut; no steps force lists; a low bound forces floats."""
    plain = test(data)
    kept = strata_sums.MOST, strata_sums.STEPS, strata_sums.WHOLE
    try:
        strata_sums.STEPS = 0
        assert test(data) == plain
        strata_sums.MOST = most
        cut = test(data)
        if "Monte Carlo" not in cut.convention:
            assert cut == plain
        strata_sums.MOST, strata_sums.STEPS = kept[:2]
        if test is stratified.permutation:
            strata_sums.WHOLE = 0
            floats = test(data)
            assert floats.p == pytest.approx(plain.p, rel=1e-14)
            assert floats.p_attainable == pytest.approx(plain.p_attainable, rel=1e-14)
    finally:
        strata_sums.MOST, strata_sums.STEPS, strata_sums.WHOLE = kept


def test_one_large_stratum_is_cut_as_without_strata():
    (pair,) = normal(3, (15, 15))
    cut = strata_sums.plan([strata_sums.Stratum(np.arange(30) ** 5, 15)])
    assert cut.cut == 0
    assert cut.head == 15
    assert stratified.permutation([pair]).p == groups.permutation(*pair).p


@pytest.mark.parametrize("sizes", [[(10, 10), (10, 10)], [(15, 15), (3, 2)], [(2, 2)] * 9])
def test_continuous_values_of_forty_patients_are_counted(sizes):
    data = normal(1, *sizes)
    got = stratified.permutation(data)
    assert "Monte Carlo" not in got.convention
    total = math.prod(math.comb(m + n, m) for m, n in sizes)
    alike = 2 if all(m == n for m, n in sizes) else 1
    assert got.p_attainable == alike / total
    assert got.p_design == alike / total
    assert round(got.p * total) == pytest.approx(got.p * total, abs=1e-3)
    parts = [np.concatenate(pair) for pair in data]
    weights = [(p - p.mean(), len(x)) for p, (x, _) in zip(parts, data, strict=True)]
    seen = abs(sum(w[:m].sum() for w, m in weights))
    rng, sums = np.random.default_rng(0), np.zeros(20_000)
    for w, m in weights:
        sums += rng.permuted(np.tile(w, (20_000, 1)), axis=1)[:, :m].sum(axis=1)
    drawn = np.mean(np.abs(sums) >= seen - 1e-9)
    assert abs(drawn - got.p) < 4 * math.sqrt(got.p * (1 - got.p) / 20_000)


def test_beyond_reach_p_is_drawn_and_says_so():
    data = normal(2, (14, 15), (10, 11), (5, 5))
    got = stratified.permutation(data, seed=7)
    error = math.sqrt(got.p * (1 - got.p) / 9999)
    assert got.convention.endswith(
        f"3 strata; Monte Carlo, 9999 draws, seed 7, standard error of p {error:.1g}"
    )
    assert got.p_attainable == 1 / 10_000
    assert got.p_design == 1 / math.prod(math.comb(m, k) for m, k in ((29, 14), (21, 10), (10, 5)))
    assert stratified.permutation(data, seed=7) == got
    # the same values to one decimal are counted: their sums are few
    rounded = stratified.permutation([(x.round(1), y.round(1)) for x, y in data])
    assert "Monte Carlo" not in rounded.convention
    assert abs(rounded.p - got.p) < 4 * error + 0.005


def test_one_stratum_is_drawn_as_without_strata():
    (pair,) = normal(5, (23, 23))
    got, plain = stratified.permutation([pair], seed=3), groups.permutation(*pair, seed=3)
    assert "Monte Carlo" in got.convention
    assert (got.p, got.p_attainable) == (plain.p, plain.p_attainable)


@pytest.mark.parametrize(("sizes", "seed"), [([(6, 6), (4, 5)], 1), ([(3, 9), (5, 5), (2, 2)], 4)])
def test_draws_are_near_the_count(monkeypatch, sizes, seed):
    data = normal(seed, *sizes)
    for test in (stratified.permutation, stratified.rank_sum):
        with monkeypatch.context() as patch:
            patch.setattr(strata_sums, "plan", lambda parts: None)
            drawn = test(data, seed=seed)
        p = test(data).p
        assert "Monte Carlo" in drawn.convention
        assert abs(drawn.p - p) < 4 * math.sqrt(p * (1 - p) / 9999) + 1e-4


def test_ties_of_decimals_survive_float_dust():
    # 0.1 + 0.2 and 0.3 are tied in truth: without the grid a third of these outcomes were lost
    data = [([0.1 + 0.2, 0.7 - 0.4], [0.3, 0.1]), ([0.3], [0.1 * 3, 0.2])]
    clean = [([3, 3], [3, 1]), ([3], [3, 2])]
    assert stratified.permutation(data).p == stratified.permutation(clean).p
    assert stratified.rank_sum(data).p == stratified.rank_sum(clean).p


def test_van_elteren_is_counted_at_any_size():
    for sizes in ([(15, 15)] * 2, [(14, 15), (10, 11), (5, 5)], [(8, 8), (7, 9), (6, 5), (5, 5)]):
        got = stratified.rank_sum(normal(1, *sizes))
        assert "Monte Carlo" not in got.convention
        assert got.p_attainable == pytest.approx(got.p_design)


def test_strata_of_too_many_sizes_are_refused_in_words():
    data = [(np.arange(float(n)), np.arange(float(n)) + 0.5) for n in range(1, 26)]
    assert "too many different sizes" in stratified.rank_sum(data).note
    assert 0 < stratified.permutation(data).p < 1
