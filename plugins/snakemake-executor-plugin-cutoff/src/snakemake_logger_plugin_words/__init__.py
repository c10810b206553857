"""A run in the terminal, told in words: a line a step, and at the end what was made.

A line says how many steps are done of how many, what the step is (its rule's `message`), and how
long it took where that was long. What Snakemake says besides (warnings, errors, dry runs) stays.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass
from typing import Any

from snakemake.logging import ColorizingTextHandler, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

__all__ = ["LogHandler"]

#: beginnings of what says nothing about this run
_PASSING = (
    "Assuming unrestricted shared filesystem usage", "Building DAG of jobs", "Using shell: ",
    "Conda environments: ignored", "Singularity containers: ignored", "Select jobs to execute",
    "Group jobs: inactive", "Complete log(s): ", "Steps: ",
)  # fmt: skip
#: where a script was called that failed: what is wrong is said by the script itself
_CALLED = "RuleException:\nCalledProcessError in file"
_QUIET_EVENTS = (LogEvent.RESOURCES_INFO, LogEvent.JOB_STARTED)
#: seconds from which on a step's duration is told, and how many of the longest are at the end
SLOW, LONGEST = 1.0, 3
#: what the executor `cutoff` says of a step that need not run
KINDS = {"as before": "unchanged, passed over", "back from the store": "back from the store"}


@dataclass
class Step:
    """A step of the run: what it is called, when it began, and what became of it."""

    name: str
    begun: float
    counted: bool = True
    kind: str = ""
    seconds: float = 0.0


class LogHandler(LogHandlerBase):
    """Snakemake's messages to the terminal, those of a run's progress in our own words."""

    def __post_init__(self) -> None:
        given = self.common_settings
        self.screen = ColorizingTextHandler(
            nocolor=given.nocolor, stream=sys.stdout if given.stdout else sys.stderr
        )
        self.screen.setFormatter(DefaultFormatter(given.quiet, given.show_failed_logs))
        #: a dry run is a table, and whoever asks for more wants Snakemake's own
        self.own = not (given.dryrun or given.verbose or given.debug_dag or given.printshellcmds)
        self.begun = time.monotonic()
        self.steps: dict[int, Step] = {}
        self.finished: list[Step] = []
        self.told: list[Step] = []
        self.failed: set[int] = set()
        #: jobs of the rule `all`, which makes nothing
        self.gathering = 0

    @property
    def writes_to_stream(self) -> bool:
        """It takes the place of Snakemake's own."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """No: Snakemake keeps its own log beside."""
        return False

    @property
    def has_filter(self) -> bool:
        """No: what `--quiet` leaves out is left out here as well."""
        return False

    @property
    def has_formatter(self) -> bool:
        """Yes: its own words."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """No."""
        return False

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a message means for the one who waits."""
        if not self.own:
            self.screen.emit(record)
            return
        event = getattr(record, "event", None)
        known = {
            LogEvent.RUN_INFO: self._planned,
            LogEvent.JOB_INFO: self._started,
            LogEvent.JOB_FINISHED: self._finished,
            LogEvent.PROGRESS: self._progress,
        }
        if event in known:
            known[event](record.__dict__)
        elif event == LogEvent.JOB_ERROR:
            self._failed(record)
        elif event is None and record.levelno == logging.INFO:
            self._said(record)
        elif event not in _QUIET_EVENTS and not str(record.msg).startswith(_CALLED):
            self.screen.emit(record)

    def _planned(self, told: dict[str, Any]) -> None:
        stats = told.get("stats") or {}
        self.gathering = stats.get("all", 0)
        count = stats.get("total", 0) - self.gathering
        if count > 0:
            self._write(f"{_many(count)} to do.")

    def _started(self, told: dict[str, Any]) -> None:
        # a rule that only gathers is no step
        counted = bool(told.get("output") or told.get("rule_msg"))
        name = str(told.get("rule_msg") or told.get("rule_name") or "").strip()
        self.steps[told["jobid"]] = Step(name, time.monotonic(), counted)

    def _finished(self, told: dict[str, Any]) -> None:
        step = self.steps.pop(told["job_id"], None)
        if step is not None:
            step.seconds = time.monotonic() - step.begun
            self.finished.append(step)

    def _failed(self, record: logging.LogRecord) -> None:
        """A step that failed in a line; of a shell command Snakemake's own words show it."""
        told = record.__dict__
        step = self.steps.pop(told.get("jobid", -1), None)
        self.failed.add(told.get("jobid", -1))
        if step is None or told.get("shellcmd"):
            self.screen.emit(record)
            return
        log = f"; its log: {', '.join(told['log'])}" if told.get("log") else ""
        self._write(f"Failed: {step.name} (rule {told['rule_name']}{log})")

    def _progress(self, told: dict[str, Any]) -> None:
        done, total = told["done"], told["total"] - self.gathering
        for k, step in enumerate(self.finished, start=1 - len(self.finished)):
            if step.counted:
                self.told.append(step)
                after = f": {step.kind}" if step.kind else ""
                if not step.kind and step.seconds >= SLOW:
                    after = f" ({_time(step.seconds)})"
                width = len(str(total))
                self._write(f"{done + k:>{width}} of {total}  {step.name}{after}")
        self.finished = []

    def _said(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        passed = getattr(record, "passed", None)
        if passed:
            step = self.steps.get(getattr(record, "job_id", -1))
            if step is not None:
                step.kind = KINDS.get(passed, passed)
        elif words.startswith("Elapsed time: "):
            self._end()
        elif not words.startswith(_PASSING):
            self.screen.emit(record)

    def _end(self) -> None:
        """The last line: what was made, passed over, restored, and what took long."""
        ran = [s for s in self.told if not s.kind]
        parts = [f"{_many(len(ran))} made" if ran else "Nothing was made anew"]
        for kind in KINDS.values():
            count = sum(s.kind == kind for s in self.told)
            parts += [f"{count} {kind}"] if count else []
        parts += [f"{len(self.failed)} failed"] if self.failed else []
        self._write(f"{', '.join(parts)}, in {_time(time.monotonic() - self.begun)}.")
        slow = sorted((s for s in ran if s.seconds >= SLOW), key=lambda s: -s.seconds)[:LONGEST]
        if len(ran) > LONGEST and slow:
            told = "; ".join(f"{s.name} ({_time(s.seconds)})" for s in slow)
            self._write(f"What took longest: {told}.")

    def _write(self, line: str) -> None:
        self.screen.emit(logging.LogRecord("words", logging.INFO, "", 0, line, None, None))


def _many(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _time(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
