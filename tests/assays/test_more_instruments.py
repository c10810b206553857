"""Versions and layouts of instruments' exports beyond the common ones, each on a small file."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import zipfile

import pytest

from sclerotrial.assays import formats
from sclerotrial.assays.layout import read_layout
from sclerotrial.errors import InputErrors
from tests.assays.written import book, cells, save, softmax
from tests.read import sheets

# --- SoftMax Pro ----------------------------------------------------------------------------------


def test_softmax_reads_every_wavelength_of_a_list(tmp_path):
    """Two blocks of one line each, then what the software made of them."""
    rows = [["", "Temperature(°C)", "C3", "C4"], ["", 25, 1.5, 0.5], [], ["", 25, 0.1, 0.2], [],
            ["", "", "C3", "C4"], ["", "", 1.4, 0.3]]  # fmt: skip
    path = save(tmp_path, softmax("Endpoint", ["450", "650"], (3, 2, 96, 3, 1), rows))
    assert cells(formats.read(path), "od", "WELL", "ANALYTE", "VALUE", "FLAGS") == [
        ["C3", "450", "1.5", ""], ["C4", "450", "0.5", ""],
        ["C3", "650", "0.1", ""], ["C4", "650", "0.2", ""],
    ]  # fmt: skip


def test_softmax_partial_plates_keep_their_places(tmp_path):
    """Rows 3 and 4, columns 4 and 5, two wavelengths side by side."""
    rows = [["", "Temperature(°C)", 4, 5, "", 4, 5], ["", 25, 1, 2, "", 5, 6],
            ["", "", 3, 4, "", 7, "Path?"]]  # fmt: skip
    text = softmax("Endpoint", ["260", "280"], (4, 2, 96, 3, 2), rows, "PlateFormat")
    got = formats.read(save(tmp_path, text))
    assert cells(got, "od", "WELL", "ANALYTE", "VALUE") == [
        ["C4", "260", "1"], ["C5", "260", "2"], ["C4", "280", "5"], ["C5", "280", "6"],
        ["D4", "260", "3"], ["D5", "260", "4"], ["D4", "280", "7"], ["D5", "280", ""],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "stamps", "quantity", "told"),
    [
        ("Kinetic", ("0:00", "0:30"), "kinetic", [["450", "t=0:00"], ["450", "t=0:30"]]),
        ("Spectrum", ("520", "521"), "spectrum", [["520", ""], ["521", ""]]),
        ("Well Scan", ("1", "2"), "scan", [["450", "point=1"], ["450", "point=2"]]),
    ],
)
def test_softmax_over_time_wavelength_and_points(tmp_path, kind, stamps, quantity, told):
    rows = [["", "Temperature(°C)", 1, 2], [stamps[0], 25, 1, 2], [], [stamps[1], 25, 3, "???"]]
    path = save(tmp_path, softmax(kind, ["450"], (1, 2, 96, 1, 1), rows, "PlateFormat"))
    got = formats.read(path)
    assert cells(got, quantity, "WELL", "VALUE") == [["A1", "1"], ["A2", "2"], ["A1", "3"],
                                                     ["A2", ""]]  # fmt: skip
    assert cells(got, quantity, "ANALYTE", "FLAGS")[::2] == told


def test_softmax_reduced_plates_say_so(tmp_path):
    rows = [["", "", "A1", "A2"], ["", "", 0.9, 0.1]]
    path = save(tmp_path, softmax("Endpoint", ["450", "650"], (1, 2, 96, 1, 1), rows))
    assert cells(formats.read(path), "od", "WELL", "ANALYTE", "FLAGS") == [
        ["A1", "450-650", "reduced"], ["A2", "450-650", "reduced"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("section", "rows", "message"),
    [
        ("PlateFormat", [["", "Temperature", 1, 2], ["", 25, 1, 2]],
         "1 of 2 rows of the plate are absent"),
        ("TimeFormat", [["", "Temperature", "A1", "A2", "B1", "B2"], ["", 25, 1, 2]],
         "2 of 4 wells of the plate are absent"),
    ],
)  # fmt: skip
def test_softmax_cut_plates_are_refused(tmp_path, section, rows, message):
    text = softmax("Endpoint", ["450"], (1, 2, 96, 1, 2), rows, section)
    with pytest.raises(InputErrors, match=message) as told:
        formats.read(save(tmp_path, text))
    assert len(told.value.problems) == 1
    with pytest.raises(InputErrors, match="The plate has no end"):
        formats.read(save(tmp_path, text.replace("~End\n", "")))


# --- other plate readers --------------------------------------------------------------------------

GEN5_HEAD = "Software Version\t3.12.08\n\nPlate Number\tPlate 1\nReader Type:\tx\n\n"
GEN5_KINETIC = """Layout
\t1\t2
A\tSTD1\tSPL1\tWell ID
\t8\t\tConc/Dil

450

Time\tT 450\tA1\tA2
0:00:00\t25\t0.1\tOVRFLW
0:01:00\t25\t0.2\tMISSED
0:00:00

Blank 450

Time\tA1\tA2
0:00:00\t0.05\t0.15

Results
\t1\t2
A\t31.5\t34.2\tMax V [450]
\t0:02:30\t?????\tLagtime [450]
\t8.1\t>40.0\t[Concentration]
"""


def test_gen5_kinetics_with_what_was_derived(tmp_path):
    got = formats.read(save(tmp_path, GEN5_HEAD + GEN5_KINETIC))
    assert cells(got, "kinetic", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1", "STD1", "STANDARD", "450", "0.1", "t=0:00:00"],
        ["A2", "SPL1", "SAMPLE", "450", "", "> t=0:00:00"],
        ["A1", "STD1", "STANDARD", "450", "0.2", "t=0:01:00"],
        ["A2", "SPL1", "SAMPLE", "450", "", "no_value t=0:01:00"],
    ]
    assert cells(got, "net_kinetic", "WELL", "ANALYTE", "VALUE")[0] == ["A1", "450", "0.05"]
    assert cells(got, "derived", "WELL", "ANALYTE", "VALUE", "UNIT") == [
        ["A1", "Max V [450]", "31.5", ""], ["A2", "Max V [450]", "34.2", ""],
        ["A1", "Lagtime [450]", "150", "s"], ["A2", "Lagtime [450]", "", ""],
    ]  # fmt: skip
    assert cells(got, "result", "ANALYTE", "VALUE", "FLAGS") == [
        ["Max V [450]", "8.1", ""], ["Max V [450]", "40.0", ">"]
    ]  # fmt: skip
    assert cells(got, "expected", "SAMPLE", "ANALYTE", "VALUE") == [["STD1", "Max V [450]", "8"]]


@pytest.mark.parametrize(
    ("titles", "first", "quantity", "told"),
    [
        ("Wavelength\tA1\tA2", "300\t0.5\t0.6", "spectrum", ["300", ""]),
        ("X Read #\tY Read #\tA1\tA2", "1\t2\t0.5\t0.6", "scan", ["Scan", "point=1,2"]),
        ("Kinetic read\tA1\tA2", "0:00:00\t0.5\t0.6", "kinetic", ["Scan", "t=0:00:00"]),
    ],
)
def test_gen5_spectra_scans_and_older_kinetics(tmp_path, titles, first, quantity, told):
    old = "Procedure Summary\n\nPlate Type\t96 WELL PLATE\n\n"
    path = save(tmp_path, f"{old}Scan\n\n{titles}\n{first}\n")
    assert formats.detect(path) == ("gen5", "")
    got = formats.read(path)
    assert cells(got, quantity, "WELL", "VALUE") == [["A1", "0.5"], ["A2", "0.6"]]
    assert cells(got, quantity, "ANALYTE", "FLAGS")[0] == told


def test_gen5_workbooks_have_a_plate_a_sheet(tmp_path):
    """The data begin one column to the right; times beyond a day are counted in hours."""

    def sheet(n, value):
        return [["Software Version", "3.14.03"], ["Plate Number", f"Plate {n}"],
                ["Reader Type:", "x"], ["578"], [], ["", "Time", "T 578", "A1", "B1"],
                ["", dt.time(0, 0, 30), 37, value, 0.2],
                ["", dt.timedelta(days=1, hours=1), 37, value, 0.3]]  # fmt: skip

    path = book(tmp_path, {"a": sheet(1, 0.1), "b": sheet(2, 0.4)})
    assert formats.detect(path) == ("gen5", "3.14.03")
    got = formats.read(path)
    assert cells(got, "kinetic", "WELL", "VALUE", "FLAGS")[:3] == [
        ["Plate 1:A1", "0.1", "t=00:00:30"], ["Plate 1:B1", "0.2", "t=00:00:30"],
        ["Plate 1:A1", "0.1", "t=25:00:00"],
    ]  # fmt: skip
    assert cells(got, "kinetic", "WELL", "VALUE")[4] == ["Plate 2:A1", "0.4"]


def test_gen5_lists_of_wells(tmp_path):
    body = "".join(f"{r}{c}\tSPL{c}\t0.{c}5\n" for r in "AB" for c in range(1, 5))
    got = formats.read(save(tmp_path, f"{GEN5_HEAD}Results\n\nWell\tName\t450\n{body}"))
    assert cells(got, "od", "WELL", "SAMPLE", "ANALYTE", "VALUE")[5] == ["B2", "SPL2", "450",
                                                                        "0.25"]  # fmt: skip


def skanit_grid(label, *rows):
    return [[label, 1, 2, 3], *(["AB"[i], *r] for i, r in enumerate(rows)), []]


def test_skanit_tells_plates_and_wavelengths_apart(tmp_path):
    """One step, two wavelengths, two plates with samples of their own."""
    head = [["Measurement results"], ["my session.skax"], ["2025-06-27"], [], ["Absorbance 1"]]
    sheet = [*head, ["Wavelength: 214 nm"], [], ["Plate 1"], *skanit_grid("Abs", [1, 2, 3]),
             ["Wavelength: 280 nm"], [], ["Plate 1"], *skanit_grid("Abs", [4, 5, 6]),
             *skanit_grid("Sample", ["Blank1", "Un1", "Un2"]),
             ["Wavelength: 214 nm"], [], ["Plate 2"], *skanit_grid("Abs", [7, 8, 9]),
             *skanit_grid("Sample", ["Un3", "Un4", "Un5"])]  # fmt: skip
    info = [["", "Report generated with SW version", "SkanIt Software 7.0 RE, ver. 7.0.2"]]
    got = formats.read(book(tmp_path, {"A_01": sheet, "General information": info}))
    assert cells(got, "od", "WELL", "SAMPLE", "ANALYTE", "VALUE")[::3] == [
        ["Plate 1:A1", "Blank1", "Absorbance 1:214", "1"],
        ["Plate 1:A1", "Blank1", "Absorbance 1:280", "4"],
        ["Plate 2:A1", "Un3", "Absorbance 1:214", "7"],
    ]


def test_skanit_lists_of_wells(tmp_path):
    rows = [["Measurement results"], ["s.skax"], ["Plate", "Well", "Sample", "Abs"]]
    rows += [["Plate 1", f"{r}{c}", f"Un{c}", c / 8] for r in "AB" for c in range(1, 5)]
    got = formats.read(book(tmp_path, {"List": rows}))
    assert cells(got, "od", "WELL", "SAMPLE", "VALUE")[4] == ["B1", "Un1", "0.125"]


MIND = "FileName :\tx\nBarcode1 :\t<PL1>\nVersion  :\tMMPR 1.0.38\nSpotID   :\t{spot}\n===Data===\n"


def test_methodical_mind_counts_spots_that_were_not_read(tmp_path):
    blank = "  \t       \t       \t"
    grid = f"  \t1   \t2   \t\nA \t 10 \t 20 \t\n{blank}\n  \t 11 \t 21 \t\n\nB \t 30 \t 40 \t\n"
    got = formats.read(save(tmp_path, MIND.format(spot="all") + grid))
    assert cells(got, "signal", "WELL", "ANALYTE", "VALUE") == [
        ["A1", "Spot 1", "10"], ["A2", "Spot 1", "20"], ["A1", "Spot 3", "11"],
        ["A2", "Spot 3", "21"], ["B1", "Spot 1", "30"], ["B2", "Spot 1", "40"],
    ]  # fmt: skip


def test_methodical_mind_with_a_grid_a_spot(tmp_path):
    grid = "  \t1   \t2   \t\nA \t {} \t {} \t\n\n===Statistics===\nSector :\t1\t2\n\n"
    text = MIND.format(spot=1) + grid.format(10, 20) + MIND.format(spot=8) + grid.format(30, 40)
    assert cells(formats.read(save(tmp_path, text)), "signal", "WELL", "ANALYTE", "VALUE") == [
        ["A1", "Spot 1", "10"], ["A2", "Spot 1", "20"], ["A1", "Spot 8", "30"],
        ["A2", "Spot 8", "40"],
    ]  # fmt: skip


def test_msd_workbooks(tmp_path):
    rows = [["Plate_1"], ["Sample", "Assay", "Well", "Spot", "Detection Range", "Concentration",
                          "Signal", "Adjusted Signal", "Calc. Concentration"],
            ["S001", "IL-6", "A02", 2, "Above Detection Range", 54.2, 3513, 3510, 53.2],
            ["U001", "IL-6", "A03", 2, "In Detection Range", None, 300, 290, 4.5]]  # fmt: skip
    got = formats.read(book(tmp_path, {"Plate": rows}))
    assert cells(got, "net_signal", "WELL", "SAMPLE", "TASK", "VALUE") == [
        ["A2", "S001", "STANDARD", "3510"], ["A3", "U001", "SAMPLE", "290"]
    ]  # fmt: skip
    assert cells(got, "result", "VALUE", "FLAGS") == [["53.2", ">"], ["4.5", ""]]


def test_the_decimal_mark_is_told_from_all_cells_of_a_file(tmp_path):
    """1,234 alone might be a thousand: 0,5 beside it says that it is not."""
    text = GEN5_HEAD + "Results\n\t1\t2\t3\nA\t1,234\t0,5\t2,000\t450\n"
    assert cells(formats.read(save(tmp_path, text)), "od", "VALUE") == [["1.234"], ["0.5"],
                                                                       ["2.000"]]  # fmt: skip


# --- qPCR -----------------------------------------------------------------------------------------


def test_openarray_of_two_chips_with_cr_line_ends(tmp_path):
    head = ("OpenArrayPlate.SerialNumber,Assay.Assay ID,Assay.Assay Name,ThroughHole.Ct,"
            "ThroughHole.Outlier,ThroughHole.Address,SampleInfo.SampleID")  # fmt: skip
    rows = ["G1,01_miR-126,miR-126,14.2,FALSE,A10a2,P1", "G2,01_miR-126,miR-126,15.9,TRUE,A10a2,P2"]
    path = save(tmp_path, "\r".join([head, *rows]))
    assert formats.detect(path)[0] == "sds"
    assert cells(formats.read(path), "ct", "WELL", "SAMPLE", "ANALYTE", "VALUE", "FLAGS") == [
        ["G1:A10a2", "P1", "miR-126", "14.2", ""], ["G2:A10a2", "P2", "miR-126", "15.9", "omit"]
    ]  # fmt: skip


def test_lightcycler_480(tmp_path):
    text = ("Experiment: IFN  Selected Filter: FAM\nInclude\tColor\tPos\tName\tCp\tConcentration\n"
            "True\t255\tA1\tP1\t21,5\t\nTrue\t255\tA2\tP2\t\t\n")  # fmt: skip
    path = save(tmp_path, text)
    assert formats.detect(path) == ("sds", "LightCycler")
    assert cells(formats.read(path), "ct", "WELL", "SAMPLE", "VALUE") == [["A1", "P1", "21.5"]]


def test_opticon_names_standards_by_their_amount(tmp_path):
    text = (",,,\nWell /Set,Dye,Content,Description,Efficiency,C(t),Quantity\n"
            "A1,FAM,Standard,,52%,21.7,50\nA1,TMR,Standard,,N/A,N/A,50\n"
            "A2,FAM,Standard,,50%,24.1,12.5\nA3,FAM,Sample,P1,50%,27.68,1.01\n")  # fmt: skip
    got = formats.read(save(tmp_path, text, "o.csv"))
    assert cells(got, "ct", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE") == [
        ["A1", "Standard 50", "STANDARD", "FAM", "21.7"], ["A1", "Standard 50", "STANDARD", "TMR",
        ""], ["A2", "Standard 12.5", "STANDARD", "FAM", "24.1"],
        ["A3", "P1", "SAMPLE", "FAM", "27.68"],
    ]  # fmt: skip
    assert ["Standard 12.5", "FAM", "12.5"] in cells(got, "expected", "SAMPLE", "ANALYTE", "VALUE")


def test_expected_amounts_keep_a_decimal_comma(tmp_path):
    text = ("Well;Fluor;Target;Content;Sample;Cq;SQ\nA01;SYBR;GAPDH;Std-1;;21,5;0,5\n"
            "A02;SYBR;GAPDH;Unkn-1;P1;22,5;\n")  # fmt: skip
    got = formats.read(save(tmp_path, text, "c.csv"))
    assert cells(got, "expected", "VALUE") == [["0.5"]]


def test_diomni_and_a_workbook_by_another_ending(tmp_path):
    rows = [["Instrument Type", "QuantStudio 7 Pro"], ["Block Type", "384-Well Block"], [],
            ["Well", "Omit", "Sample", "Target", "Task", "Cq"],
            ["A01", "FALSE", "P1", "Globin", "UNKNOWN", "UNDETERMINED"],
            ["A02", "FALSE", "P2", "Globin", "UNKNOWN", 39.54]]  # fmt: skip
    path = book(tmp_path, {"Primary_result": rows})
    shutil.copy(path, tmp_path / "again.xls")
    for name in (path, tmp_path / "again.xls"):
        assert formats.detect(name) == ("quantstudio", "QuantStudio 7 Pro")
        assert cells(formats.read(name), "ct", "WELL", "VALUE", "FLAGS") == [
            ["A1", "", "undetermined"], ["A2", "39.54", ""]
        ]  # fmt: skip


def test_a_well_that_the_export_left_out_has_a_row(tmp_path):
    """The last wells are there, so the file was not cut: the one between was not exported."""
    setup = "[Sample Setup]\nWell\tWell Position\tSample Name\tTarget Name\tTask\n"
    setup += "".join(f"{k}\tA{k}\tP{k}\tCOL1A1\tUNKNOWN\n" for k in (1, 2, 3))
    results = "\n[Results]\nWell\tWell Position\tSample Name\tTarget Name\tTask\tCT\n"
    results += "".join(f"{k}\tA{k}\tP{k}\tCOL1A1\tUNKNOWN\t2{k}.5\n" for k in (1, 3))
    got = formats.read(save(tmp_path, "* Block Type = 96well\n\n" + setup + results))
    assert cells(got, "ct", "WELL", "SAMPLE", "VALUE", "FLAGS", "LINE") == [
        ["A1", "P1", "21.5", "", "11"], ["A3", "P3", "23.5", "", "12"],
        ["A2", "P2", "", "not_exported", "6"],
    ]  # fmt: skip


RDML = """<rdml version="1.1" xmlns="http://www.rdml.org">
<sample id="{a}"><description>Sample 39</description><type>std</type></sample>
<target id="FAM@{b}"><description/></target><target id="Hex@{c}"><description/></target>
<experiment id="e"><run id="r"><pcrFormat><columns>12</columns></pcrFormat>
<react id="13"><sample id="{a}"/><data><tar id="FAM@{b}"/><cq>21.5</cq></data>
<data><tar id="Hex@{c}"/><cq>-1.0</cq></data></react></run></experiment></rdml>"""


@pytest.mark.parametrize("how", ["beside", "split"])
def test_rdml_of_the_lightcycler_96(tmp_path, how):
    """Ids that are GUIDs give way to names; data of the instrument may lie beside."""
    ids = [f"9c93d5da-1797-44c1-b46c-05d501af4e2{k}" for k in "abc"]
    text = RDML.format(**dict(zip("abc", ids, strict=True)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rdml_data.xml", text)
        if how == "beside":
            archive.writestr("instrument_data.xml", "<x/>")
    raw = packed.getvalue()
    path = tmp_path / "a.rdml"
    path.write_bytes(b"PK\x07\x08" + raw if how == "split" else raw)
    assert formats.detect(path) == ("rdml", "1.1")
    assert cells(formats.read(path), "ct", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE") == [
        ["B1", "Sample 39", "STANDARD", "FAM", "21.5"], ["B1", "Sample 39", "STANDARD", "Hex", ""]
    ]  # fmt: skip


# --- ASM ------------------------------------------------------------------------------------------


def asm(tmp_path, *measurements):
    document = {
        "$asm.manifest": "http://purl.allotrope.org/manifests/x/REC/2025/03/x.manifest",
        "x aggregate document": {"x document": [
            {"measurement aggregate document": {"measurement document": [m]}} for m in measurements
        ]},
    }  # fmt: skip
    return formats.read(save(tmp_path, json.dumps(document), "a.json"))


def control(**facts):
    told = {k.replace("_", " "): v for k, v in facts.items()}
    return {"device control aggregate document": {"device control document": [told]}}


def test_asm_of_beads(tmp_path):
    """The sum of beads of the well is no reading of an analyte; the median is."""
    statistics = [
        {"statistical value": {"value": v, "unit": "RFU", "has statistic datum role": role}}
        for v, role in ((10921.5, "median role"), (11000, "arithmetic mean role"),
                        (0.1, "coefficient of variation role"))
    ]  # fmt: skip
    got = asm(tmp_path, {
        "sample document": {"sample identifier": "P1", "location identifier": "A01",
                            "well plate identifier": "PL"},
        **control(dilution_factor_setting={"value": 4.0}),
        "assay bead count": {"value": 881.0},
        "analyte aggregate document": {"analyte document": [{
            "analyte name": "IL-6", "assay bead count": {"value": 30.0},
            "statistics aggregate document": {"statistics document": [{
                "statistic dimension aggregate document": {
                    "statistic dimension document": statistics}}]}}]},
    })  # fmt: skip
    assert got[["QUANTITY", "WELL", "ANALYTE", "VALUE", "DILUTION"]].to_numpy().tolist() == [
        ["count", "A1", "IL-6", "30.0", "4"], ["median_mfi", "A1", "IL-6", "10921.5", "4"],
        ["mean_mfi", "A1", "IL-6", "11000", "4"],
    ]  # fmt: skip


def test_asm_of_qpcr(tmp_path):
    def well(place, *processed):
        return {"sample document": {"sample identifier": "N/A", "well location identifier": place},
                **control(device_type="qPCR"), "target DNA description": "GAPDH",
                "processed data aggregate document": {"processed data document": list(processed)},
                }  # fmt: skip

    got = asm(tmp_path, well("A1", {"cycle threshold result (qPCR)": {"value": 21.5}}), well("A2"))
    assert cells(got, "ct", "WELL", "SAMPLE", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1", "", "GAPDH", "21.5", ""], ["A2", "", "GAPDH", "", "undetermined"]
    ]  # fmt: skip


def test_asm_of_series_plates_and_errors(tmp_path):
    def cube(concept):
        return {"absorption profile data cube": {
            "cube-structure": {"dimensions": [{"concept": concept}],
                               "measures": [{"concept": "absorbance", "unit": "mAU"}]},
            "data": {"dimensions": [[0.0, 30.0]], "measures": [[0.1, 0.2]]}}}  # fmt: skip

    def place(plate):
        return {"sample document": {"location identifier": "B2", "well plate identifier": plate}}

    wave = control(detector_wavelength_setting={"value": 405.0, "unit": "nm"})
    wrong = {"error aggregate document": {"error document": [
        {"error": "Path?", "error feature": "absorbance"}]}}  # fmt: skip
    got = asm(tmp_path, {**place("P1"), **wave, **cube("elapsed time")},
              {**place("P2"), **wave, **cube("wavelength")},
              {**place("P2"), **wave, **wrong, "absorbance": {"value": -0.0}})  # fmt: skip
    assert got[["QUANTITY", "WELL", "ANALYTE", "VALUE", "FLAGS"]].to_numpy().tolist() == [
        ["kinetic", "P1:B2", "405", "0.1", "t=0"], ["kinetic", "P1:B2", "405", "0.2", "t=30"],
        ["spectrum", "P2:B2", "0", "0.1", ""], ["spectrum", "P2:B2", "30", "0.2", ""],
        ["od", "P2:B2", "405", "", "no_value"],
    ]  # fmt: skip


# --- series ---------------------------------------------------------------------------------------

SPARK = [["Application: SparkControl", "", "V2.3"], ["Mode", "Absorbance"], ["Name", "Label 1"],
         ["Measurement wavelength", "", "420"], []]  # fmt: skip


def test_spark_kinetics_both_ways(tmp_path):
    """A column a well with the time beside, or a row a well below the times (German titles)."""
    down = [*SPARK, ["Label 1"], ["Cycle Nr.", "Time [s]", "Temp. [°C]", "A1", "B1"],
            [1, 0, 25, 0.1, 0.2], [2, 29.849, 25, 0.3, "OVER"]]  # fmt: skip
    across = [*SPARK, ["OD600"], ["Zyklus Nr.", 1, 2], ["Zeit [s]", 0, 29.849],
              ["Temp. [°C]", 25, 25], ["A1", 0.1, 0.3], ["B1", 0.2, "OVER"]]  # fmt: skip
    first = formats.read(book(tmp_path, {"Result sheet": down}))
    second = formats.read(book(tmp_path, {"Result sheet": across}, "b.xlsx"))
    columns = ["WELL", "VALUE", "FLAGS"]
    told = [["A1", "0.1", "t=0"], ["B1", "0.2", "t=0"], ["A1", "0.3", "t=29.849"],
            ["B1", "", "> t=29.849"]]  # fmt: skip
    assert cells(first, "kinetic", *columns) == told
    assert sorted(cells(second, "kinetic", *columns)) == sorted(told)
    assert set(first["ANALYTE"]) == {"420"}
    assert set(second["ANALYTE"]) == {"OD600"}


def test_spark_lists_of_several_measurements(tmp_path):
    rows = ["Application: SparkControl,V2.3", "Mode,Absorbance", "Name,OD600", "<>,Value,Time [ms]",
            "A1,0.5,0", "A2,0.6,1", "", "Mode,Absorbance", "Name,OD700", "<>,Value,Time [ms]",
            "A1,0.7,0", "A2,0.8,1"]  # fmt: skip
    got = formats.read(save(tmp_path, "\n".join(rows), "s.csv"))
    assert cells(got, "od", "WELL", "ANALYTE", "VALUE") == [
        ["A1", "OD600", "0.5"], ["A2", "OD600", "0.6"], ["A1", "OD700", "0.7"],
        ["A2", "OD700", "0.8"],
    ]  # fmt: skip


def test_magellan_names_series_in_their_order(tmp_path):
    """Two names above one table: the second begins where the time starts anew."""
    rows = ["Well positions,,", "OD600,,", "OD700,,", ",,A2,B2", "0s,30 °C,0.1,0.2",
            "599s,30 °C,0.3,0.4", "0s,30 °C,0.5,0.6", "599s,30 °C,0.7,0.8", ",,,",
            "Date of measurement: 2020,,", "Plate area: A1-H12,,"]  # fmt: skip
    got = formats.read(save(tmp_path, "\n".join(rows), "m.csv"))
    assert cells(got, "kinetic", "WELL", "ANALYTE", "VALUE", "FLAGS")[::2] == [
        ["A2", "OD600", "0.1", "t=0"], ["A2", "OD600", "0.3", "t=599"],
        ["A2", "OD700", "0.5", "t=0"], ["A2", "OD700", "0.7", "t=599"],
    ]  # fmt: skip


def test_skanit_kinetics_name_their_samples(tmp_path):
    rows = [["Measurement results"], ["s.skax"], ["Wavelength: 340 nm"], [],
            ["Reading", "avg. time [s]", "Un0001 (A01)", "Blank1 (A02)"], [1, 0, 0.9, 0.1],
            [2, 4.22, 0.8, 0.1]]  # fmt: skip
    got = formats.read(book(tmp_path, {"Absorbance 2_01": rows}))
    assert cells(got, "kinetic", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1", "Un0001", "SAMPLE", "340", "0.9", "t=0"],
        ["A2", "Blank1", "BLANK", "340", "0.1", "t=0"],
        ["A1", "Un0001", "SAMPLE", "340", "0.8", "t=4.22"],
        ["A2", "Blank1", "BLANK", "340", "0.1", "t=4.22"],
    ]


def test_gen5_tables_with_a_row_a_read(tmp_path):
    text = f"{GEN5_HEAD}Well\tA1\tA2\nOD600:600\t0.1\t0.2\nGFP:485,530\t300\tOVRFLW\n"
    assert cells(formats.read(save(tmp_path, text)), "od", "WELL", "ANALYTE", "VALUE") == [
        ["A1", "OD600:600", "0.1"], ["A2", "OD600:600", "0.2"], ["A1", "GFP:485,530", "300"],
        ["A2", "GFP:485,530", ""],
    ]  # fmt: skip


def test_rows_that_grow_shorter_are_no_matrix(tmp_path):
    """A laboratory's notes are refused, not tripped over."""
    with pytest.raises(InputErrors):
        formats.read(save(tmp_path, "# a, b\nUsed x, y, z and q\nAdded w\n# c\nAdded v, u\n"))


def test_qupath_columns_that_were_chosen(tmp_path):
    """Without the places of the objects, with a decimal comma."""
    text = ("Image\tClass\tNum Detections\tNum Positive\tPositive %\n"
            "P1_CD3.svs\tTumor\t200\t25\t12,5\nP1_CD3.svs\tStroma\t100\t1\t1,0\n")  # fmt: skip
    path = save(tmp_path, text)
    assert formats.detect(path)[0] == "qupath"
    assert cells(formats.read(path), "percent_positive", "WELL", "SAMPLE", "VALUE") == [
        ["Tumor", "P1_CD3", "12.5"], ["Stroma", "P1_CD3", "1.0"]
    ]  # fmt: skip


# --- workbooks of other kinds ---------------------------------------------------------------------

MSD = [["Plate Name", "Sample", "Assay", "Well", "Spot", "Dilution", "Concentration", "Signal",
        "Detection Range"],
       ["P1", "S001", "IL-6", "A01", 1, 1, 1000, 250000.5, ""],
       ["P1", "Pat 1", "IL-6", "B01", 1, 2, 12.5, 4000, "In Detection Range"]]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_an_instrument_reads_alike_from_workbooks_of_any_kind(tmp_path, kind):
    """.xls is Excel's XML of 2003 here; values, rows of the sheet and a layout agree."""
    rows = [[], *MSD]
    grid = [["", *range(1, 13)], ["A", "S001", "Pat 1"]]
    if kind == "xlsx":
        path, layout = book(tmp_path, {"R": rows}), book(tmp_path, {"L": grid}, "layout.xlsx")
    else:
        path, layout = tmp_path / f"file.{kind}", tmp_path / f"layout.{kind}"
        written = sheets.ods if kind == "ods" else lambda s: sheets.xml_2003(s).encode()
        path.write_bytes(written({"R": rows}))
        layout.write_bytes(written({"L": grid}))
    assert formats.detect(path)[0] == "msd"
    got = formats.read(path)
    assert cells(got, "signal", "WELL", "SAMPLE", "VALUE", "LINE") == [
        ["P1:A1", "S001", "250000.5", "3"], ["P1:B1", "Pat 1", "4000", "4"]
    ]  # fmt: skip
    assert read_layout(layout, "l")["SAMPLE"].tolist()[:2] == ["S001", "Pat 1"]


def test_a_text_format_named_for_a_workbook_of_2003_is_refused(tmp_path):
    path = save(tmp_path, sheets.xml_2003({"R": MSD}), "a.xls")
    with pytest.raises(InputErrors, match="The file is a workbook"):
        formats.read(path, fmt="biomark")


# --- Gen5 with commas -----------------------------------------------------------------------------

GEN5_CSV = (
    "Software Version,3.04.17\n\nPlate Number,Plate 1\nReader Type:,x\n\n"
    "OD:600\n\nTime,T° OD:600,A1,A2,A3\n0:08:14,37.0,0.1,0.2,0.3\n0:18:14,37.0,0.4,0.5,0.6\n\n"
    "GFP:485,530[2]\n\nTime,T° GFP:485,530[2],A1,A2,A3\n0:09:31,37.0,852,958,947\n"
    "0:19:31,36.9,881,954,955\n\n"
    "Results\n\nWell,A1,A2,A3\nMax V [OD:600],0.14,4.47,4.55\nt at Max V [OD:600],2:13:14,0:05:00,"
    "0:00:30\nMax V [GFP:485,530[2]],-2000,5600,8300\n"
)


def test_gen5_reads_named_by_two_wavelengths_in_text_with_commas(tmp_path):
    """`GFP:485,530` is one cell although nothing quotes it: no well moves, no read is another's."""
    path = save(tmp_path, GEN5_CSV, "a.csv")
    assert formats.detect(path) == ("gen5", "3.04.17")
    got = formats.read(path)
    assert cells(got, "kinetic", "ANALYTE", "WELL", "VALUE", "FLAGS")[6:9] == [
        ["GFP:485,530[2]", "A1", "852", "t=0:09:31"],
        ["GFP:485,530[2]", "A2", "958", "t=0:09:31"],
        ["GFP:485,530[2]", "A3", "947", "t=0:09:31"],
    ]
    assert len(cells(got, "kinetic", "WELL")) == 12


def test_gen5_results_with_a_row_a_result_are_derived(tmp_path):
    """A slope is no optical density; 2:13:14 is 7994 seconds."""
    got = formats.read(save(tmp_path, GEN5_CSV, "a.csv"))
    assert set(got["QUANTITY"]) == {"kinetic", "derived"}
    assert cells(got, "derived", "ANALYTE", "VALUE", "UNIT") == [
        ["Max V [OD:600]", "0.14", ""], ["Max V [OD:600]", "4.47", ""],
        ["Max V [OD:600]", "4.55", ""],
        ["t at Max V [OD:600]", "7994", "s"], ["t at Max V [OD:600]", "300", "s"],
        ["t at Max V [OD:600]", "30", "s"],
        ["Max V [GFP:485,530[2]]", "-2000", ""], ["Max V [GFP:485,530[2]]", "5600", ""],
        ["Max V [GFP:485,530[2]]", "8300", ""],
    ]  # fmt: skip


def test_gen5_results_of_curves_that_were_not_exported(tmp_path):
    """A list, and a grid: neither a slope nor a lag is a density."""
    rows = "Max V [OD:600]\t0.14\t4.47\nLagtime [OD:600]\t0:01:00\t0:02:00\n"
    text = f"{GEN5_HEAD}Well\tA1\tA2\n{rows}"
    got = formats.read(save(tmp_path, text))
    assert set(got["QUANTITY"]) == {"derived"}
    assert got["VALUE"].tolist() == ["0.14", "4.47", "60", "120"]
    text = f"{GEN5_HEAD}Results\n\t1\t2\nA\t0.14\t4.47\tMax V [600]\n"
    assert set(formats.read(save(tmp_path, text))["QUANTITY"]) == {"derived"}


def test_gen5_lists_of_blanked_readings_and_of_a_read_that_recurs(tmp_path):
    text = f"{GEN5_HEAD}Well\tA1\tA2\n450\t0.1\t0.2\n450\t0.3\t0.4\nBlank 450\t0.05\t0.15\n"
    got = formats.read(save(tmp_path, text))
    assert cells(got, "od", "ANALYTE", "WELL", "VALUE") == [
        ["450", "A1", "0.1"], ["450", "A2", "0.2"], ["450 #2", "A1", "0.3"], ["450 #2", "A2", "0.4"]
    ]  # fmt: skip
    assert cells(got, "net_od", "ANALYTE", "VALUE") == [["450", "0.05"], ["450", "0.15"]]


def test_an_error_of_excel_is_no_value(tmp_path):
    """Beside a reading that is not there at all: only one of them was tried."""
    rows = [[*MSD[0]], MSD[1], [*MSD[2][:6], "#DIV/0!", 4000, ""], [*MSD[2][:6], "", 4000, ""]]
    rows[0][6], rows[3][3] = "Calc. Concentration", "C01"
    got = formats.read(book(tmp_path, {"R": rows}))
    assert cells(got, "result", "WELL", "VALUE", "TEXT", "FLAGS")[-1] == [
        "P1:B1", "", "#DIV/0!", "no_value"
    ]  # fmt: skip


# --- NanoString: many lanes in one table ----------------------------------------------------------

LANES = [
    ["File Name", "", "", "r_01.RCC", "r_02.RCC"], ["Sample ID", "", "", "P1", "P2"],
    ["Owner", "", "", "x", "x"], ["Lane ID", "", "", 1, 2], ["FOV Count", "", "", 280, 280],
    ["FOV Counted", "", "", 280, 140], ["Binding Density", "", "", 1.11, 0.75],
    ["Cartridge ID", "", "", "C1", "C1"], ["Messages", "", "", "", "w"],
    ["Code Class", "Name", "Accession", 7.0, 9.0], ["Positive", "POS_A(128)", "ERCC_1", 9917, 8808],
    ["Negative", "NEG_A(0)", "ERCC_2", 2, 1], ["Endogenous", "CCL2", "NM_1", 623, 398],
    ["Housekeeping", "GAPDH", "NM_2", 7000, 6000],
]  # fmt: skip


def lanes_of(rows, tmp_path, kind):
    if kind == "xlsx":
        return book(tmp_path, {"RCC Collection": [[], ["File Attributes"], *rows]})
    return save(tmp_path, "\n".join(",".join(map(str, r)) for r in rows), "a.csv")


@pytest.mark.parametrize(("kind", "line"), [("csv", 13), ("xlsx", 15)])
def test_lanes_in_one_table(tmp_path, kind, line):
    path = lanes_of(LANES, tmp_path, kind)
    assert formats.detect(path) == ("rcc_collector", "")
    got = formats.read(path)
    columns = ("SAMPLE", "WELL", "TASK", "ANALYTE", "VALUE", "FLAGS", "LINE")
    assert cells(got, "count", *columns)[4] == [
        "P1", "C1:1", "SAMPLE", "CCL2", "623", "class=Endogenous", str(line)
    ]  # fmt: skip
    assert cells(got, "fov_counted", "SAMPLE", "VALUE") == [["P1", "280"], ["P2", "140"]]
    assert cells(got, "binding_density", "VALUE") == [["1.11"], ["0.75"]]
    assert cells(got, "said", "VALUE") == [["1"]]  # one lane has messages


def test_lanes_whose_samples_do_not_tell_them_go_by_their_files(tmp_path):
    """Two lanes of one sample would be normalised as one."""
    rows = [LANES[0], ["Sample ID", "", "", "P1", "P1"], *LANES[2:]]
    got = formats.read(lanes_of(rows, tmp_path, "csv"))
    assert set(got.loc[got["QUANTITY"] == "count", "SAMPLE"]) == {"r_01", "r_02"}


def test_a_table_of_counts_without_attributes_of_lanes(tmp_path):
    rows = [["CodeClass", "Name", "Accession", "GSM1", "GSM2"], *LANES[10:]]
    path = lanes_of(rows, tmp_path, "csv")
    assert formats.detect(path)[0] == "rcc_collector"
    got = formats.read(path)
    assert cells(got, "count", "SAMPLE", "VALUE")[-2:] == [["GSM1", "7000"], ["GSM2", "6000"]]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*LANES[:12], ["Endogenous", "CCL2", "NM_1", 623.25, 398]], "they were normalised"),
        ([["CodeClass", "Name", "Accession", "G", "G"], *LANES[10:]], "Two lanes carry one name"),
        ([*LANES[:12], ["Endogenous", "CCL2", "NM_1", "many", 398]], "A cell is no number"),
    ],
)
def test_lanes_that_cannot_be_taken_as_they_are(tmp_path, rows, said):
    with pytest.raises(InputErrors, match=said):
        formats.read(lanes_of(rows, tmp_path, "csv"))
