"""Files that were damaged, or that changed since they were read."""

from __future__ import annotations

import os
import zipfile

import pytest

from sclerotrial.assays import formats
from sclerotrial.errors import InputErrors
from tests.assays.written import book, save

SERIES = (
    '!Sample_title\t"s1"\t"s2"\n!Sample_geo_accession\t"G1"\t"G2"\n'
    '!series_matrix_table_begin\n"ID_REF"\t"G1"\t"G2"\n'
)
END = "!series_matrix_table_end\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('"a"\t1\t2\n"b"\t1\t2\t3\n', "A row of the matrix has more cells than the 3 titles"),
        ('"a"\t1\t2\n"b\t1\t3\n', "a quote is opened and not closed"),
        ("", "The matrix has no rows"),
    ],
)
def test_rows_of_a_series_that_cannot_be_told_are_refused(tmp_path, rows, said):
    with pytest.raises(InputErrors, match=said):
        formats.read(save(tmp_path, SERIES + rows + END))


def test_decimal_commas_between_commas_are_not_cut_off(tmp_path):
    """3,7 is two cells there: one value too many, which is not dropped."""
    text = "gene,S1,S2\nTNF,1,2\nIL6,3,4\nCCL2,3,7,5\n"
    with pytest.raises(InputErrors, match="more cells than the 3 titles") as caught:
        formats.read(save(tmp_path, text), fmt="expression")
    assert caught.value.problems[0].where.endswith("row 3 below the titles")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_archive_is_refused(tmp_path, method):
    rows = "".join(f'"p{i}"\t{i}.5\t{i * i}\n' for i in range(9000))
    path = tmp_path / "series.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("series.txt", SERIES + rows + END)
    assert len(formats.read(path)) == 18000
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 0x15
    path.write_bytes(content)
    with pytest.raises(InputErrors, match="cannot be opened"):
        formats.read(path)


@pytest.mark.parametrize("cut", [1024, 2048, -600, -60])
def test_a_damaged_workbook_is_refused(tmp_path, cut):
    path = book(
        tmp_path, {"a": [["Well", "Sample", "OD"], *([f"A{i}", i, i / 7] for i in range(400))]}
    )
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputErrors):
        formats.read(path)


def test_an_old_workbook_whose_table_of_sectors_is_damaged_is_refused(tmp_path, capfd):
    """An .xls of which the library itself would panic, with a trace on the terminal."""
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + b"\x09\x00" + bytes(3000))
    with pytest.raises(InputErrors, match="a workbook that does not open"):
        formats.read(path)
    assert "panicked" not in capfd.readouterr().err


def test_a_file_that_changed_within_a_tick_of_the_clock_is_read_again(tmp_path):
    """The same name, size and time of change: only the content tells."""
    path = save(tmp_path, "gene,S1,S2\nTNF,1,2\nIL6,3,4\n")
    then = os.stat(path)
    assert formats.read(path, fmt="expression")["VALUE"].tolist() == ["1.0", "3.0", "2.0", "4.0"]
    path = save(tmp_path, "gene,S1,S2\nTNF,5,6\nIL6,7,8\n")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert formats.read(path, fmt="expression")["VALUE"].tolist() == ["5.0", "7.0", "6.0", "8.0"]


def test_a_sheet_that_is_damaged_is_refused(tmp_path):
    """The list of sheets is whole, a sheet is not: told when it is read, by its name."""
    good = book(tmp_path, {"Results": [["Well", "Sample", "OD"], ["A1", "x", 0.5]]})
    path = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as given, zipfile.ZipFile(path, "w") as packed:
        for member in given.namelist():
            text = given.read(member)
            packed.writestr(member, text[:-40] if "sheet1" in member else text)
    with pytest.raises(InputErrors, match="cannot be read as an Excel workbook") as caught:
        formats.read(path)
    assert caught.value.problems[0].where == "bad.xlsx, sheet Results"


def test_an_archive_that_is_damaged_behind_its_head_is_refused(tmp_path):
    """The format is told by the head; what is behind it no longer unpacks."""
    rows = "".join(
        f"P{i};{i};OID1;P1;IL6;Inflammation;A;PASS;1.5;{i % 97}.{i}\n" for i in range(9000)
    )
    head = "SampleID;Index;OlinkID;UniProt;Assay;Panel;PlateID;QC_Warning;LOD;NPX\n"
    path = tmp_path / "npx.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("npx.csv", head + rows)
    content = bytearray(path.read_bytes())
    content[-9000] ^= 0x15
    path.write_bytes(content)
    assert formats.detect(path)[0] == "olink"
    with pytest.raises(InputErrors, match=r"The file cannot be opened \(damaged\)"):
        formats.read(path)


def test_a_table_of_a_sample_with_rows_of_another_length_is_refused(tmp_path):
    text = ("^SAMPLE = GSM1\n!Sample_title = a\n!sample_table_begin\nID_REF\tVALUE\na\t1\n"
            "b\t2\t3\t4\n!sample_table_end\n")  # fmt: skip
    with pytest.raises(InputErrors, match="rows of another length") as caught:
        formats.read(save(tmp_path, text))
    assert caught.value.problems[0].where.endswith("the table that begins in line 4")


def test_an_export_that_ends_with_its_titles_is_refused(tmp_path):
    text = (
        "INSTRUMENT TYPE,SOFTWARE VERSION,WELL LOCATION,SAMPLE ID,IL6: RP1 MEDIAN\n"
        "INTELLIFLEX,Bundle - 2.0.1/Rest - 1,A1,S1,900.5\n"
    )
    assert formats.detect(save(tmp_path, text, "a.csv")) == ("intelliflex", "2.0.1")
    cut = "# INTELLIFLEX\n" + text.split("\n")[0] + "\n"
    with pytest.raises(InputErrors):
        formats.read(save(tmp_path, cut, "b.csv"))
