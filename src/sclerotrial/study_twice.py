"""Analytes of a study that two of its assays measure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from sclerotrial.study_assays import Assay


def twofold(assays: Mapping[str, Assay]) -> list[tuple[str, str, str, str]]:
    """Code, compartment and both assays of each analyte that two assays measure.

    Of assays whose values have log2 ratios.
    """
    found = []
    for first, second in itertools.combinations(assays, 2):
        a, b = assays[first], assays[second]
        logs = all(x.scale in ("linear", "log2") for x in (a, b))
        if logs and a.compartment == b.compartment:
            codes = (c for c in a.analytes if c in b.analytes)
            found += [(code, a.compartment, first, second) for code in codes]
    return found
