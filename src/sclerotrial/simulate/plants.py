"""Faults that must stop the pipeline; planted only when asked for."""

from __future__ import annotations

from collections.abc import Callable

from sclerotrial.simulate import crf, laboratory, logs
from sclerotrial.simulate.key import Defect
from sclerotrial.simulate.options import Options, stream
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.truth import Truth

Sheets = dict[str, Sheet]
Texts = dict[str, str]


def _pick(options: Options, kind: str, rows: list) -> object:
    return rows[int(stream(options.seed, "plant", kind).integers(len(rows)))]


def subject_without_allocation(
    options: Options, truth: Truth, sheets: Sheets, texts: Texts
) -> Defect:
    """A treated patient whose line of the allocation list lost its subject."""
    rows = [r for r in sheets[logs.ALLOCATION].rows if r["subject"]]
    row = _pick(options, "subject_without_allocation", rows)
    subject, row["subject"] = row["subject"], ""
    return Defect(
        "subject_without_allocation",
        logs.ALLOCATION,
        "subject",
        subject,
        "",
        "",
        subject,
        "error",
        row,
    )


def impossible_date(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> Defect:
    """A sampling day that no calendar has."""
    row = _pick(options, "impossible_date", sheets[laboratory.PATH].rows)
    was, row["date"] = row["date"], "31/06/2008"
    return Defect(
        "impossible_date",
        laboratory.PATH,
        "date",
        row["patient"],
        "",
        row["date"],
        was,
        "error",
        row,
    )


def subject_by_initials(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> Defect:
    """A result of the hospital's list under the patient's initials."""
    row = _pick(options, "subject_by_initials", sheets[laboratory.PATH].rows)
    rows = sheets[crf.PATH].rows
    initials = {r["record_id"]: r["initials"] for r in rows if r.get("initials")}
    subject = row["patient"]
    row["patient"] = initials.get(subject, "XY")
    return Defect(
        "subject_by_initials",
        laboratory.PATH,
        "patient",
        subject,
        "",
        row["patient"],
        subject,
        "error",
        row,
    )


def duplicate_visit(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> Defect:
    """The same event of a patient exported twice, with different content."""
    rows = sheets[crf.PATH].rows
    row = _pick(
        options,
        "duplicate_visit",
        [r for r in rows if r["redcap_event_name"] == "month_1_arm_1" and r.get("pulse")],
    )
    again = dict(row, pulse=str(int(row["pulse"]) + 4))
    rows.insert(rows.index(row) + 1, again)
    return Defect(
        "duplicate_visit",
        crf.PATH,
        "redcap_event_name",
        row["record_id"],
        "Month 1",
        row["redcap_event_name"],
        "",
        "error",
        again,
    )


def unknown_barcode(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> Defect:
    """A sample on the plate that the manifest does not have."""
    rows = sheets[logs.MANIFEST].rows
    path = "serum/luminex_plate1.csv"
    on_plate = [r for r in rows if f'"{r["barcode"]}"' in texts[path]]
    code = _pick(options, "unknown_barcode", on_plate)["barcode"]
    wrong = code.replace("IM", "JM", 1)
    texts[path] = texts[path].replace(f'"{code}"', f'"{wrong}"')
    line = next(i for i, t in enumerate(texts[path].split("\n"), 1) if f'"{wrong}"' in t)
    return Defect(
        "unknown_barcode", path, "Sample", code.split("-")[0], "", wrong, code, "error", line=line
    )


def truncated_plate(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> Defect:
    """A plate file cut within its table of counts."""
    path = "serum/luminex_plate1.csv"
    lines = texts[path].split("\r\n")
    start = lines.index('"DataType:","Count"')
    cut = start + 9
    kept = lines[cut][: len(lines[cut]) // 2]
    texts[path] = "\r\n".join([*lines[:cut], kept])
    return Defect("truncated_plate", path, "", "", "", kept, lines[cut], "error", line=cut + 1)


PLANTS: dict[str, Callable[..., Defect]] = {
    f.__name__: f
    for f in (
        subject_without_allocation,
        impossible_date,
        subject_by_initials,
        duplicate_visit,
        unknown_barcode,
        truncated_plate,
    )
}
KINDS = tuple(PLANTS)


def plant(options: Options, truth: Truth, sheets: Sheets, texts: Texts) -> list[Defect]:
    """Plant the faults asked for, in a fixed order."""
    return [f(options, truth, sheets, texts) for k, f in PLANTS.items() if k in options.plant]
