"""Limits of agreement: against arithmetic by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.inference.agreement import limits_of_agreement


def test_one_pair_each_gives_mean_and_standard_deviation_of_the_differences():
    # 1, 2, 3, 6: mean 3, squares of deviations 4 + 1 + 0 + 9 = 14, variance 14/3
    r = limits_of_agreement([1, 2, 3, 6], list("abcd"))
    assert r.estimate == 3 and r.statistic == pytest.approx(math.sqrt(14 / 3))
    assert r.ci_high == pytest.approx(3 + 1.959964 * math.sqrt(14 / 3), abs=1e-5)
    assert r.ci_low + r.ci_high == pytest.approx(6) and (r.n, r.sizes) == (4, (4,))


def test_several_pairs_of_a_subject_count_once_within_and_once_between():
    # a: 0, 2; b: 4, 6; c: 5. Within: SS = 2 + 2 + 0 = 4 on 2 df, 2.
    # Means 1, 5, 5, grand 17/5: between SS = 2 x 5.76 + 2 x 2.56 + 2.56 = 19.2 on 2 df, 9.6.
    # m0 = (25 - 9) / (2 x 5) = 1.6; between subjects (9.6 - 2) / 1.6 = 4.75; sum 6.75
    r = limits_of_agreement([0, 2, 4, 6, 5], list("aabbc"))
    assert r.estimate == pytest.approx(3.4) and r.statistic**2 == pytest.approx(6.75)


def test_subjects_that_do_not_differ_leave_the_variance_within():
    # both subjects' means are 0, so that nothing lies between; the estimate is not negative
    r = limits_of_agreement([-1, 1, -1, 1, -1, 1], list("aabbcc"))
    assert r.statistic**2 == pytest.approx(2)


def test_too_few_patients_have_a_bias_and_no_limits():
    r = limits_of_agreement([1, 2, 3], ["a", "a", "b"])
    assert r.estimate == 2 and math.isnan(r.ci_low) and "too few" in r.note
    assert math.isnan(limits_of_agreement([], []).estimate)


@given(st.lists(st.floats(-9, 9), min_size=3, max_size=12), st.floats(-5, 5))
def test_a_shift_of_all_differences_shifts_bias_and_limits(d, by):
    who = [str(k // 2) for k in range(2 * len(d))]
    twice = [x for x in d for _ in range(2)]
    a = limits_of_agreement(twice, who)
    b = limits_of_agreement([x + by for x in twice], who)
    for one, other in zip(
        (a.estimate, a.ci_low, a.ci_high), (b.estimate, b.ci_low, b.ci_high), strict=True
    ):
        assert other == pytest.approx(one + by, abs=1e-9)
