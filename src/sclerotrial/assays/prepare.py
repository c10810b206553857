"""A matrix of expression made ready: normalised over its samples, probes turned into genes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.assays import layout, normalise, wide
from sclerotrial.assays.formats import COLUMNS
from sclerotrial.assays.formats._common import refuse
from sclerotrial.assays.formats._tidy import cell, find_header
from sclerotrial.assays.plate import row
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.tabular import half_up

#: quantities of the rows that tell what was done
SIZE_FACTOR, LEFT_OUT = "size_factor", "probes_left_out"
_TITLES = {
    "probe": ("probe", "probeid", "probesetid", "idref", "id", "feature", "name"),
    "gene": ("gene", "genesymbol", "symbol", "genename", "hgncsymbol"),
}
#: a probe of several genes (GEO writes ``A /// B``) tells none of them
_SEVERAL = ("///", ";", ",", "|")


def asked(assay: Any) -> bool:
    """Whether the configuration asks for it."""
    return getattr(assay, "normalise", "none") != "none" or bool(getattr(assay, "genes", None))


def genes_of(assay: Any, raw: str | Path) -> dict[str, str]:
    """Probe -> gene, from the files that the key `genes` names.

    Raises
    ------
    InputErrors
        No such file, or none with a column of probes and one of genes.
    """
    if not getattr(assay, "genes", None):
        return {}
    files = sorted(f for f in Path(raw).glob(assay.genes) if f.is_file())
    if not files:
        where = f"{Path(raw).as_posix()}/{assay.genes}"
        raise refuse("No table of probes and genes is there", where,
                     "Put it there, or correct `genes` in assays.yaml")  # fmt: skip
    out: dict[str, str] = {}
    for file in files:
        found = None
        for rows in layout.tables(file):
            if found := find_header(rows[:200], _TITLES, ("probe", "gene")):
                start, at = found
                pairs = ((cell(c, at["probe"]), cell(c, at["gene"])) for _, c in rows[start + 1 :])
                out |= {p: g for p, g in pairs if p and g and not any(s in g for s in _SEVERAL)}
                break
        if not found:
            raise refuse("The table has no columns of probes and genes", file.name,
                         "Title them Probe and Gene")  # fmt: skip
    return out


def prepare(
    panels: Sequence[wide.Panel], assay: Any, genes: dict[str, str]
) -> tuple[wide.Panel, wide.Panel, pd.DataFrame]:
    """The panel of an assay as read and as normalised, and readings that tell what was done.

    All samples of all files are normalised together: ``quantile`` on the scale of the files,
    ``median_ratio`` by dividing counts by the size factor of their sample. Of several probes of a
    gene the one with the highest mean is taken.

    Raises
    ------
    InputErrors
        A format that is no matrix; gaps (quantile); no feature counted in all samples (median
        ratio); no probe with a gene.
    """
    files = ", ".join(dict.fromkeys(f for p in panels for f in p.files))
    if any(p.table is not None for p in panels):
        what = "Only a matrix of features by samples can be normalised or turned into genes"
        todo = "Leave out `normalise` and `genes` in assays.yaml"
        raise_if_any([Problem(what, files, todo)])
    panel = wide.together(panels)
    values, factors = panel.values, {}
    try:
        if assay.normalise == "quantile":
            values = normalise.quantile(values)
        elif assay.normalise == "median_ratio":
            size = normalise.median_ratio(values)
            values, factors = values / size, dict(zip(panel.samples, size.tolist(), strict=True))
    except ValueError as error:
        what = f"The matrix cannot be normalised: {error}"
        raise_if_any([Problem(what, files, "Leave such features out, or use another method")])
    told = [
        {"SAMPLE": s, "FILE": f, "TASK": "LANE", "QUANTITY": SIZE_FACTOR, "VALUE": repr(factors[s])}
        for s, f in zip(panel.samples, panel.files, strict=True) if factors
    ]  # fmt: skip
    ready = replace(panel, values=values)
    if genes:
        names, rows = normalise.gene_rows(panel.features, values, genes)
        if not names:
            what = f"No feature of the matrix is among the {len(genes)} probes of `genes`"
            raise_if_any([Problem(what, files, "Name the table of this array's probes")])
        lost = str(len(panel.features) - len(names))
        told += [{"FILE": f, "TASK": "LANE", "QUANTITY": LEFT_OUT, "VALUE": lost}
                 for f in dict.fromkeys(panel.files)]  # fmt: skip
        panel, ready = (
            replace(p, features=names, values=p.values[rows], lines=p.lines[rows])
            for p in (panel, ready)
        )
    blank = dict.fromkeys(COLUMNS, "") | {"LINE": "1"}
    frame = pd.DataFrame([{**blank, **t, "TEXT": t["VALUE"]} for t in told], columns=COLUMNS)
    return panel, ready, frame


def readings(panels: Sequence[wide.Panel], assay: Any, genes: dict[str, str]) -> pd.DataFrame:
    """The tidy table of a prepared panel: VALUE normalised, TEXT as written."""
    as_read, ready, told = prepare(panels, assay, genes)
    out, before = wide.readings(ready, assay), wide.readings(as_read, assay)
    return pd.concat([out.assign(TEXT=before["VALUE"]), told], ignore_index=True)


def quality(assay: Any, readings: pd.DataFrame) -> list[dict]:
    """Quality rows normalised, size_factor and probes_to_genes."""
    rows = []
    if getattr(assay, "normalise", "none") == "quantile":
        text = "All samples have one distribution of values (quantile normalisation)"
        rows += [row("normalised", "note", text, FILE=f) for f in dict.fromkeys(readings["FILE"])]
    for r in readings[readings["QUANTITY"].isin([SIZE_FACTOR, LEFT_OUT])].itertuples():
        if r.QUANTITY == SIZE_FACTOR:
            text = f"Counts divided by {half_up(float(r.VALUE), 3)} (median of ratios)"
            rows.append(row("size_factor", "note", text, FILE=r.FILE, SAMPLE=r.SAMPLE,
                            VALUE=float(r.VALUE)))  # fmt: skip
        else:
            text = f"{r.VALUE} probes left out: no gene of their own, or a stronger probe has it"
            rows.append(row("probes_to_genes", "note", text, FILE=r.FILE, VALUE=int(r.VALUE)))
    return rows
