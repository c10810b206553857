"""Laboratory panels: tests that a day's panel lacks, visits without one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean.expected import visits_done
from sclerotrial.clean.laboratory import name_key, test_codes
from sclerotrial.clean.specs import form_of
from sclerotrial.clean.timeline import VISIT_DATE, VISIT_FORM, days_between
from sclerotrial.read.findings import finding, place
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = Mapping[str, pd.DataFrame]
#: share of the expected tests from which a day's results are a panel
PANEL = 0.5


def panels(study: Study, clean: Frames, raw: Frames, told: Found) -> Found:
    """Tests missing from the panel of a day, and panels missing at a visit.

    What a row of its own or a name that the study does not know explains is not asked again.

    Parameters
    ----------
    clean, raw : mapping of form to DataFrame
        After and before cleaning.
    told : list of findings
        Those told already.
    """
    found: Found = []
    for name, table in clean.items():
        form = form_of(study, name)
        if not form.panel or not form.laboratory or "sample_date" not in table:
            continue
        dated = table[(table["sample_date"].str.len() == 10) & (table["USUBJID"] != "")]
        found += _tests(study, name, dated, _explained(study, name, raw[name], dated, told))
        found += _visits(study, clean, name, dated)
    return found


def _explained(
    study: Study, name: str, raw: pd.DataFrame, dated: pd.DataFrame, told: Found
) -> dict[tuple[str, str], set[str]]:
    """(subject, day) -> tests ('*' any) of its panel that stand elsewhere in the list."""
    at = {(r["SRCFILE"], r["SRCLINE"]): r for r in dated.to_dict("records")}
    out: dict[tuple[str, str], set[str]] = {}
    lone = [at.get((f["SRCFILE"], f["SRCLINE"])) for f in told if f["RULE"] == "lone_result"]
    for row in filter(None, lone):
        for subject, day in zip(dated["USUBJID"], dated["sample_date"], strict=True):
            if subject == row["USUBJID"] or day == row["sample_date"]:
                out.setdefault((subject, day), set()).add(row["test"])
    codes = test_codes(study.laboratory)
    written = dict(
        zip(zip(raw["SRCFILE"], raw["SRCLINE"], strict=True), raw["sample_date"], strict=True)
    )
    days = {
        (r["USUBJID"], written.get(k, "")): (r["USUBJID"], r["sample_date"]) for k, r in at.items()
    }
    for row in raw[~raw["test"].map(name_key).isin(codes)].to_dict("records"):
        panel = days.get((row["USUBJID"], row["sample_date"]))
        if panel:
            out.setdefault(panel, set()).add("*")
    return out


def _tests(
    study: Study, name: str, dated: pd.DataFrame, explained: Mapping[tuple[str, str], set[str]]
) -> Found:
    wanted = form_of(study, name).panel.tests
    found: Found = []
    for (subject, day), rows in dated.groupby(["USUBJID", "sample_date"], sort=True):
        there = set(rows["test"])
        known = explained.get((subject, day), set())
        lacking = [t for t in wanted if t not in there | known]
        if "*" in known or not lacking or len(there & set(wanted)) < PANEL * len(wanted):
            continue
        row = rows.iloc[0].to_dict()
        for test in lacking:
            found.append(
                finding(
                    rule="test_missing",
                    field="test",
                    message=f"The results of {day} lack {test}",
                    **place(row, name) | {"key": f"{day}|{test}"},
                )
            )
    return found


def _visits(study: Study, clean: Frames, name: str, dated: pd.DataFrame) -> Found:
    panel = form_of(study, name).panel
    days: dict[str, list[str]] = {}
    counts = dated[dated["test"].isin(panel.tests)].groupby(["USUBJID", "sample_date"]).size()
    for subject, day in counts[counts >= PANEL * len(panel.tests)].index:
        days.setdefault(subject, []).append(day)
    found: Found = []
    for (subject, visit), row in visits_done(clean).items():
        if visit not in panel.visits or len(row[VISIT_DATE]) < 10:
            continue
        near = (abs(days_between(d, row[VISIT_DATE][:10])) for d in days.get(subject, ()))
        if min(near, default=panel.days + 1) > panel.days:
            found.append(
                finding(
                    rule="panel_missing",
                    field=name,
                    message=f"The visit took place, and {name!r} has no panel within"
                    f" {panel.days} days of it",
                    **place(row, VISIT_FORM),
                )
            )
    return found
