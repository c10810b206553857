"""Grids of a plate in a Gen5 export: layout, readings, and what Gen5 computed of them."""

from __future__ import annotations

import functools
import re

from sclerotrial.assays.formats._readings import Tidy
from sclerotrial.assays.formats._tidy import Rows, fold, is_well, task

_LETTER = re.compile(r"[A-Z]{1,2}")
_TIME = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_RESULT = re.compile(r"\[?conc(entration)?\]?\b.*|.*\[concentration\].*", re.I)
#: what is computed of a curve over time, whether the curve is in the file or not
_OF_CURVE = re.compile(
    r"(max v|mean v|min v|r-?squared|t at |lag ?time|onset|integral|slope)\b.*\[.+\]$", re.I
)
_DERIVED = re.compile(r"^(blank|log|ratio|mean|std|cv|delta|corrected)\b|cv ?\(?%|^r2$", re.I)


def grids_of(rows: Rows):
    """Names of wells, their Conc/Dil, and readings [(label, {well: (text, line)})]."""
    ids: dict[str, str] = {}
    extra: dict[str, str] = {}
    reads: dict[str, dict[str, tuple[str, int]]] = {}
    width, letter = 0, ""
    for line, cells in rows:
        numbers = [c for c in cells[1:] if c] if cells and not cells[0] else []
        if numbers and all(c.isdigit() for c in numbers):
            width, letter = len(numbers), ""
            if numbers != [str(i + 1) for i in range(width)]:
                width = 0
            continue
        if not width or not any(cells):
            if not any(cells):
                width = 0
            continue
        if _LETTER.fullmatch(cells[0]):
            letter = cells[0]
        elif cells[0]:
            width = 0
            continue
        label = cells[width + 1] if len(cells) > width + 1 else ""
        grid = {f"{letter}{i}": c for i, c in enumerate(cells[1 : width + 1], 1) if c}
        kind = fold(label)
        if kind in ("wellid", "name", "samplename"):
            ids |= grid
        elif kind in ("concdil", "conc/dil", "dilution"):
            extra |= grid
        elif letter:
            here = reads.setdefault(label, {})
            here |= {w: (c, line) for w, c in grid.items() if is_well(w)}
    return ids, extra, reads


def add_grids(out: Tidy, prefix: str, ids: dict, extra: dict, reads: dict, of: set[str]) -> None:
    """Add the grids; those whose label ends with a heading of a series are derived from it.

    So are those that no single reading can give, such as ``Max V [600]``.

    Parameters
    ----------
    out : Tidy
        Where the readings go.
    prefix : str
        Stands before the place of a well: the plate's, where a file holds several.
    ids, extra : dict
        Name, and Conc/Dil, of each well.
    reads : dict
        Label -> well -> text and line.
    of : set of str
        Headings of the series that were read.
    """
    ends = tuple(f"[{b}{h}]" for h in of for b in ("", "Blank "))
    derived = [k for k in reads if (ends and k.endswith(ends)) or _OF_CURVE.match(k)]
    raw = [k for k in reads if not _RESULT.fullmatch(k) and not _DERIVED.search(k)
           and k not in derived]  # fmt: skip
    first = (raw or derived or [""])[0]
    masked = {w for k in raw for w, (c, _) in reads[k].items() if c[:1] == c[-1:] == "*"}
    places = {p: None for g in reads.values() for p in g}
    who = {p: who_is(prefix, p, ids.get(p, ""), extra.get(p, ""), p in masked) for p in places}
    for label, grid in reads.items():
        result = bool(_RESULT.fullmatch(label))
        net = label[6:] if label.lower().startswith("blank ") else ""
        wanted = result or net or label in raw or label in derived
        if not wanted or not grid:
            continue
        quantity = "result" if result else "derived" if label in derived else "net_od"
        quantity = "od" if quantity == "net_od" and not net else quantity
        texts, lines = [t for t, _ in grid.values()], [n for _, n in grid.values()]
        down = dict(zip(WHO, zip(*(who[p] for p in grid), strict=True), strict=True))
        if quantity == "derived":
            times = [_seconds(t) for t in texts]
            texts = [s or t for s, t in zip(times, texts, strict=True)]
            down["unit"] = ["s" if s else "" for s in times]
        out.add_grid(texts, lines, down=down, across={}, width=1, quantity=quantity,
                     analyte=first if result else net or label)  # fmt: skip
    seen: set[str] = set()
    line = min((n for g in reads.values() for _, n in g.values()), default=1)
    for place, name in ids.items():
        what = task_of(name)
        if what in ("STANDARD", "CONTROL") and name not in seen and extra.get(place):
            seen.add(name)
            for label in raw or derived[:1]:
                out.add("expected", extra[place], line, sample=name, task=what, analyte=label)


WHO = ("well", "task", "sample", "dilution", "flags")


def who_is(prefix: str, place: str, name: str, given: str, masked: bool) -> tuple[str, ...]:
    """Columns of `WHO` of a well."""
    what = task_of(name)
    mine = what == "SAMPLE"
    return (prefix + place, what, name.split(":")[0] if mine else name,
            _factor(given) if mine and given else "", "masked" if masked else "")  # fmt: skip


def _seconds(text: str) -> str:
    """``0:02:30`` is 150; '' for what is no time."""
    found = _TIME.fullmatch(text) if ":" in text else None
    if not found:
        return ""
    return f"{int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]):g}"


def _factor(text: str) -> str:
    """A dilution as a factor: 0.25 (what is left) and 4 (times) are both 4."""
    try:
        value = float(text)
    except ValueError:
        return ""
    return f"{1 / value:g}" if 0 < value < 1 else f"{value:g}" if value > 0 else ""


@functools.lru_cache(maxsize=1 << 12)
def task_of(name: str) -> str:
    """What a well is for, by its name as Gen5 writes it (``SPL1:2``, ``STD3``, ``BLK``)."""
    return task(re.sub(r":.*", "", name)) if name else "UNASSIGNED"
