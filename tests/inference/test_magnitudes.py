"""Values of any size: counted where 12 digits hold them, refused in words where they do not.

p values: R 4.2, ``wilcox.test(x)`` and ``wilcox.test(x, y)``, which do not depend on the unit.
"""

import numpy as np
import pytest

from sclerotrial.inference import bootstrap, correlation, exact, groups, paired, wide

PLAIN = np.array([1.0, -2, 3, 4, 5, 6, 7])


@pytest.mark.parametrize("unit", [1e-5, 1e-3, 1.0, 1e6, 1e30, 1e50, 1e140])
def test_the_unit_of_a_measure_does_not_change_its_test(unit):
    assert paired.signed_rank(PLAIN * unit).p == 0.046875
    assert paired.sign_flip(PLAIN * unit).p == 0.046875
    got = paired.hodges_lehmann(PLAIN * unit)
    want = paired.hodges_lehmann(PLAIN)
    np.testing.assert_allclose([got.ci_low, got.ci_high], np.multiply([0.5, 6], unit), rtol=1e-12)
    assert (want.ci_low, want.ci_high) == (0.5, 6.0)  # Walsh averages 3 and 26 of 28


@pytest.mark.parametrize("unit", [1e-12, 1e-9, 1e-7])
def test_values_too_small_for_the_grid_are_refused_in_words(unit):
    for got in (
        paired.signed_rank(PLAIN * unit),
        paired.sign_flip(PLAIN * unit),
        paired.hodges_lehmann(PLAIN * unit),
        groups.rank_sum(PLAIN * unit, PLAIN[:4] * unit),
        groups.permutation(PLAIN * unit, PLAIN[:4] * unit),
        groups.shift(PLAIN * unit, PLAIN[:4] * unit),
    ):
        assert got.note == "all values lie below 1e-6: give the measure in a smaller unit"
        assert np.isnan([got.p, got.ci_low, got.ci_high]).all()


def test_values_more_than_twelve_digits_apart_are_refused_in_words():
    x = np.array([1e13, 1, -2, 3, 4, 5, 6])
    for got in (
        paired.signed_rank(x),
        paired.sign_flip(x),
        groups.rank_sum(x[:4], x[4:]),
        groups.permutation(x[:4], x[4:]),
    ):
        assert got.note.startswith("the largest value is more than 12 digits from the smallest")
        assert np.isnan(got.p)
    # of a panel the feature alone is refused
    tail = exact.signed_rank(np.array([x, PLAIN]))
    assert np.isnan(tail.p[0])
    assert tail.p[1] == 0.046875


def test_what_a_subtraction_leaves_of_large_values_is_still_nothing():
    # (0.1 + 0.2) * 1e9 - 0.3 * 1e9 is 6e-8, not a change
    dust = (0.1 + 0.2) * 1e9 - 0.3 * 1e9
    assert dust != 0
    got = paired.signed_rank([dust, *(PLAIN * 1e9)])
    assert got.p == 0.046875


def test_values_whose_squares_overflow_are_refused_in_words():
    big = PLAIN * 1e200
    why = "a value beyond 1e150, which has no square"
    for got in (
        paired.mean_change(big),
        paired.hedges_gz(big),
        paired.signed_rank(big),
        bootstrap.bca_mean(big),
        correlation.pearson(big, PLAIN),
        groups.hedges_g(big, PLAIN),
    ):
        assert got.note == why
        assert np.isnan([got.estimate, got.p]).all()


def test_equal_values_of_a_panel_have_no_interval_as_of_one_feature():
    x = np.random.default_rng(4).normal(size=(40, 6))
    x[7] = 2.0
    row = wide.paired(x).iloc[7]
    assert row["ESTIMATE"] == row["HL"] == 2.0
    assert row[["T_LOW", "T_HIGH", "HL_LOW", "HL_HIGH", "HL_LEVEL"]].isna().all()
    assert row["NOTE"] == paired.hodges_lehmann(x[7]).note == paired.mean_change(x[7]).note
    assert row["P_RANK"] == 2.0**-5


def test_a_panel_without_spread_says_why_it_has_no_moderated_t():
    x = np.full((5, 6), 2.0)
    x[0] = [1, 2, 3, 4, 5, 7]
    table = wide.paired(x)
    assert table["P_MOD"].isna().all()
    assert table["NOTE"][0] == "no spread in most features: no moderated t"
