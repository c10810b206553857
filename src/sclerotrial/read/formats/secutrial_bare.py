"""secuTrial exports made without column names: names by the known order of the columns."""

from __future__ import annotations

import csv
import io

from sclerotrial.read.text import Text, sniff_separator

#: table (long and short name) -> its columns by their number
_ORDERS = {
    "visitplan": "mnpvisid visitnumber visittype previsid visitday minusoffset plusoffset"
    " mnpvislabel mnpvsno mnpvslbl",
    "forms": "formid formtablename formname formfamily sequence mnpvsno mnpvslbl",
    "questions": "fgid formid formtablename formname sequence fglabel subformtablename",
    "items": "ffid fgid sequence ffcolname itemtype fflabel unit lookuptable",
    "visitplanforms": "mnpvisid formid",
    "centres": "mnpctrid mnpctrname mnpcname",
    "casenodes": "mnppid mnpaid mnpcnptnid mnpctrid mnpcs0 mnpcs1 mnpcs2 mnpcs3 mnpcs4 mnpcs5"
    " mnpcs6 mnpcs7 mnpvisstartdate",
    "cl": "column code value",
}
_SHORT = {"vp": "visitplan", "fs": "forms", "qs": "questions", "is": "items", "cn": "casenodes",
          "vpfs": "visitplanforms", "ctr": "centres"}  # fmt: skip
#: where `hidden` stands when an export holds it, and `visitarm` of a visit plan before it
_HIDDEN_BEFORE = {"visitplan": "mnpvislabel", "forms": "formname", "questions": "fglabel",
                  "items": "fflabel"}  # fmt: skip
_DATA = ["mnppid", "mnpdocid", "mnplastedit", "mnpptnid"]
_VISIT = ["mnpvisid", "mnpcvpid", "mnpvisno", "mnpvispdt", "mnpvisfdt"]
#: first columns of tables that have names
_FIRST = {"mnppid", "mnpvisid", "mnpctrid", "fgid", "formid", "ffid", "column"}


def rows_of(text: str) -> list[list[str]]:
    """Rows of a table, to look at."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=sniff_separator(text)))


def is_bare(first: list[str]) -> bool:
    """Whether the first row holds values, not the names of columns."""
    return bool(first) and first[0] not in _FIRST


def with_names(texts: dict[str, Text]) -> dict[str, Text]:
    """Tables (by name) with a first line of names put before each; lines count one more then.

    Names that nobody can know are `column_5` and so on; the last columns of a form are its items.
    """
    bodies = {name: rows_of(t.text) for name, t in texts.items()}
    kinds = {name: _SHORT.get(name, name) for name in bodies}
    about = {kinds[n]: _names(kinds[n], len(rows[0]) - 1) for n, rows in bodies.items()}
    of_group: dict[str, str] = {}
    columns: dict[str, list[str]] = {}
    visits: set[str] = set()
    for name, rows in bodies.items():
        names = about[kinds[name]]
        if kinds[name] == "questions" and "formtablename" in names:
            of_group = {r[0]: r[names.index("formtablename")] for r in rows}
        if kinds[name] == "visitplan":
            visits = {r[0] for r in rows}
    for name, rows in bodies.items():
        names = about[kinds[name]]
        if kinds[name] == "items" and "ffcolname" in names:
            for r in rows:
                form = of_group.get(r[1], "")
                columns.setdefault(form, []).append(r[names.index("ffcolname")])
    found = {}
    for name, rows in bodies.items():
        width = len(rows[0]) - 1
        names = about[kinds[name]]
        if not names:
            items = next((c for f, c in columns.items() if f.endswith(name)), [])
            names = _data(width, items, rows, visits)
        separator = sniff_separator(texts[name].text)
        head = separator.join(f'"{n}"' for n in [*names, ""])
        found[name] = Text(f"{head}\n{texts[name].text}", texts[name].encoding)
    return found


def _names(kind: str, width: int) -> list[str]:
    names = _ORDERS.get(kind, "").split()
    if kind == "cl":
        return names
    before = _HIDDEN_BEFORE.get(kind)
    if names and before and width > len(names):
        extra = ["visitarm", "hidden"] if kind == "visitplan" else ["hidden"]
        at = names.index(before)
        names = [*names[:at], *extra[len(extra) - (width - len(names)) :], *names[at:]]
    return names if len(names) == width else []


def _data(width: int, items: list[str], rows: list[list[str]], visits: set[str]) -> list[str]:
    start = list(_DATA)
    if visits and all(r[4] in visits for r in rows if len(r) > 4):
        start += _VISIT
    items = items if len(start) + len(items) <= width else []
    middle = [f"column_{i + 1}" for i in range(len(start), width - len(items))]
    return [*start[:width], *middle, *items][:width]
