"""The impact of a swap, on three cases: a corrected plate, a re-run with fewer wells, another
vendor's panel. Each goes from the instrument's file to a small ARD through the readers, the curve
and the paired inference.
"""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sclerotrial import ard
from sclerotrial.assays import formats
from sclerotrial.assays.quantify import quantify
from sclerotrial.change.score import change
from sclerotrial.inference import paired
from sclerotrial.publish.impact import impact, null_of
from sclerotrial.publish.impact_page import page
from sclerotrial.tabular import as_text

#: pg/mL at baseline and month 6: all nine fall, by a factor of 0.8 on average
BASE = [40.0, 55, 60, 75, 80, 95, 110, 120, 150]
LATER = [30.0, 50, 42, 66, 60, 80, 85, 100, 118]
STANDARDS = 2000.0 / 3.0 ** np.arange(8)


def response(conc):
    return 20000 + (20 - 20000) / (1 + (np.asarray(conc, float) / 150.0) ** 1.2)


def xponent(values, omit=()):
    """An xPONENT export of one analyte: standards and samples in duplicate, no noise."""
    wells = [("Background0", 0.0)] * 2
    wells += [(f"Standard{i + 1}", c) for i, c in enumerate(STANDARDS) for _ in range(2)]
    wells += [(n, c) for n, c in values.items() for _ in range(2) if n not in omit]
    rows = [(f"{i + 1}(1,{'ABCDEFGH'[i % 8]}{i // 8 + 1})", n, c) for i, (n, c) in enumerate(wells)]
    out = ['"Program","xPONENT","","MAGPIX"', '"Build","4.2.1"', '"Results"']
    for block, cell in (("Median", lambda c: f"{response(c):.8g}"), ("Count", lambda c: "90")):
        out += [f'"DataType:","{block}"', '"Location","Sample","IL-6","Total Events"']
        out += [f'"{w}","{n}","{cell(c)}","900"' for w, n, c in rows] + [""]
    out += ['"DataType:","Standard Expected Concentration"', '"Reagent","IL-6"']
    out += [f'"Standard{i + 1}","{c:.10g}"' for i, c in enumerate(STANDARDS)]
    return "\n".join([*out, "", '"-- CRC --"']) + "\n"


def bioplex(values, below):
    """The same analyte from another vendor's software, a row a well; one lies below its curve."""
    head = ["Analyte", "Type", "Well", "Description", "FI", "Obs Conc", "Exp Conc", "Dilution"]
    rows = [["IL-6", f"S{i + 1}", f"A{i + 1}", "", f"{response(c):.6g}", f"{c:.6g}", f"{c:.6g}",
            "1"]
            for i, c in enumerate(STANDARDS)]  # fmt: skip
    rows += [["IL-6", f"X{i + 1}", f"B{i + 1}" if i < 12 else f"C{i - 11}", n, f"{response(c):.6g}",
              "OOR <" if n in below else f"{c:.6g}", "", "1"]
             for i, (n, c) in enumerate(values.items())]  # fmt: skip
    return "\n".join("\t".join(r) for r in [["File Name: x.rbx"], [], head, *rows]) + "\n"


def samples(base=BASE, later=LATER):
    return {f"P{i + 1}-BL": b for i, b in enumerate(base)} | {
        f"P{i + 1}-M6": a for i, a in enumerate(later)
    }


def assay(method="curve"):
    curve = SimpleNamespace(model="4PL", weights="1/y2", recovery=(80, 120), recovery_end=(75, 125),
                            min_levels=6, limits="accepted", ridge=1.0, blank=True)  # fmt: skip
    return SimpleNamespace(
        compartment="SERUM", scale="linear", method=method, curve=curve, beads_min=35, dilution=1.0,
        replicates=SimpleNamespace(cv_max=20.0, sd_max=None), signal=None, reference_genes=[],
        controls=SimpleNamespace(recovery=None, ntc_min=None), analytes={}, ct_max=None,
    )  # fmt: skip


def run(tmp_path, name, text, method="curve"):
    """ARD, intake and change of one file, as text."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    levels, _ = quantify("serum", assay(method), formats.read(path, name), None)
    levels[["USUBJID", "AVISIT"]] = levels["SAMPLE"].str.split("-", expand=True).to_numpy()
    wide = levels.pivot(index="USUBJID", columns="AVISIT", values=["VALUE", "CENS"])
    wide = wide.dropna(subset=[("VALUE", "BL"), ("VALUE", "M6")])
    got = change(*(wide["VALUE"][v].astype(float) for v in ("BL", "M6")), "linear",
                 *(wide["CENS"][v] for v in ("BL", "M6")))  # fmt: skip
    fold = got.log2fc[~np.isnan(got.log2fc)]
    scope = ard.Scope("biomarker", "serum_il6", "all", "month6", "log2fc", label="Interleukin-6",
                      unit="log2", digits=2)  # fmt: skip
    rows = [scope.row("n", len(fold))]
    rows += ard.result_rows(scope, "t", paired.mean_change(fold), ("estimate", "ci_low", "ci_high"))
    rows += ard.result_rows(scope, "sr", paired.signed_rank(fold), ("p",))
    table = as_text(pd.DataFrame(rows, columns=ard.COLUMNS))
    kind = formats.detect(path)[0]
    intake = pd.DataFrame({
        "path": [name], "sha256": [hashlib.sha256(text.encode()).hexdigest()], "format": [kind],
        "rows": ["1"], "matched": [str(levels["SAMPLE"].nunique())],
    })  # fmt: skip
    later = pd.DataFrame(
        {"ASSAY": "serum", "USUBJID": wide.index, "AVISIT": "M6", "PARAMCD": "IL6"}
    )
    return table, intake, later


def compare(old, new):
    return impact(old[0], new[0], old[1], new[1], old[2], new[2])


def test_a_corrected_plate(tmp_path):
    """Two samples had been swapped: P9 rose fourfold, which took the interval over zero."""
    wrong = samples()
    wrong["P9-BL"], wrong["P9-M6"] = 30.0, 300.0
    found = compare(run(tmp_path, "plate.csv", xponent(wrong)),
                    run(tmp_path, "plate.csv", xponent(samples())))  # fmt: skip
    assert found.files[["CHANGE", "FILE"]].to_numpy().tolist() == [["content", "plate.csv"]]
    assert found.samples.empty
    moved = found.numbers.set_index("ID")
    mean = np.mean(np.log2(np.divide(LATER, BASE)))
    assert moved.loc["biomarker.serum_il6.all.month6.log2fc.t.estimate", "NEW"] == f"{mean:.2f}"
    assert "biomarker.serum_il6.all.month6.log2fc.n" not in moved.index
    said = found.flips["WHAT"].tolist()
    assert "interval now excludes 0" in said
    assert "conclusions flipped" in page(found, simulated=True)


def test_a_rerun_with_fewer_wells(tmp_path):
    """P7 to P9 are gone: six pairs are left."""
    gone = [f"P{i}-{v}" for i in (7, 8, 9) for v in ("BL", "M6")]
    found = compare(run(tmp_path, "plate.csv", xponent(samples())),
                    run(tmp_path, "plate.csv", xponent(samples(), gone)))  # fmt: skip
    assert found.samples["CHANGE"].tolist() == ["lost"] * 3
    assert found.samples["USUBJID"].tolist() == ["P7", "P8", "P9"]
    assert found.files["MATCHED_OLD"].tolist() == ["18"]
    assert found.files["MATCHED_NEW"].tolist() == ["12"]
    n = found.numbers.set_index("ID").loc["biomarker.serum_il6.all.month6.log2fc.n"]
    assert (n["OLD"], n["NEW"]) == ("9", "6")
    # smallest p of nine pairs is 2/512, of six 2/64 = 0.031: both below 0.05, so no flip of p
    assert not found.flips["WHAT"].str.startswith("p ").any()


def test_a_panel_of_another_vendor(tmp_path):
    """Bio-Plex in place of xPONENT; one sample lies below its curve, so its pair is undecided."""
    found = compare(
        run(tmp_path, "plate.csv", xponent(samples())),
        run(tmp_path, "bioplex.txt", bioplex(samples(), {"P1-M6"}), "as_given"),
    )
    assert found.files[["CHANGE", "FILE", "FORMAT_OLD", "FORMAT_NEW"]].to_numpy().tolist() == [
        ["in", "bioplex.txt", "", "bioplex"], ["out", "plate.csv", "xponent", ""],
    ]  # fmt: skip
    n = found.numbers.set_index("ID").loc["biomarker.serum_il6.all.month6.log2fc.n"]
    assert (n["OLD"], n["NEW"]) == ("9", "8")
    assert "bioplex.txt" in page(found, simulated=True)


def test_the_same_run_has_no_impact(tmp_path):
    one = run(tmp_path, "plate.csv", xponent(samples()))
    found = compare(one, one)
    assert found.nothing
    assert found.compared == 5
    assert "Nothing differs" in page(found, simulated=True)


def test_no_former_run_is_told(tmp_path):
    one = run(tmp_path, "plate.csv", xponent(samples()))
    found = impact(None, one[0], None, one[1])
    assert not found.former
    assert "no former results" in page(found, simulated=True)
    # also a page with nothing to compare says whose data it would show
    notice = "Simulated data: no patient took part in what is shown here."
    assert notice in page(found, simulated=True)
    assert notice not in page(found, simulated=False)


@pytest.mark.parametrize(
    ("unit", "method", "null"),
    [("ratio", "ratio to baseline", 1.0), ("mm", "mean with t interval", 0.0),
     ("%", "share with Clopper-Pearson interval", None)],
)  # fmt: skip
def test_the_value_of_no_effect(unit, method, null):
    assert null_of(pd.Series({"UNIT": unit, "METHOD": method, "ID": "a.b.chg.ci_low"})) == null


def test_a_p_of_a_family_is_judged_adjusted():
    row = dict.fromkeys(ard.COLUMNS, "") | {"ID": "a.b.p", "STAT": "p", "TEXT": "0.030",
                                            "LABEL": "IL-6, p"}  # fmt: skip
    old = pd.DataFrame([row | {"VALUE": "0.03", "P_ADJ": "0.06"}])
    new = pd.DataFrame([row | {"VALUE": "0.03", "P_ADJ": "0.04"}])
    nothing = pd.DataFrame(columns=["path", "sha256", "format", "rows", "matched"])
    found = impact(old, new, nothing, nothing)
    assert found.flips["WHAT"].tolist() == ["adjusted p fell to 0.05"]
    assert found.numbers.empty


def rows(*cells):
    """Rows of an ARD: ID, LABEL, STAT, VALUE, TEXT, UNIT."""
    keys = ["ID", "LABEL", "STAT", "VALUE", "TEXT", "UNIT"]
    return pd.DataFrame([dict.fromkeys(ard.COLUMNS, "") | dict(zip(keys, c, strict=True))
                         for c in cells])  # fmt: skip


NOTHING = pd.DataFrame(columns=["path", "sha256", "format", "rows", "matched"])


def test_numbers_in_another_unit_have_no_difference():
    """400 pg/mL and 8.6 NPX: both with their unit; a text that came or went is new or gone."""
    a, b = "biomarker.serum_il6.all.month6.aval.median", "biomarker.serum_il6.all.month6.aval.mean"
    c = "biomarker.serum_il6.all.month6.log2fc.mean"
    names = ["IL-6, serum, All, Month 6, median", "IL-6, serum, All, Month 6, mean",
             "IL-6, serum, All, Month 6, change, mean"]  # fmt: skip
    old = rows((a, names[0], "median", "400", "400", "pg/mL"), (b, names[1], "mean", "", "", ""),
               (c, names[2], "mean", "0.1", "0.10", "log2"))  # fmt: skip
    new = rows((a, names[0], "median", "8.6", "8.60", "NPX"),
               (b, names[1], "mean", "8.5", "8.50", "NPX"),
               (c, names[2], "mean", "-0.15", "-0.15", "log2"))  # fmt: skip
    found = impact(old, new, NOTHING, NOTHING)
    assert found.numbers[["CHANGE", "UNIT_OLD", "UNIT", "DIFFERENCE"]].to_numpy().tolist() == [
        ["moved", "pg/mL", "NPX", ""], ["new", "", "NPX", ""], ["moved", "log2", "log2", "-0.25"],
    ]  # fmt: skip
    shown = page(found, simulated=True)
    assert "400 pg/mL" in shown and "8.60 NPX" in shown
    assert "<summary>IL-6, serum, All, Month 6: 2 moved, 1 new</summary>" in shown
    assert "2 print differently; new: 1, gone: 0. 0 conclusions flipped." in shown
    gone = impact(new, old, NOTHING, NOTHING).numbers["CHANGE"].tolist()
    assert gone == ["moved", "gone", "moved"]


def test_a_claim_that_is_judged_otherwise():
    claims = pd.DataFrame({"ID": ["a", "b", "c"], "TEXT": ["A", "B", "C"],
                           "VERDICT": ["reproduced"] * 3, "FOUND": ["1", "2", "3"]})  # fmt: skip
    now = claims.assign(VERDICT=["reproduced", "differs", "reproduced"], FOUND=["1", "9", "4"])
    same = rows(("x", "X", "mean", "1", "1", ""))
    found = impact(same, same, NOTHING, NOTHING, None, None, claims, now)
    assert found.claims.to_numpy().tolist() == [
        ["b", "B", "reproduced", "differs", "2", "9"],
        ["c", "C", "reproduced", "reproduced", "3", "4"],
    ]
    assert not found.nothing
    assert "reproduced \u2192 differs" in page(found, simulated=True)


def test_samples_of_one_fate_are_one_row():
    """Two patients lost both markers at both visits, a third one marker at one."""
    key = [("P1", "M3"), ("P1", "M6"), ("P2", "M3"), ("P2", "M6"), ("P3", "M3"), ("P3", "M6")]
    markers = (("IL6", "IL-6"), ("ET1", "ET-1"))
    old = pd.DataFrame([{"ASSAY": "lum", "USUBJID": p, "AVISIT": v, "PARAMCD": m, "PARAM": w}
                        for p, v in key for m, w in markers])  # fmt: skip
    keep = (old["USUBJID"] == "P3") & ~((old["AVISIT"] == "M6") & (old["PARAMCD"] == "ET1"))
    same = rows(("x", "X", "mean", "1", "1", ""))
    found = impact(same, same, NOTHING, NOTHING, old, old[keep])
    assert found.samples.groupby(["USUBJID", "PARAMS"])["AVISIT"].agg(list).to_dict() == {
        ("P1", "ET-1, IL-6"): ["M3", "M6"], ("P2", "ET-1, IL-6"): ["M3", "M6"],
        ("P3", "ET-1"): ["M6"],
    }  # fmt: skip
    shown = page(found, simulated=False)
    assert ">P1, P2</td>" in shown and ">M3, M6</td>" in shown and ">2: ET-1, IL-6</td>" in shown
    assert shown.count("<tr>") == 1 + 2  # head, and a row each fate


def test_the_same_figure_in_another_unit_is_told():
    old, new = (
        rows(("a.b.mean", "IL-6, mean", "mean", "5", "5.0", unit)) for unit in ("pg/mL", "ng/mL")
    )
    found = impact(old, new, NOTHING, NOTHING).numbers
    assert found[["CHANGE", "UNIT_OLD", "UNIT", "DIFFERENCE"]].to_numpy().tolist() == [
        ["moved", "pg/mL", "ng/mL", ""]
    ]


def test_a_claim_that_came_or_went_is_told():
    """Another trial's abstract, or one statement more: neither is left out, neither is 'moved'."""
    old = pd.DataFrame({"ID": ["a", "b"], "TEXT": ["A", "B"],
                        "VERDICT": ["reproduced", "differs"], "FOUND": ["1", "2"]})  # fmt: skip
    new = pd.DataFrame({"ID": ["c", "a"], "TEXT": ["C", "A"],
                        "VERDICT": ["not testable", "reproduced"], "FOUND": ["", "1"]})  # fmt: skip
    same = rows(("x", "X", "mean", "1", "1", ""))
    found = impact(same, same, NOTHING, NOTHING, None, None, old, new)
    assert found.claims.to_numpy().tolist() == [
        ["c", "C", "", "not testable", "", ""], ["b", "B", "differs", "", "2", ""],
    ]  # fmt: skip
    shown = page(found, simulated=False)
    assert "<h2>Statements of the abstract (2)</h2>" in shown
    assert ">new: not testable</td>" in shown and ">gone: differs</td>" in shown
