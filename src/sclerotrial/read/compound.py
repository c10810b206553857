"""Whether an OLE compound file (an old .xls) is whole, before a library walks through it.

A damaged table of sectors may lead a reader in circles until memory ends. Source: [MS-CFB],
Compound File Binary File Format.
"""

from __future__ import annotations

import struct

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: what stands in place of a next sector: end of a chain, free, table, table of tables
_LAST = 0xFFFFFFFA
#: streams shorter than this lie in the small sectors
_SMALL = 4096


def is_whole(content: bytes) -> bool:
    """Whether every chain of sectors of a compound file ends within the file."""
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
    folders = _chain(directory, table)
    if not folders or _chain(small, table) is None:
        return False
    for sector in folders:
        for at in range((sector + 1) * size, (sector + 2) * size, 128):
            kind, start, length = content[at + 66], *struct.unpack_from("<IQ", content, at + 116)
            large = kind == 5 or (kind == 2 and length & 0xFFFFFFFF >= _SMALL)
            if large and _chain(start, table) is None:
                return False
    return True


def _chain(start: int, table: list[int]) -> list[int] | None:
    """Sectors of a chain; None when it leaves the table or comes back to itself."""
    found: list[int] = []
    while start < _LAST:
        if start >= len(table) or len(found) > len(table):
            return None
        found.append(start)
        start = table[start]
    return found
