"""Whether the published simulation study was made by the code at hand."""

from __future__ import annotations

import csv
from pathlib import Path

from sclerotrial.fingerprint.closure import Code
from sclerotrial.fingerprint.digests import digest

#: where the study is kept, and the script that makes it; below the folder of the project
KEPT = "published/simulation_study.csv"
SCRIPT = "benchmarks/inference/simulation_study.py"
ROOM = " sclerotrial.inference."


def code_of(code: Code, script: str | Path) -> str:
    """Fingerprint of the functions of `inference` that the study reaches, and of the study itself.

    The generator of trials is left out: a trial drawn otherwise tests the same methods.
    """
    lines = code.closure(Path(script))
    return digest("\n".join(x for x in lines if ROOM in x or x.startswith("script ")))


def kept(project: Path, code: Code) -> dict[str, str]:
    """Path of the published study, and whether it was made by other code than that at hand.

    Empty where there is none.
    """
    path = Path(project) / KEPT
    script = Path(project) / SCRIPT
    if not (path.is_file() and script.is_file()):
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        told = {row.get("FINGERPRINT", "") for row in csv.DictReader(file)}
    return {"path": path.as_posix(), "stale": "no" if told == {code_of(code, script)} else "yes"}
