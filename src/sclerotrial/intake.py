"""Intake: what each raw file is, which of its samples matched, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.study_models import Study

#: columns of ``intake.csv``
COLUMNS = [
    "path", "sha256", "kind", "source", "format", "version", "encoding", "separator", "decimal",
    "rows", "fields", "cells", "subjects", "matched", "unmatched", "verdict", "notes",
]  # fmt: skip
_SHOWN = ["path", "format", "version", "rows", "subjects", "matched", "unmatched", "verdict"]


def describe(study: Study, path: str | Path, raw: str | Path) -> dict[str, Any]:
    """Describe a raw file; nothing is raised, problems are part of the answer.

    Parameters
    ----------
    study : Study
        Sections ``forms``, ``visits``, ``endpoints``, ``laboratory``, ``assays``, ``samples``.
    path, raw : path
        The file, and the raw folder that it lies in.

    Returns
    -------
    dict
        `COLUMNS` and ``problems``: a list of [what, where, to do].
    """
    from sclerotrial.read.intake import describe_file

    shown = Path(path).relative_to(raw).as_posix()
    row = describe_file(study, path, raw)
    if row["kind"] == "assay":
        try:
            row |= _assay(study, row["source"], Path(path), shown, Path(raw))
        except InputErrors as error:
            row["problems"] = error.problems
        row["verdict"] = "refused" if row["problems"] else "ok"
    if row["kind"] == "unknown":
        row |= {"verdict": "not used", "problems": []}
    elif row["verdict"] == "problems":
        row["verdict"] = "refused"
    row["problems"] = [[p.what, p.where, p.todo] for p in row["problems"]]
    return row


def _assay(study: Study, name: str, path: Path, shown: str, raw: Path) -> dict[str, Any]:
    from sclerotrial.assays import formats, read_files, samples
    from sclerotrial.read.source import read_source

    assay = study.assays[name]
    kind, version = formats.detect(path, shown, assay.format)
    readings = read_files(name, assay, [path.as_posix()], raw)
    row = {"format": kind, "version": version, "rows": int((readings["TASK"] != "RUN").sum())}
    form = study.forms.forms.get(study.samples.form)
    if form is None:
        return row
    manifest = read_source(study, form.source, raw)[0][study.samples.form]
    matched, unmatched = samples.tally(readings, manifest, assay.compartment)
    row |= {"matched": matched, "unmatched": unmatched}
    samples.match(readings, manifest, assay.compartment, list(study.samples.visits))
    known = manifest.set_index("barcode")["USUBJID"]
    mine = readings.loc[readings["TASK"] == "SAMPLE", "SAMPLE"].unique()
    return row | {"subjects": int(known.loc[list(mine)].nunique())}


def _load(files: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(Path(str(f)).read_text(encoding="utf-8")) for f in files]


def as_table(files: Iterable[str]) -> pd.DataFrame:
    """The descriptions (JSON files) as one table, a row a raw file, in order of their paths."""
    rows = sorted(_load(files), key=lambda row: row["path"])
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def refusals(files: Iterable[str]) -> list[Problem]:
    """All problems of the described files."""
    rows = sorted(_load(files), key=lambda row: row["path"])
    return [Problem(*problem) for row in rows for problem in row["problems"]]


def as_lines(table: pd.DataFrame) -> str:
    """The table for a terminal: the columns a person looks at, padded."""
    cells = [_SHOWN, *table[_SHOWN].fillna("").astype(str).to_numpy().tolist()]
    wide = [max(len(row[i]) for row in cells) for i in range(len(_SHOWN))]
    return "\n".join(
        "  ".join(text.ljust(w) for text, w in zip(row, wide, strict=True)).rstrip()
        for row in cells
    )
