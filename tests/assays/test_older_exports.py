"""Layouts of older software, raw exports, and exports that a spreadsheet saved again."""

from __future__ import annotations

import pytest

from sclerotrial.assays import formats
from sclerotrial.errors import InputErrors
from tests.assays.written import book, cells, save, softmax


def test_bioplex_raw_readings_have_their_beads_beside_them(tmp_path):
    rows = [["File Name: run\\a.rbx"], ["Reader Serial Number: LX100"], [],
            ["Well", "Type", "EBP (35)", "RBP2b (13)", "Region", "Total"],
            ["A1", "Blank1", "20 (150)", "10.5 (127)", "*812", 1080],
            ["A2", "S1", "15710.5 (52)", "7907 (50)", "*319", 576],
            ["B1", "Unknown013", "2712 (61)", "*** (0)", "300", 500]]  # fmt: skip
    got = formats.read(book(tmp_path, {"raw": rows}))
    assert cells(got, "median_mfi", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1", "Blank1", "BLANK", "EBP (35)", "20", ""],
        ["A1", "Blank1", "BLANK", "RBP2b (13)", "10.5", ""],
        ["A2", "S1", "STANDARD", "EBP (35)", "15710.5", ""],
        ["A2", "S1", "STANDARD", "RBP2b (13)", "7907", ""],
        ["B1", "Unknown013", "SAMPLE", "EBP (35)", "2712", ""],
        ["B1", "Unknown013", "SAMPLE", "RBP2b (13)", "", "no_value"],
    ]  # fmt: skip
    assert [v for (v,) in cells(got, "count", "VALUE")] == ["150", "127", "52", "50", "61", "0"]


def test_quantstudio_reads_the_holes_of_an_openarray(tmp_path):
    text = "* Block Type = OpenArray\n\n[Results]\n"
    text += "Well\tWell Position\tSample Name\tTarget Name\tCt\n"
    text += "1\tA1a1\tS1\tHs1\t29.099\n2\tA1a2\tS1\tHs2\tUndetermined\n"
    got = formats.read(save(tmp_path, text))
    assert cells(got, "ct", "WELL", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1a1", "Hs1", "29.099", ""], ["A1a2", "Hs2", "", "undetermined"],
    ]  # fmt: skip


def test_softmax_saved_again_by_a_spreadsheet_is_read_by_its_commas(tmp_path):
    text = softmax("Endpoint", ["562"], (3, 2, 96, 1, 1),
                   [["", "Temperature(C)", "A1", "A2"], ["", 25.0, 0.034, 0.033]])  # fmt: skip
    got = formats.read(save(tmp_path, text.replace("\t", ","), "file.csv"))
    assert cells(got, "od", "WELL", "ANALYTE", "VALUE") == [
        ["A1", "562", "0.034"], ["A2", "562", "0.033"],
    ]  # fmt: skip


def test_softmax_plate_exported_without_its_raw_readings_has_the_reduced_ones(tmp_path):
    rows = [["", "Temperature(C)", "A1", "A2"], ["", 25.0], [], ["", "", "A1", "A2"],
            ["", "", 299000, 301000]]  # fmt: skip
    got = formats.read(save(tmp_path, softmax("Endpoint", ["590"], (3, 2, 96, 1, 1), rows)))
    assert cells(got, "od", "WELL", "VALUE", "FLAGS") == [
        ["A1", "299000", "reduced"], ["A2", "301000", "reduced"],
    ]  # fmt: skip


def test_tecan_layout_written_beside_the_readings_is_no_reading(tmp_path):
    read = [
        ["Application: SparkControl", "", "V2.3"],
        ["Measurement mode", "Absorbance"],
        ["Measurement wavelength", "600"],
        [],
        ["<>", 1, 2, 3],
        ["A", 0.1, "OVER", 0.3],
    ]
    names = [["Samples"], ["<>", 1, 2, 3], ["A", "gfp", "media", ""]]
    got = formats.read(book(tmp_path, {"Result sheet": read, "metadata": names}))
    assert cells(got, "od", "WELL", "VALUE", "FLAGS") == [
        ["A1", "0.1", ""], ["A2", "", ">"], ["A3", "0.3", ""],
    ]  # fmt: skip


def test_sds_1_tells_the_dye_in_lines_above_each_detector(tmp_path):
    """A well that did not amplify has no fifth cell."""
    text = ("Detector,Reporter,Start,End,Threshold\nSYBR,SYBR,(Auto),(Auto),Auto:0.55\n"
            "Well,SampleName,Start,End,Ct\n1,ACT,1,17,24.0792\n2,ACT,1,30\n"
            "Detector,Reporter,Start,End,Threshold\nROX2,ROX,(Auto),(Auto),Auto:0.2\n"
            "Well,SampleName,Start,End,Ct\n1,ACT,1,17,31.5\n")  # fmt: skip
    assert cells(formats.read(save(tmp_path, text)), "ct", "WELL", "ANALYTE", "VALUE") == [
        ["1", "SYBR", "24.0792"], ["2", "SYBR", ""], ["1", "ROX2", "31.5"],
    ]  # fmt: skip


def test_sds_1_of_the_7700_has_a_column_of_dyes_and_wells_that_were_not_used(tmp_path):
    text = ("Well\tReporter\tType\tBaseline StdDev\tdeltaRn\tCt\tQuantity\tReplicate\tSample Name\n"
            "1\tSYBR\t\t\t\t\t\t\t\n2\tSYBR\tUNKN\t3.8e-03\t2.99\t25.47\t\t0\tD3\n"
            "3\tSYBR\tNTC\t1.3e-03\t0.1\t40\t\t0\twater\n")  # fmt: skip
    got = formats.read(save(tmp_path, text))
    assert cells(got, "ct", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE") == [
        ["2", "D3", "SAMPLE", "SYBR", "25.47"], ["3", "water", "NTC", "SYBR", "40"],
    ]  # fmt: skip


def test_sds_table_is_read_from_a_workbook(tmp_path):
    rows = [["Well", "Sample Name", "Target Name", "Task", "Reporter", "Ct", "Ct Mean"],
            [1, "m1", "shal", "UNKNOWN", "SYBR", 31.95, 31.7],
            [2, "w", "shal", "NTC", "SYBR", "Undetermined", ""]]  # fmt: skip
    got = formats.read(book(tmp_path, {"Sheet1": rows, "Sheet2": []}))
    assert cells(got, "ct", "WELL", "SAMPLE", "TASK", "VALUE", "FLAGS") == [
        ["1", "m1", "SAMPLE", "31.95", ""], ["2", "w", "NTC", "", "undetermined"],
    ]  # fmt: skip


def test_lightcycler_absolute_quantification_names_the_crossing_point(tmp_path):
    text = (
        '"Experiment Name"\t"Analysis Name"\tIncluded\tPosition\t"SampleName"\tCrossingPoint\n'
        '"R"\t"Abs Quant"\t1\tA1\t"Day0"\t14.25\n"R"\t"Abs Quant"\t1\tA2\t"Day2"\t13.9\n'
    )
    assert cells(formats.read(save(tmp_path, text)), "ct", "WELL", "SAMPLE", "VALUE") == [
        ["A1", "Day0", "14.25"], ["A2", "Day2", "13.9"],
    ]  # fmt: skip


def test_gen5_list_without_a_header_leaves_its_statistics_out(tmp_path):
    """The second well of a sample carries no ID; 100 is how much it was diluted."""
    text = ("Well ID\tName\tWell\tConc/Dil\t480,520\tCount\tMean\tStd Dev\tCV (%)\n"
            "SPL1\t\tA3\t100\t130\t2\t140\t13\t9.631\n\t\tA4\t100\t149\t\t\t\t\n"
            "BLK\tSample blank\tH1\t\t31\t1\t31\t\t\n"
            "STD1\t\tA1\t50\t9000\t1\t9000\t\t\n")  # fmt: skip
    got = formats.read(save(tmp_path, text))
    assert cells(got, "od", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE", "DILUTION") == [
        ["A3", "SPL1", "SAMPLE", "480,520", "130", "100"],
        ["A4", "SPL1", "SAMPLE", "480,520", "149", "100"],
        ["H1", "Sample blank", "BLANK", "480,520", "31", ""],
        ["A1", "STD1", "STANDARD", "480,520", "9000", ""],
    ]  # fmt: skip
    assert cells(got, "expected", "SAMPLE", "VALUE") == [["STD1", "50"]]


def test_rdml_with_points_in_place_of_reactions_has_no_ct(tmp_path):
    """The schema wants a target below each data element, and the points below that."""
    text = ('<rdml version="1.2"><experiment id="e"><run id="r"><react id="1">'
            '<sample id="a"/><data cyc="1" fluor="0.1"/><data cyc="2" fluor="0.2"/>'
            "</react></run></experiment></rdml>")  # fmt: skip
    with pytest.raises(InputErrors, match="The document has no reactions"):
        formats.read(save(tmp_path, text, "a.rdml"))
