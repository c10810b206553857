"""Verdicts: each rule by hand, and the rule that a large p never shows 'no difference'."""

from __future__ import annotations

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.publish import claims as room
from sclerotrial.publish.claims import evaluate

BASE = {"text": "a statement", "kind": "mean", "origin": "calibrated"}
STEM = "efficacy.mrss.imatinib"


def one(made, **claim):
    """FOUND and VERDICT of a single claim."""
    row = evaluate([{**BASE, "id": "x", **claim}], made.ard()).iloc[0]
    return row["FOUND"], row["VERDICT"]


def test_means_are_compared_at_the_printed_precision(made):
    ids = [f"{STEM}.baseline.aval.mean", f"{STEM}.month6.aval.mean"]
    same = one(made, rule="equal", ard=ids, expected=[31.5, 29.0], digits=1)
    assert same == ("31.5; 29.0", "reproduced")
    found, verdict = one(made, rule="equal", ard=ids, expected=[31.5, 29.1], digits=1)
    assert verdict == "differs"


def test_rounding_is_half_up_like_all_printing(made):
    # 3.916 at one digit is 3.9; 3.109 at two digits 3.11
    assert one(made, rule="equal", ard=[f"{STEM}.month6.aval.sd"], expected=[3.9], digits=1)[1] == (
        "reproduced"
    )
    assert one(made, rule="equal", ard=[f"{STEM}.baseline.aval.sd"], expected=[3.11], digits=2)[
        1
    ] == ("reproduced")


def test_no_difference_is_never_reproduced_and_shows_its_interval(made):
    stem = f"{STEM}.month6.chg.hl"
    found, verdict = one(
        made,
        rule="interval",
        interval=stem,
        test="completion.crp.completers_vs_stopped.month6.chg.ranksum.p",
    )
    assert verdict == "not testable"
    assert "-5.0 to 1.0" in found and "87.5 %" in found
    assert "p = 0.667" in found and "0.333" in found


def test_no_significant_difference_needs_a_test_that_was_printed(made):
    ids = [f"{STEM}.baseline.aval.mean", f"{STEM}.month6.aval.mean"]
    keys = {
        "rule": "equal_no_significance",
        "ard": ids,
        "expected": [31.5, 29.0],
        "digits": 1,
        "interval": f"{STEM}.month6.chg.hl",
    }
    found, verdict = one(made, **keys, test=f"{STEM}.month6.chg.signflip.p")
    assert verdict == "not testable" and "0.125" in found
    other = "completion.crp.completers_vs_stopped.month6.chg.ranksum.p"
    found, verdict = one(made, **keys, test=other)
    assert verdict == "reproduced" and "-5.0 to 1.0" in found


def test_a_significant_test_contradicts_no_significant_difference(made):
    ard = made.ard()
    id_ = "completion.crp.completers_vs_stopped.month6.chg.ranksum.p"
    ard.loc[ard["ID"] == id_, ["VALUE", "TEXT"]] = ["0.03", "0.030"]
    claim = {
        **BASE,
        "id": "x",
        "rule": "equal_no_significance",
        "ard": [f"{STEM}.baseline.aval.mean"],
        "expected": [31.5],
        "digits": 1,
        "interval": f"{STEM}.month6.chg.hl",
        "test": id_,
    }
    assert evaluate([claim], ard).iloc[0]["VERDICT"] == "differs"


def test_named_events_must_all_have_occurred(made):
    ids = ["safety.pt_nausea.imatinib.patients.count", "safety.pt_fatigue.imatinib.patients.count"]
    found, verdict = one(made, rule="present", ard=ids, expected=["nausea", "fatigue"])
    assert verdict == "reproduced" and "nausea (2)" in found
    ids = [*ids, "safety.pt_alopecia.imatinib.patients.count"]
    found, verdict = one(made, rule="present", ard=ids, expected=["nausea", "fatigue", "alopecia"])
    assert verdict == "differs" and "in nobody: alopecia" in found


@pytest.mark.parametrize(("bound", "verdict"), [(50, "reproduced"), (83.3, "differs")])
def test_a_share_must_lie_above_its_bound(made, bound, verdict):
    ids = ["safety.week1.imatinib.events.percent"]
    assert one(made, rule="more_than", ard=ids, bound=bound) == ("83.3 %", verdict)


def test_more_than_half(made):
    ids = [
        "feasibility.rechallenge_failed.imatinib.count",
        "feasibility.rechallenge.imatinib.count",
    ]
    assert one(made, rule="majority", ard=ids) == ("2 of 2", "reproduced")
    ids = ["safety.pt_fatigue.imatinib.patients.count", "feasibility.rechallenge.imatinib.count"]
    assert one(made, rule="majority", ard=ids) == ("1 of 2", "differs")


def test_a_number_that_is_not_there_is_told_and_not_testable(made):
    found, verdict = one(made, rule="equal", ard=["feasibility.enroled.count"], expected=[5])
    assert verdict == "not testable" and "feasibility.enrolled.count" in found


def test_a_judgement_follows_from_the_rows_before_it(made):
    count = {"rule": "equal", "ard": ["feasibility.enrolled.count"]}
    rows = [
        {**BASE, "id": "a", **count, "expected": [5]},
        {**BASE, "id": "b", "rule": "follows", "from": ["a"]},
        {**BASE, "id": "c", **count, "expected": [6]},
        {**BASE, "id": "d", "rule": "follows", "from": ["a", "c"]},
    ]
    verdicts = evaluate(rows, made.ard()).set_index("ID")["VERDICT"]
    assert verdicts["b"] == "reproduced" and verdicts["d"] == "differs"


def test_out_of_reach_rests_on_the_design_and_not_on_the_p_seen(made):
    found, verdict = one(made, rule="out_of_reach", test=f"{STEM}.month6.chg.signflip.p")
    assert verdict == "reproduced" and "0.125" in found


def test_all_errors_of_the_list_are_told_at_once(made):
    rows = [
        {**BASE, "id": "a", "rule": "equals", "ard": ["x"]},
        {**BASE, "id": "a", "rule": "equal", "origin": "made up"},
        {"text": "t"},
    ]
    with pytest.raises(InputErrors) as told:
        evaluate(rows, made.ard())
    text = str(told.value)
    assert "Did you mean 'equal'" in text
    assert "stands twice" in text and "made up" in text and "no 'id'" in text
    assert "needs the key 'ard'" in text


def test_every_statement_of_the_abstract_is_a_claim(study):
    wanted = [
        "design", "dose", "ratio", "strata", "planned", "enrolled", "arms", "stopped", "mrss_all",
        "mrss_completers", "crp", "esr", "phga", "ptga", "htq", "haq", "ae_terms", "ae_week1",
        "rechallenge", "hospitalised", "biomarkers_plasma", "biomarkers_skin",
        "conclusion_tolerability", "conclusion_size",
    ]  # fmt: skip
    room.check([c.entry() for c in study.claims])
    assert [c.id for c in study.claims] == wanted


def test_no_claim_of_no_difference_has_a_rule_that_could_reproduce_it(study):
    rules = {c.id: c.rule for c in study.claims}
    for name in ("crp", "esr", "phga", "ptga", "htq", "haq"):
        assert rules[name] == "interval"
    assert rules["biomarkers_plasma"] == rules["biomarkers_skin"] == "several_intervals"
