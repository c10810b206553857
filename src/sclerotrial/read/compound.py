"""Whether an OLE compound file (an old .xls) is whole, before a library walks through it.

A damaged table of sectors may lead a reader in circles until memory ends. Source: [MS-CFB],
Compound File Binary File Format.
"""

from __future__ import annotations

import struct

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: what stands in place of a next sector: end of a chain, free, table, table of tables
_LAST = 0xFFFFFFFA
#: streams shorter than this lie in the small sectors, which are so long
_SMALL, _SECTOR = 4096, 64


def is_whole(content: bytes) -> bool:
    """Whether every chain of sectors, large or small, ends within the file and holds its stream."""
    try:
        return content.startswith(OLE) and _whole(content)
    except (struct.error, IndexError):
        return False


def _whole(content: bytes) -> bool:
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    if size not in (512, 4096):
        return False
    (directory,) = struct.unpack_from("<I", content, 48)
    small, _, more, _ = struct.unpack_from("<4I", content, 60)
    tables = list(struct.unpack_from("<109I", content, 76))
    seen: set[int] = set()
    while more < _LAST:  # tables of tables
        if more in seen:
            return False
        seen.add(more)
        *listed, more = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        tables += listed
    table: list[int] = []
    for sector in (t for t in tables if t < _LAST):
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    table = table[: -(-len(content) // size) - 1]  # what lies behind the end of the file is none
    folders, listed = _chain(directory, table), _chain(small, table)
    if not folders or listed is None:
        return False
    entries = [
        (content[at + 66], *struct.unpack_from("<II", content, at + 116))
        for sector in folders
        for at in range((sector + 1) * size, (sector + 2) * size, 128)
    ]
    minor: list[int] = []  # the table of small sectors, which lie in the stream of the root
    for sector in listed:
        minor += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    minor = minor[: sum(-(-length // _SECTOR) for kind, _, length in entries if kind == 5)]
    return all(
        _holds(start, length, minor, _SECTOR)
        if kind == 2 and length < _SMALL
        else _holds(start, length, table, size)
        for kind, start, length in entries
        if kind in (2, 5) and length
    )


def _holds(start: int, length: int, table: list[int], size: int) -> bool:
    """Whether a chain of sectors of that size ends, and is as long as its stream."""
    chain = _chain(start, table)
    return chain is not None and len(chain) * size >= length


def _chain(start: int, table: list[int]) -> list[int] | None:
    """Sectors of a chain; None when it leaves the table or comes back to itself."""
    found: list[int] = []
    while start < _LAST:
        if start >= len(table) or len(found) > len(table):
            return None
        found.append(start)
        start = table[start]
    return found
