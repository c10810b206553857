"""Which jobs are due, decided by content and told in words; one run at a time.

Stands where Snakemake keeps its metadata: the part that is asked, while the graph of jobs is
built, what changed since a job last ran.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake.persistence.file import FilePersistence

from snakemake_executor_plugin_cutoff.book import Book, made_private, no_room, outputs
from snakemake_executor_plugin_cutoff.describe import describe, differences, plain

_HOW = ("changed", "is new", "is gone")
#: causes told of one job at most
_MANY = 6


class Changes:
    """What changed since a job last ran, as Snakemake asks for it."""

    def __init__(self, words: list[str], files: list[str]) -> None:
        self.words, self.files = words, files

    def __bool__(self) -> bool:
        return bool(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.files if self.words else [])

    def __str__(self) -> str:
        more = len(self.words) - _MANY
        return "; ".join(self.words[:_MANY]) + (f"; and {more} more" if more > 0 else "")


class ContentPersistence(FilePersistence):
    """Snakemake's metadata, with a ledger of content in the place of dates.

    Parameters
    ----------
    folder : path
        Where the ledger stands; beside the results, so that it is copied with them.
    """

    def __init__(self, *args: Any, folder: Path, dag: Any = None, **named: Any) -> None:
        self.folder = Path(folder)
        waits = not (named.get("nolock") or named.get("warn_only"))
        self.lock_file = _alone(self.folder) if waits else None
        super().__init__(*args, dag=dag, **named)
        # digests of inputs are the ledger's business; Snakemake's own would read every file again
        self.max_checksum_file_size = 0
        self.book = Book(self.folder)
        self.ledger = self.book.ledger
        self._changes: dict[Any, Changes] = {}

    # --- what Snakemake asks while it decides what is due ---------------------------------------

    def has_metadata(self, job: Any) -> bool:
        """A job without a record is told among the changed ones, not passed in silence."""
        return plain(job) or super().has_metadata(job)

    def has_outdated_metadata(self, job: Any) -> bool:
        """Records of other versions are none."""
        return not plain(job) and super().has_outdated_metadata(job)

    def params_changed(self, job: Any, file: Any = None) -> Any:
        """Everything that is not as at the last run."""
        return self.changes(job) if plain(job) else super().params_changed(job, file=file)

    def input_changed(self, job: Any, file: Any = None) -> Any:
        """Told with the rest, see `params_changed`."""
        return self._told(super().input_changed, job, file)

    def code_changed(self, job: Any, file: Any = None) -> Any:
        """Told with the rest, see `params_changed`."""
        return self._told(super().code_changed, job, file)

    def software_stack_changed(self, job: Any, file: Any = None) -> Any:
        """Told with the rest, see `params_changed`."""
        return self._told(super().software_stack_changed, job, file)

    @staticmethod
    def _told(otherwise: Any, job: Any, file: Any) -> Any:
        if not plain(job):
            return otherwise(job, file=file)
        return iter(()) if file is None else False

    def input_checksums(self, job: Any, input_path: Any) -> set[Any]:
        """The recorded content of an input: a newer file with the same bytes is no change."""
        if not plain(job):
            return super().input_checksums(job, input_path)
        record = self.book.record(job)
        known = {path: digest for path, _, digest in record.inputs} if record else {}
        digest = known.get(str(input_path))
        return {f"sha256:{digest}" if digest else None}

    def changes(self, job: Any) -> Changes:
        """What is not as at the job's last run, in words."""
        if job not in self._changes:
            self._changes[job] = Changes(self._words(job), outputs(job))
        return self._changes[job]

    def _words(self, job: Any) -> list[str]:
        record = self.book.record(job)
        if record is None:
            return ["no record of a finished run"]
        try:
            now = describe(job, self.ledger.digest)
        except OSError:  # an input is not there yet: the job that makes it decides
            now = None
        return differences(now, record, self.ledger.value, self.ledger.digest)

    # --- while jobs run -------------------------------------------------------------------------

    def started(self, job: Any, external_jobid: str | None = None) -> None:
        """Note the start of a job, for executors that do not tell it themselves."""
        if not job.is_group() and not self.book.begun(job):
            self.book.begin(job)
        super().started(job, external_jobid)

    async def finished(self, job: Any) -> None:
        """Record what a job depended on and gave."""
        if job in getattr(self.dag.workflow.scheduler, "_toerror", ()):
            self.book.drop(job)
        else:
            self.book.finish(job)
        try:
            await super().finished(job)
        except OSError as error:
            logger.error(no_room(error, self.folder))

    def _clear_cache(self) -> None:
        super()._clear_cache()
        self._changes = {}

    # --- one run at a time ----------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """The lock is held since before the graph was built, and falls with the process."""
        for line in self.told():
            logger.info(line)
        try:
            yield
        finally:
            told = self.book.close()
            if told:
                logger.info(told)

    @contextmanager
    def lock_warn_only(self) -> Iterator[None]:
        """A dry run locks nothing, and ends with the words for what changed."""
        lines = self.told()  # while the due jobs count as due
        yield
        for line in lines:
            logger.info(line)

    def unlock(self) -> None:
        """Nothing is left behind that would have to be removed."""

    def told(self) -> list[str]:
        """Why each due job is due, a line a job; a cause common to all jobs once."""
        if not self.ledger.used:
            return []  # the first run: everything is new
        due = [job for job in self.dag.needrun_jobs() if plain(job)]
        # a file that another due job will give anew is told there
        made = {f"input {path} {how}" for job in due for path in outputs(job) for how in _HOW}
        texts: dict[str, str] = {}
        for job in sorted(due, key=_name):
            words = [word for word in self.changes(job).words if word not in made]
            if words:
                texts.setdefault(_name(job), str(Changes(words, [])))
        if len(texts) > _MANY and len(texts) == len(due) and len(set(texts.values())) == 1:
            return ["What changed:", f"  every step ({len(texts)}): {next(iter(texts.values()))}"]
        lines = [f"  {name}: {text}" for name, text in texts.items()]
        return ["What changed:", *lines] if lines else []


def _name(job: Any) -> str:
    values = ", ".join(map(str, job.wildcards_dict.values()))
    return f"{job.rule.name} ({values})" if values else str(job.rule.name)


def _alone(folder: Path) -> int | None:
    """Wait until no other run, and no orphan of one, works on these results.

    The lock is one of the kernel: it falls when the last process that holds it ends, however
    that ends.
    """
    try:
        made_private(folder)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        logger.error(no_room(error, folder))
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        logger.info(f"Another run works on {folder.parent.name}/: waiting for it to end.")
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        return handle  # a file system without locks
    return handle
