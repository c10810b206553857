"""Barcodes against the manifest: exact, never guessed."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.assays import samples
from sclerotrial.errors import InputErrors


def readings(*names, task="SAMPLE"):
    lines = [str(i + 1) for i in range(len(names))]
    return pd.DataFrame({"SAMPLE": list(names), "TASK": task, "FILE": "p.csv", "LINE": lines})


def test_match(manifest):
    got, rows = samples.match(readings("IM01-BL-S", "IM01-BL-S"), manifest("IM01-BL-S"), "SERUM")
    assert got[["SAMPLE", "USUBJID", "AVISIT"]].to_numpy().tolist() == [
        ["IM01-BL-S", "IM01", "Baseline"]
    ]
    assert rows == []


def test_standards_are_never_matched(manifest):
    plate = pd.concat([readings("Standard1", task="STANDARD"), readings("NTC", task="NTC")])
    got, _ = samples.match(plate, manifest("IM01-BL-S"), "SERUM")
    assert got.empty


def test_unknown_barcode_is_suggested_not_guessed(manifest):
    with pytest.raises(InputErrors) as refused:
        samples.match(
            readings("IM01-BL-S", "IM02-BLS"), manifest("IM01-BL-S", "IM02-BL-S"), "SERUM"
        )
    assert len(refused.value.problems) == 1
    assert "Did you mean 'IM02-BL-S'" in refused.value.problems[0].what
    assert refused.value.problems[0].where == "p.csv, line 2"


def test_a_suggestion_prefers_what_differs_in_case_and_marks_alone(manifest):
    book = manifest("IM05-M6-S", "IM05-M3-S", "IM03-BL-S")
    with pytest.raises(InputErrors) as refused:
        samples.match(readings("im05_m6_s", "IM-03-BL-S"), book, "SERUM")
    assert [p.what.partition(". ")[2] for p in refused.value.problems] == [
        "Did you mean 'IM05-M6-S'?", "Did you mean 'IM03-BL-S'?"
    ]  # fmt: skip


def test_the_manifest_of_another_plate_is_one_problem(manifest):
    """Six or more are told as a sum, with the first three; five one by one."""
    book = manifest(*(f"XY0{i}-BL-S" for i in range(1, 8)))
    plate = readings("XY07-BL-S", *(f"IM0{i}-BL-S" for i in range(1, 7)))
    with pytest.raises(InputErrors) as refused:
        samples.match(plate, book, "SERUM")
    (one,) = refused.value.problems
    assert one.what == (
        "6 of 7 samples are not in the manifest: 'IM01-BL-S', 'IM02-BL-S', 'IM03-BL-S' and 3 more."
        " Did you mean 'XY01-BL-S' or 'XY07-BL-S'?"
    )
    assert one.where == "p.csv"
    with pytest.raises(InputErrors) as refused:
        samples.match(plate.iloc[:6], book, "SERUM")
    assert len(refused.value.problems) == 5


def test_plasma_in_place_of_serum_is_one_problem(manifest):
    names = [f"IM0{i}-BL-S" for i in range(1, 9)]
    with pytest.raises(InputErrors) as refused:
        samples.match(readings(*names), manifest(*names, compartment="PLASMA"), "SERUM")
    (one,) = refused.value.problems
    assert one.what == (
        "8 samples are PLASMA in the manifest, the assay measures SERUM: 'IM01-BL-S', 'IM02-BL-S', "
        "'IM03-BL-S' and 5 more"
    )


def test_a_name_in_place_of_a_barcode_is_not_shown(manifest):
    with pytest.raises(InputErrors) as refused:
        samples.match(readings("Jane Doe"), manifest("IM01-BL-S"), "SERUM")
    assert "Jane" not in str(refused.value)


def test_all_problems_are_told_at_once(manifest):
    book = pd.concat(
        [
            manifest("A-1", "A-1"),
            manifest("A-2", compartment="SKIN"),
            manifest("A-3", visit="Mnth 3"),
        ]
    )
    with pytest.raises(InputErrors) as refused:
        samples.match(readings("A-1", "A-2", "A-3", "X-9"), book, "SERUM", ["Baseline", "Month 3"])
    text = str(refused.value)
    assert len(refused.value.problems) == 4
    for part in ("more than once", "is SKIN in the manifest", "Did you mean 'Month 3'", "'X-9'"):
        assert part in text


@pytest.mark.parametrize(
    ("change", "check", "doubt"),
    [
        ({"freeze_thaw": "2"}, "freeze_thaw", False),
        ({"quality": "hemolysed"}, "sample_quality", True),
        ({"quality": "Haemolysed"}, "sample_quality", True),
        ({"quality": "Good"}, None, False),
    ],
)
def test_doubts(manifest, change, check, doubt):
    got, rows = samples.match(readings("A-1"), manifest("A-1", **change), "SERUM")
    assert [r["CHECK"] for r in rows] == ([check] if check else [])
    assert got["DOUBT"].tolist() == [doubt]


def test_twins_and_missing_tubes(manifest):
    book = pd.concat([manifest("A-1", "A-2", "A-3"), manifest("A-4", compartment="SKIN")])
    _, rows = samples.match(readings("A-1", "A-2"), book, "SERUM")
    found = [(r["CHECK"], r["SAMPLE"]) for r in rows]
    assert found == [
        ("sample_duplicate", "A-1"), ("sample_duplicate", "A-2"), ("sample_missing", "A-3"),
    ]  # fmt: skip
    assert samples.tally(readings("A-1", "A-4", "B"), book, "SERUM") == (1, 2)
