"""Keyed rows of text to clean values: nothing is altered without a finding that says so."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean import (
    ambiguous,
    blocks,
    checks,
    course,
    dates,
    decisions,
    dictionary,
    expected,
    laboratory,
    logic_checks,
    panels,
    people,
    plausible,
    rowkeys,
    study_rules,
    timeline,
    units,
)
from sclerotrial.clean.column import Verdict
from sclerotrial.clean.former import changes
from sclerotrial.clean.judge import Judge
from sclerotrial.clean.specs import Spec, form_of, specs
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.findings import frame
from sclerotrial.study_models import Study

__all__ = ["clean_forms"]

#: columns of a laboratory list that its own rules read
_LABORATORY = ("test", "result", "unit", "ref_low", "ref_high", "flag")


def clean_forms(
    study: Study,
    crf: Mapping[str, pd.DataFrame],
    dictionaries: Mapping[str, Dictionary] | None = None,
    decided: pd.DataFrame | None = None,
    former: Mapping[str, pd.DataFrame] | None = None,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Clean all forms of a study.

    Parameters
    ----------
    crf : mapping of form to DataFrame
        As `sclerotrial.read` gives them: all text, '' for missing.
    dictionaries : mapping of source to Dictionary, optional
        The data dictionaries of the sources (`sclerotrial.read.dictionaries`).
    decided : DataFrame, optional
        Decisions of a person (see `sclerotrial.clean.decisions`).
    former : mapping of form to DataFrame, optional
        The forms as read from a former export: what it said differently is told.

    Returns
    -------
    (dict of DataFrame, DataFrame)
        The forms, all text: dates ISO, numbers canonical, choices as codes, '' for missing; and
        the findings. Cleaning clean forms changes nothing.

    Raises
    ------
    InputErrors
        Everything that must be corrected before an analysis can be right: dates that are none,
        subjects that are in no case report form, treatment without allocation, decisions and
        rules that cannot be understood.
    """
    dictionaries = dictionaries or {}
    crf = dict(crf)
    queries = None
    if decisions.needs_queries(decided):
        queries = _clean(study, decisions.apply(crf, None, None), dictionaries)[1]
        queries = rowkeys.with_keys(study, queries, crf)
    done = decisions.apply(crf, decided, queries)
    clean, findings = _clean(study, done, dictionaries)
    if former:
        told = _specs(study, done.crf, dictionaries)
        findings = pd.concat(
            [findings, frame(changes(study, crf, former, told))], ignore_index=True
        )
    return clean, rowkeys.with_keys(study, findings, crf)


def _specs(
    study: Study, crf: Mapping[str, pd.DataFrame], dictionaries: Mapping[str, Dictionary]
) -> dict[str, dict[str, Spec]]:
    return {
        name: specs(study, name, table, dictionaries.get(form_of(study, name).source))
        for name, table in crf.items()
    }


def _clean(
    study: Study, done: decisions.Decided, dictionaries: Mapping[str, Dictionary]
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Clean the forms with the decisions applied to them."""
    crf = done.crf
    told = _specs(study, crf, dictionaries)
    orders = _date_texts(study, crf, told)
    codes = {c.casefold() for c in study.forms.missing_codes}
    clean: dict[str, pd.DataFrame] = {}
    findings: list[dict[str, str]] = []
    problems: list[Problem] = []
    for name, table in crf.items():
        table = _with_subject(study, name, table)
        form, spec = form_of(study, name), told[name]
        if form.laboratory:
            table = laboratory.with_raw(table)
            spec = _laboratory_specs(table, spec)
        judges = _date_judges(study, name, table, spec, orders)
        work, notes = checks.rescale_lines(table, form, name)
        findings += notes
        project = dictionaries.get(form.source)  # may declare codes of its own
        own = codes | {c.casefold() for c in (project.missing if project else ())}
        work, notes, wrong = dictionary.clean_columns(work, spec, own, name, form.key, judges)
        work = decisions.restore(done, name, work, table, spec)
        findings += notes
        problems += wrong
        problems += course.unknown_fields(work, form, name)
        work, notes = _form_rules(study, name, work, table, spec)
        findings += notes
        clean[name] = work
    findings = ambiguous.settle(study, clean, findings)
    problems += people.subject_problems(study, clean, crf)
    judge = Judge(study, clean, crf, told, dictionaries)
    notes, wrong = study_rules.rules(judge)
    raise_if_any(problems + done.problems + wrong)
    findings += people.empty_tables(study, crf) + _across(study, clean)
    findings += logic_checks.from_dictionary(judge) + notes
    findings += expected.undated(study, clean, crf, told)
    findings += blocks.block_ratio(study, crf) + panels.panels(study, clean, crf, findings)
    return clean, frame(decisions.shown(done, findings, clean) + done.findings)


def _across(study: Study, clean: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """The rules across forms."""
    return [
        *people.eligibility(clean),
        *people.strata(study, clean),
        *people.samples(study, clean),
        *timeline.unknown_visits(study, clean),
        *timeline.visit_order(study, clean),
        *timeline.before_consent(study, clean),
        *timeline.allocation_day(study, clean),
        *timeline.form_dates(study, clean),
        *timeline.out_of_trial(study, clean),
        *timeline.dose_intervals(clean),
        *timeline.last_dose(clean),
        *expected.blank_events(study, clean),
        *expected.forms_of_visits(study, clean),
        *expected.windows(study, clean),
        *expected.never_dosed(clean),
        *expected.aliquots(study, clean),
    ]


def _with_subject(study: Study, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows that belong to someone; an allocation list also has numbers never used."""
    source = study.forms.sources.get(form_of(study, name).source)
    if source is not None and source.restricted:
        return table[table["USUBJID"] != ""].reset_index(drop=True)
    return table


def _laboratory_specs(table: pd.DataFrame, spec: dict[str, Spec]) -> dict[str, Spec]:
    """The specs of a laboratory list: what its own rules read or wrote passes as text."""
    kept = {c: s for c, s in spec.items() if c not in (*_LABORATORY, *laboratory.OUT)}
    return kept | {
        c: Spec(c, required=c in spec and spec[c].required) for c in _LABORATORY if c in table
    }


def _form_rules(
    study: Study,
    name: str,
    work: pd.DataFrame,
    raw: pd.DataFrame,
    spec: dict[str, Spec],
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """The rules within one form, on typed values."""
    form = form_of(study, name)
    number = {v.avisit: v.avisitn for v in study.visits}
    findings = [
        *checks.pairs(work, form, spec, name),
        *checks.ongoing(work, raw, form, name),
        *checks.several_events(work, name),
        *checks.serious(work, name),
        *checks.other_rater(work, form, name, lambda v: number.get(v, 0.0)),
    ]
    if form.laboratory:
        work, notes = laboratory.clean_lab(work, study, name, form.key)
        findings += notes
    if form.units:
        work, notes = units.convert_fields(work, study, form, name)
        findings += notes
    findings += units.plausible_vitals(work, study, form, name)
    findings += course.zeros_for_missing(work, form, name)
    work, notes = checks.totals(work, form, name)
    findings += notes
    work, notes = checks.duplicates(work, form.key, name, people.is_table(study, name))
    findings += notes + plausible.after_cleaning(study, name, work, spec)
    findings += course.reversed_scales(work, form, name) + course.one_side(work, form, name)
    findings += course.exchanged_digits(work, form, name)
    return work, findings


def _date_texts(
    study: Study, crf: Mapping[str, pd.DataFrame], told: Mapping[str, dict[str, Spec]]
) -> dict[str, list[str]]:
    """All texts of date columns, by raw file: they show together how it orders its dates."""
    texts: dict[str, list[str]] = {}
    for name, table in crf.items():
        columns = [c for c, s in told[name].items() if s.kind in dates.DATE_KINDS]
        for file, rows in table.groupby("SRCFILE", sort=True):
            for column in columns:
                texts.setdefault(str(file), []).extend(pd.unique(rows[column]))
    return texts


def _date_judges(
    study: Study,
    name: str,
    table: pd.DataFrame,
    spec: Mapping[str, Spec],
    texts: Mapping[str, list[str]],
) -> dict:
    source = study.forms.sources.get(form_of(study, name).source)
    default = source.date_order if source else None
    stopped = study.recruitment.stopped
    latest = stopped.year + 2 if stopped else 2049
    whole = [t for file in pd.unique(table["SRCFILE"]) for t in texts.get(file, [])]
    judges: dict[str, object] = {"": Verdict}
    for column, s in spec.items():
        if s.kind in dates.DATE_KINDS:
            order = dates.column_order(pd.unique(table[column]), whole, s.order, default)
            few = dates.few_ambiguous(table[column], order, ambiguous.FEW)
            judges[column] = dates.judge(s, order, latest, few)
    return judges
