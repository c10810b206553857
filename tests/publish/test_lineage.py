"""From a number to the raw lines: the hand-made trial says which lines they must be."""

from __future__ import annotations

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.publish.lineage import lineage, read_lineage, write_lineage
from sclerotrial.publish.trace import trace

MEAN = "efficacy.mrss.imatinib.month6.aval.mean"
CHANGE = "efficacy.mrss.imatinib.month6.chg.mean"


def test_a_mean_rests_on_the_lines_of_its_patients(made, study):
    rows = lineage(made.ard(), made.adam(), study)
    mine = rows[rows["ID"] == MEAN]
    # lines of the month-6 scores of IM01..IM04 in present_frames.SKIN; not the unscheduled one
    assert mine["SRCLINE"].tolist() == ["9", "18", "27", "36"]
    assert mine["USUBJID"].tolist() == ["IM01", "IM02", "IM03", "IM04"]
    assert set(mine["ROLE"]) == {"value"}
    assert set(mine["SRCFILE"]) == {"redcap/IMSSC_DATA.csv"}


def test_a_change_rests_on_baseline_as_well(made, study):
    rows = lineage(made.ard(), made.adam(), study)
    mine = rows[(rows["ID"] == CHANGE) & (rows["ROLE"] == "baseline")]
    assert mine["SRCLINE"].tolist() == ["5", "14", "23", "32"]


def test_row_counts_rows_of_the_file_from_one(made, study):
    rows = lineage(made.ard(), made.adam(), study)
    frame = made.adqs()
    first = rows[rows["ID"] == MEAN].iloc[0]
    row = frame.iloc[int(first["ROW"]) - 1]
    assert (row["USUBJID"], row["AVISIT"], row["AVAL"]) == ("IM01", "Month 6", first["VALUE"])


def test_every_number_has_a_row_even_without_parents(made, study):
    ard = made.ard()
    rows = lineage(ard, made.adam(), study)
    assert list(dict.fromkeys(rows["ID"])) == ard["ID"].tolist()
    planned = rows[rows["ID"] == "feasibility.planned.count"].iloc[0]
    assert planned["ROLE"] == "none" and planned["SRCFILE"] == "config/study.yaml"


def test_a_filter_that_is_not_understood_is_told_and_never_run(made, study):
    ard = made.ard()
    ard.loc[ard["ID"] == MEAN, "FILTER"] = "__import__('os')"
    rows = lineage(ard, made.adam(), study)
    assert "not understood" in rows.loc[rows["ID"] == MEAN, "SRCFILE"].iloc[0]


def test_the_file_is_the_same_each_time_and_reads_back(made, study, tmp_path):
    rows = lineage(made.ard(), made.adam(), study)
    for name in ("a.parquet", "b.parquet"):
        write_lineage(rows, tmp_path / name)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    back = read_lineage(tmp_path / "a.parquet")
    assert back.equals(rows.reset_index(drop=True))


def test_trace_prints_the_way_back(made, study):
    ard = made.ard()
    text = trace(CHANGE, ard, lineage(ard, made.adam(), study))
    assert text.startswith(f"{CHANGE} = -2.5\n")
    assert "data/raw/redcap/IMSSC_DATA.csv line 36 field mrss_*" in text
    assert "IM04 MRSS Baseline = 35 (baseline) <- data/raw/redcap/IMSSC_DATA.csv line 32" in text


def test_trace_of_an_unknown_number_suggests_one(made, study):
    ard = made.ard()
    with pytest.raises(InputErrors, match="Did you mean"):
        trace("efficacy.mrss.imatinib.month6.aval.men", ard, lineage(ard, made.adam(), study))
