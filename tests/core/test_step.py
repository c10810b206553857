"""The shell of a step: logs, problems in three lines."""

import errno
from types import SimpleNamespace

import pytest

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.files import whole
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


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG])
def test_a_disk_without_room_is_no_defect_of_the_program(job, capsys, code):
    with pytest.raises(SystemExit), Step(job):
        try:
            raise OSError(code, "words of the system", "results/adam/adqs.csv")
        except OSError as error:
            raise RuntimeError("a library's own words") from error
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == [
        "  where: results/adam/adqs.csv",
        "  to do: Make room and give the same command again; the steps that finished are kept",
    ]


def test_a_log_that_cannot_be_written_is_told_and_fails_the_step(job, capsys, monkeypatch):
    def full(path, text):
        raise OSError(errno.ENOSPC, "words of the system", str(path))

    monkeypatch.setattr("sclerotrial.step.write_text", full)
    with pytest.raises(SystemExit), Step(job):
        pass
    assert capsys.readouterr().err.splitlines()[0] == "No space is left on the disk"


def test_half_of_a_file_never_stays(tmp_path):
    (tmp_path / "a").write_text("good")
    with pytest.raises(OSError, match="full"), whole(tmp_path / "a") as part:
        part.write_text("ha")
        raise OSError("full")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "good"


def test_a_step_sees_only_the_sections_that_it_declares(study):
    part = Part(sections(study, "visits", assays=["qpcr_skin"]))
    assert part.visits == study.visits
    assert list(part.assays) == ["qpcr_skin"]
    with pytest.raises(AttributeError, match="does not declare the section 'endpoints'"):
        _ = part.endpoints
