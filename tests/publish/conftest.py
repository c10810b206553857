"""The small hand-made trial of `tests/present_frames.py` as a fixture."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made():
    """The module of hand-made frames."""
    path = Path(__file__).resolve().parents[1] / "present_frames.py"
    spec = importlib.util.spec_from_file_location("present_frames", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
