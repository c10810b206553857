"""Records that should be there; values doubted beside others; what a later export changes."""

from __future__ import annotations

import re

import pandas as pd

from sclerotrial.clean import clean_forms
from sclerotrial.read.dictionary import Dictionary


def told(found, *columns):
    return {tuple(r) for r in found[list(columns)].to_numpy()}


def visits(bench, text_field, rows):
    fields = [
        text_field("visit_date", form="visit_log", validation="date_ymd"),
        text_field("visit_done", "yesno", form="visit_log", choices={"1": "Yes", "0": "No"}),
    ]
    columns = ("s", "v", "visit_date", "visit_done")
    return bench.add(
        "visit_log", [dict(zip(columns, r, strict=True)) for r in rows], fields, date="visit_date"
    )


def test_forms_are_missing_where_the_visit_log_says_they_exist(bench, text_field):
    visits(bench, text_field, [
        ("S1", "Baseline", "2008-05-01", "1"), ("S1", "Month 3", "2008-08-01", "1"),
        ("S2", "Baseline", "", "0"), ("S3", "Baseline", "2008-05-02", "1"),
    ])  # fmt: skip
    rows = [
        {"s": "S1", "v": "Baseline", "d": "2008-05-01", "x": "1"},
        {"s": "S2", "v": "Baseline", "d": "2008-05-01", "x": "1"},  # not done
        {"s": "S3", "v": "Baseline", "d": "", "x": "1"},  # no date
        {"s": "S3", "v": "Month 3", "d": "2008-08-02", "x": "1"},  # no such visit
    ]
    fields = [text_field("d", validation="date_ymd"), text_field("x", validation="integer")]
    _, found = bench.add("f", rows, fields, date="d", visits=["Baseline", "Month 3"]).run()
    assert told(found, "USUBJID", "VISIT", "FORM", "RULE") == {
        ("S1", "Month 3", "visit_log", "form_missing"),
        ("S2", "Baseline", "f", "form_without_visit"),
        ("S3", "Baseline", "f", "date_missing"),
        ("S3", "Month 3", "f", "form_without_visit"),
    }


def test_an_ambiguous_date_is_settled_by_its_visit_or_asked_about(bench, text_field):
    visits(bench, text_field, [(f"S{i}", "Baseline", "2008-05-03", "1") for i in range(10)])
    rows = [{"s": f"S{i}", "v": "Baseline", "d": "2008-05-03"} for i in range(8)]
    rows += [{"s": "S8", "v": "Baseline", "d": "04/05/2008"}]
    rows += [{"s": "S9", "v": "Month 3", "d": "04/05/2008"}]
    clean, found = bench.add("f", rows, [text_field("d", validation="date_ymd")], date="d").run()
    assert list(clean["f"]["d"])[8:] == ["2008-05-04", ""]
    assert told(found, "USUBJID", "RULE", "ACTION") == {
        ("S8", "date_format", "converted"),
        ("S9", "date_ambiguous", "set missing"),
    }


def test_slips_beside_the_other_values_of_a_person(bench, text_field):
    weights = {"S1": ["70", "71", "7.1", "70"], "S2": ["60", "61", "132.3", "60"],
               "S3": ["50", "70", "120", "900"], "S4": ["80", "82", "84", "86"]}  # fmt: skip
    at = ("Screening", "Baseline", "Month 3", "Month 6")
    rows = [
        {"s": s, "v": v, "w": w, "u": "kg"}
        for s, ws in weights.items()
        for v, w in zip(at, ws, strict=True)
    ]
    fields = [text_field("w", validation="number"), text_field("u")]
    unit = {"unit": "kg", "unit_field": "u", "factors": {"kg": 1, "lb": 0.45359237}}
    _, found = bench.add("f", rows, fields, stable=["w"], units={"w": unit}).run()
    slips = found[found["RULE"] == "factor"]
    # S3 differs so much that nothing is said of him
    assert told(slips, "USUBJID", "RAW") == {("S1", "7.1"), ("S2", "132.3")}
    assert "lb for kg" in slips.loc[slips["USUBJID"] == "S2", "MESSAGE"].iloc[0]


def test_a_distance_in_cm(bench, text_field):
    rows = [{"s": f"S{i}", "g": str(30 + i)} for i in range(9)] + [{"s": "S9", "g": "7.3"}]
    _, found = bench.add(
        "f", rows, [text_field("g", validation="number")],
        fields={"g": {"type": "number", "range": [0, 100]}},
    ).run()  # fmt: skip
    assert told(found, "USUBJID", "RULE", "ACTION") == {("S9", "unit_cm", "kept")}


def test_one_event_in_two_rows_and_a_laboratory_value_as_an_event(bench, text_field):
    columns = ("s", "v", "i", "term", "ae_verbatim", "a", "b", "grade")
    rows = [
        ("S1", "Logs", "1", "Nausea", "sick", "2008-05-01", "2008-05-04", "1"),
        ("S1", "Logs", "2", "Nausea", "sicker", "2008-05-05", "2008-05-09", "2"),
        ("S1", "Logs", "3", "Nausea", "sick", "2008-05-10", "2008-05-12", "2"),
        ("S1", "Logs", "4", "Nausea", "sick again", "2008-07-05", "2008-07-09", "1"),
        ("S2", "Logs", "1", "Anaemia", "HGB 98 g/L", "2008-05-01", "", "1"),
        ("S2", "Logs", "2", "Nausae", "sick", "2008-06-01", "", "1"),
    ]
    _, found = bench.add(
        "f",
        [dict(zip(columns, r, strict=True)) for r in rows],
        [text_field(n) for n in ("term", "ae_verbatim", "a", "b", "grade")],
        fields={"term": {"type": "text", "spelling": True}},
        partial_dates=["a", "b"],
        alike={"by": ["term"], "span": ["a", "b"], "differs": "grade"},
    ).run()
    assert told(found, "USUBJID", "INSTANCE", "RULE") == {
        ("S1", "2", "event_split"),
        ("S2", "1", "laboratory_as_event"),
        ("S2", "2", "spelling"),
    }
    assert "98" not in " ".join(found["RAW"])


def test_a_later_export_that_changes_history_is_told(bench, text_field):
    bench.add(
        "f",
        [{"s": "S1", "v": "Baseline", "x": "4", "y": ""}, {"s": "S2", "v": "Baseline", "x": "5"}],
        [text_field("x", validation="integer"), text_field("y", validation="integer")],
    )
    former = {"f": bench.crf["f"].copy()}
    now = former["f"].copy()
    now.loc[0, ["x", "y"]] = ["6", "1"]  # a change, and a blank that was filled
    now = now[now["USUBJID"] == "S1"]
    _, found = clean_forms(
        bench.study(), {"f": now}, {"crf": Dictionary(bench.fields, "d")}, former=former
    )
    assert told(found, "USUBJID", "FIELD", "RULE", "RAW") == {
        ("S1", "x", "changed_since", "6"),
        ("S2", "", "record_gone", ""),
    }
    assert "'4'" in found.loc[found["RULE"] == "changed_since", "MESSAGE"].iloc[0]


def test_a_record_without_event_is_told(bench, text_field):
    bench.top["visits"] = [
        {"avisit": "Baseline", "avisitn": 0, "event": "base_arm_1"},
        {"avisit": "Month 3", "avisitn": 3, "event": "m3_arm_1"},
    ]
    rows = [{"s": "S1", "v": "Baseline", "x": "1"}, {"s": "S1", "v": "", "x": "2"}]
    bench.add("f", rows, [text_field("x", validation="integer")])
    clean, found = clean_forms(bench.study(), bench.crf, {"crf": Dictionary(bench.fields, "d")})
    assert told(found, "USUBJID", "FIELD", "RULE") == {("S1", "VISIT", "event_blank")}
    assert len(clean["f"]) == 2


def test_rows_that_should_not_be_alone(bench):
    """A result that moved to another day, of subjects whose tests come in panels of five."""
    days = ("2008-05-01", "2008-06-01", "2008-07-01")
    tests = ("HGB", "CRP", "CREAT", "WBC")
    unit = {"HGB": "g/L", "CRP": "mg/L", "CREAT": "umol/L", "WBC": "10^9/L"}
    rows = [
        {"s": s, "sample_date": d, "test": t, "result": "60", "unit": unit[t]}
        for s in ("S1", "S2")
        for d in days
        for t in tests
    ]
    rows = [r | {"result": "5"} if r["test"] == "WBC" else r for r in rows]
    rows[5] = rows[5] | {"sample_date": "2008-06-09"}  # CRP of S1
    bench.add("lab", rows, table=True, laboratory=True, key=["sample_date", "test"])
    bench.add("f", [{"s": "S1", "x": "1"}, {"s": "S2", "x": "1"}])
    _, found = bench.run()
    alone = found[found["RULE"] == "lone_result"]
    assert told(alone, "USUBJID", "RAW") == {("S1", "2008-06-09")}
    assert "2008-06-01" in alone["MESSAGE"].iloc[0]


def test_the_rules_that_the_documentation_names_exist(root):
    """docs/checks.md names rules of the code, or of the shipped forms.yaml."""
    text = (root / "docs/checks.md").read_text(encoding="utf-8").split("## Kinds")[1]
    named = set(re.findall(r"`([a-z0-9_]+)`", text))
    code = "".join(
        p.read_text(encoding="utf-8")
        for room in ("read", "clean")
        for p in (root / "src/sclerotrial" / room).glob("*.py")
    )
    known = set(re.findall(r"['\"]([a-z_]+)['\"]", code)) | {"unit_mislabelled", "unit_assumed"}
    known |= set(re.findall(r"- id: (\w+)", (root / "config/forms.yaml").read_text("utf-8")))
    assert len(named) > 50 and sorted(named - known) == []


def test_an_allocation_that_changed_is_told(bench):
    """A table without key whose subjects stand once each: the subject tells the records apart."""
    fields = {"arm": {"type": "text", "choices": {"A": "", "B": ""}}}
    bench.add(
        "allocation", [{"s": "S1", "arm": "A"}, {"s": "S2", "arm": "B"}], table=True, fields=fields
    )
    former = {"allocation": bench.crf["allocation"].copy()}
    now = former["allocation"].assign(arm=["B", "B"])
    _, found = clean_forms(bench.study(), {"allocation": now}, {}, former=former)
    assert told(found, "USUBJID", "FIELD", "RULE", "RAW") == {("S1", "arm", "changed_since", "B")}
    twice = pd.concat([now, now], ignore_index=True).assign(SRCLINE=["2", "3", "4", "5"])
    _, found = clean_forms(bench.study(), {"allocation": twice}, {}, former=former)
    assert "changed_since" not in set(found["RULE"])
