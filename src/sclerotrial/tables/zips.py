"""Zip-based documents (docx, xlsx) with the same bytes each time."""

from __future__ import annotations

import io
import zipfile

#: the earliest moment that a zip entry can carry
EPOCH = (1980, 1, 1, 0, 0, 0)


def fixed_zip(content: bytes) -> bytes:
    """The same archive with fixed times, order of names, permissions and compression."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        # [Content_Types].xml comes first by convention, and sorts first
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name), compresslevel=6)
    return out.getvalue()
