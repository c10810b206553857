"""Forms that a source takes from its data dictionary, one an instrument."""

from __future__ import annotations

from pathlib import Path

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.read.source import instruments
from sclerotrial.study import Study
from sclerotrial.study_models import Form


def with_auto_forms(study: Study, raw: Path) -> Study:
    """A study whose sources with ``forms: auto`` have one form an instrument of their dictionary.

    Parameters
    ----------
    study : Study
    raw : Path
        Folder of the raw exports.

    Raises
    ------
    InputErrors
        When a dictionary is missing or cannot be read.
    """
    forms, problems = dict(study.forms.forms), []
    for name, source in study.forms.sources.items():
        if source.forms != "auto":
            continue
        if source.dictionary and not (raw / source.dictionary).is_file():
            problems.append(
                Problem(
                    f"The source {name!r} takes its forms from a dictionary that is not there",
                    (raw / source.dictionary).as_posix(),
                    "Name the data dictionary of the export under sources: dictionary",
                )
            )
            continue
        try:
            found = instruments(study, name, raw)
        except InputErrors as error:
            problems += error.problems
            continue
        taken = {f.instrument or n for n, f in forms.items() if f.source == name}
        for form, instrument in found.items():
            if instrument not in taken:
                forms.setdefault(form, Form(source=name, instrument=instrument))
    if problems:
        raise InputErrors(problems)
    return study.model_copy(update={"forms": study.forms.model_copy(update={"forms": forms})})
