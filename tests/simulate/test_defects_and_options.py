"""Planted errors stand where the key says; options do what they say; bad ones are told."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sclerotrial.cli import main
from sclerotrial.errors import InputErrors
from sclerotrial.read import read_all
from sclerotrial.simulate import Options, draw, simulate
from sclerotrial.simulate.calibrate import fit_sum, sign_flip_p
from sclerotrial.simulate.endpoints import move, spread
from sclerotrial.simulate.plants import KINDS
from sclerotrial.simulate.write import write_study
from sclerotrial.study import load


def lines_of(files, path):
    encoding = "cp1252" if path.startswith("laboratory") else "utf-8"
    return files["data/raw/" + path].decode(encoding).split("\n")


def check_key(files):
    key = json.loads(files["answer_key.json"])
    for d in key["defects"]:
        assert d["raw"] in lines_of(files, d["file"])[d["line"] - 1], d["kind"]
        assert d["expected"] in ("mended", "query", "error")
    return key["defects"]


@pytest.mark.parametrize("seed", [20080430, 1, 2, 3])
def test_key_points_at_the_lines_that_hold_the_errors(seed):
    found = check_key(simulate(Options(seed=seed)))
    kinds = [d["kind"] for d in found]
    assert 20 <= len(kinds) == len(set(kinds))
    assert "error" not in {d["expected"] for d in found}


def test_a_rate_makes_that_share_of_cells_wrong():
    few = check_key(simulate(Options(patients=30, calibrate="none", defects="0.002")))
    many = check_key(simulate(Options(patients=30, calibrate="none", defects="0.01")))
    assert 3 < len(many) / len(few) < 7


def test_without_defects_the_cells_are_as_they_should_be():
    assert json.loads(simulate(Options(defects="none"))["answer_key.json"])["defects"] == []
    wrong, right = simulate(Options()), simulate(Options(defects="none"))
    changed = {n for n in wrong if wrong[n] != right[n]}
    assert changed == {
        "answer_key.json",
        "data/raw/redcap/IMSSC_DATA.csv",
        "data/raw/laboratory/hospital_lab_list.csv",
    }


def test_defects_spare_the_cells_behind_the_published_means():
    """Areas at baseline and month 6 are untouched, whatever was planted."""
    rows = {}
    for defects in ("default", "none"):
        text = simulate(Options(defects=defects))["data/raw/redcap/IMSSC_DATA.csv"].decode()
        rows[defects] = [
            [v for k, v in r.items() if k.startswith("mrss_") and k != "mrss_total"]
            for r in csv.DictReader(io.StringIO(text, newline=""))
            if r["redcap_event_name"] in ("baseline_arm_1", "month_6_arm_1")
        ]
    assert rows["default"] == rows["none"]


@pytest.mark.parametrize("kind", KINDS)
def test_faults_that_must_stop_are_planted_on_request(kind):
    files = simulate(Options(plant=(kind,), defects="none"))
    (found,) = check_key(files)
    assert (found["kind"], found["expected"]) == (kind, "error")
    assert files != simulate(Options(defects="none"))


def test_initials_in_place_of_a_number_stop_and_are_not_shown(tmp_path, root):
    """Several people may share them, so nothing is guessed."""
    options = Options(plant=("subject_by_initials",), defects="none")
    write_study(tmp_path, options, root / "config")
    (planted,) = json.loads((tmp_path / "answer_key.json").read_text("utf-8"))["defects"]
    with pytest.raises(InputErrors) as told:
        read_all(load(tmp_path / "config"), tmp_path / "data" / "raw")
    (only,) = told.value.problems
    assert planted["raw"].isalpha() and f"line {planted['line']}, field patient" in only.where
    assert "[masked]" in only.what and planted["raw"] not in only.what + only.todo
    assert only.todo.startswith("Initials or a name")


def test_an_effect_shifts_the_mean_change_by_its_size():
    def change(effect):
        f = draw(
            Options(seed=11, patients=400, calibrate="none", effect=effect, dropout=0.1)
        ).frame("endpoints")
        f = f[f["PARAMCD"] == "MRSS"].pivot_table(
            index=["ARM", "USUBJID"], columns="AVISIT", values="AVAL"
        )
        return (f["Month 6"] - f["Baseline"]).groupby("ARM").mean()

    with_effect, without = change({"MRSS": -6.0}), change({})
    assert with_effect["IMATINIB"] - without["IMATINIB"] == pytest.approx(-6, abs=0.3)
    assert with_effect["PLACEBO"] == without["PLACEBO"]
    assert abs(without["IMATINIB"]) < 1  # 320 patients of SD 4.5: four standard errors


def test_a_biomarker_effect_is_in_log2_units():
    def ratio(effect):
        f = draw(Options(seed=2, patients=300, calibrate="none", effect=effect)).frame("biomarkers")
        f = f[(f["PARAMCD"] == "CCL2") & (f["ARM"] == "IMATINIB")]
        w = f.pivot_table(index="USUBJID", columns="AVISIT", values="AVAL")
        return np.log2(w["Month 6"] / w["Baseline"]).mean()

    assert ratio({"CCL2": 1.0}) - ratio({}) == pytest.approx(1.0, abs=1e-9)


def test_dropout_is_the_share_asked_for():
    trial = draw(Options(seed=5, patients=1000, calibrate="none", dropout=0.4))
    share = np.mean([s.role != "completer" for s in trial.subjects])
    assert share == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / 1000))


def test_lognormal_deviations_are_skewed():
    def skewness(skew):
        t = draw(Options(seed=5, patients=1500, calibrate="none", skew=skew))
        x = t.table["MRSS"][:, 1]
        assert x.std() == pytest.approx(4.5, rel=0.25)
        return float(np.mean(((x - x.mean()) / x.std()) ** 3))

    assert skewness("lognormal") > 1.5
    assert abs(skewness("normal")) < 0.3


def test_arms_follow_the_ratio_asked_for():
    arms = [
        s.arm for s in draw(Options(seed=1, patients=200, arms=(1, 1), calibrate="none")).subjects
    ]
    assert abs(arms.count("PLACEBO") - 100) <= 1  # at most one unfinished block a stratum


@pytest.mark.parametrize(
    "options",
    [
        Options(patients=0, calibrate="none"),
        Options(patients=20),
        Options(effect={"MRS": -1.0}, calibrate="none"),
        Options(defects="some"),
        Options(dropout=1.5, calibrate="none"),
        Options(plant=("nothing",)),
        Options(arms=(0, 0), calibrate="none"),
    ],
)
def test_unusable_options_are_refused(options):
    with pytest.raises(InputErrors):
        simulate(options)


def test_all_problems_are_told_at_once():
    with pytest.raises(InputErrors) as told:
        simulate(Options(patients=0, dropout=2.0, skew="odd", calibrate="none"))
    assert len(told.value.problems) == 3


def test_command_writes_a_study(tmp_path, root, capsys):
    out = tmp_path / "study"
    assert (
        main(
            [
                "simulate",
                "--out",
                str(out),
                "--config",
                str(root / "config"),
                "--patients",
                "120",
                "--defects",
                "none",
            ]
        )
        == 0
    )
    assert (out / "data/raw/redcap/IMSSC_DATA.csv").is_file()
    assert (out / "answer_key.json").is_file()
    assert "SIMULATED" in (out / "data/raw/README.md").read_text()
    from sclerotrial.study import load

    study = load(out / "config")
    assert study.recruitment.planned == 120
    assert study.forms.subject.digits == 3
    assert [a.planned for a in study.arms] == [96, 24]


def test_command_leaves_other_raw_files_alone(tmp_path, root, capsys):
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "precious.csv").write_text("a\n1\n")
    assert main(["simulate", "--out", str(tmp_path), "--config", str(root / "config")]) == 1
    assert [p.name for p in raw.iterdir()] == ["precious.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ["--patients", "many"],
        ["--arms", "4-1"],
        ["--effect", "MRSS"],
        ["--effect", "MRS=-5"],
        ["--unknown"],
        ["--config", "nowhere"],
    ],
)
def test_bad_arguments_end_with_three_lines(tmp_path, capsys, words):
    assert main(["simulate", "--out", str(tmp_path / "x"), *words]) == 1
    lines = capsys.readouterr().err.strip().split("\n")
    assert len(lines) == 3
    assert lines[1].startswith("  where: ")
    assert lines[2].startswith("  to do: ")
    assert not (tmp_path / "x").exists()


@given(st.lists(st.floats(5, 45), min_size=1, max_size=9), st.data())
def test_fit_sum_meets_the_sum_within_the_limits(values, data):
    total = data.draw(st.integers(3 * len(values), 48 * len(values)))
    out = fit_sum(np.array(values), total, 3, 48)
    assert out.sum() == total
    assert out.min() >= 3
    assert out.max() <= 48


@settings(deadline=None)
@given(st.integers(0, 51), st.integers(0, 51), st.integers(0, 10**6))
def test_area_scores_stay_within_range(first, later, seed):
    rng = np.random.default_rng(seed)
    a = spread(first, rng.uniform(0.5, 3, 17), 3)
    b = move(a, later, 3, rng)
    for x, total in ((a, first), (b, later)):
        assert x.sum() == total
        assert x.min() >= 0
        assert x.max() <= 3


def test_sign_flip_p_of_a_small_case():
    """Changes 1, 2, 3: of eight sign patterns only +++ and --- reach the sum 6."""
    assert sign_flip_p(np.array([1.0, 2.0, 3.0])) == 0.25
