"""The environment that a step runs in: the lock, and what is installed of it."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

from sclerotrial.files import sha256

_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_INSTALLED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.dist-info")


def fingerprint(lock: Path) -> dict[str, str]:
    """Digest of the lock, and the version of each of its packages that is installed.

    Parameters
    ----------
    lock : path
        A requirements file with pinned versions (``name==version``).

    Returns
    -------
    dict
        By what the entry is called in words; without the lock's own entry where there is no lock.
        Packages that are installed and not locked do not count.
    """
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    if not Path(lock).is_file():
        return {f"version of {name}": value for name, value in found.items()}
    found |= installed(set(locked(Path(lock).read_text(encoding="utf-8"))))
    words = {f"version of {name}": value for name, value in found.items()}
    return {"locked environment": sha256(lock)[:12]} | words


def locked(text: str) -> dict[str, str]:
    """Version of each package of a requirements file with pins, by the name it is compared by."""
    return {_name(name): version for name, version in _PINNED.findall(text)}


def installed(names: set[str]) -> dict[str, str]:
    """Versions of the packages of these names that are installed, in order of name."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib")):
        for path in Path(folder).glob("*.dist-info"):
            match = _INSTALLED.fullmatch(path.name)
            if match and _name(match["name"]) in names:
                found[_name(match["name"])] = match["version"]
    return dict(sorted(found.items()))


def _name(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
