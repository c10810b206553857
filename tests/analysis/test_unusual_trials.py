"""Trials unlike the shipped one, and plans that name what is not there."""

import math

import pandas as pd
import pytest

from sclerotrial import ard
from sclerotrial.analysis import baseline, exposure, feasibility
from sclerotrial.errors import InputErrors
from sclerotrial.study_analyses import Family, plan_of


def with_plan(study, **parts):
    return study.model_copy(update={"analyses": plan_of(study).model_copy(update=parts)})


def test_more_randomised_than_planned_has_a_share_and_no_interval(study, frames):
    small = study.recruitment.model_copy(update={"planned": 8})
    out = feasibility.feasibility(study.model_copy(update={"recruitment": small}), frames)
    row = out.set_index("ID").loc["feasibility.enrolled_of_planned.percent"]
    assert row["VALUE"] == 125  # ten of eight
    assert row["NOTE"] == "more were randomised than planned: no interval"
    assert math.isnan(out.set_index("ID").at["feasibility.enrolled_of_planned.ci_low", "VALUE"])


def test_randomised_without_a_screening_record_are_not_counted_as_screened(study, frames):
    adsl = frames["adsl"].assign(SCRNFL="")
    out = feasibility.feasibility(study, {**frames, "adsl": adsl}).set_index("ID")
    assert out.at["feasibility.screened.count", "VALUE"] == 0
    assert out.at["feasibility.enrolled.count", "VALUE"] == 10
    assert out.at["feasibility.enrolled_of_screened.count", "VALUE"] == 0


def test_a_column_that_adsl_does_not_have_is_told_with_the_nearest(study, frames):
    plan = plan_of(study)
    age = plan.baseline.items["age"].model_copy(update={"column": "AGEE"})
    part = plan.baseline.model_copy(update={"items": {"age": age}})
    with pytest.raises(InputErrors) as caught:
        baseline.baseline(with_plan(study, baseline=part), frames)
    assert "no column 'AGEE'. Did you mean 'AGE'" in caught.value.problems[0].what
    assert caught.value.problems[0].where == "analyses.yaml, key baseline.items.age.column"

    time = plan.exposure.items["duration"].model_copy(update={"column": "TRTDUR"})
    part = plan.exposure.model_copy(update={"items": {"duration": time}})
    with pytest.raises(InputErrors, match="Did you mean 'TRTDURD'"):
        exposure.exposure(with_plan(study, exposure=part), frames)


def test_a_member_of_a_family_that_is_no_number_is_told():
    rows = pd.DataFrame({"ID": ["efficacy.mrss.imatinib.month6.chg.signflip.p"]})
    members = ["efficacy.mrss.imatinib.month6.chg.signflp.p", "biomarker.plasma_*.p"]
    families = {"one": Family(label="One", members=members)}
    (only,) = ard.strangers(rows, type("Plan", (), {"families": families}))
    assert "Did you mean 'efficacy.mrss.imatinib.month6.chg.signflip.p'?" in only.what
    assert only.where == "analyses.yaml, key families.one.members"
