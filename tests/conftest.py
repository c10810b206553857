"""What all tests share: the project's folder, its study, and the real files where present."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from tests.project import Project, copy_project

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def study():
    """The shipped trial's description."""
    from sclerotrial.study import load

    return load(ROOT / "config")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Real instrument and CRF files; a user's checkout has none, so such tests skip."""
    folder = Path(os.environ.get("SCLEROTRIAL_REALDATA", ROOT.parent / "shared" / "realdata"))
    if not folder.is_dir():
        pytest.skip("the folder of real files is absent")
    return folder


@pytest.fixture(scope="session")
def shipped(study):
    """The shipped trial read and cleaned, not to be changed: crf, notes, clean, findings."""
    from sclerotrial import clean, read

    raw = ROOT / "data" / "raw"
    if not (raw / "redcap").is_dir():
        pytest.skip("the shipped raw exports are absent")
    crf, notes = read.read_all(study, raw)
    return crf, notes, *clean.clean_forms(study, crf, read.dictionaries(study, raw))


@pytest.fixture(scope="session")
def made():
    """The module `tests/present_frames.py`: the results of a small trial, made by hand."""
    path = ROOT / "tests" / "present_frames.py"
    spec = importlib.util.spec_from_file_location("present_frames", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the real command -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def finished(root, tmp_path_factory) -> Project:
    """The shipped trial, run to its end. Not to be changed: copy it (`broken`)."""
    project = copy_project(root, tmp_path_factory.mktemp("trial") / "project")
    project.text = project.run("--cores", "2").text
    return project


@pytest.fixture
def copy(finished, tmp_path) -> Project:
    """A copy of the finished run, to be changed."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return Project(tmp_path / "project")


@pytest.fixture
def fresh(root, tmp_path) -> Project:
    """The project's files without results."""
    return copy_project(root, tmp_path / "project")
