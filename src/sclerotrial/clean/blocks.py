"""The allocation list against its own design: every full block holds the arms in their ratio.

Two subjects of different blocks whose arms were exchanged, or a code list read the wrong way
round, show in nothing that the case report forms hold; a block whose arms are not in the ratio of
the randomisation does show it. An exchange within one block leaves no such trace.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from sclerotrial.read.findings import finding, place
from sclerotrial.study_models import Study

Found = list[dict[str, str]]


def ratio(study: Study) -> list[int]:
    """The ratio of the arms ('4:1' is [4, 1]); empty when the study gives none for its arms."""
    parts = [int(p) for p in re.findall(r"\d+", study.recruitment.ratio)]
    return parts if len(parts) == len(study.arms) and sum(parts) > 1 else []


def block_ratio(study: Study, raw: Mapping[str, pd.DataFrame]) -> Found:
    """Full blocks of the allocation list whose arms are not in the ratio of the randomisation.

    Parameters
    ----------
    raw : mapping of form to DataFrame
        The forms as read: numbers never used belong to their block.
    """
    table, wanted = raw.get("allocation"), ratio(study)
    if not wanted or table is None or not {"block", "arm"} <= set(table):
        return []
    codes = [a.code for a in study.arms]
    size = sum(wanted)
    found: Found = []
    by = [c for c in ("stratum", "block") if c in table]
    for at, rows in table[table["block"] != ""].groupby(by, sort=True):
        counts = Counter(rows["arm"].str.strip().str.upper())
        times, rest = divmod(len(rows), size)
        if rest or not times or sum(counts[c.upper()] for c in codes) != len(rows):
            continue
        if all(counts[c.upper()] == n * times for c, n in zip(codes, wanted, strict=True)):
            continue
        # of the numbers in use the first, so that the query has a subject
        used = rows[rows["USUBJID"] != ""].sort_values("USUBJID", kind="stable")
        first = (rows if used.empty else used).iloc[0].to_dict()
        said = ", ".join(f"{counts[c.upper()]} {c}" for c in codes)
        found.append(
            finding(
                rule="block_ratio",
                severity="error",
                field="block",
                raw=first["block"],
                value=first["block"],
                message=f"This block holds {said}, not {study.recruitment.ratio}: arms exchanged"
                " between subjects, or the codes of the arms?",
                **(place(first, "allocation") | {"key": "|".join(map(str, at))}),
            )
        )
    return found
