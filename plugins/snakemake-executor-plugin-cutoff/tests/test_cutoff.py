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

    def run(self, *arguments):
        """Run; the rules that ran in truth."""
        ran = self.folder / "ran"
        ran.unlink(missing_ok=True)
        command = [sys.executable, "-m", "snakemake", "--executor", "cutoff", "--cores", "2"]
        done = subprocess.run(
            [*command, *arguments], cwd=self.folder, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
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
    assert flow.run() == ["head", "middle"]
    assert flow.text("middle.txt") == "goo"


def test_swapped_inputs_and_an_edited_script_run(flow):
    swapped = SNAKEFILE.replace(
        'one="middle.txt", two="other.txt"', 'one="other.txt", two="middle.txt"'
    )
    flow.write("Snakefile", swapped)
    flow.write("middle.py", SCRIPT + "# another comment\n")
    flow.write("in.txt", "goodwill")
    assert flow.run() == ["head", "left", "middle"]  # right sees the same bytes
    assert flow.text("left.txt") == "!goo"


def test_force_runs(flow):
    assert flow.run("--forcerun", "middle") == ["middle"]
    assert flow.run("--forceall") == EVERYTHING


def test_without_records_everything_due_runs(flow):
    for file in (flow.folder / ".snakemake/cutoff").iterdir():
        file.write_text("{damaged")
    flow.write("in.txt", "goodwill")
    assert flow.run() == EVERYTHING
