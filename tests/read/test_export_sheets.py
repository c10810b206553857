"""Workbooks in Excel's XML of 2003, of OpenDocument, and web pages under the name of one."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_export, read_source
from sclerotrial.read.sheet import cell_text, read_sheets
from sclerotrial.read.sheeterrors import errors_of
from sclerotrial.read.sheetxml import XmlBook, is_xml_book

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402
import sheets  # noqa: E402

ROWS = [
    ["Weights of the trial"],
    ["Patient", "weight", "vs_date", "seen", "smokes", "note"],
    ["S01", 70.5, dt.datetime(2008, 4, 30), dt.datetime(2008, 4, 30, 10, 5), True, "a < b & c"],
    ["S02", 3.1400000000000001, None, dt.datetime(2008, 5, 1, 23, 59, 59), False, "x\ny"],
    [],
    ["S03", 275001, dt.datetime(2008, 5, 2), None, None, None],
]


def test_the_xml_of_2003_reads_as_the_xlsx_does(tmp_path):
    """Cell by cell, with the rows of the sheet and a second, hidden sheet."""
    given = {"Vitals": ROWS, "Other": [["Patient", "x"], ["S01", 1]]}
    hidden = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    (tmp_path / "a.xlsx").write_bytes(made.workbook(given))
    (tmp_path / "a.xls").write_text(sheets.xml_2003(given, hidden))
    new, old = read_export(tmp_path / "a.xlsx"), read_export(tmp_path / "a.xls")
    assert (old.format, list(old.tables)) == ("Excel workbook (XML of 2003)", ["Vitals", "Other"])
    assert list(old.tables["Vitals"].rows["SRCLINE"]) == ["3", "4", "6"]
    for name, table in new.tables.items():
        theirs = old.tables[name].rows.drop(columns="SRCFILE")
        pd.testing.assert_frame_equal(theirs, table.rows.drop(columns="SRCFILE"))
    assert old.tables["Vitals"].rows.iloc[0, 3:9].tolist() == [
        "S01", "70.5", "2008-04-30", "2008-04-30 10:05:00", "TRUE", "a < b & c"
    ]  # fmt: skip
    assert old.notes == new.notes


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_prefixes(tmp_path, codec):
    text = sheets.xml_2003({"Vitals": [["Patient", "drug"], ["S01", "5 µg"]]})
    told = {"cp1252": "windows-1252", "utf-16": "UTF-16"}.get(codec, "UTF-8")
    text = text.replace('"1.0"?>', f'"1.0" encoding="{told}"?>', 1)
    for tag in ("Workbook", "Worksheet", "Table", "Row", "Cell", "Data"):
        text = text.replace(f"<{tag}", f"<ss:{tag}").replace(f"</{tag}>", f"</ss:{tag}>")
    (tmp_path / "a.xml").write_bytes(text.encode(codec))
    found = read_export(tmp_path / "a.xml")
    assert list(found.tables["Vitals"].rows["drug"]) == ["5 µg"]
    assert not any("named" in n for n in found.notes)  # .xml may be either


def cells(table: str, tail: str = "") -> list[list[str]]:
    text = sheets.xml_2003({"A": []}).replace("<Table>", f"<Table>{table}")
    text = text.replace("</Table>", f"</Table>{tail}")
    book = XmlBook(text.encode())
    return [[cell_text(c) for c in row] for row in book.get_sheet_by_name("A").to_python()]


def test_places_of_rows_and_cells():
    """ss:Index and ss:Span of rows, ss:Index and ss:MergeAcross of cells, counted by hand."""
    data = '<Data ss:Type="String">{}</Data>'
    table = (
        f'<Column ss:Width="9"/><Row ss:Index="2">'
        f'<Cell ss:MergeAcross="2">{data.format("a")}</Cell>'
        f"<Cell>{data.format('b')}</Cell></Row>"
        f'<Row ss:Span="1"/><Row><Cell ss:Index="3">{data.format("c")}</Cell></Row>'
    )
    assert cells(table) == [
        ["", "", "", ""], ["a", "", "", "b"], ["", "", "", ""], ["", "", "", ""], ["", "", "c", ""]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("Number", "5.0000000000000000E+002", "500"),
        ("Number", "12,5", "12,5"),  # no number: as it stands
        ("Number", "INF", "INF"),
        ("DateTime", "2008-04-30T00:00:00.000", "2008-04-30"),
        ("DateTime", "2008-04-30T09:05:00.000", "2008-04-30 09:05:00"),
        ("DateTime", "1899-12-31T09:05:00.000", "09:05:00"),
        ("DateTime", "30 April", "30 April"),
        ("Boolean", "1", "TRUE"),
        ("Error", "#N/A", "#N/A"),
        ("String", "007", "007"),
    ],
)
def test_types_of_cells(kind, text, shown):
    assert cells(f'<Row><Cell><Data ss:Type="{kind}">{text}</Data></Cell></Row>') == [[shown]]


def test_text_of_several_fonts_and_a_comment():
    """The text of a cell is whole; what someone remarked on it is none of it."""
    html = "<B><html:I><html:U><html:Font>IL</html:Font></html:U></html:I></B>-6"
    remark = '<Comment ss:Author="x"><ss:Data>low</ss:Data></Comment>'
    cell = f'<Cell><ss:Data ss:Type="String">{html}</ss:Data>{remark}</Cell>'
    assert cells(f"<Row>{cell}</Row>") == [["IL-6"]]


def test_a_time_where_days_are_counted_from_1904():
    row = '<Row><Cell><Data ss:Type="DateTime">1904-01-01T09:05:00.000</Data></Cell></Row>'
    assert cells(row, "<x:Date1904/>") == [["09:05:00"]]
    assert cells(row) == [["1904-01-01 09:05:00"]]


GOOD = sheets.xml_2003({"A": [["Patient", "x"], ["S01", 1]]})


@pytest.mark.parametrize(
    "text",
    [
        GOOD[:-40],
        GOOD.replace("<Workbook", '<!DOCTYPE a [<!ENTITY b "bb">]><Workbook', 1),
        GOOD.replace("<Row>", '<Row ss:Index="2000000">', 1),
        GOOD.replace("<Table>", "<Table><Cell><Data>1</Data></Cell>", 1),
        GOOD.replace("<Row>", '<Row ss:Span="2000000">', 1),
        GOOD.replace("<Cell>", '<Cell ss:Index="99999">', 1),
        GOOD.replace("<Cell>", '<Cell ss:Index="x">', 1),
    ],
)
def test_what_is_no_sound_workbook_is_refused_in_words(tmp_path, text):
    (tmp_path / "a.xls").write_text(text)
    with pytest.raises(InputErrors, match="cannot be read as an Excel workbook"):
        read_export(tmp_path / "a.xls")


def test_other_xml_is_no_workbook():
    assert is_xml_book(GOOD.encode()) and is_xml_book(GOOD.encode("utf-16"))
    assert not is_xml_book(made.OPENCLINICA.encode())
    assert not is_xml_book(b'id,x\n1,"<Workbook urn:schemas-microsoft-com:office:spreadsheet"')


def test_a_list_and_a_redcap_export_in_the_xml_of_2003(tmp_path, make_study):
    source = {"format": "table", "file": "lab.xls", "subject": "Patient"}
    fields = {"crp": {"source": "CRP"}}
    study = make_study({"lab": source}, {"lab": {"source": "lab", "fields": fields}})
    (tmp_path / "lab.xls").write_text(sheets.xml_2003({"l": [["Patient", "CRP"], ["S01", 8.4]]}))
    rows = read_source(study, "lab", tmp_path)[0]["lab"]
    assert rows[["crp", "SRCLINE"]].to_numpy().tolist() == [["8.4", "2"]]


def test_opendocument(tmp_path):
    rows = [["Patient", "weight", "vs_date"], ["S01", 70.5, dt.datetime(2008, 4, 30)], [],
            ["S02", 81, None]]  # fmt: skip
    (tmp_path / "a.ods").write_bytes(sheets.ods({"Vitals": rows}))
    table = read_export(tmp_path / "a.ods").tables["Vitals"].rows
    assert table[["Patient", "weight", "vs_date", "SRCLINE"]].to_numpy().tolist() == [
        ["S01", "70.5", "2008-04-30", "2"], ["S02", "81", "", "4"]
    ]  # fmt: skip


def test_a_time_beyond_a_day_is_told_in_hours(tmp_path):
    assert cell_text(dt.timedelta(hours=26, minutes=5)) == "26:05:00"
    given = made.workbook({"A": [["Patient", "slept"], ["S01", dt.timedelta(hours=26)]]})
    assert read_sheets(given, "a.xlsx")[0][1].cells.loc[0, "slept"] == "26:00:00"


def test_errors_of_excel_are_no_empty_cells(tmp_path):
    """A value that could not be computed is told as it stands in the sheet, in its own place."""
    rows = [["Patient", "bmi", "note"], ["S01", "#DIV/0!", "a"], ["S02", 21.5, ""],
            ["S03", None, "#N/A"]]  # fmt: skip
    given = made.workbook({"first": [["Patient"], ["S01"]], "Sheet & two": rows})
    (tmp_path / "a.xlsx").write_bytes(given)
    assert errors_of(given) == {"Sheet & two": {(1, 1): "#DIV/0!", (3, 2): "#N/A"}}
    table = read_export(tmp_path / "a.xlsx").tables["Sheet & two"].rows
    assert table[["bmi", "note"]].to_numpy().tolist() == [
        ["#DIV/0!", "a"], ["21.5", ""], ["", "#N/A"]
    ]  # fmt: skip
    assert errors_of(made.workbook({"A": ROWS})) == {}
    assert errors_of(sheets.ods({"A": [["Patient"], ["S01"]]})) == {}


def test_a_web_page_with_a_table_is_no_workbook(tmp_path):
    page = "<html><body><table><tr><td>S01</td><td>70</td></tr></table></body></html>"
    (tmp_path / "a.xls").write_text(page)
    with pytest.raises(InputErrors, match="a web page with a table") as caught:
        read_export(tmp_path / "a.xls")
    assert caught.value.problems[0].todo == "Open it in Excel and save it as .xlsx"
