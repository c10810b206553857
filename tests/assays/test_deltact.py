"""qPCR: the published ddCt case, censored Ct, reference genes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays import deltact


def test_published_ddct():
    """Printed by the R package pcr (zqfang/QPCR#3): miR-124 against miR-16."""
    got = deltact.ddct(
        [29.46, 29.13, 29.03], [24.97, 24.94, 25.05], [27.1, 28.09, 26.91], [25.09, 25.21, 25.12]
    )
    assert (got.dct_a, got.dct_b) == pytest.approx((4.22, 2.226667), abs=1e-6)
    assert got.ddct == pytest.approx(-1.993333, abs=1e-6)
    assert got.fold == pytest.approx(3.981559, abs=1e-6)
    assert got.error == pytest.approx(0.6366579, abs=1e-7)
    assert (got.lower, got.upper) == pytest.approx((2.5609434, 6.190223), abs=1e-6)


def test_worked_example():
    """25.0/17.0 control, 22.0/17.5 treated: fold 11.3137."""
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning):
        got = deltact.ddct([25.0], [17.0], [22.0], [17.5])
    assert got.fold == pytest.approx(11.3137, abs=5e-5)


def wells(**genes):
    rows = [
        {"FILE": "q.txt", "SAMPLE": "S1", "PARAMCD": g, "CT": c, "LINE": "1"}
        for g, cts in genes.items() for c in cts
    ]  # fmt: skip
    return pd.DataFrame(rows)


def levels(sd_max=0.5, references=("GAPDH", "RPLP0"), **genes):
    table, rows = deltact.summarise(wells(**genes), 40.0, sd_max)
    out, more = deltact.minus_dct(table, list(references), 40.0)
    return out.set_index("PARAMCD"), rows + more


def test_mean_of_reference_genes_and_up_is_up():
    got, _ = levels(GAPDH=[18.0, 18.2], RPLP0=[20.0, 20.2], COMP=[25.0, 25.4])
    assert got.at["COMP", "VALUE"] == pytest.approx(19.1 - 25.2)
    assert got.at["COMP", "LLOQ"] == pytest.approx(19.1 - 40)
    more, _ = levels(GAPDH=[18.0, 18.2], RPLP0=[20.0, 20.2], COMP=[24.0, 24.4])
    assert more.at["COMP", "VALUE"] > got.at["COMP", "VALUE"]


def test_interval_by_hand():
    """Variances 0.08/2 + (0.02/2 + 0.02/2)/4 = 0.045, t(3) = 3.182446."""
    got, _ = levels(GAPDH=[18.0, 18.2], RPLP0=[20.0, 20.2], COMP=[25.0, 25.4])
    half = 3.182446305 * np.sqrt(0.08 / 2 + (0.02 / 2 + 0.02 / 2) / 4)
    assert got.at["COMP", "CI_HIGH"] - got.at["COMP", "VALUE"] == pytest.approx(half, rel=1e-8)


@pytest.mark.parametrize(
    ("ct", "cens", "value"),
    [
        ([np.nan, np.nan], "<", 19.1 - 40),
        ([41.0, np.nan], "<", 19.1 - 40),  # beyond the last cycle is undetermined
        ([37.0, np.nan], "<", 19.1 - 37),  # half: beyond what the other well shows
        ([36.0, 37.0, np.nan], "", 19.1 - 36.5),  # a minority is left out
    ],
)
def test_undetermined(ct, cens, value):
    got, rows = levels(GAPDH=[18.0, 18.2], RPLP0=[20.0, 20.2], SIGLEC1=ct, sd_max=None)
    assert got.at["SIGLEC1", "CENS"] == cens
    assert got.at["SIGLEC1", "VALUE"] == pytest.approx(value)
    if cens:
        assert got.at["SIGLEC1", "VALUE"] == got.at["SIGLEC1", "LLOQ"]
    told = [r for r in rows if r["CHECK"] == "replicate_undetermined"]
    assert len(told) == (np.isfinite(ct).any() and np.nanmin(ct) <= 40)


def test_lost_reference_gives_no_level():
    got, rows = levels(GAPDH=[18.0, 18.2], RPLP0=[np.nan, np.nan], COMP=[25.0, 25.4])
    assert got.empty
    assert [r["CHECK"] for r in rows if r["VERDICT"] == "fail"] == ["reference_missing"]


def test_wide_replicates_are_doubted():
    got, rows = levels(GAPDH=[18.0, 18.2], RPLP0=[20.0, 20.2], COMP=[25.0, 26.0])
    fails = [r for r in rows if r["VERDICT"] == "fail"]
    assert [(r["CHECK"], r["PARAMCD"]) for r in fails] == [("replicate_sd", "COMP")]
    assert fails[0]["VALUE"] == pytest.approx(np.sqrt(0.5))
    assert bool(got.at["COMP", "DOUBT"])


def test_ntc():
    table = pd.DataFrame(
        {"FILE": "q", "WELL": ["A1", "A2", "A3"], "PARAMCD": "COMP", "CT": [np.nan, 36.0, 31.0]}
    )
    assert [r["VERDICT"] for r in deltact.ntc(table, 35.0)] == ["pass", "pass", "fail"]


def test_a_reference_gene_without_replicates_gives_no_interval():
    """Its spread is not known, so that of the mean of both is not; the level stands."""
    both = [("COL1A1", 25.0), ("COL1A1", 25.2), ("GAPDH", 18.0), ("GAPDH", 18.2), ("RPLP0", 20.0)]
    wells = pd.DataFrame([{"FILE": "f", "SAMPLE": "P1", "PARAMCD": g, "CT": c, "LINE": "1"}
                          for g, c in both])  # fmt: skip
    genes, _ = deltact.summarise(wells, 40.0, None)
    levels, _ = deltact.minus_dct(genes, ["GAPDH", "RPLP0"], 40.0)
    assert levels["VALUE"].tolist() == pytest.approx([(18.1 + 20.0) / 2 - 25.1])
    assert levels[["CI_LOW", "CI_HIGH"]].isna().all(axis=None)
