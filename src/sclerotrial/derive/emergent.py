"""Treatment-emergent events, their episodes, and what stopping and restarting the drug did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sclerotrial.derive.dates import add_days
from sclerotrial.derive.entry import rows_of


def is_emergent(
    start: str,
    end: str,
    treatment_start: str,
    treatment_end: str = "",
    window: int | None = None,
    first_grade: float | None = None,
    worst_grade: float | None = None,
) -> bool:
    """Whether an event is treatment-emergent; the first rule that applies decides.

    1. no treatment: not. 2. ended before treatment: not. 3. start unknown: yes. 4. began on or
    after the start of treatment, and with a window not later than so many days after its end: yes.
    5. began before, lasted into treatment (or goes on) and became worse than it was at its start:
    yes. 6. otherwise not. Order of pharmaverse/admiral (derive_var_trtemfl).

    Parameters
    ----------
    start, end : str
        ISO dates of the event; '' unknown, or going on. With times they are compared as far as
        both are known; the window counts whole days.
    treatment_start, treatment_end : str
        ISO dates; '' none.
    window : int, optional
        Days after the last dose; None sets no limit.
    first_grade, worst_grade : float, optional
        Grade at the event's start and its worst; compared as numbers. Without them rule 5 never
        applies.
    """
    if not treatment_start or (end and _earlier(end, treatment_start)):
        return False
    if not start:
        return True
    if not _earlier(start, treatment_start):
        limit = add_days(treatment_end[:10], window) if window is not None else ""
        return not limit or start[:10] <= limit
    # a missing grade (NaN) is never greater
    return first_grade is not None and worst_grade is not None and worst_grade > first_grade


def _earlier(date: str, than: str) -> bool:
    known = min(len(date), len(than))
    return date[:known] < than[:known]


def add_episodes(df: pd.DataFrame) -> pd.DataFrame:
    """Add AEGRPID, EPSTART and BEFORE: rows that are one event.

    Parameters
    ----------
    df : DataFrame
        USUBJID, TERM (coded, lower case), ASTDT, AENDT, GRADE, LINE (order of source), TRTSDT.

    Returns
    -------
    DataFrame
        Rows of one subject and term belong to one episode when each begins not later than the day
        after the episode so far has ended (a row without an end goes on). A row without a start
        is an episode of its own. Sorted by subject, start and line; AEGRPID is the subject and a
        running number, EPSTART the episode's start, BEFORE the grade that it had when treatment
        began (NaN when it began later, or was not graded).
    """
    out = df.sort_values(["USUBJID", "ASTDT", "LINE"], kind="stable").reset_index(drop=True)
    number: list[int] = []
    open_until: dict[tuple[str, str], tuple[int, str]] = {}
    counted: dict[str, int] = {}
    for row in rows_of(out):
        key = (row["USUBJID"], row["TERM"])
        episode, until = open_until.get(key, (0, ""))
        end = row["AENDT"] or "9999-12-31"
        joined = episode and row["ASTDT"] and (until[:4] == "9999" or row["ASTDT"] <= until)
        if not joined:
            counted[row["USUBJID"]] = counted.get(row["USUBJID"], 0) + 1
            episode, until = counted[row["USUBJID"]], ""
        number.append(episode)
        if row["ASTDT"]:
            after = end if end[:4] == "9999" else add_days(end, 1)
            open_until[key] = (episode, max(until, after))
    out["AEGRPID"] = [f"{s}-E{n:02d}" for s, n in zip(out["USUBJID"], number, strict=True)]
    out["EPSTART"] = out.groupby("AEGRPID", sort=False)["ASTDT"].transform("first")
    earlier = out[(out["ASTDT"] != "") & (out["ASTDT"] < out["TRTSDT"])]
    grade = earlier.drop_duplicates("AEGRPID", keep="last").set_index("AEGRPID")["GRADE"]
    out["BEFORE"] = out["AEGRPID"].map(grade).astype(float)
    return out


def emergent_rows(df: pd.DataFrame, window: int) -> list[bool]:
    """Which rows are treatment-emergent: `is_emergent` with the start of their episode.

    Parameters
    ----------
    df : DataFrame
        From `add_episodes`, with AENDT, TRTSDT, TRTEDT.
    window : int
        Days after the last dose.

    Returns
    -------
    list of bool
        Of an episode that began before treatment, only rows that begin later and are worse than
        it was at that time. (`derive_var_trtemfl` of admiral with ``group_var`` compares with the
        row before, so that there an event that eased and came back to less than it had been before
        treatment counts as emergent.)
    """
    return [
        is_emergent(
            row["EPSTART"],
            row["AENDT"],
            row["TRTSDT"],
            row["TRTEDT"],
            window,
            row["BEFORE"],
            row["BEFORE"] if row["ASTDT"] < row["TRTSDT"] else row["GRADE"],
        )
        for row in rows_of(df)
    ]


Rows = Sequence[Mapping[str, Any]]


def off_drug(row: Mapping[str, Any], doses: Rows) -> tuple[str, str]:
    """First time without drug that ends on or after the onset: its last day and the restart.

    Parameters
    ----------
    row : mapping
        ASTDT of the event.
    doses : sequence of mapping
        Intervals of the subject, by start: ASTDT, AENDT, EXTYPE.

    Returns
    -------
    (str, str)
        ('', '') when the drug was given without a break to the last dose, and not again.
    """
    off = [d for d in doses if d["EXTYPE"] == "INTERRUPTION" and d["AENDT"] >= row["ASTDT"]]
    if not row["ASTDT"] or not off:
        return "", ""
    last = off[0]["AENDT"]
    again = [d["ASTDT"] for d in doses if d["EXTYPE"] == "DOSING" and d["ASTDT"] > last]
    return (last, again[0]) if again else ("", "")


def dechallenge(row: Mapping[str, Any], doses: Rows) -> str:
    """Whether an event ended when the drug was reduced, interrupted or stopped for it.

    Parameters
    ----------
    row : mapping
        ACTION (REDUCED, INTERRUPTED, STOPPED or ''), OUTCOME (RESOLVED, CONTINUING, FATAL or ''
        unknown), ASTDT, AENDT.
    doses : sequence of mapping
        Intervals of the subject.

    Returns
    -------
    str
        'positive' when it resolved: after an interruption, not later than the day of the restart;
        'negative' when not; '' without such an action, and where the outcome is not known.
    """
    if row["ACTION"] not in ("REDUCED", "INTERRUPTED", "STOPPED") or not row["OUTCOME"]:
        return ""
    if row["OUTCOME"] != "RESOLVED":
        return "negative"
    restart = "" if row["ACTION"] == "REDUCED" else off_drug(row, doses)[1]
    in_time = not restart or (row["AENDT"] and row["AENDT"] <= restart)
    return "positive" if in_time else "negative"


def rechallenge(row: Mapping[str, Any], doses: Rows, same: Rows) -> str:
    """Whether an event that had ended off drug came back when the drug was given again.

    Parameters
    ----------
    row : mapping
        As for `dechallenge`, and AEGRPID.
    doses : sequence of mapping
        Intervals of the subject.
    same : sequence of mapping
        Rows of the subject with the same term.

    Returns
    -------
    str
        'positive' when another episode of the term began on or after the restart, 'negative' when
        none did; '' without a positive dechallenge by interruption, or without a restart.
    """
    if row["ACTION"] not in ("INTERRUPTED", "STOPPED") or dechallenge(row, doses) != "positive":
        return ""
    restart = off_drug(row, doses)[1]
    if not restart:
        return ""
    back = any(s["AEGRPID"] != row["AEGRPID"] and s["ASTDT"] >= restart for s in same)
    return "positive" if back else "negative"
