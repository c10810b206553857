"""Dates as they are written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.read.datetext import evidence, parse_date, settle


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2008-05-12", "2008-05-12"),
        ("2008-05-12 10:30", "2008-05-12T10:30"),
        ("5/13/2008 10:30 PM", "2008-05-13T22:30"),
        ("13/05/2008", "2008-05-13"),
        ("05/13/2008", "2008-05-13"),
        ("12.05.2008", "2008-05-12"),
        ("20080512", "2008-05-12"),
        ("2008/5/3", "2008-05-03"),
        ("12-May-08", "2008-05-12"),
        ("12MAY2008", "2008-05-12"),
        ("May 12, 2008", "2008-05-12"),
        ("12 mai 2008", "2008-05-12"),
        ("1er févr. 2008", "2008-02-01"),
        ("12. März 2008", "2008-03-12"),
        ("3 août 2008", "2008-08-03"),
        ("39569", "2008-05-01"),  # Excel: days since 1899-12-30
        ("39569.5", "2008-05-01T12:00"),
        ("29/02/2008", "2008-02-29"),
    ],
)
def test_whole_dates(text, iso):
    assert parse_date(text, None, 2010).iso == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2008", "2008"),
        ("2008-05", "2008-05"),
        ("05/2008", "2008-05"),
        ("UN-MAY-2008", "2008-05"),
        ("UNK/UNK/2008", "2008"),
        ("UN/05/2008", "2008-05"),
        ("2008-05-UN", "2008-05"),
        ("2008-05-00", "2008-05"),
        ("00/05/2008", "2008-05"),
        ("12-UNK-2008", "2008"),
        ("août 2008", "2008-08"),
    ],
)
def test_partial_dates(text, iso):
    parsed = parse_date(text)
    assert parsed.iso == iso
    assert parsed.precision == {4: "year", 7: "month"}[len(iso)]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("31/02/2008", "impossible"),
        ("2008-13-05", "impossible"),
        ("29/02/2007", "impossible"),
        ("99/99/2008", "impossible"),
        ("30-Feb-2008", "impossible"),
        ("03/05/2008", "ambiguous"),
        ("next Tuesday", "none"),
        ("12 May", "none"),
        ("May 08", "none"),
        ("12", "none"),
    ],
)
def test_what_is_no_date(text, shape):
    assert parse_date(text) == type(parse_date(text))("", shape)


def test_the_order_decides_an_open_date():
    assert parse_date("03/05/2008", "dmy").iso == "2008-05-03"
    assert parse_date("03/05/2008", "mdy").iso == "2008-03-05"


def test_two_digit_years_end_with_the_latest_year():
    assert parse_date("03/05/08", "dmy", 2010).iso == "2008-05-03"
    assert parse_date("03/05/11", "dmy", 2010).iso == "1911-05-03"


def test_evidence_of_a_column_comes_before_the_default():
    assert settle(evidence(["03/05/2008", "13/05/2008"]), "mdy") == "dmy"
    assert settle(evidence(["03/05/2008", "05/13/2008"]), "dmy") == "mdy"
    assert settle(evidence(["03/05/2008"]), "mdy") == "mdy"
    assert settle(evidence(["03/05/2008"]), None) is None
    assert settle(evidence(["13/05/2008", "05/13/2008"]), None) is None


@settings(deadline=None)
@given(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)))
def test_every_day_is_read_from_every_writing(day):
    for form, order in [
        ("%Y-%m-%d", None),
        ("%d/%m/%Y", "dmy"),
        ("%m/%d/%Y", "mdy"),
        ("%d-%b-%Y", None),
        ("%B %d, %Y", None),
        ("%Y%m%d", None),
        ("%d/%m/%y", "dmy"),
    ]:
        assert parse_date(day.strftime(form), order, 2049).iso == day.isoformat()
    serial = (day - dt.date(1899, 12, 30)).days
    assert parse_date(str(serial)).iso == day.isoformat()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("lundi 5 mai 2008", "2008-05-05"),
        ("Mo, 5. Mai 2008", "2008-05-05"),
        ("Mon 05 May 2008", "2008-05-05"),
        ("mar. 2008", "2008-03"),
        ("--/05/2008", "2008-05"),
    ],
)
def test_a_day_of_the_week_says_nothing_more(text, iso):
    """5 May 2008 was a Monday; 'mar.' by itself is March."""
    assert parse_date(text).iso == iso
