"""What is no count, no time and no event is refused in words; what can be attained is printed."""

import math

import numpy as np
import pytest

from sclerotrial.inference import resampled_max, survival, tables

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("test", [tables.fisher, tables.freeman_halton, tables.boschloo])
@pytest.mark.parametrize(
    "table",
    [[["3", "1"], ["0", "4"]], [[1.5, 1], [1, 1]], [[NAN, 1], [1, 1]], [[INF, 1], [1, 1]],
     [[1, 2], [3]], [[None, 1], [1, 1]], [[-1, 1], [1, 1]], [3, 4]],
)  # fmt: skip
def test_a_table_that_holds_no_counts_is_refused(test, table):
    with pytest.raises(ValueError, match="a table holds counts, groups in rows"):
        test(table)


def test_counts_may_come_as_floats():
    assert tables.fisher([[3.0, 1.0], [0.0, 4.0]]).p == 1 / 7  # R: fisher.test


@pytest.mark.parametrize(
    ("times", "events", "why"),
    [([NAN, 3, 4], [1, 1, 0], "a time"), ([-1, 2], [1, 1], "a time"), ([INF, 2], [0, 1], "a time"),
     ([1, 2], [1, NAN], "an event"), ([1, 2], [1, 2], "an event"),
     ([1, 2], [1], "2 times and 1 events")],
)  # fmt: skip
def test_times_that_are_none_are_refused(times, events, why):
    for got in (
        survival.median_time(times, events),
        survival.survival_at(times, events, 2),
        survival.median_interval(times, events),
    ):
        assert got.note.startswith(why)
        assert math.isnan(got.estimate)
        assert math.isnan(got.ci_low)
    with pytest.raises(ValueError, match=why):
        survival.kaplan_meier(times, events)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 5), (3, 3), (4, 2)])
def test_boschloo_attains_the_smallest_p_of_all_tables_of_its_groups(sizes):
    m, n = sizes
    every = [tables.boschloo([[a, m - a], [b, n - b]]) for a in range(m + 1) for b in range(n + 1)]
    # one outcome a side: (m / N)^m (n / N)^n where it is likeliest
    least = min(1.0, 2 * (m / (m + n)) ** m * (n / (m + n)) ** n)
    assert min(r.p for r in every) == pytest.approx(least)
    assert {r.p_attainable for r in every} == {every[0].p_design}
    assert every[0].p_design == pytest.approx(least)


def test_a_drawn_max_t_prints_its_error():
    d = np.random.default_rng(2).normal(size=(3, 16))
    got = resampled_max.paired(d, seed=2, many=999)
    worst = max(math.sqrt(p * (1 - p) / 999) for p in got.p)
    assert got.convention.endswith(f"seed 2, standard error of p at most {worst:.1g}")
    assert "error" not in resampled_max.paired(d[:, :9]).convention
