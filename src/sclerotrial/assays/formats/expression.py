"""Expression matrices: genes by samples as text (packed or not), GCT, counts, or parquet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import decode, load_text, number, refuse
from sclerotrial.assays.formats._expression_top import samples_of, top_of
from sclerotrial.assays.formats._matrix import Matrix, by_columns, chunks, gather, tidy
from sclerotrial.assays.formats._tidy import fold

NAME = "expression"
#: asked only when no instrument's format knows the file
LAST = True

#: columns of a table of results, which is no measurement
_RESULTS = {"pvalue", "pval", "padj", "adjpval", "adjpvalue", "fdr", "logfc", "log2foldchange",
            "foldchange", "qvalue", "log2fc"}  # fmt: skip
_FEWEST = 2
_NUMERIC = ("float", "double", "int", "uint")
#: numbers and dates are no names of samples
_NO_NAME = re.compile(r"[-\d./: ]+")


def sniff(head: str, path: Path) -> str | None:
    """'' for a matrix of at least two samples, None when the file is another's."""
    if not head:
        names = _parquet_names(path) if _files.head_of(path).kind == "parquet" else None
        return "parquet" if names else None
    begin, delimiter, header, rows = top_of(head)
    columns = samples_of(header)
    if len(columns) < _FEWEST or not rows or {fold(h) for h in header} & _RESULTS:
        return None
    if len(rows) < _FEWEST or any(_NO_NAME.fullmatch(header[i]) for i in columns):
        return None
    good = all(
        len(r) >= len(header) and r[0] and number(r[0]) is None
        and all(number(r[i]) is not None for i in columns) for r in rows
    )  # fmt: skip
    if not good or not any(number(r[i]) for r in rows for i in columns):
        return None
    return "GCT" if head.startswith("#1.") else ""


def _parquet_names(path: Path) -> list[str] | None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    kinds = [str(schema.field(n).type) for n in schema.names if not n.startswith("__index")]
    numeric = [k.startswith(_NUMERIC) for k in kinds]
    return schema.names if sum(numeric) >= _FEWEST and sum(numeric) >= len(numeric) - 8 else None


def read_matrix(path: Path, name: str) -> Matrix:
    """Read the matrix (see `_matrix.Matrix`); columns that describe genes are left out.

    Raises
    ------
    InputErrors
        No matrix, cells that are no number, samples named alike.
    """
    head = _files.head_of(path)
    if head.kind == "parquet":
        return _of_parquet(path, name)
    begin, delimiter, header, rows = top_of(decode(head.raw)[0])
    if rows and header[:1] == [""] and header[-1] and not any(r[-1:] != [""] for r in rows):
        raise refuse(
            "Every row ends with an empty cell: a delimiter too much, or a sample without values",
            f"{name}, line {begin + 1}",
            "Title the column of the features 'gene', or take the delimiters at the ends away",
        )
    columns = samples_of(header)
    if not columns:
        raise refuse("The file is no matrix of genes by samples", name, "Give genes as rows")
    header = [re.sub(r"\.AVG_Signal$", "", h) for h in header]
    told = name, delimiter, header, [0, *columns], begin + 1
    # read where it lies: as text a matrix would be held several times over
    if (rows := _files.utf8_lines(path)) is not None:
        with _files.unpacked(path) as source:
            return gather(chunks(source, *told), rows, begin + 2, name)
    text = load_text(path, name)
    rows, source = text.count("\n") + 1, io.BytesIO(text.encode())
    del text
    return gather(chunks(source, *told), rows, begin + 2, name)


def _of_parquet(path: Path, name: str) -> Matrix:
    """Column by column, each unpacked when it is asked for."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        told = (schema.pandas_metadata or {}).get("index_columns", [])
        index = [c for c in told if isinstance(c, str)]
        names = [n for n in schema.names if n not in index]
        if not names or str(schema.field(names[0]).type).startswith(_NUMERIC):
            names = [*index, *names]

        def column(n: str) -> pd.Series:
            return file.read(columns=[n], use_threads=False).column(0).to_pandas()

        if index or not str(schema.field(names[0]).type).startswith(_NUMERIC):
            features, *names = names
            labels = column(features)
        else:
            labels = pd.Series(range(file.metadata.num_rows))
        names = [n for i, n in enumerate(["", *names]) if i in set(samples_of(["", *names]))]
        return by_columns(labels, names, column, name)


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the matrix as the tidy long table (quantity ``expression``)."""
    return tidy(read_matrix(path, name), name)
