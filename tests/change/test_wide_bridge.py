"""Bridge samples of wide Olink panels: by hand, and as the same files give when not wide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from sclerotrial.assays import read_files, read_panel
from sclerotrial.assays.quantify import quantify
from sclerotrial.change.panel import score_panel
from sclerotrial.change.wide_file import read_changes
from sclerotrial.errors import InputErrors
from tests.change.test_wide import a_study, an_assay

MANIFEST = pd.DataFrame({
    "barcode": ["P1-B", "P1-M", "P2-B", "P2-M"], "USUBJID": ["P1", "P1", "P2", "P2"],
    "visit": ["Baseline", "Month 6"] * 2, "collected": ["2020-01-01", "2020-07-01"] * 2,
    "compartment": "SKIN", "freeze_thaw": "", "quality": "ok",
})  # fmt: skip
ADSL = pd.DataFrame({
    "USUBJID": ["P1", "P2"], "TRT01A": "", "SAFFL": "Y", "COMPLFL": "Y", "TRTSDT": "2020-01-02",
    "RANDDT": "2020-01-01",
})  # fmt: skip
# reference less run: -0.5, -0.75, -0.25, -3: median of four (-0.5 - 0.75) / 2 = -0.625
FIRST = {"B1": 2.0, "B2": 3.0, "B3": 4.0, "B4": 5.0, "P1-B": 1.0, "P2-B": 0.5}
SECOND = {"B1": 2.5, "B2": 3.75, "B3": 4.25, "B4": 8.0, "P1-M": 6.0, "P2-M": 5.0}


def assay_of(minimum=3, reference="X", **more):
    bridge = {"samples": "B[0-9]+", "reference": reference, "minimum": minimum}
    return an_assay(bridge=bridge, **more)


def rows_of(plate, levels, lod, analyte="IL6", warned=()):
    return [f"{s};OID{analyte};{analyte};{plate};A{i};{'WARN' if s in warned else 'PASS'};{lod};{v}"
            for i, (s, v) in enumerate(levels.items(), 1)]  # fmt: skip


def saved(folder, *rows, name="npx.csv"):
    head = "SampleID;OlinkID;Assay;PlateID;WellID;SampleQC;LOD;NPX"
    (folder / name).write_text("\n".join([head, *rows]) + "\n")
    return str(folder / name)


def both_plates(folder, **more):
    rows = rows_of("X", FIRST, 0.75) + rows_of("Y", SECOND, 4.5, **more)
    # IL8 has but two bridge samples on Y; IL10 is measured on Y alone
    rows += rows_of("X", FIRST, -1, "IL8")
    rows += rows_of("Y", {k: v for k, v in SECOND.items() if k not in ("B3", "B4")}, -1, "IL8")
    rows += rows_of("Y", SECOND, -1, "IL10")
    return saved(folder, *rows)


def test_a_plate_moves_by_the_median_of_the_paired_differences(tmp_path):
    """P1 6 - 0.625 - 1 = 4.375, P2 5 - 0.625 - 0.5 = 3.875; LOD 4.5 of Y becomes 3.875, the file's.

    P2 at 4.375 is above it, both baselines below.
    """
    assay = assay_of()
    panel = read_panel(assay, [both_plates(tmp_path)], tmp_path, MANIFEST)
    assert panel.features == ["IL6", "IL8", "IL10"]
    assert panel.samples == ["P1-B", "P2-B", "P1-M", "P2-M"]
    want = [[1, 0.5, 5.375, 4.375], [1, 0.5, np.nan, np.nan], [np.nan, np.nan, 6, 5]]
    np.testing.assert_array_equal(panel.values, want)
    assert panel.below[0].tolist() == [True, True, False, False]
    score_panel(panel, "panel", MANIFEST, ADSL, a_study(assay), tmp_path / "w.parquet")
    change = read_changes(tmp_path / "w.parquet")["Month 6"]
    np.testing.assert_array_equal(change.values[0], [4.375, 3.875])
    assert change.features["N"].tolist() == [2, 0, 0]
    assert change.features["N_CENS"].tolist() == [2, 0, 0]


def test_what_was_done_is_told_and_the_reported_agree(tmp_path):
    """quality.csv: the run as a whole, each reported analyte, each pool; levels as the panel."""
    assay = assay_of(analytes={"IL6": {}}, scores={"S": {"weights": {"IL6": 1, "IL10": 2}}})
    readings = read_files("panel", assay, [both_plates(tmp_path)], tmp_path)
    levels, quality = quantify("panel", assay, readings, MANIFEST, ["Baseline", "Month 6"])
    by = levels.set_index(["PARAMCD", "SAMPLE"])["VALUE"]
    assert by["IL6"].to_dict() == {"P1-B": 1, "P2-B": 0.5, "P1-M": 5.375, "P2-M": 4.375}
    assert by["S"].to_dict() == {"P1-M": 5.375 + 12, "P2-M": 4.375 + 10}
    told = quality[quality["CHECK"] == "bridge"]
    mine = told.loc[told["PARAMCD"] == "IL6", ["LEVEL", "VALUE", "VERDICT"]]
    assert mine.to_numpy().tolist() == [["Y", -0.625, "pass"]]
    assert told.loc[told["PARAMCD"] == "IL10", "VERDICT"].tolist() == ["note"]
    (whole,) = told.loc[told["PARAMCD"] == "", ["VERDICT", "VALUE", "MESSAGE"]].to_numpy().tolist()
    assert whole == [
        "fail", 1, "1 of 3 features of Y aligned to X by at least 3 bridge samples (added: median"
        " -0.63); 1 with fewer left out; 1 measured there alone, kept as written",
    ]  # fmt: skip
    # four pools, in one file
    assert (quality["CHECK"] == "bridge_sample").sum() == 4


def test_a_bridge_with_a_warning_gives_no_pair(tmp_path):
    """Without B4 the differences are -0.5, -0.75 and -0.25."""
    file = both_plates(tmp_path, warned=("B4",))
    panel = read_panel(assay_of(), [file], tmp_path, MANIFEST)
    assert panel.values[0].tolist() == [1, 0.5, 5.5, 4.5]


def test_a_file_is_the_run_where_the_reference_is_one(tmp_path):
    files = [saved(tmp_path, *rows_of("P", FIRST, 1), name="one.csv"),
             saved(tmp_path, *rows_of("P", SECOND, 1), name="two.csv")]  # fmt: skip
    panel = read_panel(assay_of(reference="two.csv"), files, tmp_path, MANIFEST)
    assert panel.values[0].tolist() == [1.625, 1.125, 6, 5]
    assert panel.below[0].tolist() == [False, True, False, False]
    with pytest.raises(InputErrors, match="is no file and no plate"):
        read_panel(assay_of(reference="three.csv"), files, tmp_path, MANIFEST)


def test_bridge_samples_of_the_trial_stay_with_the_mean_of_their_runs(tmp_path):
    """B1 of the manifest: 2 on X, 2.5 - 0.625 on Y."""
    more = pd.DataFrame({"barcode": ["B1"], "USUBJID": ["P3"], "visit": ["Baseline"]})
    manifest = pd.concat([MANIFEST, more]).fillna("")
    panel = read_panel(assay_of(), [both_plates(tmp_path)], tmp_path, manifest)
    assert panel.samples == ["B1", "P1-B", "P2-B", "P1-M", "P2-M"]
    assert panel.values[0, 0] == (2 + 1.875) / 2


def test_a_wide_table_of_olink_has_plates_too(tmp_path):
    book = Workbook()
    sheet = book.active
    head = [["NPX data"], [], ["Panel", "I", "I", "I"], ["Assay", "IL6", "Plate ID", "QC Warning"],
            ["Uniprot ID", "P", "", ""], ["OlinkID", "OID00001", "", ""], []]  # fmt: skip
    rows = [[s, v, p, "Pass"] for p, levels in (("X", FIRST), ("Y", SECOND))
            for s, v in levels.items()]  # fmt: skip
    for row in [*head, *rows, [], ["LOD", 4.0, "", ""]]:
        sheet.append(row)
    book.save(tmp_path / "npx.xlsx")
    panel = read_panel(assay_of(), [str(tmp_path / "npx.xlsx")], tmp_path, MANIFEST)
    assert panel.values[0].tolist() == [1, 0.5, 5.375, 4.375]
    # a limit without its plate moves with the one that moves furthest up: X, which stays
    assert panel.below[0].tolist() == [True, True, False, False]


def test_a_matrix_is_told_why_it_takes_no_bridge(tmp_path):
    (tmp_path / "m.tsv").write_text("gene\tP1-B\tB1\nIL6\t1\t2\nIL8\t2\t3\n")
    for ask in (read_panel, lambda *a: read_files("panel", *a)):
        with pytest.raises(InputErrors) as told:
            ask(assay_of(), [str(tmp_path / "m.tsv")], tmp_path)
        (problem,) = told.value.problems
        assert "plate by plate" in problem.what and "files of Olink" in problem.what
        assert problem.where == "m.tsv" and problem.todo.startswith("Leave out bridge")


@pytest.mark.parametrize("seed", range(4))
def test_the_panel_has_the_levels_of_the_same_file_that_is_not_wide(tmp_path, seed):
    """Three plates, gaps, warnings, controls, repeats: every feature as `quantify` aligns it."""
    rng = np.random.default_rng(seed)
    rows = []
    for plate in "XYZ":
        who = [f"B{i}" for i in range(5)] + [f"{p}-{v}" for p in ("P1", "P2") for v in "BM"]
        for i, s in enumerate([*who, "CONTROL_1"]):
            for k in range(6):
                if rng.random() < 0.2:
                    continue
                value = "NA" if rng.random() < 0.1 else f"{rng.normal(2, 2):.4f}"
                warn = "WARN" if rng.random() < 0.1 else "PASS"
                rows.append(
                    f"{s};OID{k};G{k};{plate};A{i + 1};{warn};{k / 4 + ord(plate) % 3};{value}"
                )
    file = saved(tmp_path, *rows)
    analytes = {f"G{k}": {} for k in range(6)}
    narrow = assay_of(minimum=2, analytes=analytes).model_copy(update={"wide": False})
    table = read_files("panel", narrow, [file], tmp_path)
    levels, quality = quantify("panel", narrow, table, MANIFEST, ["Baseline", "Month 6"])
    want = levels.pivot(index="PARAMCD", columns="SAMPLE", values="VALUE").astype(float)
    below = levels.pivot(index="PARAMCD", columns="SAMPLE", values="BLQFL")
    panel = read_panel(assay_of(minimum=2), [file], tmp_path, MANIFEST)
    got = pd.DataFrame(panel.values, panel.features, panel.samples)
    have = want.reindex(index=got.index, columns=got.columns)
    np.testing.assert_allclose(got.to_numpy(), have.to_numpy(), rtol=0, atol=1e-12)
    flagged = below.reindex(index=got.index, columns=got.columns) == "Y"
    assert (panel.below & np.isfinite(panel.values)).tolist() == flagged.to_numpy().tolist()
    assert (quality["CHECK"] == "bridge").any() and len(have) == 6
