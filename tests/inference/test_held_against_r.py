"""Numbers that R gave for small rounded data: `r/cases.R` made `r/cases.json`."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from sclerotrial.inference import (
    correlation,
    counts,
    models,
    multiplicity,
    proportions,
    survival,
    tables,
)

CASES = json.loads((Path(__file__).parent / "r" / "cases.json").read_text())
NEAR = 1e-9


def cases(name):
    return pytest.mark.parametrize("case", CASES[name])


def numbers(values):
    return np.array([math.nan if v is None else v for v in values], float)


def same(got, want):
    """A number of R, or none."""
    if want is None:
        assert math.isnan(got)
    else:
        assert got == pytest.approx(want, rel=NEAR, abs=NEAR)


@cases("ancova")
def test_ancova_is_lm_with_emmeans(case):
    y, base, side = (numbers(case[c]) for c in ("change", "base", "side"))
    strata, level = case["strata"], case["level"]
    found = {
        "one": models.ancova(y, base, level=level),
        "two": models.ancova(y, base, side, level=level),
        "stratified": models.ancova(y, base, side, level=level, strata=strata),
        "one_stratified": models.ancova(y, base, level=level, strata=strata),
    }
    kept = [k for k in found if k in case]
    assert len(kept) == (1 if len(y) < 6 else 4)
    for k in kept:
        for mine, its in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high"),
                          ("statistic", "t"), ("p", "p")):  # fmt: skip
            same(getattr(found[k], mine), case[k][its])


@cases("association")
def test_correlations_are_those_of_all_orders(case):
    r, rho = correlation.pearson(case["x"], case["y"]), correlation.spearman(case["x"], case["y"])
    same(r.estimate, case["pearson"])
    same(rho.estimate, case["spearman"])
    same(rho.p, case["p_spearman"])
    if case["p_pearson"] is not None:
        same(r.p, case["p_pearson"])
    for got, ends in ((r, case["ends"]), (rho, case["rank_ends"])):
        low, high = ends or (None, None)
        same(got.ci_low, low)
        same(got.ci_high, high)


@cases("repeated")
def test_repeated_measures_correlation_is_that_of_parallel_lines(case):
    got = correlation.repeated(numbers(case["x"]), numbers(case["y"]), case["who"])
    same(got.estimate, case["r"])
    same(got.p, case["p"])
    same(got.ci_low, case["ends"][0])
    same(got.ci_high, case["ends"][1])
    assert got.convention.endswith(f"df {case['df']}")


@cases("follow")
def test_kaplan_meier_is_that_of_survfit(case):
    time, event, level = case["time"], case["event"], case["level"]
    when, s, low, high = (
        numbers(np.atleast_1d(case[c])) for c in ("when", "survival", "low", "high")
    )
    for t, its, down, up in zip(when, s, low, high, strict=True):
        got = survival.survival_at(time, event, t, level)
        same(got.estimate, its)
        if 0 < its < 1:
            same(got.ci_low, down)
            same(got.ci_high, up)
    median = survival.median_interval(time, event, level)
    same(median.estimate, case["median"])
    for got, want in ((median.ci_low, "median_low"), (median.ci_high, "median_high")):
        assert got == (math.inf if case[want] is None else case[want])


def test_survival_that_falls_to_nothing_at_once_has_no_interval():
    # quantile(survfit(Surv(c(5, 5, 5), c(1, 1, 1)) ~ 1, conf.type = "log-log"), .5): 5, NA, NA
    got = survival.median_interval([5, 5, 5], [True] * 3)
    assert got.estimate == 5
    assert math.isnan(got.ci_low)
    assert math.isnan(got.ci_high)
    assert "to 0 at once" in got.note


def test_a_median_whose_upper_limit_survival_of_nothing_would_give_says_so():
    # quantile(survfit(Surv(c(1, 1, 1, 1, 1, 1, 3, 3, 3), rep(1, 9)) ~ 1, ...), .5): 1, 1, NA
    got = survival.median_interval([1] * 6 + [3] * 3, [True] * 9)
    assert (got.estimate, got.ci_low, got.ci_high) == (1, 1, math.inf)
    assert got.note == "upper limit not reached before survival is 0"
    # quantile(survfit(Surv(c(1, 1, 1, 1, 1, 1, 1, 2, 3), rep(1, 9)) ~ 1, ...), .5): 1, 1, 2
    got = survival.median_interval([1] * 7 + [2, 3], [True] * 9)
    assert (got.estimate, got.ci_low, got.ci_high, got.note) == (1, 1, 2, "")


@cases("rates")
def test_poisson_rates_are_those_of_poisson_test(case):
    got = counts.poisson_rate(case["count"], case["time"], case["level"])
    same(got.estimate, case["estimate"])
    # R looks for the quantile of a gamma law; ours is its inverse function
    assert [got.ci_low, got.ci_high] == pytest.approx(case["ends"], rel=1e-9)


@cases("shares")
def test_shares_are_those_of_binom_test_and_prop_test(case):
    given = case["count"], case["n"], case["level"]
    exact, score = proportions.clopper_pearson(*given), proportions.wilson(*given)
    assert [exact.ci_low, exact.ci_high] == pytest.approx(case["exact"], rel=NEAR, abs=NEAR)
    assert [score.ci_low, score.ci_high] == pytest.approx(case["score"], rel=NEAR, abs=NEAR)


@cases("newcombe")
def test_difference_of_shares_from_the_intervals_of_prop_test(case):
    got = proportions.newcombe(*case["table"])
    same(got.estimate, case["gap"])
    same(got.ci_low, case["low"])
    same(got.ci_high, case["high"])


@cases("boschloo")
def test_boschloo_is_twice_the_smaller_side_of_exact(case):
    # the package Exact looks for the largest p on a grid of 20,001 shares
    got = tables.boschloo(np.reshape(case["table"], (2, 2)))
    assert got.p == pytest.approx(min(1, 2 * min(case["less"], case["greater"])), rel=1e-6)


@cases("halton")
def test_tables_are_those_of_fisher_test(case):
    same(tables.freeman_halton(case["table"]).p, case["p"])


@cases("trend")
def test_trend_is_that_of_coin_and_of_all_splits(case):
    x, y = np.atleast_1d(case["x"]), np.atleast_1d(case["y"])
    got = tables.trend(x, y)
    same(got.p, case["counted"])
    same(got.p, case["coin"])


@cases("families")
@pytest.mark.parametrize("method", ["holm", "hommel", "bh"])
def test_families_are_those_of_p_adjust(case, method):
    p, want = np.atleast_1d(case["p"]), np.atleast_1d(case[method])
    got = multiplicity.adjust(p, method, case["family"])
    np.testing.assert_allclose(got, want, rtol=1e-12)
