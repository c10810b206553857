"""Do the rows add up? Records of a form, as read, cleaned, used, analysed and reported.

A record is a form's row by file, line and instance. Every record that is in no dataset must be
told: its subject was not randomised, a query says that it is excluded, or it holds no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sclerotrial.derive.entry import PLACE

COLUMNS = [
    "FORM", "DATASET", "READ", "NO_SUBJECT", "REMOVED", "CLEAN", "NOT_RANDOMISED", "EXCLUDED",
    "BLANK", "NOT_CHOSEN", "USED", "UNTOLD", "ROWS", "DERIVED", "NO_RECORD", "ANALYSED",
    "REPORTED", "BALANCE",
]  # fmt: skip
#: forms that give adsl columns, not rows
COLUMNS_OF_ADSL = (
    "eligibility", "ssc_history", "allocation", "visit_log", "dosing", "disposition",
    "drug_accountability",
)  # fmt: skip
_KEY = ["SRCFILE", "SRCLINE"]
Keys = set[tuple[str, ...]]


def reconcile(
    crf: Mapping[str, pd.DataFrame],
    clean: Mapping[str, pd.DataFrame],
    adam: Mapping[str, pd.DataFrame],
    queries: pd.DataFrame,
    lineage: pd.DataFrame,
) -> pd.DataFrame:
    """Counts from form to dataset to report.

    Parameters
    ----------
    crf, clean : mapping
        Form -> keyed rows as read and as cleaned, all text.
    adam : mapping
        Dataset -> rows; adsl must be among them.
    queries : DataFrame
        FORM, ACTION, SRCFILE, SRCLINE: 'excluded' tells why a record is not used.
    lineage : DataFrame
        DATASET, ROW (from 1), ROLE: the rows behind the reported numbers.

    Returns
    -------
    DataFrame
        A row a form and dataset that it feeds, and one a dataset (FORM blank) with the rows that
        no form gave (assays). READ = NO_SUBJECT (unused lines of a list) + REMOVED (told by a
        query) + CLEAN; CLEAN = NOT_RANDOMISED + EXCLUDED + BLANK + NOT_CHOSEN + USED + UNTOLD.
        ROWS are the dataset's rows from these records; DERIVED of them were made from a record
        that has its own row already (carried forward, gaps of dosing, percent changes); NO_RECORD
        name a record that the form does not have. ANALYSED rows bear an analysis flag, REPORTED
        ones stand behind at least one number of the ARD. BALANCE is 'ok', or says what does not
        add up. Forms that feed no dataset have a blank DATASET.
    """
    randomised = set(adam["adsl"].loc[adam["adsl"]["RANDFL"] == "Y", "USUBJID"])
    told = queries[queries["ACTION"] == "excluded"]
    shown = lineage[lineage["ROLE"] != "none"]
    reported = {n: set(g["ROW"].astype(int)) for n, g in shown.groupby("DATASET")}
    rows = []
    for form in sorted(set(crf) | set(clean)):
        read, kept = crf.get(form), clean.get(form)
        excluded = _keys(told[told["FORM"] == form])
        common = {"FORM": form, **_cleaned(read, kept, excluded)}
        fed = [n for n, df in adam.items() if "SRCDOM" in df and (df["SRCDOM"] == form).any()]
        if form in COLUMNS_OF_ADSL and "adsl" not in fed:
            fed.append("adsl")
        if kept is not None and "adbm" in adam and _sampled(kept, adam["adbm"]).any():
            fed.append("adbm")
        for name in fed or [""]:
            part = _edge(kept, adam.get(name), form, randomised, excluded, reported.get(name))
            rows.append({**common, "DATASET": name, **part})
    for name, df in adam.items():
        if "SRCDOM" not in df or not df["SRCDOM"].isin(set(clean)).all():
            loose = df if "SRCDOM" not in df else df[~df["SRCDOM"].isin(set(clean))]
            rows.append({"FORM": "", "DATASET": name, **_counts(loose, reported.get(name, set()))})
    out = pd.DataFrame(rows, columns=COLUMNS)
    out[COLUMNS[2:-1]] = out[COLUMNS[2:-1]].astype("Int64")
    out["BALANCE"] = [_balance(r) for r in out.to_dict("records")]
    return out


def _keys(df: pd.DataFrame | None) -> Keys:
    return set() if df is None else set(zip(*(df[c].astype(str) for c in _KEY), strict=True))


def _places(df: pd.DataFrame) -> pd.Series:
    cells = zip(*(df[c].astype(str) for c in _KEY), strict=True)
    return pd.Series(list(cells), index=df.index, dtype=object)


def _sampled(form: pd.DataFrame, adbm: pd.DataFrame) -> pd.Series:
    """Records that name a sample of which there is a result."""
    samples = set(adbm["SAMPLEID"].astype(str)) - {""}
    return form.drop(columns=[c for c in PLACE if c in form]).isin(samples).any(axis=1)


def _cleaned(
    read: pd.DataFrame | None, kept: pd.DataFrame | None, excluded: Keys
) -> dict[str, int]:
    """Records read, and those that cleaning took out: without a subject, or told by a query."""
    if read is None:
        return {"CLEAN": len(kept)}
    out = {"READ": len(read), "CLEAN": 0 if kept is None else len(kept)}
    gone = read[~_places(read).isin(_keys(kept))]
    nobody = gone["USUBJID"].astype(str) == ""
    told = ~nobody & _places(gone).isin(excluded)
    return out | {"NO_SUBJECT": int(nobody.sum()), "REMOVED": int(told.sum())}


def _edge(
    kept: pd.DataFrame | None,
    dataset: pd.DataFrame | None,
    form: str,
    randomised: set[str],
    excluded: Keys,
    reported: set[int] | None,
) -> dict[str, Any]:
    """What became of a form's records in one dataset."""
    if kept is None or dataset is None:
        return {}
    place, counts = _places(kept), {}
    own = dataset[dataset["SRCDOM"] == form] if "SRCDOM" in dataset else dataset.iloc[:0]
    if len(own):
        used = place.isin(_keys(own))
        counts = _counts(own, reported or set())
        counts["NO_RECORD"] = int((~_places(own).isin(set(place))).sum())
    elif "SAMPLEID" in dataset:
        # samples without a result
        used = _sampled(kept, dataset)
    else:
        # a form of columns: its records stand behind the subject's one row
        used = kept["USUBJID"].isin(set(dataset["USUBJID"]))
    # a time to event takes the first of many records
    chosen_from = not len(own) or "CNSR" in dataset
    stranger = ~used & ~kept["USUBJID"].isin(randomised)
    named = ~used & ~stranger & place.isin(excluded)
    blank = ~used & ~stranger & ~named & _empty(kept)
    rest = ~(used | stranger | named | blank)
    found = {"NOT_RANDOMISED": stranger, "EXCLUDED": named, "BLANK": blank, "USED": used}
    found |= {"NOT_CHOSEN" if chosen_from else "UNTOLD": rest}
    return {k: int(v.sum()) for k, v in found.items()} | counts


def _empty(df: pd.DataFrame) -> pd.Series:
    """Records whose cells are blank but for keys and dates."""
    said = [c for c in df.columns if c not in PLACE and not c.endswith(("_date", "_complete"))]
    return (df[said].astype(str) == "").all(axis=1)


def _counts(rows: pd.DataFrame, reported: set[int]) -> dict[str, int]:
    """Rows of a dataset: all, derived, analysed, behind a number."""
    derived = pd.Series(False, index=rows.index)
    for column, words in (
        ("DTYPE", ["LOCF"]), ("EXTYPE", ["INTERRUPTION"]), ("PARAMCD", ["WTGAIN"]),
    ):  # fmt: skip
        if column in rows:
            derived |= rows[column].isin(words)
    flags = [c for c in ("ANL01FL", "ANL02FL", "TRTEMFL", "SAFFL") if c in rows]
    flags = [f for f in flags if f != "SAFFL"] or flags
    analysed = (rows[flags] == "Y").any(axis=1) if flags else pd.Series(True, index=rows.index)
    return {
        "ROWS": len(rows),
        "DERIVED": int(derived.sum()),
        "ANALYSED": int(analysed.sum()),
        "REPORTED": int((rows.index + 1).isin(reported).sum()),
    }


def _balance(row: Mapping[str, Any]) -> str:
    """'ok', or what does not add up."""
    count = {c: 0 if pd.isna(row[c]) else int(row[c]) for c in COLUMNS[2:-1]}
    wrong = []
    lost = count["READ"] - count["NO_SUBJECT"] - count["REMOVED"] - count["CLEAN"]
    if row["FORM"] and lost:
        wrong.append(f"{lost} record(s) lost in cleaning, with no query")
    if count["UNTOLD"]:
        wrong.append(f"{count['UNTOLD']} record(s) in no row, with no reason")
    if count["NO_RECORD"]:
        wrong.append(f"{count['NO_RECORD']} row(s) name a record that the form does not have")
    return "; ".join(wrong) or "ok"
