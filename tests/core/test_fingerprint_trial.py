"""The real trial, watched while it runs: whatever a step calls or reads is in its closure."""

from __future__ import annotations

import ast
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sclerotrial
from sclerotrial.figures import FIGURES
from sclerotrial.fingerprint import Code
from sclerotrial.plan import Plan
from sclerotrial.simulate.options import Options
from sclerotrial.simulate.write import write_study

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(sclerotrial.__file__).resolve().parent
SCRIPTS = {path.stem: path for path in sorted((ROOT / "workflow/scripts").glob("*.py"))}
PARTS = ["Snakefile", "workflow", "config", "data", "profiles", "notebooks", "paper", "published",
         "requirements.lock", "environment.yml", "CITATION.cff"]  # fmt: skip

#: put before every Python of the run: notes the functions and files of the package that it uses
WATCH = """
import atexit, json, os, sys, threading

def watch(package, out):
    codes, opened = set(), set()

    def tell(frame, event, arg):
        if event == "call":
            codes.add(frame.f_code)

    def hear(event, args):
        if event == "open" and isinstance(args[0], (str, os.PathLike)):
            opened.add(os.path.realpath(os.fspath(args[0])))

    def write():
        sys.setprofile(None)
        # modules and bodies of classes run at import: they have no fast locals
        called = {(c.co_filename[len(package):], c.co_firstlineno, c.co_name) for c in codes
                  if c.co_filename.startswith(package) and c.co_flags & 1}
        files = {name[len(package):] for name in opened if name.startswith(package)}
        with open(f"{out}/{os.getpid()}.json", "w") as file:
            told = {"script": sys.argv[0], "called": sorted(called), "files": sorted(files)}
            json.dump(told, file)

    atexit.register(write)
    sys.addaudithook(hear)
    threading.setprofile(tell)
    sys.setprofile(tell)

if sys.argv and sys.argv[0].endswith(".py") and ".snakemake" in sys.argv[0]:
    watch(os.environ["WATCH_PACKAGE"] + os.sep, os.environ["WATCH_OUT"])
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """What each script called and read, in a run of all steps of the trial and of what it lacks."""
    folder = tmp_path_factory.mktemp("watched")
    for part in filter(lambda part: (ROOT / part).exists(), PARTS):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, folder / part)
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text(WATCH)
    (folder / "out").mkdir()
    paths = [str(folder / "site"), str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    env |= {"WATCH_PACKAGE": str(PACKAGE), "WATCH_OUT": str(folder / "out")}
    snakemake = [sys.executable, "-m", "snakemake", "--executor", "local", "--cores", "2"]
    others = [f"panel/results/figures/{name}.svg" for name in OTHERS]
    write_panel(folder / "panel")
    for targets in (["all"], ["intake"], ["verify"], [*others, "--config", "study=panel"]):
        command = [*snakemake, *targets]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        # what `verify` finds to differ is no matter here
        assert done.returncode == 0 or targets == ["verify"], done.stderr[-3000:]
    told: dict[str, tuple[set, set]] = {}
    for path in (folder / "out").glob("*.json"):
        said = json.loads(path.read_text())
        script = Path(said["script"]).name.split(".", 1)[1].removesuffix(".py")
        called, files = told.setdefault(script, (set(), set()))
        called |= {tuple(one) for one in said["called"] if one[2] not in _PARTS_OF_FUNCTIONS}
        files |= set(said["files"])
    return told


#: figures that the shipped trial has no data for, and the steps that lead to them only
OTHERS = ("biomarker_volcano", "biomarker_agreement")
AGAIN = """
  luminex_again:
    label: The same plates by another curve
    files: serum/*.csv
    compartment: SERUM
    scale: linear
    method: curve
    curve: {model: 5PL}
    analytes:
      IL6: {names: [IL-6], unit: pg/mL}
"""


def write_panel(folder):
    """A simulated trial with a wide panel, and with an analyte that two assays measure."""
    write_study(folder, Options(seed=5, genes=60), ROOT / "config")
    path = folder / "config/assays.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("\nsamples:") == 1
    path.write_text(text.replace("\nsamples:", f"{AGAIN}samples:"), encoding="utf-8")


#: they run within what names them
_PARTS_OF_FUNCTIONS = {"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


CODE = Code(PACKAGE)
#: what a script executes besides its own text
NOTEBOOKS = {"report": ROOT / "notebooks/report.ipynb"}


@functools.cache
def closure(script: str) -> list[str]:
    return closure_in(CODE, script)


def closure_in(code: Code, script: str) -> list[str]:
    """What a step can reach in that copy of the package."""
    lines = code.closure(SCRIPTS[script])
    return lines + (code.closure(NOTEBOOKS[script]) if script in NOTEBOOKS else [])


@functools.cache
def statements(module: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """First and last line of each top-level statement of a module, and the names it binds."""
    found = []
    for node in ast.parse((PACKAGE / module).read_bytes()).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        targets = getattr(node, "targets", [node.target] if hasattr(node, "target") else [])
        bound = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        found.append((first, node.end_lineno, (node.name,) if hasattr(node, "name") else (*bound,)))
    return found


def owners(module: str, line: int) -> set[str]:
    """How a closure may call the statement on a line of a module."""
    dotted = ("sclerotrial." + module[:-3].replace(os.sep, ".")).removesuffix(".__init__")
    names = next(names for first, last, names in statements(module) if first <= line <= last)
    told = {f"{kind} {dotted}.{name}" for kind in ("function", "constant") for name in names}
    return told or {f"body {dotted}"}


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.xdist_group("watched")
@pytest.mark.parametrize("script", SCRIPTS)
def test_whatever_a_step_calls_and_reads_is_in_its_closure(watched, script):
    lines = {" ".join(line.split()[:2]) for line in closure(script)}
    if script == "verify" and not (ROOT / "published").is_dir():
        pytest.skip("nothing is published yet")
    called, files = watched[script]
    assert called, "nothing was seen"
    assert [one for one in called if not owners(*one[:2]) & lines] == []
    data = {name for name in files if not name.endswith((".py", ".pyc")) and ".pyc." not in name}
    assert {name for name in data if f"file {name}" not in lines} == set()


# --- what is reached without need: held, so that it does not grow ---------------------------------


def reached(script: str) -> set[str]:
    return {line.split()[1].removeprefix("sclerotrial.") for line in closure(script)}


@pytest.mark.parametrize("name", [n for n in SCRIPTS if n.startswith("draw_")])
def test_a_figure_does_not_depend_on_the_other_figures(name):
    rooms = {module for module, _ in FIGURES.values()}
    drawn = {n.split(".")[1] for n in reached(name) if n.startswith("figures.")} & rooms
    assert len(drawn) == 1


def test_the_report_depends_on_what_its_notebook_calls():
    called = {"publish.pages.Results", "publish.listing.listing", "publish.methods.methods"}
    assert called <= reached("report")
    assert not called & {n.split()[1].removeprefix("sclerotrial.")
                         for n in CODE.closure(SCRIPTS["report"])}  # fmt: skip
    plan = Plan(ROOT, {})
    assert (
        plan.code("report", plan.notebook).items()
        >= dict(line.rsplit(" ", 1) for line in closure("report")).items()
    )
    assert not [n for n in reached("report") if n.startswith("figures.")]


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_step_depends_on_the_generator_or_on_the_shell_of_the_workflow(script):
    apart = ("simulate.", "plan.", "fingerprint.", "cli.")
    assert [n for n in reached(script) if n.startswith(apart)] == []


def test_only_the_formats_of_assays_count_as_whole_modules():
    whole = {
        line.split()[1]
        for script in SCRIPTS
        for line in closure(script)
        if line.startswith("module ")
    }
    # each reader is found by its file, and asks its helpers, so all of that room count
    room = PACKAGE / "assays/formats"
    found = {f"sclerotrial.assays.formats.{p.stem}" for p in room.glob("*.py")}
    assert whole == found - {"sclerotrial.assays.formats.__init__"}


# --- the real package, written otherwise ----------------------------------------------------------


class _Bare(ast.NodeTransformer):
    """Takes all docstrings and texts that stand alone out of a module."""

    def generic_visit(self, node):
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            text = [isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in body]
            kept = [n for n, bare in zip(body, text, strict=True) if not bare]
            node.body = kept if kept or isinstance(node, ast.Module) else [ast.Pass()]
        return node


def copy_package(folder, change):
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        path.write_text(change(path.relative_to(folder).as_posix(), text), encoding="utf-8")
    return Code(folder)


def test_formatting_comments_and_docstrings_of_the_whole_package_change_nothing(tmp_path):
    other = copy_package(
        tmp_path / "sclerotrial", lambda _, text: ast.unparse(_Bare().visit(ast.parse(text)))
    )
    different = [n for n in SCRIPTS if closure_in(other, n) != closure(n)]
    assert different == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("instruments/haq.py", "index"),
        ("inference/exact.py", "signed_rank"),
        ("analysis/lab.py", "lab"),
        ("figures/consort.py", "consort"),
        ("tables/baseline.py", "build"),
        ("step.py", "Step"),
        ("simulate/trial.py", "subjects"),
        ("publish/listing.py", "listing"),
    ],
)
def test_a_change_of_a_function_reaches_the_scripts_that_name_it_and_tells_it(
    tmp_path, module, name
):
    def change(path, text):
        if path != module:
            return text
        tree = ast.parse(text)
        node = next(n for n in tree.body if getattr(n, "name", "") == name)
        names.append(f"sclerotrial.{module[:-3].replace('/', '.')}.{node.name}")
        node.body.append(ast.parse("assert True").body[0])
        return ast.unparse(tree)

    names: list[str] = []
    other = copy_package(tmp_path / "sclerotrial", change)
    for script in SCRIPTS:
        both = set(closure_in(other, script)) ^ set(closure(script))
        told = {line.split()[1] for line in both}
        assert told == ({names[0]} if names[0].removeprefix("sclerotrial.") in reached(script)
                        else set())  # fmt: skip
