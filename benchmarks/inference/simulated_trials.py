"""Trials of the simulation study, drawn and made into analysis data by the package's own functions.

The visits drawn go through the visit windows, the baseline and the carrying forward of `derive`, as
records read from a file do: a visit of early termination counts where the pipeline counts it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from sclerotrial import study as studies
from sclerotrial.derive.bds import derive_bds, event_variables
from sclerotrial.derive.records import COLUMNS
from sclerotrial.simulate import Options, Truth, draw
from sclerotrial.simulate.options import stream

ROOT = Path(__file__).resolve().parents[2]
#: name: patients, ratio of the arms, change by which patients are lost ('' for by chance alone)
DESIGNS = {
    "ten patients, 4:1": (10, (4, 1), ""),
    "twenty patients, 1:1": (20, (1, 1), ""),
    "twenty patients, 1:1, lost by month 3": (20, (1, 1), "Month 3"),
    "twenty patients, 1:1, lost by outcome": (20, (1, 1), "Month 6"),
}
SHAPES = ("normal", "lognormal")
EFFECT = {"MRSS": -5.0, "CCL2": -1.0, "PIIINP": -1.0, "COL1A1": -1.0}
DROPOUT = 0.3
#: probability that a patient is not seen at month 6: skin score fallen (or the same), and risen
LOST = (0.1, 0.6)
SCORES = ("MRSS", "HTQ")
AT_ONCE = 100  # trials derived together


def options(design: str, shape: str, shifted: bool, number: int) -> Options:
    """A trial of a scenario; its number is its seed."""
    patients, arms, how = DESIGNS[design]
    return Options(
        seed=number, patients=patients, arms=arms, calibrate="none", defects="none",
        effect=EFFECT if shifted else {}, dropout=0.0 if how else DROPOUT, skew=shape,
    )  # fmt: skip


def lost(truth: Truth, how: str) -> set[str]:
    """Patients lost by the change of their skin score up to the visit named."""
    if not how:
        return set()
    out = set()
    for s in truth.subjects:
        rose = truth.score(s.id, how, "MRSS") > truth.score(s.id, "Baseline", "MRSS")
        if stream(truth.options.seed, "lost by change", s.id).random() < LOST[rose]:
            out.add(s.id)
    return out


def trials(design: str, shape: str, shifted: bool, numbers: Iterable[int]) -> Iterator[tuple]:
    """Number, truth and analysis data (see `analysed`) of the trials of a scenario."""
    how = DESIGNS[design][2]
    given = list(numbers)
    for first in range(0, len(given), AT_ONCE):
        some = given[first : first + AT_ONCE]
        drawn = [draw(options(design, shape, shifted, n)) for n in some]
        yield from zip(some, drawn, analysed(drawn, how), strict=True)


@cache
def configuration():
    """The configuration that is shipped: visits, endpoints, intercurrent events."""
    return studies.load(ROOT / "config")


def analysed(drawn: list[Truth], how: str = "") -> list[pd.DataFrame]:
    """Analysis data of trials.

    Parameters
    ----------
    drawn : list of Truth
    how : str
        See `lost`.

    Returns
    -------
    list of DataFrame, one a trial
        A row a patient, sorted: USUBJID, ACTIVE, DONE (completed), STRATUM; of the skin score BASE,
        changes M3 and M6 (NaN when not seen), LAST (month 6, the last observation carried forward);
        HTQ, the Health Transition at month 6.
    """
    study = configuration()
    records, people = [], []
    for k, truth in enumerate(drawn):
        gone = lost(truth, how)
        day = {(s.id, v): d.isoformat() for s in truth.subjects for v, d in s.visits.items()}
        for row in truth.scores:
            who, visit = row["USUBJID"], row["AVISIT"]
            if row["PARAMCD"] in SCORES and not (visit == "Month 6" and who in gone):
                records.append((f"{k:04d} {who}", visit, day[who, visit], row["PARAMCD"],
                                row["AVAL"], len(records)))  # fmt: skip
        people += [
            {
                "USUBJID": f"{k:04d} {s.id}", "TRT01A": s.arm,
                "COMPLFL": "Y" if s.role == "completer" and s.id not in gone else "",
                "TRTSDT": s.first_dose.isoformat(), "TRTEDT": s.last_dose.isoformat(),
                "RANDDT": s.randomised.isoformat(),
            }
            for s in truth.subjects
        ]  # fmt: skip
    adsl = pd.DataFrame(people).assign(STUDYID="", SAFFL="Y", RANDFL="Y")
    adsl = adsl.assign(**dict.fromkeys(event_variables(study), ""))
    df = pd.DataFrame(records, columns=["USUBJID", "VISIT", "ADT", "PARAMCD", "AVAL", "SRCLINE"])
    df = df.assign(SRCLINE=df["SRCLINE"].astype(str))
    df = df.assign(**{c: "" for c in COLUMNS if c not in df})
    found, _ = derive_bds(df, study, adsl, SCORES)
    return _by_trial(drawn, adsl, found)


def _by_trial(drawn: list[Truth], adsl: pd.DataFrame, found: pd.DataFrame) -> list[pd.DataFrame]:
    """A row a patient out of rows a record."""
    cell: dict[tuple[str, str], float] = {}
    places = {("MRSS", "Month 3"): "M3", ("MRSS", "Month 6"): "M6", ("HTQ", "Month 6"): "HTQ"}
    columns = ["USUBJID", "PARAMCD", "AVISIT", "ANL01FL", "ANL02FL", "BASE", "AVAL", "CHG"]
    for who, code, visit, seen, carried, base, value, change in zip(
        *(found[c].to_list() for c in columns), strict=True
    ):
        place = places.get((code, visit))
        if code == "MRSS":
            cell[who, "BASE"] = base
        if place and seen == "Y":
            cell[who, place] = value if code == "HTQ" else change
        if place == "M6" and carried == "Y":
            cell[who, "LAST"] = change
    done = dict(zip(adsl["USUBJID"], adsl["COMPLFL"] == "Y", strict=True))
    out = []
    for k, truth in enumerate(drawn):
        rows = []
        for s in sorted(truth.subjects, key=lambda s: s.id):
            who = f"{k:04d} {s.id}"
            mine = {c: cell.get((who, c), math.nan) for c in ("BASE", "M3", "M6", "LAST", "HTQ")}
            rows.append({"USUBJID": s.id, "ACTIVE": s.active, "DONE": done[who],
                         "STRATUM": s.stratum, **mine})  # fmt: skip
        out.append(pd.DataFrame(rows))
    return out
