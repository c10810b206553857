"""Local execution that runs a job when, and only when, something it depends on has changed."""

from __future__ import annotations

import atexit
import functools
import gc
import importlib.util
import os
import sys
import threading
import types
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakemake.executors.local import Executor as LocalExecutor
from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import (
    CommonSettings,
    ExecMode,
    ExecutorSettingsBase,
)

from snakemake_executor_plugin_cutoff.book import AS_BEFORE, FROM_STORE, Book
from snakemake_executor_plugin_cutoff.describe import Record
from snakemake_executor_plugin_cutoff.store import LIMIT, put_back

_scheduler = "snakemake.scheduling.job_scheduler"

__all__ = ["Executor", "ExecutorSettings", "by_content", "common_settings"]

common_settings = CommonSettings(
    non_local_exec=False,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=False,
)


@dataclass
class ExecutorSettings(ExecutorSettingsBase):
    """What can be chosen on the command line or in a profile."""

    store_size: int = field(
        default=LIMIT // 1_000_000,
        metadata={"help": "Megabytes of former outputs kept at most; 0 keeps none.", "type": int},
    )
    warm: int = field(
        default=1,
        metadata={
            "help": "1: Python scripts run in forks of a process that has imported already; "
            "0: each in a process of its own.",
            "type": int,
        },
    )


def by_content(
    workflow: Any,
    folder: str | Path,
    preload: str = "",
    preload_later: str = "",
) -> None:
    """Let content decide which jobs are due; called at the end of a Snakefile.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The one that the Snakefile belongs to.
    folder : path
        Where the ledger stands; best within the results.
    preload, preload_later : str
        Modules that scripts use, imported once by the warm workers: before the first script, and
        (the slow ones) while the first scripts run.
    """
    if workflow.exec_mode != ExecMode.DEFAULT:
        return  # a job of its own process: its parent decides
    import snakemake.workflow as place
    from snakemake.persistence.file import FilePersistence

    from snakemake_executor_plugin_cutoff.persistence import ContentPersistence

    def persistence(*args: Any, dag: Any = None, **named: Any) -> Any:
        if dag is None or dag.workflow is not workflow:  # another workflow of this process
            return FilePersistence(*args, dag=dag, **named)
        return ContentPersistence(*args, dag=dag, folder=Path(folder), **named)

    place.FilePersistence = persistence
    _later("nbformat")
    workflow.cutoff_preload = (preload.split(), preload_later.split())
    gc.freeze()  # modules and rules stay: no collection goes through them again
    atexit.register(gc.freeze)  # nor does the interpreter's last one, through all of the run


def _end_looks() -> None:
    """End the timers after which Snakemake would look for further jobs.

    Each lasts a second, and the program ends after the last of them.
    """
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function.__module__ == _scheduler:
            thread.cancel()


def _later(name: str) -> None:
    """Let a module be imported when it is used, not when it is named.

    Snakemake names nbformat at the first script that is due, and uses it for notebooks alone; its
    import takes longer than a small step. A `LazyLoader` would import it at the second naming:
    before Python 3.12 the import statement itself reads an attribute of the module.
    """
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None:
        return

    def used(word: str) -> Any:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(importlib.import_module(name), word)

    stand_in = types.ModuleType(name)
    stand_in.__spec__ = spec
    stand_in.__getattr__ = used
    sys.modules[name] = stand_in


class Executor(LocalExecutor):
    """Snakemake's local executor, asked first whether a due job has anything to do."""

    def __post_init__(self) -> None:
        super().__post_init__()
        # the book of `by_content`, else one of this executor's own
        kept = getattr(self.workflow.persistence, "book", None)
        self._own = kept is None
        self._book = kept or Book(Path(self.workflow.persistence.path) / "cutoff")
        self._slow_ones = 0
        settings = self.workflow.executor_settings
        self._book.store.limit = int(settings.store_size) * 1_000_000
        self._before: dict[Any, Record | None] = {}
        self._workers: Any = None
        if settings.warm:
            from snakemake_executor_plugin_cutoff.warm import Warm, install

            lock = getattr(self.workflow.persistence, "lock_file", None)
            first, later = getattr(self.workflow, "cutoff_preload", ([], []))
            self._workers = Warm(first, later, [] if lock is None else [lock], self._book.modules)
            install(self._workers)

    def run_single_job(self, job: Any) -> Future:
        """Run a job, unless all that it depends on is as at a former run."""
        record = self._book.record(job)
        due = self._due  # while the records of those that wait still stand
        now = self._book.begin(job)
        if record:
            self._book.modules[job.jobid] = record.modules
        if now is not None and not self.workflow.dag.reason(job).forced:
            if record and self._book.stands(now, record):
                return self._passed(job, AS_BEFORE, "Unchanged, passed over")
            if self._book.store.give_back(now.key):
                return self._passed(job, FROM_STORE, "Back from the store")
        self._before[job] = record
        if self._workers is not None and job.rule.script:
            self._workers.start()
            if due.pop(job, False):
                # one such script says little: what stands after it may all be passed over
                self._slow_ones += 1
                if self._slow_ones > 1 and any(due.values()):
                    self._workers.hatch()
        return super().run_single_job(job)

    def handle_job_success(self, job: Any) -> None:
        """Nothing of a former run is needed any more."""
        super().handle_job_success(job)
        self._before.pop(job, None)
        if self._own and not job.is_group():
            self._book.finish(job)

    def handle_job_error(self, job: Any) -> None:
        """Put the former outputs back, without a record: the job is tried again.

        Only under `by_content`: else their new dates would be taken for a finished run.
        """
        super().handle_job_error(job)
        self._book.drop(job)
        record = self._before.pop(job, None)
        if self._own or record is None:
            return
        if not any(os.path.lexists(path) for path, _ in record.made):
            try:
                put_back(record.made, self._book.store)
            except OSError:
                logger.debug(f"The former outputs of {job.rule.name} are not in the store")

    def shutdown(self) -> None:
        """End the workers with the run."""
        super().shutdown()
        self._end()

    def cancel(self) -> None:
        """End the workers with the run."""
        self._end()
        super().cancel()

    def _passed(self, job: Any, kind: str, words: str) -> Future:
        self._due.pop(job, None)
        for file in job.output:
            os.utime(str(file))  # dated after the inputs, as if the job had run
        self._book.passed(job, kind)
        logger.info(f"{words}: {job.rule.name}", extra={"passed": kind, "job_id": job.jobid})
        done: Future = Future()
        done.set_result(None)
        return done

    @functools.cached_property
    def _due(self) -> dict[Any, bool]:
        """The scripts that are due, and whether they import what is slow to import."""
        slow = set(self._workers.later) if self._workers else set()
        found = {}
        for job in self.workflow.dag.needrun_jobs() if slow else ():
            if not job.is_group() and job.rule.script:
                record = self._book.record(job)
                found[job] = record is None or bool(slow & set(record.modules))
        return found

    def _end(self) -> None:
        _end_looks()
        if self._workers is not None:
            from snakemake_executor_plugin_cutoff.warm import uninstall

            uninstall()
            self._workers.stop()
