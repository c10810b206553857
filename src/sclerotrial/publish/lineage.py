"""From each reported number to the rows of the analysis data sets and the lines of the raw files.

An ARD row says which data set it was made of and which rows of it (``DATASET``, ``FILTER``); each
row of a data set says from which raw file and line it comes (``SRCFILE``, ``SRCLINE``). Lineage
is the join of the two, with the raw fields that the trial's configuration names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sclerotrial.errors import InputErrors
from sclerotrial.files import whole
from sclerotrial.tabular import cells
from sclerotrial.where import mask

COLUMNS = [
    "ID",
    "DATASET",
    "ROW",
    "USUBJID",
    "PARAMCD",
    "AVISIT",
    "ROLE",
    "VALUE",
    "SRCDOM",
    "SRCFILE",
    "SRCLINE",
    "SRCFIELD",
]
#: quantities that are differences: the baseline row is a parent as well
CHANGES = {"chg", "pchg", "log2fc", "fold", "chg_locf", "pchg_locf", "direction"}
#: data sets that tell of a person rather than of a measurement: the form and fields behind them
FORM_FIELDS = {
    "adsl": "",
    "adae": "ae_pt ae_soc ae_start ae_end ae_grade ae_serious ae_hosp ae_rel ae_action ae_outcome",
    "adex": "ex_start ex_end ex_dose ex_freq ex_reason",
    "adcm": "cm_class cm_start cm_end cm_dose cm_unit cm_freq",
}
#: what a row of a data set without AVAL is shown by
VALUES = {"adae": "AEDECOD", "adex": "DOSE", "adcm": "CMCLAS", "queries": "RULE"}
_SPLIT = re.compile(r"[;,| ]+")


def lineage(
    ard: pd.DataFrame, datasets: Mapping[str, pd.DataFrame], study: Any = None
) -> pd.DataFrame:
    """Parents of every number.

    Parameters
    ----------
    ard : DataFrame
        ``ID``, ``DATASET``, ``FILTER`` (see `sclerotrial.where`).
    datasets : mapping
        ADaM frames by name (lower case), all cells text.
    study : Study, optional
        For the raw fields behind a parameter.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text, in the order of the ARD, then of the data set. ``ROW`` counts the
        rows of the data set's file from 1. A number without rows (nobody in the group, or a
        planned figure of the configuration) has one row, with ``ROLE`` 'none' and the reason or
        place in ``SRCFILE``.
    """
    sets = {name.lower(): _Set(name.lower(), frame, study) for name, frame in datasets.items()}
    rows: list[tuple[str, ...]] = []
    for row in ard[["ID", "DATASET", "FILTER", "PARAMCD"]].astype(str).itertuples(index=False):
        changed = bool(CHANGES & set(row.ID.split(".")))
        place = "endpoints" if row.ID.startswith("efficacy.") else "study"
        reason = "" if row.DATASET else f"config/{place}.yaml"
        found: list[tuple[str, ...]] = []
        for name in _SPLIT.split(row.DATASET.lower().strip()):
            if not name:
                continue
            if name not in sets:
                reason = reason or f"results: {name}"
                continue
            try:
                found += sets[name].parents(row.FILTER, changed, row.PARAMCD)
            except InputErrors as error:
                reason = reason or f"filter not understood: {error.problems[0].what}"
        if found:
            rows += [(row.ID, *parent) for parent in found]
        else:
            nothing = dict.fromkeys(COLUMNS, "")
            nothing |= {"ID": row.ID, "DATASET": row.DATASET.lower(), "ROLE": "none"}
            nothing["SRCFILE"] = reason or "no row fits the filter"
            rows.append(tuple(nothing.values()))
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def write_lineage(frame: pd.DataFrame, path: str | Path) -> None:
    """Write ``results/lineage.parquet``: the same bytes each time.

    pyarrow writes no time; what would change bytes is its pandas block (library versions), which
    is left out, so that columns are read back as plain text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {c: pa.array(frame[c].astype(str).tolist(), pa.string()) for c in COLUMNS}
    with whole(path) as part:
        pq.write_table(pa.table(columns), part, compression="zstd", use_dictionary=True)


def read_lineage(path: str | Path) -> pd.DataFrame:
    """Read ``results/lineage.parquet``; all cells text."""
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=COLUMNS).to_pandas().astype(str)


class RawFields:
    """Names of the raw fields behind a parameter, as far as the configuration tells them."""

    def __init__(self, study: Any) -> None:
        self._by_code: dict[str, str] = {}
        if study is None:
            return
        for code, endpoint in study.endpoints.items():
            self._by_code[code] = _endpoint_fields(endpoint)
        for code in study.laboratory:
            self._by_code[code] = "date test result unit"
        for code, sign in study.vitals.items():
            self._by_code[code] = sign.field
        for assay in study.assays.values():
            name = "CT" if assay.method == "delta_ct" else "Median"
            for code in assay.analytes:
                self._by_code.setdefault(code, name)

    def of(self, dataset: str, paramcd: str) -> str:
        """Raw fields of a parameter, or of the form behind a data set; separated by blanks."""
        return self._by_code.get(paramcd, "") or FORM_FIELDS.get(dataset, "")


def _endpoint_fields(endpoint: Any) -> str:
    if endpoint.instrument == "lab":
        return "date test result unit"
    if endpoint.field:
        return endpoint.field
    return f"{endpoint.form}_*"


class _Set:
    """A data set with the parents that filters of it give, each worked out once."""

    def __init__(self, name: str, frame: pd.DataFrame, study: Any) -> None:
        self.name = name
        self.frame = frame.reset_index(drop=True).astype(str)
        self._fields = RawFields(study)
        self._masks: dict[Any, np.ndarray] = {}
        self._known: dict[tuple[str, bool, str], list[tuple[str, ...]]] = {}
        # plain lists: small parts of them are taken more than a thousand times
        self._lists = {c: cells(self.frame[c]) for c in self.frame.columns}
        keys = [self._lists[k] for k in ("USUBJID", "PARAMCD", "COMPART") if k in self._lists]
        self._keys = list(zip(*keys, strict=True))

    def parents(self, text: str, changed: bool, paramcd: str) -> list[tuple[str, ...]]:
        """Cells of `COLUMNS` but the ID for each row kept, and for baseline rows of a change.

        ``paramcd`` of the ARD names a column where the data set has one row a person.
        """
        key = (text, changed, paramcd)
        if key not in self._known:
            kept = np.flatnonzero(mask(self.frame, text, self.name, self._masks))
            found = self._cells(kept, "value", paramcd)
            if changed and {"ABLFL", "PARAMCD"} <= set(self.frame.columns):
                found += self._cells(self._baselines(kept), "baseline", paramcd)
            self._known[key] = found
        return self._known[key]

    def _baselines(self, kept: np.ndarray) -> np.ndarray:
        """Baseline rows of the same persons and parameters, those already kept left out."""
        wanted = {self._keys[k] for k in kept}
        first = [
            k
            for k, flag in enumerate(self._lists["ABLFL"])
            if flag == "Y" and self._keys[k] in wanted
        ]
        return np.setdiff1d(np.array(first, dtype=int), kept)

    def _cells(self, at: np.ndarray, role: str, paramcd: str) -> list[tuple[str, ...]]:
        there = self._lists
        blank = [""] * len(at)

        def column(name: str) -> list[str]:
            return [there[name][k] for k in at] if name in there else blank

        own = "PARAMCD" not in there and paramcd in there
        codes = [paramcd] * len(at) if own else column("PARAMCD")
        value = paramcd if own else VALUES.get(self.name, "AVAL")
        fields = [
            said or self._fields.of(self.name, code)
            for said, code in zip(column("SRCVAR"), codes, strict=True)
        ]
        return list(
            zip(
                [self.name] * len(at),
                [str(k + 1) for k in at],
                column("USUBJID"),
                codes,
                column("AVISIT"),
                [role] * len(at),
                column(value),
                column("SRCDOM"),
                column("SRCFILE"),
                column("SRCLINE"),
                fields,
                strict=True,
            )
        )
