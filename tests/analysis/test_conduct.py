"""Areas of the skin, grades of terms, intercurrent events, deviations, checks of assays."""

import pandas as pd
import pytest

from sclerotrial import ard
from sclerotrial.analysis.biomarkers import biomarkers
from sclerotrial.analysis.common import Desk
from sclerotrial.analysis.conduct import DEVIATIONS, assay_checks, conduct
from sclerotrial.analysis.feasibility import feasibility
from sclerotrial.analysis.skin_areas import skin_areas
from sclerotrial.analysis.term_grades import term_grades
from sclerotrial.study_assays import Assay


def table(rows):
    return ard.frame(rows).set_index("ID")


@pytest.fixture
def desk(study, frames):
    """The small trial with the face of every patient: 2 before, 1 after in three of nine."""
    mrss = frames["adqs"][frames["adqs"]["PARAMCD"] == "MRSS"]
    face = mrss.assign(PARAMCD="MRSSFACE", PARAM="mRSS face", PARCAT1="mRSS area")
    falls = face["USUBJID"].isin(["IM01", "IM02", "IM03"]) & (face["AVISIT"] == "Month 6")
    face = face.assign(AVAL="2", CHG=["-1" if f else "0" for f in falls])
    adqs = pd.concat([frames["adqs"].assign(PARCAT1=""), face], ignore_index=True)
    queries = pd.DataFrame(
        [
            {"RULE": "stratum", "USUBJID": "IM01", "STATUS": "open"},
            {"RULE": "other_rater", "USUBJID": "IM02", "STATUS": "new"},
            {"RULE": "other_rater", "USUBJID": "IM02", "STATUS": "open"},
            {"RULE": "two_events", "USUBJID": "IM03", "STATUS": "solved"},
        ]
    )
    return Desk.of(study, {**frames, "adqs": adqs, "queries": queries})


def test_the_mean_change_of_an_area_is_over_patients(desk):
    rows = table(skin_areas(desk, ["imatinib", "completers"]))
    # three of nine fall by one; all three are among the six who completed
    assert rows.loc["efficacy.mrssface.imatinib.month6.chg.mean", "TEXT"] == "-0.33"
    assert rows.loc["efficacy.mrssface.completers.month6.chg.mean", "TEXT"] == "-0.50"
    assert rows.loc["efficacy.mrssface.imatinib.baseline.aval.n", "VALUE"] == 9
    assert not rows.index.str.endswith((".p", ".q1")).any()


def test_a_trial_without_areas_has_no_rows_of_them(study, frames):
    assert skin_areas(Desk.of(study, frames), ["imatinib"]) == []


def test_a_patient_counts_once_a_term_at_the_worst_grade(desk):
    rows = table(term_grades(desk, ["Nausea", "Oedema peripheral", "Fatigue"]))
    count = rows["VALUE"].to_dict()
    # IM01 had nausea of grade 1 and 2, and one oedema that went from 1 to 2
    assert count["safety.pt_nausea.imatinib.grade1.count"] == 0
    assert count["safety.pt_nausea.imatinib.grade2.count"] == 1
    assert count["safety.pt_oedema_peripheral.imatinib.grade2.count"] == 1
    assert count["safety.pt_fatigue.imatinib.grade3.count"] == 1
    assert count["safety.pt_fatigue.placebo.grade1.count"] == 1
    assert count["safety.pt_nausea.imatinib.grade_missing.count"] == 0


def test_events_and_deviations_are_counted_by_patient_and_record(desk):
    rows = table(conduct(desk))
    assert rows.loc["quality.ice_dosered.imatinib.count", "VALUE"] == 3
    assert rows.loc["quality.ice_dosered.imatinib.percent", "TEXT"] == "33.3"
    assert rows.loc["quality.ice_dosered.imatinib.count", "ESTIMAND"] == "treatment policy"
    assert rows.loc["quality.deviation_other_rater.patients.count", "VALUE"] == 1
    assert rows.loc["quality.deviation_other_rater.records.count", "VALUE"] == 2
    # what a later export has settled is none
    assert not rows.index.str.contains("two_events").any()
    assert set(DEVIATIONS) >= {"stratum", "other_rater", "two_events"}


def test_checks_are_counted_by_assay_and_kind(study):
    checks = pd.DataFrame(
        [
            ("luminex", "replicate_cv", "pass"),
            ("luminex", "replicate_cv", "fail"),
            ("luminex", "freeze_thaw", "note"),
        ],
        columns=["ASSAY", "CHECK", "VERDICT"],
    )
    count = table(assay_checks(checks))["VALUE"].to_dict()
    assert count["quality.assay_luminex.check_replicate_cv.count"] == 2
    assert count["quality.assay_luminex.check_replicate_cv_failed.count"] == 1
    assert count["quality.assay_luminex.check_freeze_thaw_failed.count"] == 0
    assert count["quality.assay_luminex.check_freeze_thaw_warned.count"] == 1


def test_each_arm_of_several_patients_has_its_retention(study, frames):
    """Two of three on placebo completed; of one person on placebo nothing is told."""
    adsl = frames["adsl"]
    more = adsl[adsl["USUBJID"].isin(["IM01", "IM02", "IM07"])]
    arm = {"TRT01A": "Placebo", "TRT01P": "Placebo"}
    several = pd.concat([adsl[adsl["TRT01A"] != "Placebo"], more.assign(**arm)])
    plan = study.analyses
    groups = {n: g.model_copy(update={"single": False}) for n, g in plan.groups.items()}
    many = study.model_copy(update={"analyses": plan.model_copy(update={"groups": groups})})
    said = feasibility(many, {**frames, "adsl": several}).set_index("ID")["TEXT"]
    assert said["feasibility.retention.placebo.count"] == "2"
    assert said["feasibility.discontinued_adverse_event.placebo.count"] == "1"
    lone = feasibility(study, frames)["ID"]
    assert not lone.str.fullmatch(r"feasibility\.(retention|discontinued).*\.placebo\..*").any()


def test_a_score_is_held_against_the_skin_by_its_differences(study, frames):
    """A score that changes as COL1A1 does has the same ranks, so the same coefficient."""
    adbm = frames["adbm"]
    score = adbm[adbm["PARAMCD"] == "COL1A1"].assign(PARAMCD="FACTOR", ASSAY="panel", LOG2FC="")
    told = {"label": "Panel", "files": "y/*", "compartment": "SKIN", "scale": "log2", "wide": True,
            "method": "as_given", "scores": {"FACTOR": {"features": ["A"]}}}  # fmt: skip
    assays = {**study.assays, "panel": Assay.model_validate(told)}
    rows = biomarkers(study.model_copy(update={"assays": assays}),
                      {**frames, "adbm": pd.concat([adbm, score])}).set_index("ID")  # fmt: skip
    found = [rows.loc[f"biomarker.skin_{m}.imatinib.month6.corr_mrss.spearman.estimate"]
             for m in ("factor", "col1a1")]  # fmt: skip
    assert found[0]["N"] == found[1]["N"] == 9
    assert found[0]["VALUE"] == pytest.approx(found[1]["VALUE"], abs=1e-12)
