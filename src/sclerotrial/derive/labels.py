"""What the datasets and their variables are: `adam_datasets.csv`, `adam_metadata.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


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
    origin : str
        Collected, Assigned, Derived, or Predecessor.
    method : str
        How it is derived; of a predecessor the variable.
    codes : str
        Its values, parted by '|', each with '=' and its meaning where it has one; '' for any.
    """

    name: str
    xpt_name: str
    label: str
    type: str
    length: int
    origin: str = "Derived"
    method: str = ""
    codes: str = ""


@dataclass(frozen=True)
class Dataset:
    """A dataset: its name, label, class and structure (terms of ADaM), and its key variables."""

    name: str
    label: str
    kind: str
    structure: str
    keys: tuple[str, ...]


def _rows(table: str) -> list[dict[str, str]]:
    path = resources.files("sclerotrial.derive") / table
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def datasets() -> dict[str, Dataset]:
    """The datasets by name, in their order."""
    return {
        r["DATASET"]: Dataset(
            r["DATASET"], r["LABEL"], r["CLASS"], r["STRUCTURE"], tuple(r["KEYS"].split())
        )
        for r in _rows("adam_datasets.csv")
    }


@cache
def variables(dataset: str) -> dict[str, Variable]:
    """Variables of a dataset by name, in their order; empty for an unknown dataset."""
    return {
        r["VARIABLE"]: Variable(
            r["VARIABLE"], r["XPTNAME"], r["LABEL"], r["TYPE"], int(r["LENGTH"]), r["ORIGIN"],
            r["METHOD"], r["CODES"],
        )
        for r in _rows("adam_metadata.csv")
        if r["DATASET"] == dataset
    }  # fmt: skip


def labels(dataset: str) -> dict[str, str]:
    """Variable -> label."""
    return {name: v.label for name, v in variables(dataset).items()}
