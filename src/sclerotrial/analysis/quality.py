"""Data quality: queries by rule and status, and what is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sclerotrial import ard
from sclerotrial.analysis import blocks
from sclerotrial.analysis.blocks import Rows
from sclerotrial.analysis.common import Desk, Frames, both, by_subject, is_
from sclerotrial.analysis.conduct import assay_checks, conduct
from sclerotrial.ard import Scope, slug


def quality(study: Any, frames: Frames, checks: pd.DataFrame | None = None) -> pd.DataFrame:
    """Queries, missing endpoint values, intercurrent events, deviations, checks of assays.

    Parameters
    ----------
    study : Study
        Sections ``analyses``, ``endpoints``, ``visits``, ``efficacy_visits``,
        ``intercurrent_events``.
    frames : mapping of name to DataFrame of str
        ``queries``, ``adsl`` and the datasets of the endpoints.
    checks : DataFrame of str, optional
        Checks of all assays, one after the other.
    """
    desk = Desk.of(study, frames)
    # what the present export holds: neither the status against a former list, nor what it solved
    queries = frames["queries"]
    queries = queries[queries["STATUS"] != "solved"]
    at = Scope("quality", "queries", dataset="queries", label="Queries", unit="queries")
    rows: Rows = [at.row("count", len(queries))]
    for column in ("SEVERITY", "ACTION", "RULE", "FORM"):
        if column not in queries.columns:
            continue
        for value, k in sorted(queries[column].value_counts().items()):
            if value:
                here = at.but(
                    param=f"queries_{column.lower()}_{slug(value)}",
                    label=f"Queries, {column.lower()} {value}",
                    where=is_(column, value),
                )
                rows.append(here.row("count", int(k)))
    rows += _missing(desk) + conduct(desk)
    return ard.frame(rows + (assay_checks(checks) if checks is not None else []))


def _missing(desk: Desk) -> Rows:
    """Endpoint values expected at a visit and not there, over all treated."""
    rows: Rows = []
    group = "all" if "all" in desk.plan.groups else next(iter(desk.plan.groups), "")
    for code in desk.plan.efficacy.endpoints:
        e = desk.study.endpoints[code]
        for visit in desk.study.efficacy_visits:
            where = both(
                is_("PARAMCD", code), is_("AVISIT", visit), 'ANL01FL=="Y"', desk.group(group).where
            )
            found = by_subject(desk.select(e.dataset, where), "AVAL")
            at = desk.scope(
                "quality", group, param=code.lower(), label=e.param, paramcd=code, avisit=visit,
                quantity="missing", dataset=e.dataset, where=where,
            )  # fmt: skip
            size = desk.size(group)
            rows += blocks.count(at, size - len(found), n=size)
    return rows
