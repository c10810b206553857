"""The manuscript as a Word document, to be edited by co-authors: the same text, the same numbers.

The few forms of Typst that the manuscript uses are read here; any other is refused, so that no
sentence is lost between the two versions.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.figures.theme import minus
from sclerotrial.publish.paper import Manuscript, shown
from sclerotrial.publish.picked import CLAIM
from sclerotrial.tables.display import Display
from sclerotrial.tables.render_docx import MADE, WIDE, add_table
from sclerotrial.tables.zips import fixed_zip

#: lines that say how the page looks and hold no text
_LOOK = re.compile(r"#(?:import|show|set|v\(|pagebreak\()")
_CALL = re.compile(r'#(ard|study|declared)\(\s*"([^"]*)"\s*(?:,\s*field\s*:\s*"([^"]*)"\s*)?\)')
_MARK = re.compile(r"@([A-Za-z][\w-]*)")
_BLOCK = re.compile(r'#(fig|tab)\(\s*"([^"]*)"')
_PAIR = re.compile(r'#pair\(\s*"([^"]*)"\s*,\s*"([^"]*)"')
#: names of rows longer than this (letters) leave room upright for so many columns of numbers
LONG, SHORTER = 40, 4
#: a run of text: words, bold, slanted, raised
Run = tuple[str, bool, bool, bool]


def word_paper(manuscript: Manuscript) -> bytes:
    """The manuscript as .docx; the same bytes each time.

    Parameters
    ----------
    manuscript : Manuscript
        As `sclerotrial.publish.paper.prepare` gives it: checked.

    Raises
    ------
    InputErrors
        When the source holds a form that is not known here.
    """
    return _Writer(manuscript).written()


def blocks(text: str) -> Iterator[str]:
    """Paragraphs, headings and calls of a manuscript, each as one line, without the title."""
    waiting: list[str] = []
    closed = ""
    for line in text.splitlines():
        if closed:
            closed = "" if line.rstrip() == "]" else closed
            continue
        bare = line.strip()
        alone = bare.startswith(
            ("=", "#fig(", "#pair(", "#tab(", "#claims-table", "#simulated-", "#bibliog")
        )
        if bare.startswith("#align("):
            closed = "]"
        if not bare or alone or closed or _LOOK.match(bare):
            if waiting:
                yield " ".join(waiting)
            waiting = []
            if alone:
                yield bare
        else:
            waiting.append(bare)
    if waiting:
        yield " ".join(waiting)


class _Writer:
    def __init__(self, manuscript: Manuscript) -> None:
        from docx import Document

        self.paper, self.data = manuscript, manuscript.data
        self.document = Document()
        live = manuscript.text
        self.places: dict[str, str] = {}
        for kind, word in (("fig", "Figure"), ("tab", "Table")):
            for k, name in enumerate(_order(live, kind), start=1):
                self.places[f"{kind}-{name}"] = f"{word} {k}"
        known = _references(manuscript.source.parent)
        cited = [m for m in dict.fromkeys(_MARK.findall(live)) if m in known]
        self.cited = {m: (k, known[m]) for k, m in enumerate(cited, start=1)}
        self.problems: list[Problem] = []

    def written(self) -> bytes:
        """All blocks in order, then the bytes."""
        self._begin()
        for block in blocks(self.paper.text):
            self._block(block)
        raise_if_any(self.problems)
        out = io.BytesIO()
        self.document.save(out)
        return fixed_zip(out.getvalue())

    def _begin(self) -> None:
        title = self.data["study"]["study.title"]
        properties = self.document.core_properties
        properties.created = properties.modified = MADE
        properties.author = properties.last_modified_by = ""
        properties.title, properties.revision = title, 1
        if self.data["simulated"]:
            self.document.sections[0].header.paragraphs[0].add_run("Simulated data")
        self._look()
        self.document.add_heading(title, level=0)
        said = self.data["study"]
        self.document.add_paragraph(self.data["declared"]["authors"]["text"])
        self.document.add_paragraph(f"A {said.get('study.design', '')}")
        self.document.add_paragraph(f"Registration: {said.get('study.registry', '')}")

    def _look(self) -> None:
        """A page of A4 with its number, and captions that stay with what they are of."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt, RGBColor

        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        style = self.document.styles["Caption"]
        style.font.bold, style.font.size, style.font.color.rgb = False, Pt(9), RGBColor(0, 0, 0)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        foot._p.append(field)

    def _block(self, block: str) -> None:
        if not block.startswith("#tab("):
            self._turn(lying=False)
        if block.startswith("="):
            level = len(block) - len(block.lstrip("="))
            self.document.add_heading(block.lstrip("= "), level=level)
        elif block.startswith("#simulated-notice"):
            if self.data["simulated"]:
                said = self.document.add_paragraph()
                said.add_run("SIMULATED DATA. ").bold = True
                said.add_run(self.data["notice"])
        elif block.startswith("#simulated-limitation"):
            if self.data["simulated"]:
                self.document.add_paragraph(self.data["limitation"])
        elif block.startswith("#bibliography"):
            self.document.add_heading("References", level=1)
            for k, text in self.cited.values():
                self.document.add_paragraph(f"{k}. {text}")
        elif block.startswith("#claims-table"):
            self._claims()
        elif hit := _PAIR.match(block):
            for name in hit.groups():
                self._figure(name)
        elif hit := _BLOCK.match(block):
            (self._figure if hit.group(1) == "fig" else self._table)(hit.group(2))
        else:
            paragraph = self.document.add_paragraph()
            for text, bold, slanted, raised in self.runs(block):
                run = paragraph.add_run(text)
                run.bold, run.italic = bold or None, slanted or None
                run.font.superscript = raised or None

    def runs(self, text: str, bold: bool = False, slanted: bool = False) -> Iterator[Run]:
        """Runs of a paragraph; numbers, configuration, references and claims put in."""
        at, plain = 0, ""
        while at < len(text):
            rest = text[at:]
            if hit := CLAIM.match(rest):
                end = _closing(rest, hit.end())
                yield plain, bold, slanted, False
                yield from self.runs(rest[hit.end() : end], bold, slanted)
                if self.data["simulated"]:
                    yield self.data["claims"][hit.group(1)]["mark"], False, False, True
                at, plain = at + end + 1, ""
            elif hit := _CALL.match(rest):
                plain += self._value(*hit.groups())
                at += hit.end()
            elif (hit := _MARK.match(rest)) and self._place(hit.group(1)):
                plain += self._place(hit.group(1))
                at += hit.end()
            elif rest[0] == "*":
                yield plain, bold, slanted, False
                bold, plain, at = not bold, "", at + 1
            elif rest[0] == "_" and (slanted or not text[at - 1 : at].isalnum()):
                yield plain, bold, slanted, False
                slanted, plain, at = not slanted, "", at + 1
            elif rest[0] in "#@":
                self.problems.append(
                    Problem(
                        f"The Word version knows no form {rest[:24]!r}",
                        self.paper.source.name,
                        "Write it with ard, study, claim, fig, tab or a reference",
                    )
                )
                plain, at = plain + rest[0], at + 1
            else:
                plain += "\u00a0" if rest[0] == "~" else rest[0]
                at += 1
        yield plain, bold, slanted, False

    def _value(self, kind: str, key: str, field: str | None) -> str:
        if kind == "study":
            return self.data["study"][key]
        if kind == "declared":
            return self.data["declared"][key]["text"]
        return minus(self.data["numbers"][key][field or "text"])

    def _place(self, name: str) -> str:
        if name in self.cited:
            return f"[{self.cited[name][0]}]"
        return self.places.get(name, "")

    def _caption(self, place: str, text: str, above: bool = False) -> None:
        paragraph = self.document.add_paragraph(style="Caption")
        paragraph.paragraph_format.keep_with_next = above or None
        paragraph.add_run(f"{place}. ").bold = True
        paragraph.add_run(text)

    def _figure(self, name: str) -> None:
        from docx.shared import Mm

        figure = self.data["figures"][name]
        path = self.paper.figures / f"{name}.png"
        if path.is_file():
            width = min(150.0, _millimetres(path))
            self.document.add_picture(str(path), width=Mm(width))
            self.document.paragraphs[-1].paragraph_format.keep_with_next = True
            # what those hear who do not see it
            drawn = self.document.inline_shapes[-1]._inline.docPr
            drawn.set("descr", figure["caption"])
        self._caption(self.places[f"fig-{name}"], figure["caption"])

    def _table(self, name: str) -> None:
        display = self.paper.tables[name]
        long = display.frame["ROW"].str.len().max() > LONG
        self._turn(len(display.columns) > (SHORTER if long else WIDE))
        subtitle = f" {display.subtitle}." if display.subtitle else ""
        self._caption(self.places[f"tab-{name}"], f"{display.title}.{subtitle}", above=True)
        add_table(self.document, display)

    def _claims(self) -> None:
        self._caption(
            self.places["tab-claims"],
            "Statements of the published abstract, held against these results.",
            above=True,
        )
        rows = [
            {"GROUP": "", "ROW": c["text"], "Found here": self._told(c),
             "Verdict": c["verdict"], "Origin": c["origin"]}
            for c in self.data["claims"].values()
        ]  # fmt: skip
        columns = ["GROUP", "ROW", "Found here", "Verdict", "Origin"]
        frame = pd.DataFrame(rows, columns=columns, dtype=str)
        ids = frame.assign(**dict.fromkeys(frame.columns, ""))
        claims = Display("claims", "", "", frame, ids)
        add_table(self.document, claims, head="Statement", shares=(37, 37, 13, 13))

    def _told(self, claim: dict[str, Any]) -> str:
        """A claim as the text tells it; as the list of claims has it where the text does not."""
        text = self.paper.text
        starts = [h.end() for h in CLAIM.finditer(text) if h.group(1) == claim["id"]]
        told = [
            " ".join(text[starts[k] : _closing(text, starts[k])].split()) for k in claim["told"]
        ]
        words = ("".join(run[0] for run in self.runs(one)) for one in told)
        return "; ".join(words) or minus(claim["found"])

    def _turn(self, lying: bool) -> None:
        """A new page where the last one does not lie, or stand, as the next table wants it."""
        from docx.enum.section import WD_ORIENT, WD_SECTION

        old = self.document.sections[-1]
        if lying == (old.orientation == WD_ORIENT.LANDSCAPE):
            return
        new = self.document.add_section(WD_SECTION.NEW_PAGE)
        new.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
        new.page_width, new.page_height = old.page_height, old.page_width


def _order(text: str, kind: str) -> list[str]:
    """Names of figures or tables in the order of the text."""
    if kind == "fig":
        return shown(text)
    pattern = re.compile(r'#tab\(\s*"([^"]*)"|#(claims)-table\(')
    return list(dict.fromkeys(hit.group(1) or hit.group(2) for hit in pattern.finditer(text)))


def _closing(text: str, start: int) -> int:
    """Where the bracket that was opened before ``start`` closes."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        if not depth:
            return at
    return len(text)


def _references(folder: Path) -> dict[str, str]:
    """Entries of the references beside the manuscript, in words."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        for key, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            found[key] = _reference(entry)
    return found


def _reference(entry: dict[str, Any]) -> str:
    authors = [a.replace(",", "").replace(".", "") for a in entry.get("author", [])]
    shown = ", ".join(authors[:6]) + (", et al" if len(authors) > 6 else "")
    parent = entry.get("parent", {})
    where = f"{parent.get('title', '')} {entry.get('date', '')};{parent.get('volume', '')}"
    doi = entry.get("serial-number", {}).get("doi", "")
    said = f"{shown}. {entry.get('title', '')}. {where}:{entry.get('page-range', '')}."
    return said + (f" doi:{doi}." if doi else "")


def _millimetres(path: Path) -> float:
    """Printed width of a PNG, by the pixels of its head and the resolution of all figures."""
    from sclerotrial.figures.theme import DPI

    return int.from_bytes(path.read_bytes()[16:20], "big") / DPI * 25.4
