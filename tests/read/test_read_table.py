"""Tables of one row a record, and what intake says of files."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import describe_file, read_source

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402

LAB = (
    "Patient ; Date;Test;Result\n"
    "S01;30/04/2008;CRP;8.4\ns-2;01/05/2008;CRP;<0.6\nS01;02/05/2008;CRP;9\n"
)
SOURCE = {"format": "table", "file": "lab.csv", "subject": "patient"}
FIELDS = {
    "sample_date": {"source": "date", "type": "date"},
    "test": {"source": "test"},
    "result": {"source": "result"},
}


@pytest.fixture
def lab_study(make_study):
    def make(**source):
        return make_study({"lab": SOURCE | source}, {"lab": {"source": "lab", "fields": FIELDS}})

    return make


def test_rows_are_keyed_and_numbered_within_a_subject(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(LAB)
    forms, findings = read_source(lab_study(), "lab", tmp_path)
    assert forms["lab"].to_dict("list") == {
        "USUBJID": ["S01", "S02", "S01"],
        "VISIT": ["", "", ""],
        "INSTANCE": ["1", "1", "2"],
        "sample_date": ["30/04/2008", "01/05/2008", "02/05/2008"],
        "test": ["CRP"] * 3,
        "result": ["8.4", "<0.6", "9"],
        "SRCFILE": ["lab.csv"] * 3,
        "SRCLINE": ["2", "3", "4"],
    }
    (row,) = findings.to_dict("records")
    assert (row["RULE"], row["RAW"], row["VALUE"], row["SRCLINE"]) == (
        "subject_spelling",
        "s-2",
        "S02",
        "3",
    )


def test_a_spelling_used_throughout_is_told_once(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(LAB.replace("S01", "S-01").replace("s-2", "S-02"))
    findings = read_source(lab_study(), "lab", tmp_path)[1]
    assert list(findings["MESSAGE"]) == [
        "Subject id written in another form, in 2 rows",
        "Subject id written in another form",
    ]


def test_a_workbook_reads_as_the_text_does(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(LAB.replace("s-2", "S02"))
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("List")
    sheet.append(["Hospital laboratory"])
    sheet.append(["Patient", "Date", "Test", "Result"])
    for row in [
        ("S01", dt.date(2008, 4, 30), "CRP", 8.4),
        ("S02", dt.date(2008, 5, 1), "CRP", "<0.6"),
        ("S01", dt.date(2008, 5, 2), "CRP", 9),
    ]:
        sheet.append(row)
    book.save(tmp_path / "lab.xlsx")
    text = read_source(lab_study(), "lab", tmp_path)[0]["lab"]
    sheet = read_source(lab_study(file="lab.xlsx"), "lab", tmp_path)[0]["lab"]
    same = ["USUBJID", "INSTANCE", "test", "result"]
    pd.testing.assert_frame_equal(text[same], sheet[same])
    assert list(sheet["sample_date"]) == ["2008-04-30", "2008-05-01", "2008-05-02"]
    assert list(sheet["SRCLINE"]) == ["3", "4", "5"]
    with pytest.raises(InputErrors, match="Did you mean 'List'"):
        read_source(lab_study(file="lab.xlsx", options={"sheet": "Lists"}), "lab", tmp_path)


def test_a_text_file_named_xls_and_a_broken_workbook(lab_study, tmp_path):
    (tmp_path / "lab.xls").write_text(LAB.replace(";", "\t"))
    assert len(read_source(lab_study(file="lab.xls"), "lab", tmp_path)[0]["lab"]) == 3
    (tmp_path / "lab.xlsx").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(InputErrors, match="cannot be read as an Excel workbook"):
        read_source(lab_study(file="lab.xlsx"), "lab", tmp_path)


def test_columns_and_subjects_at_fault_are_told_together(lab_study, tmp_path):
    text = LAB.replace("Result", "Resultt").replace("s-2", "Ada Lovelace")
    (tmp_path / "lab.csv").write_text(text + ";03/05/2008;CRP;1\n")
    with pytest.raises(InputErrors) as caught:
        read_source(lab_study(), "lab", tmp_path)
    told = str(caught.value)
    assert "The column 'result' is missing. Did you mean 'Resultt'" in told
    assert "The column 'Resultt' is not known. Did you mean 'result'" in told
    assert "The subject id '[masked]' does not fit" in told and "Ada" not in told
    assert "1 row(s) have no subject" in told and "lab.csv, line 5, field Patient" in told


def test_a_swapped_letter_is_suggested(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(LAB.replace("s-2", "SO1"))
    with pytest.raises(InputErrors, match="Did you mean 'S01'"):
        read_source(lab_study(), "lab", tmp_path)


def test_columns_may_be_ignored_by_name(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(
        LAB.replace("Result\n", "Result;Ward\n").replace("4\n", "4;A\n")
    )
    text = (tmp_path / "lab.csv").read_text().replace("<0.6", "<0.6;B").replace("CRP;9", "CRP;9;C")
    (tmp_path / "lab.csv").write_text(text)
    with pytest.raises(InputErrors, match="'Ward' is not known"):
        read_source(lab_study(), "lab", tmp_path)
    forms = read_source(lab_study(options={"ignore": "ward"}), "lab", tmp_path)[0]
    assert "Ward" not in forms["lab"]


def test_unused_numbers_have_no_subject_in_a_restricted_list(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_text(LAB + ";;;x\n")
    lab = read_source(lab_study(restricted=True), "lab", tmp_path)[0]["lab"]
    assert list(lab["USUBJID"]) == ["S01", "S02", "S01", ""]


def test_several_files_of_a_source(lab_study, tmp_path):
    (tmp_path / "lab_2.csv").write_text(LAB)
    (tmp_path / "lab_1.csv").write_text(LAB.replace("s-2", "S02"))
    lab = read_source(lab_study(file="lab_*.csv"), "lab", tmp_path)[0]["lab"]
    assert list(lab["SRCFILE"].unique()) == ["lab_1.csv", "lab_2.csv"]
    assert list(lab.loc[lab["USUBJID"] == "S01", "INSTANCE"]) == ["1", "2", "3", "4"]
    with pytest.raises(InputErrors, match="No raw file matches"):
        read_source(lab_study(file="other_*.csv"), "lab", tmp_path)


def test_intake_describes_a_file(lab_study, tmp_path):
    (tmp_path / "lab.csv").write_bytes(LAB.replace("\n", "\r\n").encode("utf-8-sig"))
    row = describe_file(lab_study(), tmp_path / "lab.csv", tmp_path)
    assert row["sha256"] == hashlib.sha256((tmp_path / "lab.csv").read_bytes()).hexdigest()
    assert {k: row[k] for k in ("path", "kind", "source", "format", "encoding", "separator")} == {
        "path": "lab.csv",
        "kind": "table",
        "source": "lab",
        "format": "delimited table",
        "encoding": "UTF-8 with BOM CRLF",
        "separator": "semicolon",
    }
    assert (row["rows"], row["subjects"], row["verdict"]) == (3, 2, "ok")


def test_intake_tells_problems_and_strangers(lab_study, make_study, tmp_path):
    (tmp_path / "lab.csv").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "other.txt").write_text("x")
    study = lab_study()
    assert describe_file(study, tmp_path / "lab.csv", tmp_path)["verdict"] == "problems"
    other = describe_file(study, tmp_path / "other.txt", tmp_path)
    assert (other["kind"], other["verdict"]) == ("unknown", "not in the configuration")
    assay = make_study(
        {"lab": SOURCE},
        assays={
            "plate": {
                "label": "p",
                "files": "*.txt",
                "compartment": "SERUM",
                "scale": "linear",
                "method": "as_given",
            }
        },
    )
    row = describe_file(assay, tmp_path / "other.txt", tmp_path)
    assert (row["kind"], row["source"], row["verdict"]) == ("assay", "plate", None)


def test_a_workbook_reads_where_the_second_stream_is_closed(tmp_path):
    """As under a scheduler that closes it; what is opened meanwhile may then have its number."""
    (tmp_path / "a.xlsx").write_bytes(made.workbook({"s": [["Patient", "x"], ["S01", 1.5]]}))
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    told = """if True:
        import os, sys
        from sclerotrial.errors import InputErrors
        from sclerotrial.read.sheet import read_sheets
        os.close(2)
        print(read_sheets(open("a.xlsx", "rb").read(), "a.xlsx")[0][1].cells.loc[0, "x"])
        try:
            read_sheets(open("b.xlsx", "rb").read(), "b.xlsx")
        except InputErrors as error:
            print(error.problems[0].what)
    """
    run = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert run.stdout.splitlines() == ["1.5", "The file cannot be read as an Excel workbook"]
