"""Every kind of defect is planted, and found; where nothing is wrong nothing is asked."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from sclerotrial.simulate.options import Options
from sclerotrial.simulate.planting import KINDS


@pytest.fixture(scope="module")
def study_of():
    """The module `defect_study.py` beside this file."""
    path = Path(__file__).with_name("defect_study.py")
    spec = importlib.util.spec_from_file_location("defect_study", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(study_of, root, folder, trials, patients):
    planted, found, missed, false = Counter(), Counter(), [], []
    for seed in trials:
        for defects in ("every", "0"):  # the same fields, nothing planted
            options = Options(seed=seed, patients=patients, calibrate="none", defects=defects)
            p, f, m, x = study_of.one_trial(folder / f"{seed}{defects}", root / "config", options)
            planted, found = planted + p, found + f
            missed, false = missed + m, false + x
    return planted, found, missed, false


def test_each_kind_says_which_rule_finds_it(study_of):
    assert set(study_of.RULES) | study_of.SILENT == set(KINDS)
    assert len(KINDS) >= 80


def test_three_trials_with_every_kind(study_of, root, tmp_path):
    planted, found, missed, false = run(study_of, root, tmp_path, range(3), 14)
    assert len(planted) >= len(KINDS) - 5
    assert not [(s, d["kind"], d["raw"]) for s, d in missed]
    assert not [(s, q["RULE"], q["SRCLINE"], q["MESSAGE"]) for s, q in false]


@pytest.mark.slow
def test_two_hundred_trials(study_of, root, tmp_path):
    planted, found, missed, false = run(study_of, root, tmp_path, range(1000, 1200), 14)
    rules = Counter(q["RULE"] for _, q in false)
    print("\n" + study_of.table(planted, found, 400, rules))
    assert set(planted) == set(KINDS) - study_of.SILENT
    assert not [(s, d["kind"], d["raw"], d["truth"]) for s, d in missed]
    assert not [(s, q["RULE"], q["SRCLINE"], q["MESSAGE"]) for s, q in false]
