"""The shell of a step: what every script of the workflow does around its call of the science.

A step reads its named inputs, writes its named outputs, keeps a log, and tells the problems of an
input in three lines. It takes whatever object carries `input`, `output`, `params`, `wildcards` and
`log`, so that the package does not depend on the workflow manager.
"""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sclerotrial.errors import InputErrors, Problem, no_room
from sclerotrial.files import write_text
from sclerotrial.study import Study

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS = ".problems.json"


class Part:
    """The sections of a study that a step declares; any other section is refused.

    A step that read a section which it did not declare would not run again when that changes.
    """

    def __init__(self, sections: dict[str, Any]) -> None:
        filler = {"study": {"id": "", "title": ""}, "forms": {"sources": {}}}
        self._names = frozenset(sections)
        self._study = Study.model_validate({**filler, **sections})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        needs = {"active_arm": "arms", "forms_of": "forms"}.get(name, name)
        if needs not in self._names:
            raise AttributeError(f"this step does not declare the section {needs!r} of the study")
        return getattr(self._study, name)


def sections(study: Study, *names: str, **chosen: list[str]) -> dict[str, Any]:
    """The named sections of a study as plain data, to be handed to a step.

    Parameters
    ----------
    study : Study
    *names : str
        Sections taken whole.
    **chosen : list of str
        Sections of which only these entries are taken (``assays=["qpcr_skin"]``).
    """
    part = study.model_dump(mode="json", include=set(names) | set(chosen))
    for name, entries in chosen.items():
        part[name] = {k: v for k, v in part[name].items() if k in entries}
    return part


class Step:
    """One step of the workflow, used as a context.

    Parameters
    ----------
    job : object
        Carries ``input``, ``output``, ``params``, ``wildcards``, ``log``.
    """

    def __init__(self, job: Any) -> None:
        self.job = job
        self.input, self.output, self.params = job.input, job.output, job.params
        self.wildcards = job.wildcards
        self._log = Path(str(job.log[0])) if job.log else None
        self._lines: list[str] = []
        self._written: list[Path] = []

    @property
    def study(self) -> Any:
        """The sections of the study that the rule declares under ``params: study=``."""
        return Part(dict(self.params.study))

    def frame(self, name: str) -> pd.DataFrame:
        """The table of a named input, every cell text; several files follow each other."""
        first, *more = self.tables(name)
        if not more:
            return first
        import pandas as pd

        return pd.concat([first, *more], ignore_index=True)

    def tables(self, name: str) -> list[pd.DataFrame]:
        """The tables of a named input that is a list of files, in its order."""
        value = getattr(self.input, name)
        return [self._read(str(p)) for p in ([value] if isinstance(value, str) else value)]

    def frames(self, name: str) -> dict[str, pd.DataFrame]:
        """The tables of a named input that is a list of files, by the files' names."""
        value = getattr(self.input, name)
        paths = [value] if isinstance(value, str) else list(value)
        return {Path(str(p)).stem: self._read(str(p)) for p in paths}

    def _read(self, path: str) -> pd.DataFrame:
        from sclerotrial.tabular import read_csv  # tables cost their import only where read

        table = read_csv(path)
        self.note(f"read {path}: {len(table)} rows, {len(table.columns)} columns")
        return table

    def write(self, table: pd.DataFrame, path: str) -> None:
        """Write a table to an output."""
        from sclerotrial.tabular import write_csv

        write_csv(table, path)
        self.note(f"wrote {path}: {len(table)} rows, {len(table.columns)} columns")

    def note(self, line: str) -> None:
        """Add a line to the log."""
        self._lines.append(line)

    def __enter__(self) -> Step:
        warnings.showwarning = lambda message, category, *_, **__: self.note(
            f"warning {category.__name__}: {str(message).splitlines()[0]}"
        )
        if self._log is not None:
            self._beside(PROBLEMS).unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> bool:
        problems: list[Problem] = []
        if isinstance(error, InputErrors):
            problems = error.problems
        elif isinstance(error, Exception) and (full := no_room(error)):
            problems = [full]
        elif isinstance(error, Exception):
            self._lines += traceback.format_exception(kind, error, trace)
            problems = [
                Problem(
                    f"The step stopped on a defect of the program: {kind.__name__}",
                    str(self._log or "log"),
                    "Read that log; please report it with the file that was read",
                )
            ]
        problems += self._logged(problems)
        if not problems:
            return False
        print("\n".join(map(str, problems)), file=sys.stderr)
        sys.exit(1)

    def _logged(self, problems: list[Problem]) -> list[Problem]:
        """Write the log, and beside it the problems for the end of the run."""
        if self._log is None:
            return []
        told = [[p.what, p.where, p.todo] for p in problems]
        try:
            write_text(self._log, "\n".join([*self._lines, *map(str, problems)]) + "\n")
            if told:
                write_text(self._beside(PROBLEMS), json.dumps(told, indent=1) + "\n")
        except OSError as error:
            full = no_room(error)
            if full is None:
                raise
            return [] if problems else [full]
        return []

    def _beside(self, suffix: str) -> Path:
        return self._log.with_name(self._log.name + suffix)


def told_by(logs: Path) -> list[Problem]:
    """What the steps that stopped told, each once; their notes are removed.

    Parameters
    ----------
    logs : path
        Folder of the logs.
    """
    problems: dict[Problem, None] = {}
    for path in sorted(Path(logs).rglob(f"*{PROBLEMS}")):
        told = json.loads(path.read_text(encoding="utf-8"))
        problems |= dict.fromkeys(Problem(*p) for p in told)
        path.unlink()
    return list(problems)
