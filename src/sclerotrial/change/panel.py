"""A wide panel of the trial: its samples matched, its changes written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import samples as tubes
from sclerotrial.assays.wide import Panel, readings
from sclerotrial.change.adbm import analysed_samples
from sclerotrial.change.wide import blocks
from sclerotrial.change.wide_file import write_wide


def score_panel(
    panel: Panel, name: str, samples: pd.DataFrame, adsl: pd.DataFrame, study: Any, path: str | Path
) -> int:
    """Write the values and changes of all features of a panel; returns the number of rows.

    The sample of each visit is chosen by the rules of adbm: the baseline was drawn on or before
    the first dose, of several the last one counts.

    Parameters
    ----------
    panel : assays.wide.Panel
    name : str
        Key of the assay.
    samples : DataFrame
        Cleaned manifest.
    adsl : DataFrame
    study : study.Study
        Sections study, samples, visits, assays.
    path : path
        The parquet file.

    Raises
    ------
    InputErrors
        Samples that the manifest does not know, scores that lack their features.
    """
    assay = study.assays[name]
    told = readings(panel, assay)
    drawn = list(study.samples.visits)
    matched, _ = tubes.match(told, samples, assay.compartment, drawn)
    columns = pd.DataFrame({"COLUMN": range(len(panel.samples)), "SAMPLE": panel.samples,
                            "FILE": panel.files})  # fmt: skip
    columns = columns.merge(matched, on="SAMPLE", how="inner")
    chosen = analysed_samples(columns, adsl, samples, study, name)
    visits = [v.avisit for v in study.visits]
    first = next(v.avisit for v in study.visits if v.baseline)
    reference = columns.loc[columns["AVISIT"] == first, "COLUMN"].tolist()
    found = blocks(panel, assay, chosen, visits, first, reference)
    return write_wide(path, name, assay.compartment, found, sorted(set(chosen["USUBJID"])))
