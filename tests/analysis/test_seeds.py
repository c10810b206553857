"""Beyond exact reach each test draws with a seed of its own, made of the run's seed and its ID."""

import re

import numpy as np
import pandas as pd
import pytest

from sclerotrial.analysis.common import seed_of
from sclerotrial.analysis.efficacy import completion, efficacy
from sclerotrial.study_analyses import plan_of
from tests.analysis.conftest import bds, person, text

WHO = [f"P{k:02d}" for k in range(36)]


def with_seed(study, seed):
    """Two endpoints, one group, and the tests of the sensitivity table."""
    plan = plan_of(study)
    sens = plan.efficacy.sensitivity.model_copy(
        update={"groups": ["imatinib"], "rules": ["observed"], "tipping": {"MRSS": 20}}
    )
    part = plan.efficacy.model_copy(
        update={
            "endpoints": ["MRSS", "HAQDI"], "groups": ["imatinib"], "single": [], "locf": [],
            "prorated": {}, "arms": [], "together": {}, "sensitivity": sens,
        }
    )  # fmt: skip
    done = plan.completion.model_copy(update={"endpoints": ["MRSS", "HAQDI"]})
    bare = {k: v.model_copy(update={"strata": ""}) for k, v in plan.comparisons.items()}
    plan = plan.model_copy(update={"efficacy": part, "completion": done, "comparisons": bare})
    run = study.run.model_copy(update={"seed": seed})
    return study.model_copy(update={"analyses": plan, "run": run})


@pytest.fixture(scope="module")
def many():
    """Eighteen completed, as many stopped; values off any decimal grid; one without month 6."""
    draw = np.random.default_rng(5)
    people = [{**person(s), "COMPLFL": "Y" if k < 18 else "", "STRATAR": "Y"}
              for k, s in enumerate(WHO)]  # fmt: skip
    rows = []
    for code in ("MRSS", "HAQDI"):
        base, move = draw.normal(30, 5, len(WHO)), draw.normal(-0.5, 3, len(WHO))
        seen = {s: {"Baseline": b, "Month 3": b, "Month 6": b + m}
                for s, b, m in zip(WHO, base, move, strict=True)}  # fmt: skip
        del seen[WHO[0]]["Month 6"]
        rows += bds(code, seen)
    for row in rows:
        row["COMPLFL"] = "Y" if row["USUBJID"] < "P18" else ""
    return {"adsl": text(people), "adqs": text(rows), "adlb": text(rows[:0])}


def told(rows: pd.DataFrame, id_: str) -> int:
    """The seed that the row says it was drawn with."""
    return int(re.search(r"seed (\d+)", rows.set_index("ID").loc[id_, "CONVENTION"])[1])


def test_endpoints_share_no_draws_and_the_seed_of_the_run_counts(study, many):
    flip = "efficacy.{}.imatinib.month6.chg.signflip.p"
    split = "completion.{}.completers_vs_stopped.month6.chg.permutation.p"
    p = {}
    for seed in (1, 2):
        trial = with_seed(study, seed)
        within, between = efficacy(trial, many), completion(trial, many)
        for code in ("mrss", "haqdi"):
            one, two = flip.format(code), split.format(code)
            assert told(within, one) == seed_of(seed, f"signflip {one.removesuffix('.signflip.p')}")
            assert told(between, two) == seed_of(
                seed, f"permutation {two.removesuffix('.permutation.p')}"
            )
            # what the sensitivity table repeats is the same number
            again = one.replace(".chg.", ".sens_observed.")
            values = within.set_index("ID")["VALUE"]
            assert values[again] == values[one]
            p[seed, code] = values[one], between.set_index("ID").loc[two, "VALUE"]
    assert len({told_ for _, told_ in p.items()}) == 4
    for code in ("mrss", "haqdi"):
        # Monte Carlo of so many draws: the two seeds agree within a hundredth, and are not equal
        for a, b in zip(p[1, code], p[2, code], strict=True):
            assert a != b
            assert a == pytest.approx(b, abs=0.01)


def test_the_tipping_point_is_drawn_with_its_own_seed(study, many, monkeypatch):
    from sclerotrial.analysis import sensitivity

    used = []
    real = sensitivity.sign_flip
    monkeypatch.setattr(
        sensitivity, "sign_flip", lambda desk, at, d: used.append(at.id()) or real(desk, at, d)
    )
    trial = with_seed(study, 1)
    efficacy(trial, many)
    assert used.count("efficacy.mrss.imatinib.month6.tipping") > 1
