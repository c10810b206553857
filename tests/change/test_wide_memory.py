"""Wide matrices in parts: what is held in memory, and that the parts leave no trace."""

from __future__ import annotations

import gc
import gzip
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import formats, read_panel
from sclerotrial.assays.formats import _matrix
from sclerotrial.change import wide
from sclerotrial.change.panel import score_panel
from sclerotrial.errors import InputErrors
from tests.change.test_wide import a_study, an_assay

GENES, PATIENTS = 5000, 80


@pytest.fixture(scope="module")
def many():
    """A gene a row, two tubes a patient: 5,000 x 160 numbers, 6.4 MB."""
    rng = np.random.default_rng(3)
    values = np.round(rng.normal(6, 2, (GENES, 2 * PATIENTS)), 4)
    values[::7, 3] = np.nan
    who = [f"P{k:02d}" for k in range(PATIENTS)]
    tubes = [(f"{p}-{v[0]}", p, v) for p in who for v in ("Baseline", "Month 6")]
    manifest = pd.DataFrame(tubes, columns=["barcode", "USUBJID", "visit"]).assign(
        collected=["2020-01-01", "2020-07-01"] * PATIENTS, compartment="SKIN", freeze_thaw="",
        quality="ok",
    )  # fmt: skip
    adsl = pd.DataFrame({
        "USUBJID": who, "TRT01A": "", "SAFFL": "Y", "COMPLFL": "Y", "TRTSDT": "2020-01-02",
        "RANDDT": "2020-01-01",
    })  # fmt: skip
    frame = pd.DataFrame(values, [f"G{k}" for k in range(GENES)], manifest["barcode"].tolist())
    return frame.rename_axis("gene"), (manifest, adsl)


def written(frame, folder, kind):
    text = frame.to_csv(sep="\t", na_rep="NA")
    if kind == "plain":
        (folder / "m.tsv").write_text(text)
    elif kind == "gzip":
        (folder / "m.tsv").write_bytes(gzip.compress(text.encode(), 1, mtime=0))
    elif kind == "utf-16":
        (folder / "m.tsv").write_bytes(text.encode("utf-16"))
    elif kind == "series matrix":
        quoted = "\t".join(f'"{c}"' for c in frame.columns)
        head = f'!Series_title\t"x"\n!Sample_title\t{quoted}\n!Sample_geo_accession\t{quoted}\n'
        table = text.split("\n", 1)[1]
        text = f'{head}!series_matrix_table_begin\n"ID_REF"\t{quoted}\n{table}'
        (folder / "m.tsv").write_text(text + "!series_matrix_table_end\n")
    else:
        frame.reset_index().to_parquet(folder / "m.tsv")
    return [str(folder / "m.tsv")]


def scored(frame, people, folder, kind="plain", **more):
    assay = an_assay().model_copy(update=more)
    panel = read_panel(assay, written(frame, folder, kind), folder)
    # the values at two visits, and the changes
    rows = score_panel(panel, "panel", *people, a_study(assay), folder / "w.parquet")
    assert rows == 3 * len(frame)
    return panel, (folder / "w.parquet").read_bytes()


@pytest.mark.parametrize("kind", ["plain", "gzip", "series matrix", "parquet"])
def test_reading_and_scoring_hold_less_than_three_times_the_matrix(
    many, tmp_path, kind, monkeypatch
):
    frame, people = many
    # parts as small beside this matrix as they are beside one of 20,000 x 200
    for room in (_matrix, wide):
        monkeypatch.setattr(room, "_CELLS", int(room._CELLS * frame.size / 4e6))
    assay = an_assay().model_copy(update={"scale": "linear"})
    scored(frame[:20], people, tmp_path, kind)  # what is imported late is no part of it
    files = written(frame, tmp_path, kind)
    gc.collect()
    tracemalloc.start()
    try:
        panel = read_panel(assay, files, tmp_path)
        score_panel(panel, "panel", *people, a_study(assay), tmp_path / "w.parquet")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 3.0 * panel.values.nbytes


@pytest.mark.parametrize("kind", ["gzip", "utf-16", "series matrix", "parquet"])
def test_one_matrix_in_any_file_gives_the_same_bytes(many, tmp_path, kind):
    frame, people = many
    first = scored(frame[:300], people, tmp_path)[1]
    assert scored(frame[:300], people, tmp_path, kind)[1] == first


def test_the_parts_leave_no_trace(many, tmp_path, monkeypatch):
    frame, people = many
    analytes = {"G3": {"within_person_cv": {"value": 30, "source": "made"}}}
    assay = {"analytes": an_assay(analytes=analytes).analytes}
    panel, whole = scored(frame[:40], people, tmp_path, **assay)
    np.testing.assert_array_equal(panel.values, frame[:40].to_numpy())
    for cells in (1, 1234):
        monkeypatch.setattr(_matrix, "_CELLS", cells)
        monkeypatch.setattr(wide, "_CELLS", cells)
        assert scored(frame[:40], people, tmp_path, **assay)[1] == whole


def test_odd_cells_are_read_alike_in_every_part(tmp_path, monkeypatch):
    """A comma is a decimal mark, a blank line no gene; a word is told with its line."""
    lines = ["gene\tA\tB", "G1\t1\t2", "", "G2\t0,5\t3", "G3\t-\t1e2", "G4\t7\tNA"]
    for cells in (_matrix._CELLS, 1):
        monkeypatch.setattr(_matrix, "_CELLS", cells)
        for end in ("\n", "\r\n", "\r"):
            (tmp_path / "m.tsv").write_bytes(end.join([*lines, ""]).encode())
            found = formats.read_matrix(tmp_path / "m.tsv", "m.tsv", "expression")
            assert found.features == ["G1", "G2", "G3", "G4"]
            assert found.lines.tolist() == [2, 4, 5, 6]
            want = [[1, 2], [0.5, 3], [np.nan, 100], [7, np.nan]]
            np.testing.assert_array_equal(found.values, want)
        told = "\n".join([*lines, "G5\tlow\tTrue", "G6\t1\tTrue", ""])
        (tmp_path / "m.tsv").write_text(told)
        with pytest.raises(InputErrors) as caught:
            formats.read_matrix(tmp_path / "m.tsv", "m.tsv", "expression")
        where = {p.where for p in caught.value.problems}
        assert where == {f"m.tsv, line {i}, column {j}" for i, j in ((7, 2), (7, 3), (8, 3))}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("gene\tA\tB\n", "The matrix has no rows"),
        ("gene\tA\tA\nG1\t1\t2\n", "carry one sample's name"),
    ],
)
def test_a_matrix_out_of_shape_is_refused(tmp_path, text, what):
    (tmp_path / "m.tsv").write_text(text)
    with pytest.raises(InputErrors) as told:
        formats.read_matrix(tmp_path / "m.tsv", "m.tsv", "expression")
    assert what in told.value.problems[0].what


def test_a_series_that_was_cut_is_refused(tmp_path):
    (tmp_path / "s.txt").write_text(
        '!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\t"A"\t"B"\n"G1"\t1\t2\n'
    )
    with pytest.raises(InputErrors, match="was cut"):
        formats.read_matrix(tmp_path / "s.txt", "s.txt")
