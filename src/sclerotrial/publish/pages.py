"""What the notebooks show: readers of a results folder. Nothing is computed here.

A notebook opens ``Results()`` and shows tables, figures and listings by name; in Jupyter each
renders itself, and `sclerotrial.publish.report` puts the same pieces into the report. What only an
exploration asks for is in `sclerotrial.publish.explore`.
"""

from __future__ import annotations

import base64
import fnmatch
import html
import json
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd

from sclerotrial.environment import locked
from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.publish.drawing import light
from sclerotrial.publish.listing import listing
from sclerotrial.publish.simulated import appendix
from sclerotrial.tables.render_html import fragment
from sclerotrial.tables.source import Numbers
from sclerotrial.tabular import read_csv

#: the folder that an executed notebook reads
FOLDER = "SCLEROTRIAL_RESULTS"
CONFIG = "SCLEROTRIAL_CONFIG"
LOCK = "SCLEROTRIAL_LOCK"
#: the simulation study that is kept, and whether ("True") other code made it
SIMULATION, STALE = "SCLEROTRIAL_SIMULATION", "SCLEROTRIAL_SIMULATION_STALE"
#: what a reader sees of three listings: column of the file -> heading in words
CLAIMS = {
    "TEXT": "Statement of the abstract",
    "EXPECTED": "Stated",
    "FOUND": "Found",
    "VERDICT": "Verdict",
    "ORIGIN": "Origin",
    "ID": "Claim",
}
INTAKE = {
    "path": "File",
    "format": "Format",
    "rows": "Rows",
    "subjects": "Subjects",
    "matched": "Samples matched",
    "unmatched": "Samples unmatched",
    "verdict": "Verdict",
    "sha256": "SHA-256",
}
QUERIES = {
    "USUBJID": "Patient",
    "VISIT": "Visit",
    "WHERE": "Form: field",
    "SEVERITY": "Severity",
    "RAW": "As written",
    "ACTION": "Action",
    "VALUE": "As used",
    "MESSAGE": "What was found",
    "STATUS": "Status",
    "QUERYID": "Query",
}
NUMBERS = {
    "ID": "ID",
    "TEXT": "Number",
    "UNIT": "Unit",
    "N": "Patients",
    "LABEL": "What it is",
    "NOTE": "Note",
}
#: a figure narrower than this is one of a column
COLUMN_POINTS = 300
#: where a figure that has a layout for one column is shown in it: a phone
NARROW = "(max-width: 40rem)"
MIME = {".svg": "image/svg+xml", ".png": "image/png"}
#: packages whose versions bear on the results
PACKAGES = (
    "snakemake",
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "pingouin",
    "plotnine",
    "matplotlib",
    "great-tables",
    "python-docx",
    "typst",
    "pyarrow",
    "pyreadstat",
)


class Shown(str):
    """A piece of HTML that a notebook shows as such."""

    def _repr_html_(self) -> str:
        return str(self)


class Results:
    """The results of one run.

    Parameters
    ----------
    folder : path, optional
        The results folder; the environment variable `FOLDER` when not given, else ``results``.
    config : path, optional
        The folder of the trial's configuration; `CONFIG`, else ``config``.
    lock : path, optional
        The locked environment; `LOCK`, else ``requirements.lock``.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        config: str | Path | None = None,
        lock: str | Path | None = None,
    ) -> None:
        self.folder = Path(folder or os.environ.get(FOLDER) or "results")
        self.config = Path(config or os.environ.get(CONFIG) or "config")
        self.lock = Path(lock or os.environ.get(LOCK) or "requirements.lock")
        self._numbers: Numbers | None = None
        self._study: Any = None

    @property
    def study(self) -> Any:
        """The trial's configuration."""
        if self._study is None:
            from sclerotrial.study import load

            self._study = load(self.config)
        return self._study

    @property
    def numbers(self) -> Numbers:
        """The analysis results dataset."""
        if self._numbers is None:
            self._numbers = Numbers(self.read("ard.csv"))
        return self._numbers

    def read(self, name: str) -> pd.DataFrame:
        """A table of the results, every cell text."""
        return read_csv(self._there(name))

    def has(self, name: str) -> bool:
        """Whether the results hold this file."""
        return (self.folder / name).is_file()

    def number(self, id_: str) -> Shown:
        """A number as printed, with its ID as a tooltip."""
        shown = html.escape(self.numbers.text(id_))
        return Shown(
            f'<span data-ard="{html.escape(id_)}" title="{html.escape(id_)}">{shown}</span>'
        )

    def passage(self, name: str) -> Shown:
        """A passage of the report that only some trials have; see `publish.passages`."""
        import mistune

        from sclerotrial.publish.passages import passage

        return Shown(mistune.create_markdown(escape=True)(passage(name, self.study)))

    def table(self, name: str, rare: bool = False) -> Shown:
        """A table made by `sclerotrial.tables`, or a word that this study has none of that name.

        Nothing is said of a ``rare`` one, which few studies have.
        """
        if not self.has(f"tables/{name}.html"):
            return Shown("") if rare else _not_made("table", name)
        page = self._there(f"tables/{name}.html").read_text(encoding="utf-8")
        return Shown(f'<div class="wide">{fragment(page)}</div>')

    def figure(self, name: str, table: str = "", numbers: str = "", rare: bool = False) -> Shown:
        """A figure made by `sclerotrial.figures`, with its caption as text for those who listen.

        Parameters
        ----------
        name : str
        table : str
            A table that is folded behind it.
        numbers : str
            A pattern of ARD ids (``*`` stands for anything, blanks separate): those numbers are
            folded behind it.
        rare : bool
            A figure that few studies have: where there is none, nothing is said.
        """
        kind = next((k for k in MIME if self.has(f"figures/{name}{k}")), "")
        if not kind:
            return Shown("") if rare else _not_made("figure", name)
        content, data = self._encoded(f"{name}{kind}")
        said = self._there(f"figures/{name}.txt").read_text(encoding="utf-8").strip()
        text = html.escape(said)
        shape = f' class="{_shape(content)}"' if _shape(content) else ""
        picture = f'<img alt="{text}" decoding="async" src="{data}">'
        if self.has(f"figures/{name}_column{kind}"):
            _, narrow = self._encoded(f"{name}_column{kind}")
            picture = f'<picture><source media="{NARROW}" srcset="{narrow}">{picture}</picture>'
        shown = (
            f'<figure id="figure-{name.replace("_", "-")}"{shape}>'
            f'<div class="wide">{picture}</div>'
            f"<figcaption>{self._caption(name, said)}</figcaption></figure>"
        )
        if table:
            shown += _folded("The table of this figure", self.table(table))
        if numbers:
            shown += _folded("The numbers of this figure", self.among(numbers))
        return Shown(shown)

    def _encoded(self, file: str) -> tuple[bytes, str]:
        """A figure's file, and the same as an address that holds it."""
        content = self._there(f"figures/{file}").read_bytes()
        kind = Path(file).suffix
        data = base64.b64encode(light(content) if kind == ".svg" else content).decode("ascii")
        return content, f"data:{MIME[kind]};base64,{data}"

    def _caption(self, name: str, said: str) -> str:
        """A caption whose numbers lead to where they come from."""
        if not self.has(f"figures/{name}.json"):
            return html.escape(said)
        pieces = json.loads(self._there(f"figures/{name}.json").read_text(encoding="utf-8"))
        return "".join(
            f'<span data-ard="{html.escape(ids)}">{html.escape(text)}</span>'
            if ids
            else html.escape(text)
            for text, ids in pieces
        )

    def among(self, pattern: str) -> Shown:
        """Numbers whose ID fits a pattern, as a listing with the way back of each."""
        ard = self.numbers.frame
        fits = re.compile("|".join(fnmatch.translate(p) for p in pattern.split()))
        rows = ard[[bool(fits.match(i)) for i in ard["ID"]]]
        return Shown(listing(named(rows, NUMBERS), link="ID", name=f"Numbers {pattern}"))

    def all_numbers(self) -> Shown:
        """Every number of the ARD, listed by the page's script when its fold is opened."""
        head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in NUMBERS.values())
        return Shown(
            f'<details id="all-numbers"><summary>All {len(self.numbers.ids)} numbers</summary>'
            '<div class="numbers"><div class="wide" role="region" aria-label="All numbers"'
            ' tabindex="0"><table class="listing"><caption class="unseen">All numbers</caption>'
            f"<thead><tr>{head}</tr></thead><tbody></tbody></table></div></div></details>"
        )

    def listing(
        self, name: str, columns: list[str] | None = None, most: int | None = None
    ) -> Shown:
        """A table of the results as it stands, with chosen columns and at most so many rows."""
        frame = self.read(name)
        keep = [c for c in (columns or frame.columns) if c in frame.columns]
        rest = len(frame) - most if most is not None and len(frame) > most else 0
        shown = listing(frame[keep].head(most) if most is not None else frame[keep])
        if rest:
            shown += f'<p class="note">{rest} further rows in {html.escape(name)}.</p>'
        return Shown(shown)

    def claims(self) -> Shown:
        """Statements of the abstract with verdicts; what was found leads to its numbers."""
        frame = self.read("claims.csv")
        if frame.empty:
            return Shown("")
        ids = {claim.id: self._behind(claim) for claim in self.study.claims}
        behind = {CLAIMS["FOUND"]: [ids.get(i, "") for i in frame["ID"]]}
        shown = named(frame, CLAIMS)
        return Shown(listing(shown, mark="Verdict", name="Claims", behind=behind))

    def _behind(self, claim: Any) -> str:
        """ARD ids that a claim is held against, separated by blanks."""
        tests, spans = (
            [given] if isinstance(given, str) else given for given in (claim.test, claim.interval)
        )
        asked = [*claim.ard, *tests, *(f"{span}.*" for span in spans)]
        found = [i for pattern in asked if pattern for i in self._fitting(pattern)]
        return " ".join(dict.fromkeys(found))

    def _fitting(self, pattern: str) -> list[str]:
        """ARD ids that a pattern names."""
        if not set("*?[") & set(pattern):
            return [pattern] if pattern in self.numbers else []
        fit = re.compile(fnmatch.translate(pattern))
        return [i for i in self.numbers.ids if fit.match(i)]

    def intake(self) -> Shown:
        """The raw files with what was recognised and matched; checksums by their beginning."""
        frame = self.read("intake.csv")
        frame["format"] = [f"{f} {v}".strip() for f, v in _pairs(frame, "format", "version")]
        shown = named(frame, INTAKE)
        if "SHA-256" in shown:
            shown["SHA-256"] = [f"{s[:12]}…" if s else "" for s in shown["SHA-256"]]
        return Shown(listing(shown, mark="Verdict", name="Raw files"))

    def queries(self) -> Shown:
        """Queries: errors and warnings at once, what was only noted on request."""
        frame = self.read("queries.csv")
        rank = frame["SEVERITY"].map({"error": 0, "warning": 1}).fillna(2)
        frame = frame.assign(RANK=rank).sort_values("RANK", kind="stable")
        frame["WHERE"] = [f"{a}: {b}" if b else a for a, b in _pairs(frame, "FORM", "FIELD")]
        grave, rest = frame[frame["RANK"] < 2], frame[frame["RANK"] == 2]
        said = listing(named(grave, QUERIES), mark="Severity", name="Queries") if len(grave) else ""
        if len(rest):
            said += (
                f"<details><summary>For information only: {len(rest)}</summary>"
                f"{listing(named(rest, QUERIES), name='Queries for information')}</details>"
            )
        return Shown(said or '<p class="note">There are no queries.</p>')

    def heading(self) -> Shown:
        """The title of the trial as the page's main heading."""
        about = self.study.study
        return Shown(f"<h1>{html.escape(about.short_title or about.title)}: report</h1>")

    def simulated(self) -> Shown:
        """The banner of simulated data ('' for real data)."""
        if not self.study.study.simulated:
            return Shown("")
        calibrated = (
            ", calibrated to the published abstract where the list of claims says so"
            if self.study.claims
            else ""
        )
        return Shown(
            '<p class="banner">Simulated data. No patient took part in what is shown on this page:'
            f" the pipeline made the raw exports itself{calibrated}.</p>"
        )

    def methods(self) -> Shown:
        """The conventions of the analysis, in words, from the configuration."""
        from sclerotrial.publish.methods import methods

        said = "".join(f"<p>{html.escape(p)}</p>" for p in methods(self.study))
        return Shown(said)

    def simulation(self) -> Shown:
        """What a simulation study found of the tests and intervals, and whether it is stale."""
        return Shown(appendix(os.environ.get(SIMULATION), stale=os.environ.get(STALE) == "True"))

    def software(self) -> Shown:
        """Versions of the packages, from the lock file and not from this machine."""
        raise_if_any(_missing([self.lock], "Run the workflow from the project's folder"))
        found = locked(self.lock.read_text(encoding="utf-8"))
        rows = [(name, found[name]) for name in PACKAGES if name in found]
        return Shown(listing(pd.DataFrame(rows, columns=["Package", "Version"]), name="Software"))

    def _there(self, name: str) -> Path:
        path = self.folder / name
        raise_if_any(_missing([path], "Run the pipeline first: make results"))
        return path


def named(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The columns that a reader sees, those that there are, under headings in words."""
    return frame[[c for c in columns if c in frame]].rename(columns=columns)


def _pairs(frame: pd.DataFrame, first: str, second: str) -> list[tuple[str, str]]:
    return list(zip(frame[first], frame[second], strict=True))


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{html.escape(title)}</summary>{content}</details>"


def _shape(content: bytes) -> str:
    """'column' for a figure of one column's width (an SVG says it in points), else ''."""
    width = re.search(rb'<svg\b[^>]*?\bwidth="([0-9.]+)pt"', content[:2000])
    return "column" if width and float(width.group(1)) < COLUMN_POINTS else ""


def _not_made(kind: str, name: str) -> Shown:
    words = html.escape(name.replace("_", " "))
    return Shown(f'<p class="note">This study has no {kind} of this name: {words}.</p>')


def _missing(paths: list[Path], todo: str) -> list[Problem]:
    return [Problem("A file is missing", p.as_posix(), todo) for p in paths if not p.is_file()]
