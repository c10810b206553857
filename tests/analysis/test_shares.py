"""Shares of patients against each other, second intervals, and what a plan without them keeps."""

import math

import pytest

from sclerotrial import ard, tables
from sclerotrial.analysis import biomarkers, efficacy, safety, shares
from sclerotrial.ard import Scope
from sclerotrial.study_analyses import Analyses, plan_of, problems
from tests.analysis.conftest import person, text

ARMS = "safety.any.imatinib_vs_placebo.patients"


def rows_of(first, second, plan=None):
    found = shares.against(Scope("safety", "any", "arms"), plan or Analyses(), first, second)
    return ard.frame(found).set_index("ID").rename(lambda i: i.removeprefix("safety.any.arms."))


def trial(study, **parts):
    """The study with these changes to sections of its analyses."""
    plan = plan_of(study)
    new = {}
    for key, value in parts.items():
        own = getattr(plan, key)
        new[key] = own.model_copy(update=value) if hasattr(own, "model_copy") else value
    return study.model_copy(update={"analyses": plan.model_copy(update=new)})


def ten_against_ten(study, frames):
    """Ten on each arm: seven and two with an event, of whom three and none had a serious one."""
    groups = dict(plan_of(study).groups)
    groups["placebo"] = groups["placebo"].model_copy(update={"single": False})
    who = [("Imatinib" if k < 10 else "Placebo", f"T{k:02d}") for k in range(20)]
    people = [{**person(s), "TRT01A": arm, "STRATAR": "Y"} for arm, s in who]
    events = [k for k in range(20) if k < 7 or k in (10, 11)]
    one = frames["adae"].iloc[0].to_dict()
    adae = [
        {**one, **people[k], "AESEQ": 1, "AEGRPID": "", "AESER": "Y" if k < 3 else "",
         "AETOXGRN": 3 if k < 3 else 1}
        for k in events
    ]  # fmt: skip
    # times and events of both arms as in the call of R below
    times, seen = [5, 8, 8, 12, 20, 31, 40, 52, 60, 91], [1, 1, 0, 1, 1, 0, 1, 0, 1, 0]
    adtte = [
        {**people[k], "PARAMCD": c, "PARAM": c, "AVAL": times[k % 10], "CNSR": 1 - seen[k % 10]}
        for c in ("TTFAE", "TTDISC", "TTHOSP") for k in range(20)
    ]  # fmt: skip
    study = trial(study, groups=groups)
    data = {"adsl": text(people), "adae": text(adae), "adtte": text(adtte)}
    return safety.safety(study, data).set_index("ID")


def test_the_example_of_newcombe():
    # Newcombe 1998, table II, contrast (a), method 10: 56/70 v 48/80
    got = rows_of((56, 70), (48, 80))
    assert got.loc["newcombe.estimate", "VALUE"] == pytest.approx(20.0)
    assert got.loc["newcombe.ci_low", "VALUE"] == pytest.approx(5.24, abs=0.005)
    assert got.loc["newcombe.ci_high", "VALUE"] == pytest.approx(33.39, abs=0.005)
    assert got.loc["newcombe.ci_low", "UNIT"] == "percentage points"
    assert got.loc["newcombe.ci_low", "CONF_LEVEL"] == 0.95


def test_seven_of_ten_against_two_of_ten_as_r_has_it(study, frames):
    got = ten_against_ten(study, frames)
    # fisher.test(matrix(c(7, 3, 2, 8), 2, byrow = TRUE))
    for stat, value in (
        ("p", 0.06977851869), ("estimate", 8.15306260436),
        ("ci_low", 0.88211748932), ("ci_high", 127.05584183011),
    ):  # fmt: skip
        # R searches the reciprocal of the odds ratio to about a ten-thousandth
        near = 1e-9 if stat == "p" else 1e-3
        assert got.loc[f"{ARMS}.fisher.{stat}", "VALUE"] == pytest.approx(value, rel=near)
    # exact2x2::boschloo(7, 10, 2, 10, tsmethod = "central"): below 0.05 where Fisher is not;
    # its grid of shares is the coarser one, so that its p falls short by a four-thousandth
    boschloo = got.loc[f"{ARMS}.boschloo.p"]
    assert boschloo["VALUE"] == pytest.approx(0.04137874677, rel=1e-3)
    # all of one and none of the other: 2 max q**10 (1 - q)**10, at q = 1/2
    assert boschloo["P_DESIGN"] == pytest.approx(2 * 0.5**20)
    assert boschloo["P_ATTAINABLE"] == boschloo["P_DESIGN"]
    fisher = got.loc[f"{ARMS}.fisher.p"]
    assert fisher["P_DESIGN"] == pytest.approx(2 / math.comb(20, 10))
    # nine with an event: none of one group, or nine of it: 2 x 10 of C(20, 9)
    assert fisher["P_ATTAINABLE"] == pytest.approx(20 / math.comb(20, 9))
    assert fisher["CONVENTION"] == "two-sided, by point probability"
    assert fisher["N"] == 20
    assert fisher["FAMILY"] == ""
    # 70 % less 20 %
    assert got.loc[f"{ARMS}.newcombe.estimate", "TEXT"] == "50.0"
    # serious and worst grade 3: 3 of 10 against none
    for param in ("serious", "worst_grade3", "grade3plus"):
        stem = f"safety.{param}.imatinib_vs_placebo.patients"
        assert got.loc[f"{stem}.newcombe.estimate", "VALUE"] == pytest.approx(30)
        assert got.loc[f"{stem}.fisher.estimate", "TEXT"] == "∞"
        # 10 over 3 of 20 over 3, both tails
        assert got.loc[f"{stem}.fisher.p", "VALUE"] == pytest.approx(2 * 120 / 1140)
    assert (
        got.loc["safety.pt_nausea.imatinib_vs_placebo.patients.fisher.p", "VALUE"]
        == (fisher["VALUE"])
    )


def test_the_table_of_events_has_columns_where_arms_can_be_compared(study, frames):
    found = ten_against_ten(study, frames).reset_index()
    display = tables.build("adverse_events", found, study)
    line = display.frame.set_index("ROW").loc["Any adverse event"]
    # Newcombe 7/10 v 2/10: Wilson ends 0.39678, 0.89221 and 0.05668, 0.50984
    # 0.5 - hypot(0.30322, 0.30984) = 0.0665, 0.5 + hypot(0.19221, 0.14332) = 0.7398
    assert line["Difference, percentage points (95 % CI)"] == "50.0 (6.6 to 74.0)"
    assert line["p, Fisher (smallest attainable)"] == "0.070 (<0.001)"
    assert line["p, Boschloo"] == "0.041"
    assert any("Newcombe" in n for n in display.notes)
    # fatal events: none in twenty
    fatal = display.frame.set_index("ROW").loc["Fatal", "p, Boschloo"]
    assert fatal.startswith("–")
    assert any(n.endswith(shares.SAME) for n in display.notes)


def test_the_table_of_events_says_once_why_arms_are_not_compared(study, frames):
    found = safety.safety(study, frames)
    display = tables.build("adverse_events", found, study)
    assert not any("Fisher" in c or "Difference" in c for c in display.columns)
    assert [n for n in display.notes if "Fisher" in n] == [
        "Imatinib against placebo, Fisher's exact test: no test printed: the smallest p of this"
        " design (9 v 1) is 0.100."
    ]


def test_event_free_shares_are_those_of_survfit(study, frames):
    """summary(survfit(Surv(t, e) ~ 1, conf.type = "log-log"), times = c(10, 45, 92))."""
    days = {"Month 1": 10, "Month 3": 45, "Month 6": 92}
    visits = [v.model_copy(update={"target": days.get(v.avisit, v.target)}) for v in study.visits]
    study = trial(study.model_copy(update={"visits": visits}), safety={"event_free": list(days)})
    got = ten_against_ten(study, frames)
    for visit, risk, free, low, high in (
        ("month1", 7, 0.8000000000, 0.40869078163, 0.9458726458),
        ("month3", 3, 0.4285714286, 0.11404177766, 0.7184534249),
        ("month6", 0, 0.2142857143, 0.01291660116, 0.5794907112),
    ):
        stem = f"safety.ttdisc.imatinib.{visit}"
        assert got.loc[f"{stem}.at_risk.count", "VALUE"] == risk
        for stat, value in (("percent", free), ("ci_low", low), ("ci_high", high)):
            row = got.loc[f"{stem}.event_free.km.{stat}"]
            assert row["VALUE"] == pytest.approx(100 * value, rel=1e-6)
            assert row["UNIT"] == "%"
    assert got.loc["safety.ttdisc.imatinib.month6.event_free.km.percent", "NOTE"] == (
        "nobody was followed so long: survival at the last time"
    )


def test_one_patient_in_a_group_is_refused_in_words(study, frames):
    got = safety.safety(study, frames).set_index("ID")
    ids = [i for i in got.index if i.startswith(ARMS)]
    assert ids == [f"{ARMS}.fisher.p", f"{ARMS}.boschloo.p"]
    fisher = got.loc[f"{ARMS}.fisher.p"]
    assert fisher["NOTE"] == "no test printed: the smallest p of this design (9 v 1) is 0.100"
    # four of ten had an event, the one among them: 4 of 10 ways, against 6
    assert fisher["P_ATTAINABLE"] == pytest.approx(0.4)
    # 2 max q**9 (1 - q), at q = 0.9
    assert got.loc[f"{ARMS}.boschloo.p", "P_DESIGN"] == pytest.approx(2 * 0.9**9 * 0.1, rel=1e-4)
    alone = rows_of((5, 40), (1, 1))
    assert set(alone["NOTE"]) == {"no test printed: one patient in a group"}
    assert alone["VALUE"].isna().all()


def test_nobody_or_everybody_and_empty_groups():
    for k in (0, 10):
        got = rows_of((k, 10), (k, 10))
        assert got.loc["newcombe.estimate", "VALUE"] == 0
        for part in ("fisher.p", "fisher.estimate", "boschloo.p"):
            assert math.isnan(got.loc[part, "VALUE"])
            assert got.loc[part, "NOTE"] == shares.SAME
        assert got.loc["fisher.p", "METHOD"] == "Fisher exact"
        assert got.loc["fisher.p", "P_ATTAINABLE"] == 1
    nobody = rows_of((0, 0), (3, 10))
    assert nobody["VALUE"].isna().all()
    assert (nobody["NOTE"] != "").all()


def test_responders_of_both_groups(study, frames):
    """Six who completed and three who stopped: none and two of them fell by four or more."""
    got = efficacy.completion(study, frames).set_index("ID")
    stem = "completion.mrss.completers_vs_stopped.month6"
    assert got.loc[f"{stem}.crit1.newcombe.estimate", "TEXT"] == "-66.7"
    # two of three, none of six: 3 of the 36 pairs; no other table is as unlikely
    assert got.loc[f"{stem}.crit1.fisher.p", "VALUE"] == pytest.approx(3 / 36)
    assert got.loc[f"{stem}.crit1.fisher.estimate", "VALUE"] == 0
    # who stopped is no responder by definition: not compared with those who completed
    assert not any("_composite" in i for i in got.index)
    assert f"{stem}.mcid_better.fisher.p" in got.index
    arms = efficacy.efficacy(study, frames).set_index("ID")
    stem = "efficacy.mrss.imatinib_vs_placebo.month6"
    for part in ("crit1", "crit1_composite", "mcid_better", "mdc_worse"):
        row = arms.loc[f"{stem}.{part}.fisher.p"]
        assert "no test printed" in row["NOTE"]
    assert arms.loc[f"{stem}.crit1_composite.fisher.p", "ESTIMAND"] == shares.COMPOSITE


def test_pearson_stands_beside_spearman(study, frames):
    got = biomarkers.biomarkers(study, frames).set_index("ID")
    stem = "biomarker.serum_il6.imatinib.month6.corr_mrss"
    # cor.test(c(-.5, -.4, -.3, -.6, -.2, -.1, -.7, .15, -.35), c(-2, -2, 1, 1, -1, -1, -4, -3, -4))
    for stat, value in (
        ("estimate", -0.01279949213), ("ci_low", -0.67121558528), ("ci_high", 0.65690619473),
    ):  # fmt: skip
        assert got.loc[f"{stem}.pearson.{stat}", "VALUE"] == pytest.approx(value, rel=1e-6)
    assert 0 < got.loc[f"{stem}.pearson.p", "VALUE"] <= 1
    assert f"{stem}.spearman.p" in got.index


def test_wilson_is_a_second_interval(study, frames):
    got = safety.safety(study, frames).set_index("ID")
    # 3 of 9: (1/3 + z2/18 -+ z sqrt(2/81 + z2/324)) / (1 + z2/9) with z = 1.959964
    z2 = 1.959963984540054**2
    half = math.sqrt(z2) * math.sqrt(2 / 81 + z2 / 324)
    low = (1 / 3 + z2 / 18 - half) / (1 + z2 / 9)
    stem = "safety.any.imatinib.patients"
    assert got.loc[f"{stem}.wilson.ci_low", "VALUE"] == pytest.approx(100 * low)
    assert got.loc[f"{stem}.ci_low", "METHOD"] == "share with Clopper-Pearson interval"


def test_a_plan_that_names_none_of_it_keeps_its_rows_and_families(study, frames):
    old = trial(
        study,
        wilson=False,
        efficacy={"shares": []},
        completion={"shares": False},
        safety={"comparisons": [], "event_free": []},
        biomarkers={"pearson": False},
    )
    defaults = Analyses()
    assert not defaults.wilson
    assert not defaults.efficacy.shares
    assert not defaults.completion.shares
    assert not defaults.safety.comparisons
    assert not defaults.safety.event_free
    assert not defaults.biomarkers.pearson
    makers = (efficacy.efficacy, efficacy.completion, safety.safety, biomarkers.biomarkers)
    before = ard.bind([f(old, frames) for f in makers], plan_of(old)).set_index("ID")
    after = ard.bind([f(study, frames) for f in makers], plan_of(study)).set_index("ID")
    kept = after.loc[[i for i in after.index if i in before.index]]
    assert kept.astype(str).equals(before.astype(str))
    new = after.drop(before.index)
    assert len(new) > 100
    assert not new["FAMILY"].any()


def test_a_comparison_with_a_hidden_group_is_hidden(study):
    assert plan_of(study).hidden == ["placebo", "all", "imatinib_vs_placebo"]


def test_names_that_lead_nowhere_are_told(study):
    wrong = trial(
        study,
        efficacy={"shares": ["imatinib_v_placebo"]},
        safety={"comparisons": ["imatinib_vs_placeb"], "event_free": ["Month 7", "Logs"]},
    )
    said = [str(p) for p in problems(plan_of(wrong), study)]
    assert "Did you mean 'imatinib_vs_placebo'" in said[0]
    assert "key efficacy.shares" in said[0]
    assert "key safety.comparisons" in said[1]
    assert "'Month 7' is not known" in said[2]
    assert "key safety.event_free" in said[2]
    assert "'Logs' is not known" in said[3]  # it has no planned day
