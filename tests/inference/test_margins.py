"""Large tables by their network: numbers of R, whole numbers against floats, draws beyond."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import margins, tables

# R 4.2.2: print(fisher.test(t, workspace = 2e8)$p.value, digits = 15)
OF_R = [
    ([[6, 6, 4, 3, 1], [3, 4, 1, 2, 12], [4, 2, 4, 7, 2]], 0.00471714278755399),
    ([[5, 0, 4, 0, 3], [3, 2, 2, 5, 2], [2, 5, 3, 5, 2], [3, 5, 3, 3, 4]], 0.2581833445634),
    ([[6, 4, 7, 3, 4], [7, 4, 6, 5, 8], [10, 5, 5, 2, 5], [6, 3, 3, 4, 3]], 0.962477739723778),
    ([[15, 3, 9, 2], [4, 12, 8, 7]], 0.00191986646919123),
    (
        [[2, 2, 1, 2, 4, 1], [3, 1, 1, 1, 0, 5], [1, 1, 0, 0, 1, 2], [3, 6, 4, 1, 3, 4],
         [0, 4, 1, 3, 1, 2]],
        0.489716878331707,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "p"), OF_R)
def test_large_tables_are_those_of_fisher_test(table, p):
    begun = time.process_time()
    assert tables.freeman_halton(table).p == pytest.approx(p, rel=1e-7)  # R's own tolerance
    assert time.process_time() - begun < 10  # under 1 s on a free machine


counts = st.integers(2, 4).flatmap(
    lambda c: st.lists(st.lists(st.integers(0, 4), min_size=c, max_size=c), min_size=2, max_size=4)
)


@settings(max_examples=60)
@given(counts)
def test_floats_tell_tables_apart_as_whole_numbers_do(table):
    t = np.array(table)
    t = t[t.sum(axis=1) > 0][:, t.sum(axis=0) > 0]
    if min(t.shape, default=0) < 2:
        return
    sides = tuple(t.sum(axis=1).tolist()), tuple(t.sum(axis=0).tolist())
    seen = math.prod(margins.orders(tuple(column)) for column in t.T.tolist())
    whole, floats = margins.network(*sides), margins.network(*sides, most=0)
    count = margins.at_most(whole, seen)
    assert isinstance(count, int)
    assert isinstance(margins.at_most(floats, seen), float)
    assert margins.at_most(floats, seen) == pytest.approx(count, rel=1e-12)
    assert floats.least == pytest.approx(whole.least, rel=1e-12)
    got = tables.freeman_halton(table)
    assert (got.p, got.p_attainable) == (
        count / margins.orders(sides[0]), whole.least / margins.orders(sides[0])
    )  # fmt: skip


def test_too_many_tables_are_drawn_and_say_so():
    six = np.random.default_rng(1).multinomial(60, np.full(36, 1 / 36)).reshape(6, 6)
    got = tables.freeman_halton(six, seed=4)
    error = math.sqrt(got.p * (1 - got.p) / 9999)
    assert got.convention.endswith(
        f"Monte Carlo, 9999 draws, seed 4, standard error of p {error:.1g}"
    )
    assert got.p_attainable == 1 / 10_000
    assert got.p_design < 1e-30
    assert tables.freeman_halton(six, seed=4) == got
    assert tables.freeman_halton(six, seed=5).p != got.p


@pytest.mark.parametrize(("table", "p"), OF_R)
def test_draws_are_near_the_count(table, p):
    drawn = tables._drawn(np.array(table), seed=0, many=9999)
    assert abs(drawn - p) < 4 * math.sqrt(p * (1 - p) / 9999)


def test_filling_in_lots_gives_the_same(monkeypatch):
    p = tables.freeman_halton(OF_R[0][0]).p
    for lot in (1000, 11_429):
        monkeypatch.setattr(margins, "LOT", lot)
        assert tables.freeman_halton(OF_R[0][0]).p == pytest.approx(p, rel=1e-13)
