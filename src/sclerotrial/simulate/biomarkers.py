"""True levels of the biomarkers in serum and skin."""

from __future__ import annotations

import numpy as np

from sclerotrial.simulate import calibrate, catalogue
from sclerotrial.simulate.options import Options, stream
from sclerotrial.simulate.trial import Subject

CODES = {"Baseline": "BL", "Month 3": "M3", "Month 6": "M6"}
MATRIX = {"SERUM": "S", "SKIN": "K"}
LN2 = float(np.log(2))


def barcode(subject: str, visit: str, compartment: str) -> str:
    """Label of a sample."""
    return f"{subject}-{CODES[visit]}-{MATRIX[compartment]}"


def visits(s: Subject, compartment: str) -> list[str]:
    """Visits of a patient with a sample: serum three times, skin twice."""
    wanted = (
        ("Baseline", "Month 3", "Month 6") if compartment == "SERUM" else ("Baseline", "Month 6")
    )
    return [v for v in wanted if v in s.visits]


def refused(options: Options, subjects: list[Subject]) -> str:
    """The patient who stopped the drug and did not want a second biopsy ('' if nobody)."""
    able = [s.id for s in subjects if s.role == "stopped"]
    if not able:
        return ""
    return able[int(stream(options.seed, "refused biopsy").integers(len(able)))]


def _spreads(compartment: str) -> dict[str, tuple[float, float, float, float]]:
    """PARAMCD: centre, SD between persons, SD between visits, size of one effect unit."""
    if compartment == "SERUM":
        return {
            p: (float(np.log(m)), between, float(np.sqrt(np.log(1 + cv * cv))), LN2)
            for p, (_, m, between, cv, _, _) in catalogue.SERUM.items()
        }
    return {p: (-m, between, within, 1.0) for p, (_, m, between, within) in catalogue.SKIN.items()}


def _high_sample(options: Options, subjects: list[Subject]) -> tuple[str, str]:
    """Subject and visit of the one level above the highest standard; not at month 6."""
    able = [s.id for s in subjects if "Month 3" in s.visits]
    if not able:
        return "", ""
    return able[int(stream(options.seed, "high level").integers(len(able)))], "Month 3"


def levels(options: Options, subjects: list[Subject]) -> list[dict]:
    """Levels of all samples: USUBJID, AVISIT, COMPART, PARAMCD, AVAL (pg/mL; -dCt).

    Each patient varies around an own level; held to the abstract, the changes of those on
    imatinib have no common part.
    """
    out = []
    active = np.array([s.active for s in subjects])
    without = refused(options, subjects)
    high = _high_sample(options, subjects)
    for compartment in ("SERUM", "SKIN"):
        for name, (centre, between, within, unit) in _spreads(compartment).items():
            own = np.zeros(len(subjects))
            noise = np.zeros((len(subjects), 3))
            for i, s in enumerate(subjects):
                rng = stream(options.seed, "biomarker", name, s.id)
                own[i] = between * rng.normal()
                noise[i] = within * rng.normal(size=3)
            grid = centre + own[:, None] + noise
            effect = options.effect.get(name, 0.0) * unit
            grid[active] += effect * np.array([0.0, 0.5, 1.0])
            if options.published:
                for column, visit in ((1, "Month 3"), (2, "Month 6")):
                    seen = active & np.array([visit in s.visits for s in subjects])
                    if compartment == "SKIN":
                        seen &= np.array([s.id != without for s in subjects])
                    moved = grid[seen, column] - grid[seen, 0]
                    grid[seen, column] = grid[seen, 0] + calibrate.centre(moved, 0.0)
            for i, s in enumerate(subjects):
                for visit in visits(s, compartment):
                    if compartment == "SKIN" and visit == "Month 6" and s.id == without:
                        continue
                    x = float(grid[i, ("Baseline", "Month 3", "Month 6").index(visit)])
                    value = float(np.exp(x)) if compartment == "SERUM" else x
                    if name == "CXCL10" and (s.id, visit) == high:
                        value = 1.6 * catalogue.SERUM[name][4]
                    out.append(
                        {
                            "USUBJID": s.id,
                            "AVISIT": visit,
                            "COMPART": compartment,
                            "PARAMCD": name,
                            "AVAL": value,
                        }
                    )
    return out
