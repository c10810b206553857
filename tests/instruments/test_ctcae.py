"""Laboratory grades; cases of admiral tests/testthat/test-derive_var_atoxgr.R unless said."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.instruments._criteria import table
from sclerotrial.instruments.ctcae import grade, terms, units, versions
from tests.instruments import admiral_grid

BOTH = pytest.mark.parametrize("version", ["4", "5"])


@BOTH
@pytest.mark.parametrize(
    ("value", "lln", "unit", "expected"),
    [
        (79, 140, "g/L", 3), (80, 140, "g/L", 2), (99, 140, "g/L", 2), (100, 140, "g/L", 1),
        (139, 140, "g/L", 1), (140, 140, "g/L", 0),
        # without the lower limit only grades 2 and 3 can be given
        (99, None, "g/L", 2), (79, None, "g/L", 3), (139, None, "g/L", None),
        (100, None, "g/L", None), (140, None, "g/L", None),
        # wrong and missing unit, missing value
        (100, 140, "g/cL", None), (140, 140, None, None), (None, 140, "g/L", None),
        (math.nan, 140, "g/L", None),
    ],
)  # fmt: skip
def test_anemia(version, value, lln, unit, expected):
    assert grade("Anemia", value, unit, version=version, lln=lln) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(801, 4), (800, 3), (201, 3), (200, 2), (121, 2), (120, 1), (41, 1), (40, 0)],
)
def test_alt_counts_from_the_upper_limit(value, expected):
    term = "Alanine aminotransferase increased"
    assert grade(term, value, version="4", uln=40) == expected
    assert grade(term, value, version="5", uln=40, base=30) == expected
    assert grade(term, value, version="4") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(801, 4), (800, 3), (201, 3), (200, 2), (121, 2), (120, 1), (60, 1), (59, 0)],
)
def test_alt_counts_from_a_high_baseline_in_version_5(value, expected):
    term = "Alanine aminotransferase increased"
    assert grade(term, value, version="5", uln=39, base=40, base_high=True) == expected


def test_the_version_changes_a_grade():
    # ALT 59, upper limit 39, baseline 40: above the limit, below 1.5 x baseline
    known = {"uln": 39, "base": 40, "base_high": True}
    term = "Alanine aminotransferase increased"
    assert grade(term, 59, version="4", **known) == 1
    assert grade(term, 59, version="5", **known) == 0


@pytest.mark.parametrize(
    ("value", "base", "uln", "expected"),
    [
        (241, 241, 40, 4), (240, 230, 40, 3), (121, 120, 40, 3), (120, 119, 40, 2),
        (61, 60, 40, 2), (60, 60, 40, 1), (41, 41, 40, 1), (40, 40, 40, 0),
        (42, 6, 40, 3), (42, 13.9, 40, 3), (42, 14, 40, 2), (42.1, 28, 40, 2),
        (42, 42, None, None), (None, 0, 40, None),
    ],
)  # fmt: skip
@BOTH
def test_creatinine(version, value, base, uln, expected):
    assert grade("Creatinine increased", value, version=version, base=base, uln=uln) == expected


@pytest.mark.parametrize(
    ("value", "base", "expected"), [(42, 28, 1), (42, 41, 1), (42, 42, 0), (42, None, None)]
)
def test_creatinine_above_baseline_is_grade_1_in_version_4_only(value, base, expected):
    assert grade("Creatinine increased", value, version="4", base=base, uln=42) == expected
    if base != 28:
        assert grade("Creatinine increased", value, version="5", base=base, uln=42) == 0


@BOTH
@pytest.mark.parametrize(
    ("value", "expected"),
    [(401, 4), (400, 3), (201, 3), (200, 2), (101, 2), (100, 1), (41, 1), (40, 0)],
)
def test_creatine_kinase(version, value, expected):
    assert grade("CPK increased", value, version=version, uln=40) == expected


@BOTH
@pytest.mark.parametrize(
    ("term", "unit", "limits"),
    [
        # ncictcaev4 and ncictcaev5 of admiral: grade -> upper bound, itself outside
        ("Platelet count decreased", "10^9/L", {4: 25, 3: 50, 2: 75, 1: 150}),
        ("White blood cell decreased", "10^9/L", {4: 1, 3: 2, 2: 3, 1: 4}),
        ("Neutrophil count decreased", "10^9/L", {4: 0.5, 3: 1.0, 2: 1.5, 1: 1.8}),
        ("Lymphocyte count decreased", "10^9/L", {4: 0.2, 3: 0.5, 2: 0.8, 1: 1.0}),
        ("Hypoalbuminemia", "g/L", {3: 20, 2: 30, 1: 35}),
        ("Hypokalemia", "mmol/L", {4: 2.5, 3: 3.0, 2: 3.5}),
    ],
)
def test_low_bounds_are_strict(version, term, unit, limits):
    lln = limits[min(limits)]
    worst = max(limits)
    for number, limit in limits.items():
        below = grade(term, limit - 0.01, unit, version=version, lln=lln)
        at = grade(term, limit, unit, version=version, lln=lln)
        assert below == number
        assert at == (number - 1 if number > min(limits) else 0)
        assert at < below <= worst


@pytest.mark.parametrize(("gain", "expected"), [(4.99, 0), (5, 1), (10, 2), (20, 3), (-8, 0)])
def test_weight_gain(gain, expected):
    assert grade("Weight gain", gain, "%", version="4") == expected


def test_float_noise_does_not_change_a_grade():
    # 3 x 0.1 is 0.30000000000000004
    assert grade("CPK increased", 0.1 * 3 * 2.5, version="4", uln=0.3) == 1


@pytest.mark.parametrize(
    ("term", "value", "censored", "expected"),
    [
        ("CPK increased", 20, "<", 0),  # below 20 is below the limit of 40
        ("CPK increased", 60, "<", None),
        ("CPK increased", 401, ">", 4),
        ("CPK increased", 60, ">", None),
        ("Hypoalbuminemia", 19, "<", 3),
        ("Hypoalbuminemia", 25, "<", None),
        ("Hypoalbuminemia", 40, ">", 0),
    ],
)
def test_censored_values_are_graded_where_the_limit_decides(term, value, censored, expected):
    known = {"uln": 40, "lln": 35, "censored": censored}
    assert grade(term, value, "g/L", version="4", **known) == expected


def test_unknown_term_and_version():
    assert grade("Not a term", 80, "g/L", version="4", lln=120) is None
    assert grade(None, 60, "g/L", version="4", lln=50) is None
    with pytest.raises(ValueError, match="3, 4, 5"):
        grade("Anemia", 80, "g/L", version="2")
    assert versions() == ("3", "4", "5")
    assert terms("4")["Anemia"] == "low"


@given(st.floats(1, 300), st.floats(1, 300), st.sampled_from(["4", "5"]))
def test_less_haemoglobin_is_never_a_lower_grade(a, b, version):
    low, high = sorted((a, b))
    grades = [grade("Anemia", v, "g/L", version=version, lln=120) for v in (low, high)]
    assert grades[0] >= grades[1]


@BOTH
@pytest.mark.parametrize(
    ("term", "unit", "limits"),
    [
        # ncictcaev4 and ncictcaev5 of admiral: grade -> lower bound, itself outside
        ("Hyperkalemia", "mmol/L", {4: 7, 3: 6, 2: 5.5, 1: 5.1}),
        ("Hypernatremia", "mmol/L", {4: 160, 3: 155, 2: 150, 1: 145}),
        ("Hypercalcemia", "mmol/L", {4: 3.4, 3: 3.1, 2: 2.9, 1: 2.6}),
        ("Cholesterol high", "mmol/L", {4: 12.92, 3: 10.34, 2: 7.75, 1: 5.2}),
        ("Hemoglobin increased", "g/L", {3: 200, 2: 180, 1: 160}),  # limit, + 20, + 40 g/L
    ],
)
def test_high_bounds_are_strict(version, term, unit, limits):
    uln = limits[1]
    for number, limit in limits.items():
        assert grade(term, limit + 0.01, unit, version=version, uln=uln) == number
        assert grade(term, limit, unit, version=version, uln=uln) == number - 1


def test_sodium_differs_by_version():
    # version 4: <130 is grade 3; version 5: 125-129 is, and 129.5 is not
    known = {"unit": "mmol/L", "lln": 135}
    assert grade("Hyponatremia", 129.5, version="4", **known) == 3
    assert grade("Hyponatremia", 129.5, version="5", **known) == 1
    assert grade("Hyponatremia", 129, version="5", **known) == 3


def test_hemoglobin_above_a_high_baseline_in_version_4():
    known = {"unit": "g/L", "uln": 160, "base": 170, "base_high": True}
    assert grade("Hemoglobin increased", 170, version="4", **known) == 0
    assert grade("Hemoglobin increased", 191, version="4", **known) == 2
    assert grade("Hemoglobin increased", 191, version="5", **known) == 2  # 160 + 20 < 191


def test_the_baseline_itself_is_graded_by_its_range():
    # ALT 130 with a limit of 40: more than 3 x the limit, and 1.0 x itself
    known = {"version": "5", "uln": 40, "base": 130, "base_high": True}
    term = "Alanine aminotransferase increased"
    assert grade(term, 130, **known) == 0
    assert grade(term, 130, ranges_only=True, **known) == 2
    # version 4 asks creatinine for a baseline, but not of the baseline
    assert grade("Creatinine increased", 42, version="4", uln=42, ranges_only=True) == 0


@pytest.mark.parametrize(
    ("term", "unit", "limits"),
    [
        # CTCAE 3.0 as the NCI's reporting system holds it (NCIP/caaers, CTCAEv3Grades): grade ->
        # bound, itself outside; where versions 4 and 5 differ it says so
        ("Anemia", "g/L", {4: 65, 3: 80, 2: 100, 1: 120}),  # 4: no grade 4
        ("Anemia", "mmol/L", {4: 4.0, 3: 4.9, 2: 6.2, 1: 7.4}),
        ("Platelet count decreased", "10^9/L", {4: 25, 3: 50, 2: 75, 1: 150}),
        ("White blood cell decreased", "1/uL", {4: 1000, 3: 2000, 2: 3000, 1: 4000}),
        ("Neutrophil count decreased", "10^9/L", {4: 0.5, 3: 1.0, 2: 1.5, 1: 1.8}),
        ("Lymphocyte count decreased", "10^9/L", {4: 0.2, 3: 0.5, 2: 0.8, 1: 1.0}),
        ("Hypoalbuminemia", "g/dL", {3: 2, 2: 3, 1: 3.5}),
        ("Hypokalemia", "mmol/L", {4: 2.5, 3: 3.0, 1: 3.5}),  # 4: below the limit is 2
        ("Hyponatremia", "mmol/L", {4: 120, 3: 130, 1: 135}),
        ("Bicarbonate decreased", "mmol/L", {4: 8, 3: 11, 2: 16, 1: 22}),
        ("Glomerular filtration rate decreased", None, {3: 22.5, 2: 45, 1: 67.5}),  # of 90
    ],
)
def test_version_3_low(term, unit, limits):
    lln = 90 if term.startswith("Glom") else limits[1]
    grades = sorted(limits, reverse=True)
    for number, milder in zip(grades, [*grades[1:], 0], strict=True):
        limit = limits[number]
        assert grade(term, limit * 0.999, unit, version="3", lln=lln) == number
        assert grade(term, limit, unit, version="3", lln=lln) == milder


@pytest.mark.parametrize(
    ("term", "multiples"),
    [
        ("Alanine aminotransferase increased", {4: 20, 3: 5, 2: 2.5, 1: 1}),  # 4: 3 x
        ("Blood bilirubin increased", {4: 10, 3: 3, 2: 1.5, 1: 1}),
        ("CPK increased", {4: 10, 3: 5, 2: 2.5, 1: 1}),
        ("Creatinine increased", {4: 6, 3: 3, 2: 1.5, 1: 1}),
        ("Serum amylase increased", {4: 5, 3: 2, 2: 1.5, 1: 1}),  # PMC1524981 table 3 as well
        ("INR increased", {3: 2, 2: 1.5, 1: 1}),  # 4: 2.5 x
        ("Hypertriglyceridemia", {4: 10, 3: 5, 2: 2.5, 1: 1}),  # 4: mmol/L
    ],
)
def test_version_3_multiples_of_the_upper_limit(term, multiples):
    for number, multiple in multiples.items():
        assert grade(term, 40 * multiple + 0.01, version="3", uln=40) == number
        assert grade(term, 40 * multiple, version="3", uln=40) == number - 1


def test_version_3_has_no_baseline_and_every_row_a_source():
    rows = [r for r in table("ctcae_labs") if r["VERSION"] == "3"]
    assert len({r["TERM"] for r in rows}) == 41
    assert {r["BASELINE"] for r in rows} == {"any"}
    assert all(r["SOURCE"] for r in table("ctcae_labs"))
    # 60 g/L: life-threatening in version 3 by its number, in versions 4 and 5 only by a judgement
    grades = [grade("Anemia", 60, "g/L", version=v, lln=120) for v in "345"]
    assert grades == [4, 3, 3]


@BOTH
@pytest.mark.parametrize(
    ("term", "si", "us"),
    [
        ("Anemia", (79, "g/L"), (7.9, "g/dL")),
        ("Anemia", (99, "g/L"), (9.9, "g/dL")),
        ("Hypoalbuminemia", (19, "g/L"), (1.9, "g/dL")),
        ("Platelet count decreased", (49, "10^9/L"), (49_000, "1/uL")),
        ("Neutrophil count decreased", (0.9, "10^9/L"), (0.9, "10^3/uL")),
        ("Hypocalcemia", (1.7, "mmol/L"), (6.8, "mg/dL")),
        ("Hypercalcemia", (3.2, "mmol/L"), (12.8, "mg/dL")),
        ("Hypomagnesemia", (0.35, "mmol/L"), (0.85, "mg/dL")),
    ],
)
def test_us_conventional_units(version, term, si, us):
    known = {"version": version, "lln": 1e6, "uln": 0.0}
    assert grade(term, *si, **known) == grade(term, *us, **known) >= 2
    assert us[1] in units(term, version)


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        # below the limit of 2 g/L: 0.75, 0.5 and 0.25 x limit; falls of 25, 50 and 75 %
        (1.9, 1.9, (1, 1)), (1.49, 1.49, (2, 2)), (0.99, 0.99, (3, 3)), (0.499, 0.5, (4, 4)),
        (1.9, 2.6, (2, 2)), (1.9, 3.8, (3, 3)), (1.9, 7.6, (4, 4)),
        # not below the limit: a fall counts in version 4, and in version 5 only 'if abnormal'
        (2.5, 5.0, (3, 0)), (2.5, 2.6, (1, 0)), (2.5, 2.5, (0, 0)),
        (2.5, None, (None, 0)),
    ],
)  # fmt: skip
def test_fibrinogen_counts_a_fall_from_baseline(value, base, expected):
    found = [
        grade("Fibrinogen decreased", value, "g/L", version=v, lln=2.0, base=base) for v in "45"
    ]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("ph", "low", "high"), [(7.29, 3, 0), (7.3, 1, 0), (7.51, 0, 3), (7.5, 0, 1)]
)
def test_acidosis_and_alkalosis(ph, low, high):
    for version in "345":
        assert grade("Acidosis", ph, version=version, lln=7.35) == low
        assert grade("Alkalosis", ph, version=version, uln=7.45) == high


def test_a_high_baseline_is_told_from_its_limit():
    known = {"version": "5", "uln": 39, "base": 40}
    term = "Alanine aminotransferase increased"
    assert grade(term, 59, **known) == grade(term, 59, base_high=True, **known) == 0
    # the range of the baseline's own day may differ: what is said counts
    assert grade(term, 59, base_high=False, **known) == 1


def test_reading_of_criteria_in_r(tmp_path):
    # one criterion in the layout of admiral's: read as it stands, and with a bound changed
    row = {
        "TERM": "Anemia", "UNIT_CHECK": "g/L", "DIRECTION": "L",
        "GRADE_NA_CODE": "is.na(AVAL) ~ NA_character_",
        "GRADE_3_CODE": 'signif(AVAL, signif_dig) < 80 ~ "3"',
        "GRADE_2_CODE": 'signif(AVAL, signif_dig) < 100 ~ "2"',
        "GRADE_1_CODE": "is.na(ANRLO) ~ NA_character_, "
        'signif(AVAL, signif_dig) < signif(ANRLO, signif_dig) ~ "1"',
    }  # fmt: skip
    for name in admiral_grid.FILES:
        (tmp_path / f"{name}.json").write_text(json.dumps([row]), encoding="utf-8")
    found = admiral_grid.compare(tmp_path)
    assert [(r[3] > 1000, r[4]) for r in found] == [(True, 0)] * 4
    (tmp_path / "ncictcaev4.json").write_text(
        json.dumps([row | {"GRADE_3_CODE": row["GRADE_3_CODE"].replace("80", "81")}])
    )
    assert admiral_grid.compare(tmp_path)[0][4] > 0
