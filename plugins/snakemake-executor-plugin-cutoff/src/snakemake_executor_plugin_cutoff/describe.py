"""What a job depends on, as plain data, and the words for what differs from its last run."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

VERSION = 3
#: kinds of files whose content is no single fixed sequence of bytes
_SPECIAL = ("directory", "pipe", "service", "temp", "touch", "update", "nodelocal")
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
#: the configuration as a rule's own code reads it (Python, R, Julia), and the key if it is told
_CONFIG = re.compile(
    r"(?:snakemake\s*[.@$]\s*|(?<![\w.@$]))config\b"
    r"""(?:\s*\[{1,2}\s*["'](\w+)["']|\s*\.get\(\s*["'](\w+)["'])?"""
)


@dataclass
class Description:
    """A job as it would run now.

    Attributes
    ----------
    depends : dict
        Digest by kind: ``code``, ``params``, ``wildcards``, ``environment``, ``config``,
        ``inputs``.
    inputs : list of [path, role, digest]
    params : list of [name, digest]
    outputs, logs : list of str
    texts : dict
        Canonical text of each parameter's value, by its digest.
    code : str
        What the rule's own code is called in words.
    """

    depends: dict[str, str]
    inputs: list[list[str]]
    params: list[list[str]]
    outputs: list[str]
    logs: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    code: str = "the rule's own code"

    @property
    def key(self) -> str:
        """One digest of everything that the outputs depend on, and of where they go."""
        return _digest([VERSION, self.depends, self.outputs])


@dataclass
class Record:
    """A job as it was when it last finished; ``made`` holds [output, digest]."""

    depends: dict[str, str]
    made: list[tuple[str, str]]
    inputs: list[list[str]]
    params: list[list[str]]
    modules: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"version": VERSION, **self.__dict__}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Record:
        """The record in plain data.

        Raises
        ------
        ValueError
            For a record of another version.
        """
        if data.pop("version") != VERSION:
            raise ValueError("a record of another version")
        record = cls(**data)
        record.made = [(str(path), str(digest)) for path, digest in record.made]
        return record


def describe(job: Any, digest: Callable[[str], str]) -> Description:
    """What a job would depend on if it started now.

    Parameters
    ----------
    job : snakemake.jobs.Job
    digest : function
        Content of a file by its path.

    Raises
    ------
    OSError
        When an input is not there.
    """
    roles = _roles(job.input)
    inputs = [[str(f), role, digest(str(f))] for f, role in zip(job.input, roles, strict=True)]
    texts, params = {}, []
    for name, value in zip(_roles(job.params), job.params, strict=True):
        text = canonical(value)
        texts[sha(text)] = text
        params.append([name, sha(text)])
    code = _code(job)
    depends = {
        "code": _digest(code),
        "inputs": _digest(inputs),
        "params": _digest(params),
        "wildcards": _digest(dict(job.wildcards_dict)),
        "environment": _environment(job),
        "config": _config(job, code),
    }
    return Description(
        depends,
        inputs,
        params,
        list(map(str, job.output)),
        list(map(str, job.log)),
        texts,
        *(f"script {os.path.basename(path)}" for path in _sources(job.rule)[:1]),
    )


def plain(job: Any) -> bool:
    """Whether every file of a job is an ordinary local file that stays."""
    if job.is_group() or not job.output or job.is_checkpoint or job.rule.norun:
        return False
    return not any(
        file.is_storage or any(getattr(file, "flags", {}).get(kind) for kind in _SPECIAL)
        for file in [*job.input, *job.output]
    )


def differences(
    now: Description | None,
    record: Record,
    value: Callable[[str], Any],
    digest: Callable[[str], str],
) -> list[str]:
    """In words, all that is not as at the last run; empty when the record stands.

    Parameters
    ----------
    now, record
        The job as it would run (None: that cannot be said yet), and as it ran.
    value : function
        A recorded parameter by its digest.
    digest : function
        Content of a file by its path; an OSError means that it is not there.
    """
    words: list[str] = []
    if now is not None and now.depends != record.depends:
        words += _changed_params(now, record, value)
        words += _changed_inputs(now.inputs, record.inputs)
        names = {
            "code": now.code,
            "wildcards": "wildcards",
            "environment": "the software environment of the rule",
            "config": "the configuration that the rule reads",
        }
        for kind, name in names.items():
            if now.depends.get(kind) != record.depends.get(kind):
                words.append(f"{name} changed")
    for path, made in record.made:
        try:
            if digest(path) != made:
                words.append(f"{path} is not as this step left it")
        except OSError:
            words.append(f"{path} is missing")
    return list(dict.fromkeys(words))


def _changed_params(now: Description, record: Record, value: Callable[[str], Any]) -> list[str]:
    then, here = dict(map(tuple, record.params)), dict(map(tuple, now.params))
    words: list[str] = []
    for name in dict.fromkeys([*then, *here]):
        if then.get(name) == here.get(name):
            continue
        old = dict(_flat(value(then[name]), name)) if name in then else {}
        new = dict(_flat(json.loads(now.texts[here[name]]), name)) if name in here else {}
        found = [_words(key, old, new) for key in dict.fromkeys([*old, *new])]
        words += list(filter(None, found)) or [f"order of {name} changed"]
    if not words and record.params != now.params:
        words = ["order of the parameters changed"]
    return words


def _changed_inputs(now: list[list[str]], then: list[list[str]]) -> list[str]:
    old, new = {path: digest for path, _, digest in then}, {p: digest for p, _, digest in now}
    words = [f"input {p} changed" for p in new if p in old and old[p] != new[p]]
    words += [f"input {p} is new" for p in new if p not in old]
    words += [f"input {p} is gone" for p in old if p not in new]
    if not words and now != then:
        moved = sorted({role.split("[")[0] for _, role, _ in now})
        words = [f"inputs changed their places ({', '.join(moved)})"]
    return words


def _words(key: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    if key not in old:
        return f"{key} is new"
    if key not in new:
        return f"{key} is gone"
    if old[key] == new[key] and type(old[key]) is type(new[key]):
        return ""
    both = [_short(old[key]), _short(new[key])]
    if all(_DIGEST.fullmatch(b.strip("'")) for b in both):
        return f"{key} changed"
    return f"{key} changed ({both[0]} -> {both[1]})"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) and value else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every leaf of a value with its path; a key with a space in it names its thing by itself."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, key if " " in key else f"{path}.{key}")
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{place}]")
    else:
        yield path, value


def canonical(value: Any) -> str:
    """A value as JSON text, the same in every process; order of keys and items is part of it."""
    return json.dumps(value, default=_other, ensure_ascii=False)


def _other(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(map(canonical, value))
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (complex, range)):
        return repr(value)
    try:
        return hashlib.sha256(pickle.dumps(value, protocol=4)).hexdigest()
    except Exception:  # what cannot be written down is known by its type alone
        return type(value).__qualname__


def _roles(named: Any) -> list[str]:
    """The name of each entry of a named list; position where it has none."""
    roles = [f"[{place}]" for place in range(len(named))]
    for name, (first, last) in ((n, _span(v)) for n, v in named._names.items()):
        if last is None:
            roles[first] = name
        else:
            roles[first:last] = [f"{name}[{place}]" for place in range(last - first)]
    return roles


def _span(place: Any) -> tuple[int, int | None]:
    return place if isinstance(place, tuple) else (place, None)


def _code(job: Any) -> list[str]:
    rule = job.rule
    found = [str(rule.run_func_src) if job.is_run else "", str(rule.shellcmd or "")]
    found += [code_digest(path) for path in _sources(rule)]
    return [*found, str(rule.wrapper or ""), str(rule.cwl or "")]


def _sources(rule: Any) -> list[str]:
    """Paths of the rule's script and notebook."""
    paths = map(str, filter(None, (rule.script, rule.notebook)))
    return [os.path.normpath(os.path.join(str(rule.basedir), path)) for path in paths]


@functools.cache
def code_digest(path: str) -> str:
    """Content of a script; of Python without comments, docstrings and formatting.

    A script that is not on this machine is known by its address.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return path
    if path.endswith(".py"):
        try:
            return sha(ast.dump(_without_docstrings(ast.parse(content))))
        except (SyntaxError, ValueError):
            pass
    return hashlib.sha256(content).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            said = getattr(first, "value", None) if isinstance(first, ast.Expr) else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                node.body[0] = ast.Pass()
    return tree


def _config(job: Any, code: list[str]) -> str:
    """Digest of what the rule's own code reads of the configuration.

    The keys that it names are taken; where it does not name them, all.
    """
    keys = _config_keys(code[0] if job.is_run else "").union(
        *(_config_keys(_text(path)) for path in _sources(job.rule))
    )
    config = job.rule.workflow.config
    if None in keys:
        return _digest(config)
    return _digest({key: config.get(key) for key in sorted(keys)}) if keys else ""


@functools.cache
def _config_keys(text: str) -> frozenset[str | None]:
    """Keys of the configuration that a text reads; None among them where it names none."""
    return frozenset(first or second or None for first, second in _CONFIG.findall(text))


@functools.cache
def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _environment(job: Any) -> str:
    """What Snakemake itself says of the rule's environment, where it deploys one."""
    return str(job.dag.workflow.persistence._software_stack_hash(job))


def _digest(value: Any) -> str:
    return sha(canonical(value))


def sha(text: str) -> str:
    """Digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]
