"""Laboratory lists and units."""

from __future__ import annotations

import pytest

from sclerotrial.clean.units import resolve, unit_key

FIELDS = {
    "sample_date": {"type": "date"},
    "test": {"type": "text"},
    "result": {"type": "text"},
}


def lab(bench, *rows):
    """Clean results given as (test, result, unit, ref_low, ref_high)."""
    records = [
        {"sample_date": f"2008-05-{i + 1:02d}"}
        | dict(zip(("test", "result", "unit", "ref_low", "ref_high"), r, strict=False))
        for i, r in enumerate(rows)
    ]
    bench.add(
        "lab", records, table=True, laboratory=True, key=["sample_date", "test"], fields=FIELDS
    )
    clean, findings = bench.run()
    return clean["lab"], findings


def values(frame):
    return frame[["test", "result", "value", "cens", "unit"]].to_numpy().tolist()


def test_names_limits_and_units_as_they_are(bench):
    frame, found = lab(
        bench,
        ("CRP", "8.4", "mg/L", "0", "5"),
        ("c-reactive  protein", "<0.6", "mg/l"),
        ("HGB", "> 200", "g/L"),
        ("WBC", "7.3", "x10E9/L"),
    )
    assert values(frame) == [
        ["CRP", "8.4", "8.4", "", "mg/L"],
        ["CRP", "<0.6", "0.6", "<", "mg/L"],
        ["HGB", ">200", "200", ">", "g/L"],
        ["WBC", "7.3", "7.3", "", "10^9/L"],
    ]
    assert found.empty
    assert list(frame.columns) == [
        "USUBJID", "VISIT", "INSTANCE", "sample_date", "test", "result", "value", "cens", "unit",
        "ref_low", "ref_high", "flag", "raw_result", "raw_unit", "SRCFILE", "SRCLINE",
    ]  # fmt: skip


def test_haemoglobin_in_g_dl_labelled_g_l(bench):
    frame, found = lab(
        bench, ("HGB", "127", "g/L", "120", "160"), ("HGB", "11.2", "g/L", "120", "160")
    )
    assert list(frame["value"]) == ["127", "112"]
    assert list(frame["ref_high"]) == ["160", "160"]  # printed under the right label
    (row,) = found.to_dict("records")
    assert (row["RULE"], row["SEVERITY"], row["RAW"], row["ACTION"], row["VALUE"]) == (
        "unit_mislabelled",
        "warning",
        "11.2 g/L",
        "converted",
        "112 g/L",
    )


def test_reference_limits_go_with_their_result(bench):
    frame, _ = lab(
        bench,
        ("HGB", "11.2", "g/L", "12", "16"),  # limits share the wrong label
        ("CRP", "0.26", "mg/dL", "0", "0.5"),
        ("Creatinine", "0.9", "mg/dL", "0.5", "1.2"),
    )
    assert list(frame["value"]) == ["112", "2.6", "79.578"]
    assert frame[["ref_low", "ref_high"]].to_numpy().tolist() == [
        ["120", "160"],
        ["0", "5"],
        ["44.21", "106.104"],
    ]


def test_an_implausible_value_is_kept_with_a_query(bench):
    frame, found = lab(bench, ("WBC", "73", "10^9/L"))
    assert list(frame["value"]) == ["73"]
    assert found["RULE"].tolist() == ["implausible"]


def test_a_unit_nobody_knows_or_none_at_all(bench):
    frame, found = lab(bench, ("CRP", "8", "g/mL"), ("HGB", "13.1", ""), ("CRP", "8", ""))
    assert list(frame["value"]) == ["", "131", ""]
    assert found["RULE"].tolist() == ["unit_unknown", "unit_assumed", "unit_unknown"]
    assert found["ACTION"].tolist() == ["set missing", "kept", "set missing"]


def test_remarks_flags_and_other_tests(bench):
    frame, found = lab(
        bench,
        ("CRP", "hemolysed", "mg/L"),
        ("CRP", "31 H", "mg/L"),
        ("Sodium", "140", "mmol/L"),
        ("Sodium", "141", "mmol/L"),
        ("CRP", "≤3", "mg/L"),
        ("CRP", "-2", "mg/L"),
        ("CRP", "NA", "mg/L"),
    )
    assert list(frame["value"]) == ["", "31", "3", "", ""]
    assert list(frame["flag"]) == ["", "H", "", "", ""]
    assert list(frame["raw_result"]) == ["hemolysed", "31 H", "≤3", "-2", "NA"]
    told = dict(zip(found["RULE"], found["ACTION"], strict=True))
    assert told == {
        "test_not_used": "excluded",
        "no_result": "set missing",
        "number_format": "converted",
        "negative": "set missing",
        "missing_code": "set missing",
    }
    assert "2 row(s)" in found.loc[found["RULE"] == "test_not_used", "MESSAGE"].iloc[0]


def test_a_unit_used_throughout_is_told_once(bench):
    frame, found = lab(
        bench, *[("HGB", f"1{i}.5", "g/dL") for i in range(5)], ("CRP", "0.3", "mg/dL")
    )
    assert list(frame["value"])[:2] == ["105", "115"]
    assert found[["RULE", "USUBJID"]].to_numpy().tolist() == [
        ["unit_converted", ""],
        ["unit_converted", "S01"],
    ]


def test_copies_and_second_records_of_a_key(bench):
    rows = [
        {"sample_date": "2008-05-01", "test": t, "result": r, "unit": "mg/L"}
        for t, r in [("CRP", "8"), ("CRP", "8"), ("C-Reactive Protein", "9"), ("CRP", "NA")]
    ]
    bench.add("lab", rows, table=True, laboratory=True, key=["sample_date", "test"], fields=FIELDS)
    clean, found = bench.run()
    assert list(clean["lab"]["value"]) == ["8"]
    told = found[found["RULE"].str.startswith("dup")]
    assert told[["RULE", "ACTION", "SRCLINE"]].to_numpy().tolist() == [
        ["duplicate", "excluded", "3"],
        ["duplicate_key", "excluded", "4"],
        ["duplicate_key", "excluded", "5"],
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("10^9/L", "x10E9/L"),
        ("10^9/L", "10⁹/l"),
        ("10^9/L", "10*9/L"),
        ("10^9/L", "x 10^9 / L"),
        ("umol/L", "µmol/L"),
        ("umol/L", "μmol/l"),
        ("lb", "LBS"),
    ],
)
def test_one_unit_in_many_writings(a, b):
    assert unit_key(a) == unit_key(b)


def test_different_powers_stay_apart():
    assert unit_key("10^9/L") != unit_key("10^12/L")


def test_the_label_rules_while_it_can_be_right():
    factors = {"kg": 1.0, "lb": 0.45359237}
    assert resolve(70, "kg", factors, (35, 180)).unit == "kg"
    assert resolve(250, "kg", factors, (35, 180)) == type(resolve(1, "kg", factors, None))(
        0.45359237, "lb", "mislabelled"
    )
    assert resolve(900, "kg", factors, (35, 180)).doubt == "implausible"
    assert resolve(70, "stone", factors, (35, 180)).factor is None
    assert resolve(3, "kg", factors, (35, 180), censored=True).doubt == ""


def test_weight_in_pounds(bench, text_field):
    bench.top = {
        "vitals": {
            "WEIGHT": {"param": "Weight", "field": "weight", "unit": "kg", "plausible": [35, 180]},
            "PULSE": {"param": "Pulse", "field": "pulse", "unit": "/min", "plausible": [35, 180]},
        }
    }
    fields = [text_field(n, form="vs", validation="number") for n in ("weight", "pulse")]
    fields.append(text_field("weight_unit", "radio", "vs", choices={"kg": "kg", "lb": "lb"}))
    texts = [
        ("150", "lb", "70"),
        ("70", "kg", "7"),
        ("160", "lbs", ""),
        ("70", "", ""),
        ("70", "st", ""),
    ]
    rows = [
        {"s": f"S0{i}", "weight": w, "weight_unit": u, "pulse": p}
        for i, (w, u, p) in enumerate(texts)
    ]
    factors = {"kg": 1, "lb": 0.45359237}
    clean, found = bench.add(
        "vs",
        rows,
        fields,
        units={"weight": {"unit_field": "weight_unit", "unit": "kg", "factors": factors}},
    ).run()
    assert list(clean["vs"]["weight"]) == ["68.0388555", "70", "72.5747792", "70", ""]
    assert list(clean["vs"]["weight_unit"])[:3] == ["kg", "kg", "kg"]
    assert found[["RULE", "FIELD"]].to_numpy().tolist() == [
        ["unit_converted", "weight"],
        ["unit_converted", "weight"],
        ["unit_assumed", "weight"],
        ["unit_unknown", "weight"],
        ["implausible", "pulse"],
    ]
