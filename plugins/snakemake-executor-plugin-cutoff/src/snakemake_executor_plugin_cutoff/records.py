"""What a job depended on and gave when it last finished, by content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

VERSION = 1
#: kinds of files whose content is no single fixed sequence of bytes
_SPECIAL = ("directory", "pipe", "service", "temp", "touch", "update", "nodelocal")


class Records:
    """Records of finished jobs in a folder, one file a job.

    Parameters
    ----------
    folder : path
        Made when the first record is written, readable by the user alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._digests: dict[tuple[str, int, int, int], str] = {}

    def stands(self, job: Any) -> bool:
        """Whether all that the job depends on and its outputs are as recorded."""
        if not _plain(job):
            return False
        try:
            record = json.loads(self._path(job).read_text(encoding="utf-8"))
            return record == self._describe(job)
        except Exception:  # in doubt a job runs
            return False

    def remember(self, job: Any) -> None:
        """Write the record of a job that has finished; a job that cannot be recorded has none."""
        if not _plain(job):
            return
        with contextlib.suppress(Exception):  # what cannot be recorded runs again
            text = json.dumps(self._describe(job))
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(part, self._path(job))

    def forget(self, job: Any) -> None:
        """Remove the record of a job that is about to run."""
        with contextlib.suppress(OSError):
            self._path(job).unlink(missing_ok=True)

    @staticmethod
    def renew(job: Any) -> None:
        """Date the outputs after the inputs, as if the job had run."""
        for file in job.output:
            os.utime(str(file))

    def _path(self, job: Any) -> Path:
        name = "\n".join([job.rule.name, *map(str, job.output)])
        return self.folder / hashlib.sha256(name.encode()).hexdigest()[:32]

    def _describe(self, job: Any) -> dict[str, Any]:
        rule = job.rule
        return {
            "version": VERSION,
            "rule": rule.name,
            "code": str(rule.run_func_src) if job.is_run else "",
            "shell": str(job.shellcmd or ""),
            "script": self._script(job),
            "roles": {k: _span(v) for k, v in sorted(job.input._names.items())},
            "params": _text(job.params),
            "wildcards": _text(job.wildcards),
            "threads": job.threads,
            "environment": self._environment(job),
            "input": [[str(f), self._digest(str(f))] for f in job.input],
            "output": [[str(f), self._digest(str(f))] for f in job.output],
        }

    def _script(self, job: Any) -> list[str]:
        found = []
        for source in (job.rule.script, job.rule.notebook):
            if source:
                path = str(source)
                full = path if os.path.isabs(path) else os.path.join(str(job.rule.basedir), path)
                found += [path, self._digest(os.path.normpath(full))]
        return [*found, str(job.rule.wrapper or ""), str(job.rule.cwl or "")]

    def _environment(self, job: Any) -> list[str]:
        env = job.rule.conda_env
        path = str(env or "")
        content = self._digest(path) if os.path.isfile(path) else ""
        return [path, content, str(job.rule.container_img or ""), str(job.rule.env_modules or "")]

    def _digest(self, path: str) -> str:
        stat = os.stat(path)
        key = (path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if key not in self._digests:
            with open(path, "rb") as file:
                self._digests[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._digests[key]


def _plain(job: Any) -> bool:
    """Whether every file of the job is an ordinary local file that stays."""
    if job.is_group() or not job.output or job.is_checkpoint:
        return False
    files = [*job.input, *job.output]
    return all(
        not file.is_storage
        and not any(getattr(file, "flags", {}).get(kind) for kind in _SPECIAL)
        and os.path.isfile(str(file))
        for file in files
    )


def _span(place: Any) -> list[int]:
    """Position of a named file or list of files among all: a pair as a list."""
    first, last = place if isinstance(place, tuple) else (place, None)
    return [first, -1 if last is None else last]


def _text(values: Any) -> list[str]:
    names = {k: _span(v) for k, v in sorted(values._names.items())}
    return [repr(names), *(repr(value) for value in values)]
