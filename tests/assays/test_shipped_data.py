"""The shipped, simulated trial: levels against the truth they were made from."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import formats
from sclerotrial.assays.quantify import quantify
from sclerotrial.tabular import read_csv


@pytest.fixture(scope="module")
def truth(root):
    path = root / "data" / "answer_key.json"
    if not path.is_file():
        pytest.skip("the shipped data are absent")
    return pd.DataFrame(json.loads(path.read_text())["truth"]["biomarkers"])


def levels_of(name, root, study, truth):
    assay, raw = study.assays[name], root / "data" / "raw"
    files = sorted(raw.glob(assay.files))
    readings = pd.concat([formats.read(f, f.relative_to(raw).as_posix()) for f in files])
    manifest = read_csv(raw / "samples" / "sample_manifest.csv")
    manifest = manifest.rename(columns={"subject": "USUBJID"})
    levels, quality = quantify(name, assay, readings, manifest, study.samples.visits)
    keys = ["USUBJID", "AVISIT", "COMPART", "PARAMCD"]
    truth = truth.set_axis(["USUBJID", "AVISIT", "COMPART", "PARAMCD", "TRUE"], axis=1)
    return levels.merge(truth, on=keys, how="left", validate="one_to_one"), quality


def test_serum(root, study, truth):
    """Standards and wells carry 3 to 5 % noise: half of the values within 0.08, nine tenths
    within 0.2 in log2; intervals cover about 95 %; what is censored lies where it is said to."""
    got, quality = levels_of("luminex_serum", root, study, truth)
    assert got["TRUE"].notna().all()
    exact = got[got["CENS"] == ""]
    off = np.log2(exact["VALUE"] / exact["TRUE"]).abs()
    assert off.median() < 0.08
    assert off.quantile(0.9) < 0.2
    assert 0.85 < exact["TRUE"].between(exact["CI_LOW"], exact["CI_HIGH"]).mean() <= 1
    below = got[got["CENS"] == "<"]
    assert (below["TRUE"] < 1.15 * below["VALUE"]).all()
    assert {"TGFB1", "IL6"} <= set(below["PARAMCD"])
    assert (quality.loc[quality["CHECK"] == "curve_levels", "VERDICT"] == "pass").all()


def test_skin(root, study, truth):
    """Duplicates with an SD of about 0.1 Ct: the median error is below 0.1, nine tenths 0.25."""
    got, _ = levels_of("qpcr_skin", root, study, truth)
    assert got["TRUE"].notna().all()
    off = (got["VALUE"] - got["TRUE"])[got["CENS"] == ""].abs()
    assert off.median() < 0.1
    assert off.quantile(0.9) < 0.25
