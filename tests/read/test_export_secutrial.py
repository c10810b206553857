"""What a secuTrial export says of its fields: types in six languages, units; rectangular ones."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

from sclerotrial.clean import clean_forms
from sclerotrial.errors import InputErrors
from sclerotrial.read import dictionaries, read_all, read_export

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402

QUOTED = '""'
MOMENT = "2019-04-30 13:46:49"


def changed(tmp_path, name: str, old: str, new: str):
    """The made export with a text of one member replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made.secutrial())) as given,
        zipfile.ZipFile(out, "w") as archive,
    ):
        for member in given.namelist():
            text = given.read(member).decode()
            assert member != name or old in text
            archive.writestr(member, text.replace(old, new) if member == name else text)
    path = tmp_path / "st.zip"
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Nummer 3,1", "number"),
        ("Numéro 3,1", "number"),
        ("Número 3,1", "number"),
        ("Number 3", "number"),
        ("Jahre a (nur berechnet)", "number"),
        ("Années a (nur berechnet)", "number"),
        ("Data (dd.mm.rrrr)", "date_ymd"),
        ("Vollständiges Datum (dd.mm.rrrr gg:mm)", "datetime_ymd"),
        ("Checked Date (dd.mm.yyyy hh:mm)", "datetime_ymd"),
        ("Vollständige Zeit (gg:mm)", "time"),
        ("Checked Time (hh:mm)", "time"),
        ("Date (jjjj)", "integer"),
        ("Date (mm.yyyy)", ""),
        ("Time (mm:ss)", ""),
        ("Textfield 40", ""),
    ],
)
def test_item_types_of_all_languages(tmp_path, written, told):
    found = read_export(changed(tmp_path, "is.xls", "Zahl 3,1", written))
    assert found.dictionary.by_column("vitals")["weight"].validation == told


def test_the_unit_of_an_item_stands_behind_its_values(tmp_path):
    """A value has the unit, a blank has none; the counts of the file are without it."""
    found = read_export(changed(tmp_path, "is.xls", "x", "x"))
    vitals = found.tables["vitals"]
    assert list(vitals.rows["weight_unit"]) == ["kg", "kg", ""]
    assert vitals.where(1, "weight_unit") == "st.zip/vitals.xls, line 3, field weight"
    assert (found.fields, found.cells) == (12, 34)
    box = read_export(changed(tmp_path, "is.xls", "Zahl 3,1", "Checkbox"))
    assert "weight_unit" not in box.tables["vitals"].rows  # of a box the unit is its label


def test_an_item_whose_name_ends_like_a_repetition_is_its_own(tmp_path):
    """`weight_1_1` is a text of the table of items, and no second weight: without unit or type."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made.secutrial())) as given,
        zipfile.ZipFile(out, "w") as archive,
    ):
        for member in given.namelist():
            text = given.read(member).decode()
            if member == "is.xls":
                text += '"14"\t"5"\t"40"\t"weight_1_1"\t"Textfield 40"\t"Waage"\t""\t""\t""\n'
            if member == "vitals.xls":
                cells = ('"weight_1_1"\t"weight_2_1"', '"home"\t"71.5"', '""\t""', '"ward"\t""')
                rows = zip(text.splitlines(), cells, strict=True)
                text = "\n".join(f'{row.removesuffix(QUOTED)}{more}\t""' for row, more in rows)
            archive.writestr(member, text)
    (tmp_path / "st.zip").write_bytes(out.getvalue())
    found = read_export(tmp_path / "st.zip")
    fields, rows = found.dictionary.by_column("vitals"), found.tables["vitals"].rows
    assert (fields["weight_1_1"].label, fields["weight_1_1"].validation) == ("Waage", "")
    assert (fields["weight_2_1"].label, fields["weight_2_1"].validation) == ("Gewicht", "number")
    assert "weight_1_1_unit" not in rows
    assert list(rows["weight_2_1_unit"]) == ["kg", "", ""]


def test_a_unit_of_the_export_that_is_not_the_one_of_the_analysis(tmp_path, make_study):
    """lb in the table of items: 70.5 lb are 31.98 kg, and the study says which weights can be."""
    changed(tmp_path, "is.xls", '"kg"', '"lb"')
    units = {"unit": "kg", "unit_field": "weight_unit", "factors": {"kg": 1, "lb": 0.45359237}}
    study = make_study(
        {"st": {"format": "secutrial", "file": "st.zip", "forms": "auto"}},
        {"vitals": {"source": "st", "units": {"weight": units}}},
    )
    crf, _ = read_all(study, tmp_path)
    clean, findings = clean_forms(study, crf, dictionaries(study, tmp_path))
    assert [round(float(v), 2) for v in clean["vitals"]["weight"] if v] == [31.98, 31.3]
    assert list(findings.loc[findings["RULE"] == "unit_converted", "RAW"]) == ["70.5 lb", "69 lb"]


def rectangular() -> bytes:
    """One row a patient, two visits side by side, one repeated group; no table of items."""
    system = ("mnpdocid", "mnplastedit", "mnpvisid")
    fields = ("vs_date", "seen", "number", "note", "organ_99_1", "organ_99_2")
    header = ["mnppid", "mnpaid", "mnpcs0"]
    for visit in ("v71_1", "v71_2"):
        header += [f"{visit}_vitals_{c}" for c in (*system, *fields)]
    rows = [
        header,
        ["1204", "S01", "0",
         "180", MOMENT, "71", "20190401", "201904011230", "20190299", "x", "lung", "skin",
         "181", MOMENT, "71", "20190501", "", "20190401", "y", "", ""],
        ["1205", "S02", "0",
         "182", MOMENT, "71", "20190402", "201904020800", "", "", "", "",
         "", "", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    text = "\n".join("\t".join(f'"{c}"' for c in (*row, "")) for row in rows) + "\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ExportOptions.html", "<html>x</html>")
        archive.writestr("data_ABC.xls", text)
    return out.getvalue()


def test_dates_of_a_rectangular_export_are_told_by_their_content(tmp_path):
    """29 February 2019 is no day: such a column is not one of dates."""
    (tmp_path / "rt.zip").write_bytes(rectangular())
    found = read_export(tmp_path / "rt.zip")
    fields = found.dictionary.by_column("vitals")
    assert {n: f.validation for n, f in fields.items()} == {
        "vs_date": "date_ymd", "seen": "datetime_ymd", "number": "", "note": "",
        "organ_99_1": "", "organ_99_2": "",
    }  # fmt: skip
    assert "no table of items in the export: dates are told by their content" in found.notes
    assert [len(t.rows) for t in found.tables.values()] == [3, 2]


def test_a_damaged_member_of_the_archive_is_refused(tmp_path):
    """The first packed block is of the reserved kind (bits 11), which nothing can unpack."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vitals.xls", "mnppid\tweight\n" * 99)
    content = bytearray(out.getvalue())
    content[30 + len("vitals.xls")] |= 0b111
    (tmp_path / "st.zip").write_bytes(bytes(content))
    with pytest.raises(InputErrors, match="damaged or cut off"):
        read_export(tmp_path / "st.zip")
