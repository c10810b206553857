"""Rules across forms: who is in the trial, and when things happened."""

from __future__ import annotations

import pytest

from sclerotrial.clean.timeline import _longest_rising
from sclerotrial.errors import InputErrors

ARM = {"arm": {"type": "text", "required": True, "choices": {"A": "Drug", "B": "Placebo"}}}


def told(findings, *columns):
    return findings[list(columns)].to_numpy().tolist()


def log(bench, text_field, *dates, subject="S01"):
    visits = ["Screening", "Baseline", "Month 3", "Month 6", "Early termination"]
    rows = [
        {"s": subject, "v": v, "visit_date": d} for v, d in zip(visits, dates, strict=False) if d
    ]
    return bench.add(
        "visit_log",
        rows,
        [text_field("visit_date", form="visit_log", validation="date_ymd")],
        date="visit_date",
    )


def test_the_fewest_visits_out_of_order_are_asked(bench, text_field):
    log(bench, text_field, "2008-04-01", "2009-04-15", "2008-07-15", "2008-10-15", "2008-05-01")
    _, found = bench.run()
    assert told(found, "VISIT", "RULE", "ACTION") == [["Baseline", "visit_order", "kept"]]


def test_longest_rising():
    assert _longest_rising(["b", "a", "c", "d"]) in ({0, 2, 3}, {1, 2, 3})
    assert _longest_rising(["a", "z", "b", "c"]) == {0, 2, 3}
    assert _longest_rising(["a", "a"]) in ({0}, {1})
    assert _longest_rising([]) == set()


def test_visits_before_consent(bench, text_field):
    log(bench, text_field, "2008-04-01", "2008-04-15")
    consent = text_field("consent_date", form="demo", validation="date_ymd")
    bench.add("demo", [{"v": "Screening", "consent_date": "2008-04-02"}], [consent])
    _, found = bench.run()
    assert told(found, "VISIT", "RULE") == [["Screening", "before_consent"]]


def test_a_form_far_from_its_visit(bench, text_field):
    log(bench, text_field, "2008-04-01", "2008-04-15", "2008-07-15")
    field = text_field("haq_date", form="haq", validation="date_ymd")
    rows = [{"v": "Baseline", "haq_date": "2008-04-16"}, {"v": "Month 3", "haq_date": "2008-05-17"}]
    _, found = bench.add("haq", rows, [field], date="haq_date").run()
    assert told(found, "VISIT", "RULE", "MESSAGE") == [
        ["Month 3", "date_off_visit", "59 days from the visit (2008-07-15)"]
    ]


def test_doses_that_overlap_and_a_last_dose_that_differs(bench, text_field):
    fields = [text_field(n, form="dosing", validation="date_ymd") for n in ("ex_start", "ex_end")]
    rows = [
        {"i": "1", "ex_start": "2008-05-01", "ex_end": "2008-05-20"},
        {"i": "2", "ex_start": "2008-05-20", "ex_end": "2008-06-01"},
        {"i": "3", "ex_start": "2008-06-10", "ex_end": ""},
        {"i": "4", "ex_start": "2008-07-10", "ex_end": "2008-08-01"},
    ]
    bench.add("dosing", rows, fields, order=[["ex_start", "ex_end"]])
    end = text_field("ds_last_dose", form="disposition", validation="date_ymd")
    bench.add("disposition", [{"ds_last_dose": "2008-07-31"}], [end])
    _, found = bench.run()
    assert told(found, "FORM", "INSTANCE", "RULE") == [
        ["dosing", "1", "dose_overlap"],
        ["dosing", "3", "dose_overlap"],
        ["disposition", "", "last_dose"],
    ]


def test_dates_far_outside_the_trial(bench, text_field):
    log(bench, text_field, "2008-04-01", "2008-04-15", "2008-07-15", "2008-10-15")
    consent = text_field("consent_date", form="demo", validation="date_ymd")
    bench.add("demo", [{"v": "Screening", "consent_date": "2008-04-01"}], [consent])
    rows = [
        {"i": str(i), "ae_start": d, "ae_end": ""}
        for i, d in enumerate(["2008-05-01", "2009-05-01", "2007-05-01", "2008"], 1)
    ]
    fields = [text_field(n, form="adverse_events") for n in ("ae_start", "ae_end")]
    bench.add(
        "adverse_events",
        rows,
        fields,
        partial_dates=["ae_start", "ae_end"],
        order=[["ae_start", "ae_end"]],
    )
    _, found = bench.run()
    assert told(found, "INSTANCE", "RULE") == [
        ["2", "date_out_of_trial"],
        ["3", "date_out_of_trial"],
    ]


def allocation(bench, *rows):
    keyed = [{"s": s, "rand_date": d, "arm": "A", "stratum": t} for s, d, t in rows]
    bench.more = {
        "sources": {
            "list": {"format": "table", "file": "l", "subject": "subject", "restricted": True}
        }
    }
    bench.add("allocation", keyed, table=True, fields=ARM)
    bench.forms["allocation"]["source"] = "list"


def test_subjects_in_one_place_only(bench, text_field):
    fields = [text_field(n, form="dosing", validation="date_ymd") for n in ("ex_start", "ex_end")]
    rows = [
        {"s": s, "i": "1", "ex_start": "2008-05-01", "ex_end": "2008-05-20"} for s in ("S01", "S02")
    ]
    bench.add("dosing", rows, fields)
    allocation(
        bench,
        ("S01", "2008-05-01", ""),
        ("", "2008-05-02", ""),
        ("", "", ""),
        ("S20", "2008-05-03", ""),
        ("S01", "2008-05-04", ""),
    )
    with pytest.raises(InputErrors) as caught:
        bench.run()
    problems = {p.what: p.where for p in caught.value.problems}
    assert problems == {
        "Subject 'S20' of 'allocation' is in no case report form."
        " Did you mean 'S02' or 'S01'?": "allocation.csv, line 5, field subject",
        "Subject S01 was allocated twice": "allocation.csv, line 6, field subject",
        "Subject S02 was treated without allocation": "dosing.csv, line 3, form dosing;"
        " allocation.csv, line 3 has a date and no subject",
    }


def test_a_name_among_the_subjects_of_a_table_stays_hidden(bench, text_field):
    bench.add("f", [{"x": "1"}], [text_field("x", validation="number")])
    bench.add("samples", [{"s": "Ada Lovelace", "barcode": "b"}], table=True)
    with pytest.raises(InputErrors) as caught:
        bench.run()
    assert "Ada" not in str(caught.value) and "[masked]" in str(caught.value)


def test_stratum_and_eligibility(bench, text_field):
    yes = {"1": "Yes", "0": "No"}
    rows = [
        {"s": f"S0{i}", "elig_ok": e, "mtx_current": m}
        for i, (e, m) in enumerate([("1", "1"), ("0", "0"), ("1", "")], 1)
    ]
    fields = [
        text_field(n, "yesno", "eligibility", choices=yes) for n in ("elig_ok", "mtx_current")
    ]
    bench.add("eligibility", rows, fields)
    bench.top = {"strata": [{"code": "MTX", "label": "Methotrexate"}]}
    allocation(bench, ("S01", "2008-05-01", "N"), ("S02", "2008-05-01", "N"))
    clean, found = bench.run()
    assert told(found, "USUBJID", "FIELD", "RULE", "ACTION") == [
        ["S02", "elig_ok", "allocated_not_eligible", "kept"],
        ["S03", "elig_ok", "eligible_not_allocated", "kept"],
        ["S01", "mtx_current", "stratum", "kept"],
    ]


def test_unused_numbers_of_the_list_are_not_rows(bench, text_field):
    bench.add("f", [{"x": "1"}], [text_field("x", validation="number")])
    allocation(bench, ("S01", "2008-05-01", ""), ("", "", ""))
    clean, found = bench.run()
    assert list(clean["allocation"]["USUBJID"]) == ["S01"] and found.empty


def test_samples_of_no_visit_or_on_another_day_or_not_listed(bench, text_field):
    log(bench, text_field, "2008-04-01", "2008-04-15", "2008-07-15")
    bench.top = {"samples": {"form": "samples", "visits": ["Baseline", "Month 3"]}}
    rows = [
        {"barcode": "B1", "visit": "Baseline", "collected": "2008-04-15 10:00"},
        {"barcode": "B2", "visit": "Month3", "collected": "2008-07-15 10:00"},
        {"barcode": "B3", "visit": "Month 3", "collected": "2008-04-15 10:00"},
    ]
    bench.add(
        "samples", rows, table=True, key=["barcode"], fields={"collected": {"type": "datetime"}}
    )
    bench.add("bx", [{"v": "Baseline", "bx_barcode": "B4"}], [text_field("bx_barcode", form="bx")])
    _, found = bench.run()
    assert told(found, "FORM", "FIELD", "RULE") == [
        ["samples", "visit", "sample_visit"],
        ["samples", "collected", "date_off_visit"],
        ["bx", "bx_barcode", "barcode_not_listed"],
    ]
    assert "Did you mean 'Month 3'" in found["MESSAGE"].iloc[0]
