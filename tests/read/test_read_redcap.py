"""REDCap exports: forms, keys, columns, faults."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_all, read_source
from sclerotrial.read.dictionary import checkbox_suffix, parse_choices, read_dictionary


def read(study, folder):
    return read_source(study, "crf", folder)[0]


def problems(study, folder) -> str:
    with pytest.raises(InputErrors) as caught:
        read_source(study, "crf", folder)
    assert all(p.what and p.where and p.todo for p in caught.value.problems)
    return str(caught.value)


def test_forms_keys_and_lines(crf_study, crf_files):
    forms = read(crf_study, crf_files())
    assert list(forms) == ["demo", "vitals", "events"]
    assert forms["demo"].to_dict("list") == {
        "USUBJID": ["S01", "S02"],
        "VISIT": ["Screening", "Screening"],
        "INSTANCE": ["", ""],
        "consent_date": ["2008-02-28", "2008-05-01"],
        "sex": ["2", "1"],
        "age": ["47", "38"],
        "SRCFILE": ["data.csv", "data.csv"],
        "SRCLINE": ["2", "6"],  # the record at line 3 spans two lines
    }
    assert forms["events"][
        ["VISIT", "INSTANCE", "term", "remark", "SRCLINE"]
    ].to_numpy().tolist() == [
        ["logs_arm_1", "1", "headache", "two\nlines", "3"],
        ["logs_arm_1", "2", "nausea", "", "5"],
    ]


def test_unchecked_boxes_alone_make_no_record(crf_study, crf_files):
    vitals = read(crf_study, crf_files())["vitals"]
    assert list(vitals["USUBJID"]) == ["S01"]
    assert list(vitals.columns[3:-2]) == ["pulse", "organs___1", "organs___2", "organs____9"]


def test_an_identifier_alone_makes_a_record_but_leaves_no_text(crf_study, crf_files, crf_text):
    data = crf_text[0].replace("Bob,1970-05-01,2008-05-01,1", "Bob,,,")
    demo = read(crf_study, crf_files(data))["demo"]
    assert list(demo["USUBJID"]) == ["S01", "S02"]
    assert "Bob" not in demo.to_csv()


def test_unknown_and_missing_columns_with_a_suggestion(crf_study, crf_files, crf_text):
    told = problems(crf_study, crf_files(crf_text[0].replace(",pulse,", ",pulss,")))
    assert "The column 'pulss' is not in the data dictionary. Did you mean 'pulse'?" in told
    assert "The field 'pulse' of the data dictionary is not in the export" in told
    assert "data.csv, line 1, field pulss" in told


def test_an_export_with_labels_is_one_problem(crf_study, crf_files, crf_text):
    labels = ",".join(f"Label {i}" for i in range(17))
    told = problems(crf_study, crf_files(crf_text[0].replace(crf_text[0].split("\n")[0], labels)))
    assert "export with labels" in told and told.count("where:") == 1


def test_an_export_without_identifiers_is_welcome(crf_study, crf_files, crf_text):
    rows = list(csv.reader(io.StringIO(crf_text[0])))
    drop = [rows[0].index(n) for n in ("first_name", "birth_date")]
    out = io.StringIO()
    csv.writer(out).writerows([[c for i, c in enumerate(r) if i not in drop] for r in rows])
    demo = read(crf_study, crf_files(out.getvalue()))["demo"]
    assert "age" not in demo and len(demo) == 2


def test_a_visit_entered_twice_names_both_lines(crf_study, crf_files, crf_text):
    data = crf_text[0] + "s-2,screening_arm_1,,,Bob,1970-05-01,2008-05-01,2,2,,0,0,0,0,,,\n"
    told = problems(crf_study, crf_files(data))
    assert "Subject S02 has the same visit twice (Screening): lines 6 and 7 both hold demo" in told


def test_a_repeated_instance_twice_is_a_problem_too(crf_study, crf_files, crf_text):
    told = problems(crf_study, crf_files(crf_text[0].replace("events,2", "events,1")))
    assert "lines 3 and 5 both hold events" in told


def test_a_repeat_row_with_values_of_another_form(crf_study, crf_files, crf_text):
    told = problems(
        crf_study, crf_files(crf_text[0].replace("events,2,,,,,,,0", "events,2,,,,,,80,0"))
    )
    assert "holds values of 'vitals'" in told and "line 5" in told


def test_everything_wrong_is_told_in_one_pass(crf_study, crf_files, crf_text):
    data = (
        crf_text[0]
        .replace("S02,screening", "X2,screening")
        .replace(",events,2,", ",evnts,two,")
        .replace("vitals_complete", "vitals_complet")
    )
    told = problems(crf_study, crf_files(data))
    assert "The subject id 'X2' does not fit" in told and "line 6, field record_id" in told
    assert "'evnts' is not in the data dictionary. Did you mean 'events'?" in told
    assert "no whole number as its instance" in told
    assert "Did you mean 'vitals_complete'" in told


def test_problems_of_all_sources_are_raised_together(make_study, tmp_path):
    study = make_study(
        {
            "crf": {"format": "redcap", "file": "a.csv", "dictionary": "d.csv", "forms": "auto"},
            "lab": {"format": "table", "file": "b.csv", "subject": "patient"},
            "odd": {"format": "tabel", "file": "c.csv"},
        }
    )
    with pytest.raises(InputErrors) as caught:
        read_all(study, tmp_path)
    wheres = [p.where for p in caught.value.problems]
    assert wheres == ["d.csv", "a.csv", "b.csv", "forms.yaml, key sources.odd.format"]
    assert "Did you mean 'table'?" in str(caught.value)


def test_no_records_and_no_dictionary(crf_study, crf_files, crf_text, make_study):
    assert "no records" in problems(crf_study, crf_files(crf_text[0].split("\n")[0] + "\n"))
    study = make_study({"crf": {"format": "redcap", "file": "data.csv", "forms": "auto"}})
    assert "needs its data dictionary" in problems(study, crf_files())


def test_a_form_of_an_unknown_instrument(crf_files, make_study):
    study = make_study(
        {"crf": {"format": "redcap", "file": "data.csv", "dictionary": "dictionary.csv"}},
        {"vs": {"source": "crf", "instrument": "vital"}},
    )
    assert "Did you mean 'vitals'?" in problems(study, crf_files())


def test_configured_forms_only(crf_files, make_study):
    study = make_study(
        {"crf": {"format": "redcap", "file": "data.csv", "dictionary": "dictionary.csv"}},
        {"vs": {"source": "crf", "instrument": "vitals"}},
    )
    assert list(read(study, crf_files())) == ["vs"]


def test_choices_and_checkbox_columns():
    assert parse_choices("1, Lung | 2, Heart, right|-9, None |") == {
        "1": "Lung",
        "2": "Heart, right",
        "-9": "None",
    }
    assert [checkbox_suffix(c) for c in ("1", "-9", "A")] == ["1", "_9", "a"]


def test_the_dictionary_of_the_api_is_read_too(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        "field_name,form_name,field_type,select_choices_or_calculations,identifier\n"
        'id,a,text,,\nsex,a,radio,"0, F | 1, M",y\n'
    )
    dictionary = read_dictionary(path, "d.csv")
    assert dictionary.record_id == "id"
    assert dictionary.fields["sex"].choices == {"0": "F", "1": "M"}
    assert dictionary.fields["sex"].identifier


def test_every_fault_of_a_dictionary_is_told(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        "field_name,form_name,field_type,select_choices_or_calculations\n"
        "id,a,text,\nid,a,text,\nx,a,radoi,\ny,a,checkbox,\nz,,text,\n"
    )
    with pytest.raises(InputErrors) as caught:
        read_dictionary(path, "d.csv")
    told = str(caught.value)
    for line, word in [(3, "stands twice"), (4, "'radio'"), (5, "lists no choice"), (6, "no form")]:
        assert word in told and f"line {line}" in told


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None
)
@given(
    columns=st.permutations(range(16)),
    rows=st.permutations(range(4)),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    separator=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_reading_does_not_depend_on_order_quoting_encoding_or_line_ends(
    crf_study, crf_files, crf_text, columns, rows, quoting, separator, end, codec
):
    table = list(csv.reader(io.StringIO(crf_text[0].replace("headache", "fièvre"))))
    order = [0, *(c + 1 for c in columns)]
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n").writerow
    write([table[0][c] for c in order])
    for r in rows:
        write([table[r + 1][c] for c in order])
    plain = read(crf_study, crf_files(crf_text[0].replace("headache", "fièvre")))
    other = read(crf_study, crf_files(out.getvalue().replace("\n", end).encode(codec)))
    keys = ["USUBJID", "VISIT", "INSTANCE"]
    for form, frame in plain.items():
        pd.testing.assert_frame_equal(
            frame.drop(columns="SRCLINE").sort_values(keys, ignore_index=True),
            other[form].drop(columns="SRCLINE").sort_values(keys, ignore_index=True),
        )


def test_an_export_without_events_is_no_visit_twice(crf_study, crf_files, crf_text):
    lines = [line.split(",") for line in crf_text[0].replace('"two\nlines"', "").splitlines()]
    data = "".join(",".join(cells[:1] + cells[2:]) + "\n" for cells in lines)
    told = problems(crf_study, crf_files(data))
    assert "The export has no column 'redcap_event_name'" in told
    assert "twice" not in told


def test_an_export_without_birth_dates_says_that_age_is_missing(crf_study, crf_files, crf_text):
    data = crf_text[0].replace("birth_date,", "").replace("1960-02-29,", "")
    data = data.replace("1970-05-01,2008", "2008").replace("1,,,,,,,0", "1,,,,,,0")
    data = data.replace("2,,,,,,,0", "2,,,,,,0")
    forms, findings = read_source(crf_study, "crf", crf_files(data))
    assert "age" not in forms["demo"]
    (told,) = findings[findings["RULE"] == "age_none"].to_dict("records")
    assert (told["FORM"], told["FIELD"]) == ("demo", "birth_date")


def test_time_stamps_of_surveys_stand_behind_the_fields(crf_study, crf_files, crf_text):
    """A survey that was sent is a record even where nothing was answered; one begun is none."""
    header, *rows = csv.reader(io.StringIO(crf_text[0]))
    stamps = ["2008-02-28 10:15", "", "", "[not completed]"]
    rows = [[*row, stamp] for row, stamp in zip(rows, stamps, strict=True)]
    for subject, stamp in (("S03", "2008-06-01 09:00"), ("S04", "[not completed]")):
        rows.append([subject, "screening_arm_1", *[""] * (len(header) - 2), stamp])
    text = io.StringIO()
    csv.writer(text).writerows([[*header, "demo_timestamp"], *rows])
    forms, findings = read_source(crf_study, "crf", crf_files(text.getvalue()))
    demo = forms["demo"]
    assert list(demo.columns)[-5:-2] == ["sex", "demo_timestamp", "age"]
    assert demo[["USUBJID", "demo_timestamp"]].to_numpy().tolist() == [
        ["S01", "2008-02-28 10:15"], ["S02", "[not completed]"], ["S03", "2008-06-01 09:00"],
    ]  # fmt: skip
    empty = findings[findings["RULE"] == "record_empty"]
    assert list(empty["USUBJID"]) == ["S04"]
