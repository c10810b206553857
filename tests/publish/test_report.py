"""The report: executed from the notebook, self-contained, the same bytes each time."""

from __future__ import annotations

import json
import os
import re

import pandas as pd
import pytest

from sclerotrial import tables
from sclerotrial.errors import InputErrors
from sclerotrial.publish.notebook import Cell, read_notebook, run_notebook
from sclerotrial.publish.pages import INTAKE, QUERIES, Results, locked
from sclerotrial.publish.report import build_report, render
from sclerotrial.tables.render_html import page
from sclerotrial.tabular import write_csv

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture(scope="module")
def results(made, study, tmp_path_factory):
    """A results folder with a table, a figure and the numbers."""
    folder = tmp_path_factory.mktemp("results")
    write_csv(made.ard(), folder / "ard.csv")
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    shown = page(tables.build("feasibility", made.ard(), study))
    (folder / "tables" / "feasibility.html").write_text(shown, encoding="utf-8")
    (folder / "figures" / "consort.svg").write_bytes(SVG)
    (folder / "figures" / "consort.txt").write_text("Simulated data. The flow <of> 6.\n")
    return folder


def notebook(path, *cells):
    """A notebook of (kind, source) cells, without outputs."""
    made = []
    for k, (kind, source) in enumerate(cells):
        cell = {"id": f"c{k}", "cell_type": kind, "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        made.append(cell)
    book = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


def test_the_page_is_self_contained_and_the_same_each_time(root, results, tmp_path):
    book = notebook(
        tmp_path / "report.ipynb",
        ("code", "from sclerotrial.publish.pages import Results\nresults = Results()"),
        ("code", "results.heading()"),
        ("markdown", "## First part"),
        ("code", "results.simulated()"),
        ("code", 'results.table("feasibility")'),
        ("code", 'results.figure("consort")'),
        ("code", 'results.table("biomarkers")'),
        ("code", 'results.number("efficacy.mrss.imatinib.month6.aval.mean")'),
    )
    text = build_report(book, results, root / "config")
    assert text == build_report(book, results, root / "config")
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert "<link" not in text and text.count("<script>") == 1
    assert "default-src 'none'; img-src data:" in text
    assert "<title>Imatinib in dcSSc: report</title>" in text
    assert '<a class="level2" href="#first-part">First part</a>' in text
    assert 'alt="Simulated data. The flow &lt;of&gt; 6."' in text
    assert 'data-ard="feasibility.screened.count"' in text
    assert ">29.0</span>" in text and "Simulated data. No patient took part" in text
    assert "This study has no table of this name: biomarkers." in text
    assert str(tmp_path) not in text and str(results) not in text


def test_a_failing_cell_is_told_without_a_traceback(root, results, tmp_path):
    book = notebook(
        tmp_path / "broken.ipynb",
        ("code", "from sclerotrial.errors import InputErrors, Problem"),
        ("code", 'raise InputErrors([Problem("A file is missing", "here", "look")])'),
    )
    with pytest.raises(InputErrors) as told:
        build_report(book, results, root / "config")
    assert "broken.ipynb, cell 2" in str(told.value) and "A file is missing" in str(told.value)


def test_a_notebook_with_outputs_is_refused(results, tmp_path):
    book = notebook(tmp_path / "report.ipynb", ("code", "1"))
    content = json.loads(book.read_text())
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "left over"}
    ]
    book.write_text(json.dumps(content))
    with pytest.raises(InputErrors, match="holds outputs"):
        build_report(book, results)


def test_cells_show_what_they_show_in_jupyter(tmp_path, capsys):
    """The value of the last line unless it ends in a semicolon, and what is displayed, in order."""
    book = notebook(
        tmp_path / "book.ipynb",
        ("code", "from IPython.display import HTML\nimport os\nx = 1\nprint('said')"),
        ("markdown", "x"),
        ("code", "display(HTML('<b>x</b>'))\nx + 1"),
        ("code", "x + 1;"),
        ("code", "%matplotlib agg\nos.environ['ASKED']"),
    )
    before = dict(os.environ)
    cells = run_notebook(read_notebook(book), {"ASKED": "told"}, book)
    assert [[o.get("text/html", o["text/plain"]) for o in c.outputs] for c in cells] == [
        [], [], ["<b>x</b>", "2"], [], ["'told'"],
    ]  # fmt: skip
    assert dict(os.environ) == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("source", ["1 +", "raise SystemExit(3)", "undefined"])
def test_no_cell_fails_silently(tmp_path, source, capsys):
    book = notebook(tmp_path / "b.ipynb", ("code", "x = 1"), ("code", source), ("code", "x"))
    with pytest.raises(InputErrors, match="b.ipynb, cell 2"):
        run_notebook(read_notebook(book), {}, book)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("text", ["no json", "[]", '{"nbformat": 3, "worksheets": []}'])
def test_what_is_no_notebook_is_refused(tmp_path, text):
    (tmp_path / "x.ipynb").write_text(text)
    with pytest.raises(InputErrors, match="no notebook of format 4"):
        read_notebook(tmp_path / "x.ipynb")


@pytest.mark.parametrize(
    ("cell", "lacking"),
    [
        ({"cell_type": "code", "metadata": {}}, "source"),
        ({"cell_type": "code", "source": None}, "source"),
        ({"cell_type": "code", "source": ["a", 1]}, "source"),
        ({"source": "x"}, "cell_type"),
        ({"cell_type": "sheet", "source": "x"}, "cell_type"),
        ({"cell_type": "markdown", "source": "x", "metadata": {"tags": None}}, "metadata"),
        ("x", "cell_type"),
    ],
)
def test_a_cell_that_lacks_a_part_is_told_by_its_place(tmp_path, cell, lacking):
    whole = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": []}
    book = {"nbformat": 4, "cells": [whole, cell, whole]}
    (tmp_path / "x.ipynb").write_text(json.dumps(book))
    with pytest.raises(InputErrors) as told:
        read_notebook(tmp_path / "x.ipynb")
    (problem,) = told.value.problems
    assert problem.what == f"A cell of the notebook has no {lacking}"
    assert problem.where.endswith("x.ipynb, cell 2")


@pytest.mark.parametrize(
    "written",
    [
        '<img src="https://example.org/x.png">',
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<a href="https://example.org">b</a>',
        "<style>p { background: url(https://example.org/x) }</style>",
        '<form action="/x"></form>',
        '<img srcset="https://example.org/x.png">',
        '<source srcset="data:image/png;base64,AA== 1x, https://example.org/x.png 2x">',
    ],
)
def test_a_page_that_would_ask_for_or_run_something_is_refused(written):
    for cell in (Cell("markdown", written), Cell("code", "x", outputs=({"text/html": written},))):
        with pytest.raises(ValueError, match="from outside"):
            render([cell])


def test_the_kept_notebooks_hold_no_outputs(root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        book = json.loads(path.read_text(encoding="utf-8"))
        code = [c for c in book["cells"] if c["cell_type"] == "code"]
        assert code and all(not c["outputs"] and c["execution_count"] is None for c in code)


def test_the_report_shows_every_table_and_figure(root):
    from sclerotrial.figures import FIGURES

    text = (root / "notebooks" / "report.ipynb").read_text(encoding="utf-8")
    for name in (*FIGURES, *tables.TABLES):
        assert f'\\"{name}\\"' in text


def test_versions_come_from_the_lock():
    found = locked("pandas==3.1.1 \\\n    --hash=sha256:ab\nGreat-Tables==1.1.0\n# numpy==1\n")
    assert found == {"pandas": "3.1.1", "great-tables": "1.1.0"}


def test_methods_are_written_from_the_configuration(root, study):
    text = Results(config=root / "config").methods()
    assert "400 mg a day for 182 days" in text and "4:1" in text
    assert f"{study.recruitment.planned} patients were planned" in text
    assert "power" not in text.lower() and "no effect" not in text.lower()


def _file(folder, name, rows):
    write_csv(pd.DataFrame(rows, dtype=object).fillna("").astype(str), folder / name)
    return Results(folder)


def test_grave_queries_come_first_and_the_rest_on_request(tmp_path):
    rows = [
        {"USUBJID": "IM01", "FORM": "lab", "FIELD": "unit", "SEVERITY": "info", "MESSAGE": "noted"},
        {"USUBJID": "IM02", "FORM": "lab", "FIELD": "", "SEVERITY": "warning", "MESSAGE": "odd"},
        {"USUBJID": "IM03", "FORM": "haq", "FIELD": "x", "SEVERITY": "error", "MESSAGE": "<bad>"},
    ]
    text = _file(tmp_path, "queries.csv", rows).queries()
    order = [text.index(w) for w in ("&lt;bad&gt;", "odd", "<details>", "noted")]
    assert order == sorted(order)
    assert "For information only: 1<" in text and 'class="error"' in text
    assert "haq: x" in text and "<td>lab</td>" in text
    assert all(f">{QUERIES[c]}</th>" in text for c in ("USUBJID", "MESSAGE"))


def test_raw_files_are_listed_with_the_beginning_of_their_checksum(tmp_path):
    rows = [{"path": "a.csv", "sha256": "0123456789abcdef", "format": "xponent", "version": "4.2",
             "rows": 3, "verdict": "ok"}]  # fmt: skip
    text = _file(tmp_path, "intake.csv", rows).intake()
    assert "<td>0123456789ab…</td>" in text and "<td>xponent 4.2</td>" in text
    assert f">{INTAKE['path']}</th>" in text
