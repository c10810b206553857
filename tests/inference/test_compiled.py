"""The compiled loops, where numba is there (make test-compiled): the same numbers as without."""

import numpy as np
import pytest

from sclerotrial.inference import exact, kernels

pytest.importorskip("numba", reason="numba is optional")


def both_ways(monkeypatch, test):
    found = []
    for wanted in (False, True):
        monkeypatch.setattr(kernels, "ready", lambda steps, wanted=wanted: wanted)
        found.append(test().p)
    return found


@pytest.mark.parametrize("decimals", [0, 1, 2, 9])
@pytest.mark.parametrize("n", [1, 2, 5, 9, 20, 41, 62])
@pytest.mark.parametrize("zeros", ["drop", "pratt"])
def test_signed_rank(monkeypatch, decimals, n, zeros):
    d = np.round(np.random.default_rng(n).normal(0.3, 1, (40, n)), decimals)
    d[np.random.default_rng(n + 1).random(d.shape) < 0.1] = np.nan
    plain, compiled = both_ways(monkeypatch, lambda: exact.signed_rank(d, zeros))
    np.testing.assert_array_equal(plain, compiled)


@pytest.mark.parametrize("decimals", [0, 1, 2])
@pytest.mark.parametrize(
    ("m", "n"),
    [(1, 1), (1, 2), (2, 1), (6, 3), (3, 6), (10, 10), (1, 12), (14, 3), (20, 40), (33, 33)],
)
def test_rank_sum(monkeypatch, decimals, m, n):
    rng = np.random.default_rng([m, n, decimals])
    x = np.round(rng.normal(0.3, 1, (40, m)), decimals)
    y = np.round(rng.normal(0, 1, (40, n)), decimals)
    plain, compiled = both_ways(monkeypatch, lambda: exact.rank_sum(x, y))
    np.testing.assert_array_equal(plain, compiled)


@pytest.mark.parametrize(("m", "n"), [(15, 15), (12, 18), (30, 20)])
def test_means_of_values_on_a_coarse_grid(monkeypatch, m, n):
    rng = np.random.default_rng([m, n])
    x, y = rng.integers(0, 20, (30, m)) * 1.0, rng.integers(0, 20, (30, n)) * 1.0
    plain, compiled = both_ways(monkeypatch, lambda: exact.permutation(x, y))
    np.testing.assert_array_equal(plain, compiled)


def test_small_tasks_are_left_to_numpy():
    assert not kernels.ready(1e3)
    assert kernels.ready(1e9)
