"""The files written: consistent with each other, with the dictionary and with the truth."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re

import pytest

from sclerotrial.simulate import Options, draw, simulate
from sclerotrial.simulate.catalogue import AREAS

RAW = "data/raw/"


def table(files, path, encoding="utf-8", delimiter=","):
    text = files[RAW + path].decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture(scope="module", params=[20080430, 5])
def clean(request):
    return simulate(Options(seed=request.param, defects="none"))


def test_same_seed_same_bytes_and_other_seed_other_bytes():
    one, two = simulate(Options(seed=3)), simulate(Options(seed=3))
    assert one == two
    other = simulate(Options(seed=4))
    same = {n for n in one if n in other and one[n] == other[n]}
    assert same == {RAW + "redcap/IMSSC_DataDictionary.csv"}


def test_shipped_raw_files_are_those_of_the_default_options(root):
    made = simulate(Options())
    for name, content in made.items():
        path = root / ("data/answer_key.json" if name == "answer_key.json" else name)
        if not path.is_file():
            pytest.skip("the project's raw files are absent")
        assert path.read_bytes() == content, name


def test_area_scores_add_up_to_the_total(clean):
    seen = 0
    for row in table(clean, "redcap/IMSSC_DATA.csv"):
        if row["mrss_total"]:
            areas = [int(row[f"mrss_{a}"]) for a in AREAS]
            assert all(0 <= a <= 3 for a in areas)
            assert sum(areas) == int(row["mrss_total"])
            seen += 1
    # ten at baseline, nine at months 3 and 6, one at an early end
    assert seen == 29


def test_haq_answers_score_to_the_true_index(clean):
    """Hand-written scoring: highest item, lifted to 2 by a device or help, mean of eight."""
    items = {"dress": 2, "arise": 2, "eat": 3, "walk": 2, "hyg": 3, "reach": 2, "grip": 3, "act": 3}
    devices = {
        "dress": [5],
        "arise": [7],
        "eat": [6],
        "walk": [1, 2, 3, 4],
        "hyg": [8, 9, 11, 13],
        "reach": [12],
        "grip": [10],
        "act": [],
    }
    truth = {
        (r["subject"], r["visit"]): r["value"]
        for r in json.loads(clean["answer_key.json"])["truth"]["endpoints"]
        if r["param"] == "HAQDI"
    }
    visit_of = {
        "baseline_arm_1": "Baseline",
        "month_3_arm_1": "Month 3",
        "month_6_arm_1": "Month 6",
        "early_termination_arm_1": "Early termination",
    }
    scored = 0
    for row in table(clean, "redcap/IMSSC_DATA.csv"):
        if not row["haq_dress_1"]:
            continue
        total = 0
        for k, (name, count) in enumerate(items.items()):
            top = max(int(row[f"haq_{name}_{j + 1}"]) for j in range(count))
            used = any(row[f"haq_aids___{d}"] == "1" for d in devices[name])
            if used or row[f"haq_help___{k + 1}"] == "1":
                top = max(top, 2)
            total += top
        key = (row["record_id"], visit_of[row["redcap_event_name"]])
        assert total / 8 == truth[key]
        scored += 1
    assert scored == len(truth)


def test_dictionary_covers_every_column(clean):
    names = table(clean, "redcap/IMSSC_DataDictionary.csv")
    fields = {r["Variable / Field Name"]: r for r in names}
    forms = {r["Form Name"] for r in names}
    text = clean[RAW + "redcap/IMSSC_DATA.csv"].decode()
    header = text.split("\n", 1)[0].split(",")
    keys = {"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"}
    for column in header:
        if column in keys or column in {f"{f}_complete" for f in forms}:
            continue
        stem, _, code = column.partition("___")
        assert stem in fields, column
        if code:
            codes = [
                c.split(",")[0].strip()
                for c in fields[stem]["Choices, Calculations, OR Slider Labels"].split("|")
            ]
            assert code in codes
    assert len(header) == len(set(header))
    exported = {c.partition("___")[0] for c in header}
    assert set(fields) <= exported


def test_dictionary_marks_all_configured_identifiers(clean, study):
    marked = {
        r["Variable / Field Name"]
        for r in table(clean, "redcap/IMSSC_DataDictionary.csv")
        if r["Identifier?"] == "y"
    }
    assert marked == set(study.forms.identifiers)


def test_allocation_list_is_of_permuted_blocks_used_in_order(clean):
    rows = table(clean, "allocation/allocation_list.csv")
    blocks = {}
    for r in rows:
        blocks.setdefault(r["block"], []).append(r)
    for block in blocks.values():
        assert sorted(r["treatment"] for r in block) == ["IMATINIB"] * 4 + ["PLACEBO"]
        assert len({r["stratum"] for r in block}) == 1
    for stratum in ("Y", "N"):
        used = [bool(r["subject"]) for r in rows if r["stratum"] == stratum]
        assert used == sorted(used, reverse=True)  # no number was left out
        dates = [r["date"] for r in rows if r["stratum"] == stratum and r["subject"]]
        assert dates == sorted(dates)
    given = [r["treatment"] for r in rows if r["subject"]]
    assert (given.count("IMATINIB"), given.count("PLACEBO")) == (9, 1)
    assert all(bool(r["subject"]) == bool(r["date"]) for r in rows)


def test_stratum_of_the_list_is_that_of_the_history(clean):
    listed = {r["subject"]: r["stratum"] for r in table(clean, "allocation/allocation_list.csv")}
    for r in table(clean, "redcap/IMSSC_DATA.csv"):
        if r["mtx_current"]:
            assert {"1": "Y", "0": "N"}[r["mtx_current"]] == listed[r["record_id"]]


def test_every_sample_of_the_plates_is_in_the_manifest_and_back(clean):
    listed = {r["barcode"]: r["compartment"] for r in table(clean, "samples/sample_manifest.csv")}
    plate = clean[RAW + "serum/luminex_plate1.csv"].decode()
    run = clean[RAW + "skin/quantstudio_skin.txt"].decode()
    code = re.compile(r"IM\d\d-(?:BL|M3|M6)-[SK]")
    assert set(code.findall(plate)) == {b for b, c in listed.items() if c == "SERUM"}
    assert set(code.findall(run)) == {b for b, c in listed.items() if c == "SKIN"}


def test_plate_has_duplicates_standards_controls_and_fits_96_wells(clean):
    text = clean[RAW + "serum/luminex_plate1.csv"].decode()
    block = text.split('"DataType:","Median"\r\n')[1].split("\r\n\r\n")[0].split("\r\n")[1:]
    names = [line.split('","')[1] for line in block]
    assert len(names) <= 96
    assert all(len(list(g)) == 2 for _, g in itertools.groupby(names))
    expected = {"Background0", "Control1", "Control2", *(f"Standard{k}" for k in range(1, 9))}
    assert expected <= set(names)


def test_standards_are_a_dilution_series_of_three(clean):
    text = clean[RAW + "serum/luminex_plate1.csv"].decode()
    block = text.split('"Standard Expected Concentration"\r\n')[1].split("\r\n\r\n")[0]
    rows = [[float(x.strip('"')) for x in r.split(",")[1:]] for r in block.split("\r\n")[1:]]
    for above, below in itertools.pairwise(rows):
        for a, b in zip(above, below, strict=True):
            assert a / b == pytest.approx(3, rel=1e-8)


def test_run_has_reference_genes_undetermined_wells_and_blanks(clean):
    text = clean[RAW + "skin/quantstudio_skin.txt"].decode()
    head, rows = text.split("[Results]\r\n")[1].split("\r\n", 1)
    wells = [
        dict(zip(head.split("\t"), r.split("\t"), strict=True))
        for r in rows.strip("\r\n").split("\r\n")
    ]
    assert len(wells) <= 384
    targets = {w["Target Name"] for w in wells}
    assert {"GAPDH", "RPLP0", "COL1A1", "CTGF", "PAI-1"} <= targets
    blanks = [w for w in wells if w["Task"] == "NTC"]
    assert {w["Target Name"] for w in blanks} == targets
    assert all(w["CT"] == "Undetermined" or float(w["CT"]) > 35 for w in blanks)
    lost = {w["Target Name"] for w in wells if w["Task"] != "NTC" and w["CT"] == "Undetermined"}
    assert lost <= {"SIGLEC1"}


def test_units_and_tests_of_the_laboratory_are_configured(clean, study):
    rows = table(clean, "laboratory/hospital_lab_list.csv", "cp1252", ";")
    names = {n: d for d in study.laboratory.values() for n in d.names}
    for test, unit in {(r["test"], r["unit"]) for r in rows}:
        assert unit in names[test].units
    assert any(r["result"] == "<0.6" for r in rows)
    assert all(re.fullmatch(r"\d\d/\d\d/2008", r["date"]) for r in rows)


def test_biopsy_score_is_the_area_score_of_its_site(clean):
    seen = 0
    for r in table(clean, "redcap/IMSSC_DATA.csv"):
        if r["bx_barcode"]:
            area = {"1": "forearm", "2": "uparm"}[r["bx_site"]]
            side = {"1": "r", "2": "l"}[r["bx_side"]]
            assert r["bx_site_score"] == r[f"mrss_{area}_{side}"]
            seen += 1
    assert seen == 18


def test_capsules_agree_with_the_dosing_log(clean):
    trial = draw(Options(seed=json.loads(clean["answer_key.json"])["options"]["seed"]))
    counts = {}
    for r in table(clean, "redcap/IMSSC_DATA.csv"):
        if r["da_date"]:
            used = int(r["da_dispensed"]) - int(r["da_returned"])
            counts[r["record_id"]] = counts.get(r["record_id"], 0) + used
    for s in trial.subjects:
        taken = sum(d.freq * ((d.end - d.start).days + 1) for d in s.doses)
        assert abs(counts[s.id] - taken) <= 6


def test_fluid_retention_comes_with_weight():
    """Over many trials, weight is higher during fluid retention than before treatment."""
    gains = []
    for seed in range(6):
        t = draw(Options(seed=seed))
        for s in t.subjects:
            w = {r["AVISIT"]: r["weight"] for r in t.vitals if r["USUBJID"] == s.id}
            for visit in ("Week 2", "Month 1"):
                if visit in s.visits and any(
                    e.subject == s.id
                    and e.pt == "Fluid retention"
                    and e.end
                    and e.start <= s.visits[visit] <= e.end
                    for e in t.events
                ):
                    gains.append(w[visit] / w["Baseline"] - 1)
    assert len(gains) > 5
    assert sum(gains) / len(gains) > 0.03


def test_wide_panel_has_the_genes_and_biopsies_asked_for():
    files = simulate(Options(genes=37, defects="none"))
    lines = files[RAW + "skin/expression_panel.tsv"].decode().splitlines()
    assert len(lines) == 38
    codes = {
        r["barcode"]
        for r in table(files, "samples/sample_manifest.csv")
        if r["compartment"] == "SKIN"
    }
    assert set(lines[0].split("\t")[1:]) == codes
