"""Known wrong answers of popular libraries (P1 to P21): ours are the right ones.

The right answers come from enumeration and from R's coin, exactRankTests and cor.test.
"""

import time

import numpy as np
import pytest

from sclerotrial.inference import correlation, exact, groups, multiplicity, paired, peers, tables

NAN = float("nan")


def test_p1_a_missing_value_is_dropped_not_significant():
    d = [1.0, -2.0, 3.0, 1.5, NAN]
    assert paired.sign_flip(d).p == paired.sign_flip(d[:4]).p == 0.5
    assert paired.sign_flip(d).n == 4
    assert groups.permutation([1, 2, NAN], [3, 5, 9]).p == groups.permutation([1, 2], [3, 5, 9]).p


@pytest.mark.parametrize(("n", "p"), [(3, 0.3333), (4, 0.0833), (5, 0.0167)])
def test_p2_perfect_rank_correlation_of_few_is_not_p_zero(n, p):
    x = np.arange(n)
    assert correlation.spearman(x, x**3).p == pytest.approx(p, abs=5e-5)
    assert correlation.spearman(x, x**3).ci_low != correlation.spearman(x, x**3).ci_low  # NaN


def test_p3_spearman_of_nine():
    got = correlation.spearman(range(1, 10), [2, 1, 4, 3, 6, 5, 9, 7, 8])
    assert got.p == pytest.approx(2.03e-3, abs=5e-6)
    assert got.estimate == pytest.approx(0.9)


def test_p4_rank_sum_with_ties_is_not_significant():
    got = groups.rank_sum([1, 1, 2, 0.5, 1, 0.5], [0, 0.5, 0])
    assert got.p == pytest.approx(0.0714, abs=5e-5)


def test_p5_separated_nines_are_exact():
    got = groups.rank_sum(range(9), range(10, 19))
    assert got.p == pytest.approx(4.1e-5, abs=5e-7)


def test_p6_p7_signed_rank_with_ties_is_exact():
    nine = [1, -1, 2, 2, 0.5, -0.5, 1, 3, 0.5]
    assert paired.signed_rank(nine).p == pytest.approx(0.0781, abs=5e-5)
    fourteen = [*nine, 2, 2, -1, 4, 4]
    assert paired.signed_rank(fourteen).p == pytest.approx(0.009888, abs=5e-7)


def test_p8_all_zeros():
    for zeros in ("drop", "pratt"):
        got = paired.signed_rank([0] * 5, zeros)
        assert (got.p, got.p_attainable) == (1.0, 1.0)
        assert "reject nothing" in got.note
        assert paired.signed_rank([0, 0, 0, 0, 1], zeros).p == 1.0
    assert paired.sign_flip([0] * 5).p == 1.0


def test_p9_one_placebo_patient():
    nine = [1.0, 2, 3, 4, 5, 6, 7, 8, 9.5]
    assert groups.rank_sum(nine, [20]).p == pytest.approx(0.2)
    assert groups.permutation(nine, [20]).p == pytest.approx(0.1)
    assert paired.sign_flip([1.3]).note == "n = 1: too few (at least 2 needed)"
    assert paired.sign_flip([1.3]).p != paired.sign_flip([1.3]).p  # NaN


def test_p10_p11_one_tied_feature_slows_and_changes_nothing():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20_000, 9))
    clean = exact.signed_rank(x).p
    x[17] = [1, 1, 1, 2, 2, -1, -2, 0, 3]
    begin = time.process_time()
    tied = exact.signed_rank(x).p
    # measured 0.1 s; scipy needs minutes
    assert time.process_time() - begin < 3
    keep = np.arange(20_000) != 17
    np.testing.assert_array_equal(clean[keep], tied[keep])


def test_p12_missing_patterns_are_fast_and_right():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(5_000, 6)), rng.normal(size=(5_000, 4))
    x[rng.random(x.shape) < 0.1] = NAN
    begin = time.process_time()
    got = exact.rank_sum(x, y).p
    assert time.process_time() - begin < 3
    for k in range(0, 5_000, 500):
        own = x[k][~np.isnan(x[k])]
        assert got[k] == exact.rank_sum(own, y[k]).p[0]


def test_p13_float_dust_makes_no_ranks():
    base = np.array([100, 130, 170, 90, 210, 300, 55, 77, 41.0])
    ratio = np.array([1.5] * 7 + [1 / 1.5] * 2)
    for d in (np.log2(base * ratio) - np.log2(base), np.log2(base * ratio / base)):
        assert paired.signed_rank(d).p == pytest.approx(92 / 512)  # a sign test of 7 against 2
        assert paired.sign_flip(d).p == pytest.approx(92 / 512)
    assert paired.signed_rank(np.array([0.1 + 0.2 - 0.3] * 6)).p == 1.0


def test_p14_ties_of_sums_are_found():
    # 0.1 + 0.2 against 0.3: the sum as seen is reached by other signs as well
    d = [0.1, 0.2, -0.3, 0.6, -0.1]
    tenths = [1, 2, -3, 6, -1]
    signs = [[1 if k >> j & 1 else -1 for j in range(5)] for k in range(32)]
    sums = [abs(sum(s * abs(t) for s, t in zip(row, tenths, strict=True))) for row in signs]
    assert paired.sign_flip(d).p == sum(s >= 5 for s in sums) / 32


def test_p15_the_far_tail_is_the_convention():
    low = [0] * 7 + [2]
    got = groups.rank_sum(low, [0, 0, 1, 1.5, 3, 4])
    assert got.p == pytest.approx(0.0669, abs=5e-5)  # doubling the smaller tail: 0.0779
    assert "far tail" in got.convention


@pytest.mark.parametrize("d", [[1, 1, 1], [0.1 + 0.2, 0.3, 0.3], [0, 0, 0]])
def test_p16_constants_have_no_t_interval(d):
    got = paired.mean_change(d)
    assert got.note == paired.NO_SPREAD
    assert np.isnan([got.p, got.ci_low, got.ci_high]).all()
    assert got.estimate == pytest.approx(d[0])
    assert groups.hedges_g([1, 1, 1], [1, 1]).note.startswith("all values equal")


def test_p17_a_missing_p_spoils_no_family():
    p = [0.01, NAN, 0.04, 0.03]
    np.testing.assert_allclose(multiplicity.adjust(p, "bh"), [0.03, NAN, 0.04, 0.04])
    np.testing.assert_allclose(multiplicity.adjust(p, "holm"), [0.03, NAN, 0.06, 0.06])
    with pytest.raises(ValueError, match="NaN"):
        peers.adjust_by_statsmodels(np.array(p), "holm")


def test_p18_r_by_c_tables_are_exact_each_time():
    # 84 ways to choose 3 of 9; tables at most as probable as the one seen hold 12 of them
    table = [[0, 0, 3], [2, 3, 1]]
    assert tables.freeman_halton(table).p == pytest.approx(0.142857, abs=1e-6)
    assert tables.freeman_halton(table).p == tables.freeman_halton(table).p
    assert "point probability" in tables.freeman_halton(table).convention


def test_p18_the_odds_ratio_is_the_conditional_one():
    # Fisher's tea taster in R's help: 6.408309 (to 2e-5), interval 0.2117329 to 621.9338,
    # one-sided from 0.3135693;
    # the conditional likelihood is largest where x**4 - 36 x**2 - 32 x - 3 is 0
    got = tables.fisher([[3, 1], [1, 3]])
    assert got.estimate == pytest.approx(6.408309, abs=2e-5)
    x = got.estimate
    assert x**4 - 36 * x**2 - 32 * x - 3 == pytest.approx(0, abs=1e-9)
    assert got.ci_low == pytest.approx(0.2117329, abs=1e-5)
    assert got.ci_high == pytest.approx(621.9338, rel=1e-2)  # R stops early there
    high = got.ci_high
    below = 1 + 16 * high + 36 * high**2 + 16 * high**3
    assert below / (below + high**4) == pytest.approx(0.025, abs=1e-12)
    assert tables.fisher([[3, 1], [1, 3]], 0.9).ci_low == pytest.approx(0.3135693, abs=1e-5)


def test_p20_an_infinite_change_is_refused():
    got = paired.signed_rank([1, 2, np.inf, 3])
    assert "infinite" in got.note
    assert np.isnan(got.p)
    assert np.isnan(exact.signed_rank([[1, 2, np.inf], [1, 2, 3]]).p).tolist() == [True, False]
    assert np.isnan(exact.rank_sum([1, -np.inf], [2.0, 3]).p[0])


def test_p21_statistics_have_a_direction():
    d = [-1, -2, -3, 4]
    assert paired.signed_rank(d).statistic == 4  # W+, ranks of the rises
    assert groups.rank_sum([1, 2], [3, 4, 5]).statistic == 0  # U of the first group
    assert groups.rank_sum([3, 4, 5], [1, 2]).statistic == 6
    assert groups.rank_biserial([3, 4, 5], [1, 2]).estimate == 1
