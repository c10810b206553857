"""Adverse events, the drugs given with them, weight and oedema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sclerotrial.simulate import catalogue
from sclerotrial.simulate.options import Options, stream
from sclerotrial.simulate.trial import Subject

ATTEMPTS = 200
MIN_EARLY = 0.58  # share of the emergent events that begin on days 1 to 7


@dataclass
class Event:
    """One row of the adverse-event form as it truly was; `end` None is ongoing."""

    subject: str
    verbatim: str
    pt: str
    soc: str
    start: date
    end: date | None
    grade: int
    related: int
    action: int = 0
    outcome: int = 1
    hospital: bool = False
    comment: str = ""
    part: int = 0  # 1 when the row continues an event at another grade


def _event(s: Subject, rng: np.random.Generator, pt: str, day: int, days: int) -> Event:
    soc, words, *_ = catalogue.EVENTS[pt]
    start = s.on(day)
    end: date | None = start + timedelta(days=max(1, int(days * np.exp(0.4 * rng.normal()))))
    if end >= s.end:
        end = None
    grade = 2 if rng.random() < 0.4 else 1
    related = int(rng.choice([2, 3, 3, 4])) if pt != "Headache" else 2
    return Event(
        s.id,
        words[int(rng.integers(len(words)))],
        pt,
        soc,
        start,
        end,
        grade,
        related,
        outcome=3 if end is None else 1,
    )


def _active(options: Options, s: Subject, attempt: int) -> list[Event]:
    """Events of one patient on imatinib: most early, more when the drug came again."""
    rng = stream(options.seed, "events", attempt, s.id)
    out = []
    for pt, (_, _, probability, early, days) in catalogue.EVENTS.items():
        if rng.random() >= probability + (0.15 if s.role != "completer" and early else 0.0):
            continue
        if early:
            day = int(rng.integers(1, 8)) if rng.random() < 0.85 else int(rng.integers(8, 40))
        else:
            day = int(rng.integers(22, 70))
        late = early and day > 7 and not any(d.start <= s.on(day) <= d.end for d in s.doses)
        if day < s.day(s.end) - 1 and not late:  # intolerance does not begin off the drug
            out.append(_event(s, rng, pt, day, days))
    gap = [
        b.start for a, b in zip(s.doses, s.doses[1:], strict=False) if (b.start - a.end).days > 1
    ]
    if gap:
        _stopped(s, rng, out, gap[0])
    elif len(s.doses) > 1 and out:
        _limit(s, out[0], s.doses[0].end, action=1)
    if s.hospital:
        _admitted(s, rng, out)
    if s.role != "completer" and s.reason == 2:
        _last(s, rng, out)
    return sorted(out, key=lambda e: (e.start, e.pt))


def _limit(s: Subject, e: Event, when: date, action: int) -> None:
    """Make an event the reason of a change of dose on that day."""
    e.start = min(e.start, when)
    e.action, e.grade, e.related = action, max(e.grade, 2), max(e.related, 3)
    if e.end is not None and e.end <= when:
        e.end = when + timedelta(days=3)


def _stopped(s: Subject, rng: np.random.Generator, out: list[Event], again: date) -> None:
    """Tie the interruption to an event, and let something return with the drug."""
    first = s.doses[0].end
    if not any(e.start <= first for e in out):
        out.append(_event(s, rng, "Nausea", int(rng.integers(1, 4)), 14))
    _limit(s, next(e for e in out if e.start <= first), first, action=2)
    if s.role != "completer":
        pt = str(rng.choice(["Nausea", "Oedema peripheral", "Muscle spasms", "Fatigue"]))
        out[:] = [e for e in out if e.pt != pt or e.start < again]
        for e in out:
            if e.pt == pt and (e.end is None or e.end >= again):
                e.end, e.outcome = max(e.start, again - timedelta(days=2)), 1
        out.append(_event(s, rng, pt, s.day(again) + int(rng.integers(0, 4)), 10))


def _admitted(s: Subject, rng: np.random.Generator, out: list[Event]) -> None:
    """One event led to an admission: grade 3, serious, due to the drug."""
    chosen = [
        e
        for e in out
        if e.start <= s.doses[0].end and e.pt in ("Fluid retention", "Vomiting", "Diarrhoea")
    ]
    if not chosen:
        pt = str(rng.choice(["Fluid retention", "Diarrhoea"]))
        chosen = [_event(s, rng, pt, int(rng.integers(2, 5)), 20)]
        out.append(chosen[0])
    e = chosen[0]
    e.grade, e.related, e.hospital, e.action = 3, 4, True, 2
    stay = int(rng.integers(2, 7))
    e.end = max(e.end or e.start, s.doses[0].end + timedelta(days=stay + 2))
    e.outcome = 1
    e.comment = f"Admitted for {stay} days.\nDischarged home, drug on hold."


def _last(s: Subject, rng: np.random.Generator, out: list[Event]) -> None:
    """The event for which the drug was stopped for good."""
    when = s.last_dose
    late = [e for e in out if s.doses[-1].start <= e.start <= when and not e.hospital]
    if not late:
        pt = str(rng.choice(["Nausea", "Fatigue", "Oedema peripheral"]))
        late = [_event(s, rng, pt, max(1, s.day(when) - 2), 14)]
        out.append(late[0])
    _limit(s, late[-1], when, action=3)


def _placebo(options: Options, s: Subject) -> list[Event]:
    rng = stream(options.seed, "events", s.id)
    names = list(catalogue.PLACEBO_EVENTS)
    out = []
    for pt in rng.choice(names, size=int(rng.integers(1, 3)), replace=False):
        soc, words, days = catalogue.PLACEBO_EVENTS[str(pt)]
        start = s.on(int(rng.integers(8, 60)))
        out.append(
            Event(
                s.id,
                words[int(rng.integers(len(words)))],
                str(pt),
                soc,
                start,
                start + timedelta(days=days),
                1,
                1,
            )
        )
    return sorted(out, key=lambda e: (e.start, e.pt))


def _split(events: list[Event], rng: np.random.Generator) -> None:
    """Write one event as two rows: a first part of grade 1, then grade 2."""
    able = [
        e
        for e in events
        if e.grade == 2
        and not e.hospital
        and e.action == 0
        and e.end
        and (e.end - e.start).days >= 9
    ]
    if not able:
        return
    e = able[int(rng.integers(len(able)))]
    turn = e.start + timedelta(days=4)
    later = Event(**{**e.__dict__, "start": turn, "part": 1})
    e.grade, e.end, e.outcome = 1, turn - timedelta(days=1), 3
    events.insert(events.index(e) + 1, later)


def _before(s: Subject) -> Event:
    start = s.consent + timedelta(days=2)
    return Event(
        s.id,
        "common cold",
        "Nasopharyngitis",
        "Infections and infestations",
        start,
        min(start + timedelta(days=3), s.first_dose - timedelta(days=1)),
        1,
        0,
    )


def early_share(subjects: list[Subject], events: list[Event]) -> float:
    """Share of emergent rows that begin on days 1 to 7 (NaN without any)."""
    of = {s.id: s for s in subjects}
    days = [of[e.subject].day(e.start) for e in events]
    emergent = [d for d in days if d >= 1]
    return float(np.mean([d <= 7 for d in emergent])) if emergent else float("nan")


def _as_published(subjects: list[Subject], events: list[Event]) -> bool:
    active = {s.id for s in subjects if s.active}
    seen = {e.pt for e in events if e.subject in active}
    before = {s.id: s.first_dose for s in subjects}
    shapes = (
        any(e.end is None for e in events)
        and any(e.part for e in events)
        and any(e.start < before[e.subject] for e in events)
    )
    early = early_share(subjects, events) >= MIN_EARLY
    return seen.issuperset(catalogue.NAMED) and shapes and early


def adverse_events(options: Options, subjects: list[Subject]) -> list[Event]:
    """All rows of the adverse-event form, by subject and start.

    Raises
    ------
    RuntimeError
        When no draw of the seed fits the abstract (not seen in practice).
    """
    for attempt in range(ATTEMPTS if options.published else 1):
        rng = stream(options.seed, "events", "rows", attempt)
        by = {
            s.id: _active(options, s, attempt) if s.active else _placebo(options, s)
            for s in subjects
        }
        early = [s for s in subjects if (s.first_dose - s.consent).days >= 5]
        if early:
            s = early[int(rng.integers(len(early)))]
            by[s.id].insert(0, _before(s))
        long = [n for n, rows in by.items() if any(e.grade == 2 and e.action == 0 for e in rows)]
        if long:
            _split(by[long[int(rng.integers(len(long)))]], rng)
        events = [e for s in subjects for e in by[s.id]]
        if not options.published or _as_published(subjects, events):
            return events
    raise RuntimeError("no draw of this seed fits the published adverse events")


def active_at(events: list[Event], subject: str, when: date, terms: tuple[str, ...]) -> bool:
    """Whether one of the terms was present in the subject on that day."""
    return any(
        e.subject == subject and e.pt in terms and e.start <= when <= (e.end or date.max)
        for e in events
    )


def vital_signs(options: Options, s: Subject, events: list[Event]) -> list[dict]:
    """Weight (kg), pressures, pulse and oedema at every visit attended."""
    rng = stream(options.seed, "vitals", s.id)
    dry = float(np.clip(rng.normal(82, 12) if s.sex == "1" else rng.normal(67, 11), 47, 115))
    systolic, pulse = rng.normal(124, 11), rng.normal(76, 8)
    gain = float(rng.uniform(0.04, 0.075))
    rows = []
    for visit, when in sorted(s.visits.items(), key=lambda v: v[1]):
        edema = active_at(events, s.id, when, catalogue.OEDEMA)
        fluid = active_at(events, s.id, when, ("Fluid retention",))
        extra = dry * (gain if fluid else 0.018 if edema else 0.0)
        pressure = systolic + rng.normal(0, 6)
        rows.append(
            {
                "USUBJID": s.id,
                "AVISIT": visit,
                "weight": round(dry + extra + rng.normal(0, 0.5), 1),
                "sysbp": round(pressure),
                "diabp": round(0.6 * pressure + rng.normal(2, 4)),
                "pulse": round(pulse + rng.normal(0, 4)),
                "edema": int(edema),
            }
        )
    return rows


def other_drugs(options: Options, s: Subject, events: list[Event]) -> list[dict]:
    """Concomitant drugs: what was taken before, and what the events called for."""
    rng = stream(options.seed, "drugs", s.id)
    rows: list[dict] = []

    def add(
        drug: str, group: str, start: str, end: date | None, dose: float, freq: str, why: str
    ) -> None:
        rows.append(
            {
                "USUBJID": s.id,
                "cm_drug": drug,
                "cm_class": group,
                "cm_start": start,
                "cm_end": "" if end is None else end.isoformat(),
                "cm_ongoing": int(end is None),
                "cm_dose": dose,
                "cm_unit": "mg",
                "cm_freq": freq,
                "cm_indication": why,
            }
        )

    def before() -> str:
        return (s.consent - timedelta(days=int(rng.integers(60, 900)))).isoformat()[:7]

    if s.stratum == "Y":
        add(
            "methotrexate",
            "Methotrexate",
            before(),
            None,
            methotrexate(options, s),
            "weekly",
            "skin",
        )
        add("folic acid", "Vitamin", before(), None, 5, "weekly", "with methotrexate")
    if rng.random() < 0.75:
        add("omeprazole", "PPI", before(), None, 20, "daily", "reflux")
    if rng.random() < 0.6:
        add("nifedipine", "Calcium channel blocker", before(), None, 30, "daily", "Raynaud")
    if rng.random() < 0.3:
        add("prednisone", "Corticosteroid", before(), None, 5, "daily", "arthritis")
    for e in events:
        if e.subject != s.id or e.part or e.start < s.first_dose:
            continue
        given = e.start + timedelta(days=1)
        if (
            e.pt in ("Oedema peripheral", "Fluid retention")
            and rng.random() < 0.65
            and not any(r["cm_class"] == "Diuretic" for r in rows)
        ):
            add(
                "furosemide",
                "Diuretic",
                given.isoformat(),
                e.end,
                20 * int(rng.integers(1, 3)),
                "daily",
                "oedema",
            )
        elif e.pt in ("Nausea", "Vomiting") and rng.random() < 0.5:
            add("dimenhydrinate", "Antiemetic", given.isoformat(), e.end, 50, "as needed", "nausea")
        elif e.pt == "Headache":
            add(
                "acetaminophen",
                "Analgesic",
                e.start.isoformat(),
                e.end or e.start,
                500,
                "as needed",
                "headache",
            )
    for r in rows:
        if r["cm_end"] and r["cm_end"] < r["cm_start"]:
            r["cm_end"] = r["cm_start"]
    return rows


def methotrexate(options: Options, s: Subject) -> float:
    """Weekly methotrexate of a patient of that stratum, mg."""
    return float(stream(options.seed, "methotrexate", s.id).choice([12.5, 15.0, 17.5, 20.0]))
