"""Workbooks of other kinds than .xlsx, written from rows of values."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

_HEAD = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">
"""


def _of_2003(value: object) -> str:
    if value is None or value == "":
        return "<Cell/>"
    if isinstance(value, bool):
        kind, text = "Boolean", str(int(value))
    elif isinstance(value, (int, float)):
        kind, text = "Number", repr(value)
    elif isinstance(value, dt.datetime):
        kind, text = "DateTime", value.isoformat(timespec="milliseconds")
    elif isinstance(value, dt.time):
        kind, text = "DateTime", f"1899-12-31T{value.isoformat(timespec='milliseconds')}"
    else:
        kind, text = "String", escape(str(value))
    return f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>'


def xml_2003(sheets: dict[str, list[list[object]]], tail: str = "") -> str:
    """A workbook in the XML of Excel 2003."""
    parts = [_HEAD]
    for name, rows in sheets.items():
        parts.append(f"<Worksheet ss:Name={quoteattr(name)}>\n <Table>\n")
        parts += [f"  <Row>{''.join(map(_of_2003, row))}</Row>\n" for row in rows]
        parts.append(f" </Table>\n{tail}</Worksheet>\n")
    return "".join([*parts, "</Workbook>\n"])


def _of_ods(value: object) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, (int, float)):
        about, text = f'float" office:value="{value!r}', repr(value)
    elif isinstance(value, dt.datetime):
        about, text = f'date" office:date-value="{value.isoformat()}', value.isoformat()
    else:
        about, text = "string", escape(str(value))
    cell = f'<table:table-cell office:value-type="{about}"><text:p>{text}</text:p>'
    return f"{cell}</table:table-cell>"


def ods(sheets: dict[str, list[list[object]]]) -> bytes:
    """A workbook of OpenDocument."""
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    body = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(_of_ods, r))}</table:table-row>" for r in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr("content.xml", text)
        packed.writestr("META-INF/manifest.xml", "<x/>")
    return out.getvalue()
