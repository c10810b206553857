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
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/script.py").write_text(SCRIPT)
    return tmp_path


def closure(project, kept=None):
    return Code(project / "sclerotrial", kept).closure(project / "scripts/script.py")


def remember(project, closures=False):
    """What is kept of modules; without the closures, which would not let the modules be asked."""
    code = Code(project / "sclerotrial")
    code.closure(project / "scripts/script.py")
    code.remember(project / "kept" / "code.json")
    if not closures:
        (project / "kept" / "closures.json").unlink()
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
    kept = remember(project, closures=True)
    both = [kept, kept.with_name("closures.json")]
    for path in both:
        os.utime(path, (1, 1))
    for _ in range(2):
        code = Code(project / "sclerotrial", kept)
        code.closure(project / "scripts/script.py")
        code.remember(kept)
    assert [path.stat().st_mtime for path in both] == [1, 1]
    (project / "sclerotrial" / "a.py").write_text(FILES["a.py"] + "def more(): pass\n")
    code = Code(project / "sclerotrial", kept)
    code.closure(project / "scripts/script.py")
    code.remember(kept)
    assert min(path.stat().st_mtime for path in both) > 1
    assert sorted(kept.parent.iterdir()) == sorted(both)


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
    (tmp_path / "closures.json").unlink()
    known = Code(root, tmp_path / "code.json")
    assert [known.closure(path) for path in scripts] == closures


# --- whole closures -------------------------------------------------------------------------------


def test_a_closure_that_is_known_is_not_followed_again(project, monkeypatch):
    plain, kept = closure(project), remember(project, closures=True)
    monkeypatch.setattr(Code, "_follow", None)
    monkeypatch.setattr(memory, "recall", None)  # nor are the modules read
    known = Code(project / "sclerotrial", kept)
    assert known.closure(project / "scripts/script.py") == plain
    known.remember(kept)


EDITS = {
    "a function that it reaches": ("sclerotrial/b.py", FILES["b.py"].replace("(1)", "(2)")),
    "the script": ("script.py", SCRIPT + "f(1)\n"),
    "a module that was not there": ("sclerotrial/broken/__init__.py", "X = 1\n"),
    "a file beside the script": ("sclerotrial_.py", "f = 1\n"),
    "a name that it imports, beside it": ("math.py", "pi = 4\n"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_closure_is_followed_again_after(project, edit):
    folder, script = project / "scripts", project / "scripts/script.py"
    script.write_text("import math, sclerotrial_\n" + SCRIPT)

    def of(kept=None):
        return Code(project / "sclerotrial", kept).closure(script)

    code = Code(project / "sclerotrial")
    before = code.closure(script)
    code.remember(project / "kept/code.json")
    name, text = EDITS[edit]
    path = (project if name.startswith("sclerotrial/") else folder) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    after = of(project / "kept/code.json")
    assert after == of()
    assert after != before


def test_a_closure_is_not_kept_where_folders_lie_beside_the_script(project):
    folder = project / "scripts"
    (folder / "math").mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT + "import math.more\n")
    code = Code(project / "sclerotrial")
    before = code.closure(script)
    code.remember(project / "kept/code.json")
    (folder / "math/more.py").write_text("f = 1\n")
    after = Code(project / "sclerotrial", project / "kept/code.json").closure(script)
    assert set(after) - set(before)


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"version": "x", "lines": [], "closures": {}}', "LINES", "PLACES"],
)
def test_kept_closures_that_cannot_be_used_cost_time_only(project, damage):
    kept = remember(project, closures=True)
    path = kept.with_name("closures.json")
    said = json.loads(path.read_text())
    if damage == "LINES":
        damage = json.dumps({**said, "lines": [1] * len(said["lines"])})
    if damage == "PLACES":
        damage = json.dumps({**said, "closures": dict.fromkeys(said["closures"], [10**6])})
    path.write_text(damage)
    assert closure(project, kept) == closure(project)
