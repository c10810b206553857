"""Which subject, visit and compartment a sample is: barcodes against the manifest."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, did_you_mean, raise_if_any

_HAEMOLYSED = re.compile(r"ha?emoly", re.I)
#: What may be shown of a sample's name: a code of one word with a digit, never a person's name.
_CODE = re.compile(r"(?=.*\d)[\w./-]{1,32}", re.A)
#: More samples of a file with the same fault are told as a sum.
_ONE_BY_ONE = 5
_FINE = {"", "ok", "good", "fine", "acceptable", "normal"}


def tally(readings: pd.DataFrame, samples: pd.DataFrame, compartment: str) -> tuple[int, int]:
    """Number of samples on the plates that the manifest knows in this compartment, and does not."""
    names = _measured(readings)
    known = set(samples.loc[samples["compartment"].str.upper() == compartment, "barcode"])
    return sum(n in known for n in names), sum(n not in known for n in names)


def match(
    readings: pd.DataFrame, samples: pd.DataFrame, compartment: str, visits: list[str] | None = None
) -> tuple[pd.DataFrame, list[dict]]:
    """Match the samples of the plates to the manifest; exactly, never by guess.

    Parameters
    ----------
    readings : DataFrame
        SAMPLE, TASK, FILE, LINE; standards, controls, blanks and NTC are never matched.
    samples : DataFrame
        The cleaned manifest, all text: barcode, USUBJID, visit, compartment, collected,
        freeze_thaw, quality.
    compartment : str
        Compartment of the assay.
    visits : list of str, optional
        Visits at which samples are drawn.

    Returns
    -------
    matched : DataFrame
        SAMPLE, USUBJID, AVISIT, COLLECTED, DOUBT (bool: haemolysed or otherwise of poor quality).
    rows : list of dict
        Quality rows: sample_duplicate, freeze_thaw, sample_quality, sample_missing.

    Raises
    ------
    InputErrors
        Barcodes that the manifest does not know, of another compartment, listed twice, or of an
        unknown visit.
    """
    manifest = samples.fillna("").astype(str)
    known = manifest["barcode"].tolist()
    problems = [
        Problem(f"The manifest lists barcode {_shown(code)} more than once",
                "sample manifest, barcode", "Give every tube one line")
        for code in manifest.loc[manifest["barcode"].duplicated(), "barcode"].unique()
    ]  # fmt: skip
    by_code = manifest.drop_duplicates("barcode").set_index("barcode")
    measured = _measured(readings)
    unknown, apart = {}, {}
    for code, where in measured.items():
        if code not in by_code.index:
            unknown.setdefault(_file(where), []).append(code)
            continue
        other = by_code.at[code, "compartment"].upper()
        if other != compartment:
            apart.setdefault((_file(where), other), []).append(code)
        visit = by_code.at[code, "visit"]
        if visits and visit not in visits:
            hint = did_you_mean(visit, visits)
            problems.append(
                Problem(f"The visit of sample {_shown(code)} is unknown.{hint}",
                        "sample manifest, visit", f"Use one of: {', '.join(visits)}")
            )  # fmt: skip
    every = Counter(_file(where) for where in measured.values())
    for file, codes in unknown.items():
        problems += _unknown(codes, file, every[file], known, measured)
    for (file, other), codes in apart.items():
        problems += _apart(codes, file, other, compartment, measured)
    raise_if_any(problems)
    found = by_code.loc[list(measured)].reset_index()
    poor = ~found["quality"].str.strip().str.lower().isin(_FINE)
    out = pd.DataFrame(
        {
            "SAMPLE": found["barcode"], "USUBJID": found["USUBJID"], "AVISIT": found["visit"],
            "COLLECTED": found["collected"], "DOUBT": poor,
        }
    )  # fmt: skip
    mine = manifest[manifest["compartment"].str.upper() == compartment]
    return out, _notes(found, poor, measured) + _missing(mine, measured)


def _unknown(
    codes: list[str], file: str, every: int, known: list[str], measured: dict[str, str]
) -> list[Problem]:
    """Samples of a file that the manifest lacks: one by one, or as a sum where there are many."""
    todo = "Correct the plate layout or add the tube to the sample manifest"
    if len(codes) <= _ONE_BY_ONE:
        return [Problem(f"Sample {_shown(c)} is not in the manifest.{_near(c, known)}",
                        measured[c], todo) for c in codes]  # fmt: skip
    what = f"{len(codes)} of {every} samples are not in the manifest: {_some(codes)}."
    todo = "Is it the manifest of this plate? Put its own there, or correct the plate layout"
    return [Problem(what + _near(codes[0], known), file, todo)]


def _apart(
    codes: list[str], file: str, other: str, compartment: str, measured: dict[str, str]
) -> list[Problem]:
    """Samples of a file that are of another compartment than the assay's."""
    there = f"{other or 'of no known compartment'} in the manifest"
    todo = "Correct the manifest, or the assay's compartment"
    if len(codes) <= _ONE_BY_ONE:
        return [Problem(f"Sample {_shown(c)} is {there}, the assay measures {compartment}",
                        measured[c], todo) for c in codes]  # fmt: skip
    what = f"{len(codes)} samples are {there}, the assay measures {compartment}: {_some(codes)}"
    return [Problem(what, file, todo)]


def _some(codes: list[str]) -> str:
    return f"{', '.join(_shown(c) for c in codes[:3])} and {len(codes) - 3} more"


def _near(code: str, known: list[str]) -> str:
    """A suggestion: barcodes that differ in case and marks alone before all others."""
    alike = [k for k in known if _bare(k) == _bare(code)]
    return did_you_mean(code, known) if not alike else f" Did you mean {alike[0]!r}?"


def _bare(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code.lower())


def _file(where: str) -> str:
    return where.rsplit(", line ", 1)[0]


def _shown(code: str) -> str:
    return repr(code) if _CODE.fullmatch(code) else "[masked]"


def _measured(readings: pd.DataFrame) -> dict[str, str]:
    """Sample names in the order measured, with the place where each begins."""
    mine = readings[readings["TASK"] == "SAMPLE"].drop_duplicates("SAMPLE")
    places = mine["FILE"] + ", line " + mine["LINE"]
    return dict(zip(mine["SAMPLE"], places, strict=True))


def _notes(found: pd.DataFrame, poor: pd.Series, measured: dict[str, str]) -> list[dict]:
    rows = []
    thaws = pd.to_numeric(found["freeze_thaw"].where(found["freeze_thaw"] != ""), errors="coerce")
    for i, code in enumerate(found["barcode"]):
        file = _file(measured[code])
        if thaws[i] > 1:
            rows.append(
                row("freeze_thaw", "note", "Thawed more than once before measurement", FILE=file,
                    SAMPLE=code, VALUE=thaws[i], LIMIT="at most 1")
            )  # fmt: skip
        if poor[i]:
            lysed = bool(_HAEMOLYSED.search(found["quality"][i]))
            text = "Haemolysed sample" if lysed else "The manifest doubts the sample"
            rows.append(row("sample_quality", "fail", text, FILE=file, SAMPLE=code))
    twins = found[found.duplicated(["USUBJID", "visit"], keep=False)]
    for code in twins["barcode"]:
        text = "Another tube of the same subject and visit was measured"
        file = _file(measured[code])
        rows.append(row("sample_duplicate", "note", text, FILE=file, SAMPLE=code))
    return rows


def _missing(mine: pd.DataFrame, measured: dict[str, str]) -> list[dict]:
    gone = sorted(set(mine["barcode"]) - set(measured) - {np.nan, ""})
    text = "The manifest lists the tube, no plate has it"
    return [row("sample_missing", "fail", text, SAMPLE=code) for code in gone]
