"""Readers of instruments, each on a small file in its format."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import formats
from sclerotrial.errors import InputErrors
from tests.assays.written import book, cells, save

# --- bead arrays ----------------------------------------------------------------------------------

BIOPLEX = [
    ["File Name: a.rbx"], ["Analyte: Hu IL-6 (19)"], ["Acquisition Date: x"], [],
    ["Analyte", "Type", "Well", "Outlier", "Description", "FI", "FI - Bkgd", "%CV", "Obs Conc",
     "Exp Conc", "Dilution", "Bead Count"],
    ["Hu IL-6 (19)", "B", "A1", 0, "", 12.5, 0, "", "", "", 1, 80],
    ["Hu IL-6 (19)", "S1", "B1", 0, "", 20000, 19987.5, "", 1000.5, 1000, 1, 81],
    ["Hu IL-6 (19)", "C1", "C1", 0, "High", 9000, 8987.5, "", 101, 100, 1, 82],
    ["Hu IL-6 (19)", "X1", "D1,E1", 0, 275001.0, 33, 20.5, 4.2, "*4.12", "", 4, 83],
    ["Hu IL-6 (19)", "X2", "F1", 1, "P2", 13, 0.5, "", "OOR <", "", 4, 84],
    [], ["*Value extrapolated beyond standard range"],
]  # fmt: skip


def test_bioplex_workbook(tmp_path):
    path = book(tmp_path, {"Hu IL-6 (19)": BIOPLEX})
    assert formats.detect(path)[0] == "bioplex"
    got = formats.read(path)
    assert cells(got, "result", "SAMPLE", "VALUE", "FLAGS", "DILUTION") == [
        ["S1", "1000.5", "", "1"], ["C1", "101", "", "1"], ["275001", "4.12", "extrapolated", "4"],
        ["P2", "", "< outlier", "4"],
    ]  # fmt: skip
    assert cells(got, "expected", "SAMPLE", "TASK", "VALUE") == [
        ["S1", "STANDARD", "1000"], ["C1", "CONTROL", "100"]
    ]  # fmt: skip
    assert cells(got, "median_mfi", "WELL", "TASK")[3] == ["D1,E1", "SAMPLE"]
    assert cells(got, "count", "VALUE")[0] == ["80"]


def test_bioplex_text_with_a_decimal_comma(tmp_path):
    text = "\n".join("\t".join(str(c).replace(".", ",") for c in r) for r in BIOPLEX)
    got = formats.read(save(tmp_path, text, encoding="utf-16"))
    assert cells(got, "result", "VALUE")[0] == ["1000.5"]


XML = """<?xml version="1.0"?>
<bpm:BioPlexManager xmlns:bpm="x" BioPlexManagerVersion="6.1">
<Wells><Well RowNo="2" ColNo="3"><BeadRegions><BeadRegion RegionNumber="19">
<RegionCount>77</RegionCount></BeadRegion></BeadRegions></Well></Wells>
<StandardCurves><Interpolators><Interpolator><AnalyteName>IL-6</AnalyteName>
<ConcentrationUnits>pg/ml</ConcentrationUnits></Interpolator></Interpolators></StandardCurves>
<Samples><Standards><Standard><Label>S1</Label><Description/><Dilution>1.0E+000</Dilution>
<Analytes><Analyte RegionNumber="19"><AnalyteName>IL-6</AnalyteName>
<ExpectedConc>5.0E+002</ExpectedConc></Analyte></Analytes>
<MemberWells><MemberWell RowNo="1" ColNo="1"><MWAnalytes><MWAnalyte RegionNumber="19">
<AnalyteName>IL-6</AnalyteName><Reading Valid="true" OutlierType="Manual">9.0E+003</Reading>
</MWAnalyte></MWAnalytes></MemberWell></MemberWells></Standard></Standards>
<Unknowns><Unknown><Label>X1</Label><Description>P1</Description><Dilution>4.0E+000</Dilution>
<MemberWells><MemberWell RowNo="2" ColNo="3"><MWAnalytes><MWAnalyte RegionNumber="19">
<AnalyteName>IL-6</AnalyteName><Reading Valid="true" OutlierType="None">1.5E+002</Reading>
<MWObsConc ReadingOK="true">7.25E+000</MWObsConc>
</MWAnalyte></MWAnalytes></MemberWell></MemberWells></Unknown></Unknowns></Samples>
</bpm:BioPlexManager>"""


def test_bioplex_xml(tmp_path):
    path = save(tmp_path, XML, "a.xml")
    assert formats.detect(path) == ("bioplex_xml", "6.1")
    got = formats.read(path)
    assert cells(got, "median_mfi", "WELL", "SAMPLE", "TASK", "FLAGS", "DILUTION") == [
        ["A1", "S1", "STANDARD", "outlier", "1"], ["B3", "P1", "SAMPLE", "", "4"]
    ]  # fmt: skip
    assert cells(got, "count", "WELL", "VALUE") == [["B3", "77"]]
    assert [float(v) for (v,) in cells(got, "expected", "VALUE")] == [500.0]
    assert cells(got, "result", "UNIT") == [["pg/ml"]]


def test_cut_xml_is_refused(tmp_path):
    with pytest.raises(InputErrors, match="cut or not well formed"):
        formats.read(save(tmp_path, XML[:-200], "a.xml"))


def test_intelliflex(tmp_path):
    text = (
        "INSTRUMENT TYPE,SOFTWARE VERSION,WELL LOCATION,SAMPLE ID,IL6: RP1 MEDIAN,IL6: RP1 COUNT,"
        "IL6: RP2 MEDIAN\nINTELLIFLEX,Bundle - 2.0.1/Rest - 1,A1,Standard1,900.5,60,7\n"
        "INTELLIFLEX,Bundle - 2.0.1/Rest - 1,B1,P1,50.25,61,8\n"
    )
    path = save(tmp_path, text, "a.csv")
    assert formats.detect(path) == ("intelliflex", "2.0.1")
    got = formats.read(path)
    assert cells(got, "median_mfi", "WELL", "TASK", "ANALYTE", "VALUE") == [
        ["A1", "STANDARD", "IL6", "900.5"], ["A1", "STANDARD", "IL6 RP2", "7"],
        ["B1", "SAMPLE", "IL6", "50.25"], ["B1", "SAMPLE", "IL6 RP2", "8"],
    ]  # fmt: skip


# --- plate readers --------------------------------------------------------------------------------

HEAD = "\t".join(["Plate:", "P1", "1.3", "PlateFormat", "Endpoint", "Absorbance", "Raw", "FALSE",
                  "1", "", "", "", "", "", "", "2", "450 570", "1", "3", "96"])  # fmt: skip
SOFTMAX = f"""##BLOCKS= 3
{HEAD}
\tTemperature(°C)\t1\t2\t3\t\t1\t2\t3
\t22.1\t1.5\t0.75\t0.25\t\t0.05\t0.04\t0.03
\t\t1.4\t0,70\t0.20\t\t0.06\t0.05\t0.04

~End
Group: Standards
Sample\tConc pg/mL\tWells\tOD\tBackCalcConc
01\t100\tA1\t1.5\t99.5
 \t \tB1\t1.4\t 
02\t50\tA2\tMasked\t50.5

Group Column\tFormula Name\tFormula
~End
Group: Unknowns
Sample\tWells\tValues\tResult\tDilution
01\tB2\t0.70\t45.5\t4
02\tA3\t0.25\tRange?\t4

~End
"""  # noqa: W291


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_softmax(tmp_path, encoding):
    path = save(tmp_path, SOFTMAX, encoding=encoding)
    assert formats.detect(path)[0] == "softmax"
    got = formats.read(path)
    od = got[(got["QUANTITY"] == "od") & (got["ANALYTE"] == "450")]
    assert od[["WELL", "SAMPLE", "TASK", "VALUE", "FLAGS"]].to_numpy().tolist() == [
        ["A1", "Standards 01", "STANDARD", "1.5", ""],
        ["A2", "Standards 02", "STANDARD", "0.75", "masked"],
        ["A3", "02", "SAMPLE", "0.25", ""],
        ["B1", "Standards 01", "STANDARD", "1.4", ""],
        ["B2", "01", "SAMPLE", "0.70", ""],
        ["B3", "", "UNASSIGNED", "0.20", ""],
    ]
    assert cells(got, "result", "WELL", "VALUE", "FLAGS", "DILUTION")[-2:] == [
        ["B2", "45.5", "", "4"], ["A3", "", "out_of_range", "4"]
    ]  # fmt: skip
    expected = got[(got["QUANTITY"] == "expected") & (got["ANALYTE"] == "450")]
    assert expected[["SAMPLE", "VALUE", "UNIT"]].to_numpy().tolist() == [
        ["Standards 01", "100", "pg/mL"], ["Standards 02", "50", "pg/mL"]
    ]  # fmt: skip


GEN5 = """Software Version\t3.12.08

Plate Number\tPlate 1
Reader Type:\tn/a
Reading Type\tReader

Layout
\t1\t2\t3
A\tSTD1\tSPL1:1\tBLK\tWell ID
\t100\t1\t\tConc/Dil
B\tSTD2\tSPL1:2\tSPL2\tWell ID
\t50\t0.25\t\tConc/Dil

Results
\t1\t2\t3
A\t1.5\t0.9\t0.05\t450
\t100.5\t60\t?????\t[Concentration]
B\t*0.8*\t0.3\tOVRFLW\t450
\t?????\t<5.5\t>200\t[Concentration]
"""


def test_gen5(tmp_path):
    path = save(tmp_path, GEN5)
    assert formats.detect(path) == ("gen5", "3.12.08")
    got = formats.read(path)
    assert cells(got, "od", "WELL", "SAMPLE", "TASK", "VALUE", "FLAGS", "DILUTION") == [
        ["A1", "STD1", "STANDARD", "1.5", "", ""], ["A2", "SPL1", "SAMPLE", "0.9", "", "1"],
        ["A3", "BLK", "BLANK", "0.05", "", ""], ["B1", "STD2", "STANDARD", "0.8", "masked", ""],
        ["B2", "SPL1", "SAMPLE", "0.3", "", "4"], ["B3", "SPL2", "SAMPLE", "", ">", ""],
    ]  # fmt: skip
    assert cells(got, "expected", "SAMPLE", "VALUE") == [["STD1", "100"], ["STD2", "50"]]
    assert ["B2", "5.5", "<"] in cells(got, "result", "WELL", "VALUE", "FLAGS")


GRID = [[None, 1, 2, 3], ["A", 1.5, 0.5, 0.25], ["B", 1.4, 0.45, 0.2]]


def test_skanit(tmp_path):
    def grid(label, body):
        return [[label, 1, 2, 3], *([row, *values] for row, values in zip("AB", body, strict=True))]

    names = [["Std0001", "Un0001", "Un0002"], ["Std0002", "Un0001", "Blank1"]]
    path = book(tmp_path, {
        "Absorbance 1_01": [["Measurement results"], ["Absorbance 1"], ["Plate 1"], [],
                            *grid("Abs", [[1.5, 0.5, 0.25], [1.4, 0.45, 0.05]]), [],
                            *grid("Sample", names)],
        "Curve": [["Standard Curve 1"], *grid("Conc. [pg/ml]", [[99, 30, " < Min"], [52, 29,
        None]])],
        "General information": [["", "Report generated with SW version",
                                 "SkanIt Software 6.1 RE, ver. 6.1.0.51"]],
        "Layout definitions": [[None, 1, 2, 3], ["A", *names[0]],
                               [None, "100 pg/ml", "1:4", "1:4"], ["B", *names[1]],
                               [None, "50 pg/ml", "1:4", None]],
    })  # fmt: skip
    assert formats.detect(path)[0] == "skanit"
    got = formats.read(path)
    assert cells(got, "od", "WELL", "SAMPLE", "TASK", "VALUE", "DILUTION")[:3] == [
        ["A1", "Std0001", "STANDARD", "1.5", ""], ["A2", "Un0001", "SAMPLE", "0.5", "4"],
        ["A3", "Un0002", "SAMPLE", "0.25", "4"],
    ]  # fmt: skip
    assert ["A3", "", "<"] in cells(got, "result", "WELL", "VALUE", "FLAGS")
    assert cells(got, "expected", "SAMPLE", "VALUE", "UNIT") == [
        ["Std0001", "100", "pg/ml"], ["Std0002", "50", "pg/ml"]
    ]  # fmt: skip


def test_tecan_lists_wells(tmp_path):
    rows = [["Well positions", "Label1", "Label2"], [None, "0s", "0s"]]
    rows += [[f"{r}{c}", 0.1 * c, 0.05] for r in "AB" for c in range(1, 5)]
    rows += [["Date of measurement: 2021"], ["Instrument serial number: 1"],
             ["Measurement wavelength: 450 nm"], ["Measurement wavelength: 620 nm"]]  # fmt: skip
    path = book(tmp_path, {"Magellan Sheet 1": rows})
    assert formats.detect(path)[0] == "tecan"
    got = formats.read(path)
    assert got["ANALYTE"].unique().tolist() == ["450", "620"]
    assert got.loc[(got["WELL"] == "B3") & (got["ANALYTE"] == "450"), "VALUE"].astype(
        float
    ).tolist() == pytest.approx([0.3])
    assert set(got["TASK"]) == {"UNASSIGNED"}


# --- qPCR -----------------------------------------------------------------------------------------


def test_cfx_and_its_cr_line_ends(tmp_path):
    text = (
        ",Well,Fluor,Target,Content,Sample,Cq,Starting Quantity (SQ)\r"
        ",A01,SYBR,COL1A1,Unkn-1,P1,24.5,N/A\r,A02,SYBR,COL1A1,Unkn-2,P2,NaN,N/A\r"
        ",A03,SYBR,COL1A1,Std-1,,20.25,1.00E+05\r,A04,SYBR,COL1A1,NTC,,0.00,N/A\r"
    )
    path = save(tmp_path, text, "a.csv")
    assert formats.detect(path)[0] == "cfx"
    got = formats.read(path)
    assert cells(got, "ct", "WELL", "SAMPLE", "TASK", "VALUE", "FLAGS") == [
        ["A1", "P1", "SAMPLE", "24.5", ""], ["A2", "P2", "SAMPLE", "", "undetermined"],
        ["A3", "Std-1", "STANDARD", "20.25", ""], ["A4", "NTC", "NTC", "", "undetermined"],
    ]  # fmt: skip
    assert cells(got, "expected", "VALUE") == [["1.00E+05"]]


def test_biomark(tmp_path):
    text = (
        "Chip Run Filename,a.bml\nApplication Version,2.1.1\n\n"
        "Chamber,Sample,Sample,Sample,EvaGreen,EvaGreen,Ct,Ct,Ct\n"
        "ID,Name,Type,rConc,Name,Type,Value,Quality,Call\n"
        "S01-A01,P1,Unknown,1,COL1A1,Test,18.5,1,Pass\n"
        "S01-A02,P1,Unknown,1,GAPDH,Test,999,0,Fail\nS01-A03,P1,NTC,1,CCN2,Test,30.5,0,Fail\n"
    )
    path = save(tmp_path, text, "a.csv")
    assert formats.detect(path) == ("biomark", "2.1.1")
    assert cells(formats.read(path), "ct", "ANALYTE", "TASK", "VALUE", "FLAGS") == [
        ["COL1A1", "SAMPLE", "18.5", ""], ["GAPDH", "SAMPLE", "", "undetermined"],
        ["CCN2", "NTC", "30.5", "failed"],
    ]  # fmt: skip


def test_sds_with_and_without_titles(tmp_path):
    plain = (
        "1\tplate\tA1\tPassed\tP1\tCOL1A1\tTarget\t24.5\n"
        "2\tplate\tA2\tFlagged\tP1\tCCN2\tTarget\tUndetermined\n"
    )
    other = plain + "3\tplate\tA3\tPassed\tP1\tGAPDH\tEndogenous Control\t18.25\n"
    got = formats.read(save(tmp_path, other))
    assert cells(got, "ct", "WELL", "ANALYTE", "VALUE", "FLAGS") == [
        ["A1", "COL1A1", "24.5", ""], ["A2", "CCN2", "", "undetermined flagged"],
        ["A3", "GAPDH", "18.25", ""],
    ]  # fmt: skip
    titled = (
        "SDS 2.3\tAQ Results\n\nWell\tSample Name\tDetector Name\tTask\tCt\n"
        "1\tP1\tCOL1A1\tUnknown\t24.5\n"
    )
    path = save(tmp_path, titled, "b.txt")
    assert formats.detect(path) == ("sds", "2.3")
    assert cells(formats.read(path), "ct", "WELL", "VALUE") == [["1", "24.5"]]


RDML = """<rdml version="1.2" xmlns="http://www.rdml.org">
<sample id="P1"><type>unkn</type></sample><sample id="S1"><type>std</type><quantity>
<value>1000</value></quantity></sample><experiment id="e"><run id="r"><pcrFormat><rows>8</rows>
<columns>12</columns></pcrFormat><react id="13"><sample id="P1"/><data><tar id="COL1A1"/>
<cq>24.5</cq></data></react><react id="2"><sample id="S1"/><data><tar id="COL1A1"/><cq>-1.0</cq>
</data></react></run></experiment></rdml>"""


@pytest.mark.parametrize("packed", [True, False])
def test_rdml(tmp_path, packed):
    path = tmp_path / "a.rdml"
    if packed:
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("rdml_data.xml", RDML)
    else:
        path.write_text(RDML)
    assert formats.detect(path) == ("rdml", "1.2")
    got = formats.read(path)
    assert cells(got, "ct", "WELL", "SAMPLE", "TASK", "VALUE", "FLAGS") == [
        ["B1", "P1", "SAMPLE", "24.5", ""], ["A2", "S1", "STANDARD", "", "undetermined"]
    ]  # fmt: skip


def test_quantstudio_as_csv_with_hash_settings(tmp_path):
    text = (
        "# Experiment Name: x\n# Block Type: 96-Well\n# Instrument Type: QuantStudio 7 Pro\n"
        "Well,Well Position,Omit,Sample,Target,Task,Cq\n1,A1,false,P1,COL1A1,UNKNOWN,24.5\n"
        "2,A2,true,P1,GAPDH,UNKNOWN,UNDETERMINED\n"
    )
    path = save(tmp_path, text, "a.csv")
    assert formats.detect(path) == ("quantstudio", "QuantStudio 7 Pro")
    assert cells(formats.read(path), "ct", "WELL", "VALUE", "FLAGS") == [
        ["A1", "24.5", ""], ["A2", "", "undetermined omit"]
    ]  # fmt: skip


# --- tissue ---------------------------------------------------------------------------------------


def test_qupath_without_a_column_of_positives(tmp_path):
    text = (
        "Name\tClass\tROI\tCentroid X µm\tNum Negative\tPositive %\tArea µm^2\n"
        "R1\tDermis\tArea\t1,5\t200\t0\t1000,5\n"
    )
    path = save(tmp_path, text, "P1_CD3.txt", "cp1252")
    assert formats.detect(path)[0] == "qupath"
    got = formats.read(path)
    assert set(got["SAMPLE"]) == {"P1_CD3"}
    assert cells(got, "num_positive", "VALUE", "FLAGS") == [["0", "absent"]]
    assert cells(got, "area", "WELL", "VALUE") == [["Dermis", "1000.5"]]


def test_qupath_cells_are_counted(tmp_path):
    """1 cell 3+, 1 cell 1+, 2 negative: half positive, H-score 25 * 3 + 25 * 1 = 100."""
    rows = ["Image\tName\tClass\tParent\tROI\tCentroid X µm\tNucleus: DAB OD mean"]
    rows += [
        f"a.svs\t\tTumor: {c}\tR1\tPolygon\t1\t0.2" for c in ("3+", "1+", "Negative", "Negative")
    ]
    got = formats.read(save(tmp_path, "\n".join(rows), "a.txt"))
    assert cells(got, "percent_positive", "SAMPLE", "VALUE") == [["a", "50.0"]]
    assert cells(got, "h_score", "VALUE") == [["100.0"]]


def test_a_slide_without_annotations_leaves_a_row(tmp_path):
    got = formats.read(save(tmp_path, "Name\n\n", "P1.txt"))
    assert got["FLAGS"].tolist() == ["no_annotations"]


@pytest.mark.parametrize("wide", [True, False])
def test_ihc_scores(tmp_path, wide):
    text = (
        "Sample ID;CD3 H-score;CD3 % positive\nP1;120,5;40\n" if wide
        else "Sample ID;Marker;H-score;% positive\nP1;CD3;120,5;40\n"
    )  # fmt: skip
    path = save(tmp_path, text, "a.csv")
    assert formats.detect(path)[0] == "ihc"
    got = formats.read(path)
    assert cells(got, "h_score", "SAMPLE", "ANALYTE", "VALUE") == [["P1", "CD3", "120.5"]]
    assert cells(got, "percent_positive", "ANALYTE", "VALUE") == [["CD3", "40"]]


RCC = """<Header>
FileVersion,1.7
SoftwareVersion,4.0.0.3
</Header>
<Sample_Attributes>
ID,P1
</Sample_Attributes>
<Lane_Attributes>
ID,4
FovCount,280
FovCounted,270
BindingDensity,0.80
CartridgeID,C1
</Lane_Attributes>
<Code_Summary>
CodeClass,Name,Accession,Count
Endogenous,COL1A1,NM_1,347
Housekeeping,GAPDH,NM_2,5000
Positive,POS_A(128),ERCC_1,20000
Negative,NEG_A(0),ERCC_2,5
</Code_Summary>
"""


def test_nanostring(tmp_path):
    path = save(tmp_path, RCC, "a.RCC")
    assert formats.detect(path) == ("nanostring", "4.0.0.3")
    got = formats.read(path)
    assert cells(got, "count", "ANALYTE", "TASK", "VALUE", "FLAGS", "LINE")[0] == [
        "COL1A1", "SAMPLE", "347", "class=Endogenous", "17"
    ]  # fmt: skip
    assert RCC.splitlines()[16].startswith("Endogenous,COL1A1")
    assert set(got["WELL"]) == {"C1:4"}
    with pytest.raises(InputErrors, match="ends before its counts"):
        formats.read(save(tmp_path, RCC[:-20], "b.RCC"))


SERIES = """!Series_title\t"x"
!Sample_title\t"P1 baseline"\t"P1 month 6"
!Sample_geo_accession\t"GSM1"\t"GSM2"
!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"
"P_1"\t7.25\t8.5
"P_2"\t5.125\tnull
!series_matrix_table_end
"""


@pytest.mark.parametrize("packed", [True, False])
def test_geo_series_matrix(tmp_path, packed):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(SERIES.encode()) if packed else SERIES.encode())
    assert formats.detect(path) == ("geo", "series matrix")
    got = formats.read(path).astype(str)
    assert got[["WELL", "SAMPLE", "ANALYTE", "VALUE", "LINE"]].to_numpy().tolist() == [
        ["GSM1", "P1 baseline", "P_1", "7.25", "6"], ["GSM1", "P1 baseline", "P_2", "5.125", "7"],
        ["GSM2", "P1 month 6", "P_1", "8.5", "6"], ["GSM2", "P1 month 6", "P_2", "", "7"],
    ]  # fmt: skip
    assert list(got.columns) == formats.COLUMNS


def test_cut_series_matrix_is_refused(tmp_path):
    with pytest.raises(InputErrors, match="the file was cut"):
        formats.read(save(tmp_path, SERIES[:-20]))


@pytest.mark.parametrize("ending", ["tsv", "csv", "gct", "parquet", "tsv.gz"])
def test_expression_matrices(tmp_path, ending):
    frame = pd.DataFrame({"gene": ["COL1A1", "CCN2", "COMP"], "P1": [7.25, 5.5, 1.0],
                          "P2": [8.5, 4.25, 2.0]})  # fmt: skip
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "gct":
        body = frame.assign(Description="x")[["gene", "Description", "P1", "P2"]]
        path.write_text("#1.2\n3\t2\n" + body.to_csv(sep="\t", index=False))
    else:
        text = frame.to_csv(sep="," if ending == "csv" else "\t", index=False).encode()
        path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    assert formats.detect(path)[0] == "expression"
    got = formats.read(path).astype(str)
    assert got.loc[got["SAMPLE"] == "P2", "VALUE"].tolist() == ["8.5", "4.25", "2.0"]
    assert got["ANALYTE"].tolist() == ["COL1A1", "CCN2", "COMP"] * 2


@pytest.mark.parametrize(
    "text",
    [
        "gene,P1,P2\nA,1,2,\nB,3,4,\n",  # a delimiter behind the last cell of the rows
        "gene,P1,P2,\nA,1,2,\nB,3,4,\n",  # of the header, too
        "gene,P1,P2,\nA,1,2\nB,3,4\n",  # of the header alone
        "P1,P2\nA,1,2\nB,3,4\n",  # as R writes it: no title of the first column
        "P1,P2,\nA,1,2,\nB,3,4,\n",
        "Probe Set ID,P1,P2\nA,1,2,\nB,3,4,\n",
    ],
)
def test_delimiters_at_the_ends_of_a_matrix(tmp_path, text):
    got = formats.read(save(tmp_path, text, "a.csv")).astype(str)
    assert got[["SAMPLE", "ANALYTE", "VALUE"]].to_numpy().tolist() == [
        ["P1", "A", "1.0"], ["P1", "B", "3.0"], ["P2", "A", "2.0"], ["P2", "B", "4.0"]
    ]  # fmt: skip


def test_a_matrix_whose_samples_cannot_be_told_is_refused(tmp_path):
    """P1 of one reading is P2 of the other."""
    with pytest.raises(InputErrors, match="Every row ends with an empty cell"):
        formats.read(save(tmp_path, "P0,P1,P2\nA,1,2,\nB,3,4,\n", "a.csv"))


def test_a_table_of_results_is_no_matrix(tmp_path):
    text = "Symbol,logFC,AveExpr,P.Value\nA,1.5,7,0.01\nB,-1,6,0.2\nC,0.5,5,0.9\n"
    with pytest.raises(InputErrors, match="of no known assay format"):
        formats.read(save(tmp_path, text, "a.csv"))


# --- wide panels ----------------------------------------------------------------------------------

LONG = (
    "SampleID;Index;OlinkID;UniProt;Assay;Panel;PlateID;QC_Warning;LOD;NPX\n"
    "P1;1;OID1;P1;IL6;Inflammation;A;PASS;1.5;3.25\nP1;1;OID2;P1;IL6;Oncology;A;WARN;1.0;0.5\n"
    "CONTROL_1;2;OID1;P1;IL6;Inflammation;A;PASS;1.5;2.0\n"
)


@pytest.mark.parametrize("how", ["csv", "zip", "parquet"])
def test_olink_long(tmp_path, how):
    path = tmp_path / f"a.{how}"
    if how == "zip":
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("README.txt", "x")
            z.writestr("npx.csv", LONG)
    elif how == "parquet":
        pd.read_csv(io.StringIO(LONG), sep=";").to_parquet(path)
    else:
        path.write_text(LONG)
    assert formats.detect(path)[0] == "olink"
    got = formats.read(path)
    assert cells(got, "npx", "SAMPLE", "TASK", "ANALYTE", "FLAGS") == [
        ["P1", "SAMPLE", "IL6 OID1", ""], ["P1", "SAMPLE", "IL6 OID2", "qc_warning"],
        ["CONTROL_1", "CONTROL", "IL6 OID1", ""],
    ]  # fmt: skip
    assert [float(v) for (v,) in cells(got, "npx", "VALUE")] == [3.25, 0.5, 2.0]
    assert [float(v) for (v,) in cells(got, "lod", "VALUE")] == [1.5, 1.0]


def test_olink_wide(tmp_path):
    path = book(tmp_path, {"NPX": [
        ["x", "NPX Signature 1.5.2"], ["NPX data"],
        ["Panel", "Inflammation", "Inflammation", "Inflammation", "Inflammation"],
        ["Assay", "IL6", "CCL2", "Plate ID", "QC Warning"], ["Uniprot ID", "P1", "P2"],
        ["OlinkID", "OID001", "OID002"], [],
        ["P1", 3.25, 4.5, "plate", "Pass"], ["P2", -0.5, "NaN", "plate", "Warning"], [],
        ["LOD", 1.5, -0.25], ["Missing Data freq.", 0, 0.1],
    ]})  # fmt: skip
    assert formats.detect(path)[0] == "olink"
    got = formats.read(path)
    assert cells(got, "npx", "SAMPLE", "ANALYTE", "VALUE", "FLAGS") == [
        ["P1", "IL6", "3.25", ""], ["P1", "CCL2", "4.5", ""], ["P2", "IL6", "-0.5", "qc_warning"],
        ["P2", "CCL2", "", "qc_warning"],
    ]  # fmt: skip
    assert cells(got, "lod", "ANALYTE", "VALUE") == [["IL6", "1.5"], ["CCL2", "-0.25"]]


def test_adat(tmp_path):
    lines = [
        "^HEADER", "!AssayVersion\tV4.1", "^TABLE_BEGIN", "\t\t\t\tSeqId\t100-1\t200-2",
        "\t\t\t\tUnits\tRFU\tRFU", "\t\t\t\tColCheck\tPASS\tFLAG",
        "PlatePosition\tSampleId\tSampleType\tRowCheck", "H9\tP1\tSample\tPASS\t\t500.5\t20.25",
        "H8\tC1\tCalibrator\tFLAG\t\t400\t10",
    ]  # fmt: skip
    path = save(tmp_path, "\n".join(lines), "a.adat")
    assert formats.detect(path) == ("adat", "V4.1")
    got = formats.read(path)
    assert cells(got, "rfu", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE", "FLAGS") == [
        ["H9", "P1", "SAMPLE", "100-1", "500.5", ""],
        ["H9", "P1", "SAMPLE", "200-2", "20.25", "col_check"],
        ["H8", "C1", "STANDARD", "100-1", "400", "row_check"],
        ["H8", "C1", "STANDARD", "200-2", "10", "row_check col_check"],
    ]


def test_msd_tables_and_grids(tmp_path):
    table = (
        "Plate Name,Sample,Assay,Well,Spot,Dilution,Concentration,Signal,Calc. Concentration,"
        "Detection Range\nPL1,S001,IL-6,A01,3,1,500,90000,498.5,In Detection Range\n"
        "PL1,P1,IL-6,B01,3,2,,120,NaN,Below Fit Curve Range\n"
    )
    path = save(tmp_path, table, "a.csv")
    assert formats.detect(path)[0] == "msd"
    got = formats.read(path)
    assert cells(got, "signal", "WELL", "SAMPLE", "TASK", "VALUE", "DILUTION") == [
        ["PL1:A1", "S001", "STANDARD", "90000", "1"], ["PL1:B1", "P1", "SAMPLE", "120", "2"]
    ]  # fmt: skip
    assert cells(got, "result", "VALUE", "FLAGS") == [["498.5", ""], ["", "<"]]
    grid = (
        "Version : MMPR 1.0.38\nBarcode1 : [PL1]\n"
        "\nData\n\t1\t2\t3\t4\nA\t10\t20\t30\t40\n\t11\t21\t31\t41\nB\t50\t60\t70\t80\n"
    )
    path = save(tmp_path, grid, "b.txt")
    assert formats.detect(path) == ("methodical_mind", "MMPR 1.0.38")
    got = formats.read(path)
    assert ["A2", "Spot 2", "21"] in got[["WELL", "ANALYTE", "VALUE"]].to_numpy().tolist()


def test_asm(tmp_path):
    document = {
        "$asm.manifest": "http://purl.allotrope.org/manifests/plate-reader/REC/2024/06/x",
        "plate reader aggregate document": {"plate reader document": [{
            "measurement aggregate document": {"measurement document": [{
                "sample document": {"sample identifier": "P1", "location identifier": "A1",
                                    "sample role type": "unknown sample role"},
                "absorbance": {"value": 1.25, "unit": "mAU"},
                "detector wavelength setting": {"value": 450, "unit": "nm"},
            }]}}]},
    }  # fmt: skip
    path = save(tmp_path, json.dumps(document), "a.json")
    assert formats.detect(path)[0] == "asm"
    got = formats.read(path)
    assert cells(got, "od", "WELL", "SAMPLE", "TASK", "ANALYTE", "VALUE") == [
        ["A1", "P1", "SAMPLE", "450", "1.25"]
    ]  # fmt: skip


# --- all ------------------------------------------------------------------------------------------


def test_every_reader_gives_the_columns_of_the_tidy_table():
    for name, module in formats.FORMATS.items():
        assert name == module.NAME
        assert callable(module.sniff)
        assert callable(module.read)


#: neither plates, slides nor matrices: sheets of samples, annotations, results of analyses
BESIDE = {
    "b_immunoassay/SerolyzeR/P1_SEROPED_PBT_62PLEX_PLATE1_03312023_RUN001_layout.xlsx",
    "b_immunoassay/olink/npx_data1.rda", "b_immunoassay/olink/npx_data1_meta.csv",
    "b_immunoassay/somascan/test-anno.xlsx",
    "c_tissue/GEO_SSc_skin/GSE58095_all_sample_annotatiions.txt.gz",
    "c_tissue/GEO_SSc_skin/GSE58095_metadata_verified.tsv",
    "c_tissue/GEO_SSc_skin/groupSSc_DEG_results.csv", "c_tissue/HTqPCR/files.txt",
    "c_tissue/nanostring/3D_SolidTumor_PhenoData.csv",
}  # fmt: skip


def test_every_real_file_of_an_instrument_is_read(realdata):
    files = [p for part in ("b_immunoassay",
             "c_tissue") for p in sorted((realdata / part).rglob("*"))
             if p.is_file()]  # fmt: skip
    refused = set()
    for path in files:
        try:
            got = formats.read(path)
            assert np.array_equal(got.columns, formats.COLUMNS)
            assert len(got)
        except InputErrors:
            refused.add(path.relative_to(realdata).as_posix())
    assert refused == BESIDE
    assert len(files) - len(refused) == 105
