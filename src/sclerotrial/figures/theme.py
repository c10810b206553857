"""The look that all figures share, and the way in which they are written."""

from __future__ import annotations

import copy
import io
import json
import os
import re
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

from sclerotrial.files import write_bytes
from sclerotrial.tables.source import parts

COLUMN_MM = 85.0  # one column of a journal page
PAGE_MM = 174.0  # both columns
DPI = 300
FONT = "DejaVu Sans"  # comes with matplotlib, so that every machine has it
SIZE = 7.5  # points, in print
SMALL = 6.5
INK = "#1A1A1A"
MUTED = "#6E6E6E"
PALE = "#D0D0D0"
NOTE = "Simulated data"
#: grade -> fill: darker is worse, so that it can be read in grey
GRADES = {"1": "#FFFFFF", "2": "#C9C9C9", "3": "#6E6E6E", "4": "#1A1A1A", "5": "#1A1A1A"}
FALL, RISE = "#4A9BD1", "#E88B4A"  # of a scale with a middle; light enough for print on them

_RC = {
    "svg.hashsalt": "sclerotrial",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": FONT,
    "font.sans-serif": [FONT],
    "mathtext.fontset": "dejavusans",
    "axes.unicode_minus": True,
}
#: what matplotlib would write of the moment and of itself
_METADATA = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
}


def inches(mm: float) -> float:
    """Millimetres as inches."""
    return mm / 25.4


def style() -> dict[str, Any]:
    """matplotlib settings that make a figure the same on every machine."""
    return dict(_RC)


def theme(width_mm: float, height_mm: float):
    """The plotnine theme of all figures, at the size in which they are printed."""
    from plotnine import (
        element_blank,
        element_line,
        element_rect,
        element_text,
        theme_minimal,
    )
    from plotnine import theme as adjust

    text = element_text(family=FONT, size=SIZE, color=INK)
    return theme_minimal(base_size=SIZE, base_family=FONT) + adjust(
        figure_size=(inches(width_mm), inches(height_mm)),
        dpi=DPI,
        text=text,
        axis_text=element_text(size=SMALL, color=INK),
        axis_title=element_text(size=SIZE),
        axis_line=element_line(size=0.4, color=INK),
        axis_ticks=element_line(size=0.4, color=INK),
        axis_ticks_minor=element_blank(),
        panel_grid_minor=element_blank(),
        panel_grid_major=element_line(size=0.25, color="#E6E6E6"),
        panel_background=element_blank(),
        plot_background=element_rect(fill="white", color="white"),
        strip_text=element_text(size=SIZE, ha="left"),
        legend_position="bottom",
        legend_title=element_blank(),
        legend_text=element_text(size=SMALL),
        legend_key_size=9,
        legend_box_margin=0,
        legend_margin=0,
        legend_box_spacing=0.01,
        plot_caption=element_text(size=SMALL, color=MUTED, ha="left"),
        plot_margin=0.01,
    )


def arm_colours(study: Any) -> dict[str, str]:
    """Colour of each arm by its label: the same hue for a group in every figure."""
    return {arm.label: str(arm.colour) for arm in study.arms}


def diverging(value: float, most: float) -> str:
    """Colour of a change: blue for a fall, orange for a rise, white for none (safe for all eyes).

    Parameters
    ----------
    value : float
        NaN is grey.
    most : float
        Where the colour is full; above zero.
    """
    if value != value:
        return PALE
    share = min(abs(value) / most, 1.0)
    full = FALL if value < 0 else RISE
    ends = (int(full[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (end - 255) * share):02X}" for end in ends)


def minus(text: str) -> str:
    """A printed number with the sign that print uses, as figures and the manuscript set it."""
    return re.sub(r"(?<![\w.–-])-(?=\d)", "\u2212", text)


def simulated_note(study: Any) -> str:
    """What is printed inside a figure of simulated data ('' for real data)."""
    return NOTE if study.study.simulated else ""


class Caption(str):
    """A caption as it is read, which knows where its numbers are from.

    Attributes
    ----------
    parts : list of (str, str)
        The text in pieces, each with the ARD ids behind it ('' where none).
    """

    parts: list[tuple[str, str]]


def caption(study: Any, *sentences: str) -> Caption:
    """One caption out of sentences; simulated data are called so first.

    Numbers that `Numbers.said` gave keep their ids in its `parts`.
    """
    said = [s.strip() for s in sentences if s and s.strip()]
    if study.study.simulated:
        said.insert(0, f"{NOTE}.")
    pieces = parts(" ".join(said))
    made = Caption("".join(text for text, _ in pieces))
    made.parts = pieces
    return made


def nothing(study: Any, what: str) -> tuple[Any, str]:
    """A figure that says that there is nothing to draw, and its caption."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    with matplotlib.rc_context(style()):
        figure = Figure(figsize=(inches(COLUMN_MM), inches(20)))
        figure.text(0.5, 0.5, f"No data: {what}", ha="center", size=SIZE, color=MUTED)
        figure.text(0.02, 0.05, simulated_note(study), size=SMALL, color=MUTED)
    return figure, caption(study, f"There are no data of {what}.")


def render(plot: Any, kind: str, text: str = "") -> bytes:
    """A figure as svg, png or pdf; the same bytes each time.

    Parameters
    ----------
    plot : plotnine ggplot or composition, or matplotlib Figure
    kind : {"svg", "png", "pdf"}
    text : str
        Caption, put into an SVG as its description for readers who do not see it.
    """
    return rendered(plot, [kind], text)[0]


def rendered(plot: Any, kinds: Iterable[str], text: str = "") -> list[bytes]:
    """A figure in several formats, drawn once; see `render`."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    os.environ["SOURCE_DATE_EPOCH"] = "0"
    made = []
    with matplotlib.rc_context(style()):
        # drawing changes a plotnine object: what was given stays as it was
        figure = plot if _is_figure(plot) else copy.deepcopy(plot).draw()
        for kind in kinds:
            out = io.BytesIO()
            figure.savefig(out, format=kind, dpi=DPI, metadata=_METADATA[kind], facecolor="white")
            content = out.getvalue()
            made.append(_described(content, text) if kind == "svg" else content)
        if not _is_figure(plot):
            plt.close(figure)
    return made


def save(
    plot: Any, text: str, folder: str | os.PathLike, name: str, formats: Iterable[str]
) -> list[Path]:
    """Write a figure in each format, and its caption beside it.

    Parameters
    ----------
    plot, text
        What a figure function returns.
    folder : path
        ``results/figures``.
    name : str
        File name without ending.
    formats : iterable of {"svg", "png", "pdf"}

    Returns
    -------
    list of Path
        The figures in the order of `formats`, then ``{name}.txt`` with the caption, and
        ``{name}.json`` with its pieces and the ARD ids behind them.
    """
    written = _write(plot, text, folder, name, list(formats))
    path = Path(folder) / f"{name}.txt"
    write_bytes(path, (text + "\n").encode("utf-8"))
    pieces = Path(folder) / f"{name}.json"
    told = json.dumps(getattr(text, "parts", [(text, "")]), ensure_ascii=False, indent=0)
    write_bytes(pieces, (told + "\n").encode("utf-8"))
    return [*written, path, pieces]


def save_both(
    draw: Callable[..., tuple[Any, str]],
    given: tuple[Any, ...],
    folder: str | os.PathLike,
    name: str,
    formats: Iterable[str],
) -> list[Path]:
    """Write a figure laid out for a page, and once more for one column of it.

    Parameters
    ----------
    draw : function
        From what is given, and a ``width`` in mm, to the figure and its caption.
    given : tuple
        Datasets, ARD and study.
    folder, name, formats
        As for `save`; the narrow one is called ``{name}_column`` and shares the caption.

    Returns
    -------
    list of Path
        As `save` gives them, then the narrow ones.
    """
    formats = list(formats)
    written = save(*draw(*given, width=PAGE_MM), folder, name, formats)
    plot, text = draw(*given, width=COLUMN_MM)
    return [*written, *_write(plot, text, folder, f"{name}_column", formats)]


def _write(
    plot: Any, text: str, folder: str | os.PathLike, name: str, formats: list[str]
) -> list[Path]:
    written = []
    for kind, content in zip(formats, rendered(plot, formats, text), strict=True):
        written.append(Path(folder) / f"{name}.{kind}")
        write_bytes(written[-1], content)
    return written


def narrow(width: float) -> bool:
    """Whether a figure of this width (mm) stands in one column of a page."""
    return width < (COLUMN_MM + PAGE_MM) / 2


def _is_figure(plot: Any) -> bool:
    return hasattr(plot, "savefig")


def _described(content: bytes, text: str) -> bytes:
    """An SVG without the generator's comment and RDF block, with a description."""
    svg = content.decode("utf-8")
    svg = re.sub(r"<!-- Created with.*?-->\n?", "", svg, flags=re.S)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"(<svg\b[^>]*>)", rf"\1\n <desc>{_raw(escape(text))}</desc>", svg, count=1)
    return svg.encode("utf-8")


def _raw(text: str) -> str:
    """Text that a regular expression's replacement takes as it is."""
    return text.replace("\\", "\\\\")
