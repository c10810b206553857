"""What files say of their own trustworthiness becomes rows, each with its line."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest

from sclerotrial.assays import formats, read_files
from sclerotrial.assays.formats._dates import order_of, readings_of
from sclerotrial.assays.quantify import quantify
from sclerotrial.assays.run_said import lost
from tests.assays.written import book, save

WELLS = [("A", 50.0, "1", 80), ("B", 9.0, "1", 80)]
HEAD = """"Country Code","{locale}"
"BatchStartTime","{batch}"
"Most Recent Calibration and Verification Results:"
"Last CAL Calibration","{cal}"
"Last VER Verification","Passed {seen}"
"Last Fluidics Test","{fluidics}"

"CALInfo:"
"Calibrator"
"Lot","ExpirationDate","CalibrationTime","Result","MachineSerialNo"
"C03633","{calibrator}","{seen}","{result}","MAGPX1"

"AssayLotInfo:"
"Reagent","LotName","LotNumber","ExpirationDate","Manufacturer"
"Standard1","","L77","{standard}","X"
"Control1","","","",""

"""
GOOD = {
    "locale": "409", "batch": "3/23/2024 10:43:37 AM", "seen": "3/22/2024 9:13:06 AM",
    "cal": "Passed 3/22/2024 9:13:06 AM", "fluidics": "Passed 3/23/2024 3:08:01 AM",
    "calibrator": "8/29/2025", "result": "Pass", "standard": "03/24/2024",
}  # fmt: skip
AMBIGUOUS = {"batch": "3/5/2024 10:00", "seen": "3/4/2024", "cal": "Passed 3/4/2024",
             "fluidics": "Passed 3/4/2024", "standard": "4/3/2024",
             "calibrator": "8/9/2025"}  # fmt: skip


def said(table):
    """Check, verdict, line and text of what a file says."""
    mine = table[table["TASK"] == "RUN"]
    return [(*r.FLAGS.split(), int(r.LINE), r.TEXT) for r in mine.itertuples()]


@pytest.fixture
def xponent(tmp_path, make_plate):
    def read(messages="", audit="", **head):
        text = make_plate(WELLS).replace('"Samples"', HEAD.format(**GOOD | head) + '"Samples"', 1)
        end = '"DataType:","Warnings/Errors"\n"Location","Status","Message"\n'
        log = '"DataType:","Audit Logs"\n"UserId","Date","Message"\n' + audit + "\n"
        return save(tmp_path, text.replace(end, log + end + messages), "plate.csv")

    return read


@pytest.mark.parametrize(
    ("text", "order", "days"),
    [
        ("05/11/2022", "mdy", {date(2022, 5, 11)}),
        ("05/11/2022", "dmy", {date(2022, 11, 5)}),
        ("05/11/2022", "", {date(2022, 5, 11), date(2022, 11, 5)}),
        ("28/02/2014 21:44:35", "mdy", {date(2014, 2, 28)}),
        ("2023-03-31 13:27", "dmy", {date(2023, 3, 31)}),
        ("28.02.14", "dmy", {date(2014, 2, 28)}),
        ("21-Jun-2011, 01:47 PM", "", {date(2011, 6, 21)}),
        ("31/02/2014", "dmy", set()),
        ("<none>", "", set()),
    ],
)
def test_days_that_a_text_may_mean(text, order, days):
    assert readings_of(text, order) == days


@pytest.mark.parametrize(
    ("texts", "locale", "order"),
    [
        (["05/11/2022", "09/15/2022"], "", "mdy"),
        (["28/02/2014"], "409", "dmy"),
        (["28/02/2014", "02/28/2014"], "409", ""),
        (["05/11/2022"], "409", "mdy"),
        (["05/11/2022"], "809", "dmy"),
        (["05/11/2022"], "7F", "mdy"),
        (["05/11/2022"], "407", "dmy"),
        (["05/11/2022"], "1009", ""),
        (["2022-11-05"], "", ""),
    ],
)
def test_order_of_day_and_month(texts, locale, order):
    assert order_of(texts, locale) == order


def test_a_file_in_order_says_nothing(xponent):
    assert said(formats.read(xponent())) == []


@pytest.mark.parametrize(
    ("head", "check", "verdict", "line", "words"),
    [
        ({"cal": "Failed 3/22/2024 9:13:06 AM"}, "calibration", "fail", 7, "failed"),
        ({"cal": ""}, "calibration", "note", 7, "tells no result"),
        ({"fluidics": "Lot Expired 3/23/2024"}, "lot_expired", "fail", 9, "lot had expired"),
        ({"result": "Fail"}, "calibration", "fail", 14, "lot C03633 did not pass"),
        ({"standard": "03/22/2024"}, "lot_expired", "fail", 18,
         "Standard1 lot L77 expired on 2024-03-22, before the batch of 2024-03-23"),
        ({"standard": "Expired"}, "lot_expired", "fail", 18, "the file says"),
        ({"standard": "soon"}, "lot_expiry", "note", 18, "cannot be read"),
        ({"calibrator": "3/21/2024"}, "lot_expired", "fail", 14, "lot C03633 expired"),
        ({"calibrator": "3/22/2024"}, "lot_expired", "note", 14, "it was good when"),
        ({"batch": ""}, "lot_expiry", "note", 14, "the batch has no date"),
        ({**AMBIGUOUS, "locale": ""}, "lot_expiry", "note", 18, "order of day and month"),
        ({**AMBIGUOUS, "locale": "809"}, "lot_expired", "fail", 18, "expired on 2024-03-04"),
    ],
)  # fmt: skip
def test_a_finding_of_an_xponent_file(xponent, head, check, verdict, line, words):
    found = said(formats.read(xponent(**head)))
    told = {f[:3]: f[3] for f in found}
    assert words in told[check, verdict, line]
    assert len(found) == (2 if head == {"batch": ""} else 1)


def test_the_order_of_the_locale_settles_an_expiry(xponent):
    """4/3/2024 against 3/5/2024: with the month first the lot is good for another month."""
    assert said(formats.read(xponent(**AMBIGUOUS | {"locale": "409"}))) == []


def test_messages_of_an_acquisition_are_told_by_kind(xponent):
    rows = [("1,A1", "Ok", "had at least one region that did not reach the specified count."),
            ("1,B1", "Ok", "had at least one region that did not reach the specified count."),
            ("1,C1", "Error", "Jane Doe spilled it")]  # fmt: skip
    messages = "".join(f'"{a}","{b}","{c}"\n' for a, b, c in rows)
    table = formats.read(xponent(messages))
    few, other = said(table)
    assert few[:2] == ("instrument_warning", "note") and few[3].endswith("asked for: A1, B1")
    assert other[:2] == ("instrument_warning", "fail") and "Jane" not in other[3]
    assert table.loc[table["TASK"] == "RUN", "VALUE"].tolist() == ["2", "1"]


def test_an_audit_log_is_counted_and_its_users_are_not_shown(xponent):
    log = '"jdoe","3/23/2024","Invalidated well A3"\n"jdoe","3/23/2024","Renamed"\n'
    removed, other = said(formats.read(xponent(audit=log)))
    assert "1 times of readings removed or made invalid: A3" in removed[3]
    assert "1 entries of other changes" in other[3] and "jdoe" not in str([removed, other])


def test_what_is_said_reaches_quality_and_changes_no_level(xponent, make_assay):
    head = {"cal": "Failed 3/22/2024", "standard": "1/1/2024"}
    plain, _ = quantify("a", make_assay(), formats.read(xponent()), None)
    levels, quality = quantify("a", make_assay(), formats.read(xponent(**head)), None)
    assert levels.equals(plain)
    told = quality[quality["CHECK"].isin(["calibration", "lot_expired"])]
    assert told[["CHECK", "VERDICT", "LEVEL", "FILE"]].to_numpy().tolist() == [
        ["calibration", "fail", "line 7", "plate.csv"],
        ["lot_expired", "fail", "line 18", "plate.csv"],
    ]


def test_readings_without_a_number_are_counted(tmp_path, make_plate, make_assay):
    """One of two replicates is NaN: the level is of the other, and a row says so."""
    text = make_plate([("A", 50.0, "1", 80), ("A", 50.0, "1", 80)])
    at = text.index('"A","')
    end = text.index('","', at + 5)
    path = save(tmp_path, text[: at + 5] + "NaN" + text[end:], "plate.csv")
    levels, quality = quantify("a", make_assay(), formats.read(path), None)
    (told,) = quality[quality["CHECK"] == "no_number"].itertuples()
    assert (told.VALUE, told.VERDICT, levels["N_REP"].tolist()) == (1, "note", [1])
    assert told.MESSAGE == "1 of 22 readings (median_mfi), the cell is empty or NaN: E3"


def test_many_of_a_kind_are_one_row(xponent):
    """Five reagents past their expiry: one row, with their number and lines."""
    more = "03/22/2024" + "".join(
        f'","X"\n"Standard{i}","","L{i}","03/22/2024' for i in range(2, 6)
    )
    table = formats.read(xponent(standard=more))
    (one,) = said(table)
    assert one[:3] == ("lot_expired", "fail", 18)
    assert one[3].endswith("so 5 times, lines 18, 19, 20, 21, 22")
    assert table.loc[table["TASK"] == "RUN", "VALUE"].tolist() == ["5"]


def test_saturated_wells_of_a_plate_reader_are_told(make_assay):
    """OVRFLW has no number, so that no method would speak of the well; 2 of 4, and one masked."""
    rows = [("A1", "1.5", ""), ("A2", "", ">"), ("A3", "", ">"), ("A4", "", "masked")]
    blank = dict.fromkeys(formats.COLUMNS, "") | {"FILE": "f", "QUANTITY": "od"}
    table = pd.DataFrame([blank | {"WELL": w, "VALUE": v, "FLAGS": f} for w, v, f in rows])
    (told,) = lost(make_assay(), table)
    assert told["MESSAGE"] == ("2 of 4 readings (od), above what the instrument can measure "
                               "(overflow, saturated): A2, A3")  # fmt: skip
    assert lost(make_assay(method="as_given", signal="result"), table) == []


QPCR = """* Calibration Background is expired  = Yes
* Calibration FAM is expired = No
* Calibration ROX is expired = Yes
* Experiment Type = Comparative
* Instrument Type = QuantStudio 7

[Results]
Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tCT\tAmp Status\tHIGHSD\tEXPFAIL
1\tA1\tfalse\tIM01\tGAPDH\tUNKNOWN\t18.25\tAmp\tY\tN
2\tA2\tfalse\tIM01\tGAPDH\tUNKNOWN\t31.25\tNo Amp\tY\tY
3\tA3\tfalse\tIM01\tCTGF\tUNKNOWN\tUndetermined\tNo Amp\tN\tY
4\tA4\tfalse\t\tCTGF\tNTC\tUndetermined\tNo Amp\tN\tY
"""


def test_a_qpcr_export(tmp_path):
    """Flags of wells without a Ct and of negative controls are what is expected of them."""
    found = said(formats.read(save(tmp_path, QPCR)))
    assert found == [
        ("calibration", "fail", 1,
         "2 calibrations of the instrument had expired: Background, ROX"),
        ("instrument_flag", "note", 9,
         "The software flags wells, HIGHSD (replicates differ): A1, A2"),
        ("instrument_flag", "note", 10, "The software flags wells although they have a Ct, EXPFAIL"
         " (no exponential phase): A2"),
        ("instrument_flag", "note", 10,
         "The software tells of wells although they have a Ct, Amp Status No Amp: A2"),
    ]  # fmt: skip


BIOPLEX = [
    ["Analyte: IL-6 (19)"], ["Acquisition Date: 21-Jun-2011, 01:47 PM"],
    ["Standard Lot: 5024 Expiration Date: 01-Jan-2011"], [],
    ["Type", "Well", "Description", "FI", "Obs Conc", "Exp Conc", "Sampling Errors"],
    ["S1", "A1", "", 100, 10, 10, ""], ["X1", "B1", "IM01", 50, 5, "", "1,2"],
    ["X2", "C1", "IM02", 60, 6, "", "1"],
]  # fmt: skip


def test_bioplex_sheets(tmp_path):
    sheets = {"IL-6 (19)": BIOPLEX, "IL-8 (54)": [["Analyte: IL-8 (54)"], *BIOPLEX[1:]]}
    expired, few, clumped = said(formats.read(book(tmp_path, sheets)))
    assert expired == ("lot_expired", "fail", 3, "Standard lot 5024 expired on 2011-01-01, before"
                       " the batch of 2011-06-21")  # fmt: skip
    assert few[3] == "Sampling error 1 (low number of beads) in wells: B1, C1"
    assert clumped[3] == "Sampling error 2 (aggregated beads) in wells: B1"


BIOPLEX_XML = """<bpm:BioPlexManager xmlns:bpm="x" BioPlexManagerVersion="6.2"><Wells>
<Well RowNo="1" ColNo="1"><RunSettings><WellRerun>true</WellRerun></RunSettings></Well></Wells>
<Unknown><Label>X1</Label><Description>IM01</Description><Dilution>1</Dilution><MemberWells>
<MemberWell RowNo="1" ColNo="1"><MWAnalytes><MWAnalyte RegionNumber="12">
<AnalyteName>IL-6</AnalyteName><Reading Valid="true" Code="4" OutlierType="None">50</Reading>
</MWAnalyte></MWAnalytes></MemberWell></MemberWells></Unknown>
<Interpolator><AnalyteName>IL-6</AnalyteName><EquationErr>Unable</EquationErr></Interpolator>
</bpm:BioPlexManager>"""


def test_bioplex_xml(tmp_path):
    found = [f[3] for f in said(formats.read(save(tmp_path, BIOPLEX_XML, "a.xml")))]
    assert found == [
        "Sampling error 4 (selection of regions) in wells: A1",
        "The software could not fit the standard curve of 1 analytes",
        "Wells were read again: A1",
    ]


def test_tables_with_a_column_of_flags(tmp_path):
    """MSD: words of the detection range that are limits are read, others are told."""
    text = (
        "Acquisition Date: 2024-02-01\nCalibrator Lot: Z1 Expiration Date: 2024-01-31\n"
        "Plate Name\tSample\tAssay\tWell\tSpot\tSignal\tCalc. Concentration\tDetection Range"
        "\tExcluded\n"
        "P1\tIM01\tIL-6\tA1\t1\t500\t5\tIn Detection Range\tNo\n"
        "P1\tIM02\tIL-6\tA2\t1\t50\t\tBelow Detection Range\tYes\n"
    )
    found = said(formats.read(save(tmp_path, text)))
    assert "Calibrator lot Z1 expired on 2024-01-31" in found[0][3]
    assert [f[:3] for f in found] == [("lot_expired", "fail", 2), ("instrument_flag", "note", 5)]
    assert found[1][3] == "The software marks wells, Excluded Yes (kept): A2"


def test_olink_plates(tmp_path):
    text = (
        "SampleID;OlinkID;Assay;PlateID;WellID;NPX;PlateQC;SampleQC\n"
        "IM01;OID1;IL6;P1;A1;1.5;PASS;PASS\nIM02;OID1;IL6;P2;A1;1.6;FAIL;EXCLUDED\n"
    )
    table = formats.read(save(tmp_path, text))
    assert said(table) == [("plate_check", "fail", 3, "PlateQC of plate P2: FAIL")]
    assert table.loc[table["QUANTITY"] == "npx", "FLAGS"].tolist() == ["", "qc_warning"]


def test_nanostring_messages_and_expiry(tmp_path):
    text = (
        "<Header>\nFileVersion,1.7\nSoftwareVersion,4.0\n</Header>\n<Sample_Attributes>\nID,IM01\n"
        "Date,20170113\n</Sample_Attributes>\n<Lane_Attributes>\nID,4\nCartridgeExpiration,20161231\n"
        "</Lane_Attributes>\n<Code_Summary>\nCodeClass,Name,Accession,Count\nEndogenous,IL6,NM,20\n"
        "</Code_Summary>\n<Messages>\nStage moved\n</Messages>\n"
    )
    message, expired = said(formats.read(save(tmp_path, text, "a.RCC")))
    assert message[:3] == ("instrument_warning", "note", 18) and "Stage" not in message[3]
    assert expired[3] == "Cartridge expired on 2016-12-31, before the batch of 2017-01-13"


def test_adat_plates_and_notes(tmp_path):
    rows = [
        ["^HEADER"], ["!AssayVersion", "V4"], ["PlateScale_PassFlag_Set1", "FLAG"],
        ["PlateTailTest_Set1", "PASS"], ["^TABLE_BEGIN"], ["", "", "SeqId", "1-1"],
        ["SampleId", "SampleNotes", "", ""], ["IM01", "Jane Doe was late", "", "100"],
        ["IM02", "", "", "90"],
    ]  # fmt: skip
    found = said(formats.read(save(tmp_path, "\n".join("\t".join(r) for r in rows), "a.adat")))
    assert found == [
        ("plate_check", "fail", 3, "PlateScale_PassFlag of a plate: FLAG"),
        ("sample_notes", "note", 8, "1 samples carry SampleNotes, which are not shown; "
         "see the file"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("b_immunoassay/SerolyzeR/P1_SEROPED_PBT_62PLEX_PLATE1_03312023_RUN001.csv",
         [("lot_expired", "fail", 40)]),
        ("b_immunoassay/SerolyzeR/pone.0187901.s001.csv", [("instrument_warning", "note", 1199)]),
        ("b_immunoassay/SerolyzeR/CovidOISExPONTENT.csv", []),
        ("c_tissue/allotropy/quantstudio/appbio_quantstudio_example01.txt",
         [("calibration", "fail", 2)]),
        ("c_tissue/allotropy/quantstudio/appbio_quantstudio_example05.txt", []),
    ],
)  # fmt: skip
def test_real_files(realdata, name, found):
    """Lines told by grep: a fluidics lot that had expired, a well short of beads, nine expired
    calibrations."""
    assert [f[:3] for f in said(formats.read(realdata / name))] == found


def test_findings_pass_by_the_pattern(xponent, tmp_path, make_assay):
    """A pattern that asks for a name is for readings: findings have none, and lose nothing."""
    path = xponent(cal="Failed 3/22/2024")
    assay = make_assay(pattern="(?P<sample>.)(?P<region>.*)")
    table = read_files("a", assay, [path.as_posix()], tmp_path)
    assert [f[:3] for f in said(table)] == [("calibration", "fail", 7)]
    assert (table.loc[table["TASK"] == "RUN", ["SAMPLE", "WELL"]] == "").all(axis=None)


def test_findings_of_a_wide_panel_reach_quality(tmp_path, make_assay):
    text = "SampleID;OlinkID;Assay;PlateID;WellID;NPX;PlateQC\nIM01;OID1;IL6;P1;A1;1.5;FAIL\n"
    path = save(tmp_path, text, "npx.csv")
    assay = make_assay(wide=True, method="as_given", scores={}, scale="log2")
    table = read_files("a", assay, [path.as_posix()], tmp_path)
    _, quality = quantify("a", assay, table, None)
    assert quality["CHECK"].tolist() == ["plate_check"]


# --- chips, RDML, documents of the Allotrope model -----------------------------------------------


def test_biomark_chambers_called_failed(tmp_path):
    """Of two failed chambers one has a Ct; 999 is undetermined anyway."""
    text = (
        "Chip Run Filename,a.bml\nApplication Version,2.1.1\nQuality Threshold,0.65\n\n"
        "Chamber,Sample,Sample,Sample,EvaGreen,EvaGreen,Ct,Ct,Ct\n"
        "ID,Name,Type,rConc,Name,Type,Value,Quality,Call\n"
        "S01-A01,P1,Unknown,1,COL1A1,Test,18.5,1,Pass\n"
        "S01-A02,P1,Unknown,1,GAPDH,Test,999,0,Fail\nS01-A03,P1,Unknown,1,CCN2,Test,30,.6,Fail\n"
    )
    found = said(formats.read(save(tmp_path, text, "a.csv")))
    assert found == [
        ("instrument_flag", "note", 9,
         "The software calls 1 chambers failed (quality below 0.65) that have a Ct, kept")
    ]  # fmt: skip
    good = text.replace("Fail", "Pass")
    assert said(formats.read(save(tmp_path, good, "b.csv"))) == []


def test_rdml_notes_of_reactions_with_a_cq(tmp_path):
    """Without a Cq, or left out, the note says nothing new; unknown words are not shown."""
    reacts = [("24.5", "no plateau;Ncopy &lt; 10", ""), ("-1.0", "no amplification", ""),
              ("30", "Noisy Sample;no plateau", ""), ("31", "no plateau", "<excl>x</excl>"),
              ("22", "seen by Anna", "")]  # fmt: skip
    body = "".join(
        f'<react id="{i}"><sample id="P1"/><data><tar id="T"/><cq>{cq}</cq><note>{note}</note>{e}'
        "</data></react>" for i, (cq, note, e) in enumerate(reacts, 1)
    )  # fmt: skip
    text = (
        '<rdml version="1.3" xmlns="http://www.rdml.org"><experiment id="e"><run id="r"><pcrFormat>'
        f"<rows>8</rows><columns>12</columns></pcrFormat>{body}</run></experiment></rdml>"
    )
    found = said(formats.read(save(tmp_path, text, "a.rdml")))
    about = "The analysis notes of wells that have a Cq, "
    assert found == [
        ("instrument_flag", "note", 3, about + "noisy sample: A3"),
        ("instrument_flag", "note", 1, about + "no plateau: A1, A3"),
        ("sample_notes", "note", 1, "2 wells carry other notes, which are not shown; see the file"),
    ]


def test_messages_of_an_acquisition_in_a_document_of_the_model(tmp_path):
    """What the converter gives for a value without a number is no message of the instrument."""
    bead = "The acquisition had at least one region that did not reach the maximum count. (0x1)"
    dry = "The instrument was unable to detect any liquid in the well."

    def measured(place, *errors):
        return {
            "sample document": {"sample identifier": "P1", "location identifier": place},
            "absorbance": {"value": 0.5, "unit": "mAU"},
            "error aggregate document": {"error document": list(errors)},
        }

    some = [measured("A1", {"error": bead}), measured("A2", {"error": bead}, {"error": dry}),
            measured("A3", {"error": "NaN", "error feature": "Result"}),
            measured("A4", {"error": "Anna opened the lid"})]  # fmt: skip
    document = {"$asm.manifest": "http://x/REC/2025/03/x.manifest",
                "measurement aggregate document": {"measurement document": some}}  # fmt: skip
    found = said(formats.read(save(tmp_path, json.dumps(document), "a.json")))
    warns = "The instrument warns of wells, "
    assert found == [
        ("instrument_warning", "note", 1, warns + "fewer beads of a region than asked for: A1, A2"),
        ("instrument_warning", "note", 2, warns + "too little sample: A2"),
        ("instrument_warning", "note", 4, warns + "another message (status untold): A4"),
    ]
