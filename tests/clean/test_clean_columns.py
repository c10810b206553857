"""Columns by their dictionary: types, ranges, choices, required, dates."""

from __future__ import annotations

import pytest

from sclerotrial.errors import InputErrors


def one(findings, **where):
    """The only finding that fits."""
    for column, text in where.items():
        findings = findings[findings[column] == text]
    (row,) = findings.to_dict("records")
    return row


def test_numbers_and_what_is_told_of_them(bench, text_field):
    rows = [
        {"s": f"S0{i}", "w": t}
        for i, t in enumerate(["62.5", "70.0", "74,7", "heavy", "<40", "-99"])
    ]
    clean, found = bench.add("f", rows, [text_field("w", validation="number")]).run()
    assert list(clean["f"]["w"]) == ["62.5", "70", "74.7", "", "", ""]
    told = found.set_index("SRCLINE")[["RULE", "RAW", "ACTION", "VALUE"]].to_numpy().tolist()
    assert told == [
        ["number_format", "74,7", "converted", "74.7"],
        ["not_a_number", "heavy", "set missing", ""],
        ["not_a_number", "<40", "set missing", ""],
        ["missing_code", "-99", "set missing", ""],
    ]


def test_a_soft_range_doubts_and_a_scale_refuses(bench, text_field):
    fields = [
        text_field("bp", validation="integer", minimum="50", maximum="250"),
        text_field("score", validation="integer", minimum="0", maximum="3"),
    ]
    clean, found = bench.add(
        "f", [{"bp": "300", "score": "9"}, {"s": "S02", "bp": "80.5", "score": "1.5"}], fields
    ).run()
    assert clean["f"][["bp", "score"]].to_numpy().tolist() == [["300", ""], ["80.5", ""]]
    assert one(found, FIELD="bp", RULE="range")["ACTION"] == "kept"
    assert one(found, FIELD="bp", RULE="integer")["ACTION"] == "kept"
    assert one(found, FIELD="score", RULE="range")["ACTION"] == "set missing"
    assert one(found, FIELD="score", RULE="integer")["ACTION"] == "set missing"


def test_a_configured_range_is_hard(bench, text_field):
    clean, found = bench.add(
        "f",
        [{"vas": "104"}, {"s": "S02", "vas": "100"}],
        [text_field("vas", validation="number", minimum="0", maximum="200")],
        fields={"vas": {"type": "number", "range": [0, 100]}},
    ).run()
    assert list(clean["f"]["vas"]) == ["", "100"]
    assert one(found)["RAW"] == "104"


def test_choices(bench, text_field):
    field = text_field("sex", "radio", choices={"1": "Male", "2": "Female", "-9": "Unknown"})
    texts = ["1", "2.0", "female", "22", "-9", ""]
    rows = [{"s": f"S0{i}", "sex": t} for i, t in enumerate(texts)]
    clean, found = bench.add("f", rows, [field]).run()
    assert list(clean["f"]["sex"]) == ["1", "2", "2", "", "-9", ""]
    told = found[["RULE", "RAW", "ACTION", "VALUE"]].to_numpy().tolist()
    assert told == [
        ["choice_label", "female", "converted", "2"],
        ["choice", "22", "set missing", ""],
    ]


def test_yes_no_and_checkboxes(bench, text_field):
    fields = [
        text_field("ok", "yesno", choices={"1": "Yes", "0": "No"}),
        text_field("box", "checkbox", choices={"1": "A"}),
    ]
    rows = [
        {"s": f"S0{i}", "ok": a, "box___1": b}
        for i, (a, b) in enumerate([("Yes", "Checked"), ("n", "0"), ("1", "2")])
    ]
    clean, found = bench.add("f", rows, fields).run()
    assert list(clean["f"]["ok"]) == ["1", "0", "1"]
    assert list(clean["f"]["box___1"]) == ["1", "0", ""]
    assert one(found, RAW="2")["ACTION"] == "set missing"


def test_required_fields_unless_branching_may_hide_them(bench, text_field):
    fields = [
        text_field("a", validation="number", required=True),
        text_field("b", validation="number", required=True, branching="[a] = '1'"),
    ]
    _, found = bench.add("f", [{"a": "", "b": "", "c": "x"}], fields).run()
    assert one(found)["FIELD"] == "a"


def test_text_that_may_hold_anything_enters_no_query(bench, text_field):
    fields = [text_field("remark", "notes", required=True), text_field("code")]
    rows = [{"remark": "NA", "code": "NA"}, {"s": "S02", "remark": "Ada called", "code": "x"}]
    clean, found = bench.add("f", rows, fields).run()
    assert list(clean["f"]["remark"]) == ["NA", "Ada called"]
    assert "Ada" not in found.to_csv()


def test_dates_become_iso_with_a_finding_a_cell(bench, text_field):
    texts = ["2008-05-01", "2008-05-02", "13/05/2008", "39569", "12 mai 2008", "14/05/08", "UNK"]
    rows = [{"s": f"S0{i}", "d": t} for i, t in enumerate(texts)]
    clean, found = bench.add("f", rows, [text_field("d", validation="date_ymd")]).run()
    assert list(clean["f"]["d"]) == [
        "2008-05-01",
        "2008-05-02",
        "2008-05-13",
        "2008-05-01",
        "2008-05-12",
        "2008-05-14",
        "",
    ]
    assert list(found["RULE"]) == ["date_format"] * 4 + ["missing_code"]


def test_a_format_used_throughout_is_told_once(bench, text_field):
    rows = [{"s": f"S{i:02d}", "d": f"{i:02d}/05/2008"} for i in range(1, 20)]
    clean, found = bench.add("f", rows, [text_field("d", validation="date_dmy")]).run()
    assert clean["f"]["d"].iloc[2] == "2008-05-03"
    row = one(found)
    assert "19 rows" in row["MESSAGE"] and row["USUBJID"] == ""


def test_the_order_of_one_column_settles_the_other_of_its_file(bench, text_field):
    fields = [text_field("d", validation="date_ymd"), text_field("e", validation="date_ymd")]
    clean, _ = bench.add("f", [{"d": "05/13/2008", "e": "03/05/2008"}], fields).run()
    assert clean["f"]["e"].iloc[0] == "2008-03-05"


def test_the_configured_order_is_for_what_the_file_leaves_open(bench, text_field):
    bench.more = {
        "sources": {
            "crf": {"format": "redcap", "file": "c", "dictionary": "d", "date_order": "dmy"}
        }
    }
    clean, _ = bench.add("f", [{"d": "03/05/2008"}], [text_field("d", validation="date_ymd")]).run()
    assert clean["f"]["d"].iloc[0] == "2008-05-03"


def test_one_date_against_the_order_of_the_file_is_doubted(bench, text_field):
    rows = [{"s": f"S{i:02d}", "d": f"{i}/05/2008"} for i in range(1, 31)]
    rows.append({"s": "S40", "d": "05/13/2008"})
    clean, found = bench.add("f", rows, [text_field("d", validation="date_dmy")]).run()
    assert clean["f"]["d"].iloc[2] == "2008-05-03"
    assert clean["f"]["d"].iloc[-1] == "2008-05-13"
    assert one(found, USUBJID="S40")["SEVERITY"] == "warning"


def test_partial_dates_only_where_the_form_allows_them(bench, text_field):
    fields = [text_field("start"), text_field("visit", validation="date_ymd")]
    clean, found = bench.add(
        "f",
        [{"start": "UN-MAY-2008"}, {"s": "S02", "start": "2008"}],
        fields,
        partial_dates=["start"],
    ).run()
    assert list(clean["f"]["start"]) == ["2008-05", "2008"]
    assert one(found)["VALUE"] == "2008-05"
    with pytest.raises(InputErrors, match="lacks its day or month"):
        bench.add(
            "g", [{"visit": "2008-05"}], [text_field("visit", form="g", validation="date_ymd")]
        ).run()


def test_dates_that_are_none_stop_and_all_are_told(bench, text_field):
    texts = ["2008-02-31", "03/05/2008", "soon", "2008-05-01"]
    rows = [{"s": f"S0{i}", "d": t} for i, t in enumerate(texts)]
    bench.add("f", rows, [text_field("d", validation="date_ymd")])
    bench.add("g", [{"e": "2008-02-30"}], [text_field("e", form="g", validation="date_ymd")])
    with pytest.raises(InputErrors) as caught:
        bench.run()
    assert [(p.what, p.where) for p in caught.value.problems] == [
        ("The calendar has no such date: '2008-02-31'", "f.csv, line 2, field d"),
        (
            "The date can be read day first or month first; the file does not say which:"
            " '03/05/2008'",
            "f.csv, line 3, field d",
        ),
        ("The text is no date: 'soon'", "f.csv, line 4, field d"),
        ("The calendar has no such date: '2008-02-30'", "g.csv, line 2, field e"),
    ]
    assert all(p.todo for p in caught.value.problems)


def test_many_problems_of_one_column_are_counted(bench, text_field):
    rows = [{"s": f"S{i}", "d": "soon"} for i in range(30)]
    with pytest.raises(InputErrors) as caught:
        bench.add("f", rows, [text_field("d", validation="date_ymd")]).run()
    assert len(caught.value.problems) == 21
    assert "10 more cells" in caught.value.problems[-1].what


def test_the_first_day_of_excel_is_no_date(bench, text_field):
    clean, found = bench.add(
        "f", [{"d": "1900-01-01", "x": "1"}], [text_field("d", validation="date_ymd")]
    ).run()
    assert clean["f"]["d"].iloc[0] == ""
    assert one(found)["RULE"] == "empty_excel_date"
