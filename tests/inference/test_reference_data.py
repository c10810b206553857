"""Reference data sets of NIST and of the package coin: certified values, and R's."""

import numpy as np
import pytest

from sclerotrial.inference import describe, groups, linear, survival

# fmt: off
# NIST Statistical Reference Datasets (works of the United States government)
NORRIS_Y = [
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1,
    778.1, 668.8, 339.3, 448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6,
    339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
]
NORRIS_X = [
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6,
    775.5, 666.9, 338.0, 447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8,
    339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
]
SIRSTV = [
    196.3052, 196.1240, 196.1890, 196.2569, 196.3403, 196.3042, 196.3825, 196.1669,
    196.3257, 196.0422, 196.1303, 196.2005, 196.2889, 196.0343, 196.1811, 196.2795,
    196.1748, 196.1494, 196.1485, 195.9885, 196.2119, 196.1051, 196.1850, 196.0052, 196.2090,
]
# coin: serum aspartate amino transferase of 19 control animals and 15 given a compound
CONTROL = [
    1.33, 1.78, 1.53, 1.95, 1.83, 1.47, 1.87, 1.55, 2.58, 2.17, 1.97, 1.62, 2.25, 3.53,
    2.92, 1.78, 2.22, 2.55, 2.75,
]
COMPOUND = [
    1.53, 1.75, 2.12, 2.83, 2.58, 2.37, 2.92, 2.08, 3.01, 2.67, 2.08, 2.25, 3.08, 2.01, 1.58,
]
# coin: days to death of lung cancer, and whether it was seen; ovarian carcinoma by stage
LUNG = {
    "newdrug": ([257, 476, 355, 1779, 355], [0, 0, 1, 1, 0]),
    "control": ([191, 563, 242, 285, 16, 16, 16, 257, 16], [1] * 9),
}
OVARY = {
    "II": ([28, 89, 175, 195, 309, 377, 393, 421, 447, 462, 709, 744, 770, 1106, 1206],
           [1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]),
    "IIA": ([34, 88, 137, 199, 280, 291, 299, 300, 309, 351, 358, 369, 369,
            370, 375, 382, 392, 429, 451, 1119],
            [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0]),
}
# fmt: on


def test_a_straight_line_has_the_certified_coefficients_and_deviations():
    x = np.array(NORRIS_X)
    got = linear.fit(NORRIS_Y, np.stack([np.ones(len(x)), x], axis=1))
    assert got.df[0] == 34
    assert got.coef[0] == pytest.approx([-0.262323073774029, 1.00211681802045], rel=1e-11)
    deviations = np.sqrt(np.diag(got.unscaled[0]) * got.variance[0])
    assert deviations == pytest.approx([0.232818234301152, 0.429796848199937e-3], rel=1e-11)
    assert np.sqrt(got.variance[0]) == pytest.approx(0.884796396144373, rel=1e-11)


def within(values, treatments):
    return linear.fit(values, np.kron(np.eye(treatments), np.ones((len(values) // treatments, 1))))


def test_five_instruments_have_the_certified_deviation_within():
    got = within(SIRSTV, 5)
    assert got.df[0] == 20
    assert np.sqrt(got.variance[0]) == pytest.approx(1.04076068334656e-01, rel=1e-9)


def test_nine_treatments_have_the_certified_deviation_within():
    # NIST SmLs01: 21 replicates a treatment, one in the middle and ten on either side
    middle = [1.4, 1.3, 1.5, 1.3, 1.5, 1.3, 1.5, 1.3, 1.5]
    values = [v for m in middle for v in [m] + [m - 0.1, m + 0.1] * 10]
    got = within(values, 9)
    assert got.df[0] == 180
    assert np.sqrt(got.variance[0]) == pytest.approx(0.1, rel=1e-12)
    assert describe.sd(np.array(values[:21])) == pytest.approx(0.1, rel=1e-12)


def test_transferase_is_that_of_coin():
    # wilcox_test and oneway_test(asat ~ group, distribution = "exact")
    assert round(groups.rank_sum(COMPOUND, CONTROL).p, 7) == 0.1442443
    got = groups.permutation(COMPOUND, CONTROL)
    assert round(got.p, 7) == 0.2153549
    assert "Monte Carlo" not in got.convention


def savage(times, events):
    """Logrank scores: hazard summed up to a time, less the event."""
    t, e = np.array(times), np.array(events)
    steps = [(u, (e[t == u]).sum() / (t >= u).sum()) for u in np.unique(t)]
    return np.array([sum(h for u, h in steps if u <= v) for v in t]) - e


def test_lung_cancer_is_that_of_r():
    # survfit(Surv(time, cens) ~ group, conf.type = "log-log")
    new, control = (survival.median_interval(*LUNG[k]) for k in ("newdrug", "control"))
    assert (new.estimate, new.ci_low, new.ci_high) == (1779, 355, np.inf)
    assert (control.estimate, control.ci_low, control.ci_high) == (191, 16, 285)
    # coin: logrank_test(..., distribution = "exact"), 0.000999: the two farthest of 2002 splits
    scores = savage(*(LUNG["newdrug"][k] + LUNG["control"][k] for k in (0, 1)))
    assert groups.permutation(scores[:5], scores[5:]).p == pytest.approx(2 / 2002)


def test_ovarian_carcinoma_is_that_of_r():
    # survfit(Surv(time, event) ~ stadium, conf.type = "log-log")
    two = survival.median_interval(*OVARY["II"])
    assert "not reached" in two.note
    assert (two.ci_low, two.ci_high) == (175, np.inf)
    later = survival.median_interval(*OVARY["IIA"])
    assert (later.estimate, later.ci_low, later.ci_high) == (369, 280, 382)
    # summary(..., times = c(365, 730), extend = TRUE)
    for stage, when, want in (
        ("II", 365, [0.6666666667, 0.375303230068, 0.8455622343]),
        ("II", 730, [0.5555555556, 0.248983714480, 0.7799772838]),
        ("IIA", 365, [0.5250000000, 0.282182608486, 0.7202434175]),
        ("IIA", 730, [0.0875000000, 0.007165939567, 0.3006723325]),
    ):
        got = survival.survival_at(*OVARY[stage], when)
        assert [got.estimate, got.ci_low, got.ci_high] == pytest.approx(want, abs=5e-11)
