"""Wide panels from files of readings: Olink's long rows and ADAT are never held whole."""

from __future__ import annotations

import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import formats, read_files, read_panel
from sclerotrial.assays.formats import _olink_long
from sclerotrial.assays.wide import cells_of, of_cells, readings
from sclerotrial.change import wide as change_wide
from sclerotrial.change.panel import score_panel
from sclerotrial.errors import InputErrors
from tests.change.test_wide import a_study, an_assay

PATIENTS = 60


def people_of(n):
    who = [f"P{k:02d}" for k in range(n)]
    tubes = [(f"{p}-{v[0]}", p, v) for p in who for v in ("Baseline", "Month 6")]
    manifest = pd.DataFrame(tubes, columns=["barcode", "USUBJID", "visit"]).assign(
        collected=["2020-01-01", "2020-07-01"] * n, compartment="SKIN", freeze_thaw="", quality="ok"
    )
    adsl = pd.DataFrame({
        "USUBJID": who, "TRT01A": "", "SAFFL": "Y", "COMPLFL": "Y", "TRTSDT": "2020-01-02",
        "RANDDT": "2020-01-01",
    })  # fmt: skip
    return manifest, adsl


def long_rows(features, patients):
    """NPX of every tube and of two controls; GENE0 is on two panels, every ninth sample warned."""
    manifest, _ = people_of(patients)
    names = [*manifest["barcode"], "CONTROL_1", "CONTROL_2"]
    n, k = len(names), features
    value = np.round(np.random.default_rng(5).normal(2, 2, n * k), 5)
    value[::11] = np.nan
    f, s = np.tile(np.arange(k), n), np.repeat(np.arange(n), k)
    return pd.DataFrame({
        "SampleID": np.array(names, object)[s], "Index": s + 1,
        "OlinkID": [f"OID{i}" for i in f], "Assay": [f"GENE{max(i - 1, 0)}" for i in f],
        "PlateID": np.where(s < n // 2, "A", "B"),
        "QC_Warning": np.where(s % 9 == 4, "WARN", "PASS"),
        "PlateQC": np.where(s > 3, "PASS", "FAIL"),
        "LOD": np.where(s < n // 2, -1.0, 1.5), "NPX": value,
    })  # fmt: skip


def written(table, folder, kind):
    if kind == "parquet":
        table.to_parquet(folder / "npx.dat", row_group_size=4096)
    elif kind == "sheet":
        table.to_excel(folder / "npx.dat", index=False, engine="openpyxl")
    elif kind == "adat":
        wide = table.pivot(index="SampleID", columns="OlinkID", values="NPX").fillna(0.5)
        lines = ["^HEADER", "!AssayVersion\tV4.1", "^TABLE_BEGIN",
                 "\t\tSeqId\t" + "\t".join(wide.columns), "SampleId\tSampleType\t\t"]  # fmt: skip
        lines += [f"{i}\t{'QC' if i[0] == 'C' else 'Sample'}\t\t" + "\t".join(map(str, row))
                  for i, row in zip(wide.index, wide.to_numpy().tolist(), strict=True)]  # fmt: skip
        (folder / "npx.dat").write_text("\n".join(lines) + "\n")
    else:
        text = table.to_csv(sep=";", index=False, na_rep="NA")
        if kind == "zip":
            with zipfile.ZipFile(folder / "npx.dat", "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("npx.csv", text)
        else:
            encoding = {"csv": "utf-8", "utf-16": "utf-16", "BOM": "utf-8-sig"}[kind]
            (folder / "npx.dat").write_bytes(text.encode(encoding))
    return [str(folder / "npx.dat")]


@pytest.mark.parametrize(("kind", "many"), [("csv", 3200), ("parquet", 3200), ("adat", 9000)])
def test_reading_and_scoring_hold_less_than_three_times_the_matrix(
    tmp_path, monkeypatch, kind, many
):
    """The matrix: 8 bytes a feature and sample; the rows of a csv are 10 to 20 times as much.

    The matrix is small here, and so are the parts in which it is scored.
    """
    monkeypatch.setattr(change_wide, "_CELLS", 1 << 14)
    people = people_of(PATIENTS)
    assay = an_assay(analytes={"GENE7": {}, "OID9": {}})
    files = written(long_rows(40, PATIENTS), tmp_path, kind)
    panel = read_panel(assay, files, tmp_path)  # what is imported late is no part of it
    score_panel(panel, "panel", *people, a_study(assay), tmp_path / "w.parquet")
    files = written(long_rows(many, PATIENTS), tmp_path, kind)
    tracemalloc.start()
    try:
        panel = read_panel(assay, files, tmp_path)
        rows = score_panel(panel, "panel", *people, a_study(assay), tmp_path / "w.parquet")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert panel.values.shape == (many, 2 * PATIENTS) and rows == 3 * many
    assert most < 3.0 * panel.values.nbytes


KINDS = ["csv", "zip", "utf-16", "BOM", "parquet", "sheet"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [7, 1 << 13])
def test_the_cells_are_those_of_the_tidy_table(tmp_path, monkeypatch, kind, rows):
    """The panel and the reported rows, whatever the parts, as from the whole table."""
    monkeypatch.setattr(_olink_long, "_ROWS", rows)
    assay = an_assay(analytes={"G4": {"names": ["GENE4"]}, "G0": {"names": ["GENE0 OID1"]}})
    (file,) = written(long_rows(8, 5), tmp_path, kind)
    whole = formats.read(file, "npx.dat", "olink")
    other = of_cells(cells_of(whole, assay), "npx.dat", assay)
    panel = read_panel(assay, [file], tmp_path)
    assert panel.features == ["GENE0 OID0", "GENE0 OID1", *(f"GENE{i}" for i in range(1, 7))]
    assert (panel.features, panel.samples) == (other.features, other.samples)
    np.testing.assert_array_equal(panel.values, other.values)
    np.testing.assert_array_equal(panel.below, other.below)
    assert panel.lines.tolist() == other.lines.tolist() == list(range(2, 10))
    mine = readings(panel, assay)
    pd.testing.assert_frame_equal(
        mine.reset_index(drop=True), readings(other, assay).reset_index(drop=True)
    )
    # of both features 12 tubes and controls, 2 limits; a count a tube; a plate that failed
    assert mine["QUANTITY"].value_counts().to_dict() == {
        "npx": 24, "lod": 4, "features": 10, "said": 1
    }  # fmt: skip
    assert set(mine.loc[mine["QUANTITY"] == "npx", "FLAGS"]) == {"", "qc_warning"}


def test_every_kind_of_file_gives_the_same_bytes(tmp_path):
    people, assay = people_of(5), an_assay()
    seen = set()
    for kind in KINDS:
        panel = read_panel(assay, written(long_rows(8, 5), tmp_path, kind), tmp_path)
        score_panel(panel, "panel", *people, a_study(assay), tmp_path / "w.parquet")
        seen.add((tmp_path / "w.parquet").read_bytes())
    assert len(seen) == 1


def test_a_sample_measured_again_counts_with_its_mean(tmp_path):
    """As in the levels: NPX 1 and 2 are 1.5, RFU 2 and 8 are 4; an empty one counts for nothing."""
    head = "SampleID;OlinkID;Assay;NPX;PlateID;WellID\n"
    rows = ["T1;O1;IL6;1;A;A1", "T1;O2;IL8;5;A;A1", "T2;O1;IL6;3;A;A2", "T1;O1;IL6;2;B;A1",
            "T1;O2;IL8;NA;B;A1", "T1;O1;IL6;NA;B;B1"]  # fmt: skip
    (tmp_path / "npx.csv").write_text(head + "\n".join(rows) + "\n")
    panel = read_panel(an_assay(), [str(tmp_path / "npx.csv")], tmp_path)
    assert panel.samples == ["T1", "T2"]
    np.testing.assert_array_equal(panel.values, [[1.5, 3], [5, np.nan]])
    lines = ["^HEADER", "!AssayVersion\tV4", "^TABLE_BEGIN", "\tSeqId\t1-1\t2-2", "SampleId\t\t\t",
             "T1\t\t2\t7", "T2\t\t1\t1", "T1\t\t8\t7"]  # fmt: skip
    (tmp_path / "a.adat").write_text("\n".join(lines) + "\n")
    assay = an_assay().model_copy(update={"scale": "linear"})
    panel = read_panel(assay, [str(tmp_path / "a.adat")], tmp_path)
    np.testing.assert_allclose(panel.values, [[4, 1], [7, 1]], rtol=1e-15)


@pytest.mark.parametrize(
    ("row", "what", "where"),
    [
        ("T3;O1;IL6;low;A;A3", "A cell is no number", "line 4"),
        ("T3;O1;IL6;1e999;A;A3", "A cell is no number", "line 4"),
        ("T3;O1;IL6;1;A;A3;more", "more cells than there are titles", "line 4"),
        ('T3;O1;IL6;1;A;"A3', "a quote is opened", "npx.csv"),
    ],
)
def test_what_is_no_table_is_refused_in_any_part(tmp_path, monkeypatch, row, what, where):
    monkeypatch.setattr(_olink_long, "_ROWS", 2)
    text = "SampleID;OlinkID;Assay;NPX;PlateID;WellID\nT1;O1;IL6;1;A;A1\nT2;O1;IL6;3;A;A2\n"
    (tmp_path / "npx.csv").write_text(text + row + "\n")
    for ask in (read_panel, lambda *a: read_files("panel", *a)):
        with pytest.raises(InputErrors, match=what) as told:
            ask(an_assay(), [str(tmp_path / "npx.csv")], tmp_path)
        assert where in told.value.problems[0].where


def test_all_rows_of_an_adat_that_are_wrong_are_told(tmp_path):
    lines = ["^HEADER", "!AssayVersion\tV4", "^TABLE_BEGIN", "\tSeqId\t1-1\t2-2", "SampleId\t\t\t",
             "T1\t\t2", "T2\t\t1\t1_0", "T3\t\t1\tinf", "T4\t\tNA\t1,5"]  # fmt: skip
    (tmp_path / "a.adat").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputErrors) as told:
        read_panel(an_assay(), [str(tmp_path / "a.adat")], tmp_path)
    assert [(p.what, p.where) for p in told.value.problems] == [
        ("The row is cut", "a.adat, line 6"), ("A cell is no number", "a.adat, line 7"),
        ("A cell is no number", "a.adat, line 8"),
    ]  # fmt: skip
