"""Rules within one form."""

from __future__ import annotations

from sclerotrial.clean.checks import _TWO_EVENTS

ITEMS = ["m_a", "m_b", "m_c"]


def scores(text_field):
    fields = [
        text_field(n, form="m", validation="integer", minimum="0", maximum="3") for n in ITEMS
    ]
    return [
        *fields,
        text_field("m_total", form="m", validation="integer"),
        text_field("m_rater", form="m"),
    ]


def told(findings, *columns):
    return findings[list(columns)].to_numpy().tolist()


def test_the_sum_of_the_items_is_kept(bench, text_field):
    rows = [
        {"s": "S01", "m_a": "1", "m_b": "2", "m_c": "3", "m_total": "6"},
        {"s": "S02", "m_a": "1", "m_b": "2", "m_c": "3", "m_total": "8"},
        {"s": "S03", "m_a": "1", "m_b": "2", "m_c": "", "m_total": "6"},
        {"s": "S04", "m_a": "1", "m_b": "2", "m_c": "", "m_total": "2"},
        {"s": "S05", "m_a": "1", "m_b": "2", "m_c": "4", "m_total": "7"},
        {"s": "S06", "m_a": "1", "m_b": "2", "m_c": "3", "m_total": ""},
    ]
    clean, found = bench.add(
        "m", rows, scores(text_field), total={"field": "m_total", "items": ITEMS}
    ).run()
    assert list(clean["m"]["m_total"]) == ["6", "6", "6", "2", "7", ""]
    assert told(found, "USUBJID", "RULE", "ACTION") == [
        ["S05", "range", "set missing"],
        ["S02", "total", "converted"],
        ["S03", "total_unchecked", "kept"],
        ["S04", "total", "kept"],  # two items alone already sum to three
        ["S05", "total_unchecked", "kept"],
    ]


def test_items_by_a_pattern(bench, text_field):
    rows = [{"m_a": "1", "m_b": "2", "m_c": "3", "m_total": "8"}]
    clean, _ = bench.add(
        "m", rows, scores(text_field), total={"field": "m_total", "items": "m_?"}
    ).run()
    assert list(clean["m"]["m_total"]) == ["6"]


def test_another_rater_than_at_the_first_visit(bench, text_field):
    rows = [
        {"v": "Month 6", "m_a": "1", "m_rater": "Dr Lovelace"},
        {"v": "Baseline", "m_a": "1", "m_rater": "R1"},
        {"v": "Month 3", "m_a": "1", "m_rater": "R2"},
        {"s": "S02", "v": "Baseline", "m_a": "1", "m_rater": "R2"},
    ]
    _, found = bench.add("m", rows, scores(text_field)).run()
    assert told(found, "VISIT", "RULE", "RAW") == [
        ["Month 3", "other_rater", "R2"],
        ["Month 6", "other_rater", "[masked]"],
    ]


def test_a_line_of_another_length_is_brought_to_100_mm(bench, text_field):
    fields = [text_field(n, form="g", validation="number") for n in ("vas", "line_mm")]
    rows = [
        {"s": f"S0{i}", "vas": v, "line_mm": m}
        for i, (v, m) in enumerate([("55", "98"), ("110", "110"), ("104", "100"), ("50", "")])
    ]
    clean, found = bench.add("g", rows, fields, fields={"vas": {"range": [0, 100]}}).run()
    assert list(clean["g"]["vas"]) == ["56.1224489796", "100", "", "50"]  # 55 / 98, 110 / 110
    assert list(clean["g"]["line_mm"]) == ["100", "100", "100", ""]
    assert told(found, "FIELD", "RULE", "RAW") == [
        ["vas", "line_length", "55"],
        ["line_mm", "line_length", "98"],
        ["vas", "line_length", "110"],
        ["line_mm", "line_length", "110"],
        ["vas", "range", "104"],
    ]


def events(text_field):
    fields = [text_field(n, form="ae") for n in ("ae_verbatim", "ae_start", "ae_end")]
    yes = {"1": "Yes", "0": "No"}
    return fields + [
        text_field(n, "yesno", "ae", choices=yes) for n in ("ae_ongoing", "ae_hosp", "ae_serious")
    ]


def adverse(bench, text_field, *rows):
    keyed = [
        {"v": "Logs", "i": str(i), "ae_verbatim": f"term {i}"} | r
        for i, r in enumerate(rows, start=1)
    ]
    bench.add(
        "ae",
        keyed,
        events(text_field),
        partial_dates=["ae_start", "ae_end"],
        order=[["ae_start", "ae_end"]],
    )
    return bench.run()


def test_an_end_before_its_start_as_far_as_both_are_known(bench, text_field):
    clean, found = adverse(
        bench,
        text_field,
        {"ae_start": "2008-06-25", "ae_end": "2008-06-22"},
        {"ae_start": "2008-06-25", "ae_end": "2008-06"},
        {"ae_start": "2008-06", "ae_end": "2008-05-31"},
        {"ae_start": "2008-06-25", "ae_end": "2008"},
        {"ae_start": "2008-06-25", "ae_end": ""},
    )
    assert told(found, "INSTANCE", "RULE", "ACTION") == [
        ["1", "order", "kept"],
        ["3", "order", "kept"],
    ]
    assert clean["ae"]["ae_end"].iloc[0] == "2008-06-22"


def test_ongoing_against_the_end(bench, text_field):
    _, found = adverse(
        bench,
        text_field,
        {"ae_start": "2008-06-25", "ae_end": "2008-07-01", "ae_ongoing": "1"},
        {"ae_start": "2008-06-25", "ae_end": "", "ae_ongoing": "0"},
        {"ae_start": "2008-06-25", "ae_end": "UNK", "ae_ongoing": "0"},
        {"ae_start": "2008-06-25", "ae_end": "", "ae_ongoing": "1"},
        {"ae_start": "2008-06-25", "ae_end": "", "ae_ongoing": ""},
    )
    rules = told(found[found["RULE"] != "missing_code"], "INSTANCE", "RULE")
    assert rules == [["1", "ongoing_with_end"], ["2", "no_end"]]


def test_an_admission_that_is_not_serious(bench, text_field):
    _, found = adverse(
        bench, text_field, {"ae_hosp": "1", "ae_serious": "0"}, {"ae_hosp": "1", "ae_serious": "1"}
    )
    assert told(found, "INSTANCE", "RULE") == [["1", "hospital_not_serious"]]


def test_two_events_in_one_line_are_asked_without_their_text(bench, text_field):
    _, found = adverse(bench, text_field, {"ae_verbatim": "nausea and heartburn"})
    assert told(found, "RULE", "RAW", "SEVERITY") == [["two_events", "[masked]", "info"]]
    assert "heartburn" not in found.to_csv()


def test_what_counts_as_two_events():
    two = ["nausea and rash", "nausea; rash", "nausea + rash", "nausea / rash", "nausée et rash"]
    one = ["candida", "pins/needles", "C+ pain", "handed", "hand swelling"]
    assert all(_TWO_EVENTS.search(t) for t in two)
    assert not any(_TWO_EVENTS.search(t) for t in one)


def test_copies_in_a_repeating_form_are_doubted_and_kept(bench, text_field):
    same = {"ae_verbatim": "rash", "ae_start": "2008-06-25"}
    clean, found = adverse(bench, text_field, same, same)
    assert len(clean["ae"]) == 2
    assert told(found, "INSTANCE", "RULE", "ACTION") == [["2", "duplicate", "kept"]]


def test_more_returned_than_dispensed(bench, text_field):
    fields = [
        text_field(n, form="da", validation="integer") for n in ("da_returned", "da_dispensed")
    ]
    rows = [
        {"s": "S01", "da_returned": "70", "da_dispensed": "60"},
        {"s": "S02", "da_returned": "6", "da_dispensed": "60"},
    ]
    _, found = bench.add("da", rows, fields, order=[["da_returned", "da_dispensed"]]).run()
    assert told(found, "USUBJID", "RULE", "MESSAGE") == [
        ["S01", "order", "da_returned is more than da_dispensed (70)"]
    ]
