"""What is kept of modules between runs saves time and changes nothing."""

import json
import os
from pathlib import Path

import pytest

import sclerotrial
from sclerotrial.fingerprint import Code, memory

FILES = {
    "__init__.py": "",
    "a.py": "from sclerotrial.b import g\nX = {'k': g}\ndef f(): return X\ndef no(): pass\n",
    "b.py": "from math import floor\nclass In: pass\nclass g:\n    x: 'In'\n    y = floor(1)\n",
    "broken.py": "def (",
}
SCRIPT = "from sclerotrial.a import f\nimport sclerotrial.broken\nf()\n"


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "sclerotrial" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def closure(project, kept=None):
    return Code(project / "sclerotrial", kept).closure(project / "script.py")


def remember(project):
    code = Code(project / "sclerotrial")
    code.closure(project / "script.py")
    code.remember(project / "kept" / "code.json")
    return project / "kept" / "code.json"


def test_the_closure_is_the_same_with_and_without(project, monkeypatch):
    plain, kept = closure(project), remember(project)
    monkeypatch.setattr("sclerotrial.fingerprint.source._facts", None)  # no statement is read
    known = Code(project / "sclerotrial", kept)
    assert known.module("sclerotrial.b").facts(known.module("sclerotrial.b").pieces[1])
    monkeypatch.undo()
    assert closure(project, kept) == plain


def test_a_module_whose_text_is_another_is_read_again(project):
    kept, before = remember(project), set(closure(project))
    path = project / "sclerotrial" / "b.py"
    stat = path.stat()
    path.write_text(FILES["b.py"].replace("floor(1)", "floor(2)"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # of the same size and age
    after = set(closure(project, kept))
    assert {" ".join(line.split()[:2]) for line in before ^ after} == {"function sclerotrial.b.g"}
    assert after == set(closure(project))


def test_it_is_written_again_only_for_news(project):
    kept = remember(project)
    os.utime(kept, (1, 1))
    for _ in range(2):
        code = Code(project / "sclerotrial", kept)
        code.closure(project / "script.py")
        code.remember(kept)
    assert kept.stat().st_mtime == 1
    (project / "sclerotrial" / "a.py").write_text(FILES["a.py"] + "def more(): pass\n")
    code = Code(project / "sclerotrial", kept)
    code.closure(project / "script.py")
    code.remember(kept)
    assert kept.stat().st_mtime > 1
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": "x", "modules": {}}', "null"])
def test_a_file_that_cannot_be_used_costs_time_only(project, damage):
    kept = remember(project)
    kept.write_text(damage)
    assert closure(project, kept) == closure(project)


def test_parts_of_it_that_cannot_be_used_are_read_again(project):
    kept = remember(project)
    said = json.loads(kept.read_text())
    for one in said["modules"].values():
        one["pieces"] = [[1]]
    kept.write_text(json.dumps(said))
    assert closure(project, kept) == closure(project)


def test_what_another_version_of_the_reader_wrote_is_not_taken(project, monkeypatch):
    kept = remember(project)
    assert memory.recall(kept)
    monkeypatch.setattr(memory, "_version", lambda: "later")
    assert memory.recall(kept) == {}


def test_asking_for_closures_writes_nothing(project):
    kept = remember(project)
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    closure(project, kept)
    closure(project)
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


def test_the_real_package_gives_the_same_with_and_without(tmp_path):
    root = Path(sclerotrial.__file__).parent
    scripts = sorted((Path(__file__).parents[2] / "workflow/scripts").glob("*.py"))
    plain = Code(root)
    closures = [plain.closure(path) for path in scripts]
    plain.remember(tmp_path / "code.json")
    known = Code(root, tmp_path / "code.json")
    assert [known.closure(path) for path in scripts] == closures
