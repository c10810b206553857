"""Problems of an input, told in three lines: what is wrong, where, what to do."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input.

    Attributes
    ----------
    what : str
        What is wrong. Never holds the content of an identifying or free-text cell.
    where : str
        File, line and field, or the key of a configuration file.
    todo : str
        What the user can do about it.
    """

    what: str
    where: str
    todo: str

    def __str__(self) -> str:
        return f"{self.what}\n  where: {self.where}\n  to do: {self.todo}"


class InputErrors(Exception):
    """All problems found in one pass over the inputs.

    Parameters
    ----------
    problems : iterable of Problem
        At least one; repeated ones are told once, in the order found.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(dict.fromkeys(problems))
        if not self.problems:
            raise ValueError("InputErrors needs at least one problem")
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)

    def __reduce__(self) -> tuple:
        return type(self), (self.problems,)


#: why a file cannot be written, where the program is not to blame
_NO_ROOM = {
    errno.ENOSPC: "No space is left on the disk",
    errno.EDQUOT: "The quota of the disk is used up",
    errno.EROFS: "The file system can only be read",
    errno.EFBIG: "A file would be larger than is allowed",
}


def no_room(error: BaseException | None) -> Problem | None:
    """The problem behind an error, where that is a disk without room; None for any other."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return Problem(
                _NO_ROOM[error.errno],
                str(error.filename or "the folder of the results"),
                "Make room and give the same command again; the steps that finished are kept",
            )
        error = error.__cause__ or error.__context__
    return None


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise `InputErrors` when there is at least one problem."""
    found = list(problems)
    if found:
        raise InputErrors(found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known words, as the end of a sentence ('' when none is near)."""
    near = difflib.get_close_matches(str(word), [str(k) for k in known], n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
