"""One drawn trial before anything is written: what is true of every patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from sclerotrial.simulate import biomarkers, endpoints, safety, trial
from sclerotrial.simulate.options import Options
from sclerotrial.simulate.trial import Slot, Subject


@dataclass
class Truth:
    """A trial as it truly was.

    Attributes
    ----------
    subjects : list of Subject
        In order of randomisation.
    slots : list of Slot
        The whole allocation list.
    scores : list of dict
        USUBJID, AVISIT, PARAMCD, AVAL of the scored endpoints at the visits attended.
    table : dict of str to array
        Baseline, month-6 change and month-3 deviation of every patient (see endpoints.courses).
    areas : dict
        Area scores by subject and visit, filled when the forms are written.
    """

    options: Options
    subjects: list[Subject]
    slots: list[Slot]
    scores: list[dict]
    table: dict[str, np.ndarray]
    areas: dict = field(default_factory=dict)

    @cached_property
    def failures(self) -> list[dict]:
        """People screened and not randomised."""
        return trial.failures(self.options)

    @cached_property
    def events(self) -> list[safety.Event]:
        """Rows of the adverse-event form."""
        return safety.adverse_events(self.options, self.subjects)

    @cached_property
    def vitals(self) -> list[dict]:
        """Vital signs of all visits."""
        return [r for s in self.subjects for r in safety.vital_signs(self.options, s, self.events)]

    @cached_property
    def drugs(self) -> list[dict]:
        """Concomitant drugs."""
        return [r for s in self.subjects for r in safety.other_drugs(self.options, s, self.events)]

    @cached_property
    def levels(self) -> list[dict]:
        """True biomarker levels: USUBJID, AVISIT, COMPART, PARAMCD, AVAL (pg/mL; -dCt)."""
        return biomarkers.levels(self.options, self.subjects)

    @cached_property
    def skin_barcodes(self) -> dict[tuple[str, str], str]:
        """Barcodes of the skin biopsies by subject and visit."""
        return {
            (r["USUBJID"], r["AVISIT"]): biomarkers.barcode(r["USUBJID"], r["AVISIT"], "SKIN")
            for r in self.levels
            if r["COMPART"] == "SKIN"
        }

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], float]:
        return {(r["USUBJID"], r["AVISIT"], r["PARAMCD"]): r["AVAL"] for r in self.scores}

    def score(self, subject: str, visit: str, name: str) -> float:
        """True value of a scored endpoint."""
        return self._index[(subject, visit, name)]

    def frame(self, name: str) -> pd.DataFrame:
        """A part as a table.

        Parameters
        ----------
        name : str
            'subjects', 'endpoints' (with ARM and ROLE; long), 'biomarkers', 'events',
            'allocation'.
        """
        if name == "subjects":
            return pd.DataFrame(
                [
                    {
                        "USUBJID": s.id,
                        "ARM": s.arm,
                        "STRATUM": s.stratum,
                        "ROLE": s.role,
                        "RANDDT": s.randomised.isoformat(),
                        "TRTSDT": s.first_dose.isoformat(),
                        "TRTEDT": s.last_dose.isoformat(),
                        "HOSP": s.hospital,
                    }
                    for s in self.subjects
                ]
            )
        if name == "allocation":
            return pd.DataFrame([s.__dict__ for s in self.slots])
        if name == "events":
            return pd.DataFrame([e.__dict__ for e in self.events])
        rows = {"endpoints": lambda: self.scores, "biomarkers": lambda: self.levels}[name]()
        of = {s.id: s for s in self.subjects}
        return pd.DataFrame(
            [{**r, "ARM": of[r["USUBJID"]].arm, "ROLE": of[r["USUBJID"]].role} for r in rows]
        )


def draw(options: Options) -> Truth:
    """Draw one trial; parts other than the endpoints are drawn when first asked for.

    Parameters
    ----------
    options : Options
        Checked options (see options.check).
    """
    subjects, slots = trial.subjects(options)
    scores, table = endpoints.scores(options, subjects)
    return Truth(options, subjects, slots, scores, table)
