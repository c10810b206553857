"""Small files as instruments write them, and what was read of them."""

from __future__ import annotations

from openpyxl import Workbook


def save(tmp_path, text, name="file.txt", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def book(tmp_path, sheets, name="file.xlsx"):
    wb = Workbook()
    wb.remove(wb.active)
    for title, rows in sheets.items():
        sheet = wb.create_sheet(title)
        for row in rows:
            sheet.append(row)
    wb.save(tmp_path / name)
    return tmp_path / name


def cells(got, quantity, *columns):
    return got.loc[got["QUANTITY"] == quantity, list(columns)].to_numpy().tolist()
