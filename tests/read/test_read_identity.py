"""Subject ids, identifiers and age."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_source
from sclerotrial.read.dictionary import Field
from sclerotrial.read.identity import normal_subject, shown_id, whole_years

PATTERN = r"^(IM|SF)\d{2}$"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("IM01", "IM01"),
        (" im01 ", "IM01"),
        ("im-1", "IM01"),
        ("IM 7", "IM07"),
        ("IM_007", "IM07"),
        ("sf/3", "SF03"),
        ("IM\u20111", "IM01"),
        ("IMO1", None),
        ("J.D.", None),
        ("IM123", None),
    ],
)
def test_spellings_of_a_subject(text, normal):
    assert normal_subject(text, PATTERN, 2) == normal


def test_numbers_that_lost_their_zeros():
    assert normal_subject("3", r"^\d{3}$", 3) == "003"
    assert normal_subject("3.0", r"^\d{3}$", 3) == "003"
    assert normal_subject("01-3", r"^\d{2}-\d{3}$", 3) == "01-003"


def test_without_a_pattern_the_text_stays():
    assert normal_subject(" 1-a ", None, None) == "1-a"


@settings(deadline=None)
@given(st.sampled_from(["IM", "SF"]), st.integers(0, 99), st.sampled_from(["", "-", " ", "_"]))
def test_normal_ids_stay_and_spellings_meet(prefix, number, separator):
    normal = f"{prefix}{number:02d}"
    assert normal_subject(normal, PATTERN, 2) == normal
    assert normal_subject(f"{prefix.lower()}{separator}{number}", PATTERN, 2) == normal


def test_a_name_in_place_of_an_id_is_not_shown():
    assert shown_id("Ada Lovelace") == "[masked]"
    assert shown_id("IMO1") == "IMO1"


@pytest.mark.parametrize(
    ("birth", "at", "age"),
    [
        ("1960-02-29", "2008-02-28", 47),
        ("1960-02-29", "2008-02-29", 48),
        ("1960-02-29", "2009-02-28", 48),
        ("1960-02-29", "2009-03-01", 49),
        ("1970-05-01", "2008-05-01", 38),
        ("1970-05-01", "2008-04-30", 37),
    ],
)
def test_age_in_whole_years(birth, at, age):
    assert whole_years(dt.date.fromisoformat(birth), dt.date.fromisoformat(at)) == age


def test_age_takes_the_place_of_birth(crf_study, crf_files):
    demo = read_source(crf_study, "crf", crf_files())[0]["demo"]
    assert list(demo["age"]) == ["47", "38"]
    assert not {"birth_date", "first_name"} & set(demo)


def test_an_unreadable_birth_date_is_told_without_its_text(crf_study, crf_files, crf_text):
    with pytest.raises(InputErrors) as caught:
        read_source(crf_study, "crf", crf_files(crf_text[0].replace("1960-02-29", "born in May")))
    assert "line 2, field birth_date" in str(caught.value)
    assert "May" not in str(caught.value)


def test_an_impossible_age_is_set_missing_without_its_text(crf_study, crf_files, crf_text):
    forms, findings = read_source(
        crf_study, "crf", crf_files(crf_text[0].replace("1960-02-29", "1860-02-28"))
    )
    assert list(forms["demo"]["age"]) == ["", "38"]
    (row,) = findings.to_dict("records")
    assert (row["RULE"], row["ACTION"], row["RAW"]) == (
        "age_implausible",
        "set missing",
        "[masked]",
    )


def test_double_entry_leaves_the_merged_record(crf_study, crf_files, crf_text):
    head, row, *_ = crf_text[0].splitlines()
    entries = [row, row.replace("S01", "S01--1", 1), row.replace("S01", "S01--2", 1)]
    forms, findings = read_source(crf_study, "crf", crf_files("\n".join([head, *entries])))
    assert list(forms["demo"]["USUBJID"]) == ["S01"]
    assert list(findings["RULE"]) == ["double_entry"]
    with pytest.raises(InputErrors, match="never merged"):
        read_source(crf_study, "crf", crf_files("\n".join([head, *entries[1:]])))


@pytest.mark.parametrize(
    ("name", "validation", "suspect"),
    [
        ("ec_phone", "", True),
        ("contact", "phone", True),
        ("dob", "date_ymd", True),
        ("telephone_1", "", True),
        ("next_of_kin_contact_name", "", True),
        ("name_last", "", True),
        ("drug_name", "", False),
        ("ae_term", "", False),
        ("phone_contact_made", "", False),
        ("visit_date", "date_ymd", False),
    ],
)
def test_fields_that_identify_though_nobody_said_so(name, validation, suspect):
    assert Field(name, "f", "text", validation=validation).suspect is suspect
