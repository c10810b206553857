"""The restricted allocation list and the manifest of samples."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sclerotrial.simulate import biomarkers
from sclerotrial.simulate.options import stream
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.truth import Truth

ALLOCATION = "allocation/allocation_list.csv"
MANIFEST = "samples/sample_manifest.csv"


def allocation(truth: Truth) -> Sheet:
    """All numbers of the list; those not used have no subject and no date."""
    rows = [
        {
            "randomisation_no": str(s.number),
            "subject": s.subject,
            "date": s.when.isoformat() if s.when else "",
            "stratum": s.stratum,
            "block": str(s.block),
            "treatment": str(s.arm),
        }
        for s in truth.slots
    ]
    columns = ["randomisation_no", "subject", "date", "stratum", "block", "treatment"]
    return Sheet(ALLOCATION, columns, rows)


def samples(truth: Truth) -> list[dict]:
    """All samples: barcode, subject, visit, compartment, collected, freeze_thaw, quality."""
    when = {s.id: s.visits for s in truth.subjects}
    seen, rows = set(), []
    for r in truth.levels:
        key = (r["USUBJID"], r["AVISIT"], r["COMPART"])
        if key in seen:
            continue
        seen.add(key)
        code = biomarkers.barcode(*key)
        rng = stream(truth.options.seed, "sample", code)
        taken = datetime.combine(when[key[0]][key[1]], time(8)) + timedelta(
            minutes=5 * int(rng.integers(0, 36))
        )
        serum = key[2] == "SERUM"
        u = rng.random()
        rows.append(
            {
                "barcode": code,
                "subject": key[0],
                "visit": key[1],
                "compartment": key[2],
                "collected": taken.strftime("%Y-%m-%d %H:%M"),
                "freeze_thaw": str(int(rng.integers(0, 3)) if serum else 0),
                "quality": "slightly haemolysed" if serum and u < 0.07 else "ok",
            }
        )
    return sorted(rows, key=lambda r: (r["subject"], r["collected"][:10], r["compartment"]))


def manifest(truth: Truth) -> Sheet:
    """The manifest of samples."""
    rows = samples(truth)
    return Sheet(
        MANIFEST,
        ["barcode", "subject", "visit", "compartment", "collected", "freeze_thaw", "quality"],
        rows,
    )
