"""Nodes of RDML: their children, texts, places and names."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def child(node: Element, tag: str) -> Element | None:
    """The first child of that tag, whatever its namespace."""
    return next((c for c in node if c.tag.rsplit("}", 1)[-1] == tag), None)


def text_of(node: Element, path: str) -> str:
    """Text at a path of tags (``quantity/value``), '' where it leads nowhere."""
    for tag in path.split("/"):
        found = child(node, tag)
        if found is None:
            return ""
        node = found
    return (node.text or "").strip()


def place(text: str, columns: int) -> str:
    """Well of a reaction's number on a plate of that many columns."""
    if not text.isdigit() or columns < 1:
        return text.upper()
    row, col = divmod(int(text) - 1, columns)
    return f"{chr(65 + row)}{col + 1}" if row < 26 else text


def named(node: Element) -> str:
    """What a sample or target is called: its id, or what describes it where that is a GUID."""
    key = node.get("id", "")
    if not _GUID.search(key):
        return key
    return text_of(node, "description") or _GUID.sub("", key).rstrip("@_ ") or key


def unlike(names: dict[str, str]) -> dict[str, str]:
    """The names, or the ids where two would be named alike."""
    return names if len(set(names.values())) == len(names) else {k: k for k in names}
