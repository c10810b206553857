"""What all tests share: the project's folder, its study, and the real files where present."""

from __future__ import annotations

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
