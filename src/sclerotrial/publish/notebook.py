"""A notebook read and executed: what its cells show.

Cells run as IPython runs them, which is what Jupyter's kernel does, but in the process of the step:
a kernel would be a second process that imports everything once more, and needs sockets.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from sclerotrial.errors import InputErrors, Problem, raise_if_any


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook.

    Attributes
    ----------
    kind : str
        markdown, code or raw.
    source : str
    hidden : bool
        Tagged as one whose outputs are not shown.
    outputs : tuple of dict
        What it showed, in order; each by its MIME types.
    """

    kind: str
    source: str
    hidden: bool = False
    outputs: tuple[Mapping[str, str], ...] = ()


def read_notebook(path: str | Path) -> list[Cell]:
    """The cells of a notebook that is kept without outputs.

    Raises
    ------
    InputErrors
        When it is no notebook of format 4, a cell lacks its kind or its text, or it holds outputs.
    """
    where = Path(path).as_posix()
    try:
        book = json.loads(Path(path).read_text(encoding="utf-8"))
        cells = book["cells"] if book["nbformat"] == 4 else None
    except (ValueError, KeyError, TypeError):
        cells = None
    todo = "Open it in Jupyter and save it anew"
    if not isinstance(cells, list):
        raise InputErrors([Problem("This is no notebook of format 4", where, todo)])
    raise_if_any(
        Problem(f"A cell of the notebook has no {lacking}", f"{where}, cell {k + 1}", todo)
        for k, cell in enumerate(cells)
        if (lacking := _lacking(cell))
    )
    raise_if_any(
        Problem(
            f"The notebook holds outputs (cell {k + 1})",
            where,
            "Clear all outputs before it is kept",
        )
        for k, cell in enumerate(cells)
        if cell.get("outputs")
    )
    return [
        Cell(
            cell["cell_type"],
            "".join(cell["source"]),  # a text, or its lines
            "hidden" in cell.get("metadata", {}).get("tags", []),
        )
        for cell in cells
    ]


def _lacking(cell: Any) -> str:
    """The part that a cell of format 4 must have and this one has not, or not as it must be."""
    said = cell if isinstance(cell, dict) else {}
    if said.get("cell_type") not in ("markdown", "code", "raw"):
        return "cell_type"
    source, metadata = said.get("source"), said.get("metadata", {})
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        return "source"
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else None
    return "" if isinstance(tags, list) else "metadata"


def run_notebook(
    cells: Sequence[Cell], environment: Mapping[str, str], name: str | Path
) -> list[Cell]:
    """Execute all code cells in one fresh namespace.

    Parameters
    ----------
    cells : sequence of Cell
    environment : mapping
        Environment variables of that time.
    name : path
        The notebook, for the words of an error.

    Returns
    -------
    list of Cell
        The same with what they showed; what they printed is dropped.

    Raises
    ------
    InputErrors
        When a cell fails, with the cell and the first line of what it said.
    """
    done = []
    with _shell(environment) as shell:
        for k, cell in enumerate(cells):
            if cell.kind != "code":
                done.append(cell)
                continue
            shell.shown = []
            result = shell.run_cell(cell.source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, KeyboardInterrupt):
                raise error
            if error is not None:
                kind = type(error).__name__
                said = next(iter(str(error).splitlines()), kind)
                what = f"A cell of the notebook failed: {kind}: {said}"
                where = f"{Path(name).as_posix()}, cell {k + 1}"
                todo = "Open the notebook and run it cell by cell"
                raise InputErrors([Problem(what, where, todo)]) from error
            done.append(replace(cell, outputs=tuple(shell.shown)))
    return done


class _Result(DisplayHook):
    """Keeps the value of a cell's last line as it would be shown."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.shown.append(format_dict)

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Displayed(CapturingDisplayPublisher):
    """Keeps what a cell displays."""

    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        self.shell.shown.append(data)


class _Shell(InteractiveShell):
    """IPython without a terminal, a history file, or an environment other than the step's."""

    displayhook_class = Type(_Result)
    display_pub_class = Type(_Displayed)
    shown: list[dict[str, Any]]

    def init_virtualenv(self) -> None:
        pass

    def init_sys_modules(self) -> None:
        pass

    def enable_gui(self, gui: str | None = None) -> None:
        pass  # there is no window

    def showtraceback(self, *_: Any, **__: Any) -> None:
        pass

    showsyntaxerror = showtraceback


@contextlib.contextmanager
def _shell(environment: Mapping[str, str]) -> Iterator[_Shell]:
    before = dict(os.environ)
    settings = Config()
    settings.HistoryManager.enabled = False
    with (
        tempfile.TemporaryDirectory() as scratch,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        os.environ.update(environment)
        try:
            yield _Shell.instance(config=settings, ipython_dir=scratch)
        finally:
            _Shell.clear_instance()
            os.environ.clear()
            os.environ.update(before)
