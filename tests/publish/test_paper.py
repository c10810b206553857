"""The manuscript: every number by its ID, none typed, the same bytes each time."""

from __future__ import annotations

import re

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.publish.paper import compile_paper, used_ids
from sclerotrial.publish.typed import typed_numbers

MEAN = "efficacy.mrss.imatinib.baseline.aval.mean"
HEAD = '#import "template.typ": *\n#show: manuscript\n'


def wrong(text):
    """Hits of the search for typed numbers, as (line, number)."""
    found = typed_numbers(text, "paper.typ")
    return [(p.where.split()[-1], p.what.split("'")[1]) for p in found]


def test_a_typed_number_is_told_with_its_line():
    text = f'= Results\nThe mean was #ard("{MEAN}") points,\nnot 31.1 and not 5.\n'
    assert wrong(text) == [("3", "31.1"), ("3", "5")]


@pytest.mark.parametrize(
    "line",
    [
        'The mean was #ard("efficacy.mrss.imatinib.month6.aval.mean").',
        "Patients took 400 mg a day, from 2008 on.",
        "As others found @khanna2011, see @tab-outcomes6 and <sec-3>.",
        "After six months, or a two-sided test. // not 31.1",
        "One patient took placebo.",
    ],
)
def test_what_may_stand(line):
    assert wrong(f"= Results\n{line}\n") == []


def test_number_words_are_numbers_where_results_are_told():
    assert wrong("= Results\nTwo patients were admitted.\n") == [("2", "Two")]
    assert wrong("= Introduction\nTwo trials were open.\n") == []


def test_sections_end_at_the_next_heading_and_references_may_hold_numbers():
    text = "= Results\nfine\n== Skin\n12 points\n= References\nArthritis Rheum 63:3547-3551\n"
    assert wrong(text) == [("4", "12")]


def test_a_duration_may_break_over_lines():
    assert wrong("= Results\nat six\nmonths, and at 400\nmg\n") == []


def test_used_ids_leave_out_comments():
    assert used_ids('#ard("a.n") // #ard("b.n")\n#ard("a.n")') == ["a.n"]


def test_a_semicolon_behind_a_number_would_be_swallowed(root):
    # Typst takes `#ard("a.n");` as the end of a statement and prints no semicolon
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    assert not re.search(r'#(?:ard|study)\("[^"]*"(?:, field: "[^"]*")?\);', text)


@pytest.fixture
def paper(root, tmp_path):
    """A folder with the project's template and a source of one's own."""

    def make(body):
        template = (root / "paper" / "template.typ").read_text(encoding="utf-8")
        (tmp_path / "template.typ").write_text(template, encoding="utf-8")
        source = tmp_path / "paper.typ"
        source.write_text(HEAD + body, encoding="utf-8")
        return source

    return make


def test_the_same_source_gives_the_same_pdf(paper, made, study, tmp_path):
    source = paper(f'#simulated-notice\n= Results\nMean #ard("{MEAN}") of #study("arms")')
    with pytest.raises(InputErrors, match="no key 'arms'"):
        compile_paper(source, made.ard(), study, {}, tmp_path)
    source = paper(f'#simulated-notice\n= Results\nMean #ard("{MEAN}").\n')
    first = compile_paper(source, made.ard(), study, {}, tmp_path)
    assert first.startswith(b"%PDF")
    assert first == compile_paper(source, made.ard(), study, {}, tmp_path)


def test_unknown_ids_typed_numbers_and_figures_are_told_at_once(paper, made, study, tmp_path):
    source = paper(
        '= Results\n#ard("efficacy.mrss.imatinib.baseline.aval.maen") and 12\n#fig("nowhere")\n'
        "#ard(name)\n"
    )
    with pytest.raises(InputErrors) as told:
        compile_paper(source, made.ard(), study, {}, tmp_path)
    text = str(told.value)
    assert f"Did you mean '{MEAN}'" in text
    assert "'12' is typed by hand" in text
    assert "no figure 'nowhere'" in text
    assert "something else than its written ID" in text
    assert text.count("paper.typ, line") == 4


def test_a_source_that_does_not_compile_is_an_error_of_three_lines(paper, made, study, tmp_path):
    with pytest.raises(InputErrors, match="does not compile"):
        compile_paper(paper("= Results\n#nosuch\n"), made.ard(), study, {}, tmp_path)
