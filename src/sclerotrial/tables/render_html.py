"""Tables as HTML (great-tables): fixed ids, no scripts, each number with its ARD id."""

from __future__ import annotations

import html
import re

import pandas as pd

from sclerotrial.tables.display import SIMULATED, Display

NOTHING = "there are no data."
#: an estimate stays on one line with its interval (wide tables are moved, not broken); notes take
#: the width of the numbers and do not make it
RULES = (
    "[data-ard] { white-space: nowrap; }\n",
    ".gt_title { font-weight: bold; }\n",
    ".gt_stub { min-width: 10em; }\n",
    ".gt_heading, .gt_sourcenote { max-width: 0; white-space: normal; }\n",
)


def render_html(display: Display) -> str:
    """One table as an HTML fragment with its own style.

    Cells carry ``data-ard`` (and the same as a tooltip) with the ids of the numbers shown, so
    that a reader can go from any cell to ``sclerotrial trace ID``.

    Parameters
    ----------
    display : Display

    Returns
    -------
    str
        A ``<div>`` that needs nothing from outside; the same bytes each time.
    """
    from great_tables import GT, loc, style

    anchor = f"table-{display.name.replace('_', '-')}"
    if display.frame.empty:
        return f'<div id="{anchor}"><p>{html.escape(display.title)}: {NOTHING}</p></div>\n'
    grouped = (display.frame["GROUP"] != "").any()
    frame = display.frame if grouped else display.frame.drop(columns="GROUP")
    shown = frame.copy()
    # blanks at the start of a line are not shown, so that an inset is written as wide ones
    shown["ROW"] = ["\u2003" * ((len(t) - len(t.lstrip())) // 2) + t.lstrip() for t in frame["ROW"]]
    for column in display.columns:
        shown[column] = [
            _cell(t, i) for t, i in zip(frame[column], display.ids[column], strict=True)
        ]
    shown = shown.reset_index(drop=True)
    table = GT(
        shown, rowname_col="ROW", groupname_col="GROUP" if grouped else None, id=anchor
    ).tab_header(title=display.title, subtitle=display.subtitle or None)
    table = table.fmt(fns=lambda text: text, columns=display.columns)
    table = table.cols_align("right", columns=display.columns)
    notes = ([SIMULATED] if display.simulated else []) + list(display.notes)
    for note in notes:
        table = table.tab_source_note(note)
    table = table.tab_options(
        table_font_names=["DejaVu Sans", "Verdana", "sans-serif"],
        table_font_size="11.5px",
        heading_align="left",
        heading_title_font_size="14px",
        heading_subtitle_font_size="12px",
        row_group_font_weight="bold",
        data_row_padding="3px",
        source_notes_font_size="11px",
        stub_border_style="none",
        table_border_top_style="none",
    )
    if grouped:
        table = table.tab_style(style.text(weight="bold"), loc.row_groups())
    table = table.opt_css("".join(f"#{anchor} {rule}" for rule in RULES))
    return _fixed(table.as_raw_html(), anchor)


def page(display: Display) -> str:
    """The table as a page of its own (`results/tables/*.html`)."""
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(display.title)}</title></head>\n"
        f"<body>\n{render_html(display)}</body></html>\n"
    )


def fragment(text: str) -> str:
    """The table out of a page written by `page`."""
    body = text.split("<body>\n", 1)[-1]
    return body.rsplit("</body>", 1)[0]


def _cell(text: str, ids: str) -> str:
    """Escaped cell text with the ids behind it; kept on one line."""
    shown = html.escape(text, quote=False)
    if not ids:
        return shown
    marked = html.escape(ids)
    return f'<span data-ard="{marked}" title="{marked}">{shown}</span>'


def _fixed(text: str, anchor: str) -> str:
    """Drop what great-tables writes for other hosts, and trailing blanks."""
    text = re.sub(r' data-quarto-[a-z-]+="[a-z]*"', "", text)
    text = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
    if f'id="{anchor}"' not in text:
        raise ValueError(f"table {anchor}: the renderer did not take the fixed id")
    return text + "\n"


def ids_of(fragment_html: str) -> pd.DataFrame:
    """Cells of a rendered table with the ids behind them (columns ``IDS``, ``TEXT``)."""
    found = re.findall(r'<span data-ard="([^"]*)" title="[^"]*">(.*?)</span>', fragment_html)
    return pd.DataFrame(
        [(html.unescape(i), html.unescape(t)) for i, t in found], columns=["IDS", "TEXT"]
    )
