"""Sums met by short keys: the same counts as all subsets one by one, where keys are short too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.inference import exact, flips, meeting
from sclerotrial.inference.fixed import subset_sums

#: sizes on the grid of 1e-9: keys hold them whole, or lose many bits, or hardly tell them apart
KINDS = {
    "small": lambda rng, shape: rng.integers(1, 50, shape),
    "usual": lambda rng, shape: np.rint(np.abs(rng.normal(0, 1, shape)) * 1e9).astype(np.int64),
    "largest": lambda rng, shape: rng.integers(1, 10**12, shape),
    "one large": lambda rng, shape: np.where(
        np.arange(shape[1]) == 2, 10**12, rng.integers(1, 9, shape)
    ),
    "steps and dust": lambda rng, shape: (
        rng.integers(1, 4, shape) * 10**11 + rng.integers(-1, 2, shape)
    ),
    "equal but for dust": lambda rng, shape: 10**11 + rng.integers(-1, 2, shape),
}


def one_by_one(size, need):
    return (subset_sums(size) >= need[:, None]).sum(axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [2, 3, 5, 9, 12, 15])
def test_counts_are_those_of_all_subsets(kind, k):
    rng = np.random.default_rng([k, len(kind)])
    size = KINDS[kind](rng, (40, k)).astype(np.int64)
    sums = subset_sums(size)
    a_sum = sums[np.arange(40), rng.integers(0, 1 << k, 40)]
    needs = [a_sum, a_sum + 1, a_sum - 1, 0 * a_sum, sums.max(axis=1) + 1, sums.max(axis=1) // 2]
    for need in needs:
        np.testing.assert_array_equal(meeting.met(size, need), one_by_one(size, need))


def test_rows_that_keys_hold_and_rows_they_do_not_stand_side_by_side():
    rng = np.random.default_rng(8)
    size = np.concatenate([kind(rng, (6, 14)).astype(np.int64) for kind in KINDS.values()])
    size = size[rng.permutation(len(size))]
    need = size.sum(axis=1) // 2
    np.testing.assert_array_equal(meeting.met(size, need), one_by_one(size, need))


def test_open_pairs_are_settled_one_by_one_and_whole(monkeypatch):
    """Keys of few bits leave many pairs open: both ways to settle them give the count."""
    rng = np.random.default_rng(3)
    size = KINDS["usual"](rng, (30, 12))
    need = size.sum(axis=1) * 3 // 5
    expected, settled = one_by_one(size, need), []
    whole = meeting._Halves._met_whole
    monkeypatch.setattr(
        meeting._Halves, "_met_whole", lambda self, row: settled.append(row) or whole(self, row)
    )
    for bits, most, many in ((31, 64, 0), (12, 1000, 0), (8, 1000, 0), (8, 0, 30), (5, 0, 30)):
        settled.clear()
        monkeypatch.setattr(meeting, "_KEY", 2.0**bits - 8)
        monkeypatch.setattr(meeting, "_OPEN", most)
        np.testing.assert_array_equal(meeting.met(size, need), expected)
        assert len(settled) == many


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(18, 20), st.sampled_from(list(KINDS)))
def test_beyond_seventeen_patients_as_by_sorting_whole_sums(seed, k, kind):
    size = KINDS[kind](np.random.default_rng(seed), (3, k)).astype(np.int64)
    turned = np.random.default_rng(seed + 1).choice([-1, 1], size.shape)
    reach = np.abs((size * turned).sum(axis=1)) - k
    half = k // 2
    need = -(-(size.sum(axis=1) + reach) // 2)
    whole = np.concatenate(
        [2 * need[:, None] + subset_sums(-2 * size[:, :half]), subset_sums(2 * size[:, half:]) + 1],
        axis=1,
    )
    above = flips.reaching(whole, 1 << (k - half))
    expected = np.where(reach <= 0, 1.0, 2 * above / 2.0**k)
    np.testing.assert_array_equal(flips.by_halves(size, reach), expected)


def test_no_feature_depends_on_another():
    d = np.random.default_rng(5).normal(0.2, 1, (9, 24))
    d[3] *= 1e4
    d[5] = np.round(d[5], 3)
    alone = [exact.sign_flip(row).p[0] for row in d]
    np.testing.assert_array_equal(exact.sign_flip(d).p, alone)


def test_all_of_thirty_changes_in_one_direction_leave_one_outcome_in_each_tail():
    d = np.abs(np.random.default_rng(6).normal(1, 1, (2, 30))) + 0.001
    np.testing.assert_array_equal(exact.sign_flip(d).p, 2.0**-29)
