"""Tables as Word documents (python-docx): plain, editable, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

from sclerotrial.tables.display import SIMULATED, Display
from sclerotrial.tables.zips import fixed_zip

#: documents carry no time of making
MADE = dt.datetime(1980, 1, 1)
WIDE = 6


def render_docx(displays: list[Display] | Display) -> bytes:
    """One document with a table (or several, one after the other).

    Parameters
    ----------
    displays : Display or list of Display

    Returns
    -------
    bytes
        A .docx with fixed core properties and zip times.
    """
    from docx import Document
    from docx.enum.section import WD_ORIENT

    if isinstance(displays, Display):
        displays = [displays]
    document = Document()
    properties = document.core_properties
    properties.created = properties.modified = MADE
    properties.author = properties.last_modified_by = ""
    properties.title = displays[0].title
    properties.comments = SIMULATED if displays[0].simulated else ""
    properties.revision = 1
    if any(len(d.columns) > WIDE for d in displays):
        section = document.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    if displays[0].simulated:
        document.sections[0].header.paragraphs[0].add_run("Simulated data")
    for display in displays:
        _add(document, display)
    out = io.BytesIO()
    document.save(out)
    return fixed_zip(out.getvalue())


def _add(document, display: Display) -> None:
    """Title, subtitle, table and notes of one display."""
    document.add_heading(display.title, level=2)
    if display.subtitle:
        document.add_paragraph(display.subtitle)
    add_table(document, display)


def add_table(
    document, display: Display, head: str = "", shares: Sequence[int] | None = None
) -> None:
    """The table and its notes at the end of a document, as wide as its last section.

    Parameters
    ----------
    document : docx Document
    display : Display
    head : str
        Heading of the column of rows.
    shares : sequence of int, optional
        Shares of the columns in the width, of a table of words: all of it stands at the left.
    """
    from docx.shared import Pt

    if display.frame.empty:
        document.add_paragraph("There are no data.")
        return
    columns = ["ROW", *display.columns]
    table = document.add_table(rows=1, cols=len(columns))
    table.style = "Light List"
    # the names of rows get the width of two columns of numbers, and at least a fifth
    section = document.sections[-1]
    width = section.page_width - section.left_margin - section.right_margin
    first = max(width // 5, 2 * width // (len(columns) + 1))
    widths = [first, *[(width - first) // (len(columns) - 1)] * (len(columns) - 1)]
    if shares:
        widths = [width * share // sum(shares) for share in shares]
    numbers = not shares
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = wide
    heads = zip(table.rows[0].cells, [head, *display.columns], widths, strict=True)
    for k, (cell, name, wide) in enumerate(heads):
        cell.width = wide
        _write(cell, name, bold=True, right=numbers and k > 0)
    _repeat(table.rows[0])
    group = ""
    for _, row in display.frame.iterrows():
        if row["GROUP"] != group:
            group = row["GROUP"]
            if group:
                cells = table.add_row().cells
                _write(cells[0].merge(cells[-1]), group, bold=True)
        cells = table.add_row().cells
        for k, (cell, name, wide) in enumerate(zip(cells, columns, widths, strict=True)):
            cell.width = wide
            _write(cell, row[name], right=numbers and k > 0)
    notes = ([SIMULATED] if display.simulated else []) + list(display.notes)
    for note in notes:
        run = document.add_paragraph().add_run(note)
        run.font.size = Pt(8)


def _write(cell, text: str, bold: bool = False, right: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(8)


def _repeat(row) -> None:
    """The heading row comes again on each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
