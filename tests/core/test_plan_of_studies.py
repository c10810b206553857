"""Which study a run takes, and which former results it is held against."""

import shutil

import pytest

from sclerotrial.plan import Plan

NEEDED = ("config", "requirements.lock")


@pytest.fixture
def project(root, tmp_path, monkeypatch):
    here = tmp_path / "project"
    shutil.copytree(root / "config", here / "config")
    shutil.copyfile(root / "requirements.lock", here / "requirements.lock")
    (here / "data/raw").mkdir(parents=True)
    other = tmp_path / "other"
    shutil.copytree(root / "config", other / "config")
    (other / "data/raw").mkdir(parents=True)
    for place in (here, other):
        (place / "published").mkdir()
        (place / "published/queries.csv").write_text("QUERYID\n")
    monkeypatch.chdir(here)
    return here


def test_another_study_is_not_held_against_the_published_one(project):
    other = project.parent / "other"
    (own,) = Plan(project, {}).former("queries.csv")
    assert own == "published/queries.csv"
    (its,) = Plan(project, {"study": str(other)}).former("queries.csv")
    assert its == f"{other.as_posix()}/published/queries.csv"
    shutil.rmtree(other / "published")
    assert Plan(project, {"study": str(other)}).former("queries.csv") == []
    named = Plan(project, {"study": str(other), "against": "published"})
    assert named.former("queries.csv") == ["published/queries.csv"]


def test_the_study_that_the_run_options_name_is_taken(project):
    other = project.parent / "other"
    path = project / "config/config.yaml"
    path.write_text(path.read_text().replace("study: config ", f"study: {other.as_posix()} "))
    assert Plan(project, {}).folder == other / "config"
    assert Plan(project, {"study": "config"}).folder.as_posix() == "config"


def test_a_claim_is_held_against_the_sections_that_it_names(project):
    assert Plan(project, {}).claimed == ["study", "recruitment", "strata", "dosing", "claims"]


def test_the_table_of_probes_is_an_input_and_no_file_of_the_assay(project):
    path = project / "config/assays.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "    method: delta_ct\n",
        "    method: as_given\n    wide: true\n    genes: skin/array*.txt\n", 1
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    (project / "data/raw/skin").mkdir()
    for name in ("matrix.txt", "array_v4.txt"):
        (project / "data/raw/skin" / name).write_text("")
    plan = Plan(project, {})
    assert plan.assay_files("qpcr_skin") == ["data/raw/skin/matrix.txt"]
    assert plan.assay_inputs("qpcr_skin") == [
        "data/raw/skin/matrix.txt", "data/raw/skin/array_v4.txt"
    ]  # fmt: skip
