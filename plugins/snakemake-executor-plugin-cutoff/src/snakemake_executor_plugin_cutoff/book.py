"""The book of one run: what jobs depend on as they start, and give when they finish."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Any

from snakemake.logging import logger

from snakemake_executor_plugin_cutoff.describe import Description, Record, describe, plain
from snakemake_executor_plugin_cutoff.ledger import Ledger
from snakemake_executor_plugin_cutoff.store import Store

AS_BEFORE, FROM_STORE, RAN = "as before", "back from the store", "ran"


class Book:
    """Ledger and store of the results in one folder, and the jobs under way.

    Parameters
    ----------
    folder : path
        Holds the ledger, and the store in a folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.ledger = Ledger(self.folder)
        self.store = Store(self.folder / "store")
        self.counts = {RAN: 0, AS_BEFORE: 0, FROM_STORE: 0}
        self.modules: dict[int, list[str]] = {}
        self._pending: dict[Any, Description] = {}
        self._passed: dict[Any, str] = {}

    def record(self, job: Any) -> Record | None:
        """The record of the job's last finished run."""
        return self.ledger.record(outputs(job)) if plain(job) else None

    def begun(self, job: Any) -> bool:
        """Whether the start of a job has been noted."""
        return job in self._pending

    def begin(self, job: Any) -> Description | None:
        """Note what a job depends on as it starts; its former record is true no longer."""
        if not plain(job):
            return None
        with contextlib.suppress(OSError):
            made_private(self.folder)
            self._pending[job] = describe(job, self.ledger.digest)
        self.ledger.forget(outputs(job))
        return self._pending.get(job)

    def stands(self, now: Description, record: Record) -> bool:
        """Whether a job would do again what it did, and its outputs are as it left them."""
        try:
            return record.depends == now.depends and all(
                self.ledger.digest(path) == digest for path, digest in record.made
            )
        except OSError:
            return False

    def passed(self, job: Any, kind: str) -> None:
        """Note that a job need not run."""
        self._passed[job] = kind

    def finish(self, job: Any) -> None:
        """Record a job that finished; a job that cannot be recorded runs again."""
        now = self._pending.pop(job, None)
        kind = self._passed.pop(job, RAN)
        if now is None:
            return
        self.counts[kind] += 1
        try:
            record = self.ledger.remember(now, self.modules.get(job.jobid))
        except FileNotFoundError:
            return
        except OSError as error:
            logger.error(no_room(error, self.folder))
            return
        if kind == RAN:
            self.store.keep(now.key, record.made + self._logs(now))

    def drop(self, job: Any) -> None:
        """Forget a job that failed."""
        self._pending.pop(job, None)

    def close(self) -> str:
        """Keep what the next run can use; what became of the jobs, in words."""
        self.ledger.save()
        told = ", ".join(f"{n} {kind}" for kind, n in self.counts.items() if n)
        return f"Steps: {told}." if told else ""

    def _logs(self, now: Description) -> list[tuple[str, str]]:
        found = []
        for path in now.logs:
            with contextlib.suppress(OSError):
                found.append((path, self.ledger.digest(path)))
        return found


def made_private(folder: Path) -> None:
    """Make a folder for the user alone, below folders that others may see."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def outputs(job: Any) -> list[str]:
    """Paths of the outputs of a job."""
    return list(map(str, job.output))


def no_room(error: OSError, folder: str | os.PathLike[str]) -> str:
    """A failure to write, in three lines."""
    what = {
        errno.ENOSPC: "No space is left on the disk",
        errno.EDQUOT: "The quota of the disk is used up",
        errno.EROFS: "The file system can only be read",
        errno.EFBIG: "A file would be larger than is allowed",
        errno.EACCES: "No permission to write",
    }.get(error.errno or 0, f"Cannot write: {error.strerror}")
    return (
        f"{what}\n  where: {error.filename or folder}\n"
        "  to do: Make room and give the same command again; the steps that finished are kept"
    )
