"""The closure of a script follows functions, not files."""

import json

import pytest

from sclerotrial.fingerprint import Code

FILES = {
    "__init__.py": '"""Package."""\n',
    "scores.py": (
        '"""Scores."""\nLIMIT = 3\n\ndef used(x):\n    """Doc."""\n    return helper(x) + LIMIT\n\n'
        "def helper(x):\n    return x\n\ndef unused(x):\n    return -x\n"
    ),
    "rooms/__init__.py": "",
    "rooms/table.py": "from pathlib import Path\n\nHERE = Path(__file__).parent / 'rules.csv'\n"
    "def rules():\n    return HERE.read_text()\n",
    "rooms/rules.csv": "a,b\n",
    "plugins/__init__.py": "import pkgutil, importlib\n\ndef every():\n"
    "    return [importlib.import_module(m.name) for m in pkgutil.iter_modules(__path__)]\n",
    "plugins/one.py": "def read():\n    return 1\n",
}
SCRIPT = "from sclerotrial.scores import used\n\nprint(used(1))\n"


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "sclerotrial" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def closure(package, script=SCRIPT):
    path = package / "script.py"
    path.write_text(script)
    return Code(package / "sclerotrial").closure(path)


def change(package, name, old, new):
    path = package / "sclerotrial" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def names(lines):
    return {" ".join(line.split()[:2]) for line in lines}


def test_reaches_functions_and_constants_that_are_used(package):
    assert names(closure(package)) == {
        "script script.py",
        "function sclerotrial.scores.used",
        "function sclerotrial.scores.helper",
        "constant sclerotrial.scores.LIMIT",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Doc."""', '"""Another docstring."""'),
        ("return helper(x) + LIMIT", "return helper(x) + LIMIT  # why"),
        ("return helper(x) + LIMIT", "return (\n        helper(x) + LIMIT\n    )"),
        ("return -x", "return -2 * x"),
    ],
)
def test_what_changes_no_result_changes_no_fingerprint(package, old, new):
    before = closure(package)
    change(package, "scores.py", old, new)
    assert closure(package) == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("return helper(x)", "return 2 * helper(x)", "function sclerotrial.scores.used"),
        ("    return x\n", "    return x + 1\n", "function sclerotrial.scores.helper"),
        ("LIMIT = 3", "LIMIT = 4", "constant sclerotrial.scores.LIMIT"),
    ],
)
def test_a_change_names_what_changed(package, old, new, told):
    before = set(closure(package))
    change(package, "scores.py", old, new)
    assert names(set(closure(package)) - before) == {told}


@pytest.mark.parametrize(
    "script",
    [
        "import sclerotrial.scores as s\ns.used(1)\n",
        "from sclerotrial import scores\nscores.used(1)\n",
        "import sclerotrial.scores\nsclerotrial.scores.used(1)\n",
        "def late():\n    from sclerotrial.scores import used\n    return used(1)\n",
    ],
)
def test_every_way_to_import_reaches_the_helper(package, script):
    assert "function sclerotrial.scores.helper" in names(closure(package, script))


def test_a_module_handed_on_as_a_value_counts_whole(package):
    lines = closure(package, "from sclerotrial import scores\nshow(scores)\n")
    assert "function sclerotrial.scores.unused" in names(lines)


def test_data_files_beside_the_module_count(package):
    script = "from sclerotrial.rooms.table import rules\nrules()\n"
    before = set(closure(package, script))
    change(package, "rooms/rules.csv", "a,b", "a,c")
    assert names(set(closure(package, script)) - before) == {"file rooms/rules.csv"}


def test_modules_looked_up_while_running_count_whole(package):
    script = "from sclerotrial.plugins import every\nevery()\n"
    before = set(closure(package, script))
    change(package, "plugins/one.py", "return 1", "return 2")
    assert closure(package, script) != sorted(before)


def test_a_notebook_leads_where_its_code_cells_lead(package):
    cells = [
        {"cell_type": "markdown", "source": "from sclerotrial.scores import unused"},
        {"cell_type": "code", "source": ["%time\n", "from sclerotrial.scores import used\n"]},
        {"cell_type": "code", "source": "!ls\nprint(used(1))"},
    ]  # fmt: skip
    book = package / "book.ipynb"
    book.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    lines = Code(package / "sclerotrial").closure(book)
    assert names(lines) == names(closure(package)) - {"script script.py"} | {"script book.ipynb"}
    book.write_text("no notebook")
    assert Code(package / "sclerotrial").closure(book)
