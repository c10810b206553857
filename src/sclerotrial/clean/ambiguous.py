"""Dates that can be read day first or month first, settled by the other dates of their visit."""

from __future__ import annotations

import pandas as pd

from sclerotrial.clean.specs import form_of
from sclerotrial.clean.timeline import FORM_DAYS, VISIT_DATE, VISIT_FORM, days_between
from sclerotrial.read.datetext import parse_date
from sclerotrial.study_models import Study

RULE = "date_ambiguous"
#: up to this share of a column may be ambiguous and is asked about; more must be settled first
FEW = 0.2


def settle(
    study: Study, clean: dict[str, pd.DataFrame], findings: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Read each ambiguous date of a visit in the one way that lies near the visit's other dates.

    The forms are changed in place where exactly one reading lies within some days of another
    date of the same subject and visit; the finding then says so. All else stays missing and
    asked about.
    """
    if not any(f["RULE"] == RULE for f in findings):
        return findings
    near = _dates_of_visits(study, clean)
    out = []
    for f in findings:
        if f["RULE"] != RULE or not f["VISIT"]:
            out.append(f)
            continue
        others = near.get((f["USUBJID"], f["VISIT"]), [])
        readings = {parse_date(f["RAW"], order).iso[:10] for order in ("dmy", "mdy")}
        fits = [r for r in readings if any(abs(days_between(r, o)) <= FORM_DAYS for o in others)]
        if len(fits) != 1:
            out.append(f)
            continue
        table = clean[f["FORM"]]
        at = table.index[(table["SRCFILE"] == f["SRCFILE"]) & (table["SRCLINE"] == f["SRCLINE"])]
        table.loc[at, f["FIELD"]] = fits[0]
        out.append(
            f
            | {
                "RULE": "date_format",
                "SEVERITY": "warning",
                "ACTION": "converted",
                "VALUE": fits[0],
                "MESSAGE": "Day or month first: read so that it lies near the visit's other dates",
            }
        )
    return out


def _dates_of_visits(
    study: Study, clean: dict[str, pd.DataFrame]
) -> dict[tuple[str, str], list[str]]:
    near: dict[tuple[str, str], list[str]] = {}
    for name, table in clean.items():
        field = VISIT_DATE if name == VISIT_FORM else form_of(study, name).date
        if field not in table:
            continue
        for subject, visit, date in zip(
            table["USUBJID"], table["VISIT"], table[field], strict=True
        ):
            if visit and len(date) >= 10:
                near.setdefault((subject, visit), []).append(date[:10])
    return near
