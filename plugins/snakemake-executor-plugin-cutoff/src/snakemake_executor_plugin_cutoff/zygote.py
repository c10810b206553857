"""A process that imports once and forks a child a script: `python zygote.py FD`.

Reads requests (one JSON a message, with two file descriptors) from the socket FD, forks, and writes
the child's exit status to the request's own pipe. It has one thread, so that forking is safe; it
ends when the socket is closed, and with it every child.
"""

from __future__ import annotations

import array
import builtins
import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import types
from typing import Any

_PR_SET_PDEATHSIG = 1
#: read before anything is forked: loading a library in the child could not be relied on
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def serve(channel: socket.socket) -> None:
    """Answer requests until the other side closes the channel."""
    _die_with_parent()
    children: dict[int, int] = {}
    wake, waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([channel, wake], [], [])
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 4096)
            _reap(children)
        if channel in ready:
            request, handles = _receive(channel)
            if request is None:
                break
            if "import" in request:
                _import(request["import"])
                for handle in handles:
                    os.close(handle)
            elif "hatch" in request:
                _hatch(request["hatch"], handles, channel, children)
            else:
                _start(request, handles[0], channel, children)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    handles = array.array("i")
    message, ancillary, _, _ = channel.recvmsg(1 << 20, socket.CMSG_SPACE(4 * 4))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            handles.frombytes(data[: len(data) - len(data) % handles.itemsize])
    return (json.loads(message) if message else None), list(handles)


def _import(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):  # the script will say what is wrong with it
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _hatch(
    names: list[str], handles: list[int], channel: socket.socket, children: dict[int, int]
) -> None:
    """Fork a second server that imports more, while this one goes on serving."""
    alone = _single()
    child = os.fork() if alone else 0
    if child or not alone:
        for handle in handles:
            os.close(handle)
        return
    channel.close()
    for pipe in children.values():
        os.close(pipe)
    mine = socket.socket(fileno=handles[0])
    _import(names)
    try:
        os.write(handles[1], b"ready")
        os.close(handles[1])
        serve(mine)
    except OSError:
        pass  # the run ended meanwhile
    finally:
        os._exit(0)


def _start(
    request: dict[str, Any], pipe: int, channel: socket.socket, children: dict[int, int]
) -> None:
    """Fork a child for a script; a refusal is told by status 'cold'."""
    if not _single():
        os.write(pipe, json.dumps({"status": "cold"}).encode())
        os.close(pipe)
        return
    child = os.fork()
    if child:
        children[child] = pipe
        return
    status = 1
    try:
        channel.close()
        for other in children.values():
            os.close(other)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _die_with_parent()
        status = _run(request, pipe)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _run(request: dict[str, Any], pipe: int) -> int:
    """Run a script as `python SCRIPT` would, in this process."""
    import atexit
    import random

    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    script = request["script"]
    sys.argv = [script]
    sys.path[0] = os.path.dirname(script)
    asked = _watch(set(request["watch"]))
    main = types.ModuleType("__main__")
    main.__file__ = script
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    status = 0
    try:
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec")
        exec(code, main.__dict__)  # the job's own script, as `python` would run it
    except SystemExit as leave:
        status = _status(leave.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    with contextlib.suppress(Exception):
        os.write(pipe, json.dumps({"modules": sorted(asked)}).encode() + b"\n")
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    return status


def _watch(names: set[str]) -> set[str]:
    """Note which of some modules are asked for from now on, also those imported already."""
    asked: set[str] = set()
    real = builtins.__import__

    def spy(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        if not level:
            parts = (f"{name}.{part}" for part in fromlist or ())
            asked.update(names.intersection([name, *parts]))
        return real(name, globals, locals, fromlist, level)

    builtins.__import__ = spy
    return asked


def _status(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _reap(children: dict[int, int]) -> None:
    while children:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        pipe = children.pop(child, None)
        if pipe is not None:
            with contextlib.suppress(OSError):
                code = os.waitstatus_to_exitcode(status)
                os.write(pipe, json.dumps({"status": code}).encode() + b"\n")
            os.close(pipe)


def _single() -> bool:
    """Whether this process has one thread only: another's locks would be copied held."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _die_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    sys.path[0] = os.path.join(os.sep, "nonexistent")  # the neighbours of this file are no modules
    serve(socket.socket(fileno=int(sys.argv[1])))
