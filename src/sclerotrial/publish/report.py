"""The report: the notebook executed against a results folder, as one self-contained page.

The notebook is kept without outputs. Executed notebooks differ in bytes at every run (identifiers,
times), so that only what the cells show is taken, and rendered by a template of our own.
"""

from __future__ import annotations

import html
import os
import re
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.publish.lineage import read_lineage
from sclerotrial.publish.pages import CONFIG, FOLDER, LOCK, SIMULATION, STALE
from sclerotrial.publish.ways import embedded, pack
from sclerotrial.tabular import read_csv

TIMEOUT = 600
#: a socket's path may have about a hundred characters, its name within the folder included
SOCKET_PATH = 50
#: what would make a page ask for something from outside
_OUTSIDE = re.compile(
    r"""<script\b(?! type="application/json")|<(?:link|iframe|object|embed|base|form)\b"""
    r"""|\bsrc\s*=\s*["'](?!data:)|\bsrcset\s*=|\shref\s*=\s*["'](?!#)|@import"""
    r"""|url\((?!["']?data:)|\son[a-z]+\s*=\s*["']""",
    re.IGNORECASE,
)
#: the page may run its own script, and show what it holds: nothing else, whatever a cell shows
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'"
)


def build_report(
    notebook: str | Path,
    results: str | Path,
    config: str | Path = "config",
    lock: str | Path = "requirements.lock",
    *,
    simulation: str | Path = "",
    stale: bool = False,
) -> str:
    """Execute the notebook and render what its cells show.

    Parameters
    ----------
    notebook : path
        ``notebooks/report.ipynb``, without outputs.
    results : path
        Folder with ``ard.csv``, ``claims.csv``, ``intake.csv``, ``queries.csv``, ``tables/``,
        ``figures/``.
    config, lock : path
        The trial's configuration and the locked environment.
    simulation : path, optional
        The simulation study that is kept.
    stale : bool
        Whether it was made by other code.

    Returns
    -------
    str
        A page that needs nothing from outside; the same bytes each time.

    Raises
    ------
    InputErrors
        When a cell fails, with the cell and the last line of what it said.
    """
    import nbformat

    book = nbformat.read(notebook, as_version=4)
    raise_if_any(
        Problem(
            f"The notebook holds outputs (cell {k + 1})",
            Path(notebook).as_posix(),
            "Clear all outputs before it is kept",
        )
        for k, cell in enumerate(book.cells)
        if cell.cell_type == "code" and cell.outputs
    )
    settings = {FOLDER: results, CONFIG: config, LOCK: lock}
    told = {k: str(Path(v).absolute()) for k, v in settings.items()}
    told |= {SIMULATION: str(Path(simulation).absolute()) if simulation else "", STALE: str(stale)}
    run_notebook(book, told, notebook)
    return render(book, ways_of(Path(results)))


def ways_of(results: Path) -> str:
    """The way back of every number as the page's data ('' where there is no lineage)."""
    path = results / "lineage.parquet"
    if not path.is_file():
        return ""
    return embedded(pack(read_csv(results / "ard.csv"), read_lineage(path)), "ways")


def run_notebook(book: Any, environment: dict[str, str], name: str | Path) -> None:
    """Execute all cells in a fresh kernel with these environment variables."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    own = {
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "IPYTHONDIR": "",
        "JUPYTER_RUNTIME_DIR": "",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with tempfile.TemporaryDirectory() as scratch:
        own |= {"IPYTHONDIR": scratch, "JUPYTER_RUNTIME_DIR": scratch, **environment}
        before = {k: os.environ.get(k) for k in own}
        os.environ.update(own)
        try:
            NotebookClient(
                book,
                config=_private(scratch),
                kernel_name="python3",
                timeout=TIMEOUT,
                record_timing=False,
                resources={"metadata": {"path": str(Path.cwd())}},
            ).execute()
        except CellExecutionError as error:
            said = str(error.evalue).splitlines() or [error.ename]
            raise_if_any(
                [
                    Problem(
                        f"A cell of the notebook failed: {error.ename}: {said[0]}",
                        f"{Path(name).as_posix()}{_cell_of(book)}",
                        "Open the notebook and run it cell by cell",
                    )
                ]
            )
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


def _private(scratch: str) -> Any:
    """Speak to the kernel through files of this user alone, where paths are short enough."""
    from traitlets.config import Config

    settings = Config()
    if os.name == "posix" and len(scratch) < SOCKET_PATH:
        settings.KernelManager.transport = "ipc"
        # left to itself it would put the sockets into the working directory, one name for all
        settings.KernelManager.ip = str(Path(scratch) / "kernel")
    return settings


def render(book: Any, data: str = "") -> str:
    """The page of an executed notebook: texts and outputs, no code.

    Parameters
    ----------
    book : notebook
    data : str
        What `ways_of` gives, for the way back of numbers.

    Raises
    ------
    ValueError
        When a cell shows something that the page would have to fetch, or would run.
    """
    import mistune

    text = mistune.create_markdown(escape=False, plugins=["table"])
    parts = []
    for cell in book.cells:
        if "hidden" in cell.get("metadata", {}).get("tags", []):
            continue
        if cell.cell_type == "markdown":
            parts.append(text(cell.source))
        elif cell.cell_type == "code":
            parts += [_shown(output) for output in cell.outputs]
    body, heads = _anchored("\n".join(p for p in parts if p))
    outside = _OUTSIDE.search(body)
    if outside:
        raise ValueError(f"the report would ask for something from outside: {outside.group(0)}")
    title = next((t for level, _, t in heads if level == 1), "Report")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{title}</title>\n<style>\n{_resource('report.css')}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#content">To the content</a>\n'
        f'<nav aria-label="Contents">\n<p>{title}</p>\n{_links(heads)}\n</nav>\n'
        f'<main id="content" tabindex="-1">\n{body}\n</main>\n'
        '<dialog id="way" aria-label="Where this number comes from">'
        '<button type="button">Close</button><div></div></dialog>\n'
        f"{data}\n<script>\n{_resource('report.js')}</script>\n</body>\n</html>\n"
    )


def _resource(name: str) -> str:
    return resources.files("sclerotrial.publish").joinpath(name).read_text(encoding="utf-8")


def _links(heads: list[tuple[int, str, str]]) -> str:
    """Contents: the parts, and under each its sections."""
    shown = [h for h in heads if h[0] in (2, 3)]
    return "\n".join(
        f'<a class="level{level}" href="#{anchor}">{label}</a>' for level, anchor, label in shown
    )


def _shown(output: Any) -> str:
    """HTML of one output; text is set as such, other kinds (streams) are not shown."""
    if output.output_type not in ("display_data", "execute_result"):
        return ""
    data = output.data
    if "text/html" in data:
        return data["text/html"]
    if "text/plain" in data:
        return f"<pre>{html.escape(data['text/plain'])}</pre>"
    return ""


def _anchored(body: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Headings with anchors made of their words; a list of (level, anchor, text)."""
    heads: list[tuple[int, str, str]] = []

    def mark(hit: re.Match) -> str:
        level, inner = int(hit.group(1)), hit.group(2)
        label = re.sub(r"<[^>]+>", "", inner)
        anchor = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "part"
        taken = [a for _, a, _ in heads]
        if anchor in taken:
            anchor = f"{anchor}-{len(taken)}"
        heads.append((level, anchor, label))
        return f'<h{level} id="{anchor}">{inner}</h{level}>'

    return re.sub(r"<h([1-3])>(.*?)</h\1>", mark, body, flags=re.S), heads


def _cell_of(book: Any) -> str:
    for k, cell in enumerate(book.cells):
        if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs):
            return f", cell {k + 1}"
    return ""
