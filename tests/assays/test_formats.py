"""Readers: detection by content, locales, truncation, refusals."""

from __future__ import annotations

import re

import pytest

from sclerotrial.assays import formats
from sclerotrial.assays.formats import xponent
from sclerotrial.errors import InputErrors

SAMPLES = [("IM01-BL-S", 50.0, "1", 80), ("IM01-BL-S", 50.0, "1", 80)]
QPCR = (
    "* Experiment Type = Comparative\n* Instrument Type = QuantStudio 7\n\n[Sample Setup]\nWell\n\n"
    "[Results]\n"
    "Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tReporter\t{ct}\tCt Mean\n"
    "1\tA1\tfalse\tIM01-BL-K\tGAPDH\tUNKNOWN\tFAM\t18.25\t18.3\n"
    "2\tA2\t{omit}\tIM01-BL-K\tGAPDH\tUNKNOWN\tFAM\t18,75\t18.3\n"
    "3\tA3\tfalse\tIM01-BL-K\tCTGF\tUNKNOWN\tFAM\tUndetermined\t\n"
    "4\tA4\tfalse\t\tCTGF\tNTC\tFAM\tUndetermined\t\n"
    "5\tA5\t\t\t\t\t\t\t\n"
    "\nAnalysis Type = Singleplex\n"
)


def save(tmp_path, text, name="plate.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(",", "."), (";", ","), (",", ","), ("\t", ".")]
)
def test_locales_read_alike(tmp_path, make_plate, delimiter, decimal):
    plain = formats.read(save(tmp_path, make_plate(SAMPLES)))
    path = save(tmp_path, make_plate(SAMPLES, delimiter=delimiter, decimal=decimal), "other.csv")
    other = formats.read(path, "plate.csv")
    assert formats.detect(path) == ("xponent", "4.2.1")
    assert other.drop(columns="TEXT").equals(plain.drop(columns="TEXT"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_read_alike(tmp_path, make_plate, encoding):
    text = make_plate(SAMPLES).replace('"Results"', '"SampleVolume","50 µl"\n\n"Results"')
    other = formats.read(save(tmp_path, text, encoding=encoding))
    assert other.equals(formats.read(save(tmp_path, text)))


def test_tasks_lines_and_dilution(tmp_path, make_plate):
    path = save(tmp_path, make_plate([("IM01-BL-S", 50.0, "4", 80)]))
    got = formats.read(path, "serum/plate.csv")
    assert list(got.columns) == formats.COLUMNS
    tasks = got[got["QUANTITY"] == "median_mfi"].groupby("TASK").size().to_dict()
    assert tasks == {"BLANK": 2, "STANDARD": 16, "CONTROL": 2, "SAMPLE": 1}
    mine = got[(got["SAMPLE"] == "IM01-BL-S") & (got["QUANTITY"] == "median_mfi")].iloc[0]
    assert (mine["DILUTION"], mine["WELL"], mine["FILE"]) == ("4", "E3", "serum/plate.csv")
    lines = path.read_text().splitlines()
    assert "IM01-BL-S" in lines[int(mine["LINE"]) - 1]
    assert got.loc[got["QUANTITY"] == "expected", "UNIT"].unique().tolist() == ["pg/mL"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"drop": ("Net MFI", 20)}, "1 of 22 wells are absent"),
        ({"declared": 96, "crc": False}, "22 wells, 96 samples declared"),
        ({"blocks": ("Count",)}, "neither a 'Median' nor a 'Net MFI'"),
    ],
)
def test_truncated_plates_are_refused(tmp_path, make_plate, changes, message):
    with pytest.raises(InputErrors, match=message):
        formats.read(save(tmp_path, make_plate(SAMPLES, **changes)))


def test_stopped_batch_is_read(tmp_path, make_plate):
    got = formats.read(save(tmp_path, make_plate(SAMPLES, declared=96)))
    assert (got["QUANTITY"] == "median_mfi").sum() == 22


def test_file_cut_within_a_line_is_refused(tmp_path, make_plate):
    text = make_plate(SAMPLES, blocks=("Median",))
    cut = text[: text.index("IM01-BL-S") + len("IM01-BL-S") - 2]
    with pytest.raises(InputErrors, match="The line is cut"):
        formats.read(save(tmp_path, cut))


def test_word_in_place_of_a_number_is_refused_and_not_shown(tmp_path, make_plate):
    text = re.sub(r'("IM01-BL-S",)"[\d.]+"', r'\1"Jane Doe"', make_plate(SAMPLES), count=1)
    with pytest.raises(InputErrors) as refused:
        formats.read(save(tmp_path, text))
    assert "no number" in str(refused.value)
    assert "Jane" not in str(refused.value)


@pytest.mark.parametrize("title", ["CT", "Cт", "Ct", "Cq", "CRT"])
@pytest.mark.parametrize("omit", ["true", "TRUE", "Yes"])
def test_quantstudio_titles(tmp_path, title, omit):
    path = save(tmp_path, QPCR.format(ct=title, omit=omit).replace("18,75", "18.75"), "q.txt")
    assert formats.detect(path) == ("quantstudio", "QuantStudio 7")
    got = formats.read(path)
    assert got["VALUE"].tolist() == ["18.25", "18.75", "", ""]
    assert got["FLAGS"].tolist() == ["", "omit", "undetermined", "undetermined"]
    assert got["TASK"].tolist() == ["SAMPLE", "SAMPLE", "SAMPLE", "NTC"]
    assert got["LINE"].tolist() == ["9", "10", "11", "12"]


def test_quantstudio_decimal_comma(tmp_path):
    text = QPCR.format(ct="CT", omit="false").replace("18.25", "18,25")
    assert formats.read(save(tmp_path, text, "q.txt"))["VALUE"].tolist()[:2] == ["18.25", "18.75"]


@pytest.fixture(scope="module")
def skin(root):
    """The shipped text export: 380 wells planned in its sample setup."""
    return (root / "data/raw/skin/quantstudio_skin.txt").read_text(encoding="utf-8")


def test_a_whole_quantstudio_export_is_read(tmp_path, skin):
    got = formats.read(save(tmp_path, skin, "q.txt"))
    assert (len(got), got["WELL"].nunique()) == (380, 380)
    assert got["WELL"].iloc[-1] == "P20"


# after line 600 of 782, between two wells, all lines are whole: only the setup tells of the rest
@pytest.mark.parametrize(("kept", "first", "lacking"), [(402, "A1", 380), (600, "I7", 182),
                                                        (781, "P20", 1)])  # fmt: skip
def test_a_quantstudio_export_cut_between_two_wells_is_refused(
    tmp_path, skin, kept, first, lacking
):
    cut = "".join(skin.splitlines(keepends=True)[:kept])
    with pytest.raises(InputErrors) as refused:
        formats.read(save(tmp_path, cut, "q.txt"))
    told = [p for p in refused.value.problems if "the file was cut" in p.what]
    assert len(told) == 1
    assert told[0].what.startswith(f"The results lack {lacking} of the 380 wells")
    assert told[0].where == f"q.txt, section Results; first lacking: well {first}"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.4, 0.5, 0.7, 0.9, 0.99])
def test_a_quantstudio_export_cut_anywhere_is_refused(tmp_path, skin, share):
    with pytest.raises(InputErrors):
        formats.read(save(tmp_path, skin[: int(share * len(skin))], "q.txt"))


def test_unknown_file_is_told_by_structure_only(tmp_path):
    path = save(tmp_path, "patient;Jane Doe;1970-01-01\nIM01;3;4\n")
    with pytest.raises(InputErrors) as refused:
        formats.read(path)
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert "semicolon, 3 columns" in lines[0]
    assert "xponent" in lines[2]
    assert "Jane" not in str(refused.value)
    assert "1970" not in str(refused.value)


def test_named_format_overrules_and_is_checked(tmp_path, make_plate):
    path = save(tmp_path, make_plate(SAMPLES))
    assert formats.detect(path, fmt="quantstudio")[0] == "quantstudio"
    with pytest.raises(InputErrors, match="Did you mean 'xponent'"):
        formats.detect(path, fmt="xponnt")


REAL = {
    "SerolyzeR/Chul_IgG3_1.csv": ("4.2.1324.0", 95, 10),
    "SerolyzeR/CovidOISExPONTENT.csv": ("4.2.1705.0", 96, 30),
    "SerolyzeR/CovidOISExPONTENT_CO.csv": ("4.2.1705.0", 49, 28),
    "SerolyzeR/P1_SEROPED_PBT_62PLEX_PLATE1_03312023_RUN001.csv": ("", 96, 62),
    "SerolyzeR/pone.0187901.s001.csv": ("3.1.871.0", 96, 30),
    "allotropy/luminex/luminex_xPONENT_example02.csv": ("4.3.229.0", 4, 2),
    "allotropy/luminex/luminex_xPONENT_example03.csv": ("4.3.229.0", 4, 2),
}


@pytest.mark.parametrize("name", REAL)
def test_real_xponent_files(realdata, name):
    """Wells and analytes counted in the files themselves."""
    path = realdata / "b_immunoassay" / name
    build, wells, analytes = REAL[name]
    assert formats.detect(path) == ("xponent", build)
    got = formats.read(path)
    median = got[got["QUANTITY"] == "median_mfi"]
    assert (median["WELL"].nunique(), median["ANALYTE"].nunique()) == (wells, analytes)
    assert len(median) == wells * analytes


@pytest.mark.parametrize(
    ("name", "rows", "undetermined"),
    [
        ("quantstudio/appbio_quantstudio_example01.txt", 16, 0),
        ("quantstudio/appbio_quantstudio_example05.txt", 16, 6),
        ("quantstudio/appbio_quantstudio_example06.txt", 9, 0),
        ("quantstudio/appbio_quantstudio_example08.xlsx", 36, 0),
        ("quantstudio/appbio_quantstudio_example10.xlsx", 8, 0),
        ("quantstudio_da/appbio_quantstudio_designandanalysis_QS1_Standard_Curve_example01.xlsx",
         96, 4),
    ],
)  # fmt: skip
def test_real_quantstudio_files(realdata, name, rows, undetermined):
    got = formats.read(realdata / "c_tissue" / "allotropy" / name)
    got = got[got["TASK"] != "RUN"]
    assert len(got) == rows
    assert got["FLAGS"].str.contains("undetermined").sum() == undetermined


def test_letters_name_standards_only_on_plates_of_letters(realdata, tmp_path, make_plate):
    got = formats.read(realdata / "b_immunoassay/SerolyzeR/CovidOISExPONTENT.csv")
    wells = got.drop_duplicates("WELL").groupby("TASK").size().to_dict()
    assert wells == {"BLANK": 1, "SAMPLE": 84, "STANDARD": 11}
    own = formats.read(save(tmp_path, make_plate([("B", 50.0, "1", 80), ("S", 50.0, "1", 80)])))
    assert set(own.loc[own["SAMPLE"].isin(["B", "S"]), "TASK"]) == {"SAMPLE"}


def test_real_files_of_others_are_refused(realdata):
    others = [
        realdata / "b_immunoassay/olink/npx_data1.rda",
        realdata / "b_immunoassay/olink/npx_data1_meta.csv",
        realdata / "b_immunoassay/somascan/test-anno.xlsx",
        realdata / "c_tissue/GEO_SSc_skin/groupSSc_DEG_results.csv",
        realdata / "c_tissue/HTqPCR/files.txt",
    ]
    for path in others:
        with pytest.raises(InputErrors, match="of no known assay format"):
            formats.read(path)


@pytest.mark.parametrize("written", ["about ", "1e999"])
def test_cells_that_are_no_number_are_told_together(root, tmp_path, written):
    plate = (root / "data/raw/serum/luminex_plate1.csv").read_text()
    plate = plate.replace('"IM03-BL-S","', f'"IM03-BL-S","{written}')
    (tmp_path / "plate.csv").write_text(plate)
    with pytest.raises(InputErrors) as caught:
        xponent.read(tmp_path / "plate.csv", "plate.csv")
    (only,) = caught.value.problems
    assert only.what.startswith("A cell is no number; so in ")
    assert "analyte IL-6" in only.where
