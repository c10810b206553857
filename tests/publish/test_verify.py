"""Differences planted in results, and the lines that tell them, written by hand."""

from __future__ import annotations

import re

import pytest

from sclerotrial.cli import main
from sclerotrial.errors import InputErrors
from sclerotrial.publish.manifest import NAME, read_manifest, write_manifest
from sclerotrial.publish.published import publish, report, verify

ARD_FILE = "differs  ard.csv: another result, sha256 published #, now #; "
ONE_ROW = "1 of 6 rows differs, in "


@pytest.fixture
def published(results, tmp_path):
    publish(results, tmp_path / "published")
    return tmp_path / "published"


def plant(results, name, old, new):
    """Replace a piece of a result that stands there once (all of it when old is None)."""
    path = results / name
    text = path.read_text(encoding="utf-8")
    assert old is None or text.count(old) == 1
    path.write_text(new if old is None else text.replace(old, new), encoding="utf-8")


def run_again(results):
    """The run lists what it made."""
    write_manifest(results, list(read_manifest(results / NAME)))


def told(results, published):
    """The lines of what differs; a checksum shown as #."""
    lines = [str(v) for v in verify(results, published) if not v.good]
    return [re.sub(r"\b[0-9a-f]{12}\b", "#", line) for line in lines]


def test_what_is_the_same_is_one_line(results, published, capsys):
    same = "same     2 of 2 claims, 6 of 6 numbers, 5 of 5 files\nall the same\n"
    assert report(verify(results, published)) == same
    where = ["--results", str(results), "--published", str(published)]
    assert main(["verify", *where]) == 0
    assert capsys.readouterr().out == same
    assert main(["verify", *where, "--all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 6 + 5 + 2
    assert "same     claims.csv mrss_all" in lines and "same     figures/skin.svg" in lines


@pytest.mark.parametrize(
    ("old", "new", "line", "columns", "first"),
    [
        pytest.param(
            "mean,29.375,29.4", "mean,29.475,29.5",
            "efficacy.mrss.month6.mean: VALUE published 29.375, now 29.475, apart 0.1, "
            "1 unit of the last printed digit (0.1); TEXT published '29.4', now '29.5'",
            "2 of 9 columns (VALUE, TEXT)", "row 1 (efficacy.mrss.month6.mean), column VALUE",
            id="beyond printed precision",
        ),
        pytest.param(
            "mean,29.375,", "mean,31.875,",  # 2.5 / 0.1
            "efficacy.mrss.month6.mean: VALUE published 29.375, now 31.875, apart 2.5, "
            "25 units of the last printed digit (0.1)",
            "1 of 9 columns (VALUE)", "row 1 (efficacy.mrss.month6.mean), column VALUE",
            id="beyond printed precision, text left as it was",
        ),
        pytest.param(
            "mean,29.375,", "mean,29.376,",
            "efficacy.mrss.month6.mean: VALUE published 29.375, now 29.376, apart 0.001, "
            "within printed precision",
            "1 of 9 columns (VALUE)", "row 1 (efficacy.mrss.month6.mean), column VALUE",
            id="within printed precision",
        ),
        pytest.param(
            "sd,7.25,", "sd,7.249,",  # 7.25 prints 7.3, 7.249 prints 7.2: over the edge
            "efficacy.mrss.month6.sd: VALUE published 7.25, now 7.249, apart 0.001, "
            "0.01 units of the last printed digit (0.1)",
            "1 of 9 columns (VALUE)", "row 2 (efficacy.mrss.month6.sd), column VALUE",
            id="a little, over the edge of rounding",
        ),
        pytest.param(
            "sd,7.25,7.3,", "sd,7.25,7.5,",
            "efficacy.mrss.month6.sd: TEXT published 7.3, now 7.5, apart 0.2, "
            "2 units of the last printed digit (0.1)",
            "1 of 9 columns (TEXT)", "row 2 (efficacy.mrss.month6.sd), column TEXT",
            id="text",
        ),
        pytest.param(
            "7.25,7.3,8", "7.25,7.3,7",
            "efficacy.mrss.month6.sd: N published 8, now 7, apart 1",
            "1 of 9 columns (N)", "row 2 (efficacy.mrss.month6.sd), column N",
            id="n",
        ),
        pytest.param(
            "0.2890625,0.289", "0.3125,0.313",  # 0.0234375 / 0.001
            "efficacy.mrss.change.p: VALUE published 0.2890625, now 0.3125, apart 0.0234375, "
            "23.4 units of the last printed digit (0.001); TEXT published '0.289', now '0.313'",
            "2 of 9 columns (VALUE, TEXT)", "row 3 (efficacy.mrss.change.p), column VALUE",
            id="p",
        ),
        pytest.param(
            "p,0.0002,<0.001", "p,0.0004,<0.001",
            "efficacy.haq.change.p: VALUE published 0.0002, now 0.0004, apart 0.0002, "
            "within printed precision",
            "1 of 9 columns (VALUE)", "row 4 (efficacy.haq.change.p), column VALUE",
            id="p, both printed as below 0.001",
        ),
        pytest.param(
            "0.5781", "0.5778",  # both print 0.578
            "efficacy.mrss.change.p: P_ADJ published 0.5781, now 0.5778, apart 0.0003, "
            "within printed precision",
            "1 of 9 columns (P_ADJ)", "row 3 (efficacy.mrss.change.p), column P_ADJ",
            id="adjusted p",
        ),
        pytest.param(
            "0.289,8,sign-flip,far-tail sum", "0.289,8,sign-flip,twice the smaller tail",
            "efficacy.mrss.change.p: CONVENTION published 'far-tail sum', "
            "now 'twice the smaller tail'",
            "1 of 9 columns (CONVENTION)", "row 3 (efficacy.mrss.change.p), column CONVENTION",
            id="convention",
        ),
        pytest.param(
            "<0.001,8,sign-flip", "<0.001,8,signed-rank",
            "efficacy.haq.change.p: METHOD published 'sign-flip', now 'signed-rank'",
            "1 of 9 columns (METHOD)", "row 4 (efficacy.haq.change.p), column METHOD",
            id="method",
        ),
        pytest.param(
            "count,10,10,10,,,,", "count,10,10,10,,,,of 20 planned",
            "feasibility.enrolled.count: NOTE published nothing, now 'of 20 planned'",
            "1 of 9 columns (NOTE)", "row 5 (feasibility.enrolled.count), column NOTE",
            id="note",
        ),
        pytest.param(
            "mean,,,1,,,,one patient", "mean,3.2,3.2,1,,,,one patient",
            "lab.crp.month6.mean: VALUE published nothing, now '3.2'; "
            "TEXT published nothing, now '3.2'",
            "2 of 9 columns (VALUE, TEXT)", "row 6 (lab.crp.month6.mean), column VALUE",
            id="refused before, printed now",
        ),
    ],
)  # fmt: skip
def test_a_number_that_differs(results, published, old, new, line, columns, first):
    plant(results, "ard.csv", old, new)
    run_again(results)
    file = f"{ARD_FILE}{ONE_ROW}{columns}, first {first}"
    assert told(results, published) == [f"differs  ard.csv {line}", file]


@pytest.mark.parametrize(
    ("name", "old", "new", "lines"),
    [
        pytest.param(
            "ard.csv", "feasibility.enrolled.count,count,10,10,10,,,,\n", "",
            [
                "missing  ard.csv feasibility.enrolled.count: published '10', now not there",
                f"{ARD_FILE}1 row missing, first row 5 (feasibility.enrolled.count)",
            ],
            id="missing ID",
        ),
        pytest.param(
            "ard.csv", "feasibility.enrolled.count,",
            "feasibility.screened.count,count,14,14,14,,,,\nfeasibility.enrolled.count,",
            [
                "extra    ard.csv feasibility.screened.count: not published, now '14'",
                f"{ARD_FILE}1 row extra, first row 5 (feasibility.screened.count)",
            ],
            id="extra ID",
        ),
        pytest.param(
            "ard.csv", ",CONVENTION,", ",RULE,",
            [
                f"{ARD_FILE}columns missing: CONVENTION; columns extra: RULE",
            ],
            id="another column",
        ),
        pytest.param(
            "claims.csv", "29.4,31.1; 29.4; p = 0.289,reproduced",
            "29.4,31.1; 30.9; p = 0.289,differs",
            [
                "differs  claims.csv mrss_all: FOUND published 29.4, now 30.9 (number 2 of 3), "
                "apart 1.5, 15 units of the last printed digit (0.1); "
                "VERDICT published 'reproduced', now 'differs'",
                "differs  claims.csv: another result, sha256 published #, now #; 1 of 2 rows "
                "differs, in 2 of 6 columns (FOUND, VERDICT), first row 1 (mrss_all), "
                "column FOUND",
            ],
            id="changed verdict",
        ),
        pytest.param(
            "claims.csv", "10,10,reproduced,calibrated,enrolled",
            "10,10,reproduced,emergent,enrolled",
            [
                "differs  claims.csv enrolled: ORIGIN published 'calibrated', now 'emergent'",
                "differs  claims.csv: another result, sha256 published #, now #; 1 of 2 rows "
                "differs, in 1 of 6 columns (ORIGIN), first row 2 (enrolled), column ORIGIN",
            ],
            id="changed origin of a claim",
        ),
        pytest.param(
            "figures/skin.svg", "1", "2",
            ["differs  figures/skin.svg: another result, sha256 published #, now #"],
            id="changed bytes of a figure",
        ),
        pytest.param(
            "queries.csv", "51,open\nQ-2,date,2010-13-01,open",
            "61,open\nQ-2,date,2010-13-01,solved\nQ-3,range,7,new",
            [
                "differs  queries.csv: another result, sha256 published #, now #; 2 of 2 rows "
                "differ, in 2 of 4 columns (RAW, STATUS), first row 1 (Q-1), column RAW; "
                "1 row extra, first row 3 (Q-3)",
            ],
            id="queries: rows and columns counted, no cell shown",
        ),
        pytest.param(
            "queries.csv", "Q-1,range,51,open\nQ-2,date,2010-13-01,open",
            "Q-2,date,2010-13-01,open\nQ-1,range,51,open",
            [
                "differs  queries.csv: another result, sha256 published #, now #; "
                "rows in another order, first Q-2 in place of Q-1",
            ],
            id="reordered rows",
        ),
        pytest.param(
            "queries.csv", "51", '"51"',
            [
                "differs  queries.csv: another result, sha256 published #, now #; "
                "the same cells, written in other bytes",
            ],
            id="another way of writing",
        ),
        pytest.param(
            "ard.csv", ",,,1,,,,one patient\n", ",",
            [f"{ARD_FILE}it is not a whole table: row 6 has 3 of 9 cells, so its rows are "
             "not compared"],
            id="table cut short in a row",
        ),
        pytest.param(
            "claims.csv", "calibrated,enrolled", '"calibr',
            ["differs  claims.csv: another result, sha256 published #, now #; it is not a whole "
             "table: a quoted cell does not end, so its rows are not compared"],
            id="table cut short in a cell",
        ),
        pytest.param(
            "claims.csv", None, "",
            ["differs  claims.csv: another result, sha256 published #, now #; it is empty, so "
             "its rows are not compared"],
            id="emptied table",
        ),
    ],
)  # fmt: skip
def test_a_result_that_differs(results, published, name, old, new, lines):
    plant(results, name, old, new)
    run_again(results)
    assert told(results, published) == lines


def test_edited_after_the_run_is_told_from_another_result(results, published):
    plant(results, "figures/skin.svg", "1", "2")
    plant(results, "ard.csv", "29.375", "29.376")
    number, table, figure = told(results, published)
    assert number.endswith("apart 0.001, within printed precision")
    assert table == (
        "edited   ard.csv: edited after the run, which gave what was published; 1 of 6 rows "
        "differs, in 1 of 9 columns (VALUE), first row 1 (efficacy.mrss.month6.mean), column VALUE"
    )
    assert figure == (
        "edited   figures/skin.svg: edited after the run, which gave what was published"
    )


def test_edited_after_a_run_that_gave_another_result(results, published):
    plant(results, "figures/skin.svg", "1", "2")
    run_again(results)
    plant(results, "figures/skin.svg", "2", "3")
    assert told(results, published) == [
        "edited   figures/skin.svg: edited after the run, which itself gave another result than "
        "published"
    ]
    plant(results, "figures/skin.svg", "3", "1")
    assert told(results, published) == [
        "edited   figures/skin.svg: edited after the run, which gave another result, to what was "
        "published"
    ]


def test_files_missing_or_extra_on_either_side_are_named(results, published):
    listed = read_manifest(results / NAME)
    (results / "adam/adsl.csv").unlink()  # deleted after the run
    (results / "ard.csv").unlink()
    (results / "figures/more.svg").write_text("listed by nobody")
    (results / "figures/new.svg").write_text("a new result")
    (results / "findings/adsl.csv").write_text("no result, nor beside one")
    names = {*listed, "figures/new.svg"} - {"figures/skin.svg"}  # which the run makes no more
    lines = {n: listed.get(n, "0" * 64) for n in sorted(names)}
    (results / NAME).write_text("".join(f"{c}  {n}\n" for n, c in lines.items()))
    assert told(results, published) == [
        "missing  adam/adsl.csv: published, made by the run and deleted since",
        "missing  ard.csv: published, made by the run and deleted since; its numbers are not "
        "compared",
        "extra    figures/more.svg: not published, and not made by the run",
        "extra    figures/new.svg: not published, made by the run, and edited after it",
        "extra    figures/skin.svg: published, and not made by the run; same bytes lie there",
    ]
    (results / "figures/skin.svg").unlink()
    assert told(results, published)[-1] == (
        "missing  figures/skin.svg: published, and the run does not make it"
    )


def test_a_further_table_of_which_a_copy_is_kept(results, published):
    (published / "adam").mkdir()
    (published / "adam/adsl.csv").write_bytes((results / "adam/adsl.csv").read_bytes())
    plant(results, "adam/adsl.csv", "51", "52")
    run_again(results)
    assert told(results, published) == [
        "differs  adam/adsl.csv: another result, sha256 published #, now #; 1 of 2 rows differs, "
        "in 1 of 2 columns (AGE), first row 2, column AGE"
    ]
    publish(results, published)
    assert told(results, published) == []


def test_a_difference_is_an_exit_status_and_the_count_says_how_many(results, published, capsys):
    plant(results, "figures/skin.svg", "1", "2")
    assert main(["verify", "--results", str(results), "--published", str(published)]) == 1
    out = capsys.readouterr()
    assert out.err == ""
    assert out.out.splitlines() == [
        "edited   figures/skin.svg: edited after the run, which gave what was published",
        "same     2 of 2 claims, 6 of 6 numbers, 4 of 5 files",
        "1 of 13 comparisons differ",
    ]


# --- what is published is missing or damaged -----------------------------------------------------


def damage(path, change):
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "change", "what", "where"),
    [
        (NAME, None, "There is nothing to compare with", NAME),
        ("ard.csv", None, "A published file is missing", "ard.csv"),
        ("claims.csv", None, "A published file is missing", "claims.csv"),
        (
            "ard.csv", lambda b: b[: len(b) // 2],
            "A published file is not the one of which the checksum was published", "ard.csv",
        ),
        (
            "queries.csv", lambda b: b.replace(b"\n", b"\r\n"),
            "A published file is not the one of which the checksum was published", "queries.csv",
        ),
        (
            NAME, lambda b: b.replace(b"  queries.csv", b" queries.csv"),
            "A line of a list of checksums is damaged", f"{NAME}, line 5",
        ),
        (NAME, lambda b: b[:-5], "A line of a list of checksums is damaged", f"{NAME}, line 5"),
        (NAME, lambda b: b"", "A line of a list of checksums is damaged", f"{NAME}, line 1"),
        (
            NAME, lambda b: b"\xff\xfe" + b[2:],
            "A line of a list of checksums is damaged", f"{NAME}, line 1",
        ),
        (
            NAME, lambda b: b.replace(b"adam/adsl.csv", b"../adsl.csv"),
            "A line of a list of checksums is damaged", f"{NAME}, line 1",
        ),
        (
            NAME, lambda b: b"".join(b.splitlines(keepends=True)[:2]),
            "The published list of checksums does not name a published file", "claims.csv",
        ),
    ],
)  # fmt: skip
def test_damaged_published_files_are_told_in_three_lines(
    results, published, name, change, what, where, capsys
):
    damage(published / name, change)
    assert main(["verify", "--results", str(results), "--published", str(published)]) == 1
    out = capsys.readouterr()
    lines = out.err.splitlines()
    assert lines[:2] == [what, f"  where: {published.as_posix()}/{where}"]
    assert lines[2].startswith("  to do: ") and "make publish" in lines[2]
    assert out.out == "" and "Traceback" not in out.err


def test_all_that_is_wrong_with_the_published_files_is_told_at_once(results, published):
    (published / "ard.csv").unlink()
    damage(published / "claims.csv", lambda b: b + b"x")
    with pytest.raises(InputErrors) as caught:
        verify(results, published)
    assert [p.where.rsplit("/", 1)[1] for p in caught.value.problems] == ["ard.csv", "claims.csv"]


def test_a_table_that_was_published_damaged_is_refused(results, published):
    plant(results, "ard.csv", "ID,STAT", "NAME,STAT")
    run_again(results)
    publish(results, published)
    with pytest.raises(InputErrors, match="cannot be read: it has no column ID"):
        verify(results, published)


@pytest.mark.parametrize("change", [None, lambda b: b"nonsense\n"])
def test_results_without_their_checksums_are_told_in_three_lines(
    results, published, change, capsys
):
    damage(results / NAME, change)
    assert main(["verify", "--results", str(results), "--published", str(published)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "make results" in lines[2]
