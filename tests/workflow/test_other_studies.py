"""Other trials by configuration alone, through the real command."""

import pandas as pd
import pytest

from sclerotrial.simulate.options import Options
from sclerotrial.simulate.write import write_study

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("others")]


def numbers(folder):
    table = pd.read_csv(folder / "results/ard.csv", dtype=str, keep_default_na=False)
    return table.set_index("ID")


def test_a_trial_of_two_real_arms_compares_them(fresh, root):
    """Eight patients, 1:1: the arms are tested, in their own family; no paper is asked."""
    folder = fresh.folder / "other"
    options = Options(seed=7, patients=8, arms=(1, 1), calibrate="none", defects="none")
    write_study(folder, options, root / "config")
    ard = "other/results/ard.csv"
    fresh.run("--cores", "2", ard, "--config", "study=other")
    table = numbers(folder)
    sides = [f"efficacy.mrss.{g}.month6.chg.n" for g in ("imatinib", "placebo")]
    row = table.loc["efficacy.mrss.imatinib_vs_placebo.month6.chg.permutation.p"]
    assert int(row["N"]) == sum(int(table.at[i, "VALUE"]) for i in sides)
    assert row["FAMILY"] == "arms_primary"
    listed = pd.read_csv(
        folder / "data/raw/allocation/allocation_list.csv", dtype=str, keep_default_na=False
    )
    placebo = ((listed["treatment"] == "PLACEBO") & (listed["subject"] != "")).sum()
    assert int(table.at["feasibility.allocated.placebo.count", "VALUE"]) == placebo >= 2
    asked = fresh.run("-n", "--config", "study=other").text
    assert "rule paper" not in asked
    queries = pd.read_csv(folder / "results/queries.csv", dtype=str, keep_default_na=False)
    assert set(queries["STATUS"]) <= {"new"}  # nothing of another trial's list
