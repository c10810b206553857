"""Wide panels: counts, the exact floor, the foremost features, refusals."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sclerotrial.analysis.wide import wide, write_tests
from sclerotrial.change.wide import Block
from sclerotrial.inference import exact, linear, moderated, multiplicity

ACTIVE = [f"S{k:02d}" for k in range(1, 10)]
PLACEBO = ["P01", "P02", "P03"]
MANY = 400


def study(**more):
    plan = {
        "groups": {
            "imatinib": {"label": "Imatinib", "where": 'TRT01A=="Imatinib"'},
            "placebo": {"label": "Placebo", "where": 'TRT01A=="Placebo"'},
        },
        "comparisons": {"arms": {"label": "Arms", "first": "imatinib", "second": "placebo"}},
        "wide": {"groups": ["imatinib"], "comparisons": ["arms"], "top": 3, **more},
    }
    visits = [SimpleNamespace(avisit=a, baseline=a == "Baseline", primary=a == "Month 6")
              for a in ("Baseline", "Month 6")]  # fmt: skip
    return SimpleNamespace(
        analyses=plan, assays={}, visits=visits, efficacy_visits=["Baseline", "Month 6"],
        run=SimpleNamespace(seed=7),
    )  # fmt: skip


def adsl(placebo):
    return pd.DataFrame(
        {
            "USUBJID": [*ACTIVE, *placebo],
            "TRT01A": ["Imatinib"] * len(ACTIVE) + ["Placebo"] * len(placebo),
        }
    )


def panel(placebo, values):
    features = pd.DataFrame({"FEATURE": [f"G{k:04d}" for k in range(len(values))]})
    features = features.assign(PARAM=features["FEATURE"], PARAMCD="", N=values.shape[1], N_CENS=0)
    features.loc[5, "N_CENS"] = values.shape[1]  # always below its limit
    level = np.tile(np.linspace(2, 12, len(values))[:, None], (1, values.shape[1]))
    subjects = [*ACTIVE, *placebo]
    return (
        {"Month 6": Block(features, subjects, values)},
        {"Baseline": Block(features, subjects, level),
         "Month 6": Block(features, subjects, level + values)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(4)
    x = rng.normal(0, 0.5, (MANY, 12))
    x[0, :9] += 3
    x[1, 2] = np.nan
    return x


@pytest.fixture(scope="module")
def found(values):
    ard, tests = wide(
        study(), {"adsl": adsl(PLACEBO)}, {"rna": panel(PLACEBO, values)}
    )  # fmt: skip
    return ard.set_index("ID"), tests


def value(ard, id_):
    return float(ard.loc[id_, "VALUE"])


def test_counts_and_the_exact_floor(found):
    ard, tests = found
    at = "wide.rna.imatinib.month6"
    assert value(ard, f"{at}.features.count") == MANY
    assert value(ard, f"{at}.at_limits.count") == 1
    assert value(ard, f"{at}.tested.count") == MANY - 1
    # nine pairs: 2 / 512; ceil(399 * 0.00390625 / 0.05) = ceil(31.2)
    assert value(ard, f"{at}.exact_floor.estimate") == 0.00390625
    assert value(ard, f"{at}.exact_needed.count") == 32
    # nine against three: C(12, 3) = 220, one split at the far end
    assert value(ard, "wide.rna.arms.month6.exact_floor.estimate") == pytest.approx(1 / 220)
    mine = tests[(tests["GROUP"] == "imatinib")]
    assert len(mine) == MANY - 1
    assert value(ard, f"{at}.passed.count") == (mine["P_ADJ"] <= 0.05).sum() >= 1


def test_the_foremost_feature_is_the_moderated_t_of_all_features(found, values):
    ard, _ = found
    kept = np.arange(MANY) != 5
    x = values[kept][:, :9]
    level = np.linspace(2, 12, MANY)[kept]
    # the mean of both visits, as the panel gives them
    whole = np.tile(level[:, None], (1, 12))
    both = np.concatenate([whole, whole + values[kept]], axis=1)
    fit = linear.fit(x, np.ones((9, 1)))._replace(level=np.nanmean(both, axis=1))
    mod = moderated.moderate(fit, [1.0], trend=True)
    at = "wide.rna_g0000.imatinib.month6.log2fc"
    assert value(ard, "wide.rna_g0000.imatinib.month6.rank.estimate") == 1
    assert value(ard, f"{at}.moderated.estimate") == pytest.approx(values[0, :9].mean())
    assert value(ard, f"{at}.moderated.p") == pytest.approx(mod.p[0], rel=1e-9)
    assert value(ard, f"{at}.moderated_bh.p") == pytest.approx(
        multiplicity.adjust(mod.p, "bh")[0], rel=1e-9
    )
    assert value(ard, f"{at}.signflip.p") == exact.sign_flip(values[0, :9]).p[0]
    assert value(ard, f"{at}.maxt.p") >= 0.00390625
    ratio = value(ard, "wide.rna_g0000.imatinib.month6.fold.estimate")
    assert ratio == pytest.approx(2 ** values[0, :9].mean())
    assert ard.index.str.endswith(".imatinib.month6.rank.estimate").sum() == 3


def test_one_patient_in_an_arm_is_a_refused_row(values):
    ard, tests = wide(
        study(), {"adsl": adsl(["P01"])}, {"rna": panel(["P01"], values[:, :10])}
    )  # fmt: skip
    row = ard.set_index("ID").loc["wide.rna.arms.month6.tested.count"]
    assert row["VALUE"] == 0
    assert "9 v 1: fewer than two patients in a group" in row["NOTE"]
    assert set(tests["GROUP"]) == {"imatinib"}


def test_too_few_patients_leave_a_note_and_nothing_passes_by_exact_tests(values):
    empty = panel(PLACEBO, np.where(np.arange(12) == 0, values, np.nan))
    ard, tests = wide(study(comparisons=[]), {"adsl": adsl(PLACEBO)}, {"rna": empty})
    assert "n = 1: too few" in ard.set_index("ID").loc["wide.rna.imatinib.month6.tested.count"].NOTE
    assert not len(tests)
    three = panel(PLACEBO, np.where(np.arange(12) < 3, values, np.nan))
    ard, _ = wide(study(comparisons=[]), {"adsl": adsl(PLACEBO)}, {"rna": three})
    row = ard.set_index("ID").loc["wide.rna.imatinib.month6.exact_needed.count"]
    assert np.isnan(row["VALUE"])
    assert "no feature could pass" in row["NOTE"]


def test_options_are_said_and_change_the_prior(values):
    frames, panels = {"adsl": adsl(PLACEBO)}, {"rna": panel(PLACEBO, values)}
    plain = wide(study(trend=False, maxt=False), frames, panels)[0].set_index("ID")
    both = wide(study(robust=True, comparisons=[]), frames, panels)[0].set_index("ID")
    id_ = "wide.rna_g0000.imatinib.month6.log2fc.moderated.p"
    assert plain.loc[id_, "VALUE"] != both.loc[id_, "VALUE"]
    # one gene lacks a value: its df differ, and limma has two rules for that
    rule = "unequal residual df: the prior by moments (legacy = TRUE)"
    assert both.loc[id_, "CONVENTION"].endswith(f"trend, robust; {rule}")
    whole = wide(study(comparisons=[]), frames, {"rna": panel(PLACEBO, np.nan_to_num(values))})[0]
    assert whole.set_index("ID").loc[id_, "CONVENTION"].endswith("; trend")
    assert not plain.index.str.contains("maxt").any()


def test_all_features_are_written_with_twelve_digits(found, tmp_path):
    import pyarrow.parquet as pq

    _, tests = found
    write_tests(tests, tmp_path / "tests.parquet")
    back = pq.read_table(tmp_path / "tests.parquet").to_pandas()
    assert list(back.columns) == list(tests.columns)
    for c in ("P_MOD", "ESTIMATE", "P_MEAN", "HL_LOW"):
        np.testing.assert_allclose(back[c], tests[c], rtol=1e-12)
    assert (back["P_MOD"].to_numpy() != tests["P_MOD"].to_numpy()).any()
