"""Exports in less common shapes: each as its system writes it, made from scratch."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_export, read_source
from sclerotrial.read.compound import is_whole

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402

GROUPED = made.REDCAP_XML.replace(
    '<ItemRef ItemOID="first_name"',
    '<ItemRef ItemOID="redcap_data_access_group" Mandatory="No"'
    ' redcap:Variable="redcap_data_access_group"/>\n<ItemRef ItemOID="first_name"',
).replace(
    '<ItemDef OID="first_name"',
    '<ItemDef OID="redcap_data_access_group" Name="redcap_data_access_group" DataType="text"'
    ' redcap:Variable="redcap_data_access_group"/>\n<ItemDef OID="first_name"',
).replace(
    '<ItemData ItemOID="first_name"',
    '<ItemData ItemOID="redcap_data_access_group" Value="north"/><ItemData ItemOID="first_name"',
)  # fmt: skip


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def archive(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


# --- REDCap ---------------------------------------------------------------------------------------


def test_a_data_access_group_among_the_items_of_a_project_xml(tmp_path):
    found = read_export(put(tmp_path, "project.xml", GROUPED))
    demo = found.tables["demo"]
    assert list(demo.rows["redcap_data_access_group"]) == ["north"]
    assert "redcap_data_access_group" in demo.system
    assert "redcap_data_access_group" not in found.dictionary.fields
    assert list(demo.rows.columns).count("redcap_data_access_group") == 1


RECORDS = made.REDCAP_XML[: made.REDCAP_XML.index("<Study OID")] + made.REDCAP_XML[
    made.REDCAP_XML.index("<ClinicalData") :
]  # fmt: skip


def test_records_alone_are_read_by_their_oids_or_by_a_dictionary(tmp_path):
    records = put(tmp_path, "records.xml", RECORDS)
    whole = read_export(put(tmp_path, "project.xml", made.REDCAP_XML))
    bare = read_export(records)
    assert bare.format == "CDISC ODM (REDCap)"
    assert (bare.rows, bare.cells) == (3, 10)  # by hand: 6 + 2 + 2 values in three forms
    told = read_export(records, dictionary=tmp_path / "project.xml")
    assert {n: t.rows.drop(columns=["SRCFILE", "SRCLINE"]).to_csv() for n, t in
            told.tables.items()} == {
        n: t.rows.drop(columns=["SRCFILE", "SRCLINE"]).to_csv() for n, t in whole.tables.items()
    }  # fmt: skip


def test_numbers_of_rows_before_the_first_column(crf_study, crf_files, crf_text):
    head, *rows = crf_text[0].replace('"two\nlines"', "words").rstrip("\n").split("\n")
    numbered = "\n".join(['"",' + head, *(f'"{i}",{r}' for i, r in enumerate(rows, 1))]) + "\n"
    plain = "\n".join([head, *rows]) + "\n"
    forms, findings = read_source(crf_study, "crf", crf_files(numbered))
    expected = read_source(crf_study, "crf", crf_files(plain))[0]
    assert {n: t.to_csv() for n, t in forms.items()} == {n: t.to_csv() for n, t in expected.items()}
    assert "row_numbers" in set(findings["RULE"])


def test_a_column_without_a_name_is_kept_and_told(tmp_path):
    found = read_export(put(tmp_path, "labs.csv", "patient,,value,\nS01,a,1,\nS02,b,2,\n"))
    assert list(found.tables["labs"].rows["(column 2)"]) == ["a", "b"]
    assert "labs: column (column 2) has no name" in found.notes
    assert (found.rows, found.fields, found.cells) == (2, 3, 6)


def test_the_data_access_group_goes_with_every_form(crf_study, crf_files, crf_text):
    head, *rows = crf_text[0].split("\n")
    grouped = "\n".join([
        head.replace("first_name", "redcap_data_access_group,first_name"),
        *(r.replace(",,,Ada", ",,,north,Ada").replace(",,,Bob", ",,,south,Bob")
          .replace("events,1,", "events,1,north,").replace("events,2,", "events,2,north,")
          for r in rows),
    ])  # fmt: skip
    forms, _ = read_source(crf_study, "crf", crf_files(grouped))
    assert list(forms["demo"]["redcap_data_access_group"]) == ["north", "south"]
    assert list(forms["events"]["redcap_data_access_group"]) == ["north", "north"]


def test_a_record_without_values_is_told(crf_study, crf_files, crf_text):
    empty = "S03,screening_arm_1,,,,,,,0,,0,0,0,0,,,\n"
    _, findings = read_source(crf_study, "crf", crf_files(crf_text[0] + empty))
    told = findings[findings["RULE"] == "record_empty"]
    assert told[["USUBJID", "SRCLINE"]].to_numpy().tolist() == [["S03", "7"]]


CODED = made.REDCAP_XML.replace('ItemOID="sex" Value="2"', 'ItemOID="sex" Value="UNK"').replace(
    '<ItemRef ItemOID="demo_complete"',
    '<ItemRef ItemOID="organs____99" Mandatory="No" redcap:Variable="organs"/>'
    '<ItemRef ItemOID="demo_complete"',
)
CODED = CODED.replace(
    '<ItemData ItemOID="demo_complete"',
    '<ItemData ItemOID="organs____99" Value="1"/><ItemData ItemOID="demo_complete"',
)


def test_codes_of_missing_data_that_a_project_declares(make_study, tmp_path):
    from sclerotrial.clean import clean_forms
    from sclerotrial.read import dictionaries

    put(tmp_path, "project.xml", CODED)
    study = make_study({"crf": {"format": "auto", "file": "project.xml", "forms": "auto"}})
    forms, _ = read_source(study, "crf", tmp_path)
    clean, findings = clean_forms(study, forms, dictionaries(study, tmp_path))
    told = findings[findings["FIELD"] == "sex"]
    assert list(told["RULE"]) == ["missing_code"]
    assert list(clean["demo"]["sex"]) == [""]


def test_age_at_a_date_of_another_form_and_of_another_file(make_study, tmp_path):
    sheets = {
        "person": [["patient", "born"], ["S01", "1960-02-29"], ["S02", "1970-05-01"]],
        "consent": [["patient", "signed"], ["S01", "2008-02-28"], ["S02", "2008-05-01"]],
    }
    put(tmp_path, "a.xlsx", made.workbook(sheets))
    for name, rows in sheets.items():
        put(tmp_path, f"{name}.csv", "\n".join(",".join(r) for r in rows) + "\n")
    age = {"birth_date": "born", "at": "signed", "field": "age"}
    for file in ("a.xlsx", "*.csv"):
        study = make_study(
            {"crf": {"format": "auto", "file": file, "subject": "patient", "forms": "auto"}},
            age=age,
        )
        forms, _ = read_source(study, "crf", tmp_path)
        # 29 February 1960 to 28 February 2008: 47 years; 1 May 1970 to 1 May 2008: 38
        assert list(forms["person"]["age"]) == ["47", "38"]
        assert "born" not in forms["person"]


# --- keys among the columns -----------------------------------------------------------------------


def test_columns_with_the_names_of_keys(make_study, tmp_path):
    text = "USUBJID,VISIT,SUBJECT,INSTANCE,SRCLINE,x\nS01,Week 1,a,b,c,1\nS02,Week 1,d,e,f,2\n"
    path = put(tmp_path, "t.csv", text)
    found = read_export(path, subject="USUBJID", visit="VISIT")
    assert (found.rows, found.fields, found.cells) == (2, 6, 12)
    table = found.tables["t"]
    assert list(table.rows["SUBJECT_"]) == ["a", "d"]
    assert table.where(1, "SUBJECT_") == "t.csv, line 3, field SUBJECT"
    source = {"format": "auto", "file": "t.csv", "subject": "USUBJID", "visit": "VISIT"}
    study = make_study({"crf": {**source, "forms": "auto"}})
    forms, _ = read_source(study, "crf", tmp_path)
    assert list(forms["t"].columns) == [
        "USUBJID", "VISIT", "INSTANCE", "SUBJECT_", "INSTANCE_", "SRCLINE_", "x", "SRCFILE",
        "SRCLINE",
    ]  # fmt: skip
    assert list(forms["t"]["SRCLINE"]) == ["2", "3"]


# --- ODM ------------------------------------------------------------------------------------------

_ODM = (
    '<?xml version="1.0"?><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="{version}"'
    ' FileType="{kind}"><ClinicalData StudyOID="S" MetaDataVersionOID="M">{data}</ClinicalData>'
    "</ODM>"
)


def odm(data: str, kind: str = "Snapshot", version: str = "1.3.2") -> str:
    return _ODM.format(data=data, kind=kind, version=version)


def test_records_of_a_data_set_as_xml_are_rows_of_their_own(tmp_path):
    records = "".join(
        f'<ItemGroupData ItemGroupOID="IG.VS" data:ItemGroupDataSeq="{n}">'
        f'<ItemData ItemOID="IT.VS.USUBJID" Value="{who}"/>'
        f'<ItemData ItemOID="IT.VS.VSORRES" Value="{value}"/></ItemGroupData>'
        for n, who, value in [(1, "S01", 70), (2, "S01", 71), (3, "S02", 80)]
    )
    found = read_export(put(tmp_path, "vs.xml", odm(records)))
    (table,) = found.tables.values()
    assert list(table.rows["SUBJECT"]) == ["S01", "S01", "S02"]
    assert list(table.rows["IT.VS.VSORRES"]) == ["70", "71", "80"]
    assert (found.rows, found.cells) == (3, 6)


def _group(value: str, how: str = "", key: str = "") -> str:
    repeat = f' ItemGroupRepeatKey="{key}"' if key else ""
    kind = f' TransactionType="{how}"' if how else ""
    return (
        '<SubjectData SubjectKey="S01"><StudyEventData StudyEventOID="E"><FormData FormOID="F">'
        f'<ItemGroupData ItemGroupOID="G"{repeat}{kind}><ItemData ItemOID="X" Value="{value}"/>'
        "</ItemGroupData></FormData></StudyEventData></SubjectData>"
    )


def test_groups_that_stand_again_without_a_key_lose_nothing(tmp_path):
    found = read_export(put(tmp_path, "o.xml", odm(_group("1") + _group("2"))))
    (table,) = found.tables.values()
    assert list(table.rows["X"]) == ["1", "2"]
    assert list(table.rows["INSTANCE"]) == ["1", "2"]
    assert any("rows of their own" in note for note in found.notes)


def test_an_update_replaces_and_a_removal_takes_back(tmp_path):
    data = _group("1", "Insert") + _group("2", "Update")
    found = read_export(put(tmp_path, "o.xml", odm(data, "Transactional")))
    (table,) = found.tables.values()
    assert list(table.rows["X"]) == ["2"]
    data = _group("1", "Insert", "1") + _group("5", "Insert", "2") + _group("1", "Remove", "1")
    found = read_export(put(tmp_path, "o.xml", odm(data, "Transactional")))
    (table,) = found.tables.values()
    assert list(table.rows["X"]) == ["5"]
    assert any("removed" in note for note in found.notes)


def test_repeats_of_events_and_of_forms_are_told_apart(tmp_path):
    def one(event: int, form: int) -> str:
        return (
            f'<StudyEventData StudyEventOID="E" StudyEventRepeatKey="{event}">'
            f'<FormData FormOID="F" FormRepeatKey="{form}"><ItemGroupData ItemGroupOID="G">'
            f'<ItemData ItemOID="X" Value="{event}{form}"/></ItemGroupData></FormData>'
            "</StudyEventData>"
        )

    data = '<SubjectData SubjectKey="S01">' + one(1, 2) + one(2, 1) + "</SubjectData>"
    found = read_export(put(tmp_path, "o.xml", odm(data)))
    (table,) = found.tables.values()
    assert dict(zip(table.rows["X"], table.rows["INSTANCE"], strict=True)) == {
        "12": "1.2", "21": "2.1",
    }  # fmt: skip


def test_groups_within_groups_of_odm_2(tmp_path):
    data = (
        '<SubjectData SubjectKey="S01"><StudyEventData StudyEventOID="E">'
        '<ItemGroupData ItemGroupOID="F"><ItemData ItemOID="A"><Value>7</Value></ItemData>'
        '<ItemGroupData ItemGroupOID="G" ItemGroupRepeatKey="1">'
        '<ItemData ItemOID="B"><Value>x</Value><Value>y</Value></ItemData></ItemGroupData>'
        '<ItemGroupData ItemGroupOID="G" ItemGroupRepeatKey="2">'
        '<ItemData ItemOID="B"><Value>z</Value></ItemData></ItemGroupData>'
        "</ItemGroupData></StudyEventData></SubjectData>"
    )
    found = read_export(put(tmp_path, "o.xml", odm(data, version="2.0")))
    assert list(found.tables["F"].rows["A"]) == ["7"]
    assert list(found.tables["F.G"].rows["B"]) == ["x; y", "z"]
    assert list(found.tables["F.G"].rows["INSTANCE"]) == ["1", "2"]


# --- secuTrial ------------------------------------------------------------------------------------


def _tables(found) -> dict[str, list]:
    return {n: t.rows.drop(columns="SRCFILE").to_numpy().tolist() for n, t in found.tables.items()}


def _marked(content: bytes) -> bytes:
    """UTF-16 as the system writes it: a byte-order mark before each piece of text."""
    return b"".join(c.encode("utf-16-be") if c not in '"\t\n' else b"\xfe\xff\x00" + c.encode()
                    for c in content.decode())  # fmt: skip


def test_marks_within_utf_16(tmp_path):
    plain = made.secutrial()
    with zipfile.ZipFile(io.BytesIO(plain)) as packed:
        files = {n: packed.read(n) for n in packed.namelist()}
    marked = archive({n: _marked(c) if n.endswith("xls") else c for n, c in files.items()})
    found = read_export(put(tmp_path, "x.zip", marked))
    assert found.encoding == "UTF-16, marks within"
    assert _tables(found) == _tables(read_export(put(tmp_path, "x.zip", plain)))


def test_an_encoding_is_told_by_all_tables_of_an_archive(tmp_path):
    macroman = made.secutrial(encoding="mac_roman")
    found = read_export(put(tmp_path, "x.zip", macroman))
    assert found.encoding == "MacRoman"
    assert found.events["71"] == "Aufnahme"
    assert found.dictionary.fields["vitals.sex"].choices["1"] == "männlich"


SAS = """/* File created */
DATA cn (label='Patient information');
infile 'dat/cn.dat'
        encoding='UTF-8'
        missover
;
input   mnppid 1-10
        mnpaid $ 12-18
        mnpcs0 20-21
;
run;
DATA vitals (label='Vital signs');
infile 'dat/vitals.dat'
        encoding='UTF-8'
        missover
;
input   mnppid 1-10
        mnpdocid 12-21
        @23 mnplastedit
        weight 44-49
        remark $ 51-60
        sex 62-64
;
ATTRIB  mnppid LABEL='Patient-ID'
        mnplastedit LABEL='Last edit' INFORMAT=DATETIME20. FORMAT=DATETIME20.
        remark LABEL='The nurse''s remark'
        sex LABEL='Sex' FORMAT=cl_sex.
;
run;
"""
SAS_FORMATS = "proc format;\nvalue\tcl_sex\n1 = 'male'\n2 = 'female''s'\n;\nrun;\n"


def test_records_of_fixed_width_with_their_sas_program(tmp_path):
    def line(*cells: tuple[str, int]) -> str:
        return " ".join(text.ljust(width) for text, width in cells) + "\n"

    rows = line(("0000001204", 10), ("0000000180", 10), ("30-Apr-2019:13:46:49", 20),
                ("070.5", 6), ("müde", 10), ("2", 3)) \
        + line(("0000001205", 10), ("0000000181", 10), ("30-Apr-2019:13:46:50", 20),
               (".", 6), ("", 10), ("", 3))  # fmt: skip
    files = {
        "ExportOptions.html": "<html></html>",
        "dat/cn.dat": line(("0000001204", 10), ("S01", 7), ("00", 2))
        + line(("0000001205", 10), ("S02", 7), ("00", 2)),
        "dat/vitals.dat": rows,
        "dat/qac.dat": "",
        "T.sas": SAS,
        "T_fmt.sas": SAS_FORMATS,
    }
    found = read_export(put(tmp_path, "x.zip", archive(files)))
    table = found.tables["vitals"]
    assert table.rows.drop(columns="SRCFILE").to_numpy().tolist() == [
        ["S01", "", "", "1204", "180", "30-Apr-2019:13:46:49", "70.5", "müde", "2", "1"],
        ["S02", "", "", "1205", "181", "30-Apr-2019:13:46:50", "", "", "", "2"],
    ]
    assert table.where(1, "weight") == "x.zip/dat/vitals.dat, line 2, field weight"


def test_an_archive_with_programs_and_schemes_beside_its_tables(tmp_path):
    with zipfile.ZipFile(io.BytesIO(made.secutrial())) as packed:
        files = {n: packed.read(n) for n in packed.namelist()}
    found = read_export(put(tmp_path, "x.zip", archive(files | {"T.sps": "GET DATA 'a' \"b.\n"})))
    assert "T.sps is passed over" in found.notes
    found = read_export(put(tmp_path, "o.zip", archive(
        {"ExportOptions.html": "<html></html>", "odm.xsd": "<x/>", "data.xml": odm(_group("1"))}
    )))  # fmt: skip
    assert found.format == "secuTrial export (CDISC ODM)"
    assert (found.rows, found.cells) == (1, 1)
    table = "pid,x\nS01,1\n"
    found = read_export(put(tmp_path, "r.zip", archive({"ReadMe.txt": "a, b\nc", "t.csv": table})))
    assert (found.rows, found.cells, "ReadMe.txt is passed over" in found.notes) == (1, 2, True)
    with pytest.raises(InputErrors, match="holds no table"):
        read_export(put(tmp_path, "n.zip", archive({"a.do": "use x", "b.backup": b"\x00\x01"})))


# --- statistics programs --------------------------------------------------------------------------


def test_a_catalog_is_told_from_a_data_set(tmp_path):
    from sclerotrial.read.formats.sas import SAS7BCAT

    with pytest.raises(InputErrors, match="a SAS catalog of formats") as caught:
        read_export(put(tmp_path, "formats.sas7bdat", SAS7BCAT + bytes(200)))
    assert "catalog" in caught.value.problems[0].todo


def test_releases_of_stata_before_13(tmp_path):
    path = tmp_path / "old.dta"
    pd.DataFrame({"pid": ["S01", "S02"], "weight": [70.5, 81.0]}).to_stata(
        path, write_index=False, version=114
    )
    found = read_export(path)
    assert (found.format, found.rows, found.fields, found.cells) == ("Stata data", 2, 2, 4)
    assert list(found.tables["old"].rows["weight"]) == ["70.5", "81"]


def test_a_date_out_of_the_calendar_is_left_as_a_number(tmp_path):
    import pyreadstat

    path = tmp_path / "far.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"pid": ["S01"], "at": [1e13]}), path, variable_format={"at": "DATETIME20"}
    )
    found = read_export(path)
    assert list(found.tables["far"].rows["at"]) == ["10000000000000"]
    assert any("calendar" in note for note in found.notes)


def test_values_that_a_file_declares_missing_are_told(tmp_path):
    """999 and all from -9 to -1 of SPSS, .a of Stata: blank, and a note says how many."""
    import pyreadstat

    frame = pd.DataFrame(
        {"pid": ["S01", "S02", "S03"], "w": [70.5, 999.0, -3.0], "t": ["a", "UNK", ""],
         "x": [1.0, 999.0, None]}
    )  # fmt: skip
    ranges = {"w": [999, {"lo": -9, "hi": -1}], "t": ["UNK"]}
    pyreadstat.write_sav(frame, tmp_path / "a.sav", missing_ranges=ranges)
    found = read_export(tmp_path / "a.sav")
    rows = found.tables["a"].rows
    assert list(rows["w"]) == ["70.5", "", ""]
    assert (list(rows["t"]), list(rows["x"])) == (["a", "", ""], ["1", "999", ""])
    assert found.notes == (
        "a: 2 values of w are declared missing: blank (-3, 999)",
        "a: 1 values of t are declared missing: blank (UNK)",
    )
    both = pd.DataFrame({"pid": ["S01", "S02"], "w": [70.5, "a"]})
    pyreadstat.write_dta(both, tmp_path / "b.dta", missing_user_values={"w": ["a"]})
    found = read_export(tmp_path / "b.dta")
    assert list(found.tables["b"].rows["w"]) == ["70.5", ""]
    assert found.notes == ("b: 1 values of w are declared missing: blank (a)",)


def compound(sectors: int, table: list[int]) -> bytes:
    """A compound file of so many sectors of 512 bytes: its header, table (0), directory (1)."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", head, 44, 1, 1)
    struct.pack_into("<4I", head, 60, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    whole = bytes(head) + struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    return (whole + bytes(512 * sectors))[: 512 * sectors]


@pytest.mark.parametrize(
    "content",
    [
        compound(1, []),  # cut behind the header
        compound(3, [0xFFFFFFFD, 1]),  # the directory follows itself without end
        compound(3, [0xFFFFFFFD, 7]),  # the directory goes on behind the end
        compound(3, [0xFFFFFFFD, 0xFFFFFFFE])[:-1],
        compound(3, [0xFFFFFFFD, 0xFFFFFFFE]),  # whole, and no workbook
    ],
)
def test_a_damaged_old_workbook_is_refused(tmp_path, capfd, content):
    """In words of ours alone, and before the library reads in circles."""
    (tmp_path / "old.xls").write_bytes(content)
    with pytest.raises(InputErrors, match="cannot be read as an Excel workbook"):
        read_export(tmp_path / "old.xls")
    assert capfd.readouterr().err == ""


def with_small(chain: list[int], length: int = 130) -> bytes:
    """A compound file whose one stream lies in small sectors of 64 bytes, eight of which exist."""
    whole = bytearray(compound(5, [0xFFFFFFFD, *[0xFFFFFFFE] * 3]))
    struct.pack_into("<2I", whole, 60, 2, 1)  # their table is sector 2, they lie in sector 3
    whole[1024 + 66], whole[1152 + 66] = 5, 2
    struct.pack_into("<IQ", whole, 1024 + 116, 3, 512)
    struct.pack_into("<IQ", whole, 1152 + 116, 0, length)
    struct.pack_into(f"<{len(chain)}I", whole, 1536, *chain)
    return bytes(whole)


END = 0xFFFFFFFE


@pytest.mark.parametrize(
    ("chain", "length", "whole"),
    [
        ([1, 2, END], 130, True),
        ([1, 2, END], 192, True),
        ([1, 2, 0], 130, False),  # in a circle
        ([1, 8, END], 130, False),  # behind the last that exists
        ([1, END], 130, False),  # 128 bytes of 130
        ([END] * 8, 0, True),  # an empty stream has no chain
    ],
)
def test_chains_of_small_sectors(tmp_path, capfd, chain, length, whole):
    content = with_small(chain, length)
    assert is_whole(content) is whole
    (tmp_path / "old.xls").write_bytes(content)
    with pytest.raises(InputErrors, match="cannot be read as an Excel workbook"):
        read_export(tmp_path / "old.xls")  # whole or not, no sheet is in it
    assert capfd.readouterr().err == ""


def test_a_large_stream_that_its_chain_does_not_fill():
    """5,000 bytes need ten sectors of 512; nine hold 4,608."""
    for many in (9, 10):
        table = [0xFFFFFFFD, END, *range(3, 2 + many), END]
        whole = bytearray(compound(3 + many, table))
        whole[1024 + 66] = 2
        struct.pack_into("<IQ", whole, 1024 + 116, 2, 5000)
        assert is_whole(bytes(whole)) is (many == 10)
        assert not is_whole(bytes(whole[:-600]))  # the last sectors are cut off


def test_a_dictionary_in_the_xml_of_2003_is_named(tmp_path):
    text = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    (tmp_path / "old.xls").write_text(text)
    (tmp_path / "data.csv").write_text("record_id,x\n1,2\n")
    with pytest.raises(InputErrors, match="a spreadsheet in Excel's XML of 2003"):
        read_export(tmp_path / "data.csv", dictionary=tmp_path / "old.xls")


def test_names_of_types_that_redcap_itself_uses(tmp_path):
    head = "field_name,form_name,field_type,field_label,select_choices_or_calculations\n"
    rows = 'id,f,text,Id,\nsex,f,select,Sex,"1, M | 2, F"\nnote,f,textarea,Note,\n'
    (tmp_path / "d.csv").write_text(head + rows)
    fields = read_export(tmp_path / "d.csv").dictionary.fields
    assert {n: f.type for n, f in fields.items()} == {
        "id": "text", "sex": "dropdown", "note": "notes",
    }  # fmt: skip
    assert fields["sex"].choices == {"1": "M", "2": "F"}
