"""What a later export says differently of records that an earlier one had."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean.people import is_table
from sclerotrial.clean.specs import Spec, data_columns, form_of
from sclerotrial.read.findings import MASK, finding, place
from sclerotrial.study_models import Study

Found = list[dict[str, str]]


def changes(
    study: Study,
    now: Mapping[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    told: Mapping[str, Mapping[str, Spec]],
) -> Found:
    """Filled cells that say something else than in the former export, and records that are gone.

    Records are told apart by subject, visit and instance; those of a table by its `key`, without
    one by their subject where each has one record, else not at all. Fields that were blank are no
    history and may be filled.
    """
    found: Found = []
    for name, table in now.items():
        former = before.get(name)
        key = form_of(study, name).key if is_table(study, name) else ["VISIT", "INSTANCE"]
        if former is None or former.empty or not set(key) <= set(former) & set(table):
            continue
        table, former = table[table["USUBJID"] != ""], former[former["USUBJID"] != ""]
        if not key and (
            table["USUBJID"].duplicated().any() or former["USUBJID"].duplicated().any()
        ):
            continue
        key = ["USUBJID", *key]
        old = former.drop_duplicates(key).set_index(key)
        new = table.drop_duplicates(key).set_index(key, drop=False)
        columns = [c for c in data_columns(table) if c in old and c not in key]
        for at in old.index.intersection(new.index, sort=False):
            was, row = old.loc[at], new.loc[at]
            for column in columns:
                if was[column] in ("", row[column]):
                    continue
                hidden = told[name][column].free if column in told[name] else True
                found.append(
                    finding(
                        rule="changed_since",
                        severity="info",
                        field=column,
                        raw=MASK if hidden else row[column],
                        value=MASK if hidden else row[column],
                        message="The former export had "
                        + ("another text" if hidden else repr(was[column])),
                        **place(row.to_dict(), name, form_of(study, name).key),
                    )
                )
        for at in old.index.difference(new.index, sort=False):
            row = dict(zip(key, at if isinstance(at, tuple) else (at,), strict=True))
            found.append(
                finding(
                    rule="record_gone",
                    subject=row["USUBJID"],
                    visit=row.get("VISIT", ""),
                    instance=row.get("INSTANCE", ""),
                    form=name,
                    message="The former export had this record",
                    file=str(old.loc[at]["SRCFILE"]),
                    key="|".join(str(v) for k, v in row.items() if k in form_of(study, name).key),
                )
            )
    return found
