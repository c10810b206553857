"""Levels that need no curve: results as given, NanoString, qPCR, matrices; checks across."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from sclerotrial.assays import across, formats, layout, normalise
from sclerotrial.assays.efficiency import efficiency
from sclerotrial.assays.quantify import quantify
from sclerotrial.assays.wide import mean_z, weighted
from sclerotrial.change.wide import paired_change
from sclerotrial.errors import InputErrors


def readings(rows):
    """Rows of (SAMPLE, TASK, ANALYTE, QUANTITY, VALUE, FLAGS, WELL, DILUTION)."""
    out = pd.DataFrame(rows, columns=["SAMPLE", "TASK", "ANALYTE", "QUANTITY", "VALUE", "FLAGS",
                                      "WELL", "DILUTION"], dtype=str)  # fmt: skip
    out["LINE"] = [str(i + 1) for i in range(len(out))]
    return out.assign(TEXT=out["VALUE"], UNIT="", FILE="a.txt")[formats.COLUMNS]


def test_given_results_keep_their_side_and_their_limit(make_assay):
    """Standards 10 to 1000: OOR < at dilution 4 is below 40; *4.12 at 1 is below 10."""
    got = readings([
        ("S1", "STANDARD", "IL6", "expected", "1000", "", "", ""),
        ("S6", "STANDARD", "IL6", "expected", "10", "", "", ""),
        ("P1", "SAMPLE", "IL6", "result", "", "<", "A1", "4"),
        ("P2", "SAMPLE", "IL6", "result", "4.12", "extrapolated", "A2", "1"),
        ("P3", "SAMPLE", "IL6", "result", "55.5", "", "A3", "4"),
        ("P4", "SAMPLE", "IL6", "result", "77", "outlier", "A4", "1"),
        ("P5", "SAMPLE", "IL6", "result", "12.5", "extrapolated", "A5", "1"),
    ])  # fmt: skip
    levels, quality = quantify("p", make_assay(method="as_given"), got, None)
    shown = levels.set_index("SAMPLE")[["VALUE", "CENS", "BLQFL"]]
    assert shown.loc["P1"].tolist() == [40.0, "<", "Y"]
    assert shown.loc["P2"].tolist() == [10.0, "<", "Y"]
    assert shown.loc["P3"].tolist() == pytest.approx([55.5, "", ""])
    assert shown.loc["P5", "CENS"] == ""
    assert "P4" not in shown.index
    assert {"left_out", "extrapolated"} <= set(quality["CHECK"])


def test_beyond_the_curve_without_standards_is_no_level(make_assay):
    got = readings([("P1", "SAMPLE", "IL6", "result", "", "<", "A1", "1"),
                    ("P2", "SAMPLE", "IL6", "result", "5", "", "A2", "1")])  # fmt: skip
    levels, quality = quantify("p", make_assay(method="as_given"), got, None)
    assert levels["SAMPLE"].tolist() == ["P2"]
    assert "limit_unknown" in set(quality["CHECK"])


def test_npx_below_the_limit_keeps_its_value_and_is_flagged(make_assay):
    got = readings([
        ("P1", "SAMPLE", "IL6", "npx", "0.5", "", "p", ""),
        ("P2", "SAMPLE", "IL6", "npx", "2.5", "qc_warning", "p", ""),
        ("", "LOD", "IL6", "lod", "1.5", "", "", ""),
    ])  # fmt: skip
    levels, quality = quantify("o", make_assay(method="as_given", scale="log2"), got, None)
    assert levels[["VALUE", "CENS", "LLOQ", "BLQFL"]].to_numpy().tolist() == [
        [0.5, "", 1.5, "Y"], [2.5, "", 1.5, ""]
    ]  # fmt: skip
    assert {"below_lod", "qc_warning"} <= set(quality["CHECK"])


@pytest.mark.parametrize(
    ("scale", "values", "verdict"),
    [("log2", (5.5, 12.25), None), ("log2", (45, 4900), "fail"), ("linear", (45, 4900), None),
     ("linear", (5.5, 12.25), "note")],
)  # fmt: skip
def test_a_matrix_on_another_scale_than_said_is_told(make_assay, scale, values, verdict):
    got = readings([(f"P{i}", "SAMPLE", "COL1A1", "expression", str(v), "", "", "")
                    for i, v in enumerate(values)])  # fmt: skip
    _, quality = quantify("m", make_assay(method="as_given", scale=scale), got, None)
    told = quality.loc[quality["CHECK"] == "scale", "VERDICT"].tolist()
    assert told == ([verdict] if verdict else [])


def test_regions_of_a_slide_are_pooled_by_their_cells(make_assay):
    """10 of 100 and 30 of 60: 40 of 160 cells are 25 %, not the mean of 10 and 50."""
    rows = []
    for region, positive, negative in (("R1", 10, 90), ("R2", 30, 30)):
        share = 100 * positive / (positive + negative)
        rows += [("P1", "SAMPLE", "CD3", q, str(v), "", region, "") for q, v in
                 (("num_positive", positive), ("num_negative", negative),
                  ("percent_positive", share))]  # fmt: skip
    levels, _ = quantify("i", make_assay(method="as_given", scale="bounded"), readings(rows), None)
    assert levels["VALUE"].tolist() == [25.0]


def test_nanostring_normalisation_by_hand(make_assay):
    """Lane B has half the positive counts and half the housekeeping: COL1A1 100 there is 400 in A.

    Geometric means of POS: 1000 and 500, mean 750: factors 0.75 and 1.5. Housekeeping after that:
    2000 * 0.75 = 1500 and 500 * 1.5 = 750, mean 1125: factors 0.75 and 1.5. COL1A1: 400 * 0.5625
    and 100 * 2.25, both 225.
    """
    rows = []
    for lane, positive, house, gene in (("A", 1000, 2000, 400), ("B", 500, 500, 100)):
        rows += [
            (lane, "CONTROL", "POS_A(128)", "count", positive, "class=Positive", lane, ""),
            (lane, "CONTROL", "GAPDH", "count", house, "class=Housekeeping", lane, ""),
            (lane, "CONTROL", "NEG_A(0)", "count", 4, "class=Negative", lane, ""),
            (lane, "CONTROL", "NEG_B(0)", "count", 4, "class=Negative", lane, ""),
            (lane, "SAMPLE", "COL1A1", "count", gene, "class=Endogenous", lane, ""),
            (lane, "SAMPLE", "CCN2", "count", 3, "class=Endogenous", lane, ""),
        ]  # fmt: skip
    got = readings([tuple(map(str, r)) for r in rows])
    assay = make_assay(method="counts", scale="log2",
                       analytes={"COL1A1": SimpleNamespace(names=[], param="", unit=""),
                                 "CCN2": SimpleNamespace(names=[], param="", unit="")})  # fmt: skip
    levels, quality = quantify("n", assay, got, None)
    col = levels[levels["PARAMCD"] == "COL1A1"]
    assert col["VALUE"].tolist() == pytest.approx([np.log2(225)] * 2)
    assert levels.loc[levels["PARAMCD"] == "CCN2", "CENS"].tolist() == ["<", "<"]
    scaling = quality[quality["CHECK"] == "positive_scaling"]["VALUE"].tolist()
    assert scaling == pytest.approx([0.75, 1.5])


def test_nanostring_normalisation_is_that_of_nanostringnorm(make_assay):
    """R: code.count.normalization(x, anno, "geo.mean"), then
    sample.content.normalization(x, anno, "housekeeping.geo.mean") of NanoStringNorm, log2.
    """
    names = [*("POS_" + c for c in "ABCDE"), "NEG_A", "NEG_B", "GAPDH", "RPLP0", "COL1A1", "CCN2"]
    kinds = ["Positive"] * 5 + ["Negative"] * 2 + ["Housekeeping"] * 2 + ["Endogenous"] * 2
    lanes = {"A": (20110, 5202, 1310, 318, 77, 6, 9, 4010, 1990, 812, 63),
             "B": (15890, 4100, 1002, 251, 70, 8, 4, 2905, 1502, 1204, 41),
             "C": (31020, 7810, 2050, 509, 131, 12, 7, 6620, 2731, 655, 120)}  # fmt: skip
    got = readings([
        (lane, "SAMPLE" if kind == "Endogenous" else "CONTROL", name, "count", str(n),
         f"class={kind}", lane, "")
        for lane, counted in lanes.items()
        for name, kind, n in zip(names, kinds, counted, strict=True)
    ])  # fmt: skip
    codes = {c: SimpleNamespace(names=[], param="", unit="") for c in ("COL1A1", "CCN2")}
    assay = make_assay(method="counts", scale="log2", analytes=codes)
    levels, quality = quantify("n", assay, got, None)
    values = levels.pivot(index="PARAMCD", columns="SAMPLE", values="VALUE")
    assert values.loc["COL1A1"].tolist() == pytest.approx(
        [9.77605988389025, 10.77981748894834, 8.87613013128660], abs=1e-12
    )
    assert values.loc["CCN2"].tolist() == pytest.approx(
        [6.08800389020499, 5.90374981680672, 6.42766963047031], abs=1e-12
    )
    scaling = quality[quality["CHECK"] == "positive_scaling"]["VALUE"].tolist()
    assert scaling == pytest.approx([1.129164118028813, 1.399593553231297, 0.714338779607705])


def test_efficiency_of_a_perfect_and_a_poor_curve():
    """Slope -3.321928 is a doubling; -3.6 is 10^(1/3.6) = 1.8957, 89.6 %."""
    x = np.array([1e5, 1e4, 1e3, 1e2])
    perfect = efficiency(x, 40 - 3.321928094887362 * np.log10(x))
    assert (perfect.factor, perfect.percent, perfect.r2) == pytest.approx((2.0, 100.0, 1.0))
    assert efficiency(x, 40 - 3.6 * np.log10(x)).percent == pytest.approx(89.57, abs=0.01)
    assert efficiency(x[:2], np.array([20.0, 23])) is None


def test_pfaffl_levels(make_assay):
    """E = 1.9 for the target, 2 for the reference: -(24 log2 1.9 - 18)."""
    rows = [("P1", "SAMPLE", "COL1A1", "ct", "24", "", "A1", ""),
            ("P1", "SAMPLE", "GAPDH", "ct", "18", "", "A2", "")]  # fmt: skip
    assay = make_assay(method="delta_ct", reference_genes=["GAPDH"], efficiency={"COL1A1": 1.9})
    levels, _ = quantify("q", assay, readings(rows), None)
    assert levels["VALUE"].tolist() == pytest.approx([18 - 24 * np.log2(1.9)])
    plain, _ = quantify("q", make_assay(method="delta_ct", reference_genes=["GAPDH"]),
                        readings(rows), None)  # fmt: skip
    assert plain["VALUE"].tolist() == [-6.0]


def test_quantile_normalisation_by_hand():
    """Bolstad's example of three samples; a tie of two lies between its two ranks."""
    x = np.array([[5.0, 4, 3], [2, 1, 4], [3, 4, 6], [4, 2, 8]])
    means = [2, 3, 14 / 3, 17 / 3]
    tie = (means[2] + means[3]) / 2
    want = np.array([[means[3], tie, means[0]], [means[0], means[0], means[1]],
                     [means[1], tie, means[2]], [means[2], means[1], means[3]]])  # fmt: skip
    np.testing.assert_allclose(normalise.quantile(x), want)


def test_ties_of_quantile_normalisation_are_those_of_limma():
    """R 4.2, limma 3.54: c(normalizeQuantiles(cbind(a, b, c))), ties of two, three and four.

    A tie takes the value at its middle rank, not the mean over its ranks (5.444 for the 4s of b).
    """
    x = np.array([[5.0, 2, 3, 4, 4, 2, 9], [4, 1, 4, 2, 4, 7, 1], [3, 4, 6, 8, 8, 8, 8]]).T
    limma = [5.66666666666667, 2.16666666666667, 3.66666666666667, 5.33333333333333,
             5.33333333333333, 2.16666666666667, 8, 5.33333333333333, 2.16666666666667,
             5.33333333333333, 3.66666666666667, 5.33333333333333, 8, 2.16666666666667, 2,
             2.33333333333333, 3.66666666666667, 5.5, 5.5, 5.5, 5.5]  # fmt: skip
    np.testing.assert_allclose(normalise.quantile(x).T.ravel(), limma, rtol=1e-13)


@cases(st.integers(0, 2**32 - 1))
def test_quantile_normalised_samples_hold_the_same_values(seed):
    x = np.random.default_rng(seed).normal(size=(50, 4))
    got = np.sort(normalise.quantile(x), axis=0)
    np.testing.assert_allclose(got, np.repeat(got[:, :1], 4, axis=1), rtol=0, atol=1e-12)


def test_median_ratio_and_genes():
    """The second sample is sequenced twice as deep: factors 1/sqrt 2 and sqrt 2."""
    counts = np.array([[10.0, 20], [100, 200], [0, 5], [30, 60]])
    assert normalise.median_ratio(counts) == pytest.approx([2**-0.5, 2**0.5])
    # DESeq2's algorithm by hand: two genes without a zero; geometric means cbrt(10*20*40) = 20 and
    # cbrt(100*100*800) = 200; ratios (0.5, 0.5), (1, 0.5), (2, 4); medians of the logs
    three = np.array([[10.0, 20, 40], [100, 100, 800], [0, 9, 9]])
    assert normalise.median_ratio(three) == pytest.approx([0.5, 0.5**0.5, 8**0.5])
    probes = np.array([[1.0, 2], [5, 6], [3, 3]])
    genes = {"p1": "A", "p2": "A", "p3": "B"}
    assert normalise.gene_rows(["p1", "p2", "p3"], probes, genes) == (["A", "B"], [1, 2])


def test_change_of_a_matrix_and_scores():
    values = np.array([[1.0, 3, 2, 2], [5, 4, 6, 9]])
    got = paired_change(values, ["P1", "P1", "P2", "P2"], ["BL", "M6", "BL", "M6"], "BL", "M6")
    assert got.subjects == ["P1", "P2"]
    assert got.log2fc.tolist() == [[2.0, 0.0], [-1.0, 3.0]]
    # mean 1.5 and 5.5, SD sqrt(0.5) of the two baselines
    assert mean_z(values, [0, 2])[1] == pytest.approx((1.5 / 0.5**0.5 - 1.5 / 0.5**0.5) / 2)
    assert weighted(["COMP", "IFI44"], values, {"IFI44": 2.0, "COMP": -1.0}, 0.5).tolist() == [
        9.5, 5.5, 10.5, 16.5
    ]  # fmt: skip


def test_parallelism_and_controls_over_plates():
    """100 and 120: mean 110, SD 14.142, CV 12.86 %; 100 and 200: 47.1 %."""
    u = np.log([100.0, 120, 100, 200])
    wells = pd.DataFrame({"FILE": "a", "PARAMCD": "IL6", "SAMPLE": ["P1", "P1", "P2", "P2"],
                          "DILUTION": [1.0, 2, 1, 2], "U": u, "CENS": ""})  # fmt: skip
    rows = across.parallelism(wells)
    assert [round(r["VALUE"], 2) for r in rows] == [12.86, 47.14]
    assert [r["VERDICT"] for r in rows] == ["pass", "fail"]
    controls = pd.DataFrame({"FILE": ["a", "b"], "PARAMCD": "IL6", "SAMPLE": "C1",
                             "CONC": [100.0, 120.0], "CENS": ""})  # fmt: skip
    assert across.controls_over_plates(controls)[0]["VALUE"] == pytest.approx(12.8565, abs=1e-3)


def test_a_layout_names_the_wells_of_a_plate(tmp_path, make_assay):
    """A reader that tells only places, and a grid: the ELISA is quantified with its one analyte."""
    standard = 1000.0 / 2.0 ** np.arange(8)
    od = 3.0 + (0.05 - 3.0) / (1 + (standard / 120.0) ** 1.1)
    text = ["Tecan i-control, 1.10", "Measurement wavelength: 450", "Date of measurement: x", "",
            "<>\t1\t2\t3"]  # fmt: skip
    text += [f"{r}\t{v:.6f}\t{v:.6f}\t{od[3]:.6f}" for r, v in zip("ABCDEFGH", od, strict=True)]
    (tmp_path / "plate.txt").write_text("\n".join(text))
    grid = ["\t1\t2\t3"] + [
        f"{r}\tSTD{i + 1}\tSTD{i + 1}\tIM0{i + 1}-BL" for i, r in enumerate("ABCDEFGH")
    ]
    amounts = ["", "Concentration", "\t1\t2\t3"]
    amounts += [f"{r}\t{c:g}\t{c:g}\t" for r, c in zip("ABCDEFGH", standard, strict=True)]
    (tmp_path / "plate_layout.tsv").write_text("\n".join(grid + amounts))
    got = formats.read(tmp_path / "plate.txt")
    assert set(got["TASK"]) == {"UNASSIGNED"}
    placed = layout.place(got, layout.read_layout(tmp_path / "plate_layout.tsv", "layout"))
    entry = {"PIIINP": SimpleNamespace(names=[], param="", unit="ng/mL")}
    assay = make_assay(signal=None, analytes=entry, beads_min=None)
    levels, _ = quantify("e", assay, placed, None)
    assert levels["PARAMCD"].unique().tolist() == ["PIIINP"]
    np.testing.assert_allclose(levels["VALUE"].astype(float), 125.0, rtol=1e-3)


def test_a_sheet_of_samples_and_a_pattern(tmp_path):
    (tmp_path / "s.tsv").write_text("SAMPLES\n\nSample name\ttitle\nGSM1\tIM01-BL\nGSM2\tIM01-M6\n")
    names = layout.read_sheet(tmp_path / "s.tsv", "s.tsv", ["GSM1", "GSM2"])
    assert names == {"GSM1": "IM01-BL", "GSM2": "IM01-M6"}
    with pytest.raises(InputErrors, match="No column of the sheet"):
        layout.read_sheet(tmp_path / "s.tsv", "s.tsv", ["X"])
    got = readings([("ID_7_AG_CD3_x", "SAMPLE", "", "percent_positive", "5", "", "R1", "")])
    told = layout.named(got, r"ID_(?P<sample>\d+)_AG_(?P<analyte>[A-Za-z0-9]+)_")
    assert told[["SAMPLE", "ANALYTE"]].to_numpy().tolist() == [["7", "CD3"]]
    with pytest.raises(InputErrors, match="pattern of assays.yaml"):
        layout.named(got, r"(?P<sample>X)$")


def test_real_sheets_are_read(realdata):
    """102 biopsies of GSE58095; 96 wells of the published layout."""
    sheet = realdata / "c_tissue/GEO_SSc_skin/GSE58095_all_sample_annotatiions.txt.gz"
    names = layout.read_sheet(sheet, "sheet", [f"SAMPLE{i:03d}" for i in range(1, 103)])
    assert len(names) == 102
    grid = (
        realdata
        / "b_immunoassay/SerolyzeR/P1_SEROPED_PBT_62PLEX_PLATE1_03312023_RUN001_layout.xlsx"
    )
    placed = layout.read_layout(grid, "layout")
    assert len(placed) == 96
    assert placed["TASK"].value_counts().to_dict() == {"SAMPLE": 84, "STANDARD": 11, "BLANK": 1}
