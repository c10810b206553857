"""The shipped trial through the real command."""

import os
import re

import pandas as pd
import pytest

from sclerotrial.figures import FIGURES, draw, needs
from sclerotrial.figures.theme import save
from sclerotrial.study import load
from sclerotrial.tabular import read_csv

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("trial")]


@pytest.fixture(scope="module")
def results(finished):
    return finished.folder / "results"


@pytest.fixture(scope="module")
def ard(results):
    table = pd.read_csv(results / "ard.csv", dtype=str, keep_default_na=False)
    return table.set_index("ID")["TEXT"]


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("efficacy.mrss.imatinib.baseline.aval.mean", "31.1"),  # 280/9, the abstract
        ("efficacy.mrss.imatinib.month6.aval.mean", "29.4"),  # 235/8
        ("efficacy.mrss.completers.baseline.aval.mean", "31.0"),  # 186/6
        ("efficacy.mrss.completers.month6.aval.mean", "30.3"),  # 182/6
        ("efficacy.mrss.imatinib.month6.aval.n", "8"),
        ("feasibility.enrolled.count", "10"),
        ("feasibility.planned.count", "20"),
        ("feasibility.enrolled_of_planned.percent", "50.0"),
        ("safety.hospitalised_related.imatinib.patients.count", "2"),
    ],
)
def test_published_figures_come_back_from_the_raw_exports(ard, number, printed):
    assert ard[number] == printed


def test_every_statement_of_the_abstract_has_a_verdict(results):
    claims = pd.read_csv(results / "claims.csv", dtype=str, keep_default_na=False)
    assert list(claims.columns[:6]) == ["TEXT", "EXPECTED", "FOUND", "VERDICT", "ORIGIN", "ID"]
    verdict = claims.set_index("ID")["VERDICT"]
    assert set(verdict) == {"reproduced", "not testable"}
    assert verdict["mrss_all"] == "reproduced"
    assert verdict["crp"] == "not testable"  # 'no difference' is never proven by a large p


def test_the_reported_rows_are_the_ard_cut_by_analysis(results):
    whole = (results / "ard.csv").read_text().splitlines()
    parts = {p.stem: p.read_text().splitlines() for p in (results / "ard/reported").iterdir()}
    assert all(rows[0] == whole[0] for rows in parts.values())
    assert sorted(whole[1:]) == sorted(row for rows in parts.values() for row in rows[1:])
    for name in parts:
        before = read_csv(results / f"ard/{name}.csv")["ID"].tolist()
        assert read_csv(results / f"ard/reported/{name}.csv")["ID"].tolist() == before, name


# of wide panels, and of analytes that two assays measure: this trial has none
ELSEWHERE = {"biomarker_volcano", "biomarker_agreement"}


@pytest.mark.parametrize("name", [n for n in FIGURES if n not in ELSEWHERE])
def test_a_figure_drawn_from_its_analyses_is_the_one_drawn_from_the_whole_ard(
    finished, results, tmp_path, name
):
    study = load(finished.folder / "config")
    frames = {}
    for dataset in needs(name):
        paths = sorted(results.glob(f"adam/{dataset}.csv")) or sorted(
            results.glob(f"assays/*/{dataset}.csv")
        )
        frames[dataset] = pd.concat([read_csv(p) for p in paths], ignore_index=True)
    plot, caption = draw(name, frames, read_csv(results / "ard.csv"), study)
    save(plot, caption, tmp_path, name, ["svg"])
    for kind in ("svg", "txt"):
        file = f"{name}.{kind}"
        assert (tmp_path / file).read_bytes() == (results / "figures" / file).read_bytes()


def test_every_output_of_the_contract_is_there(results):
    wanted = [
        "intake.csv", "queries.csv", "queries.xlsx", "ard.csv", "lineage.parquet", "report.html",
        "paper.pdf", "paper.docx", "claims.csv", "manifest.sha256", "ro-crate-metadata.json",
        "crf/mrss.csv",
        "clean/mrss.csv", "biomarkers/change.csv", "adam/adsl.xpt", "figures/consort.svg",
        "assays/luminex_serum/levels.csv", "assays/qpcr_skin/quality.csv",
        "figures/mrss_by_patient.png", "tables/feasibility.html", "tables/feasibility.docx",
    ]  # fmt: skip
    assert [name for name in wanted if not (results / name).is_file()] == []
    change = pd.read_csv(results / "biomarkers/change.csv", nrows=0)
    assert " ".join(change.columns) == (
        "USUBJID PARAMCD PARAM COMPART ASSAY AVISIT BASE AVAL AVALU LOG2FC LOG2FC_LOW LOG2FC_HIGH "
        "CHG PCHG BASECENS AVALCENS BASELIM AVALLIM BLQFL QCFL RCVFL SRCFILE SRCLINE"
    )


def test_each_page_says_that_the_data_are_simulated(results):
    pages = [results / "report.html", *(results / "tables").glob("*.html")]
    assert [p.name for p in pages if "simulated" not in p.read_text("utf-8").lower()] == []


def test_nothing_is_done_twice(finished):
    assert "Nothing to be done" in finished.run("-n").text


def test_the_same_bytes_elsewhere_on_one_core(finished, fresh):
    environment = {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"}
    former = {key: os.environ.get(key) for key in environment}
    os.environ.update(environment)
    try:
        fresh.run("--cores", "1")
    finally:
        for key, value in former.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})
    here, there = finished.digests(), fresh.digests()
    assert set(here) == set(there)
    assert sorted(name for name in here if here[name] != there[name]) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "ran", "spared"),
    [
        (
            "data/raw/serum/luminex_plate1.csv",
            r'"IM04-BL-S","(\d+)',
            r'"IM04-BL-S","1\1',
            {"read_assay", "quantify_assay", "derive_adbm", "analyse_biomarkers"},
            {"read_redcap", "clean_forms", "derive_adqs", "analyse_efficacy", "analyse_safety"},
        ),
        (
            "config/study.yaml",
            "early_onset_days: 7",
            "early_onset_days: 8",
            {"derive_adae", "gather_ard"},
            {"read_redcap", "clean_forms", "read_assay", "quantify_assay"},
        ),
        (
            "paper/paper.typ",
            "= Abstract",
            "= Abstract ",
            {"paper", "write_manifest"},
            {"report", "gather_ard", "draw_consort", "read_redcap"},
        ),
    ],
)
def test_a_change_runs_what_depends_on_it(copy, path, old, new, ran, spared):
    copy.edit(path, old, new)
    jobs = copy.jobs()
    assert ran <= jobs
    assert not spared & jobs


def test_an_older_file_with_other_content_is_noticed(copy):
    path = copy.folder / "data/raw/samples/sample_manifest.csv"
    copy.edit("data/raw/samples/sample_manifest.csv", "IM03-BL-S", "IM03-BL-S")
    path.write_text(path.read_text().replace("\n", "\n", 1) + "\n")
    os.utime(path, (1e9, 1e9))
    assert "read_samples" in copy.jobs()


def test_intake_prints_what_each_file_is(finished):
    text = finished.run("intake").text
    assert re.search(r"serum/luminex_plate1\.csv +xponent .* ok", text)
    assert re.search(r"redcap/IMSSC_DATA\.csv +REDCap raw export .* ok", text)
