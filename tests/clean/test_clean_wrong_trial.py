"""Exports that do not fit the trial as it is described."""

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read.dictionary import Field

ARMS = [{"code": "A", "label": "Drug"}, {"code": "P", "label": "Placebo", "active": False}]
ALLOCATION = {
    "fields": {
        "arm": {"source": "treatment", "choices": {"A": "Drug", "P": "Placebo"}},
        "rand_date": {"type": "date"},
    }
}


def consent(bench, *subjects):
    rows = [{"s": s, "consent_date": "2008-05-01"} for s in subjects]
    field = Field("consent_date", "demographics", "text", validation="date_ymd")
    return bench.add("demographics", rows, [field])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("B", "Subject S02 is allocated to 'B', which is no arm of the trial."),
        ("", "Subject S02 is allocated to no arm"),
    ],
)
def test_an_arm_that_the_trial_does_not_have_stops(bench, written, said):
    bench.top = {"arms": ARMS}
    consent(bench, "S01", "S02")
    bench.add(
        "allocation", [{"s": "S01", "arm": "A"}, {"s": "S02", "arm": written}],
        table=True, **ALLOCATION,
    )  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        bench.run()
    (only,) = caught.value.problems
    assert only.what == said
    assert only.where == "allocation.csv, line 3, field treatment"


def test_randomised_before_consent_and_after_the_first_dose(bench):
    consent(bench, "S01", "S02", "S03")
    days = {"S01": "2008-05-02", "S02": "2008-04-30", "S03": "2038-01-01"}
    rows = [{"s": s, "rand_date": d} for s, d in days.items()]
    bench.add("allocation", rows, table=True, fields={"rand_date": {"type": "date"}})
    doses = [{"s": s, "ex_start": "2008-05-03"} for s in days]
    bench.add("dosing", doses, [Field("ex_start", "dosing", "text", validation="date_ymd")])
    _, findings = bench.run()
    told = findings[findings["RULE"] == "allocation_day"]
    assert told[["USUBJID", "MESSAGE"]].to_numpy().tolist() == [
        ["S02", "Randomised before consent (2008-05-01)"],
        ["S03", "Randomised after the first dose (2008-05-03)"],
    ]


def test_an_event_that_no_visit_names_is_told_once(bench, text_field):
    rows = [{"s": f"S0{k}", "v": "month_9_arm_1", "x": "1"} for k in (1, 2)]
    bench.add("f", [{"v": "Month 3", "x": "1"}, *rows], [text_field("x")])
    _, findings = bench.run()
    (told,) = findings[findings["RULE"] == "event_unknown"].to_dict("records")
    assert told["RAW"] == "month_9_arm_1"
    assert "in 2 records" in told["MESSAGE"]
    assert told["SRCLINE"] == "3"


def test_a_table_without_rows_is_told(bench):
    bench.add("lab", [], table=True)
    columns = ["USUBJID", "VISIT", "INSTANCE", "test", "result", "SRCFILE", "SRCLINE"]
    bench.crf["lab"] = pd.DataFrame(columns=columns, dtype=str)
    _, findings = bench.run()
    (told,) = findings[findings["RULE"] == "no_rows"].to_dict("records")
    assert (told["FORM"], told["SEVERITY"]) == ("lab", "error")


def test_a_form_that_nobody_filled_in_has_no_totals_to_check(bench, text_field):
    fields = [text_field(n) for n in ("a1", "a2", "total")]
    total = {"field": "total", "items": "a*", "rule": "sum"}
    bench.add("f", [], fields, total=total)
    columns = ["USUBJID", "VISIT", "INSTANCE", "a1", "a2", "total", "SRCFILE", "SRCLINE"]
    bench.crf["f"] = pd.DataFrame(columns=columns, dtype=str)
    clean, findings = bench.run()
    assert len(clean["f"]) == 0
    assert len(findings) == 0
