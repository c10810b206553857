"""R's packages on awkward data: ties, zeros, n = 1 to 12, constants, missing values.

The numbers stand in `r/exact.json`, which `r/exact.R` wrote (R 4.2.2; versions in the file); anyone
with R can write it anew. Where a package follows another convention, the test says which.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from sclerotrial.inference import (
    bootstrap,
    draws,
    effects,
    exact,
    groups,
    paired,
    proportions,
    survival,
    tables,
)

GRID = json.loads((Path(__file__).parent / "r" / "exact.json").read_text())
CLOSE = {"rel": 1e-9, "abs": 1e-12}


def numbers(value):
    """A list of floats; R writes a single number bare, and nothing as an empty object."""
    values = value if isinstance(value, list) else [value]
    return np.array([float("nan") if v is None or v == {} else float(v) for v in values])


def known(cases, key):
    """Cases for which R gave this."""
    return [c for c in cases if c.get(key) not in (None, [], {})]


@pytest.mark.parametrize(
    ("package", "test", "least"),
    [
        ("coin_wilcoxon", exact.signed_rank, 55),
        ("coin_pratt", lambda d: exact.signed_rank(d, "pratt"), 55),
        ("wilcox_exact", exact.signed_rank, 55),
        ("wilcox_test", exact.signed_rank, 20),
        ("coin_symmetry", exact.sign_flip, 50),
        ("perm_test", exact.sign_flip, 55),
    ],
)
def test_p_of_one_sample(package, test, least):
    cases = known(GRID["one"], package)
    assert len(cases) >= least
    for case in cases:
        assert test(numbers(case["x"])).p[0] == pytest.approx(case[package], **CLOSE), case


@pytest.mark.parametrize(
    ("package", "test", "least"),
    [
        ("coin_rank", exact.rank_sum, 140),
        ("wilcox_exact", exact.rank_sum, 140),
        ("wilcox_test", exact.rank_sum, 55),
        ("coin_mean", exact.permutation, 140),
        ("perm_abs", exact.permutation, 140),
    ],
)
def test_p_of_two_samples(package, test, least):
    cases = known(GRID["two"], package)
    assert len(cases) >= least
    for case in cases:
        p = test(numbers(case["x"]), numbers(case["y"])).p[0]
        assert p == pytest.approx(case[package], **CLOSE), case


def test_hodges_lehmann_of_one_sample_without_ties():
    cases = [c for c in known(GRID["one"], "wilcox_test_ci") if len(numbers(c["x"])) > 1]
    assert len(cases) >= 15
    for case in cases:
        x = numbers(case["x"])
        got = paired.hodges_lehmann(x)
        assert got.estimate == pytest.approx(case["wilcox_test_hl"], **CLOSE)
        if np.isfinite(x).sum() > 1:  # of one patient R prints the value itself
            assert [got.ci_low, got.ci_high] == pytest.approx(case["wilcox_test_ci"], **CLOSE)


def test_hodges_lehmann_of_two_samples():
    free = known(GRID["two"], "wilcox_test_ci")
    assert len(free) >= 55
    for case in free:
        got = groups.shift(numbers(case["x"]), numbers(case["y"]))
        assert got.estimate == pytest.approx(case["wilcox_test_hl"], **CLOSE)
        if got.sizes != (1, 1):  # of one against one R prints the difference itself
            assert [got.ci_low, got.ci_high] == pytest.approx(case["wilcox_test_ci"], **CLOSE)
    tied = known(GRID["two"], "coin_hl")
    assert len(tied) >= 100
    for case in tied:
        got = groups.shift(numbers(case["x"]), numbers(case["y"]))
        assert got.estimate == pytest.approx(case["coin_hl"], **CLOSE)


def test_under_ties_the_places_of_exact_rank_tests_are_not_the_hull():
    """`wilcox.exact` takes order statistics by the law of the unshifted data: where its end differs
    from ours, the exact test rejects just beyond ours, or does not yet reject at its end."""
    seen = 0
    for case in known(GRID["two"], "wilcox_exact_ci"):
        x, y = numbers(case["x"]), numbers(case["y"])
        got = groups.shift(x, y)
        if got.note or np.isnan(got.ci_low):
            continue
        for ours, theirs in zip((got.ci_low, got.ci_high), case["wilcox_exact_ci"], strict=True):
            if abs(ours - theirs) < 1e-9:
                continue
            seen += 1
            out = 1 if ours == got.ci_high else -1
            beyond = exact.rank_sum(x - (ours + out * 1e-6), y).p[0]
            inside = exact.rank_sum(x - (ours - out * 1e-6), y).p[0]
            at = exact.rank_sum(x - ours, y).p[0]
            assert beyond <= 0.05
            assert max(inside, at) > 0.05
    assert seen >= 10


def test_hedges_g_of_two_groups():
    cases = known(GRID["two"], "hedges_ci")
    assert len(cases) >= 40
    for case in cases:
        x, y = numbers(case["x"]), numbers(case["y"])
        got = groups.hedges_g(x, y)
        df = got.n - 2
        ratio = effects.hedges_j(df) / (1 - 3 / (4 * df - 1))  # effsize: Hedges' approximation
        assert got.estimate == pytest.approx(ratio * case["hedges"], rel=1e-9, abs=1e-12)
        limits = np.array([got.ci_low, got.ci_high]) / effects.hedges_j(df)  # uncorrected there
        assert limits == pytest.approx(case["hedges_ci"], rel=1e-3, abs=1e-3)  # its own search


@pytest.mark.parametrize("case", GRID["tables"], ids=lambda c: str(c["table"]))
def test_two_by_two(case):
    got = tables.fisher(case["table"])
    assert got.p == pytest.approx(case["fisher"], **CLOSE)
    assert got.p == pytest.approx(case["exact2x2"]["minlike"], **CLOSE)
    # `uniroot` stops at 1.2e-4 of a number between 0 and 1, also where it is 1 / odds
    for key in ("fisher_ci", case["exact2x2_ci"]["central"]):
        low, high = numbers(case[key] if isinstance(key, str) else key)
        assert got.ci_low == pytest.approx(low, rel=5e-4, abs=1.3e-4)
        if np.isfinite(high):
            assert got.ci_high == pytest.approx(high, rel=1e-2)
        else:
            assert got.ci_high == np.inf
    # exact2x2 looks for the worst share on a grid of 100, so it can stop short of it
    short = tables.boschloo(case["table"]).p / case["boschloo"]["central"] - 1
    assert -1e-9 <= short < 1e-3


def test_blaker_of_these_tables_is_fisher_and_boschloo_by_likelihood_is_not():
    for case in GRID["tables"]:
        assert tables.fisher(case["table"]).p == pytest.approx(case["exact2x2"]["blaker"], **CLOSE)
    smaller = [
        c["boschloo"]["minlike"] < tables.boschloo(c["table"]).p - 1e-6 for c in GRID["tables"]
    ]
    assert sum(smaller) >= 6


@pytest.mark.parametrize("case", GRID["wide"], ids=lambda c: str(c["table"]))
def test_r_by_c(case):
    assert tables.freeman_halton(case["table"]).p == pytest.approx(case["p"], **CLOSE)


@pytest.mark.parametrize("case", GRID["shares"], ids=lambda c: f"{c['x']} of {c['n']}")
def test_shares(case):
    for got, key in (
        (proportions.clopper_pearson(case["x"], case["n"]), "exact"),
        (proportions.wilson(case["x"], case["n"]), "wilson"),
    ):
        assert [got.ci_low, got.ci_high] == pytest.approx(case[key], **CLOSE)


@pytest.mark.parametrize("case", GRID["curves"], ids=lambda c: str(c["times"]))
def test_survival_with_log_log_limits(case):
    events = [bool(e) for e in case["events"]]
    columns = [numbers(case[key]) for key in ("at", "surv", "lower", "upper")]
    for when, share, low, high in zip(*columns, strict=True):
        got = survival.survival_at(case["times"], events, when)
        assert got.estimate == pytest.approx(share, **CLOSE)
        np.testing.assert_allclose([got.ci_low, got.ci_high], [low, high], rtol=1e-9)
    got = survival.median_interval(case["times"], events)
    median, low, high = (
        float(numbers(case[f"median{end}"])[0]) for end in ("", "_lower", "_upper")
    )
    np.testing.assert_equal(got.estimate, median)
    assert got.ci_low == low or (np.isnan(low) and got.ci_low == np.inf)
    # R gives NA for a limit that is not reached
    assert got.ci_high == (np.inf if np.isnan(high) else high)


class Replayed:
    """A generator that draws what R drew."""

    def __init__(self, picked):
        self.picked = picked

    def integers(self, low, high, shape):
        assert self.picked.shape == shape
        return self.picked


def test_bca_with_the_resamples_of_boot(monkeypatch):
    case = GRID["bca"]
    picked = np.array(case["picked"]) - 1
    many = len(picked)
    monkeypatch.setattr(draws, "blocks", lambda *a: [(Replayed(picked), many)])
    got = bootstrap.bca_mean(case["x"], many=many)
    means = np.array(case["t"])
    for ours, theirs in zip((got.ci_low, got.ci_high), case["bca"], strict=True):
        # boot goes between two order statistics on the normal scale, ours on a straight line
        place = np.searchsorted(means, theirs)
        assert means[place - 1] - 1e-9 <= ours <= means[place] + 1e-9
        assert ours == pytest.approx(theirs, abs=0.03)
