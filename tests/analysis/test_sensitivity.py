"""The sensitivity table of the small trial typed by hand: what each rule changes, and what not."""

from __future__ import annotations

import math

import pytest

from sclerotrial.analysis.efficacy import efficacy


@pytest.fixture(scope="module")
def row(study, frames):
    found = efficacy(study, frames).set_index("ID")
    return lambda tail: found.loc[f"efficacy.{tail}"]


CHANGES = [-2, -2, 1, 1, -1, -1, -4, -3, -4]  # BASE and AFTER of the small trial


def test_observed_rows_repeat_the_main_analysis(row):
    for part, main in (("signflip.p", "signflip.p"), ("signedrank.p", "signedrank.p"),
                       ("t.ci_low", "t.ci_low"), ("hl.ci_high", "hl.ci_high")):  # fmt: skip
        own = row(f"mrss.imatinib.month6.sens_observed.{part}")
        assert own.VALUE == row(f"mrss.imatinib.month6.chg.{main}").VALUE
    assert row("mrss.imatinib.month6.sens_observed.n")["VALUE"] == 9
    t = row("mrss.imatinib.month6.sens_observed.t.estimate")
    assert t["VALUE"] == pytest.approx(sum(CHANGES) / 9)


def test_every_rule_and_population_has_its_rows(row):
    for group in ("imatinib", "completers"):
        for rule in ("observed", "locf", "bocf"):
            for part in ("signflip.p", "signedrank_pratt.p", "t.p", "hl.estimate", "ancova.p"):
                assert row(f"mrss.{group}.month6.sens_{rule}.{part}").TEXT
    assert "carried forward" in row("mrss.imatinib.month6.sens_bocf.t.p").ESTIMAND
    assert "treatment policy" in row("mrss.imatinib.month6.sens_observed.t.p").ESTIMAND


def test_models_and_bootstrap_stand_beside_with_their_warnings(row):
    assert "sensitivity only" in row("mrss.imatinib.month6.sens_observed.bca.ci_low").NOTE
    mmrm = row("mrss.imatinib.month6.sens_observed.mmrm.estimate")
    assert "Satterthwaite" in mmrm.CONVENTION
    assert row("mrss.imatinib.month6.sens_observed.ancova.p").P_DESIGN == 0


def test_an_ordered_scale_has_its_direction_only(row):
    assert "sign test" in row("htq.imatinib.month6.sens_locf.signflip.p").METHOD
    with pytest.raises(KeyError):
        row("htq.imatinib.month6.sens_locf.t.estimate")


def test_tipping_point_says_when_nobody_is_missing(row):
    tip = row("mrss.imatinib.month6.sens_observed.tipping.estimate")
    assert math.isnan(tip.VALUE)
    assert tip.NOTE == "no outcome is missing"


def test_what_is_carried_forward_is_used(study, frames):
    """Two patients without month 6: observed leaves them out, BOCF counts them as unchanged."""
    adqs = frames["adqs"]
    gone = (adqs["PARAMCD"] == "MRSS") & (adqs["AVISIT"] == "Month 6")
    gone &= adqs["USUBJID"].isin(["IM07", "IM09"])
    found = efficacy(study, {**frames, "adqs": adqs[~gone]}).set_index("ID")
    at = "efficacy.mrss.imatinib.month6.sens_"
    kept = [d for k, d in enumerate(CHANGES) if k not in (6, 8)]
    assert found.loc[f"{at}observed.t.estimate", "VALUE"] == pytest.approx(sum(kept) / 7)
    assert found.loc[f"{at}bocf.t.estimate", "VALUE"] == pytest.approx(sum(kept) / 9)
    assert found.loc[f"{at}bocf.n", "VALUE"] == 9
    tip = found.loc[f"{at}observed.tipping.estimate"]
    # however far the two fall, 13 of the 128 signs of the other seven (sizes 3, 2, 2, 1, 1, 1, 1)
    # reach as far as seen: p stays at 26 / 512 = 0.0508
    assert math.isnan(tip.VALUE)
    assert "holds for every addition up to 40" in tip.NOTE
