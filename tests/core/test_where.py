"""The grammar of conditions: what it keeps, and that nothing else is ever run."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.where import Term, both, is_, mask, readable, select, terms

FRAME = pd.DataFrame(
    {
        "PARAMCD": ["MRSS", "MRSS", "CRP", "MRSS"],
        "AVISIT": ["Baseline", "Month 6", "Month 6", "Month 3"],
        "AVAL": ["30", "28.0", "", "29"],
        "GROUP": ["a & b", "x", "x", "x"],
    }
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ('PARAMCD=="MRSS"', [0, 1, 3]),
        ('PARAMCD == "MRSS" & AVISIT != "Month 6"', [0, 3]),
        ('AVISIT in ["Baseline", "Month 3"]', [0, 3]),
        ('AVISIT not in ["Baseline"] & PARAMCD=="MRSS"', [1, 3]),
        ('GROUP=="a & b"', [0]),
        ('AVAL==""', [2]),
    ],
)
def test_rows_that_a_condition_keeps(text, rows):
    assert select(FRAME, text).index.tolist() == rows


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        'PARAMCD=="MRSS" | AVISIT=="Month 6"',
        'PARAMCD=="MRSS" AVISIT=="Month 6"',
        'PARAMCD=="MRSS" &',
        "AVAL>3",
        "@x == 1",
        "AVAL==AVISIT",
        "AVAL==28",
        'AVISIT in ["a"',
        'AVISIT in "a"',
        'AVISIT==["a"]',
        'AVISIT in ["a" and "b"]',
        '(PARAMCD=="MRSS"',
        "PARAMCD==",
        "PARAMCD",
    ],
)
def test_anything_else_is_refused(text):
    assert not readable(text)
    with pytest.raises(InputErrors, match="cannot be read"):
        select(FRAME, text)


def test_a_column_that_is_not_there_is_told_with_the_nearest_name():
    with pytest.raises(InputErrors, match="adqs has no column 'PARAMC'. Did you mean 'PARAMCD'"):
        select(FRAME, 'PARAMC=="MRSS"', "adqs")


def test_conditions_are_data():
    assert terms('A in ["x", "2"] & B!=""') == (
        Term("A", True, ("x", "2")),
        Term("B", False, ("",)),
    )


def test_what_is_written_is_read_back():
    text = both(is_("AVISIT", "Baseline", "Month 3"), "", is_("PARAMCD", "MRSS"))
    assert text == 'AVISIT in ["Baseline", "Month 3"] & PARAMCD=="MRSS"'
    assert select(FRAME, text).index.tolist() == [0, 3]


def test_a_comparison_is_worked_out_once_a_dataset():
    known: dict = {}
    first = mask(FRAME, 'PARAMCD=="MRSS"', "one", known)
    mask(FRAME.iloc[:2], 'PARAMCD=="MRSS"', "two", known)
    assert [name for name, _ in known] == ["one", "two"]
    assert mask(FRAME, 'PARAMCD=="MRSS" & AVAL=="30"', "one", known).tolist() == [True] + 3 * [
        False
    ]
    assert first.tolist() == [True, True, False, True]


@pytest.mark.parametrize("word", ['Nausea "severe"', "a\\b", 'x] & Y=="z', "[]", "\\"])
def test_a_word_with_signs_of_the_grammar_comes_back(word):
    frame = pd.DataFrame({"TERM": [word, "other", "third"]})
    assert select(frame, is_("TERM", word)).index.tolist() == [0]
    assert select(frame, both(is_("TERM", word, "third"), 'TERM!="x"')).index.tolist() == [0, 2]
