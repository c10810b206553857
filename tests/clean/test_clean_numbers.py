"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.clean.numbers import decimal_mark, parse_number


@pytest.mark.parametrize(
    ("text", "value", "sign", "flag"),
    [
        ("12.4", 12.4, "", ""),
        (".4334", 0.4334, "", ""),
        ("12,4", 12.4, "", ""),
        ("0,125", 0.125, "", ""),
        ("1,234", 1234, "", ""),
        ("1,234.5", 1234.5, "", ""),
        ("1.234,5", 1234.5, "", ""),
        ("1 234,5", 1234.5, "", ""),
        ("1\u00a0234", 1234, "", ""),
        ("1'234.5", 1234.5, "", ""),
        ("1,234,567", 1234567, "", ""),
        ("<0.6", 0.6, "<", ""),
        ("< 0,6", 0.6, "<", ""),
        ("> 500", 500, ">", ""),
        ("≤3", 3, "<", ""),
        (">=3", 3, ">", ""),
        ("12.4 H", 12.4, "", "H"),
        ("12.4*", 12.4, "", "*"),
        ("31 high", 31, "", "H"),
        ("\u22123.5", -3.5, "", ""),
        ("1.5e3", 1500, "", ""),
    ],
)
def test_what_is_understood(text, value, sign, flag):
    number = parse_number(text)
    assert (number.value, number.sign, number.flag) == (value, sign, flag)


@pytest.mark.parametrize(
    "text",
    ["", "hemolysed", "neg", "12/5", "1,2,3", "1.2.3", "12.4 mg", "--3", "3-4", "1 2", "E5", "<"],
)
def test_what_is_no_number(text):
    assert parse_number(text).value is None


def test_a_comma_means_what_the_column_shows():
    assert parse_number("1,234", ",").value == 1.234
    assert decimal_mark(["62,5", "1,234", "70"]) == ","
    assert decimal_mark(["62.5", "1,234"]) == "."
    assert decimal_mark(["62.5", "62,5"]) is None
    assert decimal_mark(["1,234", "1.234", "5"]) is None


@settings(deadline=None)
@given(st.decimals(-99999, 99999, places=2), st.sampled_from(["", "<", ">"]))
def test_canonical_text_reads_back_the_same(value, sign):
    number = parse_number(f"{sign}{value}".replace(".", ","))
    assert number.value == float(value)
    assert parse_number(number.text).text == number.text
    assert parse_number(number.text).notes == (("limit",) if sign else ())
