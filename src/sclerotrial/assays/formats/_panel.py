"""The cells of a wide panel from a file of readings, filled part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sclerotrial.assays.formats._common import number

#: tells of a feature whether its readings are wanted as rows
Keep = Callable[[str], bool]
_PLAIN = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"


@dataclass(frozen=True)
class Cells:
    """Features by columns of one file, and the few readings that are wanted as rows.

    Attributes
    ----------
    features : list of str
    lines : (features,) array of int
        Line of each feature in the file.
    samples : list of str
        Of each column; what was measured again in the file stands in a further column.
    values : (features, columns) array
        NaN where there is none.
    quantity, unit : str
    table : DataFrame
        `COLUMNS`: the readings of the features that were asked for, and what the file says of
        itself.
    plates : list of str
        '' for cells without one.
    lod : (features, plates) array
        Limits of detection, NaN where none is told.
    there : (features, plates) array of bool
        Whether the plate has readings of the feature, of controls too.
    control : (columns,) array of bool
        Samples of the laboratory; columns of them are held only for an alignment.
    plate : (features, columns) array of int, or None
        Place in `plates`, -1 where there is no value; None unless asked for.
    warned : (features, columns) array of bool, or None
        The instrument warns of the value; None unless asked for.
    """

    features: list[str]
    lines: np.ndarray
    samples: list[str]
    values: np.ndarray
    quantity: str
    unit: str
    table: pd.DataFrame
    plates: list[str]
    lod: np.ndarray
    there: np.ndarray
    control: np.ndarray
    plate: np.ndarray | None = None
    warned: np.ndarray | None = None


def codes(labels: pd.Index, texts: pd.Series) -> np.ndarray:
    """Place of each text among the labels, -1 for one that is none of them."""
    code, seen = pd.factorize(texts)
    return labels.get_indexer(pd.Index(seen))[code]


def numbers(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Values of cells as `number` reads them (NaN for an empty one), and which are no number."""
    if texts.dtype.kind == "f":
        values = texts.to_numpy(float)
        return values, np.isinf(values)
    column = pa.array(texts, type=pa.large_string(), from_pandas=True)
    plain = pc.fill_null(pc.match_substring_regex(column, _PLAIN), False)
    values = pc.cast(pc.if_else(plain, column, None), pa.float64()).to_numpy(zero_copy_only=False)
    values = values.astype(float)
    bad = np.zeros(len(values), bool)
    for i in np.flatnonzero(~np.isfinite(values)):
        told = number(str(texts.iloc[i]))
        bad[i] = told is None
        values[i] = float(told) if told else np.nan
    return values, bad


class Filling:
    """Cells that come in any order; a sample measured again has a further column.

    Parameters
    ----------
    features : int
        How many.
    samples : int
        How many; each has its first column.
    runs : bool
        Whether the plate and the warning of each cell are held.
    """

    def __init__(self, features: int, samples: int, runs: bool) -> None:
        self.values = np.full((features, samples), np.nan)
        self.plate = np.full((features, samples), -1, np.int16) if runs else None
        self.warned = np.zeros((features, samples), bool) if runs else None
        self.sample_of = list(range(samples))
        self.plates: list[str] = []
        self.lod = np.full((features, 0), np.nan)
        self.there = np.zeros((features, 0), bool)
        # the column in which each sample is measured for the first, second, ... time
        self._times = [np.arange(samples)]

    def on(self, plates: pd.Series) -> np.ndarray:
        """Places of these plates, new ones among them."""
        code, seen = pd.factorize(plates)
        new = [p for p in seen if p not in self.plates]
        if new:
            self.plates += new
            more = ((0, 0), (0, len(new)))
            self.lod = np.pad(self.lod, more, constant_values=np.nan)
            self.there = np.pad(self.there, more)
        return np.array([self.plates.index(p) for p in seen], int)[code]

    def put(
        self, feature: np.ndarray, sample: np.ndarray, value: np.ndarray, plate: np.ndarray,
        warned: np.ndarray,
    ) -> None:  # fmt: skip
        """Set the cells of these features and samples (arrays of one length)."""
        left = np.flatnonzero(np.isfinite(value))
        again = 0
        while len(left):
            column = self._column(sample[left], again)
            first = np.zeros(len(left), bool)
            cell = feature[left] * len(self.sample_of) + column
            first[np.unique(cell, return_index=True)[1]] = True
            free = first & np.isnan(self.values[feature[left], column])
            at, now = (feature[left[free]], column[free]), left[free]
            self.values[at] = value[now]
            if self.plate is not None:
                self.plate[at], self.warned[at] = plate[now], warned[now]
            left, again = left[~free], again + 1

    def _column(self, sample: np.ndarray, again: int) -> np.ndarray:
        """Column of each sample when it is measured for the `again`-th time more."""
        if again == len(self._times):
            self._times.append(np.full(len(self._times[0]), -1))
        times = self._times[again]
        new = np.unique(sample[times[sample] < 0])
        if len(new):
            times[new] = len(self.sample_of) + np.arange(len(new))
            self.sample_of += new.tolist()
            more = ((0, 0), (0, len(new)))
            self.values = np.pad(self.values, more, constant_values=np.nan)
            if self.plate is not None:
                self.plate = np.pad(self.plate, more, constant_values=-1)
                self.warned = np.pad(self.warned, more)
        return times[sample]

    def limits(self, feature: np.ndarray, plate: np.ndarray, lod: np.ndarray) -> None:
        """Limits of detection of these features and plates; of several the highest counts."""
        np.fmax.at(self.lod, (feature, plate), lod)

    def cells(
        self, features: Sequence[str], lines: np.ndarray, samples: Sequence[str],
        control: np.ndarray, quantity: str, unit: str, table: pd.DataFrame,
    ) -> Cells:  # fmt: skip
        """What was gathered.

        Parameters
        ----------
        features, lines, quantity, unit, table
            As in `Cells`.
        samples : sequence of str
            Of the first columns.
        control : array of bool
            Of the same.
        """
        names = [samples[i] for i in self.sample_of]
        return Cells(list(features), lines, names, self.values, quantity, unit, table, self.plates,
                     self.lod, self.there, control[self.sample_of], self.plate,
                     self.warned)  # fmt: skip
