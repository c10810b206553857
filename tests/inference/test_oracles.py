"""Enumeration as an oracle for what is not a p of one sample or two: intervals, strata, tables."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import exact, fixed, flips, groups, paired, splits, stratified, tables

coarse = st.integers(-6, 6).map(lambda k: k / 10)
ALPHA = Fraction(1, 20)


def doubled_ranks(values):
    return [sum(w < v for w in values) + sum(w <= v for w in values) + 1 for v in values]


def signed_rank_p(x):
    """Far tail by all signs, zeros dropped; whole numbers."""
    moved = [v for v in x if v]
    ranks = doubled_ranks([abs(v) for v in moved])
    sums = [sum(s * r for s, r in zip(signs, ranks, strict=True))
            for signs in product((-1, 1), repeat=len(ranks))]  # fmt: skip
    seen = abs(sum(r if v > 0 else -r for r, v in zip(ranks, moved, strict=True)))
    return Fraction(sum(abs(s) >= seen for s in sums), len(sums))


def rank_sum_p(x, y):
    """Far tail by all splits; whole numbers."""
    ranks = doubled_ranks([*x, *y])
    total, m, whole = len(ranks), len(x), sum(ranks)
    away = [abs(total * sum(c) - m * whole) for c in combinations(ranks, m)]
    seen = abs(total * sum(ranks[:m]) - m * whole)
    return Fraction(sum(a >= seen for a in away), len(away))


def hull(p_at, low, high):
    """Closed hull in units: critical points are even, gaps between them odd."""
    kept = [u for u in range(low - 3, high + 4) if p_at(u) > ALPHA]
    return kept[0] - kept[0] % 2, kept[-1] + kept[-1] % 2


@settings(max_examples=40)
@given(st.lists(coarse, min_size=6, max_size=8))
def test_the_signed_rank_interval_is_the_hull_of_all_shifts(d):
    x = [round(40 * v) for v in d]  # units of 1/40: Walsh averages are even
    got = paired.hodges_lehmann(d)
    if len(set(x)) == 1:
        assert np.isnan(got.ci_low)
        return
    low, high = hull(lambda u: signed_rank_p([v - u for v in x]), min(x), max(x))
    assert got.ci_low == pytest.approx(low / 40)
    assert got.ci_high == pytest.approx(high / 40)
    averages = sorted(x[i] + x[j] for i in range(len(x)) for j in range(i, len(x)))
    middle = averages[(len(averages) - 1) // 2] + averages[len(averages) // 2]
    assert got.estimate == pytest.approx(middle / 160)


@settings(max_examples=40)
@given(st.lists(coarse, min_size=3, max_size=5), st.lists(coarse, min_size=4, max_size=5))
def test_the_shift_interval_is_the_hull_of_all_shifts(a, b):
    x, y = ([round(20 * v) for v in values] for values in (a, b))  # differences are even
    got = groups.shift(a, b)
    if exact.design_rank_sum(len(a), len(b)) > 0.05:
        assert "no exact" in got.note
        return
    gaps = [u - v for u in x for v in y]
    low, high = hull(lambda s: rank_sum_p([v - s for v in x], y), min(gaps), max(gaps))
    assert got.ci_low == pytest.approx(low / 20)
    assert got.ci_high == pytest.approx(high / 20)


@settings(max_examples=40)
@given(st.lists(coarse, min_size=3, max_size=4), st.lists(coarse, min_size=4, max_size=5))
def test_the_interval_of_the_mean_shift_ends_where_the_test_turns(a, b):
    got = groups.mean_shift(a, b)
    if got.note or np.isnan(got.ci_low):
        return
    alpha = max(0.05, exact.design_rank_sum(len(a), len(b)))
    for end, out in ((got.ci_low, -1e-6), (got.ci_high, 1e-6)):
        if np.isinf(end):
            continue
        assert exact.permutation(np.array(a) - end - out, b).p[0] <= alpha
        assert exact.permutation(np.array(a) - end + out, b).p[0] > alpha


stratum = st.tuples(
    st.lists(coarse, min_size=1, max_size=3), st.lists(coarse, min_size=1, max_size=3)
)


@settings(max_examples=40)
@given(st.lists(stratum, min_size=1, max_size=3))
def test_van_elteren_is_the_enumeration(strata):
    laws, seen = [], Fraction(0)
    for a, b in strata:
        ranks = doubled_ranks([round(10 * v) for v in (*a, *b)])
        m, total = len(a), len(ranks)
        away = [Fraction(sum(c) - m * (total + 1), total + 1) for c in combinations(ranks, m)]
        laws.append(away)
        seen += Fraction(sum(ranks[:m]) - m * (total + 1), total + 1)
    every = [abs(sum(c)) for c in product(*laws)]
    got = stratified.rank_sum(strata)
    assert got.p == pytest.approx(sum(v >= abs(seen) for v in every) / len(every))
    assert got.p_attainable == pytest.approx(sum(v == max(every) for v in every) / len(every))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=6))
def test_freeman_halton_is_the_enumeration(patients):
    sides, kinds = ([p[i] for p in patients] for i in (0, 1))
    if len(set(sides)) < 2 or len(set(kinds)) < 2:
        return

    def table(order):
        return tuple(sorted(Counter(zip(sides, order, strict=True)).items()))

    many = Counter(table(order) for order in permutations(kinds))
    whole = sum(many.values())
    seen = many[table(kinds)]
    got = tables.freeman_halton(tables.cross(sides, kinds))
    assert got.p == pytest.approx(sum(k for k in many.values() if k <= seen) / whole)
    least = min(many.values())
    assert got.p_attainable == pytest.approx(sum(k for k in many.values() if k == least) / whole)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=5),
       st.lists(st.integers(0, 3), min_size=1, max_size=5))  # fmt: skip
def test_the_trend_is_the_enumeration_of_mean_scores(a, b):
    both, m = a + b, len(a)
    away = [abs(len(both) * sum(c) - m * sum(both)) for c in combinations(both, m)]
    seen = abs(len(both) * sum(a) - m * sum(both))
    assert tables.trend(a, b).p == pytest.approx(sum(v >= seen for v in away) / len(away))


# --- the quick ways beyond ten -------------------------------------------------------------------


@settings(max_examples=30)
@given(st.lists(st.integers(-9, 9), min_size=11, max_size=14), st.sampled_from([0.1, 1.0, 0.5]))
def test_changes_on_a_coarse_grid_are_counted_like_all_signs(d, unit):
    q = fixed.to_fixed(np.array([[unit * v for v in d]]))
    q = q[:, q[0] != 0]
    if q.shape[1] < 11:
        return
    size, seen = np.abs(q), np.abs(q.sum(axis=1))
    assert flips.counted(size)[0].all()
    np.testing.assert_array_equal(
        flips.share_beyond(size, seen), flips.by_product(size, seen - q.shape[1])
    )


@settings(max_examples=30)
@given(st.lists(st.integers(0, 4), min_size=12, max_size=14), st.integers(3, 9))
def test_values_on_a_coarse_grid_are_counted_like_all_splits(values, m):
    q = splits.centred(fixed.to_fixed(np.array([[0.1 * v for v in values]])))
    reach = splits.distance(q, m) - q.shape[1] ** 2
    expected = splits.by_product(q, m, reach)
    np.testing.assert_allclose(splits.share_beyond(q, m), expected, rtol=1e-15)
    np.testing.assert_allclose(splits.by_lists(q, m, reach), expected, rtol=1e-15)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 1), (3, 6), (10, 10), (1, 12), (30, 30)])
def test_the_tie_free_law_of_the_rank_sum_is_that_of_its_tables(m, n):
    from sclerotrial.inference import rank_tables

    ranks, distance = np.arange(2, 2 * (m + n) + 1, 2), np.arange(m * n + 1)
    tiled = np.tile(ranks, (len(distance), 1))
    np.testing.assert_array_equal(
        exact._rank_sum_law(m, n), rank_tables.split(tiled, m, (m + n) * distance)
    )


def counted(values, m):
    """Number of choices of m by their sum, in whole numbers of any size."""
    ways = [Counter() for _ in range(m + 1)]
    ways[0][0] = 1
    for v in values:
        for k in range(m, 0, -1):
            for s, many in ways[k - 1].items():
                ways[k][s + v] += many
    return ways[m]


@settings(max_examples=15)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(
        [(1, 1), (1, 6), (5, 2), (8, 9), (3, 20), (20, 3), (17, 16), (30, 31), (36, 33)]
    ),
    st.sampled_from([1, 3, 25]),
)
def test_tables_of_halves_are_the_counts_of_all_choices(seed, sizes, most):
    """Patterns of unlike size and spread in one call: gaps, constants, long runs of ties."""
    from sclerotrial.inference import rank_tables

    rng = np.random.default_rng(seed)
    m, total = sizes[0], sum(sizes)
    rows = np.sort(rng.integers(0, most, (3, total)) + rng.integers(0, 9, (3, 1)), axis=1)
    rows[0, total // 2 :] += 5 * most
    away = np.array(
        [abs(total * int(rng.permutation(r)[:m].sum()) - m * int(r.sum())) for r in rows]
    )
    got = rank_tables.split(rows, m, away)
    for row, far, p in zip(rows.tolist(), away.tolist(), got.tolist(), strict=True):
        law = counted(row, m)
        hits = sum(w for s, w in law.items() if abs(total * s - m * sum(row)) >= far)
        expected = Fraction(hits, sum(law.values()))
        assert p == pytest.approx(float(expected), rel=1e-15 if total <= 66 else 1e-12)
