"""The first lines of a matrix of genes by samples: its header, and which columns are samples."""

from __future__ import annotations

import re

from sclerotrial.assays.formats._common import records, table_delimiter
from sclerotrial.assays.formats._tidy import fold

#: columns that describe a gene and are no sample
_BESIDE = {"chr", "chromosome", "start", "end", "strand", "length", "description", "genename",
           "genesymbol", "symbol", "genebiotype", "biotype", "entrezgene", "entrezid", "geneid",
           "ensemblid", "accession", "genedescription", "genelength", "transcriptids"}  # fmt: skip
#: how the column of the features may be titled (folded)
_FEATURE = re.compile(r".*(gene|probe|symbol|feature|ensembl|transcript|entrez|refseq|analyte"
                      r"|protein|mirna|target|locus|accession|unnamed).*"
                      r"|.*id|id\w*|name|#")  # fmt: skip


def top_of(head: str) -> tuple[int, str, list[str], list[list[str]]]:
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


def samples_of(header: list[str]) -> list[int]:
    """Positions of the columns that are samples."""
    drop = [i for i, h in enumerate(header) if fold(h) in _BESIDE or "detectionp" in fold(h)]
    return [i for i in range(1, len(header)) if i not in drop and header[i]]
