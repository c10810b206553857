"""Markers of a compartment taken together: rows of max-T and of the moderated t."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.analysis.together import together
from sclerotrial.ard import Scope
from sclerotrial.study_analyses import Analyses

CHANGES = {"a": [0.4, 1.3, -0.2, 0.9, 2.1, 0.3], "b": [0.8, 2.6, -0.4, 1.8, 4.2, 0.6]}


def rows(changes, plan=None):
    measured = [
        (Scope("biomarker", name, "drug", "month6", "log2fc"), pd.Series(d).dropna())
        for name, d in changes.items()
    ]
    return {r["ID"]: r for r in together(plan or Analyses(), measured, 0)}


def test_markers_that_move_as_one_need_no_correction():
    found = rows(CHANGES)
    # sign-flip of a alone: sums of 5.2 less twice what is flipped, at least 4.8 in size:
    # flipping nothing or -0.2 alone, and both mirrored: 4 of 64
    for marker in CHANGES:
        r = found[f"biomarker.{marker}.drug.month6.log2fc.maxt.p"]
        assert pytest.approx(4 / 64) == r["VALUE"]
        assert "all outcomes" in r["CONVENTION"]
        assert pytest.approx(2 / 64) == r["P_DESIGN"]


def test_patients_without_every_marker_are_left_out_and_told():
    gap = {**CHANGES, "b": [0.8, None, -0.4, 1.8, 4.2, 0.6]}
    r = rows(gap)["biomarker.a.drug.month6.log2fc.maxt.p"]
    assert r["N"] == 5
    assert "no test printed" in r["NOTE"]  # 5 patients: smallest p 0.0625


def test_moderated_rows_say_what_exact_tests_could_never_reach():
    r = rows(CHANGES)["biomarker.a.drug.month6.log2fc.moderated.p"]
    assert 0 < r["VALUE"] < 1
    assert "2 of 2 markers" in r["NOTE"]  # 2 x (1/32) / 0.05 = 1.25, so 2 must share it
    assert rows({"a": CHANGES["a"]}) == {}
