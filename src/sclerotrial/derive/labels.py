"""What the datasets, their variables and the values of their parameters are.

`adam_datasets.csv`, `adam_metadata.csv`, `adam_parameters.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
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
    """A dataset: name, label, class and structure (terms of ADaM), key variables, a comment."""

    name: str
    label: str
    kind: str
    structure: str
    keys: tuple[str, ...]
    comment: str = ""


@dataclass(frozen=True)
class Parameter:
    """Where the value of a parameter comes from: its origin, and how it is derived."""

    origin: str
    method: str


def _rows(table: str) -> list[dict[str, str]]:
    path = resources.files("sclerotrial.derive") / table
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def datasets() -> dict[str, Dataset]:
    """The datasets by name, in their order."""
    return {
        r["DATASET"]: Dataset(
            r["DATASET"],
            r["LABEL"],
            r["CLASS"],
            r["STRUCTURE"],
            tuple(r["KEYS"].split()),
            r["COMMENT"],
        )  # fmt: skip
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


def parameter(dataset: str, category: str, code: str) -> Parameter:
    """Origin and method of a parameter: the first row of `adam_parameters.csv` that fits.

    Parameters
    ----------
    dataset, category, code : str
        Dataset, PARCAT1 and PARAMCD.
    """
    for row in _parameters():
        fits = fnmatchcase(category, row["PARCAT1"]) and fnmatchcase(code, row["PARAMCD"])
        if row["DATASET"] == dataset and fits:
            return Parameter(row["ORIGIN"], row["METHOD"])
    return Parameter("Derived", "By parameter.")


@cache
def _parameters() -> tuple[dict[str, str], ...]:
    return tuple(_rows("adam_parameters.csv"))


def labels(dataset: str) -> dict[str, str]:
    """Variable -> label."""
    return {name: v.label for name, v in variables(dataset).items()}
