"""The notebook for exploration: what it calls is there, and does what it says."""

from __future__ import annotations

import json

import pytest

from sclerotrial.publish.pages import Results
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
