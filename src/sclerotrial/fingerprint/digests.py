"""Digests of texts and of files."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from sclerotrial.files import sha256


def digest(data: bytes | str) -> str:
    """First 12 hex digits of the sha256."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return hashlib.sha256(raw).hexdigest()[:12]


@lru_cache(maxsize=4096)
def _file_sha(path: str, *state: int) -> str:
    return sha256(path)


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, '' when there is none."""
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return _file_sha(str(path), *state)
