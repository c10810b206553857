"""The plugin on a small workflow, through the real command."""

import os
import subprocess
import sys
import time

import pytest

SNAKEFILE = """
rule all:
    input: "left.txt", "right.txt"
rule head:
    input: "in.txt"
    output: "head.txt"
    params: n=config.get("count", 3)
    shell: "echo head >> ran; head -c {params.n} {input} > {output}"
rule middle:
    input: "head.txt"
    output: "middle.txt"
    script: "middle.py"
rule left:
    input: one="middle.txt", two="other.txt"
    output: "left.txt"
    shell: "echo left >> ran; cat {input.one} {input.two} > {output}"
rule right:
    input: "middle.txt"
    output: "right.txt"
    run:
        with open("ran", "a") as ran:
            print("right", file=ran)
        with open(output[0], "w") as file:
            file.write(open(input[0]).read().upper())
"""
SCRIPT = """
with open("ran", "a") as ran:
    print("middle", file=ran)
with open(snakemake.output[0], "w") as file:
    file.write(open(snakemake.input[0]).read())
"""
EVERYTHING = ["head", "left", "middle", "right"]


class Workflow:
    def __init__(self, folder):
        self.folder = folder
        self.write("Snakefile", SNAKEFILE)
        self.write("middle.py", SCRIPT)
        self.write("in.txt", "goodness")
        self.write("other.txt", "!")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        later = time.time() + 0.01
        os.utime(path, (later, later))

    def run(self, *arguments, code=0):
        """Run; the rules that ran in truth."""
        ran = self.folder / "ran"
        ran.unlink(missing_ok=True)
        command = [sys.executable, "-m", "snakemake", "--executor", "cutoff", "--cores", "2"]
        done = subprocess.run(
            [*command, *arguments], cwd=self.folder, text=True, capture_output=True, check=False
        )
        assert done.returncode == code, done.stderr[-3000:]
        return sorted(ran.read_text().split()) if ran.exists() else []

    def text(self, name):
        return (self.folder / name).read_text()


@pytest.fixture
def flow(tmp_path):
    workflow = Workflow(tmp_path)
    assert workflow.run() == EVERYTHING
    assert workflow.text("left.txt") == "goo!"
    return workflow


def test_stops_where_bytes_come_out_equal(flow):
    flow.write("in.txt", "goodwill")
    assert flow.run() == ["head"]
    assert flow.run() == []
    flow.write("in.txt", "badly")
    assert flow.run() == EVERYTHING
    assert flow.text("left.txt") == "bad!"
    assert flow.text("right.txt") == "BAD"


def test_a_parameter_that_changes_nothing_downstream(flow):
    flow.write("in.txt", "goo")
    assert flow.run("--config", "count=5") == ["head"]


def test_another_cause_downstream_still_runs(flow):
    flow.write("in.txt", "goodwill")
    flow.write("other.txt", "?")
    assert flow.run() == ["head", "left"]
    assert flow.text("left.txt") == "goo?"


def test_an_edited_output_is_never_taken_for_the_recorded_one(flow):
    flow.write("in.txt", "goodwill")
    flow.write("middle.txt", "tampered")
    assert flow.run() == ["head"]  # the other comes back from the store
    assert flow.text("middle.txt") == "goo"
    flow.write("middle.txt", "tampered")
    flow.write("in.txt", "goodness")
    assert flow.run("--cutoff-store-size", "0") == ["head", "middle"]
    assert flow.text("middle.txt") == "goo"


def test_swapped_inputs_and_an_edited_script_run(flow):
    swapped = SNAKEFILE.replace(
        'one="middle.txt", two="other.txt"', 'one="other.txt", two="middle.txt"'
    )
    flow.write("Snakefile", swapped)
    flow.write("middle.py", SCRIPT + "# another comment\n")
    flow.write("in.txt", "goodwill")
    assert flow.run() == ["head", "left"]  # right sees the same bytes, middle only a comment
    assert flow.text("left.txt") == "!goo"
    flow.write("middle.py", SCRIPT.replace("file.write(", "file.write(" + "'' + "))
    assert flow.run("--forcerun", "head") == ["head", "middle"]


def test_force_runs(flow):
    assert flow.run("--forcerun", "middle") == ["middle"]
    assert flow.run("--forceall") == EVERYTHING


def test_without_records_everything_due_runs(flow):
    for file in (flow.folder / ".snakemake/cutoff").rglob("*.json"):
        file.write_text("{damaged")
    flow.write("in.txt", "goodwill")
    assert flow.run() == EVERYTHING


def test_there_and_back_comes_from_the_store(flow):
    flow.write("in.txt", "golden")
    assert flow.run() == EVERYTHING
    assert flow.text("left.txt") == "gol!"
    flow.write("in.txt", "goodness")
    assert flow.run() == []
    assert flow.text("left.txt") == "goo!"


def test_cold_and_warm_give_the_same(flow):
    warm = flow.text("right.txt")
    assert flow.run("--forceall", "--cutoff-warm", "0") == EVERYTHING
    assert flow.text("right.txt") == warm


SELFISH = """
import os, random, sys
with open(snakemake.output[0], "w") as file:
    print(os.environ.get("MINE"), os.getcwd() == HOME, "leak" in sys.modules, __name__, file=file)
os.environ["MINE"] = "yes"
os.chdir("/")
sys.modules["leak"] = os
"""


def test_a_script_leaves_nothing_behind_for_the_next(tmp_path):
    workflow = Workflow(tmp_path)
    names = [f"{n}.txt" for n in range(4)]
    workflow.write("selfish.py", SELFISH.replace("HOME", repr(str(tmp_path))))
    workflow.write(
        "Snakefile",
        f'rule all:\n    input: {names}\nrule one:\n    output: "{{n}}.txt"\n'
        '    script: "selfish.py"\n',
    )
    workflow.run()
    assert {workflow.text(name) for name in names} == {"None True False __main__\n"}


@pytest.mark.parametrize("ending", ["raise ValueError('no')", "sys.exit(3)", "os._exit(9)",
                                    "os.kill(os.getpid(), 9)", "sys.exit('words')"])  # fmt: skip
def test_a_script_that_fails_fails_the_run_and_is_tried_again(flow, ending):
    flow.write("middle.py", f"import os, sys\n{SCRIPT}\n{ending}\n")
    flow.write("other.txt", "?")
    flow.write("in.txt", "bad")
    assert flow.run(code=1) == ["head", "middle"]
    assert not (flow.folder / "middle.txt").exists()
    assert flow.run(code=1) == ["middle"]
    flow.write("middle.py", SCRIPT)
    assert flow.run() == ["left", "middle", "right"]
    assert flow.text("left.txt") == "bad?"
