"""The impact of a swap as one self-contained page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import pandas as pd

from sclerotrial.publish.impact import Impact
from sclerotrial.tables.display import SIMULATED

_STYLE = (
    "body{font:15px/1.5 'DejaVu Sans',Verdana,sans-serif;margin:2rem auto;max-width:64rem;"
    "padding:0 1rem;color:#1a1a1a}h2{margin-top:2rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px}"
    "th,td{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #d9d9d9;vertical-align:top}"
    "td.n{white-space:nowrap;font-variant-numeric:tabular-nums}"
    "small{display:block;color:#595959;font-size:11px;overflow-wrap:anywhere}"
    "summary{cursor:pointer;padding:.35rem 0}details{border-bottom:1px solid #d9d9d9}"
    "@media(max-width:40rem){body{margin:1rem auto}thead{display:none}"
    "tr{display:block;border-bottom:1px solid #d9d9d9;padding:.4rem 0}"
    "td{display:block;border:0;padding:.1rem 0}td:empty{display:none}td.n{white-space:normal}"
    "td:not(:first-child)::before{content:attr(data-of) ': ';color:#595959}}"
)


def page(found: Impact, simulated: bool, against: str = "the former results") -> str:
    """The comparison as one self-contained page: conclusions first, every number by its marker.

    Parameters
    ----------
    found : Impact
    simulated : bool
        Every page that shows simulated data says so.
    against : str
        What the results are compared with, in words.
    """
    say = html.escape
    if not found.former:
        body = f"<p>There are no former results to compare with ({say(against)}).</p>"
    elif found.nothing:
        body = f"<p>Nothing differs from {say(against)}: {found.compared} numbers print alike.</p>"
    else:
        body = (
            _summary(found, say(against))
            + _section("Conclusions that flipped", len(found.flips), _flips(found.flips))
            + _section("Statements of the abstract", len(found.claims), _claims(found.claims))
            + _section("Files in and out", len(found.files), _files(found.files))
            + _section("Samples gained and lost", len(found.samples), _samples(found.samples))
            + _section("Numbers that moved beyond their printed precision", len(found.numbers),
                       _numbers(found.numbers))
        )  # fmt: skip
    notice = f"<p><strong>{SIMULATED}</strong></p>\n" if simulated else ""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>Impact of the swap</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>What changed</h1>\n{notice}{body}\n</body></html>\n"
    )


def _summary(found: Impact, against: str) -> str:
    kinds = found.numbers["CHANGE"].value_counts()
    moved, new, gone = (int(kinds.get(k, 0)) for k in ("moved", "new", "gone"))
    flipped = len(found.flips)
    return (
        f"<p>Compared with {against}. Of {found.compared} numbers that both have, {moved} print "
        f"differently; new: {new}, gone: {gone}. "
        f"{flipped} {'conclusion' if flipped == 1 else 'conclusions'} flipped.</p>"
    )


def _section(title: str, count: int, shown: str) -> str:
    title = html.escape(title)
    if not count:
        return f"<h2>{title}</h2><p>None.</p>\n"
    return f"<h2>{title} ({count})</h2>\n{shown}\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells as `_cell` and `_number` make them."""
    head = "".join(f"<th>{html.escape(h)}</th>" for h in heads)
    # a narrow screen shows each row as a block of cells with their names
    names = [f"<td data-of='{html.escape(h)}'" for h in heads]
    body = "\n".join(
        "<tr>" + "".join(f"{n}{c}</td>" for n, c in zip(names, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
        "</table></div>"
    )


def _cell(text: str, below: str = "") -> str:
    small = f"<small>{html.escape(below)}</small>" if below else ""
    return f">{html.escape(text)}{small}"


def _number(text: str, unit: str = "") -> str:
    return f" class='n'>{html.escape(f'{text} {unit}'.strip())}"


def _flips(table: pd.DataFrame) -> str:
    rows = (
        (_cell(r.LABEL, r.ID), _cell(r.WHAT), _number(r.OLD), _number(r.NEW))
        for r in table.itertuples()
    )
    return _table(["What it is", "What flipped", "Before", "Now"], rows)


def _claims(table: pd.DataFrame) -> str:
    rows = (
        (_cell(r.TEXT, r.ID), _cell(_verdict(r.VERDICT_OLD, r.VERDICT)), _cell(r.FOUND_OLD),
         _cell(r.FOUND))
        for r in table.itertuples()
    )  # fmt: skip
    return _table(["Statement", "Verdict", "Before", "Now"], rows)


def _verdict(old: str, new: str) -> str:
    """Both verdicts, or the only one with the word that tells which run has it."""
    if old and new:
        return _pair(old, new)
    return f"new: {new}" if new else f"gone: {old}"


def _files(table: pd.DataFrame) -> str:
    word = {"in": "new", "out": "gone", "content": "other content"}
    rows = (
        (_cell(r.FILE), _cell(word[r.CHANGE]), _cell(_pair(r.FORMAT_OLD, r.FORMAT_NEW)),
         _number(_pair(r.ROWS_OLD, r.ROWS_NEW)), _number(_pair(r.MATCHED_OLD, r.MATCHED_NEW)))
        for r in table.itertuples()
    )  # fmt: skip
    return _table(["File", "Change", "Taken for", "Rows", "Samples matched"], rows)


def _pair(old: str, new: str) -> str:
    """One word where both are alike or one is absent, else both."""
    return old or new if old == new or not (old and new) else f"{old} \u2192 {new}"


def by_fate(samples: pd.DataFrame) -> pd.DataFrame:
    """One row for all samples that gained or lost the same markers at the same visits.

    Returns
    -------
    DataFrame
        Columns of `impact.SAMPLES`; USUBJID and AVISIT are lists with commas.
    """
    key = ["CHANGE", "ASSAY", "MARKERS", "PARAMS"]
    visits = samples.groupby([*key, "USUBJID"], sort=False)["AVISIT"].agg(", ".join).reset_index()
    alike = visits.groupby([*key, "AVISIT"], sort=False)["USUBJID"].agg(", ".join).reset_index()
    return alike[list(samples.columns)]


def _samples(table: pd.DataFrame) -> str:
    rows = (
        (_cell(r.CHANGE), _cell(r.ASSAY), _cell(r.USUBJID), _cell(r.AVISIT),
         _cell(f"{r.MARKERS}: {r.PARAMS}" if r.PARAMS else str(r.MARKERS)))
        for r in by_fate(table).itertuples()
    )  # fmt: skip
    return _table(["Change", "Assay", "Patients", "Visits", "Markers"], rows)


def _numbers(table: pd.DataFrame) -> str:
    """Folded, a marker (or endpoint, or check) each: the first two words of the ID."""
    of = table["ID"].str.split(".", n=2).str[:2].str.join(".")
    return "\n".join(_marker(key, mine) for key, mine in table.groupby(of, sort=False))


def _marker(key: str, mine: pd.DataFrame) -> str:
    parts = [label.split(", ") for label in mine["LABEL"]]
    shared = 0
    while all(len(p) > shared + 1 and p[shared] == parts[0][shared] for p in parts):
        shared += 1
    title = ", ".join(parts[0][:shared]) or key
    kinds = mine["CHANGE"].value_counts()
    count = ", ".join(f"{kinds[k]} {k}" for k in ("moved", "new", "gone") if k in kinds)
    rows = (
        (_cell(", ".join(p[shared:]), r.ID), _cell(r.CHANGE),
         *((_number(r.OLD), _number(r.NEW)) if r.UNIT_OLD == r.UNIT
           else (_number(r.OLD, r.UNIT_OLD), _number(r.NEW, r.UNIT))),
         _number(r.DIFFERENCE), _cell(r.UNIT if r.UNIT == r.UNIT_OLD else ""))
        for r, p in zip(mine.itertuples(), parts, strict=True)
    )  # fmt: skip
    return (
        f"<details><summary>{html.escape(title)}: {count}</summary>\n"
        f"{_table(['What it is', 'Change', 'Before', 'Now', 'Difference', 'Unit'], rows)}</details>"
    )
