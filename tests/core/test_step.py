"""The shell of a step: logs, problems in three lines."""

from types import SimpleNamespace

import pytest

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.step import Part, Step, sections, told_by


class Names(list):
    """A list of files with names, as a workflow hands it over."""

    def __init__(self, **names):
        super().__init__(names.values())
        self.__dict__ |= names


@pytest.fixture
def job(tmp_path):
    return SimpleNamespace(
        input=Names(),
        output=Names(csv=str(tmp_path / "results/out/a.csv")),
        params=SimpleNamespace(study={}),
        wildcards=SimpleNamespace(),
        log=[str(tmp_path / "results/logs/a.log")],
    )


def stop(job, *problems):
    with pytest.raises(SystemExit) as caught, Step(job):
        raise InputErrors(problems)
    assert caught.value.code == 1


def test_problems_are_told_in_three_lines_each(job, capsys):
    stop(job, Problem("A", "b, line 2", "c"), Problem("D", "e", "f"))
    said = capsys.readouterr().err.splitlines()
    assert said == ["A", "  where: b, line 2", "  to do: c", "D", "  where: e", "  to do: f"]


def test_a_defect_shows_no_traceback(job, capsys, tmp_path):
    with pytest.raises(SystemExit), Step(job):
        raise KeyError("name of a column")
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said.splitlines()) == 3
    assert "Traceback" in (tmp_path / "results/logs/a.log").read_text()


def test_the_problems_of_all_steps_are_told_once(job, tmp_path):
    stop(job, Problem("A", "b", "c"))
    job.log = [str(tmp_path / "results/logs/deep/b.log")]
    stop(job, Problem("A", "b", "c"), Problem("D", "e", "f"))
    assert told_by(tmp_path / "results/logs") == [Problem("A", "b", "c"), Problem("D", "e", "f")]
    assert told_by(tmp_path / "results/logs") == []


def test_a_step_sees_only_the_sections_that_it_declares(study):
    part = Part(sections(study, "visits", assays=["qpcr_skin"]))
    assert part.visits == study.visits
    assert list(part.assays) == ["qpcr_skin"]
    with pytest.raises(AttributeError, match="does not declare the section 'endpoints'"):
        _ = part.endpoints
