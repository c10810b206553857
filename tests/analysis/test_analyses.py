"""Numbers of the analyses on a trial typed by hand, and what must hold of every row."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from sclerotrial import ard
from sclerotrial.analysis import (
    baseline,
    biomarkers,
    efficacy,
    exposure,
    feasibility,
    lab,
    quality,
    safety,
)
from sclerotrial.errors import InputErrors
from sclerotrial.study_analyses import plan_of, problems
from sclerotrial.where import select

ALL = (
    feasibility.feasibility,
    baseline.baseline,
    efficacy.efficacy,
    efficacy.completion,
    safety.safety,
    exposure.exposure,
    lab.lab,
    biomarkers.biomarkers,
    quality.quality,
)


@pytest.fixture(scope="session")
def everything(study, frames):
    return ard.bind([f(trial(study), frames) for f in ALL], plan_of(study))


def trial(study):
    """The shipped trial with the laboratory tests that the small one has."""
    kept = {k: v for k, v in study.laboratory.items() if k in ("CRP", "ESR", "HGB")}
    return study.model_copy(update={"laboratory": kept})


@pytest.fixture(scope="session")
def row(everything):
    by_id = everything.set_index("ID")
    return lambda id_: by_id.loc[id_]


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        # the abstract's four means
        ("efficacy.mrss.imatinib.baseline.aval.mean", "31.1"),
        ("efficacy.mrss.imatinib.month6.aval.mean", "29.4"),
        ("efficacy.mrss.completers.baseline.aval.mean", "31.0"),
        ("efficacy.mrss.completers.month6.aval.mean", "30.3"),
        # changes -2 -2 1 1 -1 -1 -4 -3 -4: sum -15
        ("efficacy.mrss.imatinib.month6.chg.mean", "-1.7"),
        ("efficacy.mrss.imatinib.month6.chg.n", "9"),
        ("efficacy.mrss.imatinib.month6.base.mean", "31.1"),
        ("efficacy.mrss.imatinib.month6.missing.count", "0"),
        ("efficacy.mrss.imatinib.month6.off_drug.count", "3"),
        ("efficacy.haqdi.imatinib.month6.missing.count", "2"),
        ("efficacy.haqdi.imatinib.month6.chg_locf.n", "9"),
        ("efficacy.haqdi.imatinib.month6.carried.count", "2"),
        ("efficacy.mrss.imatinib.month6.crit1.count", "2"),
        ("efficacy.mrss.imatinib.month6.crit1_composite.count", "0"),
        ("efficacy.mrss.imatinib.month6.mcid_better.count", "0"),
        ("efficacy.mrss.mcid.estimate", "5"),
        ("efficacy.mrss.mdc.estimate", "6.8"),
        ("efficacy.mrss.placebo.month6.aval.estimate", "33"),
        ("efficacy.htq.imatinib.month6.category_4.count", "4"),
        ("efficacy.htq.imatinib.month6.better.count", "5"),
        ("efficacy.htq.imatinib.month6.same.count", "4"),
        ("efficacy.htq.imatinib.month6.worse.count", "0"),
        ("feasibility.screened.count", "11"),
        ("feasibility.enrolled.count", "10"),
        ("feasibility.planned.count", "20"),
        ("feasibility.screen_failures_declined.count", "1"),
        ("feasibility.enrolled_of_planned.percent", "50.0"),
        # tables of the binomial law: 10 of 20 has 27.2 to 72.8
        ("feasibility.enrolled_of_planned.ci_low", "27.2"),
        ("feasibility.enrolled_of_planned.ci_high", "72.8"),
        ("feasibility.allocated.imatinib.count", "9"),
        ("feasibility.allocated.placebo.count", "1"),
        ("feasibility.retention.imatinib.count", "6"),
        ("feasibility.assessed_month6.imatinib.count", "9"),
        ("feasibility.discontinued_adverse_event.imatinib.count", "3"),
        ("feasibility.adherence.imatinib.n", "8"),
        ("feasibility.dose_reduced.imatinib.count", "3"),
        ("feasibility.rechallenge.imatinib.count", "3"),
        ("feasibility.rechallenge_failed.imatinib.count", "2"),
        ("feasibility.rechallenge_failed.imatinib.percent", "66.7"),
        ("baseline.age.imatinib.mean", "44.0"),
        ("baseline.age.placebo.estimate", "49"),
        ("baseline.sex.imatinib.women.count", "6"),
        ("baseline.methotrexate.all.yes.percent", "50.0"),
        ("baseline.topoisomerase.imatinib.count", "1"),
        ("safety.any.imatinib.patients.count", "3"),
        # the two rows of one episode are one event
        ("safety.any.imatinib.events.count", "5"),
        ("safety.any.placebo.events.count", "1"),
        ("safety.grade3plus.imatinib.patients.count", "1"),
        ("safety.hospitalised.imatinib.patients.count", "1"),
        ("safety.led_to_stop.imatinib.patients.count", "1"),
        ("safety.edema.imatinib.events.count", "1"),
        ("safety.cramps_myalgia.imatinib.patients.count", "1"),
        ("safety.alopecia.imatinib.patients.count", "0"),
        ("safety.week1.imatinib.events.count", "3"),
        ("safety.week1.imatinib.events.percent", "60.0"),
        ("safety.week1.imatinib.first_events.count", "3"),
        ("safety.week1.imatinib.first_events.percent", "75.0"),
        ("safety.worst_grade2.imatinib.patients.count", "2"),
        ("safety.pt_nausea.imatinib.events.count", "2"),
        ("safety.soc_general.imatinib.patients.count", "3"),
        ("safety.dose_0.imatinib.events.count", "1"),
        ("safety.dechallenge_positive.imatinib.patients.count", "1"),
        ("safety.ttdisc.imatinib.events.count", "3"),
        # three events in 10 + 20 + ... + 90 = 450 days
        ("safety.ttdisc.imatinib.rate.estimate", "0.67"),
        ("exposure.duration.imatinib.median", "182.0"),
        ("exposure.cumulative.stopped.mean", "15000.0"),
        ("lab.hgb.imatinib.worst_grade1.count", "1"),
        ("lab.hgb.imatinib.worst_grade2.count", "1"),
        ("lab.hgb.imatinib.shift_normal_to_low.count", "2"),
        ("lab.wtgain.imatinib.largest.max", "2.9"),
        ("quality.queries.count", "2"),
        ("quality.queries_rule_range.count", "2"),
        ("quality.haqdi.all.month6.missing.count", "2"),
    ],
)
def test_a_number_by_hand(row, id_, text):
    assert row(id_)["TEXT"] == text


def test_months_of_accrual_by_hand(row):
    # 30 April to 19 May 2008 is 20 days, to 31 December 246 days; 30.4375 days a month
    assert row("feasibility.accrual_per_month.estimate")["VALUE"] == pytest.approx(
        10 / (20 / 30.4375)
    )
    to_stop = row("feasibility.accrual_per_month_to_stop.estimate")["VALUE"]
    assert to_stop == pytest.approx(10 / (246 / 30.4375))
    note = row("feasibility.enrolled_at_stop.count")["NOTE"]
    assert note == "enrolment stopped: poor tolerability and many adverse events"


def test_completers_against_stopped_by_enumeration(row):
    change = [-2, -2, 1, 1, -1, -1, -4, -3, -4]
    seen = 9 * sum(change[:6]) - 6 * sum(change)
    every = [9 * sum(c) - 6 * sum(change) for c in combinations(change, 6)]
    p = sum(abs(e) >= abs(seen) for e in every) / len(every)
    got = row("completion.mrss.completers_vs_stopped.month6.chg.permutation.p")
    assert got["VALUE"] == pytest.approx(p)
    assert got["P_DESIGN"] == pytest.approx(1 / 84)
    assert got["CONVENTION"] == "two-sided, far tail"
    shift = row("completion.mrss.completers_vs_stopped.month6.chg.shift.estimate")
    assert shift["VALUE"] == np.median([a - b for a in change[:6] for b in change[6:]])
    # 6 v 3: two of 84 outcomes lie outside
    assert shift["CONF_LEVEL"] != shift["CONF_LEVEL"]
    low = row("completion.mrss.completers_vs_stopped.month6.chg.shift.ci_low")
    assert low["CONF_ACHIEVED"] == pytest.approx(1 - 4 / 84)


def test_a_comparison_that_could_not_reject_is_not_printed_but_counts(row):
    # HAQ: two of three who stopped have no month 6: 6 against 1
    got = row("completion.haqdi.completers_vs_stopped.month6.chg.permutation.p")
    assert math.isnan(got["VALUE"])
    assert got["TEXT"] == ""
    assert got["P_DESIGN"] == pytest.approx(1 / 7)
    assert got["NOTE"] == "no test printed: the smallest p of this design (6 v 1) is 0.143"
    assert got["FAMILY"] == "completion_secondary"
    # six tests declared: the smallest of the five printed is taken times six
    family = [
        row(f"completion.{c}.completers_vs_stopped.month6.{q}.permutation.p")
        for c, q in [
            ("ptga", "chg"),
            ("phga", "chg"),
            ("htq", "aval"),
            ("crp", "chg"),
            ("esr", "chg"),
        ]
    ]
    least = min(family, key=lambda r: r["VALUE"])
    assert least["P_ADJ"] == pytest.approx(min(1, 6 * least["VALUE"]))


def test_placebo_is_shown_as_values_only(everything):
    rows = everything[everything["GROUP"] == "placebo"]
    assert not rows["STAT"].isin(["sd", "mean", "p", "ci_low", "ci_high", "effect"]).any()
    arms = everything[everything["GROUP"] == "imatinib_vs_placebo"]
    assert arms["VALUE"].isna().all()
    chg = arms[arms["ID"] == "efficacy.mrss.imatinib_vs_placebo.month6.chg.ranksum.p"].iloc[0]
    assert chg["P_DESIGN"] == pytest.approx(0.2)
    assert chg["NOTE"] == "no test printed: the smallest p of this design (9 v 1) is 0.200"


def test_baseline_has_no_tests(everything):
    assert not (everything.loc[everything["ANALYSIS"] == "baseline", "STAT"] == "p").any()


def test_estimands_are_named(row):
    assert row("efficacy.mrss.imatinib.month6.chg.mean")["ESTIMAND"] == "treatment policy"
    assert row("efficacy.mrss.imatinib.month6.chg_locf.mean")["ESTIMAND"] == "LOCF (sensitivity)"
    assert row("efficacy.mrss.completers.month6.chg.mean")["ESTIMAND"] == "descriptive (completers)"
    assert row("efficacy.mrss.imatinib.month6.crit1_composite.count")["ESTIMAND"].startswith(
        "composite"
    )


def test_families_and_their_adjustment(everything, row):
    assert row("efficacy.mrss.imatinib.month6.chg.signflip.p")["FAMILY"] == "efficacy_primary"
    members = everything[everything["FAMILY"] == "efficacy_secondary"]
    assert len(members) == 6
    assert (members["P_ADJ"] >= members["VALUE"] - 1e-12).all()
    assert (
        everything.loc[everything["ANALYSIS"] == "feasibility", "FAMILY"] == "feasibility"
    ).all()
    serum = everything[everything["FAMILY"] == "serum"]
    # IL6 and SCD163 by the mean change, CCL2 by scores, ET1 too often censored: four declared
    assert len(serum) == 4
    assert serum["VALUE"].isna().sum() == 1


def test_measured_biomarkers(row):
    ways = [-0.5, -0.4, -0.3, -0.6, -0.2, -0.1, -0.7, 0.15, -0.35]
    stem = "biomarker.serum_il6.imatinib.month6"
    assert row(f"{stem}.log2fc.mean")["VALUE"] == pytest.approx(np.mean(ways))
    assert row(f"{stem}.fold.estimate")["VALUE"] == pytest.approx(2 ** np.mean(ways))
    assert row(f"{stem}.percent.estimate")["VALUE"] == pytest.approx(100 * (2 ** np.mean(ways) - 1))
    low = row(f"{stem}.log2fc.t.ci_low")["VALUE"]
    assert row(f"{stem}.fold.ci_low")["VALUE"] == pytest.approx(2**low)
    # only the smallest but one of the nine rises: sums at least as far are few
    flips = [
        abs(sum(w * s for w, s in zip(ways, signs, strict=True)))
        for signs in np.array(np.meshgrid(*[[1, -1]] * 9)).T.reshape(-1, 9)
    ]
    p = np.mean(np.array(flips) >= abs(sum(ways)) - 1e-9)
    assert row(f"{stem}.log2fc.signflip.p")["VALUE"] == pytest.approx(p)
    assert row(f"{stem}.up.count")["TEXT"] == "1"
    assert row(f"{stem}.qc_flagged.count")["TEXT"] == "1"
    assert row("biomarker.serum_scd163.imatinib.month6.rcv.count")["TEXT"] == "1"
    # 5 % of nine
    chance = row("biomarker.serum_scd163.imatinib.month6.rcv_by_chance.estimate")
    assert chance["VALUE"] == pytest.approx(0.45)
    assert row("biomarker.skin_col1a1.imatinib.month6.log2fc.n")["TEXT"] == "9"
    assert row("biomarker.serum_il6.placebo.month6.log2fc.estimate")["TEXT"] == "0.25"


def test_censored_biomarkers(everything, row):
    stem = "biomarker.serum_ccl2.imatinib.month6"
    assert row(f"{stem}.detected.count")["TEXT"] == "7"
    # eight fell, one rose: a sign test of 8 against 1, 2 x (1 + 9) / 512
    assert row(f"{stem}.direction.gehan.p")["VALUE"] == pytest.approx(20 / 512)
    assert math.isnan(row(f"{stem}.fold.estimate")["VALUE"])
    assert row(f"{stem}.fold.estimate")["NOTE"] == "2 of 9 pairs with a limit: no mean"
    # half of the limit 2 is 1: log2(1 / 8) = -3 in the two
    sub = row(f"{stem}.log2fc_sub.mean")
    assert sub["VALUE"] == pytest.approx(
        (-3 - 3 + sum([-0.3, -0.6, -0.2, -0.1, -0.7, 0.15, -0.35])) / 9
    )
    assert sub["ESTIMAND"] == "lloq/2 in place of values below the limit (sensitivity)"
    assert f"{stem}.log2fc.mean" not in set(everything["ID"])
    most = row("biomarker.serum_et1.imatinib.month6.direction.gehan.p")
    assert math.isnan(most["VALUE"])
    assert most["NOTE"] == "6 of 9 pairs with a limit: detection frequency only"
    assert row("biomarker.serum.imatinib.month6.declared.count")["TEXT"] == "4"
    assert row("biomarker.serum.imatinib.month6.tested.count")["TEXT"] == "3"


def test_every_number_says_which_rows_it_rests_on(everything, frames):
    """FILTER, selects the patients of N."""
    checked = 0
    for r in everything[everything["STAT"] == "n"].iloc[::3].itertuples():
        rows = select(frames[r.DATASET], r.FILTER)
        column = {"chg_locf": "CHG", "chg": "CHG", "log2fc": "LOG2FC"}.get(r.ID.split(".")[-2])
        if column:
            rows = rows[rows[column] != ""]
        patients = rows["USUBJID"].nunique()
        assert patients >= r.VALUE, r.ID
        if column:
            assert patients == r.VALUE, r.ID
            checked += 1
    assert checked > 30


def test_every_row_keeps_the_rules(everything):
    values = everything["VALUE"]
    assert (everything.loc[values.isna(), "NOTE"] != "").all()
    assert (everything.loc[values.isna(), "TEXT"] == "").all()
    assert (everything.loc[values.notna(), "TEXT"] != "").all()
    p = everything[(everything["STAT"] == "p") & values.notna()]
    assert ((p["VALUE"] >= p["P_ATTAINABLE"] - 1e-12) & (p["VALUE"] <= 1)).all()
    assert (p["P_DESIGN"] <= 0.05).all()
    assert (p["METHOD"] != "").all()
    assert (p["CONVENTION"] != "").all()
    sd = everything[everything["STAT"] == "sd"]
    assert (sd.loc[sd["N"] < 2, "VALUE"].isna()).all()
    words = everything["LABEL"] + everything["NOTE"] + everything["FILTER"]
    assert not words.str.contains("words of a patient").any()
    assert (everything["LABEL"] != "").all()


def test_the_order_of_rows_changes_nothing(study, frames, everything):
    turned = {k: f.iloc[::-1].reset_index(drop=True) for k, f in frames.items()}
    again = ard.bind([f(trial(study), turned) for f in ALL], plan_of(study))
    pd.testing.assert_frame_equal(again, everything)


def test_a_group_of_one_or_none_is_refused_in_words(study, frames):
    one = frames | {"adqs": frames["adqs"][frames["adqs"]["USUBJID"].isin(["IM01", "IM10"])]}
    out = efficacy.efficacy(study, one).set_index("ID")
    assert out.loc["efficacy.mrss.imatinib.month6.chg.sd", "NOTE"] == "one patient: no spread"
    assert out.loc["efficacy.mrss.stopped.month6.chg.mean", "NOTE"] == "no value"
    assert out.loc["efficacy.mrss.imatinib.month6.missing.count", "VALUE"] == 8
    assert "too few" in out.loc["efficacy.mrss.imatinib.month6.chg.signflip.p", "NOTE"]


def test_conditions_that_cannot_be_read_are_told(frames):
    with pytest.raises(InputErrors, match="cannot be read"):
        select(frames["adsl"], "AGE > 3")
    with pytest.raises(InputErrors, match="Did you mean .*'TRT01A'"):
        select(frames["adsl"], 'TRT01=="Imatinib"', "adsl")
    assert len(select(frames["adsl"], 'SAFFL=="Y" & TRT01A not in ["Placebo"]')) == 9
    assert len(select(frames["adsl"], "")) == 11


def test_a_second_row_of_a_patient_is_a_defect(study, frames):
    twice = frames | {"adqs": pd.concat([frames["adqs"], frames["adqs"].iloc[[2]]])}
    with pytest.raises(ValueError, match="more than one row of a subject"):
        efficacy.efficacy(study, twice)


def test_a_trial_without_planned_analyses_has_only_its_queries(study, frames):
    bare = study.model_copy(update={"analyses": {}})
    out = ard.bind([f(bare, frames) for f in ALL], plan_of(bare))
    assert set(out["ANALYSIS"]) == {"quality"}


def test_references_that_lead_nowhere_are_told_all_at_once(study):
    plan = plan_of(study)
    assert problems(plan, study) == []
    wrong = plan.model_copy(
        update={
            "efficacy": plan.efficacy.model_copy(
                update={"groups": ["imatinb"], "endpoints": ["MRS"], "arms": ["none"]}
            ),
            "groups": plan.groups
            | {"all": plan.groups["all"].model_copy(update={"where": "SAFFL is Y"})},
        }
    )
    said = [p.what for p in problems(wrong, study)]
    assert said == [
        "The group 'imatinb' is not known. Did you mean 'imatinib'?",
        "The comparison 'none' is not known.",
        "The endpoint 'MRS' is not known. Did you mean 'MRSS'?",
        "The condition 'SAFFL is Y' cannot be read",
    ]
