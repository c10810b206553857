"""What a subject's other visits, the other side of the body and the design say of a value."""

from __future__ import annotations

import pytest

from sclerotrial.clean.course import _exchanged, _longest
from sclerotrial.errors import InputErrors

SCALES = {
    "fields": {f: {"type": "number", "range": [0, 100]} for f in ("ptga", "phga")},
    "reversible": ["ptga", "phga"],
}
VISITS = ("Baseline", "Month 3", "Month 6")
AREAS = ["face", "hand_r", "hand_l", "arm_r", "arm_l", "leg_r", "leg_l", "foot_r", "foot_l"]
SIDES = [[f"{a}_r", f"{a}_l"] for a in ("hand", "arm", "leg", "foot")]


def told(findings, *columns):
    return findings[list(columns)].to_numpy().tolist()


def scales(bench, text_field, *pairs):
    """(ptga, phga) a visit."""
    rows = [{"v": v, "ptga": a, "phga": b} for v, (a, b) in zip(VISITS, pairs, strict=False)]
    known = [text_field(f, form="globals", validation="number") for f in ("ptga", "phga")]
    return bench.add("globals", rows, known, **SCALES)


def test_a_scale_read_from_the_other_end(bench, text_field):
    """80 and 78 beside 17: its mirror image 83 fits; it is asked about and kept."""
    clean, found = scales(bench, text_field, ("80", "70"), ("17", "66"), ("78", "71")).run()
    assert told(found, "VISIT", "FIELD", "RULE", "RAW", "ACTION") == [
        ["Month 3", "ptga", "maybe_reversed", "17", "kept"]
    ]
    assert "(83)" in found["MESSAGE"].iloc[0] and "79" in found["MESSAGE"].iloc[0]
    assert clean["globals"]["ptga"].tolist() == ["80", "17", "78"]


@pytest.mark.parametrize(
    "values",
    [
        (("80", ""), ("40", ""), ("78", "")),  # 60 fits no better: 21 from the others' 79
        (("80", ""), ("31", ""), ("78", "")),  # a fall by less than half of the scale
        (("90", ""), ("12", ""), ("50", "")),  # the others do not agree
        (("55", ""), ("45", ""), ("52", "")),  # in the middle nothing can be told
        (("85", "80"), ("10", "15"), ("", "")),  # both fell: a change
        (("92", "70"), ("9.4", "66"), ("", "")),  # 9.4 is cm: another query
        (("85", ""), ("10", ""), ("", "")),  # one other value and no other scale
    ],
)
def test_a_change_is_no_reversed_scale(bench, text_field, values):
    _, found = scales(bench, text_field, *values).run()
    assert "maybe_reversed" not in set(found["RULE"])


def test_with_one_other_visit_the_other_scale_decides(bench, text_field):
    _, found = scales(bench, text_field, ("85", "70"), ("10", "66")).run()
    assert sorted(told(found, "VISIT", "FIELD")) == [["Baseline", "ptga"], ["Month 3", "ptga"]]


def weights(bench, text_field, *values):
    rows = [{"v": v, "weight": w} for v, w in zip(VISITS, values, strict=False)]
    field = text_field("weight", form="vitals", validation="number")
    return bench.add("vitals", rows, [field], stable=["weight"])


def test_two_digits_exchanged(bench, text_field):
    """74.7 written as 47.7: the weights before and after are 74.1 and 75.2."""
    _, found = weights(bench, text_field, "74.1", "47.7", "75.2").run()
    assert told(found, "VISIT", "RULE", "VALUE") == [["Month 3", "digits", "47.7"]]
    assert "Perhaps 74.7" in found["MESSAGE"].iloc[0]


@pytest.mark.parametrize(
    "values", [("74.1", "70", "75.2"), ("74.1", "47.7", "60"), ("74.1", "50", "75"), ("74", "47")]
)
def test_other_weights_are_let_be(bench, text_field, values):
    assert "digits" not in set(weights(bench, text_field, *values).run()[1]["RULE"])


def test_digits_change_places_beside_each_other():
    assert _exchanged("47.7") == [74.7, 47.7]
    assert _exchanged("120") == [210, 102]
    assert _exchanged("5") == []


def skin(bench, text_field, *visits, total=True):
    """Scores of the areas a visit, and the typed total."""
    rows = []
    for visit, (scores, typed) in zip(VISITS, visits, strict=False):
        cells = {a: s for a, s in zip(AREAS, scores, strict=True)}
        rows.append({"v": visit} | cells | ({"total": typed} if total else {}))
    known = [text_field(a, form="mrss", validation="integer") for a in (*AREAS, "total")]
    rule = {"field": "total", "items": AREAS, "rule": "sum"}
    return bench.add("mrss", rows, known, total=rule, sides=SIDES)


def test_nothing_on_one_side(bench, text_field):
    both, pooled = ("122111111", "11"), ("120101010", "6")
    _, found = skin(bench, text_field, both, pooled).run()
    assert told(found, "VISIT", "FIELD", "RULE") == [["Month 3", "hand_l", "one_side"]]


def test_a_side_left_blank_is_asked_about_too(bench, text_field):
    rows = {a: "1" if a.endswith("_r") else "" for a in AREAS} | {"face": "0"}
    _, found = skin(bench, text_field, (list(rows.values()), "")).run()
    assert told(found, "FIELD", "RULE") == [["hand_l", "one_side"]]


def test_little_on_one_side_is_possible(bench, text_field):
    _, found = skin(bench, text_field, ("010101000", "3")).run()
    assert told(found, "RULE") == []


def test_zeros_where_the_typed_total_says_more(bench, text_field):
    """Four areas of 1 written as 0; the total of the paper, 10, was copied."""
    whole, zeros = ("122111111", "11"), ("121110000", "10")
    _, found = skin(bench, text_field, whole, zeros).run()
    assert told(found, "FIELD", "RULE", "SEVERITY") == [
        ["leg_r", "zeros_for_missing", "error"],
        ["total", "total", "warning"],
    ]


def test_seven_zeros_in_a_row_by_themselves(bench, text_field):
    whole, zeros = ("122111111", "11"), ("120000000", "3")
    assert "zeros_for_missing" in set(skin(bench, text_field, whole, zeros).run()[1]["RULE"])


@pytest.mark.parametrize(
    "later", [("121110000", "6"), ("121110000", "9"), ("122111101", "10"), ("000000000", "0")]
)
def test_areas_may_become_normal(bench, text_field, later):
    """Zeros that the total agrees with, or too few; where nothing was, nothing is asked."""
    before = ("122111111", "11") if later[0] != "000000000" else ("100000000", "1")
    assert "zeros_for_missing" not in set(skin(bench, text_field, before, later).run()[1]["RULE"])


def test_longest_run():
    assert _longest([True, False, True, True]) == (2, 2)
    assert _longest([False, False]) == (0, 0)


def test_a_check_on_a_field_that_is_not_there_is_told(bench, text_field):
    bench = scales(bench, text_field, ("80", "70"))
    bench.forms["globals"] = bench.forms["globals"] | {"reversible": ["ptgaa"]}
    with pytest.raises(InputErrors) as error:
        bench.run()
    (problem,) = error.value.problems
    assert "ptgaa" in problem.what and "ptga" in problem.what and "reversible" in problem.where


# --- allocation and laboratory --------------------------------------------------------------------
ARMS = [{"code": "A", "label": "Drug"}, {"code": "B", "label": "Placebo", "active": False}]
LIST = {"block": {"type": "integer"}, "arm": {"type": "text", "choices": {"A": "", "B": ""}}}


def allocation(bench, *blocks, ratio="4:1"):
    bench.top = {"arms": ARMS, "recruitment": {"ratio": ratio, "stopped": "2008-12-31"}}
    rows, n = [], 0
    for number, arms in enumerate(blocks, start=1):
        for arm in arms:
            n += 1
            rows.append({"s": f"S{n:02d}", "block": str(number), "arm": arm})
    return bench.add("allocation", rows, table=True, fields=LIST)


def test_arms_exchanged_between_blocks(bench):
    _, found = allocation(bench, "AAAAA", "ABBAA", "AAAAB", "AB").run()
    assert told(found, "RAW", "RULE", "USUBJID") == [
        ["1", "block_ratio", "S01"],
        ["2", "block_ratio", "S06"],
    ]
    assert "5 A, 0 B, not 4:1" in found["MESSAGE"].iloc[0]


def test_a_code_list_read_the_wrong_way_round(bench):
    _, found = allocation(bench, "BBBBA", "BABBB").run()
    assert told(found, "RAW", "RULE") == [["1", "block_ratio"], ["2", "block_ratio"]]


@pytest.mark.parametrize("ratio", ["", "4:1:1", "3:2"])
def test_the_ratio_of_the_study_decides(bench, ratio):
    """Without a ratio for the arms nothing is asked; 3:2 is not what these blocks hold."""
    _, found = allocation(bench, "AAAAB", "BAAAA", ratio=ratio).run()
    assert len(found) == (2 if ratio == "3:2" else 0)


PANEL = {
    "laboratory": True,
    "key": ["sample_date", "test"],
    "panel": {"tests": ["HGB", "CRP", "CREAT", "WBC"], "visits": ["Baseline", "Month 3"]},
    "fields": {
        "sample_date": {"type": "date"},
        "test": {"type": "text"},
        "result": {"type": "text"},
    },
}
VALUES = {
    "HGB": ("130", "g/L"),
    "CRP": ("5", "mg/L"),
    "Creatinine": ("70", "umol/L"),
    "WBC": ("6", "10^9/L"),
}


def blood(bench, text_field, days, visits=("2008-05-01", "2008-08-01")):
    """Results a day, by the tests' names in the list; visits at baseline and month 3."""
    rows = [
        {"sample_date": day, "test": t, "result": VALUES.get(t, ("1", ""))[0],
         "unit": VALUES.get(t, ("1", ""))[1]}
        for day, tests in days.items()
        for t in tests
    ]  # fmt: skip
    bench.add("lab", rows, table=True, **PANEL)
    log = [{"v": v, "visit_date": d} for v, d in zip(VISITS, visits, strict=False)]
    field = text_field("visit_date", form="visit_log", validation="date_ymd")
    return bench.add("visit_log", log, [field], date="visit_date")


ALL = tuple(VALUES)


def test_a_panel_that_lacks_a_test(bench, text_field):
    _, found = blood(bench, text_field, {"2008-05-01": ALL, "2008-08-04": ALL[:3]}).run()
    assert told(found, "RULE", "MESSAGE", "SRCLINE") == [
        ["test_missing", "The results of 2008-08-04 lack WBC", "6"]
    ]


def test_a_visit_without_blood(bench, text_field):
    _, found = blood(bench, text_field, {"2008-05-01": ALL, "2008-08-07": ALL}).run()
    assert told(found, "FORM", "VISIT", "RULE") == [["visit_log", "Month 3", "panel_missing"]]


def test_a_few_results_are_no_panel(bench, text_field):
    """One test on a day asks for no others, and stands for no visit."""
    days = {"2008-05-01": ALL, "2008-08-01": ALL, "2008-06-10": ("HGB",)}
    assert told(blood(bench, text_field, days).run()[1], "RULE") == []
    days = {"2008-05-01": ALL, "2008-08-01": ("HGB",)}
    assert told(blood(bench, text_field, days).run()[1], "RULE") == [["panel_missing"]]


def test_a_name_that_the_study_does_not_know_explains_the_gap(bench, text_field):
    days = {"2008-05-01": ALL, "2008-08-01": (*ALL[:3], "Leukos")}
    _, found = blood(bench, text_field, days).run()
    assert set(found["RULE"]) == {"test_not_used"}


def test_what_the_pharmacy_gave_against_the_list(bench):
    """An exchange within a block shows only beside a log of what was dispensed: a rule."""
    allocation(bench, "ABAAA")
    given = [{"s": "S01", "kit": "12", "contents": "B"}, {"s": "S02", "kit": "15", "contents": "A"},
             {"s": "S03", "kit": "11", "contents": "A"}]  # fmt: skip
    fields = {"kit": {"type": "text"}, "contents": {"type": "text", "choices": {"A": "", "B": ""}}}
    bench.add("dispensing", given, table=True, fields=fields)
    bench.more["rules"] = [
        {
            "id": "kit_of_another_arm",
            "form": "dispensing",
            "field": "contents",
            "must": "[contents] = [allocation.arm]",
            "message": "The kit holds what the other arm takes",
        }
    ]
    _, found = bench.run()
    assert told(found, "USUBJID", "RULE", "RAW") == [
        ["S01", "kit_of_another_arm", "B"],
        ["S02", "kit_of_another_arm", "A"],
    ]
