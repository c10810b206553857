"""The shipped trial: each planted error found or mended, nothing else asked, nothing lost."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest

from sclerotrial.clean import clean_forms, queries
from sclerotrial.clean.numbers import parse_number
from sclerotrial.read import dictionaries, read_all

#: planted kinds that need no query of the cleaner: a partial date that the form allows
SILENT = {"ae_partial_start"}


@pytest.fixture(scope="module")
def raw(root):
    folder = root / "data" / "raw"
    if not (folder / "redcap").is_dir():
        pytest.skip("the shipped raw exports are absent")
    return folder


@pytest.fixture(scope="module")
def defects(root):
    return json.loads((root / "data" / "answer_key.json").read_text(encoding="utf-8"))["defects"]


@pytest.fixture(scope="module")
def trial(shipped):
    """(forms as read, clean forms, query list)"""
    crf, notes, clean, findings = shipped
    return crf, clean, queries.merge(notes, findings)


def test_every_planted_error_is_found_or_mended(trial, defects):
    _, _, table = trial
    told = set(zip(table["SRCFILE"], table["SRCLINE"], strict=True))
    missed = [
        d["kind"]
        for d in defects
        if d["kind"] not in SILENT and (d["file"], str(d["line"])) not in told
    ]
    assert len(defects) >= 20 and not missed


def test_nothing_is_asked_where_nothing_is_wrong(trial, defects):
    _, _, table = trial
    planted = {(d["file"], str(d["line"])) for d in defects}
    whole_file = table["USUBJID"] == ""
    extra = [
        tuple(r)
        for r in table.loc[~whole_file, ["SRCFILE", "SRCLINE", "RULE"]].to_numpy()
        if tuple(r[:2]) not in planted
    ]
    # one event a patient is really written in two rows, where its grade changes
    assert [rule for *_, rule in extra] == ["event_split"]
    assert table.loc[whole_file, ["FIELD", "RULE"]].to_numpy().tolist() == [
        ["sample_date", "date_format"]
    ]


def test_mended_values_are_the_true_ones(trial, defects):
    _, clean, _ = trial
    by_line = {
        (f"{r['SRCFILE']}", r["SRCLINE"], name): r
        for name, frame in clean.items()
        for r in frame.to_dict("records")
    }

    def cell(kind, form, field):
        d = next(d for d in defects if d["kind"] == kind)
        return by_line[d["file"], str(d["line"]), form][field], d["truth"]

    for kind, form, field in [
        ("decimal_comma", "vitals", "weight"),
        ("haemoglobin_g_dl", "lab", "value"),
        ("crp_mg_dl", "lab", "value"),
        ("trailing_flag", "lab", "value"),
        ("mrss_total_disagrees", "mrss", "mrss_total"),
        ("date_in_other_form", "ssc_history", "raynaud_date"),
        ("subject_id_dash", "lab", "USUBJID"),
    ]:
        found, truth = cell(kind, form, field)
        assert found == truth, kind
    weight, truth = cell("weight_in_lb", "vitals", "weight")
    assert float(weight) == pytest.approx(float(truth), abs=0.05)
    for kind, form, field in [
        ("missing_code", "vitals", "pulse"),
        ("vas_out_of_range", "globals", "ptga_mm"),
        ("haq_half_score", "haq", "haq_hyg_2"),
        ("haemolysed", "lab", "value"),
    ]:
        assert cell(kind, form, field)[0] == "", kind


def test_rows_agree_with_an_independent_count(trial, raw):
    crf, clean, _ = trial
    with (raw / "redcap/IMSSC_DATA.csv").open(newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    for form, field in [("mrss", "mrss_date"), ("haq", "haq_date"), ("vitals", "vs_date")]:
        assert len(crf[form]) == sum(bool(r[field]) for r in rows)
    for form in ("adverse_events", "dosing", "concomitant_drugs"):
        assert len(crf[form]) == sum(r["redcap_repeat_instrument"] == form for r in rows)
    with (raw / "laboratory/hospital_lab_list.csv").open(newline="", encoding="cp1252") as f:
        lab = list(csv.DictReader(f, delimiter=";"))
    assert len(crf["lab"]) == len(lab) and len(clean["lab"]) == len(lab) - 1  # one row twice
    with (raw / "allocation/allocation_list.csv").open(newline="", encoding="utf-8") as f:
        listed = list(csv.DictReader(f))
    assert len(clean["allocation"]) == sum(bool(r["subject"].strip()) for r in listed)


def test_no_identifier_leaves_the_reader(trial, raw):
    crf, clean, table = trial
    names = ("first_name", "last_name", "initials", "birth_date", "mrn", "phone")
    with (raw / "redcap/IMSSC_DATA.csv").open(newline="", encoding="utf-8") as f:
        secret = {r[n] for r in csv.DictReader(f) for n in names if r[n]}
    frames = [*crf.values(), *clean.values(), table]
    assert len(secret) > 50
    assert not {str(c) for f in frames for c in f.to_numpy().ravel()} & secret
    assert not {c for f in frames for c in f.columns} & set(names)


def test_nothing_is_altered_without_a_finding(trial):
    """Every cell that differs from the export, but for the writing of a number, is told."""
    crf, clean, table = trial
    told = set(zip(table["SRCFILE"], table["SRCLINE"], table["FIELD"], strict=True))
    throughout = set(zip(table["FORM"], table["FIELD"], table["USUBJID"] == "", strict=True))
    silent = []
    for form, frame in clean.items():
        raw = crf[form].set_index(["SRCFILE", "SRCLINE"])
        for row in frame.to_dict("records"):
            before = raw.loc[(row["SRCFILE"], row["SRCLINE"])]
            for field in set(before.index) & set(row):
                old, new = before[field], row[field]
                if old == new or (
                    form == "lab" and field in ("test", "unit", "ref_low", "ref_high")
                ):
                    continue
                same = parse_number(old).value
                if same is not None and new and not parse_number(old).notes and float(new) == same:
                    continue
                if field == "collected" and old.replace(" ", "T") == new:
                    continue
                place = (row["SRCFILE"], row["SRCLINE"])
                parent = {"weight_unit": "weight", "flag": "result"}.get(field, field)
                if (*place, parent) not in told and (form, parent, True) not in throughout:
                    silent.append((form, field, *place))
    assert not silent


def test_cleaning_again_changes_nothing(study, raw, trial):
    _, clean, _ = trial
    again, _ = clean_forms(study, clean, dictionaries(study, raw))
    for form, frame in clean.items():
        pd.testing.assert_frame_equal(frame, again[form])


def test_the_same_export_again_leaves_every_query_open(study, raw, trial):
    _, _, table = trial
    crf, notes = read_all(study, raw)
    findings = clean_forms(study, crf, dictionaries(study, raw))[1]
    again = queries.merge(notes, findings, former=table)
    assert table["QUERYID"].is_unique and set(table["STATUS"]) == {"new"}
    assert set(again["STATUS"]) == {"open"}
    assert list(again["QUERYID"]) == list(table["QUERYID"])
