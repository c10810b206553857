"""Former outputs by content, so that a parameter changed there and back costs no computing.

Blobs under their digest, and one small file a job that says which blobs its outputs were. Private
to the user, bounded, and checked on reading: a damaged or missing blob is a miss.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path

from snakemake_executor_plugin_cutoff.ledger import private_folder, write_private

#: bytes kept at most where nothing else is said
LIMIT = 512_000_000


class Store:
    """A bounded store of outputs.

    Parameters
    ----------
    folder : path
        Made when first written.
    limit : int
        Bytes kept at most; 0 keeps and gives nothing. The entries longest unused go first.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder = Path(folder)
        self.limit = limit
        self._size: int | None = None

    def keep(self, key: str, files: list[tuple[str, str]]) -> None:
        """Keep files, given as (path, digest), under the key of what they depend on.

        Best effort: where there is no room, or a file is no longer what its digest says, the job
        is not kept.
        """
        if not self._usable():
            return
        with contextlib.suppress(OSError):
            size = sum(os.path.getsize(path) for path, _ in files)
            if size > self.limit // 4:
                return
            self._make_room(size)
            for path, digest in files:
                blob = self._blob(digest)
                if not blob.exists():
                    with open(path, "rb") as file:
                        content = file.read()
                    if hashlib.sha256(content).hexdigest() != digest:
                        return
                    write_private(blob, content)
                    self._size = (self._size or 0) + len(content)
            text = json.dumps(files).encode()
            write_private(self._entry(key), text)
            self._size = (self._size or 0) + len(text)

    def give_back(self, key: str) -> list[tuple[str, str]]:
        """Put the files of a key where they stood; what was put back, nothing for a miss."""
        if not self._usable():
            return []
        try:
            files = [(str(p), str(d)) for p, d in json.loads(self._entry(key).read_text())]
            put_back(files, self)
            os.utime(self._entry(key))
        except (OSError, ValueError, TypeError):
            return []
        return files

    def content(self, digest: str) -> bytes:
        """A blob, checked.

        Raises
        ------
        OSError
            When it is not there, or not what its name says (it is then removed).
        """
        blob = self._blob(digest)
        content = blob.read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            blob.unlink(missing_ok=True)
            raise OSError(f"a damaged entry of the store: {digest}")
        os.utime(blob)
        return content

    def _usable(self) -> bool:
        """Whether the store is asked for, and nobody else can have written to it."""
        if self.limit <= 0:
            return False
        try:
            stat = self.folder.stat()
        except OSError:
            return True
        return stat.st_uid == os.getuid() and not stat.st_mode & 0o022

    def _make_room(self, size: int) -> None:
        private_folder(self.folder)
        if self._size is None:
            self._size = sum(s for _, s, _ in self._all())
        if self._size + size <= self.limit:
            return
        # down to three quarters, so that a full store is not swept at every job
        for path, taken, _ in sorted(self._all(), key=lambda entry: entry[2]):
            if self._size + size <= self.limit * 3 // 4:
                break
            path.unlink(missing_ok=True)
            self._size -= taken

    def _all(self) -> list[tuple[Path, int, int]]:
        found = []
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                if path.is_file():
                    found.append((path, stat.st_size, stat.st_mtime_ns))
        return found

    def _blob(self, digest: str) -> Path:
        return self.folder / "blobs" / digest[:2] / digest

    def _entry(self, key: str) -> Path:
        return self.folder / "jobs" / f"{key}.json"


def put_back(files: list[tuple[str, str]], store: Store) -> None:
    """Write files, given as (path, digest), from the store: all of them or none.

    Raises
    ------
    OSError
        When a blob is missing or damaged, or a file cannot be written.
    """
    parts: list[tuple[str, str]] = []
    try:
        for path, digest in files:
            folder = os.path.dirname(path) or "."
            os.makedirs(folder, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=folder, prefix=".part-")
            parts.append((part, path))
            with os.fdopen(handle, "wb") as file:
                file.write(store.content(digest))
            os.chmod(part, 0o666 & ~_umask())
        for part, path in parts:
            os.replace(part, path)
    finally:
        for part, _ in parts:
            with contextlib.suppress(OSError):
                os.unlink(part)


@functools.cache
def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
