"""The notebook for exploration: what it calls is there, and does what it says."""

from __future__ import annotations

import json
import shutil

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from sclerotrial import figures
from sclerotrial.figures.theme import save
from sclerotrial.publish.explore import Results
from sclerotrial.publish.lineage import lineage, write_lineage
from sclerotrial.publish.pages import CONFIG, FOLDER
from sclerotrial.tabular import write_csv

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def results(made, root, tmp_path_factory):
    """A results folder with datasets and assays."""
    folder = tmp_path_factory.mktemp("results")
    frames = made.adam()
    for name in ("readings", "levels", "quality"):
        write_csv(frames.pop(name), folder / "assays" / "luminex_serum" / f"{name}.csv")
    for name, frame in frames.items():
        write_csv(frame, folder / "adam" / f"{name}.csv")
    write_csv(made.ard(), folder / "ard.csv")
    return Results(folder, config=root / "config")


@pytest.fixture
def whole(results, made, study, tmp_path):
    """The same with queries, the way back of numbers and a figure, as a run leaves them."""
    folder = tmp_path / "results"
    shutil.copytree(results.folder, folder)
    queries = [{"SEVERITY": "warning", "RULE": "range"}, {"SEVERITY": "info", "RULE": "unit"}]
    write_csv(pd.DataFrame(queries), folder / "queries.csv")
    write_lineage(lineage(made.ard(), made.adam(), study), folder / "lineage.parquet")
    drawn = figures.draw("skin_map", made.adam(), made.ard(), study)
    save(*drawn, folder / "figures", "skin_map", ["svg"])
    return folder


def executed(book_path, folder, config, scratch):
    """The notebook run in a kernel, as Jupyter does: what its cells showed, as text."""
    book = nbformat.read(book_path, as_version=4)
    own = {"IPYTHONDIR": scratch, "JUPYTER_RUNTIME_DIR": scratch, FOLDER: folder, CONFIG: config}
    own |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in own.items():
            patch.setenv(key, str(value))
        NotebookClient(book, kernel_name="python3", timeout=600).execute()
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    assert not [out for out in outputs if out.output_type == "error"]
    streams = [out.text for out in outputs if out.get("name") == "stderr"]
    # what a figure's library warns of is no failure; anything else on the error stream is
    assert not [s for s in streams if "Warning" not in s]
    data = [d for out in outputs for d in out.get("data", {}).values()]
    return [str(d) for d in data] + [out.text for out in outputs if out.get("name") == "stdout"]


def test_the_notebook_runs_clean_from_top_to_end(root, whole, tmp_path):
    shown = executed(root / "notebooks" / "explore.ipynb", whole, root / "config", tmp_path)
    text = "\n".join(shown)
    assert "Simulated data. No patient took part" in text  # the fifth line
    assert ">31.5</span>" in text or ">29.0</span>" in text  # a number by its ID
    assert "efficacy.mrss.imatinib.month6.aval.mean = 29.0" in text  # where it comes from
    assert "redcap/IMSSC_DATA.csv line 27" in text
    assert '<figure id="figure-skin-map"' in text  # as published
    assert any(len(s) > 10_000 for s in shown)  # drawn anew: a picture
    assert "34.1" in text  # the check that failed


@pytest.mark.workflow
def test_the_notebook_runs_clean_on_the_shipped_trial(root, finished, tmp_path):
    results = finished.folder / "results"
    shown = executed(root / "notebooks" / "explore.ipynb", results, root / "config", tmp_path)
    assert "efficacy.mrss.imatinib.month6.aval.mean = 29.4" in "\n".join(shown)


def test_the_results_open_in_five_lines(root):
    book = json.loads((root / "notebooks" / "explore.ipynb").read_text(encoding="utf-8"))
    first = next(c for c in book["cells"] if c["cell_type"] == "code")
    assert len([line for line in first["source"] if line.strip()]) == 5


@pytest.mark.parametrize("name", ["event_onset", "skin_map", "biomarker_plates"])
def test_a_figure_can_be_drawn_anew_as_an_object(results, name):
    drawn = results.draw(name)
    assert hasattr(drawn, "draw") or hasattr(drawn, "savefig")


def test_a_frame_is_a_dataset_or_a_table_of_all_assays(results):
    assert "PARAMCD" in results.frame("adqs")
    assert results.frame("quality")["VERDICT"].tolist().count("fail") == 1


def test_numbers_are_found_by_a_pattern_each_with_its_way_back(results):
    text = results.among("efficacy.mrss.*.chg.mean safety.week1.*")
    assert text.count("data-ard") == 2
    assert 'data-ard="efficacy.mrss.imatinib.month6.chg.mean"' in text
