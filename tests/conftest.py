"""What all tests share: the project's folder, its study, and the real files where present."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

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
