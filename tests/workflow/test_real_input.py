"""Files that nobody here wrote, through the same rules, by configuration alone."""

import csv

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("real")]

ABOUT = "study: {id: REAL, title: A project of another centre}\nraw: raw\n"


def write_study(fresh, forms, raw, extra=None):
    folder = fresh.folder / "other"
    (folder / "config").mkdir(parents=True)
    (folder / "config/study.yaml").write_text(ABOUT)
    (folder / "config/forms.yaml").write_text(forms)
    for name, text in (extra or {}).items():
        (folder / "config" / name).write_text(text)
    for name, source in raw.items():
        path = folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read_bytes())
    return folder


REDCAP = """
sources:
  export: {format: redcap, file: data.csv, dictionary: dictionary.csv, forms: auto}
"""


@pytest.mark.parametrize("name", ["longitudinal", "repeating-instruments", "vignette-repeating"])
def test_real_redcap_export_to_keyed_forms_and_queries(fresh, realdata, name):
    source = realdata / "a_crf/redcap_REDCapR" / name
    raw = {f: source / f for f in ("data.csv", "dictionary.csv")}
    folder = write_study(fresh, REDCAP, raw)
    fresh.run("--cores", "2", "--config", "study=other/config")

    with raw["dictionary.csv"].open(newline="", encoding="utf-8-sig") as file:
        fields = list(csv.DictReader(file))
    with raw["data.csv"].open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    instruments = {f["Form Name"] for f in fields}
    read = {
        p.stem: pd.read_csv(p, dtype=str, keep_default_na=False)
        for p in (folder / "results/clean").glob("*.csv")
    }
    assert set(read) == instruments
    secret = {
        r[f["Variable / Field Name"]]
        for f in fields
        if f["Identifier?"] == "y"
        for r in rows
        if len(r.get(f["Variable / Field Name"], "")) > 2
    }
    open_ = {f["Variable / Field Name"] for f in fields if f["Identifier?"] != "y"}
    secret -= {r[f] for r in rows for f in open_ if f in r}  # a visit on somebody's birthday
    key = fields[0]["Variable / Field Name"]
    for form, table in read.items():
        own = [
            f
            for f in fields
            if f["Form Name"] == form
            and f["Identifier?"] != "y"
            and f["Field Type"] in ("text", "radio", "dropdown", "notes", "yesno", "calc")
            and f["Variable / Field Name"] != key
        ]
        cells = sum(r[f["Variable / Field Name"]] != "" for f in own for r in rows)
        kept = sum(
            (table[f["Variable / Field Name"]] != "").sum()
            for f in own
            if f["Variable / Field Name"] in table
        )
        queries = pd.read_csv(
            folder / "results/queries.csv", dtype=str, keep_default_na=False
        ).query("FORM == @form")
        gone = (queries["ACTION"] == "set missing").sum()
        if name != "longitudinal":  # there, fields named like addresses are dropped with a row
            assert kept + gone == cells
        assert (table["SRCLINE"].astype(int) > 1).all()
        assert not [s for s in secret if s in table.to_csv()]
    if name == "repeating-instruments":
        bp = read["bp"]
        assert bp["bp_systolic"].tolist() == ["110", "111", "112", "114"]
        assert bp["INSTANCE"].tolist() == ["1", "2", "3", "1"]


PLATE = """
assays:
  cytokines:
    label: Real 30-plex plate
    files: "*.csv"
    compartment: PLASMA
    scale: linear
    method: curve
    signal: net_mfi
    curve: {model: 5PL, limits: standards, blank: false}
"""


def test_real_cytokine_plate_to_levels_with_the_instruments_limits(fresh, realdata):
    source = realdata / "b_immunoassay/SerolyzeR/pone.0187901.s001.csv"
    folder = write_study(fresh, "sources: {}\n", {"plate.csv": source}, {"assays.yaml": PLATE})
    fresh.run("--cores", "2", "--config", "study=other/config")
    base = folder / "results/assays/cytokines"
    levels = pd.read_csv(base / "levels.csv", dtype=str, keep_default_na=False)
    readings = pd.read_csv(base / "readings.csv", dtype=str, keep_default_na=False)
    assert levels["PARAMCD"].nunique() == 30
    said = readings[(readings["QUANTITY"] == "result") & (readings["TASK"] == "SAMPLE")]
    said = said.assign(PARAMCD=said["ANALYTE"].str.upper().str.replace(r"\W", "", regex=True))
    both = levels.merge(said[["SAMPLE", "PARAMCD", "TEXT"]], on=["SAMPLE", "PARAMCD"])
    assert len(both) == 71 * 30
    theirs = both["TEXT"].str.extract(r"^([<>]?)\s*(.+)$")
    told, value = theirs[0], theirs[1].astype(float)
    ours, limit = both["VALUE"].astype(float), both["CENS"]
    # the instrument extrapolates: a value beyond its outermost standards is out of range too
    low, high = both["LLOQ"].astype(float), both["ULOQ"].astype(float)
    beyond = np.select([value < low * (1 - 1e-9), value > high * (1 + 1e-9)], ["<", ">"], "")
    theirs_out = told.where(told != "", beyond)
    assert (limit == theirs_out).mean() > 0.98
    # and its printed limits (before the dilution) are ours
    factor = both["DILUTION"].astype(float)
    edge = (low.where(told == "<", high) / factor / value)[told != ""]
    assert edge.tolist() == pytest.approx([1] * 210)
    log2 = np.log2(ours / value)[(limit == "") & (told == "")].abs()
    assert log2.median() < 0.05
    assert log2.quantile(0.9) < 0.25
