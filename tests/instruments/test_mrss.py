"""Modified Rodnan skin score."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.instruments import mrss

FIELDS = [a["FIELD"] for a in mrss.areas()]
FULL = st.lists(st.integers(0, 3), min_size=17, max_size=17)


def test_areas_are_the_seventeen_of_the_registry():
    # face, chest, abdomen and both sides of seven areas (NCT00555581)
    assert len(FIELDS) == 3 + 7 * 2
    assert FIELDS[:3] == ["mrss_face", "mrss_chest", "mrss_abdomen"]
    assert sum(f.endswith("_r") for f in FIELDS) == sum(f.endswith("_l") for f in FIELDS) == 7
    codes = [a["PARAMCD"] for a in mrss.areas()]
    assert len(set(codes)) == 17
    assert max(map(len, codes)) <= 8


def test_total_spans_0_to_51():
    assert mrss.total(dict.fromkeys(FIELDS, 0)) == 0
    assert mrss.total(dict.fromkeys(FIELDS, 3)) == 51


@pytest.mark.parametrize("missing", [None, math.nan])
def test_total_needs_every_area(missing):
    scores = dict.fromkeys(FIELDS, 2) | {"mrss_face": missing}
    assert mrss.total(scores) is None
    del scores["mrss_face"]
    assert mrss.total(scores) is None


def test_prorated_by_hand():
    # 16 areas of 2: 32 x 17 / 16 = 34; 15 of 1 and two blank: 17; 14 are too few
    assert mrss.prorated(dict.fromkeys(FIELDS[:16], 2)) == (34, 16)
    assert mrss.prorated(dict.fromkeys(FIELDS[:15], 1)) == (17, 15)
    assert mrss.prorated(dict.fromkeys(FIELDS[:14], 1)) == (None, 14)
    assert mrss.prorated(dict.fromkeys(FIELDS[:14], 1), at_least=14) == (17, 14)
    assert mrss.prorated({}, at_least=0) == (None, 0)


@pytest.mark.parametrize("score", [4, 9, -1, 1.5])
def test_other_scores_are_refused(score):
    with pytest.raises(ValueError, match="mrss_chest"):
        mrss.total({"mrss_chest": score})


def test_other_areas_are_refused():
    with pytest.raises(ValueError, match="mrss_total"):
        mrss.total({"mrss_total": 30})


def test_minimal_detectable_change():
    # Clements 1995 (PMID 7562759): within-patient SD 2.45 and 4.6
    assert mrss.minimal_detectable_change(2.45) == pytest.approx(6.79, abs=0.005)
    assert mrss.minimal_detectable_change(4.6) == pytest.approx(12.75, abs=0.005)
    # SD 10, ICC 0.9: SEM 3.162
    assert mrss.minimal_detectable_change(10 * math.sqrt(0.1)) == pytest.approx(8.765, abs=5e-4)


@given(FULL, st.randoms())
def test_order_of_areas_changes_nothing(values, random):
    pairs = list(zip(FIELDS, values, strict=True))
    random.shuffle(pairs)
    assert mrss.total(dict(pairs)) == sum(values)


@given(st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 3)))
def test_prorated_stays_in_range_and_agrees_with_the_total(scores):
    value, used = mrss.prorated(scores, at_least=1)
    assert used == len(scores)
    if scores:
        assert 0 <= value <= 51
    if used == 17:
        assert value == mrss.total(scores)
