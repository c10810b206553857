"""Which cells are made wrong: one of each kind, or a share of them, drawn from one stream."""

from __future__ import annotations

from sclerotrial.simulate import defects, laboratory, rarer, subtle
from sclerotrial.simulate.cells import Context
from sclerotrial.simulate.key import Defect
from sclerotrial.simulate.options import Options, defect_rate, stream
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.truth import Truth

#: all kinds: common, rarer, and those that only a second look shows
KINDS = defects.KINDS | rarer.KINDS | subtle.KINDS


def _cells(c: Context) -> int:
    """Filled cells that an error could befall."""
    crf_cells = sum(
        1
        for r in c.crf()
        for k, v in r.items()
        if v and not k.endswith("_complete") and "___" not in k
    )
    return crf_cells + len(c.sheets[laboratory.PATH].rows)


def plant(options: Options, truth: Truth, sheets: dict[str, Sheet]) -> list[Defect]:
    """Make cells wrong as asked: one of each kind (common, or every), none, or a share of cells.

    The sheets are changed in place.
    """
    rate = defect_rate(options.defects)
    if options.defects == "none" or rate == 0:
        return []
    c, out = Context(truth, sheets), []
    rng = stream(options.seed, "defects")
    kinds = defects.KINDS if options.defects == "default" else KINDS
    names = list(kinds)
    pools = {n: kinds[n][1](c) for n in names}
    if rate is None:
        wanted = names
    else:
        wanted = [names[int(k)] for k in rng.integers(len(names), size=round(rate * _cells(c)))]
    for name in wanted:
        cell, _, spoil = kinds[name]
        pool = pools[name]
        # rows that other defects have changed so that this one could not befall them any more
        left = None if options.defects == "default" else {id(r) for r in kinds[name][1](c)}
        while pool:
            row = pool.pop(int(rng.integers(len(pool))))
            # what takes a whole row does not fall on one that is wrong already
            whole = cell.startswith("*") and any(at == id(row) for at, _ in c.used)
            gone = left is not None and id(row) not in left
            if (id(row), cell) not in c.used and not whole and not gone:
                c.used.add((id(row), cell))
                out.append(spoil(c, row, rng))
                break
    return sorted(out, key=lambda d: (d.file, names.index(d.kind), d.subject, d.visit))
