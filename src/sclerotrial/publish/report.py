"""The report: the notebook executed against a results folder, as one self-contained page.

The notebook is kept without outputs. Executed notebooks differ in bytes at every run (identifiers,
times), so that only what the cells show is taken, and rendered by a template of our own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from sclerotrial.publish.lineage import read_lineage
from sclerotrial.publish.notebook import Cell, read_notebook, run_notebook
from sclerotrial.publish.pages import CONFIG, FOLDER, LOCK, SIMULATION, STALE
from sclerotrial.publish.ways import embedded, pack
from sclerotrial.tabular import read_csv

#: what would make a page ask for something from outside
_OUTSIDE = re.compile(
    r"""<script\b(?! type="application/json")|<(?:link|iframe|object|embed|base|form)\b"""
    r"""|\bsrc\s*=\s*["'](?!data:)|\bsrcset\s*=(?!"data:image/[a-z+]+;base64,")|\shref\s*=\s*["'](?!#)|@import"""
    r"""|url\((?!["']?data:)|\son[a-z]+\s*=\s*["']""",
    re.IGNORECASE,
)
#: letters of pictures, which hold no mark-up: not looked through
_ENCODED = re.compile(r"(?<=;base64,)[A-Za-z0-9+/=]+")
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
        When the notebook holds outputs, or a cell fails.
    """
    cells = read_notebook(notebook)
    settings = {FOLDER: results, CONFIG: config, LOCK: lock}
    told = {k: str(Path(v).absolute()) for k, v in settings.items()}
    told |= {SIMULATION: str(Path(simulation).absolute()) if simulation else "", STALE: str(stale)}
    return render(run_notebook(cells, told, notebook), ways_of(Path(results)))


def ways_of(results: Path) -> str:
    """The way back of every number as the page's data ('' where there is no lineage)."""
    path = results / "lineage.parquet"
    if not path.is_file():
        return ""
    return embedded(pack(read_csv(results / "ard.csv"), read_lineage(path)), "ways")


def render(cells: Sequence[Cell], data: str = "") -> str:
    """The page of an executed notebook: texts and outputs, no code.

    Parameters
    ----------
    cells : sequence of Cell
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
    for cell in cells:
        if cell.hidden:
            continue
        if cell.kind == "markdown":
            parts.append(text(cell.source))
        parts += [_shown(output) for output in cell.outputs]
    body, heads = _anchored("\n".join(p for p in parts if p))
    outside = _OUTSIDE.search(_ENCODED.sub("", body))
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


def _shown(output: Mapping[str, str]) -> str:
    """HTML of one output; text is set as such."""
    if "text/html" in output:
        return output["text/html"]
    if "text/plain" in output:
        return f"<pre>{html.escape(output['text/plain'])}</pre>"
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
