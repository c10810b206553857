"""The grammar of FILTER: what it keeps, and that nothing else is ever run."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.publish.filters import FilterError, Term, parse, select

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
        ("PARAMCD == 'MRSS' & AVISIT != 'Month 6'", [0, 3]),
        ('AVISIT in ["Baseline", "Month 3"]', [0, 3]),
        ('AVISIT in ("Month 3",)', [3]),
        ('AVISIT not in ["Baseline"] & PARAMCD=="MRSS"', [1, 3]),
        ("AVAL==28", [1]),
        ("AVAL!=28", [0, 2, 3]),
        ('(PARAMCD=="CRP") & (AVISIT=="Month 6")', [2]),
        ('GROUP=="a & b"', [0]),
        ('AVAL==""', [2]),
    ],
)
def test_rows_that_a_filter_keeps(text, rows):
    assert select(FRAME, text).index.tolist() == rows


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        'PARAMCD=="MRSS" | AVISIT=="Month 6"',
        'PARAMCD=="MRSS" AVISIT=="Month 6"',
        "AVAL>3",
        "@x == 1",
        "AVAL==AVISIT",
        'AVISIT in ["a"',
        'AVISIT in "a"',
        '(PARAMCD=="MRSS"',
        "NOSUCH==1",
        "PARAMCD==",
        "PARAMCD",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(FilterError):
        select(FRAME, text)


def test_terms_are_data():
    assert parse('A in ["x", 2]') == [Term("A", "in", ("x", 2.0))]
