"""secuTrial exports for SAS: records of fixed width, and a program that tells where fields are."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sclerotrial.read.text import Text, decode

_STEP = re.compile(r"(?ims)^data\s+(\w+)\s*\(.*?\)\s*;(.*?)^run;")
_INFILE = re.compile(r"(?is)\binfile\s+'([^']+)'")
_INPUT = re.compile(r"(?is)\binput\b(.*?);")
_FIELD = re.compile(r"@(\d+)\s+(\w+)|(\w+)\s+(\$?)\s*(\d+)-(\d+)")
_FORMAT = re.compile(r"(?im)^\s*(?:attrib\s+)?(\w+)\s+label='(?:[^']|'')*'.*?\bformat=\$?(\w+)\.")
_VALUES = re.compile(r"(?ims)^value\s+\$?(\w+)\s*(.*?)^;")
_CODE = re.compile(r"(?m)^\s*'?([^'=\n]+?)'?\s*=\s*'((?:[^']|'')*)'")
_ZEROS = re.compile(r"^(-?)0+(?=\d)")


@dataclass
class _Step:
    """A data step: (field, first column, column behind the last, number) and formats of fields."""

    file: str
    fields: list[tuple[str, int, int | None, bool]] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)


def is_sas(files: dict[str, bytes]) -> bool:
    """Whether an export holds records of fixed width and the program that reads them."""
    suffixes = {PurePosixPath(n).suffix.lower() for n in files}
    return {".sas", ".dat"} <= suffixes


def tables(files: dict[str, bytes], shown: str) -> dict[str, Text]:
    """Tables as delimited texts by the name of their member, each with a line of names before it.

    A list of codes is made of the formats, as other exports hold one ('cl'). Numbers lose the
    zeros that fill them up; dates stay as they are written.
    """
    programs = [
        decode(content, f"{shown}/{name}").text.replace("\r\n", "\n")
        for name, content in files.items()
        if name.lower().endswith(".sas") and content.strip()
    ]
    steps = [step for text in programs for step in _steps(text)]
    labels = {n.lower(): _codes(body) for text in programs for n, body in _VALUES.findall(text)}
    found: dict[str, Text] = {}
    codes: list[tuple[str, ...]] = [("column", "code", "value")]
    for step in steps:
        member = next((n for n in files if n.endswith(step.file)), "")
        if not member or not files[member].strip():
            continue
        table = PurePosixPath(member).stem
        decoded = decode(files[member], f"{shown}/{member}")
        rows = [_cut(line, step) for line in decoded.text.splitlines() if line.strip()]
        found[member] = Text(_written([[f[0] for f in step.fields], *rows]), decoded.encoding)
        for name, form in step.formats.items():
            known = labels.get(form.lower(), {})
            codes += [(f"{table}.{name}", code, label) for code, label in known.items()]
    if len(codes) > 1:
        found["cl.dat"] = Text(_written(codes), "UTF-8")
    return found


def _steps(program: str) -> list[_Step]:
    found = []
    for _, body in _STEP.findall(program):
        file, fields = _INFILE.search(body), _INPUT.search(body)
        if not file or not fields:
            continue
        step = _Step(file[1], formats=dict(_FORMAT.findall(body)))
        places = [
            (h[2], int(h[1]) - 1, None, False) if h[1]
            else (h[3], int(h[5]) - 1, int(h[6]), not h[4])
            for h in _FIELD.finditer(fields[1])
        ]  # fmt: skip
        for i, (name, start, end, number) in enumerate(places):
            behind = places[i + 1][1] - 1 if i + 1 < len(places) else None
            step.fields.append((name, start, end or behind, number))
        found.append(step)
    return found


def _cut(line: str, step: _Step) -> list[str]:
    cells = []
    for _, start, end, number in step.fields:
        cell = line[start:end].strip()
        cells.append(("" if cell == "." else _ZEROS.sub(r"\1", cell)) if number else cell)
    return cells


def _codes(body: str) -> dict[str, str]:
    return {code.strip(): label.replace("''", "'") for code, label in _CODE.findall(body)}


def _written(rows: list) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()
