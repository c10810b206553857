"""Warm workers: Python scripts run in forks of a process that has imported already.

In doubt (an environment of its own, a container, a benchmark, a server that does not answer) a
script runs as Snakemake's local executor runs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from typing import Any

from snakemake.script import PythonScript

#: what the lines that Snakemake puts before each script import
_PREAMBLE = ["pickle", "snakemake.logging", "snakemake.iocontainers", "snakemake.io"]
#: keeps the server at one thread: Arrow's allocator would start one of its own when imported
_SINGLE = {"PYTHONHASHSEED": "0", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
_COLD = PythonScript.execute_script


class Cold(Exception):
    """The script has to run in a process of its own."""


class Warm:
    """Client of the server of warm workers; started when the first script runs.

    Parameters
    ----------
    first, later : list of str
        Modules imported before the first script, and while others run already.
    held : list of int
        File descriptors that live as long as the workers (the lock of the run).
    used : dict
        By job id, filled here: which of the later modules a script asked for.
    """

    def __init__(
        self, first: list[str], later: list[str], held: list[int], used: dict[int, list[str]]
    ) -> None:
        self.first, self.later, self._held, self._used = first, later, held, used
        self._mutex = threading.Lock()
        self._server: subprocess.Popen | None = None
        self._young: socket.socket | None = None
        self._channels: list[socket.socket] = []
        self._hatching: int | None = None

    def start(self) -> None:
        """Start the server; from the main thread, with which it ends."""
        if self._server is not None or sys.platform != "linux":
            return
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # by its path: as a module it would first import all of Snakemake
        program = os.path.join(os.path.dirname(__file__), "zygote.py")
        self._server = subprocess.Popen(
            [sys.executable, program, str(theirs.fileno())],
            pass_fds=[theirs.fileno(), *self._held],
            stdin=subprocess.DEVNULL,
            env=_SINGLE | os.environ,
        )
        theirs.close()
        self._channels = [mine]
        self._send(mine, {"import": [*_PREAMBLE, *self.first]}, [])

    def hatch(self) -> None:
        """Let a fork of the server import the rest, while the server goes on."""
        with self._mutex:
            if self._hatching is not None or not self._channels or not self.later:
                return
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._hatching, ready = os.pipe2(os.O_CLOEXEC)
            with contextlib.suppress(OSError):
                self._send(self._channels[0], {"hatch": self.later}, [theirs.fileno(), ready])
            theirs.close()
            os.close(ready)
            self._young = mine

    def run(self, script: str, jobid: int) -> int:
        """Run a script; its exit status.

        Raises
        ------
        Cold
            When no worker can be had; nothing has run then.
        """
        with self._mutex:
            if not self._channels:
                raise Cold
            self._grown_up()
            channel = self._channels[-1]
            read, write = os.pipe2(os.O_CLOEXEC)
            request = {
                "script": os.path.abspath(script),
                "cwd": os.getcwd(),
                "env": dict(os.environ),
                "watch": self.later,
            }
            try:
                self._send(channel, request, [write])
            except OSError as error:
                os.close(read)
                raise Cold from error
            finally:
                os.close(write)
        with os.fdopen(read, "rb") as answers:
            lines = [json.loads(line) for line in answers.read().splitlines()]
        told = {key: value for line in lines for key, value in line.items()}
        if told.get("status") == "cold":
            raise Cold
        self._used[jobid] = told.get("modules", [])
        return int(told.get("status", 1))

    def stop(self) -> None:
        """End the workers."""
        with self._mutex:
            for channel in filter(None, [*self._channels, self._young]):
                channel.close()
            self._channels, self._young = [], None
        if self._server is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(5)
            self._server.kill()
            self._server.wait()

    def _grown_up(self) -> None:
        """Take the second server for all further scripts once it has imported everything."""
        if self._young is None or self._hatching is None:
            return
        if not select.select([self._hatching], [], [], 0)[0]:
            return
        if os.read(self._hatching, 16):
            self._channels.append(self._young)
        else:
            self._young.close()
        os.close(self._hatching)
        self._young = None

    @staticmethod
    def _send(channel: socket.socket, request: dict[str, Any], handles: list[int]) -> None:
        message = json.dumps(request).encode()
        socket.send_fds(channel, [message], handles)


def install(warm: Warm) -> None:
    """Let the Python scripts of this process run in warm workers."""

    def execute_script(script: Any, fname: str, edit: bool = False) -> None:
        own = (script.conda_env, script.container_img, script.env_modules, script.bench_record)
        with contextlib.suppress(Cold):
            if edit or any(own) or script.shadow_dir or type(script) is not PythonScript:
                raise Cold
            status = warm.run(fname, script.jobid)
            if status:
                raise subprocess.CalledProcessError(status, f"python {os.path.basename(fname)}")
            return
        _COLD(script, fname, edit=edit)

    PythonScript.execute_script = execute_script


def uninstall() -> None:
    """Let scripts run as Snakemake runs them."""
    PythonScript.execute_script = _COLD
