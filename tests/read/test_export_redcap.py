"""REDCap: labels, one file a form, project XML, groups and events, through the public entry."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import dictionaries, read_export, read_source
from sclerotrial.read.dictionary import read_dictionary
from sclerotrial.read.formats.redcap_labels import raw_header, unique_event

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402

LABELS = (
    "Record,Event Name,Repeat Instrument,Repeat Instance,First name,Birth,Consent,Sex,Complete?,"
    'Pulse,Organs (choice=Lung),"Organs (choice=Heart, right)",Organs (choice=None),Complete?,'
    "Term,Remark,Complete?\n"
    "S01,Screening,,,Ada,1960-02-29,2008-02-28,Female,Complete,71,Checked,Unchecked,Unchecked,"
    "Complete,,,\n"
    "S01,Logs,Events,1,,,,,,,Unchecked,Unchecked,Unchecked,,headache,"
    '"two\nlines",Complete\n'
    "S01,Logs,Events,2,,,,,,,Unchecked,Unchecked,Unchecked,,nausea,,Complete\n"
    "S02,Screening,,,Bob,1970-05-01,2008-05-01,Male,Complete,,Unchecked,Unchecked,Unchecked,"
    "Incomplete,,,\n"
)
EVENTS = "event_name,arm_num,unique_event_name\nScreening,1,screening_arm_1\nLogs,1,logs_arm_1\n"


def tables(found) -> dict[str, list]:
    return {n: t.rows.drop(columns="SRCFILE").to_numpy().tolist() for n, t in found.tables.items()}


def test_an_export_with_labels_gives_what_the_raw_one_gives(crf_files):
    folder = crf_files()
    (folder / "labels.csv").write_text(LABELS, encoding="utf-8")
    options = {"dictionary": folder / "dictionary.csv"}
    raw = read_export(folder / "data.csv", **options)
    labels = read_export(folder / "labels.csv", **options)
    assert tables(raw) == tables(labels)
    assert (raw.format, labels.format) == ("REDCap raw export", "REDCap export with labels")
    assert (raw.rows, raw.fields) == (labels.rows, labels.fields) == (4, 17)


def test_raw_names_with_labels_in_the_cells(crf_files, crf_text):
    folder = crf_files()
    head = crf_text[0].split("\n")[0]
    mixed = head + "\n" + LABELS.split("\n", 1)[1]
    (folder / "mixed.csv").write_text(mixed, encoding="utf-8")
    options = {"dictionary": folder / "dictionary.csv"}
    assert tables(read_export(folder / "mixed.csv", **options)) == tables(
        read_export(folder / "data.csv", **options)
    )


def test_labels_through_the_configuration(crf_study, crf_files, crf_text):
    raw = read_source(crf_study, "crf", crf_files())[0]
    forms, findings = read_source(crf_study, "crf", crf_files(LABELS))
    assert {n: t.to_csv() for n, t in forms.items()} == {n: t.to_csv() for n, t in raw.items()}
    assert "labels" in set(findings["RULE"])
    assert "Ada" not in findings.to_csv()


def test_unique_names_of_events():
    assert unique_event("Enrollment (Arm 2: Drug B)") == "enrollment_arm_2"
    assert (
        unique_event("Deadline to opt out of study (Arm 2: Drug B)") == "deadline_to_opt_ou_arm_2"
    )
    assert unique_event("Visit 1") == "visit_1_arm_1"


def test_events_by_their_file(crf_files):
    folder = crf_files()
    (folder / "events.csv").write_text(EVENTS.replace("logs_arm_1", "logbook_arm_1"))
    (folder / "labels.csv").write_text(LABELS, encoding="utf-8")
    found = read_export(
        folder / "labels.csv", dictionary=folder / "dictionary.csv", events=folder / "events.csv"
    )
    assert set(found.tables["events"].rows["EVENT"]) == {"logbook_arm_1"}
    about = read_export(folder / "events.csv")
    assert (about.format, about.rows, about.tables) == ("REDCap events", 2, {})


def test_a_header_of_labels_follows_the_order_of_the_dictionary(crf_files):
    dictionary = read_dictionary(crf_files() / "dictionary.csv", "d")
    header = next(csv.reader(io.StringIO(LABELS)))
    told = raw_header(header, dictionary)
    assert [t for t in told if t.endswith("_complete")] == [
        "demo_complete",
        "vitals_complete",
        "events_complete",
    ]
    assert raw_header(["record_id", "sex", "pulse"], dictionary) is None


def split_by_form(text: str, wanted: tuple[str, ...]) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    keys = [0, 1, 2, 3]
    own = [i for i, h in enumerate(rows[0]) if h.startswith(wanted)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [[row[i] for i in (*keys, *own)] for row in rows]
    )
    return out.getvalue()


def test_one_file_a_form(crf_study, crf_files, crf_text):
    whole = read_source(crf_study, "crf", crf_files())[0]
    folder = crf_files()
    (folder / "data.csv").unlink()
    parts = {
        "demo": ("first_name", "birth_date", "consent_date", "sex", "demo_"),
        "vitals": ("pulse", "organs", "vitals_"),
        "events": ("term", "remark", "events_"),
    }
    for name, wanted in parts.items():
        (folder / f"part_{name}.csv").write_text(split_by_form(crf_text[0], wanted))
    source = crf_study.forms.sources["crf"].model_copy(update={"file": "part_*.csv"})
    forms = crf_study.forms.model_copy(update={"sources": {"crf": source}})
    study = crf_study.model_copy(update={"forms": forms})
    apart = read_source(study, "crf", folder)[0]
    for name, table in whole.items():
        ends = ["SRCFILE", "SRCLINE"]  # a remark of two lines is in one of the files only
        assert apart[name].drop(columns=ends).to_csv() == table.drop(columns=ends).to_csv()
        assert set(apart[name]["SRCFILE"]) <= {f"part_{name}.csv"}
    (folder / "part_more.csv").write_text(split_by_form(crf_text[0], parts["vitals"]))
    with pytest.raises(InputErrors, match="has the same record of vitals in another file"):
        read_source(study, "crf", folder)


def test_an_instrument_that_nobody_exported_is_told(crf_study, crf_files, crf_text):
    wanted = (
        "first_name",
        "birth_date",
        "consent_date",
        "sex",
        "demo_",
        "term",
        "remark",
        "events_",
    )
    forms, findings = read_source(crf_study, "crf", crf_files(split_by_form(crf_text[0], wanted)))
    assert len(forms["demo"]) == 2 and len(forms["vitals"]) == 0
    assert list(findings.loc[findings["RULE"] == "instrument_absent", "FORM"]) == ["vitals"]


def test_groups_and_time_stamps_stay_with_the_form(tmp_path, crf_files):
    folder = crf_files()
    (folder / "g.csv").write_text(
        "record_id,redcap_data_access_group,demo_timestamp,sex,demo_complete\n"
        "S01,north,2020-01-01 10:00,1,2\nS02,south,[not completed],,0\n"
    )
    table = read_export(folder / "g.csv", dictionary=folder / "dictionary.csv").tables["demo"]
    assert table.fields == ["redcap_data_access_group", "sex", "demo_timestamp", "demo_complete"]
    assert table.system == {"redcap_data_access_group", "demo_timestamp", "demo_complete"}
    assert list(table.rows["redcap_data_access_group"]) == ["north"]


# --- project XML ----------------------------------------------------------------------------------


def test_project_xml(tmp_path):
    (tmp_path / "p.xml").write_text(made.REDCAP_XML)
    found = read_export(tmp_path / "p.xml")
    assert (found.format, found.version) == ("REDCap project XML (CDISC ODM)", "1.3.1 13.1.0")
    assert (found.rows, found.fields, found.cells) == (3, 8, 10)
    assert found.dictionary.missing == {"-99": "Not done", "UNK": "Unknown"}
    assert list(found.dictionary.fields) == ["record_id", "first_name", "sex", "organs", "term"]
    assert found.dictionary.fields["organs"].choices == {"1": "Lung", "2": "Heart, right"}
    events = found.tables["events"]
    assert list(events.rows["INSTANCE"]) == ["1", "2"]
    assert events.where(1, "term") == (
        "p.xml, line 53, key SubjectKey=S01/StudyEventOID=Event.logs_arm_1"
        "/FormOID=Form.events[2]/term"
    )
    assert "Zwentibold" not in "".join(t.rows.to_csv() for t in found.tables.values())


def test_project_xml_by_configuration_alone(make_study, tmp_path):
    (tmp_path / "p.xml").write_text(made.REDCAP_XML)
    study = make_study(
        {"crf": {"format": "auto", "file": "p.xml", "forms": "auto"}},
        visits=[{"avisit": "Screening", "avisitn": 0, "event": "screening_arm_1"}],
    )
    forms, _ = read_source(study, "crf", tmp_path)
    assert list(forms) == ["demo", "events"]
    assert forms["demo"][["USUBJID", "VISIT", "sex", "SRCLINE"]].to_numpy().tolist() == [
        ["S01", "Screening", "2", "46"]
    ]
    assert list(forms["events"]["term"]) == ["headache", "nausea"]
    assert dictionaries(study, tmp_path)["crf"].by_column("demo")["sex"].choices["2"] == "Female"


def test_project_xml_as_the_dictionary_of_a_csv(tmp_path):
    (tmp_path / "p.xml").write_text(made.REDCAP_XML)
    (tmp_path / "d.csv").write_text(
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,first_name,"
        "sex,organs___1,organs___2,demo_complete,term,events_complete\n"
        "S01,screening_arm_1,,,Zwentibold,2,1,0,2,,\n"
        "S01,logs_arm_1,events,1,,,,,,headache,2\nS01,logs_arm_1,events,2,,,,,,nausea,0\n"
    )
    one = read_export(tmp_path / "p.xml")
    other = read_export(tmp_path / "d.csv", dictionary=tmp_path / "p.xml")
    for name, table in one.tables.items():
        ends = ["SRCFILE", "SRCLINE"]
        assert table.rows.drop(columns=ends).equals(other.tables[name].rows.drop(columns=ends))


def test_definitions_alone_are_no_data(make_study, tmp_path):
    start, end = made.REDCAP_XML.index("<ClinicalData"), made.REDCAP_XML.index("</ODM>")
    (tmp_path / "p.xml").write_text(made.REDCAP_XML[:start] + made.REDCAP_XML[end:])
    assert read_export(tmp_path / "p.xml").tables == {}
    study = make_study({"crf": {"file": "p.xml", "forms": "auto"}})
    with pytest.raises(InputErrors, match="no data, only definitions"):
        read_source(study, "crf", tmp_path)


@pytest.mark.parametrize("sheet", ["data", "labelled workbook"])
def test_an_export_that_excel_saved_as_a_workbook(crf_study, crf_files, crf_text, sheet):
    """The same forms, with the rows of the sheet as lines; a second sheet is told.

    What the sheet is called says nothing of what is in it: they are no labels.
    """
    rows = list(csv.reader(io.StringIO(crf_text[0])))
    rows = [[c if not c.isdigit() else int(c) for c in r] for r in rows]
    folder = crf_files()
    plain = read_source(crf_study, "crf", folder)[0]
    book = made.workbook({"notes": [["of the study nurse"]], sheet: rows})
    (folder / "data.csv").write_bytes(book)
    forms, findings = read_source(crf_study, "crf", folder)
    for name, table in plain.items():
        pd.testing.assert_frame_equal(
            forms[name].drop(columns="SRCLINE"), table.drop(columns="SRCLINE")
        )
    assert list(forms["events"]["SRCLINE"]) == ["3", "4"]
    told = findings.loc[findings["RULE"] == "workbook", "MESSAGE"].item()
    assert told == (
        f"saved as a workbook: its sheet {sheet!r} is read; others are passed over: notes"
    )
    assert "labels" not in set(findings["RULE"])
    found = read_export(folder / "data.csv", dictionary=folder / "dictionary.csv")
    assert (found.format, found.rows) == ("REDCap raw export", 4)
