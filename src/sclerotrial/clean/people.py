"""Rules across forms on who is in the trial: subjects, allocation, stratum, samples."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sclerotrial.clean.specs import form_of
from sclerotrial.clean.timeline import FORM_DAYS, days_between, visit_dates
from sclerotrial.errors import Problem, did_you_mean
from sclerotrial.read.findings import doubt, finding, place
from sclerotrial.read.identity import shown_id
from sclerotrial.study_models import Study

Found = list[dict[str, str]]
Frames = dict[str, pd.DataFrame]


def is_table(study: Study, form: str) -> bool:
    """Whether a form comes from a table, not from case report forms."""
    source = study.forms.sources.get(form_of(study, form).source)
    return source is not None and source.format == "table"


def subject_problems(study: Study, crf: Frames, raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Subjects of tables that no case report form knows; treated ones that nobody randomised.

    `raw` are the forms as read: their allocation list still has the rows without a subject.
    """
    known = {s for f, t in crf.items() if not is_table(study, f) for s in t["USUBJID"].unique()}
    found = []
    for name, table in crf.items():
        if not known or not is_table(study, name):
            continue
        source = study.forms.sources[form_of(study, name).source]
        first = table[(table["USUBJID"] != "") & ~table["USUBJID"].isin(known)]
        for row in first.drop_duplicates("USUBJID").to_dict("records"):
            found.append(
                Problem(
                    f"Subject {shown_id(row['USUBJID'])!r} of {name!r} is in no case report form."
                    + did_you_mean(row["USUBJID"], known),
                    f"{row['SRCFILE']}, line {row['SRCLINE']}, field {source.subject}",
                    "Correct the subject's id, or export the case report forms again",
                )
            )
    return found + _allocation_problems(crf, raw) + _arm_problems(study, crf, raw)


def _arm_problems(study: Study, crf: Frames, raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Subjects allocated to what is no arm of the trial: they would be in no analysis."""
    arms = {a.code for a in study.arms}
    if not arms or "arm" not in crf.get("allocation", ()):
        return []
    allocation = crf["allocation"]
    written = raw["allocation"].set_index(["SRCFILE", "SRCLINE"])["arm"]
    field = form_of(study, "allocation").fields.get("arm")
    column = (field.source if field else "") or "arm"
    return [
        Problem(
            f"Subject {row['USUBJID']} is allocated to "
            + (f"{said!r}, which is no arm of the trial." if said.strip() else "no arm")
            + did_you_mean(said, arms),
            f"{row['SRCFILE']}, line {row['SRCLINE']}, field {column}",
            f"Correct the allocation list, or arms in study.yaml: {', '.join(sorted(arms))}",
        )
        for row in allocation[~allocation["arm"].isin(arms)].to_dict("records")
        for said in [written[row["SRCFILE"], row["SRCLINE"]]]
    ]


def _allocation_problems(crf: Frames, raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    if "allocation" not in crf:
        return []
    allocation = crf["allocation"]
    found = [
        Problem(
            f"Subject {row['USUBJID']} was allocated twice",
            f"{row['SRCFILE']}, line {row['SRCLINE']}, field subject",
            "Correct the allocation list: a subject has one number",
        )
        for row in allocation[allocation.duplicated("USUBJID")].to_dict("records")
    ]
    if "dosing" in crf:
        lost = raw["allocation"][raw["allocation"]["USUBJID"] == ""]
        lost = lost[lost.get("rand_date", lost["USUBJID"]) != ""]
        hint = "".join(
            f"; {file}, line {line} has a date and no subject"
            for file, line in lost[["SRCFILE", "SRCLINE"]].itertuples(index=False)
        )
        treated = crf["dosing"][~crf["dosing"]["USUBJID"].isin(set(allocation["USUBJID"]))]
        found += [
            Problem(
                f"Subject {row['USUBJID']} was treated without allocation",
                f"{row['SRCFILE']}, line {row['SRCLINE']}, form dosing{hint}",
                "Add the subject to the allocation list, or correct the subject's id",
            )
            for row in treated.drop_duplicates("USUBJID").to_dict("records")
        ]
    return found


def empty_tables(study: Study, raw: Mapping[str, pd.DataFrame]) -> Found:
    """Tables with a header and no rows: what depends on them will be missing."""
    return [
        finding(
            rule="no_rows",
            severity="error",
            form=name,
            message="The table has a header and no rows",
            file=study.forms.sources[form_of(study, name).source].file,
            line=1,
        )
        for name, table in raw.items()
        if is_table(study, name) and table.empty
    ]


def eligibility(crf: Frames) -> Found:
    """Allocated though not eligible, or eligible and neither allocated nor treated."""
    if "allocation" not in crf or "eligibility" not in crf:
        return []
    table = crf["eligibility"]
    if "elig_ok" not in table:
        return []
    allocated = set(crf["allocation"]["USUBJID"])
    treated = set(crf["dosing"]["USUBJID"]) if "dosing" in crf else set()
    wrong = table[(table["elig_ok"] == "0") & table["USUBJID"].isin(allocated)]
    waiting = table[(table["elig_ok"] == "1") & ~table["USUBJID"].isin(allocated | treated)]
    return [
        finding(
            rule=rule,
            severity=severity,
            field="elig_ok",
            raw=row["elig_ok"],
            value=row["elig_ok"],
            message=message,
            **place(row, "eligibility"),
        )
        for rows, rule, severity, message in (
            (wrong, "allocated_not_eligible", "error", "Not eligible, yet in the allocation list"),
            (
                waiting,
                "eligible_not_allocated",
                "warning",
                "Eligible, yet not in the allocation list",
            ),
        )
        for row in rows.to_dict("records")
    ]


def strata(study: Study, crf: Frames) -> Found:
    """The stratum of the allocation list against what the case report form says.

    The field of the CRF is the one named `<code of the stratum>_current`; 1 and 0 are Y and N.
    """
    if "allocation" not in crf or "stratum" not in crf["allocation"] or len(study.strata) != 1:
        return []
    field = f"{study.strata[0].code.lower()}_current"
    name = next((f for f, t in crf.items() if field in t), None)
    if name is None:
        return []
    said = crf[name][crf[name][field] != ""].drop_duplicates("USUBJID").set_index("USUBJID")
    found = []
    for row in crf["allocation"].to_dict("records"):
        if row["USUBJID"] not in said.index or not row["stratum"]:
            continue
        on_crf = {"1": "Y", "0": "N"}.get(value := said.at[row["USUBJID"], field], value)
        if on_crf != row["stratum"]:
            record = said.loc[row["USUBJID"]].to_dict() | {"USUBJID": row["USUBJID"]}
            found.append(
                finding(
                    rule="stratum",
                    severity="error",
                    field=field,
                    raw=value,
                    value=value,
                    message=f"The CRF says {on_crf}, the subject was randomised as"
                    f" {row['stratum']} ({row['SRCFILE']}, line {row['SRCLINE']})",
                    **place(record, name),
                )
            )
    return found


def samples(study: Study, crf: Frames) -> Found:
    """Samples of no known visit, taken far from it, or named in a form and missing in the list."""
    name = study.samples.form
    if name not in crf or "visit" not in crf[name]:
        return []
    listed = crf[name]
    dates = visit_dates(study, crf)
    day = dict(zip(zip(dates["USUBJID"], dates["VISIT"], strict=True), dates["DATE"], strict=True))
    found = []
    for row in listed.to_dict("records"):
        at = place(row, name, form_of(study, name).key)
        taken, visit = row.get("collected", "")[:10], day.get((row["USUBJID"], row["visit"]))
        if study.samples.visits and row["visit"] not in study.samples.visits:
            near = did_you_mean(row["visit"], study.samples.visits)
            found.append(
                finding(
                    rule="sample_visit",
                    severity="error",
                    field="visit",
                    raw=row["visit"],
                    value=row["visit"],
                    message=f"No visit at which samples are taken.{near}",
                    **at,
                )
            )
        elif visit and len(taken) == 10 and abs(days_between(taken, visit)) > FORM_DAYS:
            found.append(
                finding(
                    rule="date_off_visit",
                    field="collected",
                    raw=row["collected"],
                    value=row["collected"],
                    message=f"{abs(days_between(taken, visit))} days from the visit ({visit})",
                    **at,
                )
            )
    known = set(listed["barcode"]) if "barcode" in listed else set()
    for form, table in crf.items():
        for column in [c for c in table if c.endswith("_barcode") and form != name and known]:
            lost = table[(table[column] != "") & ~table[column].isin(known)]
            for row in lost.to_dict("records"):
                found.append(
                    doubt(
                        row,
                        column,
                        form,
                        rule="barcode_not_listed",
                        message=f"The list of samples has no such barcode"
                        f".{did_you_mean(row[column], known)}",
                    )
                )
    return found
