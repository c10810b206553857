"""Checksums and crate."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.publish.crate import crate
from sclerotrial.publish.manifest import NAME, manifest, read_manifest, write_manifest
from sclerotrial.tabular import write_csv


@pytest.fixture
def results(tmp_path):
    """A folder of results with two claims."""
    folder = tmp_path / "results"
    rows = pd.DataFrame(
        {
            "TEXT": ["t", "u"],
            "EXPECTED": ["31.1", "10"],
            "FOUND": ["31.1", "10"],
            "VERDICT": ["reproduced", "reproduced"],
            "ORIGIN": ["calibrated", "calibrated"],
            "ID": ["mrss_all", "enrolled"],
        }
    )
    write_csv(rows, folder / "claims.csv")
    write_csv(pd.DataFrame({"ID": ["a.n"], "TEXT": ["9"]}), folder / "ard.csv")
    write_csv(pd.DataFrame({"QUERYID": ["Q-1"]}), folder / "queries.csv")
    (folder / "adam").mkdir()
    (folder / "adam" / "adsl.csv").write_bytes(b"USUBJID\nIM01\n")
    (folder / "logs").mkdir()
    (folder / "logs" / "x.log").write_text("not a result")
    write_manifest(folder)
    return folder


def test_manifest_lists_results_sorted_with_their_checksums(results):
    lines = (results / "manifest.sha256").read_text().splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert names == ["adam/adsl.csv", "ard.csv", "claims.csv", "queries.csv"]
    assert lines[0].split("  ")[0] == hashlib.sha256(b"USUBJID\nIM01\n").hexdigest()


def test_manifest_of_named_files_leaves_out_what_lies_about(results):
    (results / "left_over.csv").write_text("x")
    assert read_manifest(results / "manifest.sha256").keys() == {
        line.split("  ")[1]
        for line in manifest(results, ["ard.csv", "claims.csv", "queries.csv", "adam/adsl.csv"])
        .strip()
        .split("\n")
    }


def test_a_damaged_manifest_is_refused_with_its_lines(tmp_path):
    good = "ab" * 32
    (tmp_path / NAME).write_text(f"{good}  a.csv\n{good} b.csv\n{good}  a.csv\n{good}  /c.csv\n")
    with pytest.raises(InputErrors) as caught:
        read_manifest(tmp_path / NAME)
    assert [p.where.rsplit(", ", 1)[1] for p in caught.value.problems] == [
        "line 2",  # one blank
        "line 3",  # twice
        "line 4",  # not below the folder
    ]
    with pytest.raises(InputErrors, match="no list of checksums"):
        read_manifest(tmp_path / "nowhere")


def test_crate_describes_every_file_and_reads_as_one(results, study, tmp_path):
    intake = pd.DataFrame({"PATH": ["redcap/IMSSC_DATA.csv"], "SHA256": ["ab" * 32]})
    text = crate(results, study, intake)
    assert text == crate(results, study, intake)
    graph = {e["@id"]: e for e in json.loads(text)["@graph"]}
    parts = [p["@id"] for p in graph["./"]["hasPart"]]
    assert parts == ["adam/adsl.csv", "ard.csv", "claims.csv", "queries.csv"]
    assert (
        graph["ard.csv"]["sha256"] == hashlib.sha256((results / "ard.csv").read_bytes()).hexdigest()
    )
    assert graph["./"]["description"].startswith("Simulated data")
    rocrate = pytest.importorskip("rocrate.rocrate")
    (results / "ro-crate-metadata.json").write_text(text)
    read = rocrate.ROCrate(results)
    assert {e.id for e in read.data_entities} >= set(parts)
