"""A small version of the simulation study, and its rules by hand."""

import importlib.util
import sys

import numpy as np
import pytest


@pytest.fixture(scope="module")
def study(root):
    path = root / "benchmarks" / "inference" / "simulation_study.py"
    sys.path.insert(0, str(path.parent))  # as it is when the script is run
    spec = importlib.util.spec_from_file_location("simulation_study", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(path.parent))


@pytest.fixture(scope="module")
def small(study):
    return study.study(60, ["ten patients, 4:1"])


def value(found, truth, shape, measure, method):
    line = found[
        (truth == found.TRUTH) & (shape == found.SHAPE)
        & (measure == found.MEASURE) & (method == found.METHOD)
    ]  # fmt: skip
    assert len(line) == 1
    return line.iloc[0]


def test_exact_tests_keep_their_level_and_find_a_large_effect(small):
    assert not (small.VERDICT == "ABOVE NOMINAL").any()
    assert (small.VERDICT == "kept").any()
    power = value(small, "shifted", "normal", "rejection", "sign-flip")
    # 6 to 8 patients, a fall of 5 with an SD of 4.5: t test's power is some 0.7
    assert power.VALUE > 0.4
    assert power.EXACT_UNDER == "changes symmetric about 0"
    assert power.TRIALS == 30


def test_one_group_skewed_has_no_verdict_but_two_groups_have(small):
    assert value(small, "null", "lognormal", "rejection", "sign-flip").VERDICT == ""
    assert value(small, "null", "lognormal", "rejection", "permutation").VERDICT == "kept"


def test_the_small_study_repeats_to_the_last_digit(study, small):
    again = study.scenario("ten patients, 4:1", "normal", False, 30)
    own = small[(small.TRUTH == "null") & (small.SHAPE == "normal")]
    np.testing.assert_array_equal([r["VALUE"] for r in again], own.VALUE)


def test_a_rate_above_nominal_is_called_so(study):
    d = "twenty patients, 1:1"
    high = study.row(d, "normal", False, "rejection", "sign-flip", np.repeat([1.0, 0.0], [20, 80]))
    assert high["VERDICT"] == "ABOVE NOMINAL"
    assert high["VALUE"] == 0.2
    assert high["MC_ERROR"] == pytest.approx(np.sqrt(0.2 * 0.8 / 99))
    assert study.row(d, "normal", True, "rejection", "sign-flip", np.ones(9))["VERDICT"] == ""


def test_a_visit_of_early_termination_counts_where_the_visit_windows_put_it(study):
    import simulated_trials

    scenario = ("twenty patients, 1:1", "normal", False)
    [(_, truth, df)] = simulated_trials.trials(*scenario, [3])
    early = [s for s in truth.subjects if "Early termination" in s.visits]
    assert early
    for s in early:
        # day 61 to 137 is the window of month 3
        assert 61 <= s.day(s.visits["Early termination"]) <= 137
        mine = df.set_index("USUBJID").loc[s.id]
        first, last = (truth.score(s.id, v, "MRSS") for v in ("Baseline", "Early termination"))
        assert mine.M3 == mine.LAST == last - first
        assert np.isnan(mine.M6)
        assert not mine.DONE


def test_rises_are_lost_more_often_where_patients_are_lost_by_their_outcome(study):
    import simulated_trials

    by, seen = {True: [], False: []}, 0
    for _, truth, df in simulated_trials.trials(
        "twenty patients, 1:1, lost by outcome", "normal", False, range(40)
    ):
        for s, m6 in zip(sorted(truth.subjects, key=lambda s: s.id), df.M6, strict=True):
            rose = truth.score(s.id, "Month 6", "MRSS") > truth.score(s.id, "Baseline", "MRSS")
            by[rose].append(np.isnan(m6))
        seen += df.M3.notna().sum()
    # 60 and 10 % of some 400 patients each: three binomial errors
    assert np.mean(by[True]) == pytest.approx(0.6, abs=0.08)
    assert np.mean(by[False]) == pytest.approx(0.1, abs=0.05)
    assert seen == 800


@pytest.mark.slow
def test_a_trial_through_the_real_command_has_the_numbers_of_the_study(study, tmp_path):
    import simulation_command as command

    # twenty patients, 1:1, shifted: the model of the arms is fitted
    compared, bad = command.differences(command.trial(6), tmp_path / "study")
    assert compared > 80
    assert bad == []
