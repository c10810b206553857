"""Intervals belong to their tests; effects, correlations, counts and tables by hand."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sclerotrial.inference import (
    censored,
    correlation,
    counts,
    describe,
    effects,
    exact,
    groups,
    multiplicity,
    paired,
    peers,
    proportions,
    survival,
    tables,
)

coarse = st.integers(-30, 30).map(lambda k: k / 10)
many = st.lists(coarse, min_size=6, max_size=9)


@settings(deadline=None, max_examples=60)
@given(many, coarse)
def test_an_interval_moves_with_the_data(d, by):
    assume(len(set(d)) > 1)
    got, moved = paired.hodges_lehmann(d), paired.hodges_lehmann([v + by for v in d])
    for end in ("estimate", "ci_low", "ci_high"):
        assert getattr(moved, end) == pytest.approx(getattr(got, end) + by, abs=1e-7)
    turned = paired.hodges_lehmann([-v for v in d])
    assert (turned.ci_low, turned.ci_high) == (
        pytest.approx(-got.ci_high, abs=1e-9),
        pytest.approx(-got.ci_low, abs=1e-9),
    )


@settings(deadline=None, max_examples=60)
@given(many, st.integers(-40, 40).map(lambda k: k / 20))
def test_what_lies_outside_the_interval_is_rejected(d, shift):
    assume(len(set(d)) > 1)
    got = paired.hodges_lehmann(d)
    if not got.ci_low - 1e-9 <= shift <= got.ci_high + 1e-9:
        assert exact.signed_rank(np.array(d) - shift).p[0] <= 0.05
    assert got.ci_low <= got.estimate <= got.ci_high


@settings(deadline=None, max_examples=60)
@given(st.lists(coarse, min_size=4, max_size=5), st.lists(coarse, min_size=4, max_size=5), coarse)
def test_what_lies_outside_the_shift_interval_is_rejected(x, y, by):
    got = groups.shift(x, y)
    assert got.ci_low <= got.estimate <= got.ci_high
    if not got.ci_low - 1e-9 <= by <= got.ci_high + 1e-9:
        assert exact.rank_sum(np.array(x) - by, y).p[0] <= 0.05
    moved = groups.shift([v + 1 for v in x], y)
    assert moved.ci_low == pytest.approx(got.ci_low + 1, abs=1e-7)


@pytest.mark.parametrize(
    ("n", "level"), [(2, 0.5), (3, 0.75), (4, 0.875), (5, 0.9375), (6, 0.96875)]
)
def test_level_reached_by_few_pairs(n, level):
    got = paired.hodges_lehmann(np.arange(1.0, n + 1))
    assert got.conf_achieved == level
    assert (got.ci_low, got.ci_high) == (1, n)
    assert ("no exact 95 % interval" in got.note) == (n <= 5)
    assert got.conf_level == 0.95


def test_level_reached_by_nine_against_one():
    got = groups.shift(np.arange(1.0, 10), [20.0])
    assert got.conf_achieved == pytest.approx(0.8)
    assert got.note == "9 v 1: no exact 95 % interval exists; the widest has level 80 %"
    assert groups.shift([1], [2]).conf_achieved == 0


def test_coverage_of_the_exact_intervals_is_not_below_the_level():
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        got = paired.hodges_lehmann(np.round(rng.normal(0.5, 1, 7), 1))
        hits += got.ci_low <= 0.5 <= got.ci_high
    # level of 7 tie-free pairs is 0.953; 400 draws have a standard error of 0.011
    assert hits / 400 > 0.92


def test_mean_change_by_hand():
    # mean 1, SD 1, n = 4: 1 -+ 3.182446 * 0.5
    got = paired.mean_change([0, 0.5, 1.5, 2])
    sd = math.sqrt(2.5 / 3)
    assert got.estimate == 1
    assert got.ci_high == pytest.approx(1 + 3.182446305284263 * sd / 2, abs=1e-12)
    assert got.ci_low == pytest.approx(1 - 3.182446305284263 * sd / 2, abs=1e-12)
    assert got.conf_achieved == 0.95


@settings(deadline=None, max_examples=25)
@given(st.lists(coarse, min_size=2, max_size=9))
def test_pingouin_and_the_matrix_formula_agree(d):
    assume(np.ptp(d) > 0)
    got = paired.mean_change(d)
    mean, low, high = paired.t_intervals([d])
    assert (got.estimate, got.ci_low, got.ci_high) == (
        pytest.approx(mean[0]),
        pytest.approx(low[0]),
        pytest.approx(high[0]),
    )


def test_intervals_of_small_numbers_are_not_rounded():
    # pingouin rounds intervals to two decimals unless told not to
    got = paired.mean_change([0.0011, 0.0012, 0.0014])
    assert 0 < got.ci_low < 0.0011
    assert got.ci_high != round(got.ci_high, 2)


@pytest.mark.parametrize(("df", "j"), [(2, 0.5642), (3, 0.7236), (8, 0.9027)])
def test_hedges_correction_is_the_exact_one(df, j):
    assert effects.hedges_j(df) == pytest.approx(j, abs=5e-5)


def test_noncentral_interval_contains_the_tails_it_should():
    from scipy.stats import nct

    low, high = effects.noncentrality(2.4, 8, 0.95)
    assert nct.sf(2.4, 8, low) == pytest.approx(0.025, abs=1e-9)
    assert nct.cdf(2.4, 8, high) == pytest.approx(0.025, abs=1e-9)


def test_paired_effects_by_hand():
    # mean 2, SD of changes sqrt(2.5), n = 5; J(4) = 0.797885
    d = [0, 1, 2, 3, 4]
    assert paired.hedges_gz(d).estimate == pytest.approx(0.7978845608 * 2 / math.sqrt(2.5))
    base = np.array([10.0, 12, 11, 15, 12])
    s = math.sqrt((base.var(ddof=1) + (base + d).var(ddof=1)) / 2)
    assert paired.hedges_gav(base, base + d).estimate == pytest.approx(0.7978845608 * 2 / s)
    assert "at least 3" in paired.hedges_gz([1, 2]).note


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(coarse, coarse), min_size=3, max_size=6))
def test_correlation_p_is_the_enumeration(points):
    x, y = (np.round(10 * np.array(v)).astype(int) for v in zip(*points, strict=True))
    assume(np.ptp(x) and np.ptp(y))
    n = len(x)
    centre = int(x.sum()) * int(y.sum())
    all_ = [abs(n * int(sum(x * y[list(o)])) - centre) for o in permutations(range(n))]
    seen = abs(n * int(sum(x * y)) - centre)
    got = correlation.pearson(x / 10, y / 10)
    assert got.p == pytest.approx(sum(a >= seen for a in all_) / len(all_), abs=1e-12)
    assert got.p_attainable == pytest.approx(sum(a == max(all_) for a in all_) / len(all_))
    assert got.p >= got.p_attainable >= got.p_design


def test_correlation_of_more_than_nine_is_drawn_and_says_so():
    rng = np.random.default_rng(3)
    x = rng.normal(size=15)
    got = correlation.pearson(x, x + rng.normal(size=15), seed=4)
    assert "Monte Carlo, 9999 draws, seed 4" in got.convention
    assert 1e-4 <= got.p < 0.05
    assert correlation.spearman([1, 2, 3], [5, 5, 5]).note.startswith("all values equal")


def test_poisson_interval():
    # exact limits of 10 events (Garwood): 4.795 to 18.390
    got = counts.poisson_rate(10, 2.0)
    assert got.estimate == 5
    assert (2 * got.ci_low, 2 * got.ci_high) == (
        pytest.approx(4.795, abs=5e-4),
        pytest.approx(18.390, abs=5e-4),
    )
    none = counts.poisson_rate(0, 10)
    assert none.ci_low == 0
    assert none.ci_high == pytest.approx(-math.log(0.025) / 10)
    assert counts.poisson_rate(0, 0).note == "no time at risk"


def test_shares_at_the_edges():
    # clinical tables: 9/9 66.4-100, 0/9 0-33.6, 1/1 2.5-100
    assert proportions.clopper_pearson(9, 9).ci_low == pytest.approx(0.664, abs=5e-4)
    assert proportions.clopper_pearson(0, 9).ci_high == pytest.approx(0.336, abs=5e-4)
    assert proportions.clopper_pearson(1, 1).ci_low == pytest.approx(0.025)
    assert proportions.clopper_pearson(0, 0).note == "no patient"
    with pytest.raises(ValueError, match="between 0 and n"):
        proportions.wilson(3, 2)


@pytest.mark.parametrize(
    ("table", "p", "least"),
    [
        ([[9, 0], [0, 1]], 0.1, 0.1),
        ([[8, 1], [0, 1]], 0.2, 0.2),
        ([[3, 1], [1, 3]], 34 / 70, 2 / 70),
    ],
)
def test_fisher_by_hand(table, p, least):
    got = tables.fisher(table)
    assert got.p == pytest.approx(p)
    assert got.p_attainable == pytest.approx(least)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=2, max_size=2))
def test_two_by_two_is_scipys(table):
    from scipy.stats import fisher_exact

    t = np.array(table)
    assume((t.sum(axis=0) > 0).all() and (t.sum(axis=1) > 0).all())
    assert tables.freeman_halton(t).p == pytest.approx(fisher_exact(t)[1])


def test_freeman_halton_does_not_care_for_order_or_empty_rows():
    table = [[3, 0, 0], [1, 2, 0], [0, 1, 2]]
    p = tables.freeman_halton(table).p
    assert tables.freeman_halton(np.array(table).T).p == pytest.approx(p)
    assert tables.freeman_halton([*table[::-1], [0, 0, 0]]).p == p
    assert tables.freeman_halton([[1, 2]]).note == "one group or one category only"
    crossed = tables.cross([0, 0, 1], [2, 5, 5])
    np.testing.assert_array_equal(crossed, [[1, 1], [0, 1]])


def test_trend_is_the_permutation_of_scores():
    x, y = [1, 2, 2, 3], [3, 4, 5]
    assert tables.trend(x, y).p == groups.permutation(x, y).p
    assert "trend" in tables.trend(x, y).method


def test_directions_of_censored_pairs_are_known_only_beyond_the_limit():
    a = np.array([5.0, 5, 5, 5, 3, 9])
    b = np.array([3.0, 7, 5, 5, 3, 7])
    a_cens = np.array(["", "", "<", "<", "<", ">"])
    b_cens = np.array(["<", "<", "", "<", "", ""])
    # 5 > (<3); 5 or (<7)?; (<5) < 5; two limits; (<3) < 3; (>9) > 7
    got = censored.compare(a, a_cens, b, b_cens)
    np.testing.assert_array_equal(got, [1, np.nan, -1, np.nan, -1, 1])
    scores = censored.gehan_scores(np.array([1.0, 2, 2]), np.array(["<", "", ""]))
    np.testing.assert_array_equal(scores, [-2, 1, 1])


def test_gehan_scores_are_flipped_exactly():
    # five fell, one rose, two undecided: a sign test of 5 against 1
    got = censored.gehan_paired([-1, -1, -1, -1, -1, 1, np.nan, np.nan])
    assert (got.p, got.n) == (14 / 64, 8)
    assert got.p_attainable == 2 / 64
    assert got.p_design == 2 / 256
    assert got.estimate == -0.5
    assert "fewer than two" in censored.gehan_paired([1, np.nan, np.nan]).note


def is_that_of_statsmodels(p, ours, theirs):
    got = multiplicity.adjust(p, ours)
    np.testing.assert_allclose(got, peers.adjust_by_statsmodels(np.array(p), theirs))
    assert (got >= np.array(p) - 1e-12).all()


HUNDREDTHS = st.lists(st.integers(0, 100).map(lambda k: k / 100), min_size=1, max_size=9)


@settings(deadline=None, max_examples=40)
@given(HUNDREDTHS)
def test_adjusted_p_values_are_those_of_statsmodels(p):
    is_that_of_statsmodels(p, "hommel", "hommel")
    is_that_of_statsmodels(p, "bh", "fdr_bh")


# fewer: here statsmodels collects garbage each time, which is slow in a long session
@settings(deadline=None, max_examples=12)
@given(HUNDREDTHS)
def test_holm_is_that_of_statsmodels(p):
    is_that_of_statsmodels(p, "holm", "holm")


def test_a_test_that_was_not_printed_counts():
    np.testing.assert_allclose(multiplicity.adjust([0.01, np.nan], "holm", 2), [0.02, np.nan])
    np.testing.assert_allclose(multiplicity.adjust([0.01, np.nan], "holm"), [0.01, np.nan])
    with pytest.raises(ValueError, match="smaller"):
        multiplicity.adjust([0.1, 0.2], "bh", 1)
    with pytest.raises(ValueError, match="unknown method"):
        multiplicity.adjust([0.1], "bonferoni")
    with pytest.raises(ValueError, match="outside"):
        multiplicity.adjust([1.2], "holm")


def test_kaplan_meier_by_hand():
    times, events = [2, 3, 3, 5, 8, 9], [True, True, False, True, False, True]
    steps = survival.kaplan_meier(times, events)
    assert [(t, float(s)) for t, s in steps] == [
        (2, pytest.approx(5 / 6)),
        (3, pytest.approx(4 / 6)),
        (5, pytest.approx(4 / 9)),
        (9, 0.0),
    ]
    assert survival.median_time(times, events).estimate == 5
    # survival is exactly one half from day 2 to day 4: the middle, as R and SAS print
    assert survival.median_time([1, 2, 4, 6], [True, True, True, False]).estimate == 3
    assert "not reached" in survival.median_time([5, 6, 7], [True, False, False]).note
    assert survival.median_time([], []).note == "no patient"


def test_summary_by_hand():
    got = describe.summary([4, 1, float("nan"), 3, 2])
    assert got["n"] == 4
    assert got["mean"] == got["median"] == 2.5
    assert (got["q1"], got["q3"]) == (1.5, 3.5)  # R: quantile(1:4, type = 2)
    assert got["sd"] == pytest.approx(1.2909944487)
    assert math.isnan(describe.summary([7])["sd"])
    assert math.isnan(describe.summary([])["mean"])
    five = describe.summary([1, 2, 3, 4, 10])
    assert (five["q1"], five["q3"]) == (2, 4)


def test_refusals_say_why_and_give_no_number():
    for got in (
        paired.mean_change([]),
        paired.sign_flip([]),
        paired.signed_rank([5]),
        paired.hodges_lehmann([]),
        groups.permutation([], [1]),
        groups.hedges_g([1], [2, 3]),
        correlation.pearson([1, 2], [2, 1]),
    ):
        assert got.note
        assert math.isnan(got.p)


def test_results_are_the_same_bytes_whatever_the_order_of_patients():
    d = [0.1, 0.7, -0.3, 1e6, 0.2, -1e6]
    assert paired.mean_change(d).estimate == paired.mean_change(d[::-1]).estimate
    assert describe.sd(np.array(d)) == describe.sd(np.array(d[::-1]))
