"""The walls of the house: who may import whom, how long, how told, and that lists agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sclerotrial import plan
from sclerotrial.figures import FIGURES, WIDE

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sclerotrial"
MODULES = {p.relative_to(PACKAGE).as_posix(): p for p in sorted(PACKAGE.rglob("*.py"))}
SCRIPTS = {p.stem: p for p in sorted((ROOT / "workflow" / "scripts").glob("*.py"))}

#: rooms in the order in which data walk through; a room imports from rooms before it, and itself
ROOMS = [
    {"__init__"},
    {"errors", "files", "environment", "tabular", "where", "logic", "study", "study_*"},
    {"read"}, {"clean"}, {"instruments"}, {"derive"}, {"assays"}, {"change"}, {"inference"},
    {"ard", "analysis"}, {"tables"}, {"figures"}, {"publish"},
]  # fmt: skip
#: the shell around the rooms: it may call them, none of them knows it
SHELL = {"cli", "fingerprint", "intake", "plan", "step"}
#: the generator of raw files stands apart from the rooms that read them
APART = {"simulate"}
#: with more parameters than these a function tells them one by one
MOST_UNTOLD = 5


def room_of(name: str) -> str:
    """First part of a module's path below the package."""
    first = name.split("/")[0].removesuffix(".py")
    return "study_*" if first.startswith("study_") else first


def floor_of(room: str) -> int:
    return next(i for i, rooms in enumerate(ROOMS) if room in rooms)


def imported(path: Path) -> set[str]:
    """Dotted names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are written in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def heads(names: set[str]) -> set[str]:
    """Packages of dotted names."""
    return {name.split(".")[0] for name in names}


def rooms_imported(path: Path) -> set[str]:
    """Rooms of the package that a file imports from."""
    names = [name.split(".") for name in imported(path)]
    inside = [n[1] for n in names if n[0] == "sclerotrial" and len(n) > 1]
    return {"__init__" if n == "__version__" else room_of(n) for n in inside}


def test_each_room_has_its_place():
    rooms = {room_of(name) for name in MODULES}
    assert rooms - SHELL - APART == set().union(*ROOMS)


@pytest.mark.parametrize("name", [n for n in MODULES if room_of(n) not in SHELL | APART])
def test_a_room_imports_only_from_rooms_before_it(name):
    room = room_of(name)
    others = rooms_imported(MODULES[name]) - {room}
    assert not others & (SHELL | APART)
    assert {o for o in others if floor_of(o) > floor_of(room)} == set()


@pytest.mark.parametrize("name", [n for n in MODULES if room_of(n) in APART])
def test_the_generator_stands_apart(name):
    allowed = {"simulate", *ROOMS[0], *ROOMS[1]}
    assert rooms_imported(MODULES[name]) <= allowed


def test_no_module_knows_the_workflow_manager():
    knows = [name for name, path in MODULES.items() if "snakemake" in heads(imported(path))]
    assert knows == []


def test_no_module_is_longer_than_400_lines():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: n for name, n in lines.items() if n > 400} == {}


# --- what is told ---------------------------------------------------------------------------------


def public(path: Path):
    """Public functions and classes of a module, and public methods of its public classes."""
    todo = [("", ast.parse(path.read_text(encoding="utf-8")).body)]
    while todo:
        owner, body = todo.pop()
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                yield f"{owner}{node.name}", node
                if isinstance(node, ast.ClassDef):
                    todo.append((f"{node.name}.", node.body))


def sections(text: str) -> dict[str, list[str]]:
    """Names listed in each numpydoc section: 'a, b : int' is a and b."""
    found: dict[str, list[str]] = {}
    lines = text.splitlines()
    name = ""
    for line, under in zip(lines, [*lines[1:], ""], strict=True):
        if line.strip() and re.fullmatch(r"-{3,}", under):
            name = line
            found[name] = []
        elif name and line and not line.startswith((" ", "-")):
            found[name] += [w.strip(" *") for w in line.split(" : ")[0].split(",")]
    return found


def parameters(node: ast.FunctionDef) -> set[str]:
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {a.arg for a in named if a} - {"self", "cls"}


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_is_told(name):
    path = MODULES[name]
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "the module itself"
    for called, node in public(path):
        text = ast.get_docstring(node)
        assert text, f"{called} has no docstring"
        told = sections(text)
        if isinstance(node, ast.FunctionDef):
            strange = set(told.get("Parameters", [])) - parameters(node)
            assert not strange, f"{called} tells of parameters that it has not: {strange}"
            wide = len(parameters(node)) > MOST_UNTOLD
            assert not wide or "Parameters" in told, f"{called} does not tell its parameters"


# --- the workflow ---------------------------------------------------------------------------------


def rules() -> dict[str, str]:
    """Text of each rule that runs something, by the name of its script."""
    found = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for text in re.split(r"(?m)^(?= *rule\b)", path.read_text(encoding="utf-8"))[1:]:
            name = re.search(r"rule (\w+):", text)
            script = re.search(r'script:\s+"\.\./scripts/(\w+)\.py"', text)
            if script is None:
                assert "output:" not in text, f"{path.name}: a rule without a script makes files"
                continue
            assert script[1] not in found, f"two rules run {script[1]}"
            assert name is None or name[1] == script[1]
            found[script[1]] = text
    return found


def test_each_script_has_its_rule_and_each_rule_its_script():
    assert sorted(rules()) == sorted(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_rule_says_what_it_does_and_what_it_depends_on(name):
    text = rules()[name]
    assert re.search(r"\blog:\s+PLAN\.log\(", text)
    assert re.search(r'\bmessage:\s+f?"\w', text)
    also = ", PLAN.notebook" if name == "report" else ""  # it executes it
    assert re.search(rf'\bparams:\s+code=PLAN\.code\("{name}"{also}\)', text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_reads_calls_and_writes(name):
    text = SCRIPTS[name].read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 25
    assert ast.get_docstring(tree)
    kinds = (ast.FunctionDef, ast.ClassDef, ast.While)
    assert not [n for n in ast.walk(tree) if isinstance(n, kinds)]
    assert heads(imported(SCRIPTS[name])) <= {"json", "pathlib", "pandas", "sclerotrial"}


def test_the_plan_names_the_figures_that_there_are():
    assert list(plan.FIGURES) == list(FIGURES)
    assert plan.WIDE_FIGURES == WIDE


def test_the_plan_names_the_analyses_that_there_are():
    assert {f"analyse_{name}" for name in plan.ANALYSES} == {
        name for name in SCRIPTS if name.startswith("analyse_")
    }
    assert {f"derive_{name}" for name in (*plan.DATASETS, "adbm")} == {
        name for name in SCRIPTS if name.startswith("derive_")
    }
