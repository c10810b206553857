"""Exports of other systems by configuration alone, through the real command."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("others")]

STUDY = """study: {id: X, title: Four systems}
raw: raw
results: results
visits:
  - {avisit: Screening, avisitn: 0, event: [screening_arm_1, Baseline, Aufnahme, Base]}
"""
FORMS = """identifiers: [initials]
sources:
  rc: {format: auto, file: rc.xml, forms: auto}
  oc: {format: auto, file: oc.xml}
  st: {format: auto, file: st.zip}
  book: {format: auto, file: book.xlsx, subject: Patient, visit: Visit}
forms:
  oc_vitals: {source: oc, instrument: F_VS, fields: {weight: {source: WEIGHT}}}
  st_vitals: {source: st, instrument: vitals, date: vs_date}
  book_vitals:
    source: book
    instrument: Vitals
    fields: {weight: {source: Weight, type: number}}
"""


def made():
    """The small exports of the reader's tests."""
    path = Path(__file__).parents[1] / "read" / "made.py"
    spec = importlib.util.spec_from_file_location("made_exports", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_four_systems_by_configuration(fresh):
    folder = fresh.folder / "four"
    (folder / "config").mkdir(parents=True)
    (folder / "config/study.yaml").write_text(STUDY)
    (folder / "config/forms.yaml").write_text(FORMS)
    raw = folder / "raw"
    raw.mkdir()
    exports = made()
    (raw / "rc.xml").write_text(exports.REDCAP_XML)
    (raw / "oc.xml").write_text(exports.OPENCLINICA)
    (raw / "st.zip").write_bytes(exports.secutrial())
    rows = [["Patient", "Visit", "Weight", "Initials"], ["S01", "Base", 70.5, "ZQX"]]
    (raw / "book.xlsx").write_bytes(exports.workbook({"Vitals": rows}))
    said = fresh.run("--cores", "2", "intake", "--config", "study=four").text
    assert "secuTrial export" in said and "REDCap project XML (CDISC ODM)" in said
    fresh.run("--cores", "2", "--config", "study=four")

    def table(name: str) -> pd.DataFrame:
        path = folder / "results" / f"{name}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    intake = table("intake").set_index("path")
    assert dict(intake["format"]) == {
        "book.xlsx": "Excel workbook",
        "oc.xml": "CDISC ODM (OpenClinica)",
        "rc.xml": "REDCap project XML (CDISC ODM)",
        "st.zip": "secuTrial export",
    }
    assert list(intake["verdict"]) == ["ok"] * 4
    assert list(intake["rows"]) == ["1", "5", "3", "3"]
    assert list(intake["cells"]) == ["4", "7", "10", "34"]  # a unit is told with its value
    assert list(table("clean/oc_vitals")["weight"]) == ["70.5", "154", "81"]
    st = table("clean/st_vitals")
    assert list(st["vs_date"]) == ["2019-04-01", "2019-05-02", "2019-04-02"]
    assert list(st["VISIT"]) == ["Screening", "72", "Screening"]
    assert list(table("clean/book_vitals")["VISIT"]) == ["Screening"]
    assert list(table("crf/events")["term"]) == ["headache", "nausea"]
    hidden = ("ZQX", "Zwentibold", "1950-02-03")
    for path in (folder / "results").rglob("*.csv"):
        assert not [h for h in hidden if h in path.read_text(encoding="utf-8")]
