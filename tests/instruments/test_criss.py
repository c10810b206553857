"""CRISS: worked cases of the 2016 equation, and the revised counting rule."""

from __future__ import annotations

import math

import pytest

from sclerotrial.instruments.criss import acr_criss, revised_criss

NAMES = ["mrss", "fvc", "ptga", "phga", "haqdi"]


@pytest.mark.parametrize(
    ("changes", "linear", "probability", "improved"),
    [
        # by hand from the printed coefficients (PMC4818571, table 11)
        ((0, 0, 0, 0, 0), -5.54, 0.003911, False),
        ((-5, 2, -1, -2, -0.25), 1.0625, 0.743168, True),
        ((-7, 1, -1, -1, -0.25), 2.0325, 0.884167, True),
        ((-10, 5, -2, -3, -0.5), 7.435, 0.999410, True),
        ((-1.7, 0, 0, 0, 0), -4.163, 0.015322, False),
        ((5, -3, 1, 1, 0.25), -11.9125, 0.0000067, False),
    ],
)
def test_worked_cases(changes, linear, probability, improved):
    found = acr_criss(dict(zip(NAMES, changes, strict=True)), worsened=False)
    assert found.linear == pytest.approx(linear, abs=1e-9)
    assert found.probability == pytest.approx(probability, abs=6e-7)
    assert found.improved is improved


@pytest.mark.parametrize("absent", NAMES)
def test_refused_without_one_of_five(absent):
    changes = dict.fromkeys(NAMES, 0.0) | {absent: math.nan}
    found = acr_criss(changes, worsened=False)
    assert found.probability is None
    assert found.improved is None
    assert absent in found.note


def test_worse_organs_win_over_everything():
    found = acr_criss({"mrss": -20}, worsened=True)
    assert (found.probability, found.improved) == (0.0, False)


def test_globals_in_millimetres_are_refused():
    # 10 and 20 mm fed in raw would give L = +12.6 instead of +1.06
    with pytest.raises(ValueError, match="0 to 10"):
        acr_criss(dict(zip(NAMES, (-5, 2, -10, -20, -0.25), strict=True)), worsened=False)


BASE = {"mrss": 30, "fvc": 80, "ptga": 60, "phga": 60, "haqdi": 1.5}


@pytest.mark.parametrize(
    ("after", "response"),
    [
        ({"mrss": 24, "fvc": 84, "ptga": 48, "phga": 60, "haqdi": 1.5}, True),  # all at the cut
        ({"mrss": 24, "fvc": 83.9, "ptga": 48, "phga": 60, "haqdi": 1.5}, False),
        ({"mrss": 24, "ptga": 48, "phga": 48}, True),  # three of the three that are known
        ({"mrss": 24, "ptga": 48}, None),  # two improved, three absent
        ({"mrss": 30, "ptga": 60, "phga": 60}, False),  # two absent cannot make three
    ],
)
def test_revised(after, response):
    assert revised_criss(BASE, after, worsened=False).response is response


def test_revised_counts_a_baseline_of_0_as_not_improved():
    after = {"mrss": 20, "ptga": 20, "haqdi": 0}
    found = revised_criss(BASE | {"haqdi": 0}, after, worsened=False)
    assert found.improved == 2
    assert "haqdi" in found.note
    assert revised_criss(BASE, BASE, worsened=True).response is False


def test_nothing_is_computed_where_step_1_was_not_assessed():
    found = acr_criss(dict.fromkeys(NAMES, 0.0))
    assert (found.probability, found.improved) == (None, None)
    assert "step 1" in found.note
    assert revised_criss(BASE, {"mrss": 10, "ptga": 10, "phga": 10}).response is None
