"""How many planted defects the cleaning finds, by kind, and what it asks where nothing is wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from sclerotrial.clean import clean_forms, queries
from sclerotrial.read import dictionaries, read_all
from sclerotrial.simulate.catalogue import HAQ_ITEMS
from sclerotrial.simulate.options import Options
from sclerotrial.simulate.planting import KINDS
from sclerotrial.simulate.truth import draw
from sclerotrial.simulate.write import exports, write_study
from sclerotrial.study import load

__all__ = ["KINDS", "RULES", "one_trial", "table"]

#: kind of defect -> rules of the query list that find it
RULES = {
    "subject_id_dash": "subject_spelling", "subject_id_blanks": "subject_spelling",
    "decimal_comma": "number_format", "missing_code": "missing_code",
    "vas_out_of_range": "range", "haq_half_score": "choice", "mrss_total_disagrees": "total",
    "haemoglobin_g_dl": "unit_mislabelled", "weight_in_lb": "unit_converted",
    "crp_mg_dl": "unit_converted", "ae_end_before_start": "order",
    "duplicate_lab_row": "duplicate", "trailing_flag": "number_format",
    "haemolysed": "no_result", "two_events_in_one": "two_events", "other_rater": "other_rater",
    "vas_line_length": "line_length", "two_digit_year": "date_format",
    "date_in_other_form": "date_format", "ongoing_with_end": "ongoing_with_end",
    "stratum_differs": "stratum",
    "sex_stray_code": "choice", "choice_label": "choice_label", "yes_for_1": "choice_label",
    "required_blank": "required", "hidden_value": "hidden_value",
    "calculation_wrong": "calculation", "blood_pressure_outlier": "implausible",
    "pressure_swapped": "pressure", "text_in_number": "not_a_number",
    "limit_in_number": "not_a_number", "skin_grade_9": "choice", "transition_of_100": "choice",
    "dose_over_the_dictionary": "range", "age_101": "implausible",
    "excel_serial": "date_format", "month_in_french": "date_format",
    "month_in_german": "date_format", "two_digit_year_crf": "date_format",
    "ambiguous_settled": "date_format", "month_misread": "date_off_visit",
    "date_missing": "date_missing", "missing_code_for_date": "missing_code",
    "visit_before_consent": "before_consent", "visit_out_of_order": "visit_order before_consent",
    "visit_undated": "visit_without_date", "visit_not_done": "visit_not_done_dated",
    "first_symptom_after_consent": "onset_after_consent",
    "last_dose_after_end": "last_dose_after_end last_dose",
    "completion_contradicts": "completed_reason", "form_missing": "form_missing",
    "form_incomplete": "form_incomplete", "entries_differ": "entry_differs",
    "pounds_without_unit": "factor", "line_in_cm": "unit_cm", "decimal_slip": "factor",
    "creatinine_mg_dl": "unit_mislabelled", "no_result_qns": "no_result",
    "no_result_trace": "no_result", "negative_result": "negative",
    "unknown_unit": "unit_unknown", "unit_blank": "unit_assumed unit_unknown",
    "test_misspelt": "test_not_used", "inclusive_limit": "number_format",
    "lab_month_name": "date_format", "lab_wrong_day": "lone_result",
    "lab_wrong_subject": "lone_result", "lab_result_twice": "duplicate_key",
    "grade_missing": "grade_missing", "fatal_and_mild": "fatal_grade",
    "admission_not_serious": "hospital_not_serious",
    "severe_without_action": "severe_no_action",
    "laboratory_as_event": "laboratory_as_event", "term_misspelt": "spelling",
    "no_end": "no_end", "event_twice": "duplicate", "event_in_two_rows": "event_split",
    "dose_in_tablets": "dose_in_tablets", "dose_of_the_day": "dose_of_the_day",
    "dose_interval_open": "dose_overlap", "dose_intervals_overlap": "dose_overlap",
    "more_returned": "order", "methotrexate_daily": "methotrexate_daily",
    "brand_name": "synonym", "sample_of_no_visit": "sample_visit",
    "sample_day_off": "date_off_visit", "sample_twice": "sample_twice",
    "thawed_25_times": "range", "biopsy_barcode_misspelt": "barcode_not_listed",
    "scale_reversed": "maybe_reversed", "both_entries_wrong": "digits",
    "sides_pooled": "one_side", "zero_for_missing": "zeros_for_missing",
    "zero_for_missing_summed": "zeros_for_missing", "biopsy_score_differs": "biopsy_score",
    "aids_on_other_page": "aids_first_page aids_second_page",
    "category_below_its_aid": " ".join(f"haq_category_{c}" for c in HAQ_ITEMS),
    "haq_index_typed": "haq_index", "haq_only_categories": "haq_items_blank",
    "methotrexate_dose_differs": "methotrexate_dose", "arms_exchanged": "block_ratio",
    "lab_test_missing": "test_missing", "lab_panel_missing": "panel_missing",
}  # fmt: skip
#: rule that compares a fact with another form -> fields of that form: either may be the wrong one
SAME_FACT = {"methotrexate_dose": {"mtx_dose"}}
#: allowed by the form, so that nothing needs to be asked: the value is kept as it is
SILENT = {"ae_partial_start"}


def one_trial(folder: Path, config: Path, options: Options) -> tuple[Counter, Counter, list, list]:
    """(planted by kind, found by kind, what was missed, queries where nothing is wrong).

    A query is false when it stands on a line that no defect was planted in, and is no answer to
    one elsewhere: events really written in two rows, which the generator does, are found too,
    and may follow from an event that was made wrong.
    """
    write_study(folder, options, config)
    study, raw = load(folder / "config"), folder / "data" / "raw"
    forms, notes = read_all(study, raw)
    asked = queries.merge(notes, clean_forms(study, forms, dictionaries(study, raw))[1])
    _, key = exports(draw(options))
    there = {}
    for row in asked.to_dict("records"):
        there.setdefault((row["SRCFILE"], row["SRCLINE"]), []).append(row)
    planted, found, missed = Counter(), Counter(), []
    touched = {(d["file"], str(line)) for d in key["defects"] for line in _lines(d, asked)}
    for d in key["defects"]:
        if d["kind"] in SILENT:
            continue
        planted[d["kind"]] += 1
        wanted = RULES[d["kind"]].split()
        at = [[q["RULE"] for q in there.get((d["file"], str(n)), [])] for n in _lines(d, asked)]
        enough = all if d["kind"] == "arms_exchanged" else any
        if at and enough(set(wanted) & set(rules) for rules in at):
            found[d["kind"]] += 1
        else:
            missed.append((options.seed, d))
    events = {d["subject"] for d in key["defects"] if d["field"].startswith("ae_")}
    false = [
        (options.seed, q)
        for at, rows in there.items()
        if at not in touched
        for q in rows
        if q["USUBJID"]
        and not any(
            d["subject"] == q["USUBJID"] and d["field"] in SAME_FACT.get(q["RULE"], ())
            for d in key["defects"]
        )
        and not (q["RULE"] == "event_split" and (q["USUBJID"] in events or _grades(forms, q)))
    ]
    return planted, found, missed, false


def _lines(defect: dict, asked: pd.DataFrame) -> list[int]:
    """Lines that the query on a defect may stand at.

    Of two results of a key either is left out; two arms exchanged show in both of their blocks.
    """
    line = defect["line"]
    if defect["kind"] == "arms_exchanged":
        first = asked[asked["RULE"] == "block_ratio"].set_index("RAW")["SRCLINE"]
        return [int(first.get(b, 0)) for b in defect["note"].split("blocks ")[1].split()]
    return [line - 1, line] if defect["kind"] == "lab_result_twice" else [line]


def _grades(forms: dict, query: dict) -> bool:
    """Whether the event of a query has another grade than one of the same words before it."""
    events = forms["adverse_events"]
    mine = events[(events["USUBJID"] == query["USUBJID"]) & (events["ae_pt"] == query["RAW"])]
    return mine["ae_grade"].nunique() > 1


def table(planted: Counter, found: Counter, trials: int, false: Counter) -> str:
    """Both rates by kind, as text."""
    lines = [f"{'kind':30s} {'planted':>8s} {'found':>8s} {'share':>7s}"]
    lines += [
        f"{k:30s} {n:8d} {found[k]:8d} {found[k] / n:7.1%}" for k, n in sorted(planted.items())
    ]
    total = sum(planted.values())
    lines.append(
        f"{'all':30s} {total:8d} {sum(found.values()):8d} {sum(found.values()) / total:7.1%}"
    )
    lines.append(f"queries where nothing is wrong: {sum(false.values())} in {trials} trials")
    return "\n".join([*lines, *(f"  {k}: {n}" for k, n in sorted(false.items()))])
