"""What a journal asks for beside the results: given by the configuration, or to be filled in."""

from __future__ import annotations

from typing import Any

#: what is asked for, in the words in which the paper says that it is still missing
DECLARED = {
    "authors": "authors and their affiliations",
    "ethics": "approval by the ethics committee, and consent",
    "funding": "who paid",
    "interests": "competing interests",
}


def declared(study: Any) -> dict[str, dict[str, Any]]:
    """Each as the paper prints it.

    Parameters
    ----------
    study : Study
        Section ``declarations``.

    Returns
    -------
    dict
        By name: ``text``, which says what is to be filled in and where, unless it is ``given``.
    """
    given = study.declarations.words()
    missing = {
        key: f"[To be filled in: {asked}; key declarations.{key} of study.yaml]"
        for key, asked in DECLARED.items()
    }
    return {k: {"text": given[k] or missing[k], "given": bool(given[k])} for k in DECLARED}
