"""What R printed: tests and examples of exactRankTests, coin, limma, rmcorr, stats; as printed.

Where a printed value is not met, the convention that differs is told. R's one-sided values are
left out: only two-sided tests are offered.
"""

import numpy as np
import pytest

from sclerotrial.inference import (
    counts,
    exact,
    groups,
    linear,
    moderated,
    multiplicity,
    paired,
    proportions,
    tables,
)
from tests.inference.r_random import R

NAN = float("nan")
# exactRankTests, tests/bugfix-tests.R
BELLIO = (
    [0, 87, 0, 0, 0, 0, 8, 0, 16, 0, 64, 0, 0, 37, 200, 0, 0, 32, 5, 0, 0, 14, 0, 0, 4, 0, 0, 50, 0,
     0, 99, 0, 0, 12, 36, 22, 4, 13, 0, 10, 70, 0, 0, 0, 0, 19, 0, 4, 3, 4, 23, 0, 0, 0, 0, 0, 0,
     14, 4, 8, 0, 11, 42, 0, 0, 0, 0, 0, 18, 11, 29, 0, 0],
    [0, 0, 14, 0, 0, 16, 0, 145, 0, 0, 16, 0, 0, 47, 0, 0, 0, 144, 0, 2, 0, 13, 0, 0, 114, 0, 6, 0,
     0, 4, 9, 0, 0, 17, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 25, 0, 1, 178, 0, 0, 0, 6, 0, 7, 76, 252, 0,
     0, 23, 0, 0, 68, 0, 0, 0, 24, 0, 59, 0, 0, 0, 0, 16],
)  # fmt: skip
RAMSAY = [111, 107, 100, 99, 102, 106, 109, 108, 104, 99, 101, 96, 97, 102, 107, 113, 116, 113, 110,
          98]  # fmt: skip
JUNG = [107, 108, 106, 98, 105, 103, 110, 105, 104, 100, 96, 108, 103, 104, 114, 114, 113, 108, 106,
        99]  # fmt: skip
# datasets::airquality, Ozone in May and in August
MAY = [41, 36, 12, 18, NAN, 28, 23, 19, 8, NAN, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32,
       NAN, NAN, NAN, 23, 45, 115, 37]  # fmt: skip
AUGUST = [39, 9, 16, 78, 35, 66, 122, 89, 110, NAN, NAN, 44, 28, 65, NAN, 22, 59, 23, 31, 44, 21, 9,
          NAN, 45, 168, 73, NAN, 76, 118, 84, 85]  # fmt: skip
TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
WEEKS = [1.15, 0.88, 0.90, 0.74, 1.21]
ROUTE_A = [5.8, 5.8, 5.9, 6, 6, 6, 6.3, 6.3, 6.4, 6.5, 6.5]
ROUTE_B = [6.5, 6.8, 7.1, 7.3, 10.2]
FIRST = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
SECOND = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


# --- exactRankTests -----------------------------------------------------------------------------


def test_seventy_pairs_with_ties_and_zeros():
    got = paired.signed_rank(np.subtract(*BELLIO))
    assert got.statistic == 559
    assert round(got.p, 4) == 0.9603
    # wilcox.exact prints [-13.5, 10.5] by places of the tie-free law; -13.5 is rejected under ties
    moved = [d for d in np.subtract(*BELLIO) if d]
    hull = paired.hodges_lehmann(moved)
    assert (hull.ci_low, hull.ci_high) == (-13, 10.5)
    assert exact.signed_rank(np.array(moved) + 13.5).p[0] <= 0.05


def test_shares_of_eighty_against_eighty_are_counted_not_drawn():
    got = groups.permutation([1] * 61 + [0] * 19, [1] * 45 + [0] * 35)  # Gardner and Altman, p. 30
    assert round(got.p, 4) == 0.0118
    assert "Monte Carlo" not in got.convention


def test_scores_of_forty_are_counted_not_drawn():
    both = np.array(RAMSAY + JUNG, float)
    ranks = (both[:, None] > both).sum(axis=1) + ((both[:, None] == both).sum(axis=1) + 1) / 2
    scores = np.minimum(ranks, 41 - ranks)  # Ansari and Bradley
    got = groups.permutation(scores[:20], scores[20:])
    assert got.p == pytest.approx(0.1880644, abs=5e-8)
    assert "Monte Carlo" not in got.convention


def test_missing_pairs_and_small_cases():
    assert paired.sign_flip(np.array([1, 2, 3, 4, NAN]) - [1, 2, 1, 2, 3]).p == 0.5
    assert paired.signed_rank(range(1, 9)).p == 0.0078125
    assert paired.signed_rank([1, 2, 3, 4, 5, 6, 7, 7]).p == 0.0078125
    assert paired.signed_rank([1, 1, 1]).p == 0.25
    # pperm(5, 1:4, 4): the statistic lies at its expectation
    assert paired.sign_flip([2, 3, -1, -4]).p == 1


def test_ozone_of_two_months_with_ties_and_missing_values():
    got = groups.rank_sum(MAY, AUGUST)
    assert got.statistic == 127.5
    assert f"{got.p:.3e}" == "6.109e-05"


def test_normal_deviates_of_r_and_their_intervals():
    r = R(29081975)
    x, y = r.rnorm(10), r.rnorm(10, 2)
    assert round(groups.rank_sum(x, y).p, 6) == 0.003886
    shift = groups.shift(x, y)
    assert shift.estimate == pytest.approx(-2.07512, abs=5e-6)
    assert shift.ci_low == pytest.approx(-2.6984506, abs=5e-8)
    assert shift.ci_high == pytest.approx(-0.5996612, abs=5e-8)
    assert shift.conf_achieved == pytest.approx(0.9567429, abs=5e-8)  # R 4.4 prints 95.67429
    assert round(paired.signed_rank(x).p, 4) == 0.3223
    one = paired.hodges_lehmann(x)
    assert one.estimate == pytest.approx(-0.3968314, abs=5e-8)
    assert one.ci_low == pytest.approx(-0.9374751, abs=5e-8)
    assert one.ci_high == pytest.approx(0.7638509, abs=5e-8)
    assert one.conf_achieved == pytest.approx(0.9511719, abs=5e-8)


def test_rotarod_interval_and_means():
    treated = [22, 300, 75, 271, 300, 18, 300, 300, 163, 300, 300, 300]
    got = groups.shift([300] * 12, treated)
    assert (got.ci_low, got.ci_high) == (0, 137)
    # wilcox.exact estimates 14.5, the middle of its two one-sided limits; the median of all
    # differences, of which most are 0, is 0
    assert got.estimate == 0
    assert round(groups.permutation([300] * 12, treated).p, 5) == 0.03727


# --- coin ---------------------------------------------------------------------------------------


def test_location_tests():
    assert round(groups.rank_sum(WEEKS, TERM).p, 7) == 0.2544123
    assert round(groups.permutation(WEEKS, TERM).p, 7) == 0.1318681
    assert groups.permutation([1, 2, 3.1], [4, 5, 6]).p == 0.1


def test_interval_under_ties_in_both_directions():
    for sign in (1, -1):
        a, b = np.multiply(sign, ROUTE_A), np.multiply(sign, ROUTE_B)
        assert round(groups.rank_sum(a, b).p, 6) == 0.001374
        got = groups.shift(a, b)
        assert got.estimate == pytest.approx(-0.9 * sign)
        ends = sorted((-3.7 * sign, -0.5 * sign))
        assert [got.ci_low, got.ci_high] == pytest.approx(ends)


def test_symmetry_tests():
    d = FIRST - SECOND
    assert paired.signed_rank(d).statistic == 40
    assert paired.signed_rank(d, "pratt").p == 0.0390625  # printed 0.03906
    assert round(paired.sign_flip(np.sign(d)).p, 4) == 0.1797  # exact sign test


# --- stats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "p", "odds", "low", "high"),
    [
        ([[3, 6], [2, 19]], 0.1432, 4.462735, 0.410317, 65.723900),
        ([[21, 2], [15, 3]], 0.6384, 2.061731, 0.2089115, 27.5538747),
        ([[3, 1], [1, 3]], 0.4857, 6.408309, 0.2117329, 621.9337505),
        ([[2, 10], [15, 3]], 0.0005367, 0.04693661, 0.003325764, 0.363182271),
    ],
)
def test_fisher(table, p, odds, low, high):
    got = tables.fisher(table)
    assert got.p == pytest.approx(p, abs=6e-5 if p > 0.001 else 5e-8)
    # R solves for a number between 0 and 1 to 1.2e-4 (`uniroot`), not further
    assert got.estimate == pytest.approx(odds, rel=1e-4)
    assert got.ci_low == pytest.approx(low, rel=5e-4, abs=1.3e-4)
    assert got.ci_high == pytest.approx(high, rel=1e-2)


def test_binomial_and_poisson_examples():
    got = proportions.clopper_pearson(682, 925)  # Conover (1971), p. 97
    assert got.ci_low == pytest.approx(0.7076683, abs=5e-8)
    assert got.ci_high == pytest.approx(0.7654066, abs=5e-8)
    rate = counts.poisson_rate(137, 24.19893)
    assert rate.estimate == pytest.approx(5.661407, abs=5e-7)
    assert rate.ci_low == pytest.approx(4.753125, abs=5e-7)
    assert rate.ci_high == pytest.approx(6.692709, abs=5e-7)


def test_adjusted_p_values():
    p = [0.01, 0.02, 0.03, 0.04, 0.05]  # p.adjust
    np.testing.assert_allclose(multiplicity.adjust(p, "holm"), [0.05, 0.08, 0.09, 0.09, 0.09])
    np.testing.assert_allclose(multiplicity.adjust(p, "bh"), [0.05] * 5)
    np.testing.assert_allclose(multiplicity.adjust(p, "hommel"), [0.05, 0.05, 0.05, 0.05, 0.05])


# --- limma --------------------------------------------------------------------------------------

ONE = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])


@pytest.fixture(scope="module")
def roast():
    """The data of limma's tests of trend and robust priors, drawn as R draws them."""
    r = R(123)
    r.rnorm(45)
    x = r.rnorm(24)
    assert x[[0, 5, 6, 7]].mean() == pytest.approx(-0.2353018, abs=5e-8)  # avereps(x)["b", "S1"]
    y = r.rnorm(400).reshape(4, 100).T
    y = y * np.sqrt(2 / r.rchisq(100, 7))[:, None]
    y[:5, 2:] += 3
    return y


def gaps(y):
    z = y.copy()
    z[0, [0, 2]] = np.nan
    return z


def test_trend(roast):
    got = moderated.moderate(linear.fit(roast, ONE), [0, 1], trend=True)
    assert got.prior.df[0] == pytest.approx(9.098442, abs=5e-7)
    np.testing.assert_allclose(
        got.prior.scale[:6],
        [0.6901845, 0.6977354, 0.3860494, 0.7014122, 0.6341068, 0.2926337], atol=6e-8,
    )  # fmt: skip
    np.testing.assert_allclose(
        got.t[[1, 2, 3, 0, 32]], [4.865697, 4.754954, 3.356468, 3.107124, -2.783817], atol=6e-7
    )
    assert got.p[1] == pytest.approx(0.0004854886, abs=5e-11)
    assert multiplicity.adjust(got.p, "bh")[1] == pytest.approx(0.02902331, abs=5e-9)


def test_trend_with_missing_values(roast):
    got = moderated.moderate(linear.fit(gaps(roast), ONE), [0, 1], trend=True)
    assert got.prior.df[1] == pytest.approx(8.971891, abs=5e-7)
    np.testing.assert_allclose(got.prior.scale[1:3], [0.9646561, 0.4276287], atol=6e-8)
    assert got.t[2] == pytest.approx(4.604490, abs=6e-7)
    assert got.p[2] == pytest.approx(0.0007644061, abs=5e-11)


def test_robust(roast):
    got = moderated.moderate(linear.fit(gaps(roast), ONE), [0, 1], robust=True)
    assert got.prior.df.min() == pytest.approx(6.717, abs=5e-4)
    assert got.prior.df.max() == pytest.approx(9.244, abs=5e-4)
    assert got.prior.df.mean() == pytest.approx(9.194, abs=5e-4)
    np.testing.assert_allclose(
        got.t[[1, 2, 3, 4, 0]], [7.108463, 5.041209, 4.697690, 3.451807, 3.317593], atol=6e-7
    )
    assert got.p[1] == pytest.approx(1.752774e-05, abs=5e-12)
    assert got.p[0] == pytest.approx(8.651142e-03, abs=5e-10)  # a gene without residual df


def test_robust_with_trend(roast):
    got = moderated.moderate(linear.fit(gaps(roast), ONE), [0, 1], robust=True, trend=True)
    assert got.prior.df.min() == pytest.approx(7.809, abs=5e-4)
    assert got.prior.df.mean() == pytest.approx(8.949, abs=5e-4)
    np.testing.assert_allclose(
        got.t[[1, 2, 3, 32, 49, 0]],
        [4.754160, 3.761219, 3.292262, -3.063180, 2.645717, 2.204116], atol=6e-7,
    )  # fmt: skip
    assert got.p[1] == pytest.approx(0.0005999064, abs=5e-11)
    assert got.p[0] == pytest.approx(0.0550613420, abs=5e-11)
