"""HAQ disability index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.instruments import haq

FIELDS = [i["FIELD"] for i in haq.items()]
#: awell-health/awell-score src/scores/haq/__testdata__ (random_response)
GOLDEN = dict(
    zip(
        FIELDS,
        [2, 1, 0, 3, 1, 0, 2, 0, 1, 0, 1, 1, 3, 3, 1, 1, 3, 0, 0, 1],
        strict=True,
    )
)
GOLDEN_AIDS = ["5", "7", "8"]  # dressing, chair, raised toilet seat
GOLDEN_HELP = ["1", "2", "4", "5"]  # dressing, arising, walking, hygiene


def test_golden_case():
    scored = haq.categories(GOLDEN, GOLDEN_AIDS, GOLDEN_HELP)
    assert [c.score for c in scored.values()] == [2, 3, 2, 2, 2, 3, 3, 1]
    assert haq.index(scored) == 2.25
    # the same answers without aids and help: 2, 3, 2, 1, 1, 3, 3, 1
    assert [c.unaided for c in scored.values()] == [2, 3, 2, 1, 1, 3, 3, 1]
    assert haq.index(scored, aided=False) == 2.00


def test_golden_case_says_what_raised_a_category():
    scored = haq.categories(GOLDEN, GOLDEN_AIDS, GOLDEN_HELP)
    raised = {name: c.raised_by for name, c in scored.items() if c.raised_by}
    assert raised == {"walking": ("Walking",), "hygiene": ("Raised toilet seat", "Hygiene")}


@pytest.mark.parametrize("score", [0, 3])
def test_ends_of_the_scale(score):
    assert haq.index(haq.categories(dict.fromkeys(FIELDS, score))) == score


def test_items_a_category():
    # dressing 2, arising 2, eating 3, walking 2, hygiene 3, reach 2, grip 3, activities 3
    counts = [c.answered for c in haq.categories(dict.fromkeys(FIELDS, 0)).values()]
    assert counts == [2, 2, 3, 2, 3, 2, 3, 3]


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("1", "walking"), ("2", "walking"), ("3", "walking"), ("4", "walking"), ("5", "dressing"),
        ("6", "eating"), ("7", "arising"), ("8", "hygiene"), ("9", "hygiene"), ("10", "grip"),
        ("11", "hygiene"), ("12", "reach"), ("13", "hygiene"),
    ],
)  # fmt: skip
def test_aids_raise_their_category_only(code, category):
    # mapping of the CLINHAQ text; the bathtub seat belongs to hygiene
    scored = haq.categories(dict.fromkeys(FIELDS, 0), aids=[code])
    assert {n: c.score for n, c in scored.items() if c.score} == {category: 2}


def test_an_aid_raises_to_2_and_never_lowers():
    for answer, expected in ((0, 2), (1, 2), (2, 2), (3, 3)):
        scored = haq.categories(dict.fromkeys(FIELDS, answer), aids=["10"])
        assert scored["grip"].score == expected


def test_a_category_without_answers_is_missing_even_with_help():
    answers = {f: 1 for f in FIELDS if not f.startswith("haq_act")}
    scored = haq.categories(answers, help=["8"])
    assert scored["activities"].score is None
    assert haq.index(scored) == 1


def test_minimum_number_of_categories():
    kept = [f for f in FIELDS if not f.startswith(("haq_act", "haq_grip"))]
    scored = haq.categories(dict.fromkeys(kept, 2))
    assert haq.index(scored) == 2  # 6 of 8
    assert haq.index(scored, at_least=7) is None
    assert haq.index(haq.categories({})) is None


@pytest.mark.parametrize("answer", [1.5, 4, -1])
def test_other_answers_are_refused(answer):
    with pytest.raises(ValueError, match="haq_eat_1"):
        haq.categories({"haq_eat_1": answer})


def test_unknown_items_and_codes_are_refused():
    with pytest.raises(ValueError, match="haq_sleep"):
        haq.categories({"haq_sleep": 1})
    with pytest.raises(ValueError, match="14"):
        haq.categories({}, aids=["14"])


def test_a_category_may_ask_for_all_its_items():
    # awell-health/awell-score: one item missing, the category is missing; and 7 of 8 are needed
    answers = GOLDEN | {"haq_eat_2": None}
    scored = haq.categories(answers, GOLDEN_AIDS, GOLDEN_HELP, rule="complete")
    assert scored["eating"].score is None
    # the other seven: 2, 3, 2, 2, 3, 3, 1
    assert haq.index(scored, at_least=7) == pytest.approx(16 / 7)
    assert haq.index(scored, at_least=8) is None
    highest = haq.categories(answers, GOLDEN_AIDS, GOLDEN_HELP)
    assert (highest["eating"].score, haq.index(highest)) == (2, 2.25)
    with pytest.raises(ValueError, match="highest or complete"):
        haq.categories({}, rule="mean")


def test_every_answer_of_the_golden_case_has_its_effect():
    told = {e.field: e.words for e in haq.effects(GOLDEN, GOLDEN_AIDS, GOLDEN_HELP)}
    assert len(told) == 20 + 13 + 8
    assert told["haq_dress_1"] == "sets the category"  # 2, and 1
    assert told["haq_dress_2"] == "below the highest answer, 2"
    assert told["haq_reach_1"] == told["haq_reach_2"] == "sets the category, with 1 more"  # 3, 3
    assert told["haq_aids___5"] == "no effect: the highest answer is 2"  # dressing devices
    assert told["haq_help___4"] == "raises 1 to 2"  # walking
    # hygiene: the raised seat and the help
    assert told["haq_aids___8"] == told["haq_help___5"] == "raises 1 to 2, with 1 more"
    assert told["haq_aids___1"] == "not ticked"


def test_effects_of_blanks():
    told = {
        e.field: e.words for e in haq.effects({"haq_grip_1": 1}, aids=["10", "5"], rule="complete")
    }
    assert told["haq_grip_2"] == "blank"
    assert told["haq_grip_1"] == "not counted: not all items of the category are answered"
    assert told["haq_aids___10"] == told["haq_aids___5"] == "no effect: the category has no score"


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 3)),
    st.sets(st.sampled_from([str(i) for i in range(1, 14)])),
    st.sets(st.sampled_from([str(i) for i in range(1, 9)])),
    st.sampled_from(haq.RULES),
)
def test_the_score_can_be_built_from_the_effects(answers, aids, help_, rule):
    scored = haq.categories(answers, aids, help_, rule)
    told = haq.effects(answers, aids, help_, rule)
    for name, category in scored.items():
        own = [e for e in told if e.category == name]
        setting = {e.answer for e in own if e.words.startswith("sets")}
        raised = any(e.words.startswith("raises") for e in own)
        built = 2 if raised else setting.pop() if setting else None
        assert built == category.score


@given(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, st.integers(0, 3))),
    st.sets(st.sampled_from([str(i) for i in range(1, 14)])),
    st.sets(st.sampled_from([str(i) for i in range(1, 9)])),
)
def test_index_moves_in_eighths_and_aids_never_lower_it(answers, aids, help_):
    scored = haq.categories(answers, aids, help_)
    aided, alone = haq.index(scored), haq.index(scored, aided=False)
    assert 0 <= alone <= aided <= 3
    assert (aided * 8).is_integer()
