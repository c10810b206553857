"""Names, labels, types and lengths of the variables: `adam_metadata.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: names of the datasets
DATASETS = {
    "adsl": "Subject-Level Analysis",
    "adqs": "Clinical Scores Analysis",
    "adlb": "Laboratory Analysis",
    "advs": "Vital Signs Analysis",
    "adae": "Adverse Events Analysis",
    "adcm": "Concomitant Drugs Analysis",
    "adex": "Exposure Analysis",
    "adtte": "Time to Event Analysis",
    "adbm": "Biomarkers Analysis",
}


@dataclass(frozen=True)
class Variable:
    """A variable of a dataset.

    Attributes
    ----------
    name : str
        As in the CSV files.
    xpt_name : str
        At most 8 characters, for transport files.
    label : str
        At most 40 characters.
    type : str
        char, num or date (ISO text in CSV, a SAS date in transport files).
    length : int
        Longest text; 8 for numbers and dates.
    """

    name: str
    xpt_name: str
    label: str
    type: str
    length: int


@cache
def variables(dataset: str) -> dict[str, Variable]:
    """Variables of a dataset by name, in their order; empty for an unknown dataset."""
    path = resources.files("sclerotrial.derive") / "adam_metadata.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            r["VARIABLE"]: Variable(
                r["VARIABLE"], r["XPTNAME"], r["LABEL"], r["TYPE"], int(r["LENGTH"])
            )
            for r in csv.DictReader(lines)
            if r["DATASET"] == dataset
        }


def labels(dataset: str) -> dict[str, str]:
    """Variable -> label."""
    return {name: v.label for name, v in variables(dataset).items()}
