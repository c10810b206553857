"""Expression matrices: genes by samples as text (packed or not), GCT, counts, or parquet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd

from sclerotrial.assays.formats import _files
from sclerotrial.assays.formats._common import (
    decode,
    load_text,
    number,
    records,
    refuse,
    table_delimiter,
)
from sclerotrial.assays.formats._matrix import Matrix, matrix, tidy
from sclerotrial.assays.formats._tidy import fold

NAME = "expression"
#: asked only when no instrument's format knows the file
LAST = True

#: columns that describe a gene and are no sample
_BESIDE = {"chr", "chromosome", "start", "end", "strand", "length", "description", "genename",
           "genesymbol", "symbol", "genebiotype", "biotype", "entrezgene", "entrezid", "geneid",
           "ensemblid", "accession", "genedescription", "genelength", "transcriptids"}  # fmt: skip
#: columns of a table of results, which is no measurement
_RESULTS = {"pvalue", "pval", "padj", "adjpval", "adjpvalue", "fdr", "logfc", "log2foldchange",
            "foldchange", "qvalue", "log2fc"}  # fmt: skip
_FEWEST = 2
#: numbers and dates are no names of samples
_NO_NAME = re.compile(r"[-\d./: ]+")


def sniff(head: str, path: Path) -> str | None:
    """'' for a matrix of at least two samples, None when the file is another's."""
    if not head:
        names = _parquet_names(path) if _files.head_of(path).kind == "parquet" else None
        return "parquet" if names else None
    begin, delimiter, header, rows = _top(head)
    columns = _samples(header)
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


def _top(head: str) -> tuple[int, str, list[str], list[list[str]]]:
    """Line of the header, delimiter, header, first rows; a header may lack its first cell."""
    lines = head.split("\n")
    begin = 2 if lines[0].startswith("#1.") else 0
    while begin < len(lines) - 1 and (lines[begin].startswith("#") or not lines[begin].strip()):
        begin += 1
    delimiter = table_delimiter("\n".join(lines[begin : begin + 20]))
    some = records("\n".join(lines[begin : begin + 12]), delimiter)
    if not some or not some[0][1] or len(lines) < begin + 2:
        return begin, delimiter, [], []
    header, rows = some[0][1], [c for _, c in some[1:] if any(c)][:8]
    if rows and len(rows[0]) == len(header) + 1:
        header = ["", *header]
    return begin, delimiter, header, rows


def _samples(header: list[str]) -> list[int]:
    """Positions of the columns that are samples."""
    drop = [i for i, h in enumerate(header) if fold(h) in _BESIDE or "detectionp" in fold(h)]
    return [i for i in range(1, len(header)) if i not in drop and header[i]]


def _parquet_names(path: Path) -> list[str] | None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    kinds = [str(schema.field(n).type) for n in schema.names if not n.startswith("__index")]
    numeric = [k.startswith(("float", "double", "int", "uint")) for k in kinds]
    return schema.names if sum(numeric) >= _FEWEST and sum(numeric) >= len(numeric) - 8 else None


def read_matrix(path: Path, name: str) -> Matrix:
    """Read the matrix (see `_matrix.Matrix`); columns that describe genes are left out.

    Raises
    ------
    InputErrors
        No matrix, cells that are no number, samples named alike.
    """
    if _files.head_of(path).kind == "parquet":
        frame = pd.read_parquet(path)
        if frame.columns.empty or frame.dtypes.iloc[0].kind in "fiu":
            frame = frame.reset_index()
        return matrix(frame.iloc[:, [0, *_samples([str(c) for c in frame.columns])]], 1, name)
    head = _files.head_of(path)
    # read where it lies: as text a matrix would be held several times over
    plain = head.kind == "text" and not head.member and _files.plain_utf8(path)
    text = "" if plain else load_text(path, name)
    begin, delimiter, header, _ = _top(decode(head.raw)[0])
    columns = _samples(header)
    if not columns:
        raise refuse("The file is no matrix of genes by samples", name, "Give genes as rows")
    frame = pd.read_csv(path if plain else io.StringIO(text), sep=delimiter, skiprows=begin + 1,
                        header=None, names=range(len(header)), dtype={0: str}, low_memory=plain,
                        usecols=[0, *columns], skip_blank_lines=False, encoding="utf-8-sig",
                        na_values=["null", "NULL", "NA"])  # fmt: skip
    if frame[0].isna().any():
        frame = frame[frame[0].notna()]
    frame.columns = [re.sub(r"\.AVG_Signal$", "", header[i]) for i in frame.columns]
    return matrix(frame, begin + 2, name)


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the matrix as the tidy long table (quantity ``expression``)."""
    return tidy(read_matrix(path, name), name)
