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
from sclerotrial.assays.formats._matrix import Matrix, by_columns, chunks, gather, tidy
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
_NUMERIC = ("float", "double", "int", "uint")
#: how the column of the features may be titled (folded)
_FEATURE = re.compile(r".*(gene|probe|symbol|feature|ensembl|transcript|entrez|refseq|analyte"
                      r"|protein|mirna|target|locus|accession|unnamed).*"
                      r"|.*id|id\w*|name|#")  # fmt: skip
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
    most = max(map(len, rows), default=0)
    while header and not header[-1] and most < len(header):
        header = header[:-1]
    if rows and len(rows[0]) == len(header) + 1 and not _closed(header, rows):
        header = ["", *header]
    return begin, delimiter, header, rows


def _closed(header: list[str], rows: list[list[str]]) -> bool:
    """Whether each row has a delimiter behind its last cell, the header none.

    R's header, which lacks the title of the first column, looks the same where the last sample is
    empty: told apart by that title.
    """
    return not any(r[-1] for r in rows) and bool(_FEATURE.fullmatch(fold(header[0]) or "#"))


def _samples(header: list[str]) -> list[int]:
    """Positions of the columns that are samples."""
    drop = [i for i, h in enumerate(header) if fold(h) in _BESIDE or "detectionp" in fold(h)]
    return [i for i in range(1, len(header)) if i not in drop and header[i]]


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
    begin, delimiter, header, rows = _top(decode(head.raw)[0])
    if rows and header[:1] == [""] and header[-1] and not any(r[-1:] != [""] for r in rows):
        raise refuse(
            "Every row ends with an empty cell: a delimiter too much, or a sample without values",
            f"{name}, line {begin + 1}",
            "Title the column of the features 'gene', or take the delimiters at the ends away",
        )
    columns = _samples(header)
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
        names = [n for i, n in enumerate(["", *names]) if i in set(_samples(["", *names]))]
        return by_columns(labels, names, column, name)


def read(path: Path, name: str) -> pd.DataFrame:
    """Read the matrix as the tidy long table (quantity ``expression``)."""
    return tidy(read_matrix(path, name), name)
