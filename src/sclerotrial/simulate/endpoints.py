"""What was measured in the patients: skin, function, globals, acute phase."""

from __future__ import annotations

import numpy as np

from sclerotrial.simulate import calibrate, catalogue
from sclerotrial.simulate.options import Options, stream
from sclerotrial.simulate.trial import Subject

# PARAMCD: SD of the individual change at month 6, natural course (mean change of the untreated).
COURSE = {
    "MRSS": (4.5, 0.0),
    "HAQDI": (0.25, 0.0),
    "PTGA": (13.0, 0.0),
    "PHGA": (10.0, 0.0),
    "CRP": (0.35, 0.0),
    "ESR": (0.20, 0.0),
}
LIMITS = {"MRSS": (0, 51), "HAQDI": (0, 3), "PTGA": (0, 100), "PHGA": (0, 100)}
LN2 = float(np.log(2))
ATTEMPTS = 400


def spread(total: int, weights: np.ndarray, cap: int) -> np.ndarray:
    """Whole scores 0..cap a part that add up to `total`, larger where the weight is larger.

    Parts are filled one point at a time, to the part whose share is most behind its weight.
    """
    weights = np.maximum(np.asarray(weights, dtype=float), 1e-3)
    out = np.zeros(len(weights), dtype=int)
    for _ in range(int(total)):
        behind = np.where(out < cap, (out + 0.5) / weights, np.inf)
        out[int(np.argmin(behind))] += 1
    return out


def move(scores: np.ndarray, total: int, cap: int, rng: np.random.Generator) -> np.ndarray:
    """Scores of a later visit: near the former ones, with the new total and a little exchange."""
    out = scores.copy()
    while (left := int(total) - int(out.sum())) != 0:
        step = 1 if left > 0 else -1
        room = np.flatnonzero((out + step >= 0) & (out + step <= cap))
        out[int(rng.choice(room))] += step
    for _ in range(int(rng.integers(0, 3))):
        up, down = np.flatnonzero(out < cap), np.flatnonzero(out > 0)
        if len(up) and len(down):
            i, j = int(rng.choice(up)), int(rng.choice(down))
            if i != j:
                out[i] += 1
                out[j] -= 1
    return out


def _deviations(options: Options, rng: np.random.Generator, n: int) -> np.ndarray:
    """Standardised individual deviations of the asked shape (mean 0, SD 1)."""
    z = rng.normal(size=n)
    if options.skew == "normal":
        return z
    s = 0.8
    x = np.exp(s * z)
    return (x - np.exp(s * s / 2)) / np.sqrt((np.exp(s * s) - 1) * np.exp(s * s))


def _draws(options: Options, s: Subject, attempt: int) -> dict[str, tuple[float, float, float]]:
    """Baseline, month-6 change and month-3 deviation of one patient, on the working scale.

    The working scale is the parameter's own, the natural logarithm for CRP and ESR. A common
    severity and a common course tie the parameters together modestly.
    """
    rng = stream(options.seed, "endpoints", attempt, s.id)
    severity, e = rng.normal(), rng.normal(size=6)
    base = {
        "MRSS": np.clip(31 + 6.5 * severity, 17, 46),
        "HAQDI": np.clip(1.3 + 0.55 * (0.4 * severity + 0.9 * e[0]), 0.125, 2.6),
        "PTGA": np.clip(60 + 18 * (0.4 * severity + 0.9 * e[1]), 12, 92),
        "PHGA": np.clip(62 + 14 * (0.6 * severity + 0.8 * e[2]), 20, 92),
        "CRP": np.log(5.0) + 1.0 * (0.3 * severity + 0.95 * e[3]),
        "ESR": np.log(30.0) + 0.4 * (0.3 * severity + 0.95 * e[4]),
    }
    common, own = _deviations(options, rng, 1)[0], _deviations(options, rng, len(COURSE))
    middle = rng.normal(size=len(COURSE))
    out = {}
    for k, (name, (sd, drift)) in enumerate(COURSE.items()):
        tie = 1.0 if name == "MRSS" else 0.5
        dev = common if name == "MRSS" else tie * common + np.sqrt(1 - tie**2) * own[k]
        shift = options.effect.get(name, 0.0) * (LN2 if name in ("CRP", "ESR") else 1.0)
        change = drift + sd * dev + (shift if s.active else 0.0)
        out[name] = (float(base[name]), float(change), float(0.45 * sd * middle[k]))
    shift = options.effect.get("HTQ", 0.0) if s.active else 0.0
    out["HTQ"] = (
        float(4.0 + 0.7 * rng.normal()),
        float(-0.9 + 0.4 * common + 0.6 * rng.normal() + shift),
        float(0.5 * rng.normal()),
    )
    return out


def _calibrated(subjects: list[Subject], table: dict[str, np.ndarray]) -> bool:
    """Bend the draws of the nine on imatinib to the abstract; False when they show a trend."""
    active = np.flatnonzero([s.active for s in subjects])
    roles = [subjects[i].role for i in active]
    seen = np.array([r != "lost" for r in roles])
    done = np.array([r == "completer" for r in roles])
    totals = calibrate.skin_totals(table["MRSS"][active, 0], table["MRSS"][active, 1], roles)
    if totals is None:
        return False
    table["MRSS"][active, 0] = totals[0]
    table["MRSS"][active, 1] = np.where(seen, totals[1] - totals[0], table["MRSS"][active, 1])
    for name in ("HAQDI", "PTGA", "PHGA", "CRP", "ESR", "HTQ"):
        base, change = table[name][active, 0], table[name][active, 1]
        table[name][active, 0] = calibrate.level(base, done)
        measured = np.where(seen, change, np.nan)
        rest = -0.9 if name == "HTQ" else 0.0
        table[name][active, 1] = np.where(seen, calibrate.level(measured, done, rest), change)
    return True


def courses(options: Options, subjects: list[Subject]) -> dict[str, np.ndarray]:
    """Baseline, month-6 change, month-3 deviation of every patient: arrays (patients, 3).

    CRP and ESR are natural logarithms.

    Raises
    ------
    RuntimeError
        When no draw of the seed fits the abstract (not seen in practice).
    """
    for attempt in range(ATTEMPTS if options.published else 1):
        draws = [_draws(options, s, attempt) for s in subjects]
        table = {p: np.array([d[p] for d in draws]) for p in catalogue.ENDPOINTS}
        if not options.published or _calibrated(subjects, table):
            return table
    raise RuntimeError("no draw of this seed fits the published means")


def at(table: dict[str, np.ndarray], name: str, row: int, share: float) -> float:
    """True value of a patient, that share of the way to month 6, on the working scale."""
    base, change, middle = table[name][row]
    # the own deviation is nought at both ends and full half-way
    return float(base + share * change + 4 * share * (1 - share) * middle)


def share_of(s: Subject, visit: str) -> float:
    """How far to month 6 a visit lies: 0 at baseline, 0.5 at month 3, 1 at month 6."""
    fixed = {"Screening": 0.0, "Baseline": 0.0, "Month 3": 0.5, "Month 6": 1.0}
    if visit in fixed:
        return fixed[visit]
    return float(np.clip(s.day(s.visits[visit]) / 183, 0.0, 1.0))


def scores(options: Options, subjects: list[Subject]) -> tuple[list[dict], dict]:
    """All scored endpoints at the visits attended.

    Returns
    -------
    tuple
        Rows USUBJID, AVISIT, PARAMCD, AVAL (CRP and ESR as true, unrounded levels), and the
        table of courses.
    """
    table = courses(options, subjects)
    rows = []
    for i, s in enumerate(subjects):
        for visit in s.efficacy():
            share = share_of(s, visit)
            for name in catalogue.ENDPOINTS:
                x = at(table, name, i, share)
                if name in ("CRP", "ESR"):
                    x = float(np.exp(x))
                elif name == "HAQDI":
                    x = float(np.clip(np.round(x * 8), 0, 24)) / 8
                elif name == "HTQ":
                    x = float(np.clip(np.round(x), 1, 5))
                else:
                    x = float(np.clip(np.round(x), *LIMITS[name]))
                rows.append({"USUBJID": s.id, "AVISIT": visit, "PARAMCD": name, "AVAL": x})
    return rows, table


def skin_areas(options: Options, s: Subject, totals: dict[str, int]) -> dict[str, np.ndarray]:
    """Seventeen area scores a visit, adding up to the totals; right and left alike."""
    rng = stream(options.seed, "areas", s.id)
    noise = np.exp(0.16 * rng.normal(size=len(catalogue.AREAS)))
    weights = np.array(catalogue.AREA_WEIGHTS) * noise
    out, last = {}, None
    for visit, total in totals.items():
        last = spread(total, weights, 3) if last is None else move(last, total, 3, rng)
        out[visit] = last
    return out


def haq_answers(
    options: Options, s: Subject, index: dict[str, float]
) -> dict[str, dict[str, object]]:
    """Twenty items, aids and help a visit, that score to the given disability index.

    A category of 2 is at times an easier item done with a device or with help, which the
    scoring rule lifts to 2.
    """
    rng = stream(options.seed, "haq", s.id)
    weights = np.array(catalogue.HAQ_WEIGHTS) * np.exp(0.35 * rng.normal(size=8))
    out, last = {}, None
    for visit, value in index.items():
        total = round(value * 8)
        last = spread(total, weights, 3) if last is None else move(last, total, 3, rng)
        items: dict[str, int] = {}
        aids, helped = set(), set()
        for k, (name, count) in enumerate(catalogue.HAQ_ITEMS.items()):
            top = int(last[k])
            devices = catalogue.AIDS_OF[name]
            if top == 2 and rng.random() < 0.3:
                top = int(rng.integers(0, 2))
                if devices and rng.random() < 0.7:
                    aids.add(int(rng.choice(devices)))
                    # a device is there for some difficulty; the published trial stays as it was
                    top = top if options.published else 1
                else:
                    helped.add(k + 1)
            elif top == 3 and rng.random() < 0.5:
                helped.add(k + 1)
            answers = [int(rng.integers(0, top + 1)) for _ in range(count)]
            answers[int(rng.integers(count))] = top
            items |= {f"haq_{name}_{j + 1}": a for j, a in enumerate(answers)}
        scored = dict(zip(catalogue.HAQ_ITEMS, map(int, last), strict=True))
        out[visit] = {"items": items, "aids": aids, "help": helped, "categories": scored}
    return out
