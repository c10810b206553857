"""REDCap exports with labels, in the header, in the cells or both, made those of raw codes."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pandas as pd

from sclerotrial.read.dictionary import Dictionary
from sclerotrial.read.grid import squeeze
from sclerotrial.read.redcap_names import EVENT, GROUP, REPEAT_FORM, REPEAT_NO, SURVEY

_SYSTEM = {
    "event name": EVENT,
    "repeat instrument": REPEAT_FORM,
    "repeat instance": REPEAT_NO,
    "data access group": GROUP,
    "survey identifier": SURVEY,
}
_STATES = {"Incomplete": "0", "Unverified": "1", "Complete": "2"}
_BOXES = {"Unchecked": "0", "Checked": "1"}
#: most characters of an event's name in its unique name
_EVENT_LENGTH = 18
_ARM = re.compile(r"^(?P<event>.*?)\s*\(Arm (?P<arm>\d+)(?::.*)?\)$", re.DOTALL)


def plain(label: str) -> str:
    """A label as it stands in a header: without tags, entities and needless blanks."""
    return squeeze(html.unescape(re.sub(r"<[^>]+>", "", label)))


def raw_header(header: list[str], dictionary: Dictionary) -> list[str] | None:
    """Raw names of a header of labels.

    Labels may recur ('Complete?' does for every form): a label is taken for the next field with it
    in the order of the dictionary.

    Returns
    -------
    list of str or None
        None when the header does not hold labels. Labels that nobody knows stay as they are.
    """
    expected = _expected(dictionary)
    raw = {name for name, _ in expected}
    if sum(h in raw for h in header) > 1 or len(header) < 2:
        return None
    waiting: dict[str, list[int]] = {}
    for place, (_, label) in enumerate(expected):
        waiting.setdefault(label, []).append(place)
    found, at, hits = [], -1, 0
    for title in header:
        label = plain(title)
        places = waiting.get(label, [])
        place = next((p for p in places if p > at), places[0] if places else None)
        if place is not None:
            places.remove(place)
            found.append(expected[place][0])
            at, hits = place, hits + 1
        elif label in _SYSTEM:
            found.append(_SYSTEM[label])
        else:
            found.append(title)
    return found if hits > 0.5 * len(header) else None


def _expected(dictionary: Dictionary) -> list[tuple[str, str]]:
    """(raw column, its label) in the order of an export."""
    found = []
    for form in dictionary.forms:
        found.append((f"{form}_timestamp", "survey timestamp"))
        for f in dictionary.fields.values():
            if f.form != form:
                continue
            label = plain(f.label)
            if f.type == "checkbox":
                labels = [f"{label} (choice={plain(c)})" for c in f.choices.values()]
                found += list(zip(f.columns, labels, strict=True))
            else:
                found += [(c, label) for c in f.columns]
        found.append((f"{form}_complete", "complete?"))
    return found


def labelled(cells: pd.DataFrame, dictionary: Dictionary) -> bool:
    """Whether the cells hold labels: told by states of forms and boxes, which every export has."""
    for column in cells.columns:
        if column.endswith("_complete") and column.removesuffix("_complete") in dictionary.forms:
            if cells[column].isin(list(_STATES)).any():
                return True
        elif "___" in column and cells[column].isin(list(_BOXES)).any():
            return True
    return False


def raw_cells(
    cells: pd.DataFrame, dictionary: Dictionary, events: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Codes in place of labels.

    Parameters
    ----------
    cells : DataFrame
        With raw names of columns.
    dictionary : Dictionary
    events : mapping
        Unique name of an event -> its label; where it is empty the unique name is made as REDCap
        makes it: the first 18 characters, the arm behind.

    Returns
    -------
    (DataFrame, notes)
        A label that belongs to two codes is kept as it is, and told.
    """
    fields = {c: f for form in dictionary.forms for c, f in dictionary.by_column(form).items()}
    changed, notes = {}, []
    for column in cells.columns:
        f = fields.get(column)
        text = cells[column]
        if column.endswith("_complete") and column.removesuffix("_complete") in dictionary.forms:
            known: dict[str, str] = _STATES
        elif f is None:
            known = _keys(column, text, dictionary, events)
        elif f.type == "checkbox":
            known = _BOXES | {label: "1" for label in f.choices.values()}
        else:
            known = _codes(f.choices)
            many = len(f.choices) - len(known)
            if many and f.choices:
                notes.append(f"{column}: two codes have one label, kept as it is")
        if known:
            changed[column] = text.map(lambda t, known=known: known.get(t, t)).astype(str)
    return cells.assign(**changed), notes


def _codes(choices: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for code, label in choices.items():
        for text in dict.fromkeys((label, html.unescape(re.sub(r"<[^>]+>", "", label)).strip())):
            if found.get(text, code) != code:
                twice.add(text)
            found[text] = code
    return {label: code for label, code in found.items() if label not in twice}


def _keys(
    column: str, text: pd.Series, dictionary: Dictionary, events: Mapping[str, str]
) -> dict[str, str]:
    used = [t for t in text.unique() if t]
    if column == EVENT:
        by_label = {_event(label): unique for unique, label in events.items()}
        return {t: by_label.get(_event(t)) or unique_event(t) for t in used if t not in events}
    if column == REPEAT_FORM:
        named = {t: re.sub(r"\W+", "_", t.lower()).strip("_") for t in used}
        return {t: n for t, n in named.items() if n in dictionary.forms}
    return {}


def _event(label: str) -> tuple[str, str]:
    """An event's label without the name of its arm, and the arm's number."""
    hit = _ARM.match(label)
    return (squeeze(hit["event"]), hit["arm"]) if hit else (squeeze(label), "")


def unique_event(label: str) -> str:
    """The unique name that REDCap makes of an event's label, with the arm where it tells one."""
    hit = _ARM.match(label)
    name, arm = (hit["event"], hit["arm"]) if hit else (label, "1")
    if re.search(r"_arm_\d+$", label):
        return label
    name = re.sub(r"[^a-z0-9_ ]", "", name.lower()).replace(" ", "_")
    return f"{re.sub(r'_+', '_', name)[:_EVENT_LENGTH].rstrip('_')}_arm_{arm}"
