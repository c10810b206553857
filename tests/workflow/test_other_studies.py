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
    ard, shown = "other/results/ard.csv", "other/results/tables/outcomes_between_arms.html"
    fresh.run("--cores", "2", ard, shown, "--config", "study=other")
    table = numbers(folder)
    sides = [f"efficacy.mrss.{g}.month6.chg.n" for g in ("imatinib", "placebo")]
    row = table.loc["efficacy.mrss.imatinib_vs_placebo.month6.chg.permutation.p"]
    assert int(row["N"]) == sum(int(table.at[i, "VALUE"]) for i in sides)
    assert row["FAMILY"] == "arms_primary"
    page = (fresh.folder / shown).read_text(encoding="utf-8")
    assert "efficacy.mrss.imatinib_vs_placebo.month6.chg.permutation.p" in page
    assert f"{row['TEXT']} (" in page
    listed = pd.read_csv(
        folder / "data/raw/allocation/allocation_list.csv", dtype=str, keep_default_na=False
    )
    placebo = ((listed["treatment"] == "PLACEBO") & (listed["subject"] != "")).sum()
    assert int(table.at["feasibility.allocated.placebo.count", "VALUE"]) == placebo >= 2
    asked = fresh.run("-n", "--config", "study=other").text
    assert "rule paper" not in asked
    queries = pd.read_csv(folder / "results/queries.csv", dtype=str, keep_default_na=False)
    assert set(queries["STATUS"]) <= {"new"}  # nothing of another trial's list


def test_a_wide_panel_has_all_its_changes_and_reports_what_is_declared(fresh, root):
    """300 genes: each patient with two biopsies has a change of each gene, the number of the file.

    One gene and one score are declared: only they are in adbm and among the reported numbers.
    """
    folder = fresh.folder / "panel"
    write_study(folder, Options(seed=3, genes=300, defects="none"), root / "config")
    wide = "panel/results/wide/panel_skin.parquet"
    adbm = "panel/results/adam/adbm.csv"
    fresh.run("--cores", "2", wide, adbm, "panel/results/ard/biomarkers.csv", "--config",
              "study=panel")  # fmt: skip
    table = pd.read_parquet(fresh.folder / wide)
    change = table[(table["MEASURE"] == "LOG2FC") & (table["KIND"] == "feature")]
    assert len(change) == 300
    raw = pd.read_csv(folder / "data/raw/skin/expression_panel.tsv", sep="\t", index_col=0)
    manifest = pd.read_csv(folder / "data/raw/samples/sample_manifest.csv", dtype=str)
    skin = manifest[manifest["barcode"].isin(raw.columns)]
    assert len(skin) == raw.shape[1]
    rows = pd.read_csv(fresh.folder / adbm, dtype=str, keep_default_na=False)
    mine = rows[rows["ASSAY"] == "panel_skin"]
    assert set(mine["PARAMCD"]) == {"GENE001", "FACTOR"}
    analysed = mine[(mine["PARAMCD"] == "GENE001") & (mine["LOG2FC"] != "")]
    assert len(analysed) >= 2
    for row in analysed.itertuples():
        base = mine[(mine["USUBJID"] == row.USUBJID) & (mine["PARAMCD"] == "GENE001")
                    & (mine["ABLFL"] == "Y")]["SAMPLEID"].iloc[0]  # fmt: skip
        at = change[change["AVISIT"] == row.AVISIT].set_index("FEATURE")[row.USUBJID]
        expected = raw[row.SAMPLEID] - raw[base]
        assert (at - expected.reindex(at.index)).abs().max() < 1e-8
    ard = pd.read_csv(folder / "results/ard/biomarkers.csv", dtype=str, keep_default_na=False)
    assert {"GENE001", "FACTOR"} < set(ard["PARAMCD"])
    assert not any(code.startswith("GENE") for code in set(ard["PARAMCD"]) - {"GENE001"})
