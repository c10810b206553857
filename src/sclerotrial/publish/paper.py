"""The manuscript: Typst source in which every number is an ARD id, compiled to PDF."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.errors import Problem, did_you_mean, raise_if_any
from sclerotrial.publish.declared import DECLARED, declared
from sclerotrial.publish.picked import CLAIM, resolved, told, what
from sclerotrial.publish.typed import typed_numbers
from sclerotrial.tables.display import SIMULATED, Display
from sclerotrial.tables.source import ABSENT, Numbers, as_float, unknown_id
from sclerotrial.tabular import half_up, p_text, records

_ARD = re.compile(r"#?\bard\(\s*\"([^\"]*)\"")
_STUDY = re.compile(r"#?\bstudy\(\s*\"([^\"]*)\"")
_TAB = re.compile(r"#?\btab\(\s*\"([^\"]*)\"")
_FIG = re.compile(r"#?\bfig\(\s*\"([^\"]*)\"")
_PAIR = re.compile(r"#?\bpair\(\s*\"([^\"]*)\"\s*,\s*\"([^\"]*)\"\s*[,)]")
_DECLARED = re.compile(r"#?\bdeclared\(\s*\"([^\"]*)\"")
#: claims that a manuscript leaves out, told in a comment of its own
_LEFT_OUT = re.compile(r"^//\s*not stated:(.*)$", re.MULTILINE)
#: any call whose id is not a literal cannot be checked
_BARE = re.compile(r"#(?:ard|study|declared|tab|fig|pair|claim)\((?!\s*\")")
#: letters behind a statement: what its agreement with the published abstract is worth
MARKS = {"calibrated": "c", "emergent": "e", "not testable": "n"}
NOTICE = (
    "No patient took part in what is reported here. The raw exports were generated to try out the"
    " pipeline; the published trial is real, its data are not public. Letters behind a statement"
    " say what its agreement with the published abstract is worth: c, calibrated (planted in the"
    " simulated data, so that it tests the pipeline only); e, emergent (not planted); n, not"
    " testable."
)
LIMITATION = (
    "The data are simulated. Many of their features were calibrated to the published abstract, so"
    " that agreement with it tests the pipeline and is no evidence on the drug; individual courses,"
    " the names of the biomarkers and all numbers that the abstract does not give are inventions."
)


def used_ids(source: str) -> list[str]:
    """ARD ids of a manuscript, each once, in order."""
    return list(dict.fromkeys(_ARD.findall(_live(source))))


def shown(text: str) -> list[str]:
    """Figures that a text shows, alone or side by side, each once, in order."""
    hits = [(hit.start(), hit.groups()) for p in (_FIG, _PAIR) for hit in p.finditer(text)]
    return list(dict.fromkeys(name for _, names in sorted(hits) for name in names))


def check(source: str, name: str, numbers: Numbers, known: Mapping[str, Any]) -> None:
    """Refuse a manuscript with unknown numbers, tables or figures, or with numbers typed by hand.

    Parameters
    ----------
    source : str
        Typst text.
    name : str
        File name for the messages.
    numbers : Numbers
        The ARD.
    known : mapping
        ``tables`` and ``figures``: names that exist; ``study``: a function from a dotted key to
        its text, which raises ``KeyError``; ``claims``: verdict by id.

    Raises
    ------
    InputErrors
        All of them at once, with the line.
    """
    live = _live(source)
    names = {"table": known["tables"], "figure": known["figures"]}
    problems = [
        unknown_id(i, numbers.ids, where)
        for where, i in _places(_ARD, live, name)
        if i not in numbers
    ]
    problems += [
        Problem(f"There is no {kind} {found!r}", where, f"Use one of: {', '.join(names[kind])}")
        for kind, pattern in (("table", _TAB), ("figure", _FIG), ("figure", _PAIR))
        for where, *wanted in _places(pattern, live, name)
        for found in wanted
        if found not in names[kind]
    ]
    for where, key in _places(_STUDY, live, name):
        try:
            known["study"](key)
        except KeyError:
            todo = "See config/README.md for the keys"
            problems.append(Problem(f"The configuration has no key {key!r}", where, todo))
    problems += [
        Problem(f"The paper declares no {key!r}", where, f"Use one of: {', '.join(DECLARED)}")
        for where, key in _places(_DECLARED, live, name)
        if key not in DECLARED
    ]
    problems += [
        Problem(
            "A number is called by something else than its written ID",
            where,
            'Write the ID in quotes: #ard("ID")',
        )
        for where, *_ in _places(_BARE, live, name)
    ]
    problems += _claimed(live, name, known.get("claims", {}))
    problems += unguarded(source, name, known.get("claims", {}))
    raise_if_any([*problems, *typed_numbers(source, name)])


def _places(pattern: re.Pattern, text: str, name: str) -> Iterator[tuple[str, ...]]:
    """Where a pattern is found, in words, and its groups: a call may go over several lines."""
    for hit in pattern.finditer(text):
        yield (f"{name}, line {text.count(chr(10), 0, hit.start()) + 1}", *hit.groups())


def unguarded(source: str, name: str, claims: Iterable[str]) -> list[Problem]:
    """Claims that no sentence is bound to, and that are not told to be left out either.

    Parameters
    ----------
    source : str
        Typst text; ``// not stated: id, id`` names the claims that it leaves out.
    name : str
        File name for the messages.
    claims : iterable of str
        Ids of all claims.
    """
    stated = {hit.group(1) for hit in CLAIM.finditer(_live(source))}
    left_out = {i.strip() for line in _LEFT_OUT.findall(source) for i in line.split(",")}
    return [
        Problem(
            f"No sentence is bound to the claim {id_!r}",
            name,
            f'Write #claim("{id_}", "its verdict")[the words that state it],'
            f" or name it in a line: // not stated: {id_}",
        )
        for id_ in claims
        if id_ not in stated | left_out
    ]


def _claimed(text: str, name: str, verdicts: Mapping[str, str]) -> list[Problem]:
    """Statements that are not in the list of claims, or have another verdict there."""
    problems = []
    for where, id_, written in _places(CLAIM, text, name):
        if id_ not in verdicts:
            problems.append(
                Problem(
                    f"There is no claim {id_!r}.{did_you_mean(id_, verdicts)}",
                    where,
                    "Use an id of config/claims.yaml",
                )
            )
        elif verdicts[id_] != written:
            problems.append(
                Problem(
                    f"The verdict of the claim {id_!r} is {verdicts[id_]!r} now, not {written!r}",
                    where,
                    "Read results/claims.csv, and mend the sentence and its verdict",
                )
            )
    return problems


@dataclass(frozen=True)
class Manuscript:
    """A checked manuscript with all that it shows.

    Attributes
    ----------
    source : Path
        The Typst file; its template and references stand beside it.
    text : str
        Without comments, an ID with a star put in full.
    data : dict
        What ``data.json`` holds: numbers, configuration, tables, figures, claims.
    tables : mapping
        Displays of the tables used.
    figures : Path
        Folder of the figures.
    """

    source: Path
    text: str
    data: dict[str, Any]
    tables: Mapping[str, Display]
    figures: Path


def prepare(
    source: str | Path,
    ard: pd.DataFrame,
    study: Any,
    tables: Mapping[str, Display],
    figures: str | Path,
    claims: pd.DataFrame | None = None,
) -> Manuscript:
    """Read and check a manuscript, and gather what it shows.

    Parameters
    ----------
    source : path
        ``paper/paper.typ``; ``template.typ`` stands beside it.
    ard : DataFrame
    study : Study
        All sections.
    tables : mapping
        Displays by name, as `sclerotrial.tables.build_all` gives them.
    figures : path
        ``results/figures`` with an SVG (or PNG) and a caption (``.txt``) of each figure used.
    claims : DataFrame of str, optional
        ``results/claims.csv``.

    Raises
    ------
    InputErrors
        See `check`.
    """
    source, figures = Path(source), Path(figures)
    numbers = Numbers(ard)
    text = resolved(source.read_text(encoding="utf-8"), numbers)
    shapes = _figures(figures)
    stated = [] if claims is None else records(claims)
    verdicts = {c["ID"]: c["VERDICT"] for c in stated}
    names = {"tables": list(tables), "figures": list(shapes), "study": _lookup(study)}
    check(text, source.name, numbers, {**names, "claims": verdicts})
    live = _live(text)
    used, places = shown(live), told(live)
    data = {
        "simulated": study.study.simulated,
        "notice": NOTICE,
        "limitation": LIMITATION,
        "declared": declared(study),
        "numbers": {i: _number(numbers, i) for i in used_ids(text)},
        "study": _entries(text, study),
        "tables": {name: _table(tables[name]) for name in _TAB.findall(live)},
        "figures": {name: _figure(shapes, figures, name) for name in used},
        "claims": {
            c["ID"]: {"place": k, "mark": MARKS.get(c["ORIGIN"], ""), "origin": c["ORIGIN"],
                      "verdict": c["VERDICT"], "text": c["TEXT"], "found": c["FOUND"],
                      "id": c["ID"], "told": places.get(c["ID"], [])}
            for k, c in enumerate(stated)
        },
    }  # fmt: skip
    return Manuscript(source, live, data, tables, figures)


def compile_paper(manuscript: Manuscript) -> bytes:
    """The manuscript as PDF.

    Parameters
    ----------
    manuscript : Manuscript
        As `prepare` gives it.

    Returns
    -------
    bytes
        PDF without dates; fonts are those inside the compiler, so that the same source gives the
        same bytes on every machine.

    Raises
    ------
    InputErrors
        When the Typst source does not compile.
    """
    import typst

    source, data = manuscript.source, manuscript.data
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in sorted(source.parent.glob("*.typ")):
            shutil.copyfile(path, root / path.name)
        for path in sorted([*source.parent.glob("*.yml"), *source.parent.glob("*.bib")]):
            shutil.copyfile(path, root / path.name)
        for figure in data["figures"].values():
            for file in {figure["file"], figure["column"]}:
                shutil.copyfile(manuscript.figures / file, root / file)
        (root / source.name).write_text(manuscript.text, encoding="utf-8")
        (root / "data.json").write_text(json.dumps(data, sort_keys=True), encoding="utf-8")
        try:
            return typst.compile(
                root / source.name,
                root=root,
                ignore_system_fonts=True,
                format="pdf",
                timestamp=0,
            )
        except typst.TypstError as error:
            raise_if_any(
                [
                    Problem(
                        f"The manuscript does not compile: {error.message}",
                        source.name,
                        "; ".join(error.hints) or "Mend the Typst source",
                    )
                ]
            )
    raise AssertionError("not reached")


def _live(source: str) -> str:
    """The source without comments; lines stay where they are."""
    return re.sub(r"(?<!:)//.*$", "", source, flags=re.MULTILINE)


def _number(numbers: Numbers, id_: str) -> dict[str, str]:
    entry = {"text": numbers.text(id_), "what": what(numbers, id_)}
    entry |= {c.lower(): numbers.cell(id_, c) for c in ("LABEL", "UNIT", "N", "METHOD", "NOTE")}
    for column in ("P_ATTAINABLE", "P_DESIGN", "P_ADJ"):
        entry[column.lower()] = p_text(as_float(numbers.cell(id_, column))) or ABSENT
    for column in ("CONF_LEVEL", "CONF_ACHIEVED"):
        entry[column.lower()] = half_up(100 * as_float(numbers.cell(id_, column)), 1) or ABSENT
    return entry


def _lookup(study: Any):
    def find(key: str) -> str:
        value: Any = study
        for part in key.split("."):
            if isinstance(value, Mapping):
                value = value[part]
            elif value is not study and part not in getattr(type(value), "model_fields", ()):
                raise KeyError(key)
            else:
                try:
                    value = getattr(value, part)
                except AttributeError:
                    raise KeyError(key) from None
        if isinstance(value, (list, dict)) or hasattr(value, "model_fields"):
            raise KeyError(key)
        if isinstance(value, float) and value == int(value):
            value = int(value)
        return "" if value is None else str(value)

    return find


def _entries(text: str, study: Any) -> dict[str, str]:
    find = _lookup(study)
    keys = dict.fromkeys(["study.title", *_STUDY.findall(_live(text))])
    return {key: find(key) for key in keys}


def _table(display: Display) -> dict[str, Any]:
    """A table as plain data: a row of one cell is the heading of a block."""
    rows: list[list[str]] = []
    group = ""
    for _, row in display.frame.iterrows():
        if row["GROUP"] != group:
            group = row["GROUP"]
            rows.append([group])
        rows.append([row["ROW"], *(row[c] for c in display.columns)])
    notes = ([SIMULATED] if display.simulated else []) + list(display.notes)
    return {
        "title": f"{display.title}.",
        "subtitle": f"{display.subtitle}." if display.subtitle else "",
        "columns": display.columns,
        "rows": rows,
        "notes": notes,
    }


def _figures(folder: Path) -> dict[str, str]:
    """File of each figure, the SVG before the PNG."""
    found: dict[str, str] = {}
    for kind in ("png", "svg"):
        for path in sorted(folder.glob(f"*.{kind}")):
            found[path.stem] = path.name
    return dict(sorted(found.items()))


def _figure(shapes: Mapping[str, str], folder: Path, name: str) -> dict[str, str]:
    """Files of a figure for a page and for one column, and its caption."""
    column = shapes.get(f"{name}_column", shapes[name])
    return {"file": shapes[name], "column": column, "caption": _said(folder, name)}


def _said(folder: Path, name: str) -> str:
    path = folder / f"{name}.txt"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
