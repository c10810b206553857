"""The shipped trial: what must run is derived from the graph of its jobs."""

import re
import shutil
from pathlib import Path

import pytest

from tests.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def graph(project: Project) -> dict[str, set[str]]:
    """The rules that stand directly after each rule."""
    text = project.run("--rulegraph", "dot").text
    names = dict(re.findall(r'(\d+)\[label = "(\w+)', text))
    after = {name: set() for name in names.values()}
    for first, second in re.findall(r"(\d+) -> (\d+)", text):
        after[names[first]].add(names[second])
    return after


def downstream(after: dict[str, set[str]], *rules: str) -> set[str]:
    found: set[str] = set()
    todo = list(rules)
    while todo:
        rule = todo.pop()
        if rule not in found:
            found.add(rule)
            todo += after[rule]
    return found - {"all"}


@pytest.fixture(scope="module")
def after(finished) -> dict[str, set[str]]:
    return graph(finished)


def ran(project: Project, *arguments: str) -> set[str]:
    """Rules of the jobs that a run really ran."""
    project.run("--cores", "2", *arguments)
    # the terminal tells steps by their messages; Snakemake's own log names the rules
    logs = sorted((project.folder / ".snakemake" / "log").glob("*.snakemake.log"))
    text = logs[-1].read_text(encoding="utf-8")
    idle = set(re.findall(r"(?:passed over|from the store): (\w+)", text))
    started = set(re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", text))
    return started - idle - {"all"}


def users(project: Project, pattern: str) -> set[str]:
    """Rules whose text says that they use a section of the study."""
    found = set()
    for path in sorted((project.folder / "workflow/rules").glob("*.smk")):
        for text in path.read_text().split("\nrule ")[1:]:
            if re.search(pattern, text):
                found.add(text.partition(":")[0])
    return found


def test_nothing_is_done_twice(copy):
    assert ran(copy) == set()


def test_a_raw_file_touched_or_a_comment_runs_nothing(copy, after):
    for path in (copy.folder / "data/raw").rglob("*.csv"):
        path.touch()
    copy.edit("workflow/scripts/derive_adqs.py", r"\Z", "# a comment\n")
    copy.edit("config/study.yaml", r"\Z", "# a comment\n")
    assert ran(copy) == set()


def test_a_corrected_adverse_event_runs_its_readers_and_what_stands_after_them(copy, after):
    raw = next((copy.folder / "data/raw/redcap").glob("*DATA.csv"))
    copy.edit(raw.relative_to(copy.folder).as_posix(), "Nausea", "Vomiting")
    done = ran(copy)
    assert {"read_redcap", "describe_raw", "clean_forms", "derive_adae"} <= done
    assert done <= downstream(after, "read_redcap", "describe_raw")
    # nothing that events do not reach
    assert not {rule for rule in done if rule.startswith(("read_assay", "quantify", "derive_adlb"))}


def test_a_swapped_biomarker_file_leaves_the_forms_alone(copy, after):
    plate = next((copy.folder / "data/raw/serum").iterdir())
    text = plate.read_text()
    value = re.findall(r"\d{3,}\.?\d*", text)[-1]
    plate.write_text(text[::-1].replace(value[::-1], "1" + value[1:][::-1], 1)[::-1])
    done = ran(copy)
    assert "read_assay" in done
    assert done <= downstream(after, "read_assay", "describe_raw")
    assert not {rule for rule in done if rule.startswith(("read_redcap", "clean", "derive_adqs"))}


def test_an_older_raw_file_runs_its_reader(copy, after):
    import os

    path = copy.folder / "data/raw/allocation/allocation_list.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], *reversed(lines[1:])]))
    os.utime(path, (1e9, 1e9))
    done = ran(copy)
    assert {"read_allocation", "describe_raw"} <= done
    assert done <= downstream(after, "read_allocation", "describe_raw")


def test_a_value_of_the_configuration_runs_the_steps_that_use_it(copy, after):
    copy.edit("config/study.yaml", r"early_onset_days: 7", "early_onset_days: 8")
    text = copy.run("-n").text.partition("What changed:")[2]
    told = set(
        re.findall(r"^  (\w+).*study\.safety\.early_onset_days changed \(7 -> 8\)", text, re.M)
    )
    assert told
    assert told <= users(copy, r'"safety"') | {"paper", "judge_claims", "report"}
    done = ran(copy)
    assert told <= done <= downstream(after, *told)
    copy.edit("config/study.yaml", r"early_onset_days: 8", "early_onset_days: 7")
    assert ran(copy) == set()  # there and back: from the store


def test_the_text_of_the_paper_runs_the_paper(copy, after):
    main = next(iter(sorted((copy.folder / "paper").glob("*.typ"))))
    copy.edit(main.relative_to(copy.folder).as_posix(), r"\Z", "\n// a remark\n")
    done = ran(copy)
    assert "paper" in done
    assert done <= downstream(after, "paper")


def test_outputs_edited_truncated_and_deleted_come_back(copy):
    before = copy.digests()
    results = copy.folder / "results"
    (results / "adam/adqs.csv").write_text("USUBJID\n")
    (results / "ard.csv").write_bytes((results / "ard.csv").read_bytes()[:-1])
    (results / "report.html").unlink()
    shutil.rmtree(results / "figures")
    said = copy.run("-n").text
    assert "derive_adqs: results/adam/adqs.csv is not as this step left it" in said
    assert "report: results/report.html is missing" in said
    assert ran(copy) == set()
    assert copy.digests() == before


def test_moved_without_snakemake_folder_nothing_runs(copy):
    shutil.rmtree(copy.folder / ".snakemake")
    target = copy.folder.with_name("moved")
    copy.folder.rename(target)
    assert ran(Project(target)) == set()


def test_the_lock_runs_everything(copy, after):
    copy.edit("requirements.lock", r"\Z", "# another\n")
    text = copy.run("-n").text.partition("What changed:")[2]
    assert re.search(r"every step \(\d+\): locked environment changed", text)
    assert copy.jobs() == set(after) - {"all"}


def test_a_function_runs_the_steps_that_reach_it(copy, after, tmp_path, monkeypatch):
    import sclerotrial

    source = tmp_path / "src/sclerotrial"
    shutil.copytree(Path(sclerotrial.__file__).parent, source)
    monkeypatch.setenv("PYTHONPATH", str(source.parent))
    assert ran(copy) == set()
    path = source / "instruments/haq.py"
    text = path.read_text()
    name = "index"
    head = re.search(rf'def {name}\(.*?\n    """.*?"""\n', text, re.S)
    path.write_text(text[: head.end()] + "    _ = 0\n" + text[head.end() :])
    said = copy.run("-n").text.partition("What changed:")[2]
    assert f"derive_adqs: function sclerotrial.instruments.haq.{name} changed" in said
    told = set(re.findall(r"^  (\w+)", said, re.M))
    assert ran(copy) == told  # the bytes are the same: nothing after them
