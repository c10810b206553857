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


def softmax(kind, waves, tail, rows, section="TimeFormat"):
    title = ["Plate:", "P1", "1.3", section, kind, "Absorbance", "Raw", "FALSE", "1", "", "", "",
             "", "", str(len(waves)), " ".join(waves) + " ", *map(str, tail)]  # fmt: skip
    lines = ["##BLOCKS= 1", "\t".join(title), *("\t".join(map(str, r)) for r in rows), "~End"]
    return "\n".join(lines) + "\n"
