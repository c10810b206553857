"""The query list: ids, status, workbook."""

from __future__ import annotations

import hashlib
import zipfile

import openpyxl
import pandas as pd
import pytest

from sclerotrial.clean import queries
from sclerotrial.read.findings import COLUMNS, finding, frame
from sclerotrial.tabular import read_csv, write_csv


def row(subject="S01", field="x", line=2, **more):
    told = {"rule": "range", "message": "m", "subject": subject, "form": "f", "field": field}
    return finding(**told | {"line": line, "file": "a.csv"} | more)


def merged(*rows, former=None):
    return queries.merge(frame(rows), former=former)


def test_columns_and_their_order():
    assert list(merged(row()).columns) == [
        "QUERYID", "USUBJID", "VISIT", "FORM", "FIELD", "RULE", "SEVERITY", "RAW", "ACTION",
        "VALUE", "MESSAGE", "SRCFILE", "SRCLINE", "STATUS", "INSTANCE",
    ]  # fmt: skip
    assert list(merged().columns) == queries.QUERY_COLUMNS


def test_words_of_severity_and_action_are_checked():
    with pytest.raises(ValueError, match="dropped"):
        finding(rule="r", message="m", action="dropped")


def test_the_id_is_a_hash_of_the_place_and_the_rule():
    text = "S01||f||x|range|0"
    assert merged(row())["QUERYID"].item() == f"Q-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def test_the_id_does_not_follow_line_or_value():
    a, b = merged(row(line=2, raw="9"))["QUERYID"], merged(row(line=40, raw="8"))["QUERYID"]
    assert a.item() == b.item()


def test_equal_places_are_numbered_in_the_order_of_the_file():
    first = merged(row(line=9), row(line=10))
    second = merged(row(line=10), row(line=9))
    pd.testing.assert_frame_equal(first, second)
    assert first["QUERYID"].nunique() == 2


def test_a_key_of_the_record_replaces_its_running_number():
    """A result added above renumbers the rows of a list, and renames no query."""
    before = merged(row(instance="7", key="2008-05-01|CRP"))
    after = merged(row(instance="8", key="2008-05-01|CRP"))
    assert before["QUERYID"].item() == after["QUERYID"].item()
    assert (
        before["QUERYID"].item()
        != merged(row(instance="7", key="2008-05-02|CRP"))["QUERYID"].item()
    )


def test_ids_survive_the_file_between_the_steps(tmp_path):
    rows = [row(instance="7", key="2008-05-01|CRP"), row(field="y")]
    write_csv(frame(rows), tmp_path / "f.csv")
    again = queries.merge(read_csv(tmp_path / "f.csv"))
    pd.testing.assert_frame_equal(again, merged(*rows))


def test_what_stands_twice_is_told_once():
    assert len(merged(row(), row())) == 1


def test_status_against_the_former_list():
    former = merged(row(), row(field="gone", raw="5"))
    present = merged(row(), row(field="y"), former=former)
    status = present.set_index("FIELD")["STATUS"]
    assert status.to_dict() == {"x": "open", "y": "new", "gone": "solved"}
    assert present.set_index("FIELD").at["gone", "RAW"] == "5"
    later = merged(row(), row(field="gone"), former=present)
    assert later.set_index("FIELD")["STATUS"].to_dict() == {
        "x": "open",
        "gone": "open",
        "y": "solved",
    }


def test_the_list_is_sorted_and_lists_of_other_rooms_fit_in():
    other = frame([row("S02")])[COLUMNS]  # without the key
    table = queries.merge(other, frame([row("S01", "b"), row("S01", "a")]))
    assert table[["USUBJID", "FIELD"]].to_numpy().tolist() == [
        ["S01", "a"],
        ["S01", "b"],
        ["S02", "x"],
    ]


def test_the_workbook_holds_text_only_and_the_same_bytes(tmp_path):
    table = merged(row(raw="=1+1"), row(field="y", raw="@SUM(A1)", value="https://example.org"))
    for name in ("a.xlsx", "b.xlsx"):
        queries.to_xlsx(table, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as z:
        assert {i.date_time[:3] for i in z.infolist()} == {(1980, 1, 1)}
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Queries"]
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:T3"
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {c.data_type for c in cells} == {"s"}
    assert {c.value for c in cells} >= {"=1+1", "@SUM(A1)"}
    assert not any(c.hyperlink for c in cells)


def test_one_sheet_a_site(tmp_path):
    table = merged(row("S01"), row("S02"), row(""))
    queries.to_xlsx(table, tmp_path / "q.xlsx", {"S01": "London", "S02": "Ottawa/West"})
    book = openpyxl.load_workbook(tmp_path / "q.xlsx")
    assert book.sheetnames == ["London", "Ottawa_West", "Study"]
    assert book["London"].max_row == 2


def test_an_empty_list_makes_a_workbook(tmp_path):
    queries.to_xlsx(merged(), tmp_path / "q.xlsx")
    assert openpyxl.load_workbook(tmp_path / "q.xlsx")["Queries"].max_row == 1


def test_each_site_has_a_sheet_and_no_cell_runs(tmp_path):
    table = merged(row(subject="01-003", raw="=1+1"), row(subject="02-001", raw="-3"), row())
    sites = queries.site_of(["01-003", "02-001", "S01", ""], r"^(\d{2})-")
    assert sites == {"01-003": "01", "02-001": "02"}
    assert queries.site_of(["01-003"], None) == {}
    queries.to_xlsx(table, tmp_path / "q.xlsx", sites)
    book = openpyxl.load_workbook(tmp_path / "q.xlsx")
    assert book.sheetnames == ["01", "02", "Study"]
    for sheet in book:
        assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref
        head = [c.value for c in sheet[1]]
        assert head[-5:] == ["DECISION", "CORRECT VALUE", "REASON", "BY", "DATE"]
    cell = book["01"].cell(2, head.index("RAW") + 1)
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_sites_whose_names_excel_takes_for_one():
    table = merged(row(subject="a"), row(subject="b"))
    sheets = queries._sheets(table, {"a": "Lyon", "b": "LYON"})
    assert sorted(name for name, _ in sheets) == ["LYON", "Lyon (2)"]


def test_a_row_added_to_a_table_without_key_renames_no_query(bench):
    """Its running number follows the rows above it; what it says does not."""
    fields = {"day": {"type": "date"}, "n": {"type": "integer", "range": [0, 10]}}

    def asked(*rows):
        bench.add("log", [dict(zip(("s", "day", "n"), r, strict=True)) for r in rows], table=True,
                  fields=fields)  # fmt: skip
        per_subject = bench.crf["log"].groupby("USUBJID").cumcount() + 1
        bench.crf["log"]["INSTANCE"] = per_subject.astype(str)
        found = queries.merge(bench.run()[1])
        return dict(zip(found["RAW"], found["QUERYID"], strict=True))

    old = asked(("S1", "2008-05-02", "40"), ("S1", "2008-05-09", "50"), ("S2", "2008-05-02", "60"))
    new = asked(
        ("S1", "2008-05-01", "70"),
        ("S1", "2008-05-02", "40"),
        ("S1", "2008-05-09", "50"),
        ("S2", "2008-05-02", "61"),
    )
    assert (old["40"], old["50"]) == (new["40"], new["50"])
    assert old["60"] == new["61"]  # another wrong value of the same cell: the same query
    assert len(set(new.values())) == 4
