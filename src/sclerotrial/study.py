"""A trial as data: the configuration files, typed, all their errors told at once.

The models mirror the YAML files key by key (see ``config/README.md``); an attribute of `Study` is
the key of the same name.
"""

from __future__ import annotations

import re
import types
import typing
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from sclerotrial import study_analyses, study_assays, study_checks, study_endpoints
from sclerotrial.errors import InputErrors, Problem, did_you_mean
from sclerotrial.study_models import Study

__all__ = ["Study", "load"]

#: which top-level keys come from which file; None: the file is one model under that key
_FILES: dict[str, tuple[str | None, bool]] = {
    "config.yaml": ("run", False),
    "study.yaml": (None, True),
    "forms.yaml": ("forms", True),
    "endpoints.yaml": (None, False),
    "assays.yaml": (None, False),
    "analyses.yaml": ("analyses", False),
    "claims.yaml": (None, False),
}


def load(folder: str | Path, options: dict[str, Any] | None = None) -> Study:
    """Read the configuration files of a folder.

    Parameters
    ----------
    folder : path
        Holds at least ``study.yaml`` and ``forms.yaml``; the others are optional.
    options : dict, optional
        Run options given on the command line; they override ``config.yaml``.

    Raises
    ------
    InputErrors
        One problem for each key that is unknown, missing or of a wrong type, in all files.
    """
    folder = Path(folder)
    wrong: list[Problem] = []
    data: dict[str, Any] = {}
    origin: dict[str, tuple[str, yaml.Node | None, int]] = {}
    if not folder.is_dir():
        raise InputErrors(
            [
                Problem(
                    "The folder that describes the trial does not exist",
                    folder.as_posix(),
                    "Name a folder with study.yaml and forms.yaml: --config study=DIR",
                )
            ]
        )
    for name, (under, needed) in _FILES.items():
        path = folder / name
        if not path.is_file():
            if needed:
                wrong.append(
                    Problem(
                        "A configuration file is missing",
                        path.as_posix(),
                        f"Add {name}; config/README.md describes it",
                    )
                )
            continue
        content, node, problem = _read_yaml(path)
        if problem:
            wrong.append(problem)
            continue
        if under:
            data[under] = content
            origin[under] = (path.as_posix(), node, 1)
        else:
            for key, value in content.items():
                data[key] = value
                origin[key] = (path.as_posix(), node, 0)
    if options:
        data["run"] = {**data.get("run", {}), **options}
        origin.setdefault("run", ("the command line, --config", None, 1))
    if not wrong:
        try:
            study = Study.model_validate(data)
        except ValidationError as error:
            wrong += [_problem(e, origin) for e in error.errors(include_url=False)]
        else:
            wrong += _cross_checks(study, folder)
    if wrong:
        raise InputErrors(wrong)
    return study


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # the C one where it is built
    """YAML 1.2 booleans only (Y and N are codes of trials), and a key twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen[key] = 1
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rx) for tag, rx in pairs if tag != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _read_yaml(path: Path) -> tuple[dict, yaml.Node | None, Problem | None]:
    try:
        text = path.read_text(encoding="utf-8")
        node, content = _compose(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or "it is not UTF-8 text"
        return (
            {},
            None,
            Problem(
                f"The file is not valid YAML: {said}",
                f"{path.as_posix()}{line}",
                "Mend the syntax at that line",
            ),
        )
    if not isinstance(content, dict):
        return (
            {},
            None,
            Problem(
                "The file should hold keys with values",
                path.as_posix(),
                "See config/README.md for the keys of this file",
            ),
        )
    return content, node, None


def _compose(text: str) -> tuple[yaml.Node | None, Any]:
    """The nodes of a document, for their lines, and what they say."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return node, (loader.construct_document(node) if node else None) or {}
    finally:
        loader.dispose()


def _line_of(node: yaml.Node | None, keys: tuple) -> int | None:
    """Line (from 1) at which the deepest of the keys that exists stands."""
    line = None
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            hit = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if hit is None:
                break
            line, node = hit[0].start_mark.line + 1, hit[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            if key >= len(node.value):
                break
            node = node.value[key]
            line = node.start_mark.line + 1
    return line


def _problem(error: dict, origin: dict[str, tuple[str, yaml.Node | None, int]]) -> Problem:
    loc = tuple(k for k in error["loc"] if not (isinstance(k, str) and "[" in k))
    path, node, skip = origin.get(str(loc[0]), ("the configuration", None, 0))
    keys = loc[skip:]
    line = _line_of(node, keys)
    where = f"{path}{f', line {line}' if line else ''}, key {'.'.join(map(str, keys)) or '(top)'}"
    if error["type"] == "extra_forbidden":
        known = _known_keys(loc[:-1])
        return Problem(
            f"The key {str(loc[-1])!r} is not known.{did_you_mean(loc[-1], known)}",
            where,
            f"Use one of: {', '.join(known)}" if known else "Remove the key",
        )
    if error["type"] == "missing":
        return Problem(
            f"The key {str(loc[-1])!r} is missing", where, "Add it; see config/README.md"
        )
    return Problem(
        f"The value does not fit: {error['msg'][0].lower()}{error['msg'][1:]}",
        where,
        "Correct the value; config/README.md says what the key takes",
    )


def _known_keys(loc: tuple) -> list[str]:
    """Keys that the model at this place of the configuration takes."""
    kind: Any = Study
    for key in loc:
        kind = _step(kind, key)
        if kind is None:
            return []
    return list(kind.model_fields) if _is_model(kind) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _step(kind: Any, key: Any) -> Any:
    if _is_model(kind):
        if key not in kind.model_fields:
            return None
        kind = kind.model_fields[key].annotation
    else:
        args = typing.get_args(kind)
        if typing.get_origin(kind) is dict:
            kind = args[1]
        elif typing.get_origin(kind) in (list, tuple):
            kind = args[0]
        else:
            return None
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        models = [a for a in typing.get_args(kind) if a is not type(None)]
        kind = models[0]
    return kind


def _cross_checks(study: Study, folder: Path) -> list[Problem]:
    """References between the files that the models alone cannot see."""
    found: list[Problem] = []
    base = folder.as_posix()

    def refer(word: str, known: list[str], what: str, where: str) -> None:
        if word not in known:
            found.append(
                Problem(
                    f"{what} {word!r} is not known.{did_you_mean(word, known)}",
                    f"{base}/{where}",
                    f"Use one of: {', '.join(known) or '(none declared)'}",
                )
            )

    sources, forms = list(study.forms.sources), list(study.forms.forms)
    visits = [v.avisit for v in study.visits]
    for name, form in study.forms.forms.items():
        refer(form.source, sources, "The source", f"forms.yaml, key forms.{name}.source")
    for code, endpoint in study.endpoints.items():
        refer(endpoint.form, forms, "The form", f"endpoints.yaml, key endpoints.{code}.form")
        if endpoint.instrument == "lab":
            refer(
                endpoint.field or code,
                list(study.laboratory),
                "The laboratory test",
                f"endpoints.yaml, key endpoints.{code}.field",
            )
    for visit in study.efficacy_visits:
        refer(visit, visits, "The visit", "study.yaml, key efficacy_visits")
    if study.assays and study.endpoints:
        refer(study.samples.form, forms, "The form", "assays.yaml, key samples.form")
    for visit in study.samples.visits:
        refer(visit, visits, "The visit", "assays.yaml, key samples.visits")
    found += study_assays.problems(study.assays, f"{base}/assays.yaml")
    if study.analyses.groups:
        found += study_analyses.problems(study.analyses, study, f"{base}/analyses.yaml")
    found += study_endpoints.problems(study, f"{base}/endpoints.yaml")
    found += study_checks.problems(study, f"{base}/study.yaml")
    found += study_checks.rule_problems(study, f"{base}/forms.yaml")
    for key in ("pattern", "site"):
        try:
            re.compile(getattr(study.forms.subject, key) or "")
        except re.error as error:
            found.append(
                Problem(
                    f"The pattern is not a valid regular expression: {error}",
                    f"{base}/forms.yaml, key subject.{key}",
                    "Correct the pattern",
                )
            )
    return found
