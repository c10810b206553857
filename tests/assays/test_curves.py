"""Standard curves: published fits, hand numbers, invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.assays.curves import MODELS, Curves, fit, invert

#: A=0.05, B=1.2, C=150, D=3.0 (derived by hand, clinical reference 4.1)
GOLDEN = [0.05, 3.0, np.log(150), np.log(1.2)]


def known(*params, model="4PL"):
    """A curve of given parameters."""
    p = np.array([[*params, *[0.0] * (5 - len(params))]])
    one = np.ones(1)
    return Curves(p, np.zeros((1, 5, 5)), one, one, one, one, one > 0, model, "1/y2")


@pytest.mark.parametrize(
    ("x", "y"), [(7.8125, 0.1327), (31.25, 0.4398), (125, 1.3643), (250, 1.9634), (1000, 2.7254)]
)
def test_4pl_values(x, y):
    assert known(*GOLDEN).predict(np.log([[x]]))[0, 0] == pytest.approx(y, abs=5e-5)


@pytest.mark.parametrize(("x", "y"), [(31.25, 0.3286), (125, 1.0477), (1000, 2.4402)])
def test_5pl_values(x, y):
    curve = known(*GOLDEN, np.log(0.7), model="5PL")
    assert curve.predict(np.log([[x]]))[0, 0] == pytest.approx(y, abs=5e-5)


def test_inverse_values():
    assert np.exp(invert(known(*GOLDEN), [[1.0]]).u[0, 0]) == pytest.approx(80.662, abs=5e-4)
    five = known(*GOLDEN, np.log(0.7), model="5PL")
    assert np.exp(invert(five, [[1.0]]).u[0, 0]) == pytest.approx(117.019, abs=5e-4)


def test_blank_is_the_response_at_zero_dose():
    for model in MODELS:
        got = known(*GOLDEN, np.log(0.7), model=model).predict([[-np.inf]])[0, 0]
        assert got == pytest.approx(0.05, abs=1e-12)


def test_nist_rat43():
    """NIST StRD Rat43 (Richards): the xPONENT form with A = 0, ln dose = x, G = 1/b4."""
    y = [16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56,
         689.96, 637.56, 717.41]  # fmt: skip
    got = fit([np.arange(1.0, 16)], [y], "5PL-xponent", "none", ridge=0, fixed_a=0.0)
    _, d, lc, lb, lg = got.params[0]
    b = np.exp(lb)
    np.testing.assert_allclose(
        [d, b * lc, b, np.exp(-lg)], [699.6415127, 5.2771253025, 0.75962938329, 1.2792483859],
        rtol=2e-6,
    )  # fmt: skip
    se = np.sqrt(np.diag(got.cov[0]))
    np.testing.assert_allclose([se[1], b * se[3]], [16.302297817, 0.19566123451], rtol=1e-5)
    assert got.cost[0] == pytest.approx(8786.404908, rel=1e-8)


def test_nist_rat42():
    """NIST StRD Rat42: three parameters, the 4PL with A = 0."""
    x = [9.0, 14, 21, 28, 42, 57, 63, 70, 79]
    y = [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08]
    got = fit([x], [y], "4PL", "none", fixed_a=0.0)
    b = np.exp(got.params[0, 3])
    np.testing.assert_allclose(
        [got.params[0, 1], b * got.params[0, 2], b],
        [72.462237576, 2.6180768402, 0.067359200066], rtol=1e-6,
    )  # fmt: skip
    assert got.cost[0] == pytest.approx(8.0565229338, rel=1e-8)
    assert np.sqrt(got.cov[0, 1, 1]) == pytest.approx(1.7340283401, rel=1e-5)


def test_four_parameters_at_the_point_of_inflection():
    """nCal's own case: at g = 4 a slope of h = 4 is b = -16/9, e = exp(4); c = 1, d = 10.

    The slope of the response by the log of concentration there is b (d - c) / 4.
    """
    x = np.linspace(0.0, 8.0, 9)
    y = 1 + 9 / (1 + np.exp(-1.777778 * (x - np.log(54.59815))))
    got = fit([x], [y], "4PL", "none")
    a, d, at, b = *got.params[0, :3], np.exp(got.params[0, 3])
    assert [a, d, at, b] == pytest.approx([1, 10, 4, 1.777778], rel=1e-6)
    assert b * (d - a) / 4 == pytest.approx(4, rel=1e-6)
    low, high = got.predict(np.array([[at - 1e-4, at + 1e-4]]))[0]
    assert (high - low) / 2e-4 == pytest.approx(4, rel=1e-6)


CONC = np.log(2000.0 / 3.0 ** np.arange(8))


@settings(max_examples=25, deadline=None)
@given(
    a=st.floats(5, 60), span=st.floats(5e3, 3e4), c=st.floats(20, 400), b=st.floats(0.7, 1.8),
    falling=st.booleans(),
)  # fmt: skip
def test_noise_free_curves_come_back(a, span, c, b, falling):
    ends = (a + span, a) if falling else (a, a + span)
    truth = known(*ends, np.log(c), np.log(b))
    y = truth.predict(CONC[None, :])
    for model in ("4PL", "5PL"):
        got = fit([CONC], y, model)
        np.testing.assert_allclose(invert(got, y).u[0], CONC, atol=2e-4)


def test_batch_equals_single_and_order_of_wells_is_nothing():
    rng = np.random.default_rng(20080430)
    u = np.tile(np.repeat(CONC, 2), (6, 1))
    truth = np.array([20.0, 2e4, 5.0, 0.1, 0.0]) + np.zeros((6, 5))
    truth[:, 2] += rng.normal(0, 0.5, 6)
    y = Curves(truth, *[None] * 6, "4PL", "1/y2").predict(u) * np.exp(rng.normal(0, 0.05, u.shape))
    for model in MODELS:
        every = fit(u, y, model)
        order = rng.permutation(u.shape[1])
        for k in range(6):
            one = fit(u[k : k + 1, order], y[k : k + 1, order], model)
            np.testing.assert_allclose(one.cost[0], every.cost[k], rtol=1e-6)
            np.testing.assert_allclose(one.predict(u[:1]), every.row(k).predict(u[:1]), rtol=1e-4)


def test_beyond_the_asymptotes_is_infinite_not_missing():
    rising, falling = known(*GOLDEN), known(3.0, 0.05, *GOLDEN[2:])
    y = [[0.01, 1.0, 3.5, np.nan]]
    assert invert(rising, y).u[0, [0, 2]].tolist() == [-np.inf, np.inf]
    assert invert(falling, y).u[0, [0, 2]].tolist() == [np.inf, -np.inf]
    assert np.isnan(invert(rising, y).u[0, 3])


def test_interval_covers_at_its_level():
    """Plates with 5 % relative error: 95 % intervals of single wells cover 93 to 97 %."""
    rng = np.random.default_rng(1)
    truth = Curves(np.tile([20.0, 2e4, 5.0, 0.1, 0.0], (300, 1)), *[None] * 6, "4PL", "1/y2")
    u = np.tile(np.repeat(CONC, 2), (300, 1))
    y = truth.predict(u) * np.exp(rng.normal(0, 0.05, u.shape))
    inside = np.log(rng.uniform(5, 500, (300, 20)))
    reading = truth.predict(inside) * np.exp(rng.normal(0, 0.05, inside.shape))
    low, high = invert(fit(u, y), reading).interval()
    assert 0.93 < ((low <= inside) & (inside <= high)).mean() < 0.97


def test_too_few_points_give_no_curve():
    got = fit([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])
    assert np.isnan(got.params).all()
    assert np.isnan(invert(got, [[2.0]]).u).all()


def test_unknown_model_is_refused():
    with pytest.raises(ValueError, match="3PL"):
        fit([[0.0]], [[1.0]], "3PL")
