"""Analogue scales, health transition and responder definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.instruments import shaq, transition, vas
from sclerotrial.instruments.responders import responds


@pytest.mark.parametrize(
    ("mark", "line", "top", "expected"),
    [
        (75, 150, 3, 1.5),  # scleroderma HAQ: 7.5 cm of 15 cm, cm / 5
        (50, 100, 3, 1.5),  # the same on a line of 100 mm: x 0.03
        (50, 100, 100, 50),
        (49, 98, 100, 50),
        (0, 100, 100, 0),
        (150, 150, 3, 3),
    ],
)
def test_marks_are_brought_to_the_scale(mark, line, top, expected):
    assert vas.rescale(mark, line, top) == pytest.approx(expected, abs=1e-12)


def test_reversed_line():
    assert vas.rescale(20, 100, reverse=True) == 80


@pytest.mark.parametrize(("mark", "line"), [(None, 100), (math.nan, 100), (10, None)])
def test_missing_mark_or_length(mark, line):
    assert vas.rescale(mark, line) is None


@pytest.mark.parametrize(("mark", "line"), [(104, 100), (-1, 100), (5, 0)])
def test_marks_outside_the_line_are_refused(mark, line):
    with pytest.raises(ValueError, match="line"):
        vas.rescale(mark, line)


def test_transition_recode_of_rand():
    assert [transition.recode(c) for c in (1, 2, 3, 4, 5)] == [100, 75, 50, 25, 0]
    assert transition.labels()[1].startswith("Much better")
    with pytest.raises(ValueError, match="1, 2, 3, 4 or 5"):
        transition.recode(75)


@pytest.mark.parametrize(
    ("base", "value", "rule", "expected"),
    [
        (30, 25, {"absolute": -5}, True),
        (30, 26, {"absolute": -5}, False),
        (30, 24, {"percent": -20, "strict": True}, False),  # exactly 20 %
        (30, 23, {"percent": -20, "strict": True}, True),
        (40, 30, {"percent": -25, "strict": True}, False),  # exactly 25 %
        (40, 29, {"percent": -25, "strict": True}, True),
        (30.3, 25.0, {"absolute": -5.3}, True),  # 25.0 - 30.3 is -5.300000000000001 or so
        (20, 26, {"absolute": 5, "percent": 25}, True),  # progression of PMID 32720753
        (30, 36, {"absolute": 5, "percent": 25}, False),
        (0, 1, {"percent": -20}, None),
        (None, 1, {"absolute": -5}, None),
        (30, math.nan, {"absolute": -5}, None),
    ],
)
def test_responders(base, value, rule, expected):
    assert responds(base, value, **rule) is expected


def test_a_rule_needs_a_cut():
    with pytest.raises(ValueError, match="cut"):
        responds(1, 2)


@given(st.integers(1, 51), st.integers(0, 51))
def test_strict_responders_are_responders(base, value):
    if responds(base, value, percent=-20, strict=True):
        assert responds(base, value, percent=-20)
        assert value < base


def test_scales_of_the_scleroderma_haq():
    # 15 cm line: cm / 5; the six are never pooled
    found = shaq.score({"shaq_pain_mm": 75, "shaq_ulcers_mm": 150, "shaq_overall_mm": 0})
    assert list(found.values()) == [1.5, None, None, None, 3, 0]
    assert [s["PARAMCD"] for s in shaq.scales()][0] == "SHAQPAIN"
    # a copy of the form with a line of 145 mm
    assert shaq.score({"shaq_pain_mm": 72.5}, 145)["shaq_pain_mm"] == pytest.approx(1.5)
    with pytest.raises(ValueError, match="pain"):
        shaq.score({"pain": 3})
