"""Real exports, each counted by another reader: csv, zipfile, ElementTree, pandas, openpyxl."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_export
from sclerotrial.read.redcap_names import KEYS as SYSTEM


def files(realdata: Path, pattern: str) -> list[Path]:
    found = sorted((realdata / "a_crf").glob(pattern))
    if not found:
        pytest.skip("the real exports are absent")
    return found


def told(found) -> tuple[int, int, int]:
    return found.rows, found.fields, found.cells


def counted(rows: list[list[str]]) -> tuple[int, int, int]:
    """Rows, columns and filled cells below the header; a column without a name is none."""
    header, *body = [r for r in rows if any(r)]
    width = max(i for i, h in enumerate(header) if h) + 1
    return len(body), width, sum(bool(c.strip()) for r in body for c in r[:width])


def test_every_file_is_read(realdata):
    refused = []
    for path in files(realdata, "**/*.*"):
        try:
            found = read_export(path)
        except InputErrors as error:
            refused.append((path.name, str(error)))
            continue
        assert found.format
        assert found.rows or found.dictionary
    assert refused == []


def test_redcap_csv(realdata):
    for path in files(realdata, "redcap_REDCapR/*/data.csv"):
        found = read_export(path, dictionary=next(path.parent.glob("dict*.csv")))
        with path.open(newline="", encoding="utf-8") as file:
            assert told(found) == counted(list(csv.reader(file))), path.parent.name


def test_redcap_xml(realdata):
    for path in files(realdata, "redcap_REDCapR/*/project.xml"):
        found = read_export(path)
        tree = ElementTree.parse(path)
        space = "{http://www.cdisc.org/ns/odm/v1.3}"
        cells = [e for e in tree.iter() if e.tag.startswith(f"{space}ItemData")]
        filled = [e for e in cells if (e.get("Value") or e.text or "").strip()]
        forms = list(tree.iter(f"{space}FormData"))
        items = {e.get("OID") for e in tree.iter(f"{space}ItemDef")}  # survey has one twice
        assert told(found) == (len(forms), len(items), len(filled)), path.parent.name


def test_the_xml_and_the_csv_of_a_project_hold_the_same(realdata):
    """But for survey, whose XML is of another day, and simple, whose CSV R wrote."""
    for path in files(realdata, "redcap_REDCapR/*/project.xml"):
        if path.parent.name in ("survey", "simple"):
            continue
        dictionary = next(path.parent.glob("dict*.csv"))
        one = read_export(path)
        other = read_export(path.parent / "data.csv", dictionary=dictionary)
        for name, table in other.tables.items():
            mine = one.tables[name]
            assert list(mine.rows["SUBJECT"]) == list(table.rows["SUBJECT"])
            assert list(mine.rows["EVENT"]) == list(table.rows["EVENT"])
            assert list(mine.rows["INSTANCE"]) == list(table.rows["INSTANCE"])
            for field in table.fields:
                squeezed = [t.rows[field].str.split().str.join(" ").tolist() for t in (mine, table)]
                assert squeezed[0] == squeezed[1], (path.parent.name, field)


def test_secutrial(realdata):
    about = {"fs", "qs", "is", "vp", "vpfs", "ctr", "cn", "cl", "miv", "qac", "cts", "forms",
             "questions", "items", "visitplan", "visitplanforms", "centres", "casenodes", "queries",
             "comments"}  # fmt: skip
    for path in files(realdata, "secuTrial/*.zip"):
        found = read_export(path)
        total = [0, 0, 0]
        codec = "iso8859-15" if "8859" in path.name else "utf-8"
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                stem = Path(name).stem.split("_")[0]
                content = archive.read(name).decode(codec)
                if stem in about or stem.startswith(("at", "Export")) or not content:
                    continue
                rows = list(
                    csv.reader(
                        io.StringIO(content, newline=""),
                        delimiter="\t" if name.endswith("xls") else ",",
                    )
                )
                if not rows[0][0].startswith("mnp"):  # exported without names
                    rows.insert(0, [f"c{i}" for i in range(len(rows[0]) - 1)])
                total = [a + b for a, b in zip(total, counted(rows), strict=True)]
        assert told(found) == tuple(total), path.name
        assert found.version.startswith("5."), path.name


def test_sas_transport(realdata):
    for path in files(realdata, "cdiscpilot01_sdtm/*.xpt"):
        found = read_export(path)
        frame = pd.read_sas(path, format="xport", encoding="utf-8")
        text = frame.select_dtypes(exclude="number").fillna("").astype(str)
        filled = int((text.map(str.strip) != "").to_numpy().sum())
        filled += int(frame.select_dtypes("number").notna().to_numpy().sum())
        assert told(found) == (*frame.shape, filled), path.name
        table = found.tables[path.stem.upper()]
        assert list(table.rows["SUBJECT"]) == frame["USUBJID"].str.strip().tolist()
        assert all(f.label for f in found.dictionary.fields.values())


def test_workbook_and_list(realdata):
    import openpyxl

    for path in files(realdata, "secuTrial/*.xlsx"):
        sheet = openpyxl.load_workbook(path, read_only=True).active
        rows = [["" if c is None else str(c) for c in r] for r in sheet.iter_rows(values_only=True)]
        body = [r for r in rows[8:] if any(r)]
        found = read_export(path)
        assert (found.rows, found.cells) == (len(body), sum(bool(c) for r in body for c in r))
        assert (
            next(iter(found.tables.values())).where(0, "Column").endswith("cell I10, field Column")
        )
    for path in files(realdata, "secuTrial/*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            assert told(read_export(path)) == counted(list(csv.reader(file, delimiter=";")))


def test_r_data_frames(realdata):
    """Counts of the study that the frames were cut from; dates as its documentation shows them."""
    sdtm = pd.read_sas(
        files(realdata, "cdiscpilot01_sdtm/ae.xpt")[0], format="xport", encoding="utf-8"
    )
    found = {p.stem: read_export(p) for p in files(realdata, "pharmaverseraw/*.rda")}
    assert found["ae_raw"].rows == len(sdtm) == 1191
    assert found["dm_raw"].rows == 306
    assert found["vs_raw"].tables["vs_raw"].rows["SUBJECT"].nunique() > 250


def test_no_name_and_no_number_of_a_person_leaves_the_reader(realdata):
    for path in files(realdata, "redcap_REDCapR/*/project.xml"):
        found = read_export(path)
        columns = {c for t in found.tables.values() for c in t.fields}
        names = {"first_name", "last_name", "name_first", "name_last", "phone", "email", "dob"}
        assert not columns & (names | {"telephone", "telephone_1", "address", "ec_phone"})
        assert not columns & set(SYSTEM)
