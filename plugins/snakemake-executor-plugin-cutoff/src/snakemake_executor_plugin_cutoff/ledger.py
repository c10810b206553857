"""The ledger: what each job depended on and gave when it last finished, by content.

One small JSON file a job, in a folder beside the results, so that it moves and is copied with
them and outlives ``.snakemake``. Values of parameters are kept once each, under their digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_cutoff.describe import Description, Record, sha

#: a file changed this shortly before its digest was taken may change again within one tick of
#: the file system's clock: its digest is not remembered (ns)
_TICK = 50_000_000


class Ledger:
    """Records of finished jobs, and a memory of files' digests.

    Parameters
    ----------
    folder : path
        Made when the first record is written, readable by the user alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._digests: dict[str, list[Any]] = {}
        self._fresh = False
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((self.folder / "digests.json").read_text(encoding="utf-8"))
            self._digests = found if isinstance(found, dict) else {}

    # --- records ------------------------------------------------------------------------------

    def record(self, outputs: list[str]) -> Record | None:
        """The record of the job that gives these outputs; a damaged one is none."""
        try:
            return Record.of(json.loads(self._path(outputs).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def remember(self, now: Description, modules: list[str] | None = None) -> Record:
        """Write the record of a job that has finished, with its outputs as they are.

        Raises
        ------
        OSError
            Where an output is not there or the record cannot be written.
        """
        made = [(path, self.digest(path)) for path in now.outputs]
        record = Record(now.depends, made, now.inputs, now.params, modules or [])
        for digest, text in now.texts.items():
            path = self.folder / "values" / digest
            if not path.exists():
                write_private(path, text.encode())
        text = json.dumps(record.as_json(), separators=(",", ":"))
        write_private(self._path(now.outputs), text.encode())
        return record

    def forget(self, outputs: list[str]) -> None:
        """Remove the record of a job that is about to run."""
        with contextlib.suppress(OSError):
            self._path(outputs).unlink(missing_ok=True)

    def value(self, digest: str) -> Any:
        """The value of a parameter by its digest, None when it is not known."""
        try:
            return json.loads((self.folder / "values" / digest).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    @property
    def used(self) -> bool:
        """Whether any job has ever finished here."""
        return (self.folder / "jobs").is_dir()

    def _path(self, outputs: list[str]) -> Path:
        return self.folder / "jobs" / f"{sha(chr(10).join(outputs))}.json"

    # --- content of files ---------------------------------------------------------------------

    def digest(self, path: str) -> str:
        """SHA-256 of a file's bytes; read again only when its stat differs.

        Raises
        ------
        OSError
            When the file is not there.
        """
        stat = os.stat(path)
        seen = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        known = self._digests.get(path)
        if known and known[:4] == seen:
            return str(known[4])
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _TICK:
            self._digests[path] = [*seen, found]
            self._fresh = True
        return found

    def save(self) -> None:
        """Keep the digests for the next run, of the files that still stand."""
        if not self._fresh or not self.used:
            return
        kept = {p: v for p, v in sorted(self._digests.items()) if os.path.exists(p)}
        with contextlib.suppress(OSError):
            text = json.dumps(kept, separators=(",", ":"))
            write_private(self.folder / "digests.json", text.encode())
            self._fresh = False


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for the user alone."""
    private_folder(path.parent)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are not there, for the user alone."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
