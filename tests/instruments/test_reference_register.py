"""Which test holds which worked case: a case without a test, or a test that went, shows here.

The cases stand in two notes beside the project (reference-cases.json and clinical-reference.md,
sections 2 and 3); where they are not at hand the register alone is checked.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from pathlib import Path

import pytest

from sclerotrial.instruments import ctcae, haq
from tests.instruments.test_haq import GOLDEN, GOLDEN_AIDS, GOLDEN_HELP

ROOT = Path(__file__).resolve().parents[2]
NOTE = ROOT.parent / "shared" / "reference-cases.json"

#: case of the note -> kind, file below tests/, test
CASES = {
    "rank_sum_ties_unequal_n": ("inference", "inference/test_reference_cases.py", "0.0989010989"),
    "rank_sum_heavy_ties_equal_n": (
        "inference", "inference/test_reference_cases.py", "0.0372670807",
    ),
    "rank_sum_no_ties": ("inference", "inference/test_reference_cases.py", "0.2544122544"),
    "rank_sum_no_ties_2": ("inference", "inference/test_reference_cases.py", "0.00185985"),
    "signed_rank_no_ties": ("inference", "inference/test_reference_cases.py", "0.0390625"),
    "signed_rank_ties_zeros": ("inference", "inference/test_reference_cases.py", "0.0021362305"),
    "signed_rank_pratt_vs_wilcox": ("inference", "inference/test_reference_cases.py", "0.078125"),
    "perm_mean_difference_ci": ("inference", "inference/test_reference_cases.py", "0.1474918"),
    "fisher_barnard_boschloo": ("inference", "inference/test_reference_cases.py", "0.0699161"),
    "proportion_ci_5_of_10": ("inference", "inference/test_reference_cases.py", "0.187086"),
    "proportion_diff_newcombe90_3of4_vs_1of2": (
        "inference", "inference/test_reference_cases.py", "0.6750199",
    ),
    "hedges_g_mtcars_mpg_by_am": ("inference", "inference/test_reference_cases.py", "1.4406354"),
    "limma_ebayes": ("inference", "inference/test_models.py", "9.306153"),
    "paired_lmm_sleep": ("inference", "inference/test_models.py", "0.389"),
    "nist_rat42_3pl": ("assays", "assays/test_curves.py", "72.462237576"),
    "nist_rat43_richards": ("assays", "assays/test_curves.py", "699.6415127"),
    "fourpl_reparam": ("assays", "assays/test_curves.py", "54.59815"),
    "ddct": ("assays", "assays/test_deltact.py", "3.981559"),
    "haq_di": ("instruments", "instruments/test_haq.py", "== 2.25"),
    "ctcae_v5_anemia_si": ("instruments", "instruments/test_ctcae.py", "(139, 140,"),
}  # fmt: skip
#: without a test: their data do not stand in the note
ELSEWHERE = {"mmrm_us_reml", "mmrm_sas_us", "mmrm_kr_us"}
#: golden table of the clinical note, by section -> file and test
CLINICAL = {
    "2.1 areas and range": ("instruments/test_mrss.py", "test_total_spans_0_to_51"),
    "2.1 prorated from 15": ("instruments/test_mrss.py", "test_prorated_by_hand"),
    "2.1 detectable change": ("instruments/test_mrss.py", "test_minimal_detectable_change"),
    "2.2 golden case": ("instruments/test_haq.py", "test_golden_case"),
    "2.2 all 0, all 3": ("instruments/test_haq.py", "test_ends_of_the_scale"),
    "2.2 aid to category": ("instruments/test_haq.py", "test_aids_raise_their_category_only"),
    "2.2 rules differ": ("instruments/test_haq.py", "test_a_category_may_ask_for_all_its_items"),
    "2.3 length of line": (
        "instruments/test_small_scales.py", "test_marks_are_brought_to_the_scale",
    ),
    "2.4 recode": ("instruments/test_small_scales.py", "test_transition_recode_of_rand"),
    "2.5 six worked cases": ("instruments/test_criss.py", "test_worked_cases"),
    "2.6 three of five": ("instruments/test_criss.py", "test_revised"),
    "1.3 responder cuts": ("instruments/test_small_scales.py", "test_responders"),
    "3.1 version changes a grade": (
        "instruments/test_ctcae.py", "test_the_version_changes_a_grade",
    ),
    "3.1 bounds, low": ("instruments/test_ctcae.py", "test_low_bounds_are_strict"),
    "3.1 bounds, high": ("instruments/test_ctcae.py", "test_high_bounds_are_strict"),
    "3.3 emergent, eleven rows": ("derive/test_emergent.py", "test_golden_table"),
    "3.4 partial dates": ("derive/test_partial_dates.py", "test_imputation"),
    "3.4 no day 0": ("derive/test_partial_dates.py", "test_study_day_has_no_zero"),
    "3.5 dose intensity": ("derive/test_exposure.py", "test_dose_intensity"),
    "3.5 two denominators": ("derive/test_exposure.py", "test_two_denominators_differ"),
}  # fmt: skip


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("case", CASES)
def test_the_number_of_each_case_stands_in_its_test(case):
    _, name, number = CASES[case]
    assert number in (ROOT / "tests" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CLINICAL)
def test_each_golden_table_has_its_test(case):
    name, function = CLINICAL[case]
    assert function in _functions(ROOT / "tests" / name)


def test_no_case_is_left():
    if not NOTE.is_file():
        pytest.skip("the note of worked cases is not at hand")
    note = json.loads(NOTE.read_text(encoding="utf-8"))
    assert set(note) - {"_note"} == set(CASES) | ELSEWHERE
    kinds = Counter(kind for kind, _, _ in CASES.values())
    assert kinds == {"inference": 14, "assays": 4, "instruments": 2}


def test_cases_of_instruments_as_the_note_has_them():
    if not NOTE.is_file():
        pytest.skip("the note of worked cases is not at hand")
    note = json.loads(NOTE.read_text(encoding="utf-8"))
    scored = haq.categories(GOLDEN, GOLDEN_AIDS, GOLDEN_HELP)
    assert haq.index(scored) == note["haq_di"]["di"]
    for name, told in note["haq_di"]["categories"].items():
        expected = told if isinstance(told, int) else int(told.partition("-> ")[2][0])
        assert scored[name].score == expected, name
    case = note["ctcae_v5_anemia_si"]
    for lln, told in ((140, case["grade_by_hgb"]), (None, case["missing_lln"])):
        for value, expected in told.items():
            found = ctcae.grade("Anemia", float(value), "g/L", version="5", lln=lln)
            assert found == expected, (value, lln)
    assert ctcae.grade("Anemia", 79, None, version="5", lln=140) is None
