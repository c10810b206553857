"""Strata, max-T, bootstrap, survival, repeated correlation, effects: published cases and counts."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sclerotrial.inference import (
    bootstrap,
    correlation,
    exact,
    groups,
    paired,
    resampled_max,
    stratified,
    survival,
)

NAN = float("nan")
coarse = st.integers(-5, 5).map(lambda k: k / 10)
group = st.lists(coarse, min_size=1, max_size=3)
# Freireich's 6-mercaptopurine arm (weeks; censored last), as in Kalbfleisch and Prentice
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12


def deviations(values, m):
    n = len(values)
    return [(n * sum(c) - m * sum(values)) / n for c in combinations(values, m)]


@settings(max_examples=60)
@given(st.lists(st.tuples(group, group), min_size=1, max_size=3))
def test_stratified_permutation_is_the_enumeration(strata):
    tenths = [([round(10 * v) for v in a], [round(10 * v) for v in b]) for a, b in strata]
    laws = [deviations(a + b, len(a)) for a, b in tenths]
    seen = sum(deviations(a + b, len(a))[0] for a, b in tenths)
    every = [abs(sum(c)) for c in product(*laws)]
    got = stratified.permutation(strata)
    assert got.p == pytest.approx(sum(v >= abs(seen) - 1e-9 for v in every) / len(every))
    assert got.p_attainable == pytest.approx(
        sum(v >= max(every) - 1e-9 for v in every) / len(every)
    )


@settings(max_examples=40)
@given(group, st.lists(coarse, min_size=1, max_size=4))
def test_one_stratum_is_no_stratum(a, b):
    assert stratified.permutation([(a, b)]).p == pytest.approx(groups.permutation(a, b).p)
    assert stratified.rank_sum([(a, b), ([1.0], [])]).p == pytest.approx(groups.rank_sum(a, b).p)


def test_stratified_estimate_and_refusals():
    # strata 2 v 2 (difference 2, weight 1) and 1 v 3 (difference 4, weight 3/4)
    got = stratified.permutation([([3, 5], [1, 3]), ([6], [1, 2, 3])])
    assert got.estimate == pytest.approx((2 * 1 + 4 * 0.75) / 1.75)
    assert got.sizes == (3, 5)
    assert "no stratum" in stratified.permutation([([1], []), ([], [2])]).note
    assert "infinite" in stratified.rank_sum([([math.inf], [2])]).note


def test_max_t_of_one_marker_is_its_own_test_and_of_copies_too():
    d = np.array([[0.4, 1.3, -0.2, 0.9, 2.1, 0.3]])
    p = exact.sign_flip(d).p[0]
    assert resampled_max.paired(d).p[0] == p
    np.testing.assert_allclose(resampled_max.paired(np.repeat(d, 4, axis=0)).p, p)
    x, y = np.array([[3.0, 4, 6, 7]]), np.array([[1.0, 2, 2.5]])
    assert resampled_max.groups(x, y).p[0] == pytest.approx(groups.permutation(x[0], y[0]).p)


def test_max_t_lies_between_the_raw_p_and_bonferroni():
    rng = np.random.default_rng(3)
    d = rng.normal(0.8, 1, (6, 9))
    got = resampled_max.paired(d)
    raw = exact.sign_flip(d).p
    assert got.exact
    assert (got.p >= raw - 1e-12).all()
    assert got.p.min() <= min(1, 6 * raw.min()) + 1e-12
    drawn = resampled_max.paired(rng.normal(size=(3, 16)), seed=2, many=999)
    assert "Monte Carlo, 999 draws, seed 2" in drawn.convention
    with pytest.raises(ValueError, match="every marker"):
        resampled_max.paired([[1.0, NAN]])


def test_p19_bootstrap_of_constants_and_of_few_is_refused_in_words():
    assert "all values equal" in bootstrap.bca_mean([2, 2, 2]).note
    assert "too few" in bootstrap.bca_mean([1.0]).note
    assert bootstrap.bca_mean([1, 2, NAN, 4], seed=1) == bootstrap.bca_mean([1, 2, 4], seed=1)
    assert "sensitivity only" in bootstrap.bca_mean([1, 2, 4]).note


def test_bca_of_a_symmetric_sample_is_near_the_percentile_interval():
    x = np.arange(-12.0, 13)
    got = bootstrap.bca_mean(x, seed=3)
    # mean of 25 equally spaced values: SD of the mean sqrt(52) / 5, normal limits 1.96 of them
    assert got.ci_high == pytest.approx(1.96 * math.sqrt(52) / 5, rel=0.03)
    assert got.ci_low == pytest.approx(-got.ci_high, rel=0.05)


def test_survival_of_freireich_is_that_of_r():
    # survfit(conf.type = "log-log"): S(10) = 0.753, 0.503 to 0.889; median 23, 13 to NA
    at = survival.survival_at(WEEKS, RELAPSED, 10)
    assert at.estimate == pytest.approx(0.753, abs=5e-4)
    assert (at.ci_low, at.ci_high) == (
        pytest.approx(0.503, abs=5e-4),
        pytest.approx(0.889, abs=5e-4),
    )
    median = survival.median_interval(WEEKS, RELAPSED)
    assert (median.estimate, median.ci_low, median.ci_high) == (23, 13, math.inf)
    assert "no interval at 0 or 1" in survival.survival_at([5.0, 6], [False, False], 4).note
    assert "nobody was followed" in survival.survival_at([5.0, 6], [True, False], 9).note


def test_repeated_measures_correlation_by_hand():
    # two patients, lines of slope 1 and deviations (-1, 0, 1) against (-1, 0, 1) and (-1, 1, 0)
    x, y, who = [1, 2, 3, 11, 12, 13], [4, 5, 6, 1, 3, 2], list("aaabbb")
    got = correlation.repeated(x, y, who)
    assert got.estimate == pytest.approx(3 / 4)  # (2 + 1) / sqrt(4 * 4)
    assert (got.n, "df 3" in got.convention) == (2, True)
    # F = r**2 df / (1 - r**2) = 27/7 on 1 and 3: t = 1.96396, p = 0.14430
    assert got.p == pytest.approx(0.14430, abs=2e-4)
    assert "too few" in correlation.repeated([1, 2], [2, 3], ["a", "a"]).note
    assert "no change within" in correlation.repeated([1, 1, 2, 2], [1, 2, 3, 5], list("aabb")).note


def test_bland_and_altman_is_reproduced_by_pingouin_too():
    import pingouin

    data = pingouin.read_dataset("rm_corr")
    # Bland and Altman (1995): r = -0.51, p < 0.001 on 38 degrees of freedom
    got = correlation.repeated(data["pH"], data["PacO2"], data["Subject"])
    assert got.estimate == pytest.approx(-0.507, abs=5e-4)
    assert got.p == pytest.approx(0.000847, abs=5e-6)
    assert (round(got.ci_low, 2), round(got.ci_high, 2)) == (-0.71, -0.23)


def test_probability_of_superiority():
    got = groups.superiority([3, 4, 5, 6], [1, 2, 4])
    assert got.estimate == (10 + 0.5 + 0) / 12 == 0.875
    assert got.ci_low < got.estimate < got.ci_high <= 1
    turned = groups.superiority([1, 2, 4], [3, 4, 5, 6])
    assert turned.ci_low == pytest.approx(1 - got.ci_high)
    r = groups.rank_biserial([3, 4, 5, 6], [1, 2, 4])
    assert (r.estimate, r.ci_low) == (pytest.approx(0.75), pytest.approx(2 * got.ci_low - 1))


def test_matched_rank_biserial():
    # ranks 1, 2, 3, 4 of which 4 rose: (4 - 6) / 10
    got = paired.rank_biserial([-1, -2, -3, 4, 0])
    assert got.estimate == pytest.approx(-0.2)
    assert got.ci_low < -0.2 < got.ci_high
    assert paired.rank_biserial([1, 2, 3]).estimate == 1
    assert "no patient changed" in paired.rank_biserial([0, 0]).note


def test_g_av_has_the_interval_of_g_z_in_its_own_units():
    base = np.array([10.0, 12, 11, 15, 12])
    after = base + [0, 1, 2, 3, 4]
    got, z = paired.hedges_gav(base, after), paired.hedges_gz(after - base)
    assert got.ci_low / got.estimate == pytest.approx(z.ci_low / z.estimate)


def test_p10_rank_laws_do_not_depend_on_company_beyond_whole_floats():
    # 30 v 30: counts beyond 2**53; the p of a row is the same bits alone and in a crowd
    rng = np.random.default_rng(6)
    x, y = np.round(rng.normal(size=(5, 30)), 1), np.round(rng.normal(0.5, 1, (5, 30)), 1)
    crowd = exact.rank_sum(x, y).p
    for k in range(5):
        assert exact.rank_sum(x[k], y[k]).p[0] == crowd[k]


def test_signed_rank_of_thirty_ties_has_a_lawful_tail():
    # all changes of one size: a sign test; 20 rises of 30 (binomial, both tails 0.0987)
    d = [1.0] * 20 + [-1.0] * 10
    tail = sum(math.comb(30, k) for k in range(20, 31)) / 2**29
    assert exact.signed_rank(d).p[0] == pytest.approx(tail, abs=1e-15)
    assert exact.sign_flip(d).p[0] == pytest.approx(tail, abs=1e-15)


def test_groups_of_as_many_patients_in_all_share_their_draws_and_change_nothing():
    """Features of 16 v 17, 17 v 16 and 17 v 17 patients, together and each alone."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(0.3, 1, (9, 17)), rng.normal(0, 1, (9, 17))
    x[::3, 2] = np.nan
    y[1::3, 5] = np.nan
    together = exact.permutation(x, y, seed=3, draws=999)
    assert together.drawn.all()
    for i in range(9):
        assert exact.permutation(x[i], y[i], seed=3, draws=999).p[0] == together.p[i]


@pytest.mark.parametrize("n", [31, 45, 60, 100, 300])
def test_changes_beyond_exact_reach_are_drawn_at_any_number(n):
    x = np.random.default_rng(n).normal(0.2, 1, n)
    got = paired.sign_flip(x, seed=3, draws=999)
    assert "Monte Carlo, 999 draws, seed 3" in got.convention
    # scipy 1.17: the t test of as many normal changes is near; three standard errors of the draws
    p = stats.ttest_1samp(x, 0).pvalue
    assert abs(got.p - p) < 0.01 + 3 * math.sqrt(p * (1 - p) / 999)
    two = groups.permutation(x[: n // 2], x[n // 2 :], seed=3, draws=999)
    assert "Monte Carlo, 999 draws, seed 3" in two.convention
