"""Models against R, SAS, NIST and arithmetic: least squares, moderated t, MMRM, ANCOVA."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import exact, linear, mixed, models, moderated, paired, wide

NAN = float("nan")
# R: set.seed(123); rnorm(45), as 5 x 9 by columns
NORMAL = np.array([
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621,
    -1.26506123, -0.68685285, -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272,
    -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.70135590, -0.47279141, -1.06782371,
    -0.21797491, -1.02600445, -0.72889123, -0.62503927, -1.68669331, 0.83778704, 0.15337312,
    -1.13813694, 1.25381492, 0.42646422, -0.29507148, 0.89512566, 0.87813349, 0.82158108,
    0.68864025, 0.55391765, -0.06191171, -0.30596266, -0.38047100, -0.69470698, -0.20791728,
    -1.26539635, 2.16895597, 1.20796200,
]).reshape(9, 5).T  # fmt: skip
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
         [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])  # fmt: skip


def langaas():
    design = np.eye(3)[[0, 0, 0, 1, 1, 1, 2, 2, 2]]
    y = NORMAL + design @ [0, 2, -2]
    y[4, :2] = NAN
    return y, design


def test_moderated_t_is_that_of_limma():
    # limma's own tests: sigma, prior and t of alpha - beta; row 5 is the exact refit
    found = linear.fit(*langaas())
    np.testing.assert_allclose(
        np.sqrt(found.variance), [1.3425032, 0.4647155, 1.1993444, 0.9428569, 0.9421509], atol=1e-7
    )
    got = moderated.moderate(found, [0, 1, -1])
    assert got.prior.df[0] == pytest.approx(9.306153, abs=1e-6)
    assert got.prior.scale[0] == pytest.approx(0.923179, abs=1e-6)
    np.testing.assert_allclose(got.t, [3.847656, 6.637308, 3.692066, 3.464003, 4.490384], atol=1e-6)
    np.testing.assert_allclose(
        got.p[:4], [0.00152945, 7.144893e-06, 0.00210927, 0.00338197], rtol=1e-5
    )
    np.testing.assert_allclose(
        got.variance, [1.2677996, 0.6459499, 1.1251558, 0.9097727, 0.912498], atol=1e-6
    )


def test_a_panel_of_equal_variances_is_wholly_pooled():
    # variances less spread than chance allows: prior df infinite, every variance the mean of all
    x = np.tile([1.0, 2, 3, 4], (30, 1)) + np.arange(30)[:, None]
    got = moderated.moderate(linear.fit(x, np.ones((4, 1))), [1.0])
    assert np.isinf(got.prior.df).all()
    np.testing.assert_allclose(got.variance, 5 / 3)
    np.testing.assert_allclose(got.df, 90)  # not more than all features have together


def test_trend_follows_the_level_and_robust_finds_the_outlier():
    rng = np.random.default_rng(4)
    level = rng.uniform(0, 10, 400)
    x = level[:, None] + rng.normal(size=(400, 6)) * np.exp(-level / 5)[:, None]
    found = linear.fit(x, np.ones((6, 1)))
    prior = moderated.prior_of(found.variance, found.df, found.level)
    low, high = prior.scale[level < 1].mean(), prior.scale[level > 9].mean()
    assert low / high == pytest.approx(math.exp(3.6), rel=0.5)  # variance falls by exp(-2 * 9 / 5)
    y = rng.normal(size=(400, 6))
    y[0] *= 30
    found = linear.fit(y, np.ones((6, 1)))
    plain = moderated.prior_of(found.variance, found.df)
    robust = moderated.prior_of(found.variance, found.df, robust=True)
    assert robust.df[0] < 1 < plain.df[0]
    assert np.median(robust.df) > plain.df[0]


@pytest.mark.parametrize(
    ("p", "features", "need"),
    [(2 / 64, 20_000, 12_500), (2 / 512, 20_000, 1_563), (2 / 4096, 20_000, 196),
     (2.0**-19, 20_000, 1), (2 / 84, 20_000, 9_524), (0.2, 20_000, math.inf)],
)  # fmt: skip
def test_features_that_must_share_the_smallest_p(p, features, need):
    assert moderated.floor(p, features) == need


def test_trigamma_inverse():
    # trigamma(1) = pi**2 / 6, trigamma(1/2) = pi**2 / 2
    assert moderated.trigamma_inverse(math.pi**2 / 6) == pytest.approx(1, abs=1e-10)
    assert moderated.trigamma_inverse(math.pi**2 / 2) == pytest.approx(0.5, abs=1e-10)


def test_least_squares_of_a_large_constant():
    # NIST's stiffest analyses of variance add 10**12; one digit of the data is 0.1
    y = 1e12 + np.array([0.4, 0.3, 0.5, 0.2, 0.3, 0.4])
    found = linear.fit(y, np.stack([np.ones(6), [0, 0, 0, 1, 1, 1]], axis=1))
    assert found.coef[0, 1] == pytest.approx(-0.1, abs=2e-4)


def test_a_design_that_cannot_be_told_apart_is_refused():
    with pytest.raises(ValueError, match="column 3"):
        linear.fit([1.0, 2, 3], np.stack([np.ones(3), [1, 2, 3], [2, 4, 6]], axis=1))
    # one feature without values in one group: that feature alone is refused
    y = np.array([[1.0, 2, NAN, NAN], [1, 2, 4, 5]])
    found = linear.fit(y, np.stack([np.ones(4), [0, 0, 1, 1]], axis=1))
    assert np.isnan(found.coef[0]).all()
    np.testing.assert_allclose(found.coef[1], [1.5, 3.0])


def test_mmrm_of_the_sleep_data_is_the_paired_t_test():
    first, second = (np.array(v) for v in SLEEP)
    x = np.zeros((10, 2, 2))
    x[:, :, 0], x[:, 1, 1] = 1, 1
    for structure in mixed.STRUCTURES:
        got = mixed.contrast(mixed.reml(np.stack([first, second], 1), x, structure), [0, 1])
        t = paired.mean_change(second - first)
        assert got.estimate == pytest.approx(1.58)
        assert got.p == pytest.approx(t.p, rel=1e-8)  # df = 9, standard error 0.389
        assert got.ci_low == pytest.approx(t.ci_low, rel=1e-8)
        assert "df = 9" in got.convention


def test_mmrm_uses_patients_with_a_missing_visit_and_says_what_it_did():
    rng = np.random.default_rng(8)
    base = rng.normal(30, 5, 12)
    change = rng.normal(-3, 4, 12)[:, None] * [0.5, 1] + rng.normal(0, 2, (12, 2))
    whole = mixed.mmrm(change, base)
    change[[2, 7], 1] = NAN
    got = mixed.mmrm(change, base)
    assert [r.n for r in got] == [12, 12]
    assert all("unstructured" in r.convention and not r.note for r in (*whole, *got))


def test_mmrm_of_complete_data_is_ancova_at_each_visit():
    rng = np.random.default_rng(9)
    base, group = rng.normal(30, 5, 14), np.arange(14) % 2
    change = rng.normal(-3, 4, (14, 1)) * [0.5, 1] + rng.normal(0, 2, (14, 2))
    for by, got in enumerate(mixed.mmrm(change, base, group)):
        alone = models.ancova(change[:, by], base, group)
        assert got.estimate == pytest.approx(alone.estimate, rel=1e-6)
        assert got.p == pytest.approx(alone.p, rel=1e-5)  # 11 residual degrees of freedom


def test_mmrm_falls_back_and_refuses_in_words():
    base = np.array([20.0, 30, 25, 28])
    change = np.array([[1.0, NAN, NAN], [NAN, 2, NAN], [NAN, NAN, 3], [1, NAN, NAN]])
    assert all("could be fitted" in r.note for r in mixed.mmrm(change, base))
    assert all("too few" in r.note for r in mixed.mmrm(change[:2], base[:2]))


def test_ancova_by_hand():
    # y = 1 + 2 (b - 2) + 3 g + e with e = (1, -2, 1, -1, 2, -1) / 10, orthogonal to all columns
    base, group = np.array([1.0, 2, 3, 1, 2, 3]), np.array([0, 0, 0, 1, 1, 1])
    y = 1 + 2 * (base - 2) + 3 * group + np.array([1, -2, 1, -1, 2, -1]) / 10
    got = models.ancova(y, base, group)
    # residual variance 0.12 / 3 = 0.04; standard error 0.2 * sqrt(2/3); t(3) = 3.182446
    half = 3.182446305284263 * 0.2 * math.sqrt(2 / 3)
    assert got.estimate == pytest.approx(3)
    assert got.ci_high == pytest.approx(3 + half)
    assert got.sizes == (3, 3)
    assert models.ancova(y, base).estimate == pytest.approx(2.5)
    assert "told apart" in models.ancova(y, group * 1.0, group).note
    assert "too few" in models.ancova(y[:2], base[:2]).note
    assert "no residual spread" in models.ancova(2 * base, base).note


def test_tipping_point():
    # six falls, and two missing ones: filled with 0 and -1, then with more and more added
    got = models.tipping_within([-3, -4, -5, -2, -6, -1], [0.0, -1.0], 1, 40)
    assert got.first == 0.015625
    assert got.delta == 2
    assert [p for _, p in got.tried] == [0.015625, 0.046875, 0.0078125, 0.0859375]
    none = models.tipping_within([1, 2, 3], [], 1, 5)
    assert none.note == "no outcome is missing"
    held = models.tipping_within([1, -2], [0.5], 1, 3)
    assert "holds for every addition" in held.note
    two = models.tipping_between(([5.0, 6, 7, 8], [6.0]), ([1.0, 2, 3, 4], [2.5]), 1, 30)
    assert two.first == pytest.approx(2 / 252)
    assert two.delta < 0


rows = st.lists(st.sampled_from([0.0, 0.1, 0.2, -0.3, 0.5, NAN]), min_size=7, max_size=7)


@settings(max_examples=40)
@given(st.lists(rows, min_size=3, max_size=6))
def test_a_row_of_a_panel_is_the_test_of_its_feature(values):
    x = np.array(values)
    table = wide.paired(x)
    for d, row in zip(x, table.itertuples(), strict=True):
        own = d[~np.isnan(d)]
        assert len(own) == row.N
        if not len(own):
            assert row.NOTE == "too few values"
            continue
        assert exact.sign_flip(own).p[0] == row.P_MEAN
        assert exact.signed_rank(own).p[0] == row.P_RANK
        assert paired.hodges_lehmann(own).estimate == pytest.approx(row.HL, abs=1e-12)
        assert paired.mean_change(own).estimate == pytest.approx(row.ESTIMATE, abs=1e-12)
    # neither neighbours nor their number change the exact columns of a row
    alone = wide.paired(x[:1]).iloc[0]
    for c in ("ESTIMATE", "HL", "HL_LOW", "HL_HIGH", "P_MEAN", "P_RANK"):
        np.testing.assert_array_equal(alone[c], table[c].iloc[0])


def test_intervals_of_a_panel_without_ties_are_those_of_one_feature():
    from sclerotrial.inference import groups

    rng = np.random.default_rng(12)
    x, y = rng.normal(size=(4, 7)), rng.normal(size=(4, 5))
    x[1, 0] = NAN
    one, two = wide.paired(x), wide.groups(x, y)
    for k in range(4):
        h, s = paired.hodges_lehmann(x[k]), groups.shift(x[k], y[k])
        assert (one.HL_LOW[k], one.HL_HIGH[k]) == (
            pytest.approx(h.ci_low),
            pytest.approx(h.ci_high),
        )
        assert one.HL_LEVEL[k] == pytest.approx(h.conf_achieved)
        assert (two.HL_LOW[k], two.HL_HIGH[k]) == (
            pytest.approx(s.ci_low),
            pytest.approx(s.ci_high),
        )
        assert two.HL_LEVEL[k] == pytest.approx(s.conf_achieved)
        assert two.P_RANK[k] == groups.rank_sum(x[k], y[k]).p
    bad = wide.groups([[np.inf, 1.0, 2]], [[1.0, 2]])
    assert "infinite" in bad.NOTE[0]
    assert np.isnan(bad.P_MEAN[0])
