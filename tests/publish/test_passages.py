"""What the report says in words is true of the trial that it reports."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sclerotrial import tables
from sclerotrial.plan import Plan
from sclerotrial.publish.methods import methods
from sclerotrial.publish.pages import Results
from sclerotrial.publish.passages import PASSAGES, passage
from sclerotrial.study_analyses import plan_of
from sclerotrial.tables import naming

LONE = "One patient on placebo allows no comparison of"


@pytest.fixture(scope="module")
def two_arms(study):
    """The shipped trial with a placebo group of several, without assays and claims, other aims."""
    plan = plan_of(study)
    groups = {n: g.model_copy(update={"single": False}) for n, g in plan.groups.items()}
    families = {n: f for n, f in plan.families.items() if n != "feasibility"}
    told = {"groups": groups, "families": families}
    changed = {"analyses": plan.model_copy(update=told), "assays": {}, "claims": []}
    return study.model_copy(update=changed)


def test_the_shipped_trial_has_every_passage(study):
    assert all(passage(name, study).startswith("#") for name in PASSAGES)
    assert LONE in passage("outcomes", study) and LONE in methods(study)[-1]
    assert "of serum in its methods and of plasma" in passage("biomarkers", study)
    assert "stated aim" in passage("feasibility", study)


def test_a_trial_of_two_arms_is_not_told_to_have_one_patient_on_placebo(two_arms):
    said = " ".join([*methods(two_arms), *(passage(name, two_arms) for name in PASSAGES)])
    assert "One patient" not in said and "plasma" not in said and "stated aim" not in said
    assert "The arms are held against each other at the last visit." in said
    assert "Between the arms: the same exact tests" in methods(two_arms)[-1]
    assert [passage(n, two_arms) for n in ("biomarkers", "assays", "claims")] == ["", "", ""]


def test_the_simulation_study_is_not_told_to_be_of_another_design(study):
    other = study.recruitment.model_copy(update={"ratio": "1:1"})
    assert "simulated trials of this design" in passage("simulation", study)
    trial = study.model_copy(update={"recruitment": other})
    assert "simulated small trials with" in passage("simulation", trial)


def test_a_trial_without_a_planned_comparison_says_nothing_of_it(two_arms):
    plan = two_arms.analyses
    alone = plan.model_copy(update={"efficacy": plan.efficacy.model_copy(update={"arms": []})})
    trial = two_arms.model_copy(update={"analyses": alone})
    assert "arms" not in passage("outcomes", trial) and "arms" not in methods(trial)[-1]


def test_every_passage_is_asked_for_by_the_notebook(root):
    book = json.loads((root / "notebooks/report.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in book["cells"]]
    assert [f'results.passage("{n}")' in sources for n in PASSAGES] == [True] * len(PASSAGES)


def test_the_banner_speaks_of_claims_only_where_there_are_some(study, two_arms, tmp_path):
    shown = Results(tmp_path)
    for trial, there in ((study, True), (two_arms, False)):
        shown._study = trial
        assert ("list of claims" in shown.simulated()) == there
        assert "the pipeline made the raw exports itself" in shown.simulated()


def rows(*cells):
    return pd.DataFrame([
        {"ID": i, "TEXT": t, "VALUE": t, "CONF_ACHIEVED": "0.952" if "ci_low" in i else "",
         "P_ATTAINABLE": "0.0001" if i.endswith(".p") else "", "P_ADJ": "", "NOTE": ""}
        for i, t in cells
    ])  # fmt: skip


ARMS = "efficacy.mrss.imatinib_vs_placebo.month6.chg"


@pytest.fixture(scope="module")
def ard():
    one, two = (f"efficacy.mrss.{g}.month6.chg" for g in ("imatinib", "placebo"))
    return rows(
        (f"{one}.n", "12"), (f"{one}.mean", "-4.3"), (f"{one}.sd", "1.6"),
        (f"{two}.n", "14"), (f"{two}.mean", "-2.4"), (f"{two}.sd", "2.1"),
        (f"{ARMS}.permutation.estimate", "-1.9"), (f"{ARMS}.permutation.p", "0.019"),
        (f"{ARMS}.ranksum.p", "0.022"), (f"{ARMS}.shift.estimate", "-2.0"),
        (f"{ARMS}.shift.ci_low", "-3.0"), (f"{ARMS}.shift.ci_high", "0.0"),
        (f"{ARMS}.mmrm.estimate", "-2.1"), (f"{ARMS}.mmrm.ci_low", "-3.5"),
        (f"{ARMS}.mmrm.ci_high", "-0.6"), (f"{ARMS}.mmrm.p", "0.007"),
    )  # fmt: skip


def test_arms_that_can_be_compared_have_a_table(two_arms, ard):
    made = tables.build("outcomes_between_arms", ard, two_arms)
    (row,) = made.frame.to_dict("records")
    assert row["GROUP"] == "Imatinib against placebo (first: Imatinib, second: Placebo)"
    assert list(row.values())[1:] == [
        "Modified Rodnan skin score, points", "12", "-4.3 (1.6)", "14", "-2.4 (2.1)", "-1.9",
        "-2.0 (-3.0 to 0.0; 95.2 %)", "0.019 (<0.001)", "0.022 (<0.001)", "-2.1 (-3.5 to -0.6)",
        "0.007",
    ]  # fmt: skip


def test_a_lone_patient_makes_no_table_of_arms(study, ard):
    assert naming.compared(study) == []
    assert tables.build("outcomes_between_arms", ard, study).frame.empty


def test_the_table_of_arms_is_planned_where_they_can_be_compared(root, two_arms):
    plan = Plan(root, {})
    assert "outcomes_between_arms" not in plan.tables
    plan.study = two_arms
    assert "outcomes_between_arms" in plan.tables and "biomarkers" not in plan.tables
