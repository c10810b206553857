"""Published cases: exactRankTests, StatXact, Hollander & Wolfe, tern, R; values as printed."""

import numpy as np
import pytest

from sclerotrial.inference import groups, paired, proportions, tables

BLOOD = ([94, 108, 110, 90], [80, 94, 85, 90, 90, 90, 108, 94, 78, 105, 88])  # StatXact 5 demo
ROTAROD = ([300] * 12, [22, 300, 75, 271, 300, 18, 300, 300, 163, 300, 300, 300])  # Bergmann
WOLFE = ([1.15, 0.88, 0.9, 0.74, 1.21], [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
WOLFE_2 = (
    [1042, 1617, 1180, 973, 1552, 1251, 1151, 728, 1079, 951, 1319],
    [874, 389, 612, 798, 1152, 893, 541, 741, 1064, 862, 213],
)
DEPRESSION = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01]
SALIVA = [-149, 51, 0, 126, -106, -20, 0, -52, -292, 0, -103, 0, -84, -89, -159, -404, -500, -259,
          -14, -2600]  # fmt: skip
GLOBULIN = ([38, 26, 29, 41, 36, 31, 32, 30, 35, 33], [45, 28, 27, 38, 40, 42, 39, 39, 34, 35])


def test_rank_sum_with_ties_and_unequal_groups():
    got = groups.rank_sum(*BLOOD)
    assert got.p == pytest.approx(0.0989010989, abs=1e-10)  # far tail; doubled would be 0.10842
    assert got.convention == "two-sided, far tail"
    assert groups.permutation(*BLOOD).p == pytest.approx(0.1040293, abs=1e-7)


def test_shift_interval_with_ties_is_strict_inversion():
    # exactRankTests prints [-4, 22]: -4 is rejected (p 0.026) and belongs to no 95 % interval
    whole = groups.shift(*BLOOD, step=1)
    assert (whole.estimate, whole.ci_low, whole.ci_high) == (9.5, 0, 21)
    # shifts between whole numbers: 21.9 is not rejected, 22 is; the closed hull ends at 22
    hull = groups.shift(*BLOOD)
    assert (hull.ci_low, hull.ci_high) == (0, 22)


def test_rank_sum_with_heavy_ties():
    assert groups.rank_sum(*ROTAROD).p == pytest.approx(0.0372670807, abs=1e-10)


@pytest.mark.parametrize(
    ("data", "p", "shift", "low", "high", "digits"),
    [(WOLFE, 0.2544122544, -0.305, -0.76, 0.15, 1e-10), (WOLFE_2, 0.00185985, 410, 168, 690, 1e-8)],
)
def test_rank_sum_without_ties_is_that_of_r(data, p, shift, low, high, digits):
    assert groups.rank_sum(*data).p == pytest.approx(p, abs=digits)
    got = groups.shift(*data)
    assert got.estimate == pytest.approx(shift)
    assert (got.ci_low, got.ci_high) == (pytest.approx(low), pytest.approx(high))


def test_signed_rank_without_ties_is_that_of_r():
    assert paired.signed_rank(DEPRESSION).p == 0.0390625
    got = paired.hodges_lehmann(DEPRESSION)
    assert got.estimate == pytest.approx(-0.46)
    assert (got.ci_low, got.ci_high) == (pytest.approx(-0.786), pytest.approx(-0.01))
    assert got.conf_achieved == pytest.approx(0.9609375)  # 1 - 2 * 10 / 512


def test_signed_rank_with_ties_and_zeros():
    assert paired.signed_rank(SALIVA).p == pytest.approx(0.0021362305, abs=1e-10)
    assert paired.sign_flip(SALIVA).p == pytest.approx(0.0021362305, abs=1e-10)
    kept = paired.hodges_lehmann(SALIVA)
    assert kept.estimate == -96.75
    dropped = paired.hodges_lehmann([d for d in SALIVA if d])
    assert (dropped.estimate, dropped.ci_low, dropped.ci_high) == (-137.75, -292, -54)


def test_zeros_dropped_and_pratt():
    d = [-8, -5, -6, -4, 0, 2, -1, 0, -3, 1]
    assert paired.signed_rank(d).p == 0.0625
    assert paired.signed_rank(d, "pratt").p == 0.078125


def test_permutation_of_means_and_its_interval():
    got = groups.mean_shift(*GLOBULIN)
    assert got.p == pytest.approx(0.1474918, abs=1e-7)
    assert (got.ci_low, got.ci_high) == (-8.5, 1.25)


def test_proportions():
    cp, w = proportions.clopper_pearson(5, 10), proportions.wilson(5, 10, 0.9)
    assert (cp.ci_low, cp.ci_high) == (
        pytest.approx(0.187086, abs=1e-6),
        pytest.approx(0.812914, abs=1e-6),
    )
    assert (w.ci_low, w.ci_high) == (
        pytest.approx(0.2692718, abs=1e-7),
        pytest.approx(0.7307282, abs=1e-7),
    )
    d = proportions.newcombe(3, 4, 1, 2, 0.9)
    assert d.estimate == 0.25
    assert (d.ci_low, d.ci_high) == (
        pytest.approx(-0.2966681, abs=1e-7),
        pytest.approx(0.6750199, abs=1e-7),
    )


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(13, 44, 16.8, 45.2), (18, 43, 27.0, 57.9), (22, 43, 35.5, 66.7), (3, 44, 1.4, 18.7),
     (10, 43, 11.8, 38.6), (15, 43, 21.0, 50.9), (0, 44, 0.0, 8.0), (5, 43, 3.9, 25.1),
     (7, 44, 6.6, 30.1), (6, 43, 5.3, 27.9), (18, 44, 26.3, 56.8), (12, 44, 15.0, 42.8)],
)  # fmt: skip
def test_intervals_printed_by_the_fasscinate_trial(k, n, low, high):
    got = proportions.clopper_pearson(k, n)
    assert round(100 * got.ci_low, 1) == low
    assert round(100 * got.ci_high, 1) == high


def test_boschloo_of_scipy_with_groups_in_rows():
    # scipy 1.17: boschloo_exact([[0, 5], [3, 2]]) with its groups in columns
    assert tables.boschloo([[0, 3], [5, 2]]).p == pytest.approx(0.0699161, abs=1e-6)
    assert tables.fisher([[0, 5], [3, 2]]).p == pytest.approx(1 / 6)


def test_hedges_g_of_mtcars():
    mpg = np.array([21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2,
                    10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26,
                    30.4, 15.8, 19.7, 15, 21.4])  # fmt: skip
    manual = np.array([1, 1, 1] + [0] * 14 + [1, 1, 1] + [0] * 5 + [1] * 7, bool)
    got = groups.hedges_g(mpg[~manual], mpg[manual])
    assert got.estimate == pytest.approx(-1.4406354, abs=1e-7)
    assert got.ci_low == pytest.approx(-2.2087674, abs=1e-6)
    assert got.ci_high == pytest.approx(-0.6536395, abs=1e-6)


def test_a_shift_that_makes_a_zero_does_not_widen_an_interval_without_ties():
    # R 4.2: wilcox.test(x, conf.int = TRUE)$conf.int is -0.785 1.025 (estimate 0.41); at the shift
    # 1.19, a change itself, nine patients would be left, whose test does not reject
    x = [-0.75, 0.5, 1.19, 2.33, -2.19, 0.35, 0.86, -1.27, 0.62, 0.41]
    got = paired.hodges_lehmann(x)
    assert (got.ci_low, got.ci_high) == pytest.approx((-0.785, 1.025), abs=1e-12)
    assert paired.signed_rank(np.array(x) - 1.19).p > 0.05
    assert got.estimate == pytest.approx(0.41)


@pytest.mark.parametrize("n", [6, 9, 10, 12, 15, 18, 20, 25])
def test_one_feature_and_a_panel_have_one_interval_without_ties(n):
    from sclerotrial.inference import wide

    x = np.random.default_rng(n).normal(0.3, 1, (60, n))
    table = wide.paired(x)
    for values, low, high in zip(x, table["HL_LOW"], table["HL_HIGH"], strict=True):
        got = paired.hodges_lehmann(values)
        assert (got.ci_low, got.ci_high) == pytest.approx((low, high), abs=1e-12)


def test_a_permutation_interval_beyond_thirty_patients_lies_near_the_t_interval():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=30), rng.normal(0.5, 1, 30)
    got = groups.mean_shift(a, b, seed=5)
    # scipy 1.17: ttest_ind(a, b).confidence_interval(); the drawn limits lie within 0.03 of it
    assert got.ci_low < got.estimate < got.ci_high
    assert "9999 draws, seed 5" in got.convention
    t = np.array([-0.9881992383, -0.0807512013])
    np.testing.assert_allclose([got.ci_low, got.ci_high], t, atol=0.03)
