"""Delimited text: encodings, separators, line ends, physical lines, faults."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.errors import InputErrors
from sclerotrial.read.text import decode, parse, read_delimited, sniff_separator

WORDS = "id;dose µg;naïve\n1;12;é\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_encoding_is_told_by_content(codec, name):
    decoded = decode(WORDS.encode(codec), "f.csv")
    assert decoded.text == WORDS
    assert decoded.encoding == name


def test_bytes_that_windows_1252_lacks_are_latin_1():
    assert decode(b"a;\x81\n", "f.csv").encoding == "Latin-1"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"PK\x03\x04\0\0\0", "Excel workbook"),
        (b"id,x\n1,\x01\x02\n", "not delimited text"),
        (bytes(range(256)), "not delimited text"),
    ],
)
def test_binary_content_is_refused_in_three_parts(content, word):
    with pytest.raises(InputErrors) as caught:
        decode(content, "raw/f.csv")
    (problem,) = caught.value.problems
    assert word in problem.what
    assert problem.where == "raw/f.csv, line 1"
    assert problem.todo


@pytest.mark.parametrize(
    ("content", "word"), [(None, "missing"), (b"", "empty"), (b"\xef\xbb\xbf \r\n\n", "empty")]
)
def test_missing_and_empty_files(tmp_path, content, word):
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputErrors, match=word):
        read_delimited(path, "f.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_told_by_content(separator):
    rows = [["id", "text", "n"], ["1", "a, b; c", "2,5"], ["2", "d", "3,5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    assert sniff_separator(out.getvalue()) == separator


def test_one_column_has_a_comma():
    assert sniff_separator("id\n1\n2\n") == ","


def test_the_hint_of_excel_is_obeyed_and_counted_as_a_line():
    grid = parse(decode(b"sep=;\r\nid;x\r\n1;2\r\n", "f"), "f")
    assert grid.header == ["id", "x"]
    assert grid.header_line == 2
    assert list(grid.lines) == [3]


@pytest.mark.parametrize(("end", "name"), [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")])
def test_lines_are_physical_when_cells_span_lines(end, name):
    text = end.join(["id,note", '1,"a', "b", 'c"', "", "2,x", '3,"y', '"', "4,z", ""])
    decoded = decode(text.encode(), "f")
    grid = parse(decoded, "f")
    assert decoded.line_ends == name
    assert list(grid.lines) == [2, 6, 7, 9]
    assert list(grid.cells["note"]) == ["a\nb\nc", "x", "y", "z"]


def test_title_lines_above_the_header_are_passed_over():
    text = "Hospital of X\nPrinted 3 May\n\npatient;test;result\n1;CRP;3\n"
    grid = parse(decode(text.encode(), "f"), "f", separator=";", wanted=["patient", "test"])
    assert grid.header == ["patient", "test", "result"]
    assert (grid.header_line, list(grid.lines)) == (4, [5])


def test_blanks_around_cells_go_and_are_counted():
    grid = parse(decode("id,x\n S01 ,\u00a05\n , \nS02,6\n".encode(), "f"), "f")
    assert grid.cells.to_numpy().tolist() == [["S01", "5"], ["S02", "6"]]
    assert grid.padded["id"][0] == 2
    assert list(grid.lines) == [2, 4]


def test_every_fault_of_shape_is_told_in_one_pass():
    text = "id,x,x,\n1,2,3,4\n1,2\n1,2,3,4,5\n"
    with pytest.raises(InputErrors) as caught:
        parse(decode(text.encode(), "f"), "f.csv")
    told = str(caught.value)
    assert "Two columns have the name 'x' (columns 2 and 3)" in told
    assert "f.csv, line 2" in told and "f.csv, line 3" in told and "f.csv, line 4" in told


def test_a_quote_never_closed_names_the_line_of_its_record():
    with pytest.raises(InputErrors) as caught:
        parse(decode(b'id,note\n1,a\n2,"cut off\n3,b\n', "f"), "f.csv")
    (problem,) = caught.value.problems
    assert "never closed" in problem.what
    assert problem.where.startswith("f.csv, line 3")


def test_a_stray_quote_names_its_line():
    with pytest.raises(InputErrors, match="without being doubled") as caught:
        parse(decode(b'id,note\n1,"a" b\n2,c\n3,d\n', "f"), "f.csv")
    assert "line 2" in caught.value.problems[0].where


CELL = st.text(st.sampled_from("ab,;\t|\"'é µ\n0"), max_size=6).map(
    lambda t: t.strip(" \t\n").replace("\t", " ")
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_what_was_written_is_read_whatever_the_dialect(rows, separator, quoting, end, codec):
    table = [("id", "first", "second", "third")]
    table += [(str(i), *row) for i, row in enumerate(rows)]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(table)
    text = out.getvalue()
    starts, line = [], 1
    for record in table:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in record)
    content = text.replace("\n", end).encode(codec)
    grid = parse(decode(content, "f"), "f", separator=separator)
    assert [tuple(r) for r in grid.cells.to_numpy()] == table[1:]
    assert list(grid.lines) == starts[1:]
