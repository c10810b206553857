"""The command `sclerotrial`: each subcommand lives in the room that does its work."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from sclerotrial import __version__
from sclerotrial.errors import InputErrors, Problem

# Modules with `add_parser(sub)`, which sets `run` to a function of the parsed arguments.
COMMANDS = (
    "sclerotrial.simulate.command",
    "sclerotrial.read.command",
    "sclerotrial.publish.trace",
    "sclerotrial.publish.published",
)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints have the form of all our errors."""

    def error(self, message: str) -> NoReturn:
        raise InputErrors(
            [Problem(message, f"command line of {self.prog}", f"see {self.prog} --help")]
        )


def parser() -> argparse.ArgumentParser:
    """The parser with all subcommands."""
    top = _Parser(prog="sclerotrial", description="From raw trial exports to the whole paper.")
    top.add_argument("--version", action="version", version=f"sclerotrial {__version__}")
    sub = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(name).add_parser(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Returns
    -------
    int
        0, what the subcommand returns, or 1 after a problem of the input (three lines on
        the standard error stream).
    """
    try:
        args = parser().parse_args(argv)
        return int(args.run(args) or 0)
    except InputErrors as problems:
        print(problems, file=sys.stderr)
        return 1
    except OSError as problem:
        name = problem.filename or "a file"
        print(
            Problem(problem.strerror or "a file cannot be used", str(name), "check the path"),
            file=sys.stderr,
        )
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
