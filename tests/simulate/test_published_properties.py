"""What the abstract states holds for every seed (numbers: Arthritis Rheum 2011;63:3547-51)."""

from __future__ import annotations

import itertools
import json
from datetime import date

import numpy as np
import pytest

from sclerotrial.simulate import Options, draw, simulate
from sclerotrial.simulate.catalogue import NAMED
from sclerotrial.simulate.safety import early_share
from sclerotrial.tabular import half_up

SEEDS = [20080430, *range(1, 11)]


@pytest.fixture(scope="module", params=SEEDS)
def trial(request):
    return draw(Options(seed=request.param))


def skin(trial, visit, role=None):
    f = trial.frame("endpoints")
    keep = (f["ARM"] == "IMATINIB") & (f["PARAMCD"] == "MRSS") & (f["AVISIT"] == visit)
    if role:
        keep &= f["ROLE"] == role
    return f.loc[keep, "AVAL"]


def test_means_of_the_skin_score_as_printed(trial):
    for visit, role, n, printed in (
        ("Baseline", None, 9, "31.1"),
        ("Month 6", None, 8, "29.4"),
        ("Baseline", "completer", 6, "31.0"),
        ("Month 6", "completer", 6, "30.3"),
    ):
        x = skin(trial, visit, role)
        assert (len(x), half_up(x.mean(), 1)) == (n, printed)


def test_skin_scores_are_whole_and_within_range(trial):
    for visit in ("Baseline", "Month 3", "Month 6"):
        x = skin(trial, visit)
        assert ((x >= 0) & (x <= 51) & (x == x.round())).all()
    assert skin(trial, "Baseline").std() > 2


def test_nine_to_one(trial):
    arms = [s.arm for s in trial.subjects]
    assert (arms.count("IMATINIB"), arms.count("PLACEBO")) == (9, 1)


def test_two_admissions_on_imatinib_serious_and_related(trial):
    events = trial.frame("events")
    admitted = events[events["hospital"]]
    active = {s.id for s in trial.subjects if s.active}
    assert len(admitted) == 2
    assert admitted["subject"].nunique() == 2
    assert set(admitted["subject"]) <= active
    assert (admitted["related"] >= 3).all()
    assert (admitted["grade"] == 3).all()


def test_events_named_occur_and_most_begin_in_week_one(trial):
    active = {s.id for s in trial.subjects if s.active}
    assert {e.pt for e in trial.events if e.subject in active}.issuperset(NAMED)
    assert early_share(trial.subjects, trial.events) > 0.5
    on_drug = [e for e in trial.events if e.subject in active]
    assert early_share(trial.subjects, on_drug) > 0.5


def test_one_event_before_treatment_one_in_two_rows_and_few_on_placebo(trial):
    of = {s.id: s for s in trial.subjects}
    days = [of[e.subject].day(e.start) for e in trial.events]
    assert sum(d < 1 for d in days) == 1
    assert sum(e.part for e in trial.events) == 1
    placebo = [e for e in trial.events if not of[e.subject].active and e.related > 0]
    assert 1 <= len(placebo) <= 2
    assert all(e.grade == 1 for e in placebo)


def test_reintroduction_at_200_mg_mostly_fails(trial):
    again = [s for s in trial.subjects if any(d.reason == 3 for d in s.doses)]
    assert all(d.daily == 200 for s in again for d in s.doses if d.reason == 3)
    failed = [s for s in again if s.role != "completer"]
    assert len(again) >= 3
    assert len(failed) > len(again) / 2


def test_dates_lie_within_the_recruitment(trial):
    for s in trial.subjects:
        assert date(2008, 4, 30) <= s.consent < s.randomised <= s.first_dose
        assert s.randomised <= date(2008, 6, 28)
        assert s.end <= date(2008, 12, 31)
        assert (s.first_dose - s.randomised).days <= 1
    assert trial.subjects[0].consent == date(2008, 4, 30)
    dates = [s.randomised for s in trial.subjects]
    assert dates == sorted(dates)


def test_six_completers_take_the_drug_for_six_months(trial):
    done = [s for s in trial.subjects if s.active and s.role == "completer"]
    assert len(done) == 6
    assert all(s.day(s.last_dose) >= 182 for s in done)


def test_the_month_six_window_holds_eight_on_imatinib(trial):
    seen = [
        s.id
        for s in trial.subjects
        if s.active and any(138 <= s.day(s.visits[v]) <= 240 for v in s.efficacy())
    ]
    assert len(seen) == 8
    lost = next(s for s in trial.subjects if s.role == "lost")
    days = [lost.day(lost.visits[v]) for v in lost.efficacy()]
    assert sum(61 <= d <= 137 for d in days) == 1  # the early visit is alone in its window


def permutation_p(changes, done):
    """Two-sided exact p of a difference of means: all ways to choose the completers."""
    x, n = np.asarray(changes, float), int(np.sum(done))
    sums = np.array([x[list(c)].sum() for c in itertools.combinations(range(len(x)), n)])
    away = np.abs(sums - x.mean() * n)
    return float(np.mean(away >= abs(x[np.asarray(done)].sum() - x.mean() * n) - 1e-9))


def test_stopping_does_not_go_with_the_outcomes(trial):
    """The six comparisons of the abstract, completers against those who stopped."""
    f = trial.frame("endpoints")
    f = f[(f["ARM"] == "IMATINIB") & f["AVISIT"].isin(["Baseline", "Month 6"])]
    for name in ("CRP", "ESR", "PTGA", "PHGA", "HTQ", "HAQDI"):
        wide = f[f["PARAMCD"] == name].pivot_table(
            index=["USUBJID", "ROLE"], columns="AVISIT", values="AVAL"
        )
        wide = wide.dropna()
        done = wide.index.get_level_values("ROLE") == "completer"
        assert (len(wide), done.sum()) == (8, 6)
        assert permutation_p(wide["Month 6"] - wide["Baseline"], done) > 0.1, name


def test_biomarkers_have_no_common_change(trial):
    f = trial.frame("biomarkers")
    f = f[f["ARM"] == "IMATINIB"]
    for (compartment, name), part in f.groupby(["COMPART", "PARAMCD"]):
        wide = part.pivot_table(index="USUBJID", columns="AVISIT", values="AVAL")
        later, first = wide["Month 6"], wide["Baseline"]
        change = np.log(later / first) if compartment == "SERUM" else later - first
        assert abs(change.mean()) < 1e-9, name
        assert change.std() > 0.02, name


def test_key_tells_the_truth_of_every_patient():
    key = json.loads(simulate(Options())["answer_key.json"])
    people = key["truth"]["subjects"]
    assert sum(p["hospitalised"] for p in people) == 2
    assert sum(p["arm"] == "IMATINIB" for p in people) == 9
    base = {
        r["subject"]: r["value"]
        for r in key["truth"]["endpoints"]
        if r["param"] == "MRSS" and r["visit"] == "Baseline"
    }
    active = [p["subject"] for p in people if p["arm"] == "IMATINIB"]
    assert sum(base[s] for s in active) == 280
