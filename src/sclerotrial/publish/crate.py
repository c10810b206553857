"""The results as an RO-Crate (1.1): what each file is, and of what it was made.

The JSON-LD is written by hand: libraries put the time of making and random names into it, and a
crate of the same results has to be the same file. Profile: Workflow Run RO-Crate, without times.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sclerotrial import __version__
from sclerotrial.files import sha256
from sclerotrial.publish.manifest import NAME, result_files

FILE = "ro-crate-metadata.json"
SPEC = "https://w3id.org/ro/crate/1.1"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".sha256": "text/plain",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xpt": "application/octet-stream",
}
ABOUT = {
    "ard.csv": "Analysis results dataset: every number that is reported",
    "claims.csv": "Statements of the published abstract, each with a verdict",
    "intake.csv": "One row a raw file: what it is and what matched",
    "lineage.parquet": "From each reported number to raw file, line and field",
    "manifest.sha256": "Checksums of all result files",
    "paper.pdf": "The manuscript",
    "paper.docx": "The manuscript, to be edited",
    "queries.csv": "Findings on the raw data, with what was done",
    "queries.xlsx": "Findings on the raw data, as a workbook",
    "report.html": "The report, self-contained",
}
FOLDERS = {
    "adam": "Analysis dataset",
    "assays": "Assay readings, levels and quality",
    "biomarkers": "Change of biomarkers from baseline",
    "clean": "Form after cleaning",
    "crf": "Form as read",
    "figures": "Figure",
    "tables": "Table",
    "wide": "All features of a wide panel",
}


def crate(
    results: str | os.PathLike,
    study: Any,
    intake: Any = None,
    files: list[str] | None = None,
    code: str = "Snakefile",
    released: str = "",
) -> str:
    """The metadata file of the crate.

    Parameters
    ----------
    results : path
        The folder of results; also the root of the crate.
    study : Study
    intake : DataFrame, optional
        ``results/intake.csv`` (``PATH`` and ``SHA256`` in any case): the raw files, named as
        inputs of the run with their checksums. They are not part of the crate.
    files : list of str, optional
        Paths relative to the folder; all result files when not given.
    code : str
        Name of the workflow.
    released : str
        ISO date of publication, where there is one: RO-Crate asks for it, no clock gives it.

    Returns
    -------
    str
        JSON-LD, keys sorted; no time, machine or person of the run.
    """
    names = result_files(results, skip=(NAME, FILE)) if files is None else sorted(set(files))
    names = [n for n in names if n not in (NAME, FILE)]
    parts = [_file(Path(results), name) for name in names]
    inputs = _inputs(intake)
    about = study.study
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Results of {about.short_title or about.title}",
        "description": _description(study),
        "conformsTo": [{"@id": "https://w3id.org/ro/wfrun/workflow/0.5"}],
        "hasPart": [{"@id": p["@id"]} for p in parts],
        "mainEntity": {"@id": "#workflow"},
        "mentions": [{"@id": "#run"}],
        "identifier": about.id,
    }
    if released:
        root["datePublished"] = released
    if about.reference:
        root["citation"] = about.reference
    workflow = {
        "@id": "#workflow",
        "@type": ["SoftwareSourceCode", "ComputationalWorkflow"],
        "name": f"sclerotrial {__version__}: {code}",
        "softwareVersion": __version__,
        "programmingLanguage": {"@id": "#snakemake"},
        "license": "https://spdx.org/licenses/GPL-3.0-or-later",
    }
    language = {
        "@id": "#snakemake",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "url": "https://snakemake.github.io",
    }
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "One run of the workflow on the raw exports",
        "instrument": {"@id": "#workflow"},
        "object": [{"@id": i["@id"]} for i in inputs],
        "result": [{"@id": p["@id"]} for p in parts],
    }
    descriptor = {
        "@id": FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": SPEC},
    }
    profile = {
        "@id": "https://w3id.org/ro/wfrun/workflow/0.5",
        "@type": "CreativeWork",
        "name": "Workflow Run Crate",
        "version": "0.5",
    }
    graph = [descriptor, root, profile, workflow, language, run, *inputs, *parts]
    content = {"@context": CONTEXT, "@graph": graph}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _description(study: Any) -> str:
    about = study.study
    words = f"{about.title}; {about.design}." if about.design else f"{about.title}."
    return f"Simulated data. {words}" if about.simulated else words


def _file(results: Path, name: str) -> dict[str, Any]:
    path = results / name
    folder = name.split("/", 1)[0] if "/" in name else ""
    entry = {
        "@id": name,
        "@type": "File",
        "name": name,
        "contentSize": str(path.stat().st_size),
        "encodingFormat": TYPES.get(path.suffix, "application/octet-stream"),
        "sha256": sha256(path),
    }
    said = ABOUT.get(name) or FOLDERS.get(folder)
    if said:
        entry["description"] = said
    return entry


def _inputs(intake: Any) -> list[dict[str, Any]]:
    """Raw files as named by the intake: path relative to the raw folder, and checksum."""
    if intake is None:
        return []
    columns = {c.upper(): c for c in intake.columns}
    where = columns.get("PATH") or columns.get("FILE")
    check = columns.get("SHA256")
    if not where:
        return []
    found = []
    for row in intake.drop_duplicates(where).sort_values(where, kind="stable").to_dict("records"):
        entry = {"@id": f"#raw/{row[where]}", "@type": "CreativeWork", "name": str(row[where])}
        if check:
            entry["sha256"] = str(row[check])
        found.append(entry)
    return found
