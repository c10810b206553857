"""The simulation study in the report, and whether it is that of the code at hand."""

import csv

import pytest

from sclerotrial.fingerprint import Code
from sclerotrial.fingerprint.simulated import KEPT, SCRIPT, code_of, kept
from sclerotrial.publish.simulated import NONE, STALE, appendix

HEAD = ["DESIGN", "SHAPE", "TRUTH", "MEASURE", "METHOD", "VALUE", "MC_ERROR", "TRIALS",
        "EXACT_UNDER", "VERDICT", "FINGERPRINT"]  # fmt: skip
ROWS = [
    ["ten", "normal", "null", "rejection", "sign-flip", 0.0345, 0.00577, 1000, "symmetry", "kept"],
    ["ten", "normal", "null", "bias", "t", -0.0123, 0.05, 1000, "", ""],
    ["ten", "normal", "null", "coverage", "none given", "", "", 0, "", ""],
]


def write(path, code):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *([*row, code] for row in ROWS)])


@pytest.fixture
def project(tmp_path):
    """A project with two tests, of which the study uses one, and a generator."""
    room = tmp_path / "src/sclerotrial/inference"
    room.mkdir(parents=True)
    for folder in (room, room.parent):
        (folder / "__init__.py").write_text("")
    (room / "exact.py").write_text(
        "def used(x):\n    return x + 1\n\n\ndef other(x):\n    return x\n"
    )
    (room.parent / "simulate.py").write_text("def draw():\n    return 3\n")
    script = tmp_path / SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text(
        "from sclerotrial.inference import exact\nfrom sclerotrial.simulate import draw\n\n"
        "print(exact.used(draw()))\n"
    )
    return tmp_path


def state(project):
    return kept(project, Code(project / "src/sclerotrial")).get("stale")


def test_no_study_is_kept(project):
    assert state(project) is None


def test_a_function_that_the_study_reaches_makes_it_stale_and_no_other(project):
    write(project / KEPT, code_of(Code(project / "src/sclerotrial"), project / SCRIPT))
    assert state(project) == "no"
    exact = project / "src/sclerotrial/inference/exact.py"
    text = exact.read_text()
    for same in (text.replace("return x\n", "return -x\n"), f"# a remark\n{text}"):
        exact.write_text(same)
        assert state(project) == "no"
    generator = project / "src/sclerotrial/simulate.py"
    generator.write_text("def draw():\n    return 4\n")
    assert state(project) == "no"
    exact.write_text(text.replace("x + 1", "x + 2"))
    assert state(project) == "yes"
    exact.write_text(text)
    (project / SCRIPT).write_text("from sclerotrial.inference import exact\n\nexact.used(5)\n")
    assert state(project) == "yes"


def test_the_appendix_shows_percentages_with_their_error(tmp_path):
    path = tmp_path / "simulation_study.csv"
    write(path, "abc")
    said = appendix(path, stale=False)
    assert "<td>3.5 % (0.6)</td>" in said  # 3.45 rounds half up
    assert "<td>-0.01 (0.05)</td>" in said
    assert "<td>none</td>" in said
    assert "abc" in said
    assert STALE not in said
    assert STALE in appendix(path, stale=True)


def test_without_a_study_the_appendix_says_so(tmp_path):
    assert appendix("", stale=False) == NONE
    assert appendix(tmp_path / "none.csv", stale=False) == NONE


def test_the_study_of_this_project_can_be_fingerprinted(root):
    code = Code(root / "src/sclerotrial")
    lines = code.closure(root / SCRIPT)
    assert any("sclerotrial.inference.paired.sign_flip " in line for line in lines)
    assert len(code_of(code, root / SCRIPT)) == 12
