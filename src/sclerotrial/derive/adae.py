"""adae: adverse events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.derive import emergent
from sclerotrial.derive.bds import SUBJECT, arrange, subjects
from sclerotrial.derive.codes import labels, meanings, unmapped
from sclerotrial.derive.entry import as_number, require, rows_of, take
from sclerotrial.derive.exposure import by_subject, dose_on
from sclerotrial.derive.spans import dated_spans
from sclerotrial.read.findings import finding, frame, place
from sclerotrial.tabular import num

FORM = "adverse_events"
FIELDS = [
    "ae_verbatim", "ae_pt", "ae_soc", "ae_start", "ae_end", "ae_ongoing", "ae_grade", "ae_serious",
    "ae_hosp", "ae_rel", "ae_action", "ae_outcome",
]  # fmt: skip
COLUMNS = [
    *SUBJECT, "AESEQ", "AEGRPID", "AETERM", "AEDECOD", "AEBODSYS", "ASTDT", "ASTDTF", "AENDT",
    "AENDTF", "ASTDY", "AENDY", "AEONGO", "AETOXGRN", "AESER", "AESHOSP", "AEREL", "AERELN",
    "RELFL", "AEACN", "AEOUT", "TRTEMFL", "DOSEON", "WEEK1FL", "AOCCFL", "AOCCSFL", "AOCCPFL",
    "AOCCIFL", "AOCCSIFL", "AOCCPIFL", "AOCCEFL", "DECHAL", "RECHAL", "SRCDOM",
    "SRCFILE", "SRCLINE",
]  # fmt: skip


def events(
    study: Any, clean: Mapping[str, pd.DataFrame], people: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Adverse events with dates, episodes and the emergent flag.

    Parameters
    ----------
    study : Study
        Sections ``forms``, ``safety``.
    clean : mapping
        Form ``adverse_events``.
    people : DataFrame
        USUBJID, TRTSDT, TRTEDT, EOSDT.

    Returns
    -------
    (DataFrame, list of dict)
        The fields of the form, and ASTDT, AENDT, ... TRTEMFL, WEEK1FL. A row without a coded term
        is 'Uncoded', with a finding; its episode goes by the words written.
    """
    df = take(clean, FORM, [], FIELDS)
    for field in ("ae_pt", "ae_soc"):
        df[field] = one_spelling(df[field])
    notes = unmapped(df, study, FORM, ["ae_rel", "ae_action", "ae_outcome"])
    df, more = dated_spans(df, FORM, "ae_start", "ae_end", "ae_ongoing", people)
    df["LINE"] = np.arange(len(df))
    coded = df["ae_pt"].where(df["ae_pt"] != "", df["ae_verbatim"])
    df["TERM"] = coded.str.strip().str.lower()
    grades = [as_number(v) for v in df["ae_grade"]]
    df["GRADE"] = pd.Series(grades, index=df.index, dtype=float)
    notes += [
        finding(
            rule="term_uncoded",
            message="The event has no coded term; it is listed as 'Uncoded'",
            field="ae_pt",
            **place(row, FORM),
        )
        for row in rows_of(df[df["ae_pt"].str.strip() == ""])
    ]
    df = emergent.add_episodes(df)
    flags = emergent.emergent_rows(df, study.safety.emergent_days_after_last_dose)
    df["TRTEMFL"] = np.where(np.array(flags, dtype=bool), "Y", "")
    early = df["ASTDY"].between(1, study.safety.early_onset_days)
    df["WEEK1FL"] = np.where(early & (df["TRTEMFL"] == "Y"), "Y", "")
    return df, notes + more


def one_spelling(terms: pd.Series) -> pd.Series:
    """Terms that differ in case, blanks or signs alone, all in their most frequent spelling.

    The first letter is upper case; of equally frequent spellings the first by alphabet counts.
    """
    text = terms.str.strip().str.split().str.join(" ")
    text = text.str[:1].str.upper() + text.str[1:]
    sign = text.str.lower().str.replace(r"[^0-9a-z]+", " ", regex=True).str.strip()
    many = text.groupby([sign, text]).size().rename("MANY").rename_axis(["SIGN", "TEXT"])
    ranked = many.reset_index().sort_values(["MANY", "TEXT"], ascending=[False, True])
    usual = ranked.drop_duplicates("SIGN").set_index("SIGN")["TEXT"]
    return text.where(sign == "", sign.map(usual)).fillna("")


def derive_adae(
    study: Any, clean: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, adex: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive adae.

    Parameters
    ----------
    study : Study
        Sections ``forms``, ``safety``.
    clean : mapping
        Form ``adverse_events``.
    adsl, adex : DataFrame

    Returns
    -------
    (DataFrame, DataFrame)
        Rows (key USUBJID, AESEQ) and findings. Rows of one event share AEGRPID, so events are
        counted by it; AOCCEFL marks the worst row of each emergent episode. DOSEON is the dose on
        the day of onset, NaN before treatment.
    """
    people = subjects(adsl, ["EOSDT"])
    df, notes = events(study, clean, people)
    require(adex, "adex", ["USUBJID", "ASTDT", "AENDT", "DOSE", "EXTYPE"])
    doses = adex.assign(DOSE=num(adex["DOSE"])).sort_values(["USUBJID", "ASTDT"], kind="stable")
    df = add_words(df, study)
    df["AESEQ"] = df.groupby("USUBJID").cumcount() + 1
    df = add_challenges(df, doses)
    df = add_occurrence(df)
    df["SRCDOM"] = FORM
    return arrange(df, COLUMNS), frame(notes)


def add_words(df: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Names and labels of the coded fields; a code without a label gives a blank.

    Parameters
    ----------
    df : DataFrame
        From `events`.
    study : Study
    """
    out = df.rename(columns={"ae_verbatim": "AETERM", "ae_soc": "AEBODSYS", "ONGOING": "AEONGO"})
    out["AEDECOD"] = out["ae_pt"].replace("", "Uncoded")
    out["AETOXGRN"] = out["GRADE"]
    out["AESER"] = np.where(out["ae_serious"] == "1", "Y", "")
    out["AESHOSP"] = np.where(out["ae_hosp"] == "1", "Y", "")
    out["AERELN"] = pd.Series([as_number(v) for v in out["ae_rel"]], index=out.index, dtype=float)
    related = {c for c, word in meanings(FORM, "ae_rel").items() if word == "RELATED"}
    out["RELFL"] = np.where(out["ae_rel"].isin(related), "Y", "")
    for column, field in (("AEREL", "ae_rel"), ("AEACN", "ae_action"), ("AEOUT", "ae_outcome")):
        words = labels(study, FORM, field)
        out[column] = [words.get(v, "") for v in out[field]]
    for column, field in (("ACTION", "ae_action"), ("OUTCOME", "ae_outcome")):
        words = meanings(FORM, field)
        out[column] = [words.get(v, "") for v in out[field]]
    return out


def add_challenges(df: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """Add DOSEON, DECHAL and RECHAL.

    Parameters
    ----------
    df : DataFrame
        Rows with USUBJID, TERM, ASTDT, AENDT, ACTION, OUTCOME, AEGRPID.
    doses : DataFrame
        adex, sorted, DOSE as numbers.
    """
    out = df.copy()
    given, events = by_subject(doses), by_subject(out)
    on, de, re = [], [], []
    for row in rows_of(out):
        own = given.get(row["USUBJID"], [])
        same = [e for e in events[row["USUBJID"]] if e["TERM"] == row["TERM"]]
        on.append(dose_on(own, row["ASTDT"]))
        de.append(emergent.dechallenge(row, own))
        re.append(emergent.rechallenge(row, own, same))
    out["DOSEON"] = pd.Series(on, index=out.index, dtype=float)
    out["DECHAL"], out["RECHAL"] = de, re
    return out


def add_occurrence(df: pd.DataFrame) -> pd.DataFrame:
    """Flag first and worst occurrences among the emergent rows.

    Parameters
    ----------
    df : DataFrame
        USUBJID, TERM, AEBODSYS, AEGRPID, TRTEMFL, ASTDT, AETOXGRN, AESEQ.

    Returns
    -------
    DataFrame
        AOCCFL first of the subject, AOCCSFL of subject and body system, AOCCPFL of subject and
        term (earliest start, a missing start first, then AESEQ); AOCCIFL, AOCCSIFL and AOCCPIFL the
        worst grade of the same, AOCCEFL of the episode (then the earliest). Rows without a grade
        come last among the worst.
    """
    out = df.copy()
    rows = out[out["TRTEMFL"] == "Y"]
    first = rows.sort_values(["USUBJID", "ASTDT", "AESEQ"], kind="stable")
    worst = rows.assign(UP=-rows["AETOXGRN"]).sort_values(
        ["USUBJID", "UP", "ASTDT", "AESEQ"], kind="stable", na_position="last"
    )
    for flag, ranked, key in (
        ("AOCCFL", first, ["USUBJID"]),
        ("AOCCSFL", first, ["USUBJID", "AEBODSYS"]),
        ("AOCCPFL", first, ["USUBJID", "TERM"]),
        ("AOCCIFL", worst, ["USUBJID"]),
        ("AOCCSIFL", worst, ["USUBJID", "AEBODSYS"]),
        ("AOCCPIFL", worst, ["USUBJID", "TERM"]),
        ("AOCCEFL", worst, ["AEGRPID"]),
    ):
        out[flag] = ""
        out.loc[ranked.drop_duplicates(key).index, flag] = "Y"
    return out
