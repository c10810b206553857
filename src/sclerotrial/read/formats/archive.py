"""Zip archives: what is in them, without trusting the sizes or the names that they tell."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from sclerotrial.errors import InputErrors, Problem

#: most bytes that an archive may unpack to
LARGEST = 2_000_000_000
#: what a damaged archive may raise
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError,
    NotImplementedError,
)  # fmt: skip


def is_workbook_archive(content: bytes) -> bool:
    """Whether a zip is an Excel or OpenDocument workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except DAMAGE:
        return False
    return bool({"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & names)


def members(content: bytes, shown: str) -> dict[str, bytes]:
    """Files of a zip by name, in its order, without those of the packing program.

    Raises
    ------
    InputErrors
        A damaged or encrypted archive, or one that unpacks to more than `LARGEST`.
    """
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            total = 0
            for info in archive.infolist():
                path = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir() or "__MACOSX" in path.parts or path.name.startswith("."):
                    continue
                if info.flag_bits & 1:
                    raise _refused(
                        "The archive is encrypted", shown, "Unpack it, or export without"
                    )
                with archive.open(info) as file:
                    found[str(path)] = file.read(LARGEST - total + 1)
                total += len(found[str(path)])
                if total > LARGEST:
                    raise _refused(
                        f"The archive unpacks to more than {LARGEST} bytes", shown, "Split"
                    )
    except DAMAGE:
        raise _refused("The archive is damaged or cut off", shown, "Export it again") from None
    return found


def _refused(what: str, shown: str, todo: str) -> InputErrors:
    return InputErrors([Problem(what, shown, todo)])
