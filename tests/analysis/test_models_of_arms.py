"""Strata, the model between arms, and change going together: connected, and refused in words."""

import numpy as np
import pytest

from sclerotrial import ard
from sclerotrial.analysis.common import Desk
from sclerotrial.analysis.models import all_visits, by_strata, going_together
from sclerotrial.ard import Scope
from sclerotrial.inference import correlation, groups, mixed, stratified
from tests.analysis.conftest import bds, text

BASE = dict(zip("abcdefgh", [20, 24, 31, 18, 27, 22, 30, 25], strict=True))
MONTH3 = dict(zip("abcdefgh", [18, 23, 27, 18, 27, 23, 30, 24], strict=True))
MONTH6 = dict(zip("abcdefgh", [15, 20, 25, 17, 28, 22, 29, 25], strict=True))
STRATUM = dict(zip("abcdefgh", "YYNNYYNN", strict=True))
ARM = dict(zip("abcdefgh", ["Imatinib"] * 4 + ["Placebo"] * 4, strict=True))


def desk(study, frames, lone=False):
    """Two arms of four, or of four and one; the placebo group is not declared as one person."""
    people = [k for k in BASE if not lone or k <= "e"]
    plan = study.analyses
    both = {k: v.model_copy(update={"single": False}) for k, v in plan.groups.items()}
    study = study.model_copy(update={"analyses": plan.model_copy(update={"groups": both})})
    adsl = text([{"USUBJID": k, "TRT01A": ARM[k], "SAFFL": "Y", "STRATAR": STRATUM[k]}
                 for k in people])  # fmt: skip
    visits = {k: {"Baseline": BASE[k], "Month 3": MONTH3[k], "Month 6": MONTH6[k]} for k in people}
    other = {k: {v: x / 20 + (v == "Month 3") for v, x in seen.items()}
             for k, seen in visits.items()}  # fmt: skip
    rows = bds("MRSS", visits) + bds("HAQDI", other)
    for row in rows:
        row["TRT01A"] = ARM[row["USUBJID"]]
    return Desk.of(study, {"adsl": adsl, "adqs": text(rows)})


def changes(desk, group):
    from sclerotrial.analysis.common import both, by_subject, is_

    where = both(is_("PARAMCD", "MRSS"), is_("AVISIT", "Month 6"), desk.group(group).where)
    return by_subject(desk.select("adqs", where), "CHG")


@pytest.fixture
def two(study, frames):
    return desk(study, frames)


def at():
    return Scope("efficacy", "mrss", "imatinib_vs_placebo", "month6", "chg")


def rows_of(rows):
    return ard.frame(rows).set_index("ID")


def test_strata_of_the_comparison(two):
    found = [changes(two, g) for g in ("imatinib", "placebo")]
    rows = rows_of(by_strata(two, "imatinib_vs_placebo", at(), found, ordinal=False))
    parts = [([-5, -4], [1, 0]), ([-6, -1], [-1, 0])]
    stem = "efficacy.mrss.imatinib_vs_placebo.month6.chg"
    # C(4, 2) squared = 36 ways
    got = rows.loc[f"{stem}.permutation_stratified.p"]
    assert stratified.permutation(parts).p == pytest.approx(4 / 36)
    # two outcomes lie farthest, arms exchanged: no p of these strata could be 0.05, none is printed
    assert got["P_DESIGN"] == pytest.approx(2 / 36)
    assert np.isnan(got["VALUE"])
    assert "strata by STRATAR" in got["CONVENTION"]
    assert rows.loc[f"{stem}.vanelteren.p", "P_DESIGN"] == pytest.approx(2 / 36)
    ranks = by_strata(two, "imatinib_vs_placebo", at(), found, ordinal=True)
    assert [r["ID"] for r in ranks] == [f"{stem}.vanelteren.p"]


def test_one_patient_in_an_arm_is_no_test_and_no_model(study, frames):
    small = desk(study, frames, lone=True)
    found = [changes(small, g) for g in ("imatinib", "placebo")]
    rows = rows_of(by_strata(small, "imatinib_vs_placebo", at(), found, ordinal=False))
    assert rows["VALUE"].isna().all()
    assert rows["NOTE"].str.contains("one patient|no test printed").all()
    model = rows_of(all_visits(small, "MRSS", "imatinib_vs_placebo", at()))
    assert model["VALUE"].isna().all()
    assert set(model["NOTE"]) == {"4 v 1: fewer than 3 patients in an arm, no model"}


def test_the_model_of_all_visits_between_arms(two):
    rows = rows_of(all_visits(two, "MRSS", "imatinib_vs_placebo", at()))
    y = np.array([[MONTH3[k] - BASE[k], MONTH6[k] - BASE[k]] for k in BASE], float)
    own = mixed.mmrm(y, np.array(list(BASE.values()), float), np.array([1.0] * 4 + [0.0] * 4))[1]
    stem = "efficacy.mrss.imatinib_vs_placebo.month6.chg.mmrm"
    assert rows.loc[f"{stem}.estimate", "VALUE"] == pytest.approx(own.estimate)
    assert rows.loc[f"{stem}.p", "VALUE"] == pytest.approx(own.p)
    assert rows.loc[f"{stem}.p", "N"] == 8


def test_change_going_together_within_patients(two):
    rows = rows_of(going_together(two, "MRSS", "HAQDI", "imatinib"))
    people = "abcd"
    x = [s[k] for s in (BASE, MONTH3, MONTH6) for k in people]
    y = [s[k] / 20 + (s is MONTH3) for s in (BASE, MONTH3, MONTH6) for k in people]
    own = correlation.repeated(x, y, list(people) * 3)
    stem = "efficacy.mrss.imatinib.all_visits.corr_haqdi.repeated"
    assert rows.loc[f"{stem}.estimate", "VALUE"] == pytest.approx(own.estimate)
    assert rows.loc[f"{stem}.ci_low", "VALUE"] == pytest.approx(own.ci_low)
    assert rows.loc[f"{stem}.p", "N"] == 4  # 12 - 4 - 1 = 7 degrees of freedom
    assert "df 7" in rows.loc[f"{stem}.p", "CONVENTION"]


def test_a_column_of_strata_that_is_not_there_is_told(two):
    from sclerotrial.errors import InputErrors

    pair = two.plan.comparisons["imatinib_vs_placebo"].model_copy(update={"strata": "STRATA"})
    plan = two.plan.model_copy(update={"comparisons": {"imatinib_vs_placebo": pair}})
    other = Desk(two.study, plan, two.frames)
    with pytest.raises(InputErrors) as told:
        by_strata(other, "imatinib_vs_placebo", at(), [changes(two, "imatinib")] * 2, ordinal=False)
    assert "STRATAR" in str(told.value)
    assert "comparisons.imatinib_vs_placebo.strata" in str(told.value)


def test_all_in_one_stratum_is_the_plain_test(everything_of_completion):
    rows = everything_of_completion
    stem = "completion.mrss.completers_vs_stopped.month6.chg"
    assert rows.loc[f"{stem}.permutation_stratified.p", "VALUE"] == pytest.approx(
        rows.loc[f"{stem}.permutation.p", "VALUE"]
    )
    a, b = [-2, -2, 1, 1, -1, -1], [-4, -3, -4]
    assert rows.loc[f"{stem}.vanelteren.p", "VALUE"] == pytest.approx(groups.rank_sum(a, b).p)


@pytest.fixture
def everything_of_completion(study, frames):
    from sclerotrial.analysis.efficacy import completion

    return completion(study, frames).set_index("ID")
