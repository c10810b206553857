"""Exports of other systems: what they are taken for, their keys, units, places, refusals."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.cli import main
from sclerotrial.errors import InputErrors
from sclerotrial.read import dictionaries, read_all, read_export, read_source

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, **options) -> str:
    with pytest.raises(InputErrors) as caught:
        read_export(path, **options)
    assert all(p.what and p.where and p.todo for p in caught.value.problems)
    return str(caught.value)


# --- OpenClinica ----------------------------------------------------------------------------------


def test_openclinica_keys_repeats_and_units(tmp_path):
    found = read_export(put(tmp_path, "oc.xml", made.OPENCLINICA))
    assert (found.format, found.version, found.encoding) == (
        "CDISC ODM (OpenClinica)",
        "1.3",
        "UTF-8",
    )
    assert (found.rows, found.fields, found.cells) == (5, 4, 7)  # values; a unit is no value
    vitals = found.tables["Vitals"].rows
    assert vitals.drop(columns=["SRCFILE", "SRCLINE"]).to_numpy().tolist() == [
        ["S01", "SE_BASE", "", "70.5", "kg", "f"],
        ["S01", "SE_VISIT", "2", "154", "lb", ""],
        ["S02", "SE_BASE", "", "81", "", ""],
    ]
    assert list(found.tables["Vitals.AE"].rows["INSTANCE"]) == ["1", "2"]
    assert "ZQX" not in "".join(
        t.rows.to_csv() for t in (*found.tables.values(), *found.extra.values())
    )
    assert "1950" not in "".join(t.rows.to_csv() for t in found.extra.values())


def test_a_value_beside_isnull_is_used_and_told(tmp_path):
    """ODM 1.2 of ItemData: 'If Value is specified, use it'; 1.3 does not allow both."""
    null = '<ItemData ItemOID="I_VS_SEX" IsNull="Yes"/>'
    both = null.replace("/>", ' OpenClinica:ReasonForNull="NI" Value="m"/>')
    text = made.OPENCLINICA.replace(null, both)
    found = read_export(put(tmp_path, "oc.xml", text))
    assert list(found.tables["Vitals"].rows["SEX"]) == ["f", "m", ""]
    told = "1 values stand beside IsNull, against the standard: they are used"
    assert told in found.notes
    assert told not in read_export(put(tmp_path, "oc.xml", made.OPENCLINICA)).notes


def test_a_unit_that_only_the_definition_gives(tmp_path):
    """One unit in the definition is that of every value; of two nobody can tell."""
    pounds = '<MeasurementUnitRef MeasurementUnitOID="MU_LB"/>\n   <RangeCheck'
    alone = made.OPENCLINICA.replace(
        '<MeasurementUnitRef MeasurementUnitOID="MU_LB"/>\n   <RangeCheck', "<RangeCheck"
    )
    assert pounds in made.OPENCLINICA and alone != made.OPENCLINICA
    vitals = read_export(put(tmp_path, "oc.xml", alone)).tables["Vitals"].rows
    assert vitals[["WEIGHT", "WEIGHT_unit"]].to_numpy().tolist() == [
        ["70.5", "kg"], ["154", "lb"], ["81", "kg"],
    ]  # fmt: skip
    blank = alone.replace('Value="81"', 'Value=""').replace(">81<", "><")
    vitals = read_export(put(tmp_path, "oc.xml", blank)).tables["Vitals"].rows
    assert list(vitals["WEIGHT_unit"]) == ["kg", "lb", ""]  # nothing there, nothing to measure


def test_a_value_of_an_odm_file_is_told_by_line_and_key(tmp_path):
    table = read_export(put(tmp_path, "oc.xml", made.OPENCLINICA)).tables["Vitals"]
    assert table.where(1, "WEIGHT") == (
        "oc.xml, line 55, key SubjectKey=SS_1/StudyEventOID=SE_VISIT[2]/FormOID=F_VS"
        "/ItemGroupOID=IG_VS_U/ItemOID=I_VS_WEIGHT"
    )
    assert "IG_VS_U" in made.OPENCLINICA.splitlines()[55 - 1]


def test_the_definitions_of_an_odm_file_are_its_dictionary(tmp_path):
    fields = read_export(put(tmp_path, "oc.xml", made.OPENCLINICA)).dictionary.by_column("Vitals")
    weight, sex = fields["WEIGHT"], fields["SEX"]
    assert (weight.label, weight.validation, weight.minimum, weight.maximum) == (
        "Body weight", "number", "30", "250",
    )  # fmt: skip
    assert sex.choices == {"m": "male", "f": "female"}


def test_values_removed_by_a_transaction_are_passed_over(tmp_path):
    old = 'ItemGroupOID="IG_VS_AE" ItemGroupRepeatKey="2"'
    text = made.OPENCLINICA.replace(old, f'{old} TransactionType="Remove"')
    found = read_export(put(tmp_path, "oc.xml", text))
    assert list(found.tables["Vitals.AE"].rows["TERM"]) == ["nausea"]
    assert "1 removed values passed over" in found.notes


def test_broken_foreign_and_hostile_xml(tmp_path):
    cut = refusal(put(tmp_path, "cut.xml", made.OPENCLINICA[:4000]))
    assert "not well-formed" in cut and "line " in cut
    assert "root element is 'records'" in refusal(put(tmp_path, "r.xml", "<records/>"))
    bomb = '<!DOCTYPE ODM [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ODM><x>&b;</x></ODM>'
    assert "entities of its own" in refusal(put(tmp_path, "bomb.xml", bomb))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_xml_in_other_encodings(tmp_path, codec):
    text = made.OPENCLINICA.replace('encoding="UTF-8"', f'encoding="{codec}"').replace(
        "rash", "Röte"
    )
    found = read_export(put(tmp_path, "oc.xml", text.encode(codec)))
    assert list(found.tables["Vitals.AE"].rows["TERM"]) == ["nausea", "Röte"]


# --- secuTrial ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "iso-8859-15"])
def test_secutrial(tmp_path, encoding):
    found = read_export(put(tmp_path, "st.zip", made.secutrial(encoding=encoding)))
    assert (found.format, found.version, found.decimal) == ("secuTrial export", "5.5.1.10", ".")
    assert found.encoding == encoding.upper()
    assert found.events == {"71": "Aufnahme", "72": "Nachschau"}
    vitals = found.tables["vitals"]
    assert (vitals.label, found.rows, found.fields, found.cells) == ("Körpermaße", 3, 12, 34)
    assert vitals.rows[["SUBJECT", "EVENT", "weight", "sex"]].to_numpy().tolist() == [
        ["S01", "71", "70.5", "2"],
        ["S01", "72", "69.0", ""],
        ["S02", "71", "", "1"],
    ]
    assert vitals.where(1, "weight") == "st.zip/vitals.xls, line 3, field weight"
    fields = found.dictionary.by_column("vitals")
    assert {n: (f.label, f.validation) for n, f in fields.items()} == {
        "weight": ("Gewicht", "number"),
        "vs_date": ("Datum", "date_ymd"),
        "sex": ("Geschlecht", ""),
    }
    assert fields["sex"].choices == {"1": "männlich", "2": "weiblich"}


def test_secutrial_without_column_names(tmp_path):
    named = read_export(put(tmp_path, "st.zip", made.secutrial()))
    bare = read_export(put(tmp_path, "st.zip", made.secutrial(named=False)))
    ends = ["SRCLINE"]
    one, other = named.tables["vitals"].rows, bare.tables["vitals"].rows
    pd.testing.assert_frame_equal(one.drop(columns=ends), other.drop(columns=ends))
    assert [int(n) - 1 for n in one["SRCLINE"]] == [int(n) for n in other["SRCLINE"]]
    assert bare.dictionary.by_column("vitals").keys() == named.dictionary.by_column("vitals").keys()
    assert any("without column names" in n for n in bare.notes)


def test_damaged_and_empty_archives(tmp_path):
    whole = made.secutrial()
    assert "damaged or cut off" in refusal(put(tmp_path, "st.zip", whole[: len(whole) // 2]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.pdf", "%PDF")
    assert "holds no table" in refusal(put(tmp_path, "e.zip", out.getvalue()))


def test_a_zip_of_tables_is_a_form_a_file(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/vitals.csv", "patient;weight\nS01;70,5\n")
        archive.writestr("__MACOSX/a/._vitals.csv", "x")
        archive.writestr("a/events.csv", "patient;term\nS01;rash\n")
    found = read_export(put(tmp_path, "x.zip", out.getvalue()))
    assert {n: len(t.rows) for n, t in found.tables.items()} == {"vitals": 1, "events": 1}
    assert found.tables["events"].where(0, "term") == "x.zip/a/events.csv, line 2, field term"
    assert found.decimal == ","


# --- statistics programs --------------------------------------------------------------------------


def transport(folder: Path, name: str, frame: pd.DataFrame, **more) -> bytes:
    import pyreadstat

    pyreadstat.write_xport(frame, str(folder / "x.xpt"), table_name=name, **more)
    return (folder / "x.xpt").read_bytes()


@pytest.mark.parametrize("version", [5, 8])
def test_sas_transport_with_labels(tmp_path, version):
    frame = pd.DataFrame(
        {"USUBJID": ["S01", "S02"], "VISIT": ["BASE", "BASE"], "AGE": [61.0, None]}
    )
    labels = {"USUBJID": "Subject", "VISIT": "Visit", "AGE": "Age (years)"}
    content = transport(
        tmp_path,
        "DM",
        frame,
        file_label="Demographics",
        column_labels=labels,
        file_format_version=version,
    )
    found = read_export(put(tmp_path, "dm.xpt", content))
    table = found.tables["DM"]
    assert (found.format, found.version, table.label) == (
        "SAS transport",
        str(version),
        "Demographics",
    )
    assert table.rows[["SUBJECT", "EVENT", "AGE", "SRCLINE"]].to_numpy().tolist() == [
        ["S01", "BASE", "61", "1"],
        ["S02", "BASE", "", "2"],
    ]
    assert found.dictionary.by_column("DM")["AGE"].label == "Age (years)"
    assert table.where(0, "AGE") == "dm.xpt, record 1, field AGE"
    assert "damaged or cut off" in refusal(put(tmp_path, "dm.xpt", content[:-33]))


def test_several_data_sets_in_one_transport_file(tmp_path):
    one = transport(tmp_path, "DM", pd.DataFrame({"SUBJID": ["S01"], "SEX": ["F"]}))
    two = transport(tmp_path, "VS", pd.DataFrame({"SUBJID": ["S01", "S02"], "PULSE": [70.0, 80.5]}))
    found = read_export(put(tmp_path, "all.xpt", one + two[240:]))
    assert {n: len(t.rows) for n, t in found.tables.items()} == {"DM": 1, "VS": 2}
    assert list(found.tables["VS"].rows["PULSE"]) == ["70", "80.5"]


def test_spss_with_value_labels(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"patient": ["S01"], "sex": [2.0]})
    path = tmp_path / "x.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"sex": {1: "male", 2: "female"}})
    found = read_export(path)
    assert list(found.tables["x"].rows["sex"]) == ["2"]
    assert found.dictionary.by_column("x")["sex"].choices == {"1": "male", "2": "female"}


def test_a_damaged_file_whose_columns_have_no_name(tmp_path, monkeypatch):
    """So pyreadstat answers for a SAS file with a few bytes changed."""
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame({"id": ["S01"], "x": [1.0]}), str(tmp_path / "x.sav"))
    assert read_export(tmp_path / "x.sav").rows == 1
    whole = pyreadstat.read_sav

    def damaged(*given, **more):
        frame, meta = whole(*given, **more)
        meta.column_names = ["id", None]
        return frame, meta

    monkeypatch.setattr(pyreadstat, "read_sav", damaged)
    assert "damaged or cut off" in refusal(tmp_path / "x.sav")


def test_an_r_file_with_short_forms_pointers_and_lists(tmp_path):
    """By hand, XDR, version 3: list(data = a data.table, f = function(x) NULL).

    Its column is a vector that R wraps (state: a pair of it and its facts), as `serialize` writes
    ``.Internal(wrap_meta(c(1, 2.5), 1L, FALSE))``; a data.table points to memory of R.
    """

    def chars(text: str) -> bytes:
        return struct.pack(">ii", 9, len(text)) + text.encode()

    def symbol(text: str) -> bytes:
        return struct.pack(">i", 1) + chars(text)

    def texts(*values: str) -> bytes:
        return struct.pack(">ii", 16, len(values)) + b"".join(map(chars, values))

    def pair(name: str, value: bytes) -> bytes:
        return struct.pack(">i", 0x402) + symbol(name) + value

    def ints(*values: int) -> bytes:
        return struct.pack(f">ii{len(values)}i", 13, len(values), *values)

    nil = struct.pack(">i", 254)
    cell = struct.pack(">i", 2)
    about = cell + symbol("wrap_real") + cell + symbol("base") + cell + ints(14) + nil
    numbers = struct.pack(">iidd", 14, 2, 1.0, 2.5)
    wrapped = struct.pack(">i", 238) + about + cell + numbers + ints(1, 0) + nil
    pointer = struct.pack(">i", 22) + nil + nil
    frame = struct.pack(">ii", 19 | 0x300, 2) + texts("S01", "S02") + wrapped
    frame += pair("names", texts("patient", "dose")) + pair("class", texts("data.frame"))
    frame += pair(".internal.selfref", pointer) + nil
    function = struct.pack(">ii", 0x403, 253) + pair("x", nil) + nil + nil
    whole = struct.pack(">ii", 19 | 0x200, 2) + frame + function
    whole += pair("names", texts("data", "f")) + nil
    content = b"X\n" + struct.pack(">iiii", 3, 0x40202, 0x30500, 5) + b"UTF-8" + whole
    found = read_export(put(tmp_path, "trial.rds", gzip.compress(content)))
    assert list(found.tables) == ["trial.data"]
    rows = found.tables["trial.data"].rows
    assert rows[["SUBJECT", "dose"]].to_numpy().tolist() == [["S01", "1"], ["S02", "2.5"]]


def test_an_r_data_frame(tmp_path):
    """An .rda by hand: a data frame of a text, a factor and a date (XDR, version 2)."""

    def chars(text: str) -> bytes:
        return struct.pack(">ii", 9, len(text)) + text.encode()

    def texts(*values: str) -> bytes:
        return struct.pack(">ii", 16, len(values)) + b"".join(map(chars, values))

    def pair(name: str, value: bytes) -> bytes:
        return struct.pack(">i", 0x402) + struct.pack(">i", 1) + chars(name) + value

    end = struct.pack(">i", 254)
    factor = struct.pack(">iiiii", 13 | 0x300, 3, 2, 1, -2147483648)
    factor += pair("levels", texts("low", "high")) + pair("class", texts("factor")) + end
    date = struct.pack(">iiddd", 14 | 0x300, 3, 0.0, 17987.0, float("nan"))
    date += pair("class", texts("Date")) + end
    frame = struct.pack(">ii", 19 | 0x300, 3) + texts("S01", "S02", "S03") + factor + date
    frame += (
        pair("names", texts("patient", "dose", "day")) + pair("class", texts("data.frame")) + end
    )
    content = b"RDX2\nX\n" + struct.pack(">iii", 2, 0x30601, 0x20300) + pair("vs", frame) + end
    found = read_export(put(tmp_path, "vs.rda", gzip.compress(content)))
    rows = found.tables["vs"].rows
    assert rows[["SUBJECT", "dose", "day", "SRCLINE"]].to_numpy().tolist() == [
        ["S01", "high", "1970-01-01", "1"],
        ["S02", "low", "2019-04-01", "2"],
        ["S03", "", "", "3"],
    ]
    assert "cannot be read" in refusal(put(tmp_path, "cut.rda", content[:150]))


# --- workbooks ------------------------------------------------------------------------------------


def test_a_workbook_gives_a_form_a_sheet_and_every_cell(tmp_path):
    content = made.workbook(
        {
            "Vitals": [["Title"], [], ["Patient", "Visit", "Weight"], ["S01", "Base", 70.5]],
            "Empty": [],
            "Labs": [["Patient", None, "CRP"], ["S01", "x", "<0,6"]],
        }
    )
    found = read_export(put(tmp_path, "b.xlsx", content))
    assert list(found.tables) == ["Vitals", "Labs"]
    assert found.tables["Vitals"].where(0, "Weight") == "b.xlsx/Vitals, cell C4, field Weight"
    assert found.tables["Labs"].fields == ["Patient", "(B)", "CRP"]
    assert "Labs: column (B) has no name" in found.notes
    assert (found.rows, found.fields, found.cells) == (2, 6, 6)


# --- not what the name says -----------------------------------------------------------------------

PAGE = b"\n<!DOCTYPE html>\n<html><body>Please log in</body></html>"


@pytest.mark.parametrize(
    "name", ["ae.xpt", "dm.sas7bdat", "x.csv", "x.xlsx", "x.xml", "x.zip", "x.xls"]
)
def test_a_web_page_under_another_name_is_refused_in_words(tmp_path, name):
    said = refusal(put(tmp_path, name, PAGE))
    assert "HTML page" in said and "though its name says" in said and "log in" not in said


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.4 x", "PDF"), (b"\x89PNG\r\n", "PNG"),
        (b"**COMPRESSED** **COMPRESSED** x", "CPORT"),
        (b'{"error":"You do not have permissions"}', "error message of a server"),
        (b"", "empty"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000", "damaged or cut off"),
    ],
)  # fmt: skip
def test_other_files_are_refused_in_words(tmp_path, content, word):
    assert word in refusal(put(tmp_path, "x.xpt", content))


def test_text_under_the_name_of_a_workbook_is_read_and_told(tmp_path):
    found = read_export(put(tmp_path, "x.xls", "patient\tweight\nS01\t70\n"))
    assert (found.separator, found.rows) == ("\t", 1)
    assert "named .xls, but it is delimited text" in found.notes
    book = read_export(put(tmp_path, "x.csv", made.workbook({"A": [["id", "b"], ["S01", 1]]})))
    assert "named .csv, but it is an Excel workbook" in book.notes


def test_look_tells_what_a_file_is_and_no_value(tmp_path, capsys):
    assert main(["look", str(put(tmp_path, "oc.xml", made.OPENCLINICA)), "--fields"]) == 0
    said = capsys.readouterr().out
    assert "format: CDISC ODM (OpenClinica)" in said and "table Vitals (F_VS): 3 rows" in said
    assert "nausea" not in said and "70.5" not in said
    assert main(["look", str(put(tmp_path, "ae.xpt", PAGE))]) == 1
    assert "Traceback" not in capsys.readouterr().err


# --- by configuration alone -----------------------------------------------------------------------

CONFIGURED = {
    "oc": ({"file": "oc.xml"}, {"instrument": "F_VS", "fields": {"weight": {"source": "WEIGHT"}}}),
    "st": ({"file": "st.zip"}, {"instrument": "vitals"}),
    "book": (
        {"file": "b.xlsx", "subject": "Patient", "visit": "Visit"},
        {"instrument": "Vitals", "fields": {"weight": {"source": "Weight", "type": "number"}}},
    ),
}


@pytest.fixture
def raw(tmp_path):
    put(tmp_path, "oc.xml", made.OPENCLINICA)
    put(tmp_path, "st.zip", made.secutrial())
    rows = [
        ["Patient", "Visit", "Weight", "Initials"],
        ["S01", "Base", 70.5, "ZQX"],
        ["S02", "Base", 81, "AB"],
    ]
    put(tmp_path, "b.xlsx", made.workbook({"Vitals": rows, "Other": [["Patient"], ["S01"]]}))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "visits", "weights"),
    [
        ("oc", ["Screening", "SE_VISIT", "Screening"], ["70.5", "154", "81"]),
        ("st", ["Screening", "72", "Screening"], ["70.5", "69.0", ""]),
        ("book", ["Screening", "Screening"], ["70.5", "81"]),
    ],
)
def test_a_source_of_any_system_by_configuration(make_study, raw, name, visits, weights):
    source, form = CONFIGURED[name]
    study = make_study(
        {name: source},
        {"vitals": {"source": name, **form}},
        visits=[{"avisit": "Screening", "avisitn": 0, "event": ["Baseline", "Aufnahme", "Base"]}],
        identifiers=["initials"],
    )
    forms, findings = read_source(study, name, raw)
    vitals = forms["vitals"]
    assert list(vitals["VISIT"]) == visits and list(vitals["weight"]) == weights
    assert list(vitals["USUBJID"]) == (["S01", "S02"] if name == "book" else ["S01", "S01", "S02"])
    assert not {"Initials", "INITIALS", "mnpptnid"} & set(vitals.columns)
    assert "ZQX" not in vitals.to_csv() + findings.to_csv()
    if name != "book":
        known = dictionaries(study, raw)[name].by_column(form["instrument"])
        assert known["weight"].validation == "number"


def test_queries_and_comments_of_secutrial_are_rows_of_the_query_list(make_study, raw):
    """Document 181 is the second visit of S01; what a query says may name anybody."""
    tables = {
        "qac.xls": [
            ("mnppid", "mnpdocid", "ffcolname", "qacdate", "mnpqueryid", "querystatus",
             "qaccontent"),
            ("1204", "181", "weight", "2019-05-03", "7", "open", "Ask Mrs ZQX"),
            ("1299", "999", "weight", "2019-05-03", "8", "", ""),
        ],
        "cts.xls": [
            ("mnppid", "mnpdocid", "ffcolname", "qacdate", "mnpcommentid", "qaccontent"),
            ("1205", "182", "sex", "2019-05-03", "3", "ZQX told"),
        ],
    }  # fmt: skip
    with zipfile.ZipFile(raw / "st.zip", "a") as archive:
        for name, rows in tables.items():
            lines = ("\t".join(f'"{c}"' for c in (*row, "")) for row in rows)
            archive.writestr(name, "\n".join(lines) + "\n")
    study = make_study({"st": {"file": "st.zip"}}, {"vitals": {"source": "st"}})
    _, found = read_source(study, "st", raw)
    told = found[found["RULE"].str.endswith("_of_source")]
    place = ["USUBJID", "VISIT", "FORM", "FIELD", "RULE", "RAW", "SRCFILE", "SRCLINE"]
    assert told[place].to_numpy().tolist() == [
        ["S01", "72", "vitals", "weight", "query_of_source", "[masked]", "st.zip/qac.xls", "2"],
        ["", "", "", "weight", "query_of_source", "", "st.zip/qac.xls", "3"],
        ["S02", "71", "vitals", "sex", "comment_of_source", "[masked]", "st.zip/cts.xls", "2"],
    ]
    assert "(status open)" in told["MESSAGE"].iloc[0] and "ZQX" not in found.to_csv()


def test_every_table_of_an_export_is_a_form_with_auto(make_study, raw):
    study = make_study({"oc": {"file": "oc.xml", "forms": "auto"}})
    assert list(read_all(study, raw)[0]) == ["Vitals", "Vitals.AE"]


def test_a_form_that_the_export_lacks_and_a_format_that_is_another(make_study, raw):
    study = make_study({"oc": {"file": "oc.xml"}}, {"a": {"source": "oc", "instrument": "Vitalz"},
                                                    "b": {"source": "oc"}})  # fmt: skip
    with pytest.raises(InputErrors, match="'a' is in no file of the source"):
        read_source(study, "oc", raw)
    study = make_study({"oc": {"file": "oc.xml", "format": "workbook"}}, {"a": {"source": "oc"}})
    with pytest.raises(InputErrors, match="an XML file, not what `format: workbook` says"):
        read_source(study, "oc", raw)


def test_visits_from_sheets_and_from_files(make_study, tmp_path):
    sheets = {"Base": [["Patient", "w"], ["S01", 70]], "Month 1": [["Patient", "w"], ["S01", 69]]}
    put(tmp_path, "b.xlsx", made.workbook(sheets))
    put(tmp_path, "v_base.csv", "Patient,w\nS01,70\n")
    put(tmp_path, "v_month1.csv", "w,Patient\n69,S01\n")
    for source, visits in (
        ({"file": "b.xlsx", "visit_from": "sheet"}, ["Base", "Month 1"]),
        ({"file": "v_*.csv", "visit_from": "file"}, ["v_base", "v_month1"]),
    ):
        study = make_study({"s": {**source, "subject": "Patient"}}, {"vitals": {"source": "s"}})
        vitals = read_source(study, "s", tmp_path)[0]["vitals"]
        assert list(vitals["VISIT"]) == visits and list(vitals["w"]) == ["70", "69"]
