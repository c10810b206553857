"""Configurations whose parts contradict each other are told before anything runs."""

import re
import shutil

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.study import load


@pytest.fixture
def folder(root, tmp_path):
    shutil.copytree(root / "config", tmp_path / "config")
    return tmp_path / "config"


def told(folder, file, old, new, count=1):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text, count=count), encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        load(folder)
    return [p.what for p in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (", baseline: true", "", "No visit is marked as baseline"),
        (r"window: \[2, 22\]", "window: [2, 22], baseline: true", "2 visits are marked as"),
        (", primary: true", "", "No visit is marked as primary"),
        ("avisit: Week 2", "avisit: Month 1", "'Month 1' stands 2 times"),
        ("month_1_arm_1", "week_2_arm_1", "'week_2_arm_1' stands 2 times"),
        (r"\[138, 240\]", "[240, 138]", "The window of 'Month 6' ends before it begins"),
        (r"\[61, 137\]", "[61, 150]", "The windows of 'Month 3' and 'Month 6' overlap"),
        (r", window: \[61, 137\]", "", "The efficacy visit 'Month 3' has no window"),
        ("target: 183", "target: 283", "The planned day of 'Month 6' lies outside its window"),
        ("active: true", "active: false", "No arm takes the drug under study"),
        ("code: PLACEBO", "code: IMATINIB", "'IMATINIB' stands 2 times"),
        (
            r"visits: \[Baseline, Month 3,",
            "visits: [Month 3,",
            "The baseline visit 'Baseline' is not among the efficacy visits",
        ),
    ],
)
def test_visits_and_arms_that_contradict_each_other(folder, old, new, what):
    found = told(folder, "study.yaml", old, new)
    # a visit that is gone is told too where forms.yaml expects forms at it
    only = [w for w in found if not w.startswith("The visit 'Week 2' is not known")]
    assert len(only) == 1 and only[0].startswith(what)


def test_groups_of_an_arm_that_the_trial_does_not_have(folder):
    found = told(folder, "study.yaml", "label: Imatinib,", "label: Nilotinib,")
    assert found.count("The arm 'Imatinib' is not known.") == 3
    assert found[-1] == "No group is called after the arm under study, 'Nilotinib'"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("population: SCRNFL", "population: SCRFL", "The population 'SCRFL' is not known"),
        ("param: CRP", "param: CPR", "The parameter 'CPR' is not known. Did you mean 'CRP'?"),
        ("correlate: {MRSS: adqs}", "correlate: {MRSS: adlb}", "The dataset 'adlb' is not known"),
        ("mrss.imatinib.month6", "mrss.imatinib.month7", "The visit 'month7' of a family is"),
        ("mrss.imatinib.month6", "mrs.imatinib.month6", "The parameter 'mrs' of a family is"),
        (
            r"serum_\*.imatinib.month6.l",
            "serum_*.imatinb.month6.l",
            "The group 'imatinb' of a family",
        ),
        ("alpha: 0.05", "alpha: 5", "The value does not fit"),
        ("conf_level: 0.95", "conf_level: 95", "The value does not fit"),
        (r"MRSS: \[0, 1\]", "MRSS: [0, -1]", "The value does not fit"),
    ],
)
def test_analyses_that_name_what_is_not_there(folder, old, new, what):
    (only,) = told(folder, "analyses.yaml", old, new)
    assert only.startswith(what)


def test_a_unit_without_a_size(folder):
    (only,) = told(folder, "endpoints.yaml", r"units: \{mg/L: 1", "units: {mg/L: 0")
    assert "greater than 0" in only


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (r"must: \"\[diabp\] < \[sysbp\]\"", 'must: "[diabp] < [sysbp"', "A bracket is not closed"),
        (
            r"must: \"\[diabp\] < \[sysbp\]\"",
            'must: "absolute([diabp])"',
            "'absolute' is not known",
        ),
        ("form: vitals\n    field: diabp", "form: vital\n    field: diabp", "The form 'vital' is"),
        ("id: pressure", "id: fatal_grade", "The rule 'fatal_grade' stands 2 times"),
        (r"visits: \[Screening, ", "visits: [Screenig, ", "The visit 'Screenig' is not known"),
        ("digits: 2", "digits: 2\n  site: '(['", "not a valid regular expression"),
    ],
)
def test_rules_of_forms_that_cannot_be_read_are_told(folder, old, new, what):
    (problem,) = told(folder, "forms.yaml", old, new)
    assert what in problem
