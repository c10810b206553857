"""Real REDCap projects, read by configuration alone and counted by other means."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from sclerotrial.clean import clean_forms, queries
from sclerotrial.read import dictionaries, read_all
from sclerotrial.study import load

PROJECTS = [
    "longitudinal",
    "vignette-repeating",
    "repeating-instruments",
    "clinical-trial-1",
    "checkboxes-1",
    "decimal-comma",
    "simple",
    "survey",
]
SYSTEM = {
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_survey_identifier",
}
#: fields that identify a person in these projects, flagged there or not, as a person reads them
IDENTIFYING = re.compile(
    r"^(first_name|last_name|name_first|name_last|name|telephone.*|phone|email|dob|address|ec_phone"
    r"|next_of_kin_contact_(name|address|phone))$"
)


def project(realdata: Path, name: str) -> Path:
    folder = realdata / "a_crf" / "redcap_REDCapR" / name
    if not folder.is_dir():
        pytest.skip(f"{name} is absent")
    return folder


def run(folder: Path, tmp_path: Path):
    """Read and clean a project of which nobody here wrote a word."""
    dictionary = next(folder.glob("dict*.csv")).name
    (tmp_path / "study.yaml").write_text("study: {id: X, title: Somebody's project}\n")
    (tmp_path / "forms.yaml").write_text(
        "sources:\n  crf: {format: redcap, file: data.csv, forms: auto, "
        f"dictionary: {dictionary}}}\n"
    )
    study = load(tmp_path)
    crf, notes = read_all(study, folder)
    clean, findings = clean_forms(study, crf, dictionaries(study, folder))
    return crf, clean, queries.merge(notes, findings)


def count(folder: Path) -> tuple[Counter, Counter, dict[str, str]]:
    """Rows by form and filled cells by column, counted with csv alone; column -> form."""
    with next(folder.glob("dict*.csv")).open(newline="", encoding="utf-8") as f:
        fields = [(r[0], r[1], r[3]) for r in list(csv.reader(f))[1:] if r]
    with (folder / "data.csv").open(newline="", encoding="utf-8") as f:
        header, *rows = [r for r in csv.reader(f) if r]
    form_of = {name: form for name, form, _ in fields[1:]}
    boxes = {name for name, _, kind in fields if kind == "checkbox"}
    columns = {}
    for column in header:
        base = column.split("___")[0]
        if base in form_of and column not in SYSTEM:
            columns[column] = form_of[base]
        elif column.removesuffix("_timestamp") in form_of.values():  # of a survey
            columns[column] = column.removesuffix("_timestamp")
    records, cells = Counter(), Counter()
    for row in rows:
        filled = set()
        for column, cell in zip(header, row, strict=True):
            if column not in columns or not cell.strip():
                continue
            if cell != "[not completed]" and (column.split("___")[0] not in boxes or cell != "0"):
                filled.add(columns[column])
        for form in filled:
            records[form] += 1
            for column, cell in zip(header, row, strict=True):
                if columns.get(column) == form and cell.strip():
                    cells[column] += 1
    return records, cells, columns


@pytest.mark.parametrize("name", PROJECTS)
def test_rows_fields_and_cells_agree_with_an_independent_count(realdata, tmp_path, name):
    folder = project(realdata, name)
    crf, clean, _ = run(folder, tmp_path)
    records, cells, columns = count(folder)
    assert {form: len(frame) for form, frame in crf.items() if len(frame)} == dict(records)
    for form, frame in crf.items():
        own = [c for c, f in columns.items() if f == form and not IDENTIFYING.match(c)]
        assert list(frame.columns[3:-2]) == sorted(own, key=lambda c: c.endswith("_timestamp"))
        assert {c: int((frame[c] != "").sum()) for c in own} == {c: cells[c] for c in own}
        assert len(clean[form]) == len(frame)


@pytest.mark.parametrize("name", PROJECTS)
def test_no_identifying_text_leaves_the_reader(realdata, tmp_path, name):
    folder = project(realdata, name)
    crf, clean, table = run(folder, tmp_path)
    with (folder / "data.csv").open(newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    secret = {
        text
        for row in rows
        for column, text in row.items()
        if IDENTIFYING.match(column) and len(text) > 3
    }
    assert secret or name in ("vignette-repeating", "checkboxes-1")
    kept = [frame.drop(columns=["SRCFILE"]) for frame in (*crf.values(), *clean.values(), table)]
    said = {str(cell) for frame in kept for cell in frame.to_numpy().ravel()}
    # dates of birth may equal other dates of a project; they may not appear as a column
    assert not {s for s in secret if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", s)} & said
    assert not [c for frame in kept for c in frame.columns if IDENTIFYING.match(c)]


def test_two_arms_with_events(realdata, tmp_path):
    crf, clean, table = run(project(realdata, "longitudinal"), tmp_path)
    counts = {form: len(frame) for form, frame in crf.items()}
    assert counts == {
        "demographics": 3,
        "contact_info": 0,
        "baseline_data": 3,
        "visit_lab_data": 4,
        "patient_morale_questionnaire": 10,
        "visit_blood_workup": 4,
        "visit_observed_behavior": 6,
        "completion_data": 2,
        "completion_project_questionnaire": 3,
    }
    lab = clean["visit_lab_data"].set_index(["USUBJID", "VISIT"])
    assert lab.at[("100", "visit_2_arm_1"), "vld1"] == "0.423"  # written .423
    assert list(crf["baseline_data"]["SRCLINE"]) == list(crf["demographics"]["SRCLINE"])
    assert set(table["RULE"]) == {"undeclared_identifier", "form_incomplete"}


def test_repeating_instruments(realdata, tmp_path):
    crf, clean, table = run(project(realdata, "vignette-repeating"), tmp_path)
    assert {f: len(t) for f, t in crf.items()} == {
        "intake": 2,
        "blood_pressure": 6,
        "laboratory": 4,
        "image": 5,
    }
    pressure = clean["blood_pressure"]
    assert list(pressure["INSTANCE"]) == ["1", "2", "3"] * 2
    assert list(pressure["sbp"].astype(float)) == [1.1, 1.2, 1.3, 2.1, 2.2, 2.3]
    assert list(crf["blood_pressure"]["SRCLINE"]) == ["3", "4", "5", "11", "12", "13"]
    assert set(table["RULE"]) == {"form_incomplete"}


def test_a_mouse_is_not_130_cm_tall(realdata, tmp_path):
    """Soft limits of a dictionary raise a query and keep the value."""
    crf, clean, table = run(project(realdata, "simple"), tmp_path)
    assert list(crf["health"]["SRCLINE"]) == ["2", "4", "6", "8", "13"]  # addresses span lines
    assert crf["health"]["comments"].str.count("\n").tolist() == [0, 0, 0, 3, 2]
    told = table[table["RULE"] == "range"][["USUBJID", "FIELD", "RAW", "ACTION"]]
    assert told.to_numpy().tolist() == [
        ["1", "height", "7", "kept"],
        ["1", "weight", "1", "kept"],
        ["2", "height", "6", "kept"],
        ["2", "weight", "1", "kept"],
    ]
    assert list(clean["demographics"]["sex"]) == ["0", "1", "1", "0", "1"]  # TRUE and FALSE


def test_decimal_commas_follow_the_dictionary(realdata, tmp_path):
    _, clean, table = run(project(realdata, "decimal-comma"), tmp_path)
    frame = clean["demographics"]
    assert list(frame["height"]) == ["1.54", "1.84", "1.95", "1.61"]
    assert list(frame["weight"]) == ["52.3", "92.3", "123.4", "45.9"]
    assert list(frame["bmi"]) == ["22.1", "27.3", "32.5", "17.7"]
    assert list(table["FIELD"]) == ["height", "weight"]  # told once a column


def test_heights_agree_with_an_independent_mean(realdata, tmp_path):
    folder = project(realdata, "clinical-trial-1")
    _, clean, _ = run(folder, tmp_path)
    with (folder / "data.csv").open(newline="", encoding="utf-8") as f:
        heights = [float(r["height"]) for r in csv.DictReader(f) if r["height"]]
    own = clean["demographics"]["height"]
    assert len(own) == 500
    assert sum(float(h) for h in own if h) == pytest.approx(sum(heights))
