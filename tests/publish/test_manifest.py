"""Checksums, crate and the comparison with what was published."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.publish.crate import crate
from sclerotrial.publish.manifest import NAME, manifest, read_manifest, write_manifest
from sclerotrial.publish.published import publish, report, verify
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


def test_published_results_verify(results, tmp_path):
    diff = publish(results, tmp_path / "published")
    assert diff.splitlines() == [
        f"new: {n}" for n in ("ard.csv", "claims.csv", "queries.csv", NAME)
    ]
    verdicts = verify(results, tmp_path / "published")
    assert all(v.good for v in verdicts) and len(verdicts) == 6
    assert publish(results, tmp_path / "published") == ""
    text = (results / "claims.csv").read_text().replace("31.1,reproduced", "30.9,differs")
    (results / "claims.csv").write_text(text)
    diff = publish(results, tmp_path / "published")
    assert "-t,31.1,31.1,reproduced" in diff and "+t,31.1,30.9,differs" in diff


def test_a_changed_claim_and_a_changed_file_are_each_told(results, tmp_path):
    publish(results, tmp_path / "published")
    text = (results / "claims.csv").read_text().replace("31.1,reproduced", "30.9,differs")
    (results / "claims.csv").write_text(text)
    verdicts = verify(results, tmp_path / "published")
    bad = [str(v) for v in verdicts if not v.good]
    assert len(bad) == 2
    assert "claim mrss_all: verdict was 'reproduced', is 'differs'" in bad[0]
    assert "file claims.csv" in bad[1]
    assert report(verdicts).endswith("6 compared, 2 differ\n")


def test_an_edited_file_is_found_though_the_manifest_is_old(results, tmp_path):
    publish(results, tmp_path / "published")
    (results / "adam" / "adsl.csv").write_bytes(b"USUBJID\nIM02\n")
    outcome = {v.name: v.outcome for v in verify(results, tmp_path / "published")}
    assert outcome["adam/adsl.csv"] == "differs" and outcome["ard.csv"] == "same"


def test_nothing_published_is_told_in_three_lines(results, tmp_path):
    with pytest.raises(InputErrors, match="make publish"):
        verify(results, tmp_path / "nowhere")


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
