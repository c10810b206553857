"""The file of a wide panel: written block by block, read back as matrices.

A row a kind (feature, score), measure (AVAL, LOG2FC), visit and feature; a column a subject. Each
block is a row group, so that one is read without the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sclerotrial.change.wide import Block
from sclerotrial.files import whole

if TYPE_CHECKING:
    import pyarrow as pa

_KEYS = ["ASSAY", "COMPART", "MEASURE", "AVISIT", "KIND"]
_TOLD = ["FEATURE", "PARAM", "PARAMCD", "N", "N_CENS", "RCV_LOW", "RCV_HIGH", "N_RCV"]


def write_wide(
    path: str | Path,
    assay: str,
    compartment: str,
    found: Iterable[tuple[tuple[str, str, str], Block]],
    subjects: list[str],
) -> int:
    """Write all blocks of a panel as parquet; returns the number of rows.

    Parameters
    ----------
    path : path
    assay, compartment : str
        Columns ASSAY and COMPART.
    found : iterable of (kind, measure, visit), Block
        From `wide.blocks`.
    subjects : list of str
        Of the columns, in order.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, label = pa.string(), pa.dictionary(pa.int32(), pa.string())
    kinds = {**dict.fromkeys(_KEYS, label), **dict.fromkeys(_TOLD[:3], text)}
    kinds |= dict.fromkeys(("N", "N_CENS", "N_RCV"), pa.int32())
    kinds |= dict.fromkeys(("RCV_LOW", "RCV_HIGH"), pa.float64())
    names = [*_KEYS, *_TOLD]
    schema = pa.schema([(c, kinds[c]) for c in names] + [(s, pa.float64()) for s in subjects])
    rows = 0
    few = [*_KEYS, "PARAMCD", "N", "N_CENS", "N_RCV"]  # a name of its own each needs no dictionary
    with whole(path) as part, pq.ParquetWriter(part, schema, use_dictionary=few) as out:
        for (kind, measure, visit), block in found:
            keys = dict(zip(_KEYS, (assay, compartment, measure, visit, kind), strict=True))
            n = len(block.features)
            if not n:
                continue
            columns = [_label(pa, keys[c], n) for c in _KEYS]
            columns += [_numbers(pa, block.features[c], kinds[c]) for c in _TOLD]
            columns += [
                pa.array(block.values[:, j], from_pandas=True) for j in range(len(subjects))
            ]
            out.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=n)
            rows += n
            # gone before the next block is made, or two stand in memory
            del block, columns
    return rows


def _label(pa, text: str, n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, "int32")), pa.array([text]))


def _numbers(pa, column: pd.Series, kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return pa.array(column, from_pandas=True).cast(kind)
    return pa.array(column.to_numpy(float), from_pandas=True).cast(kind)


def read_changes(
    path: str | Path, measure: str = "LOG2FC", kind: str = "feature"
) -> dict[str, Block]:
    """Blocks of one measure and kind by visit, in the order of the file.

    Parameters
    ----------
    path : path
        ``results/wide/{assay}.parquet``.
    measure : {'LOG2FC', 'AVAL'}
    kind : {'feature', 'score'}
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    subjects = [n for n in file.schema_arrow.names if n not in (*_KEYS, *_TOLD)]
    out = {}
    for i in range(file.num_row_groups):
        head = file.read_row_group(i, columns=["MEASURE", "KIND", "AVISIT"]).slice(0, 1).to_pylist()
        if head and (head[0]["MEASURE"], head[0]["KIND"]) == (measure, kind):
            table = file.read_row_group(i)
            values = np.column_stack([table[s].to_numpy() for s in subjects]) if subjects else (
                np.empty((len(table), 0)))  # fmt: skip
            told = table.select(_TOLD).to_pandas()
            out[head[0]["AVISIT"]] = Block(told, subjects, values.astype(float, copy=False))
    return out
