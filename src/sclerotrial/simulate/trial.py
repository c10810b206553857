"""Who took part: allocation, dates, disposition and dosing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from sclerotrial.simulate import catalogue
from sclerotrial.simulate.options import Options, stream

START = date(2008, 4, 30)
LAST_PUBLISHED = date(2008, 6, 27)  # a Friday; 187 days later is 31 December
VISIT_DAYS = {"Week 2": (15, 2), "Month 1": (29, 3), "Month 3": (92, 5), "Month 6": (183, 0)}
STRATA = ("Y", "N")


@dataclass
class Dose:
    """One interval of dosing: mg per intake, intakes a day, coded reason."""

    start: date
    end: date
    mg: int
    freq: int
    reason: int

    @property
    def daily(self) -> int:
        """mg a day."""
        return self.mg * self.freq


@dataclass
class Subject:
    """One randomised patient as he or she truly was."""

    id: str
    arm: str
    stratum: str
    role: str  # completer, stopped (seen at month 6), lost (not seen at month 6)
    number: int
    consent: date
    randomised: date
    first_dose: date
    sex: str  # 1 male, 2 female
    visits: dict[str, date] = field(default_factory=dict)
    doses: list[Dose] = field(default_factory=list)
    hospital: bool = False
    reason: int = 1
    missed: str = ""

    @property
    def active(self) -> bool:
        """Whether imatinib was given."""
        return self.arm == "IMATINIB"

    @property
    def last_dose(self) -> date:
        """Day of the last dose."""
        return self.doses[-1].end

    @property
    def end(self) -> date:
        """Day of the last contact."""
        return max([*self.visits.values(), self.last_dose])

    def on(self, day: int) -> date:
        """Calendar date of a study day (1 is the first dose)."""
        return self.first_dose + timedelta(days=day - (day > 0))

    def day(self, when: date) -> int:
        """Study day of a date; there is no day 0."""
        days = (when - self.first_dose).days
        return days + (days >= 0)

    def efficacy(self) -> list[str]:
        """Visits at which skin, function and globals were scored."""
        return [
            v for v in ("Baseline", "Month 3", "Month 6", "Early termination") if v in self.visits
        ]


@dataclass
class Slot:
    """One line of the allocation list."""

    number: int
    stratum: str
    block: int
    arm: str
    subject: str = ""
    when: date | None = None


def weekday(when: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return when + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[when.weekday()])


def _blocks(options: Options, stratum: str, count: int) -> list[list[str]]:
    rng = stream(options.seed, "allocation", stratum)
    block = ["IMATINIB"] * options.arms[0] + ["PLACEBO"] * options.arms[1]
    return [list(rng.permutation(block)) for _ in range(count)]


def _published_blocks(options: Options, used: dict[str, int]) -> dict[str, list[list[str]]]:
    """Four blocks a stratum, so ordered that the first ten patients hold one placebo.

    The larger stratum completes its first block; its second and the other stratum's first are
    left before their placebo was reached.
    """
    lists = {s: _blocks(options, s, 4) for s in STRATA}
    rng = stream(options.seed, "allocation", "unfinished")
    for stratum, n in used.items():
        block, taken = (1, n - 5) if n > 5 else (0, n)
        place = int(rng.integers(taken, 5))
        lists[stratum][block] = ["PLACEBO" if i == place else "IMATINIB" for i in range(5)]
    return lists


def allocate(options: Options) -> tuple[list[Slot], list[Slot]]:
    """The allocation list, and its used lines in order of randomisation."""
    rng = stream(options.seed, "strata")
    n = options.patients
    if options.published:
        small = int(rng.integers(3, 5))
        less = STRATA[int(rng.integers(2))]
        used = {s: small if s == less else n - small for s in STRATA}
        order = list(rng.permutation([s for s in STRATA for _ in range(used[s])]))
        lists = _published_blocks(options, used)
    else:
        order = ["Y" if u < 0.4 else "N" for u in rng.random(n)]
        count = max(4, -(-n // sum(options.arms)))
        lists = {s: _blocks(options, s, count) for s in STRATA}
    base = 100 if n <= 99 else 10000
    slots = {
        s: [
            Slot(base * (k + 1) + i + 1, s, b + 1 + k * len(lists[s]), arm)
            for i, (b, arm) in enumerate((b, a) for b, bl in enumerate(lists[s]) for a in bl)
        ]
        for k, s in enumerate(STRATA)
    }
    taken = {s: iter(slots[s]) for s in STRATA}
    return [x for s in STRATA for x in slots[s]], [next(taken[s]) for s in order]


def _roles(options: Options, slots: list[Slot]) -> list[tuple[str, bool]]:
    rng = stream(options.seed, "roles")
    if options.published:
        active = [i for i, s in enumerate(slots) if s.arm == "IMATINIB"]
        drawn = ["completer"] * 6 + ["stopped"] * 2 + ["lost"]
        names = dict(zip(active, rng.permutation(drawn), strict=True))
        stopped = [i for i in active if names[i] != "completer"]
        stayed = [i for i in active if names[i] == "completer"]
        ill = {int(rng.choice(stopped)), int(rng.choice(stayed))}
        return [(str(names.get(i, "completer")), i in ill) for i in range(len(slots))]
    out = []
    for slot in slots:
        active = slot.arm == "IMATINIB"
        p = options.dropout if options.dropout is not None else (1 / 3 if active else 0.1)
        u, v, w = rng.random(3)
        role = "completer" if u >= p else "stopped" if v < 2 / 3 else "lost"
        out.append((role, bool(active and w < 0.15)))
    return out


def _dates(options: Options) -> list[date]:
    """Days of randomisation: the first after 30 April 2008, about five a month."""
    rng = stream(options.seed, "recruitment")
    n = options.patients
    first = START + timedelta(days=7)
    span = (LAST_PUBLISHED - first).days
    length = span if options.published else max(span, int(n * 6.5))
    days = np.sort(rng.integers(0, length + 1, n))
    days[0] = min(days[0], 5)
    days[-1] = max(days[-1], length - 6)
    when = [first + timedelta(days=int(d)) for d in days]
    limit = first + timedelta(days=length)
    return [min(weekday(d), limit if limit.weekday() < 5 else weekday(d)) for d in when]


def _doses(s: Subject, rng: np.random.Generator, pattern: str) -> list[Dose]:
    """Intervals of dosing: an empty time between two is an interruption."""
    last = s.day(s.visits["Month 6"]) - 1 if "Month 6" in s.visits else 0

    def span(first: int, final: int, freq: int, reason: int) -> Dose:
        return Dose(s.on(first), s.on(final), 200, freq, reason)

    if pattern == "steady":
        return [span(1, last, 2, 1)]
    if pattern == "reduced":
        cut = int(rng.integers(8, 20))
        back = cut + int(rng.integers(40, 80))
        return [span(1, cut, 2, 1), span(cut + 1, back, 1, 2), span(back + 1, last, 2, 4)]
    first = int(rng.integers(5, 11))
    again = first + int(rng.integers(8, 16))
    if pattern == "resumed":
        return [span(1, first, 2, 1), span(again, last, 1, 3)]
    stop = again + int(rng.integers(5, 20))
    if s.role == "lost":
        stop = int(rng.integers(52, 66))
    return [span(1, first, 2, 1), span(again, stop, 1, 3)]


def _pattern(s: Subject, rng: np.random.Generator, rank: int, published: bool) -> str:
    if s.role != "completer":
        return "failed"
    if not s.active:
        return "steady"
    if s.hospital:
        return "resumed"
    if published:
        return "reduced" if rank == 0 else "steady"
    u = rng.random()
    return "resumed" if u < 0.15 else "reduced" if u < 0.3 else "steady"


def _follow(s: Subject, rng: np.random.Generator, rank: int, published: bool) -> None:
    """Visits after the first dose, dosing, and why it ended."""
    for visit, (day, jitter) in VISIT_DAYS.items():
        moved = day + (int(rng.integers(-jitter, jitter + 1)) if jitter else 0)
        s.visits[visit] = weekday(s.on(moved))
    s.doses = _doses(s, rng, _pattern(s, rng, rank, published))
    if s.role == "lost":
        for visit in ("Month 3", "Month 6"):
            del s.visits[visit]
        # from day 61 on it is the record of the month-3 window, which has no other
        seen = max(s.day(s.last_dose) + int(rng.integers(3, 9)), 62)
        s.visits["Early termination"] = weekday(s.on(seen))
    if s.role != "completer":
        s.reason = 2 if published else int(rng.choice([2, 2, 2, 2, 2, 2, 2, 3, 3, 4]))


def subjects(options: Options) -> tuple[list[Subject], list[Slot]]:
    """All randomised patients in order, and the whole allocation list."""
    every, used = allocate(options)
    days, roles = _dates(options), _roles(options, used)
    order = stream(options.seed, "sex").permutation(options.patients)
    women = round(0.8 * options.patients)
    out, steady = [], 0
    for i, (slot, when, (role, ill)) in enumerate(zip(used, days, roles, strict=True)):
        name = f"IM{i + 1:0{options.digits}d}"
        rng = stream(options.seed, "course", name)
        before = START if i == 0 else when - timedelta(days=int(rng.integers(5, 22)))
        later = int(rng.random() < 0.2 and when.weekday() < 4 and when < LAST_PUBLISHED)
        s = Subject(
            name,
            str(slot.arm),
            slot.stratum,
            role,
            slot.number,
            consent=max(START, weekday(before)),
            randomised=when,
            first_dose=when + timedelta(days=later),
            sex="2" if order[i] < women else "1",
            hospital=ill,
        )
        slot.subject, slot.when = name, when
        s.visits = {"Screening": s.consent, "Baseline": when}
        plain = s.active and role == "completer" and not ill
        _follow(s, rng, steady if plain else -1, options.published)
        steady += plain
        out.append(s)
    slip = stream(options.seed, "missed visit")
    stayed = [s for s in out if s.role == "completer"]
    if stayed:
        s = stayed[int(slip.integers(len(stayed)))]
        s.missed = "Week 2"
        del s.visits["Week 2"]
    return out, every


def failures(options: Options) -> list[dict]:
    """People screened and not randomised: id, day of consent, sex, coded reason."""
    rng = stream(options.seed, "screen failures")
    n = int(rng.integers(2, 4)) if options.patients <= 12 else round(0.25 * options.patients)
    span = max(50, int(options.patients * 6.5))
    days = np.sort(rng.integers(2, span, n))
    return [
        {
            "id": f"SF{i + 1:0{options.digits}d}",
            "consent": weekday(START + timedelta(days=int(d))),
            "sex": "2" if rng.random() < 0.8 else "1",
            "reason": str(int(rng.integers(1, 4))),
        }
        for i, d in enumerate(days)
    ]


def person(seed: int, subject: str, sex: str, consent: date) -> dict[str, str]:
    """Invented identifiers of one person."""
    rng = stream(seed, "identity", subject)
    names = catalogue.FIRST_FEMALE if sex == "2" else catalogue.FIRST_MALE
    first = names[int(rng.integers(len(names)))]
    last = catalogue.LAST[int(rng.integers(len(catalogue.LAST)))]
    years = float(np.clip(rng.normal(50, 11), 23, 74))
    birth = consent - timedelta(days=int(years * 365.25))
    return {
        "first_name": first,
        "last_name": last,
        "initials": first[0] + last[0],
        "birth_date": birth.isoformat(),
        "mrn": f"{int(rng.integers(10**7, 10**8)):08d}",
        "phone": f"(519) 555-{int(rng.integers(100, 200)):04d}",
    }
