"""What the dictionary says in its own logic, and the rules of forms.yaml."""

from __future__ import annotations

import pytest

from sclerotrial.errors import InputErrors


def rules_of(found):
    return sorted(found["RULE"])


def only(found, rule):
    rows = found[found["RULE"] == rule]
    assert len(rows) == 1, found[["RULE", "FIELD", "MESSAGE"]]
    return rows.iloc[0]


def test_a_hidden_value_is_asked_about_and_kept(bench, text_field):
    fields = [
        text_field("smokes", "yesno", choices={"1": "Yes", "0": "No"}),
        text_field("packs", validation="integer", branching="[smokes] = '1'"),
        text_field("why", "checkbox", choices={"1": "A", "2": "B"}, branching="[smokes] = '1'"),
    ]
    rows = [
        {"s": "S1", "smokes": "1", "packs": "3", "why___1": "1", "why___2": "0"},
        {"s": "S2", "smokes": "0", "packs": "3", "why___1": "0", "why___2": "1"},
        {"s": "S3", "smokes": "", "packs": "0", "why___1": "0", "why___2": "0"},
    ]
    clean, found = bench.add("f", rows, fields).run()
    assert [tuple(r) for r in found[["USUBJID", "FIELD", "RULE"]].to_numpy()] == [
        ("S2", "packs", "hidden_value"),
        ("S3", "packs", "hidden_value"),  # 0 is a value
        ("S2", "why___2", "hidden_value"),
    ]
    assert list(clean["f"]["packs"]) == ["3", "3", "0"]


def test_a_record_that_holds_nothing_is_not_asked_for_its_fields(bench, text_field):
    """A form that was opened and left blank, as other systems than REDCap export it."""
    known = [text_field("a", required=True), text_field("b")]
    bench.add("f", [{"a": "", "b": "x"}, {"a": "", "b": "", "s": "S02"}], known)
    _, findings = bench.run()
    asked = findings[findings["RULE"] == "required"]
    assert asked[["USUBJID", "FIELD"]].to_numpy().tolist() == [["S01", "a"]]


def test_required_is_asked_only_where_the_field_is_shown(bench, text_field):
    fields = [
        text_field("sex", "radio", choices={"1": "M", "2": "F"}, required=True),
        text_field("births", validation="integer", branching="[sex] = '2'", required=True),
        text_field("box", "checkbox", choices={"1": "A"}, branching="[sex] = '2'", required=True),
    ]
    rows = [
        {"s": "S1", "sex": "1", "births": "", "box___1": "0"},
        {"s": "S2", "sex": "2", "births": "", "box___1": "0"},
        {"s": "S3", "sex": "", "births": "", "box___1": "0"},
        {"s": "S4", "sex": "22", "births": "", "box___1": "0"},  # set missing: unknown to logic
    ]
    _, found = bench.add("f", rows, fields).run()
    told = {tuple(r) for r in found[["USUBJID", "FIELD", "RULE"]].to_numpy()}
    assert told == {
        ("S2", "births", "required"),
        ("S2", "box", "required"),
        ("S3", "sex", "required"),
        ("S4", "sex", "choice"),
    }


def test_a_code_that_the_project_declares_is_that_code_to_logic(bench, text_field):
    """Not in missing_codes of the study: `[w] = 'ND'` holds, as with a code that is."""
    from sclerotrial.clean import clean_forms
    from sclerotrial.read.dictionary import Dictionary

    fields = [
        text_field("w", validation="number"),
        text_field("why", validation="integer", branching="[w] = 'ND'", required=True),
    ]
    rows = [{"s": "S1", "w": "ND", "why": ""}, {"s": "S2", "w": "see", "why": ""}]
    bench.add("f", rows, fields)
    known = Dictionary(bench.fields, "d.csv", missing={"ND": "not done"})
    _, found = clean_forms(bench.study(), bench.crf, {"crf": known})
    assert [tuple(r) for r in found[["USUBJID", "FIELD", "RULE"]].to_numpy()] == [
        ("S1", "w", "missing_code"),
        ("S2", "w", "not_a_number"),
        ("S1", "why", "required"),
    ]


def test_branching_over_forms_and_events(bench, text_field):
    bench.add(
        "base",
        [{"s": "S1", "v": "Baseline", "mtx": "1"}, {"s": "S2", "v": "Baseline", "mtx": "0"}],
        [text_field("mtx", "yesno", form="base", choices={"1": "Yes", "0": "No"})],
    )
    field = text_field("dose", validation="number", branching="[Baseline][mtx] = '1'")
    rows = [{"s": s, "v": "Month 3", "dose": "15"} for s in ("S1", "S2")]
    _, found = bench.add("f", rows, [field]).run()
    assert only(found, "hidden_value")["USUBJID"] == "S2"


def test_calculations_are_recomputed(bench, text_field):
    fields = [
        text_field("w", validation="number"),
        text_field("h", validation="number"),
        text_field("bmi", "calc", calculation="round(([w]*10000)/(([h])^(2)),1)"),
    ]
    rows = [
        {"s": "S1", "w": "70", "h": "175", "bmi": "22.9"},
        {"s": "S2", "w": "70", "h": "175", "bmi": "29.2"},
        {"s": "S3", "w": "70", "h": "", "bmi": "22.9"},  # stale: a part is blank by now
        {"s": "S4", "w": "70", "h": "175", "bmi": ""},
        {"s": "S5", "w": "", "h": "", "bmi": ""},
        {"s": "S6", "w": "70", "h": "see", "bmi": "22.9"},  # no number: nothing to compute from
    ]
    clean, found = bench.add("f", rows, fields).run()
    told = found[found["RULE"] == "calculation"].set_index("USUBJID")["MESSAGE"].to_dict()
    assert told == {
        "S2": "The calculation gives 22.9",
        "S3": "The calculation gives no value",
        "S4": "The calculation gives 22.9",
    }
    assert list(clean["f"]["bmi"]) == [r["bmi"] for r in rows]


def test_a_word_leaves_a_calculated_field_blank(bench, text_field):
    """Such a field holds numbers alone; projects write "NaN" where there is nothing to tell."""
    calculation = 'if([w] = "", "NaN", [w] * 2)'
    fields = [
        text_field("w", validation="number"),
        text_field("twice", "calc", calculation=calculation),
        text_field("says", calculation="if([w] = '', 'none', 'some')"),
    ]
    rows = [
        {"s": "S1", "w": "", "twice": "", "says": "none"},
        {"s": "S2", "w": "", "twice": "8", "says": "none"},
        {"s": "S3", "w": "4", "twice": "8", "says": "none"},
    ]
    _, found = bench.add("f", rows, fields).run()
    told = found[found["RULE"] == "calculation"]
    assert told[["USUBJID", "FIELD", "MESSAGE"]].to_numpy().tolist() == [
        ["S2", "twice", "The calculation gives no value"],
        ["S3", "says", "The calculation gives another text"],
    ]


def test_logic_that_cannot_be_evaluated_is_told_once(bench, text_field):
    fields = [
        text_field("age", "calc", calculation="rounddown(datediff([dob], 'today', 'y'))", line=7),
        text_field("a", branching="[nowhere] = '1'", validation="integer"),
        text_field("b", branching="[age] >", validation="integer"),
        text_field("c", branching="[user-name] = 'x'", validation="integer"),
    ]
    bench.more["identifiers"] = ["dob"]
    rows = [{"s": f"S{i}", "age": "40", "a": "1", "b": "2", "c": "3"} for i in range(3)]
    _, found = bench.add("f", rows, fields).run()
    assert rules_of(found) == ["logic_not_evaluated"] * 4
    text = " ".join(found["MESSAGE"])
    for words in ("nowhere", "missing at the end", "does not hold [user-name]", "the day"):
        assert words in text


def test_today_is_the_day_of_the_export_when_it_is_known(bench, text_field):
    field = text_field("d", validation="date_ymd", maximum="today")
    rows = [{"s": "S1", "d": "2009-01-05"}, {"s": "S2", "d": "2009-01-06"}]
    _, found = bench.add("f", rows, [field]).run()
    assert found.empty
    bench.more["exported"] = "2009-01-05"
    _, found = bench.run()
    assert only(found, "range")["USUBJID"] == "S2"


def test_limits_that_are_dates_or_fields(bench, text_field):
    fields = [
        text_field("consent", validation="date_ymd", minimum="2008-04-30"),
        text_field("visit", validation="date_ymd", minimum="[consent]"),
    ]
    rows = [
        {"s": "S1", "consent": "2008-05-01", "visit": "2008-05-01"},
        {"s": "S2", "consent": "2008-04-29", "visit": "2008-04-28"},
        {"s": "S3", "consent": "", "visit": "2008-04-01"},
    ]
    _, found = bench.add("f", rows, fields).run()
    told = [tuple(r) for r in found[["USUBJID", "FIELD", "RULE"]].to_numpy()]
    assert told == [("S2", "consent", "range"), ("S2", "visit", "range")]


def test_boxes_that_exclude_each_other(bench, text_field):
    fields = [
        text_field(
            "organs",
            "checkbox",
            choices={"1": "Lung", "2": "Heart", "9": "None"},
            annotation="@NONEOFTHEABOVE='9' @MAXCHECKED=2",
        )
    ]
    boxes = ["organs___1", "organs___2", "organs___9"]
    rows = [
        dict(zip(["s", *boxes], r, strict=True))
        for r in (
            ("S1", "1", "1", "0"),
            ("S2", "1", "0", "1"),
            ("S3", "1", "1", "1"),
            ("S4", "1", "", "0"),
            ("S5", "0", "0", "1"),
        )
    ]
    _, found = bench.add("f", rows, fields).run()
    assert {tuple(r) for r in found[["USUBJID", "RULE"]].to_numpy()} == {
        ("S2", "checkbox_exclusive"),
        ("S3", "checkbox_exclusive"),
        ("S3", "checkbox_too_many"),
        ("S4", "checkbox_blank"),
    }


def test_formats_synonyms_and_plausible_values(bench, text_field):
    fields = [
        text_field("t", validation="time"),
        text_field("drug"),
        text_field("ck", validation="number"),
    ]
    bench.add(
        "f",
        [
            {"s": "S1", "t": "08:30", "drug": "Lasix", "ck": "90"},
            {"s": "S2", "t": "25:70", "drug": "furosemide", "ck": "4000"},
        ],
        fields,
        fields={
            "drug": {"synonyms": {"lasix": "furosemide"}},
            "ck": {"plausible": [5, 400]},
        },
    )
    clean, found = bench.run()
    assert list(clean["f"]["drug"]) == ["furosemide", "furosemide"]
    assert {tuple(r) for r in found[["USUBJID", "FIELD", "RULE", "ACTION"]].to_numpy()} == {
        ("S1", "drug", "synonym", "converted"),
        ("S2", "t", "format", "kept"),
        ("S2", "ck", "implausible", "kept"),
    }


def test_more_decimals_than_the_validation_takes(bench, text_field):
    fields = [text_field("t", validation="number_1dp")]
    rows = [{"s": "S1", "t": "36.6"}, {"s": "S2", "t": "36.65"}, {"s": "S3", "t": "36"}]
    clean, found = bench.add("f", rows, fields).run()
    assert only(found, "decimals")["USUBJID"] == "S2"
    assert list(clean["f"]["t"]) == ["36.6", "36.65", "36"]


def test_rules_of_the_study(bench, text_field):
    bench.add("f", [
        {"s": "S1", "a": "5", "b": "4"}, {"s": "S2", "a": "3", "b": "4"},
        {"s": "S3", "a": "", "b": "4"}, {"s": "S4", "a": "x", "b": "4"},
    ], [text_field("a", validation="number"), text_field("b", validation="number")])  # fmt: skip
    bench.more["rules"] = [
        {"id": "a_over_b", "form": "f", "field": "a", "when": "[a] <> ''", "must": "[a] <= [b]",
         "severity": "error", "message": "a is more than b"},
    ]  # fmt: skip
    _, found = bench.run()
    row = only(found, "a_over_b")
    assert (row["USUBJID"], row["SEVERITY"], row["RAW"], row["MESSAGE"]) == (
        "S1", "error", "5", "a is more than b",
    )  # fmt: skip


def test_a_rule_may_ask_about_the_boxes_of_a_question(bench, text_field):
    boxes = text_field("aids", "checkbox", choices={"1": "Cane", "2": "Walker"})
    rows = [
        {"s": "S1", "aids___1": "1", "aids___2": "1"},
        {"s": "S2", "aids___1": "1", "aids___2": "0"},
    ]
    bench.add("f", rows, [boxes])
    bench.more["rules"] = [
        {
            "id": "both",
            "form": "f",
            "field": "aids",
            "must": "[aids(1)] + [aids(2)] < 2",
            "message": "m",
        }
    ]
    _, found = bench.run()
    assert (only(found, "both")["USUBJID"], only(found, "both")["FIELD"]) == ("S1", "aids")


def test_a_rule_that_leads_nowhere_stops_with_its_place(bench, text_field):
    bench.add("f", [{"a": "5"}], [text_field("a", validation="number")])
    rule = {"form": "f", "field": "a", "message": "m"}
    bench.more["rules"] = [
        rule | {"id": "one", "must": "[wieght] > 1"},
        rule | {"id": "two", "field": "z", "must": "[a] > 1"},
    ]
    with pytest.raises(InputErrors) as caught:
        bench.run()
    assert [p.where for p in caught.value.problems] == [
        "forms.yaml, key rules, id one",
        "forms.yaml, key rules, id two, field",
    ]
    assert "'wieght'" in caught.value.problems[0].what


def test_a_rule_may_use_the_time_stamp_of_a_survey(bench, text_field):
    """Sent before the visit it asks about: told; begun and not sent: told, and no rule applies."""
    rows = [
        {"s": "S01", "day": "2007-03-02", "f_timestamp": "2007-03-02 09:30:00"},
        {"s": "S02", "day": "2007-03-02", "f_timestamp": "2007-03-01 23:59"},
        {"s": "S03", "day": "2007-03-02", "f_timestamp": "[not completed]"},
        {"s": "S04", "day": "2007-03-02", "f_timestamp": ""},
    ]
    bench.add("f", rows, [text_field("day", validation="date_ymd")])
    bench.more["rules"] = [
        {
            "id": "survey_early",
            "form": "f",
            "field": "f_timestamp",
            "when": "[f_timestamp] <> ''",
            "must": "[f_timestamp] >= [day]",
            "message": "The survey was sent before the visit",
        }
    ]
    clean, findings = bench.run()
    told = findings[["USUBJID", "RULE", "RAW", "VALUE", "ACTION"]].to_numpy().tolist()
    assert told == [
        ["S03", "survey_open", "[not completed]", "", "set missing"],
        ["S02", "survey_early", "2007-03-01 23:59", "2007-03-01T23:59", "kept"],
    ]
    assert list(clean["f"]["f_timestamp"])[0] == "2007-03-02T09:30:00"
