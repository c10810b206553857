"""The manuscript: every number by its ID, none typed, the same bytes each time."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from docx import Document

from sclerotrial import tables
from sclerotrial.errors import InputErrors
from sclerotrial.publish.paper import compile_paper, prepare, shown, unguarded, used_ids
from sclerotrial.publish.picked import resolved, told, what
from sclerotrial.publish.typed import typed_numbers
from sclerotrial.publish.word import blocks, word_paper
from sclerotrial.study_models import Declarations
from sclerotrial.tables.display import Display
from sclerotrial.tables.source import Numbers

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
    # and the same behind the words of a claim
    assert "];" not in text


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
        compile_paper(prepare(source, made.ard(), study, {}, tmp_path))
    source = paper(f'#simulated-notice\n= Results\nMean #ard("{MEAN}").\n')
    first = compile_paper(prepare(source, made.ard(), study, {}, tmp_path))
    assert first.startswith(b"%PDF")
    assert first == compile_paper(prepare(source, made.ard(), study, {}, tmp_path))


def test_unknown_ids_typed_numbers_and_figures_are_told_at_once(paper, made, study, tmp_path):
    source = paper(
        '= Results\n#ard("efficacy.mrss.imatinib.baseline.aval.maen") and 12\n#fig("nowhere")\n'
        "#ard(name)\n"
    )
    with pytest.raises(InputErrors) as told:
        compile_paper(prepare(source, made.ard(), study, {}, tmp_path))
    text = str(told.value)
    assert f"Did you mean '{MEAN}'" in text
    assert "'12' is typed by hand" in text
    assert "no figure 'nowhere'" in text
    assert "something else than its written ID" in text
    assert text.count("paper.typ, line") == 4


def test_a_source_that_does_not_compile_is_an_error_of_three_lines(paper, made, study, tmp_path):
    with pytest.raises(InputErrors, match="does not compile"):
        compile_paper(prepare(paper("= Results\n#nosuch\n"), made.ard(), study, {}, tmp_path))


CLAIMS = pd.DataFrame(
    [
        {"ID": "mrss_all", "VERDICT": "reproduced", "ORIGIN": "calibrated", "TEXT": "The score",
         "FOUND": "31.5; -2.5"},
        {"ID": "size", "VERDICT": "reproduced", "ORIGIN": "emergent", "TEXT": "Too small",
         "FOUND": "0.111"},
        {"ID": "crp", "VERDICT": "not testable", "ORIGIN": "not testable", "TEXT": "CRP",
         "FOUND": "-0.2 mg/L"},
    ]
)  # fmt: skip


def test_a_claim_whose_verdict_changed_stops_the_build(paper, made, study, tmp_path):
    source = paper(
        '= Results\n#claim("mrss_all", "reproduced")[fine]\n#claim("crp", "reproduced")[alike]\n'
        '#claim("mrss_al", "reproduced")[no]\n#claim(name, "x")[no]\n'
    )
    with pytest.raises(InputErrors) as told:
        prepare(source, made.ard(), study, {}, tmp_path, CLAIMS)
    text = str(told.value)
    assert "The verdict of the claim 'crp' is 'not testable' now, not 'reproduced'" in text
    assert "There is no claim 'mrss_al'. Did you mean 'mrss_all'" in text
    assert "something else than its written ID" in text
    assert [line for line in text.splitlines() if "paper.typ, line 4" in line] == []


def test_a_claim_that_no_sentence_is_bound_to_stops_the_build(paper, made, study, tmp_path):
    body = (
        '= Results\n#claim("mrss_all", "reproduced")[fine] // #claim("crp", "not testable")[no]\n'
    )
    with pytest.raises(InputErrors) as told:
        prepare(paper(body), made.ard(), study, {}, tmp_path, CLAIMS)
    assert [p.what for p in told.value.problems] == [
        "No sentence is bound to the claim 'size'", "No sentence is bound to the claim 'crp'"
    ]  # fmt: skip
    body += "// not stated: crp, size\n"
    assert prepare(paper(body), made.ard(), study, {}, tmp_path, CLAIMS)


def test_every_claim_of_the_shipped_trial_is_guarded_in_the_shipped_paper(root, study):
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    ids = [claim.id for claim in study.claims]
    assert len(ids) == 24 and unguarded(text, "paper.typ", ids) == []
    assert "not stated:" not in text
    # a number that a claim rests on stands nowhere in the results outside of a guarded sentence
    results = text[text.index("= Results") : text.index("= Discussion")]
    bare = re.sub(r"#claim\(\"[^\"]*\", \"[^\"]*\"\)\[(?:[^\[\]]|\[[^\]]*\])*\]", "", results)
    for claim in (c for c in study.claims if c.rule not in ("stated", "several_intervals")):
        for id_ in (i for i in claim.ard if "*" not in i):
            assert f'#ard("{id_}")' not in bare, (claim.id, id_)


def test_a_number_inside_a_claim_is_still_a_number_typed_by_hand():
    assert wrong('= Results\n#claim("a", "reproduced")[it was 31.1]\n') == [("2", "31.1")]


@pytest.fixture
def manuscript(paper, made, study, tmp_path):
    """A manuscript with all forms that the paper uses."""
    (tmp_path / "refs.yml").write_text(
        "pope2011:\n  type: article\n  title: Imatinib\n  author: ['Pope, J.', 'McBain, D.']\n"
        "  date: 2011\n"
        "  page-range: 3547-3551\n  parent: {type: periodical, title: A & R, volume: 63}\n"
    )
    (tmp_path / "skin_map.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
    )
    (tmp_path / "skin_map.txt").write_text("Simulated data. Areas.\n")
    body = (
        '#align(center)[\n  #text(size: 17pt)[#study("study.title")]\n]\n#v(6pt)\n'
        "#simulated-notice\n\n= Abstract\n\n*Results.* The mean, _as seen_,\nwas "
        f'#claim("mrss_all", "reproduced")[#ard("{MEAN}")] @pope2011, and\n'
        '#ard("efficacy.mrss.imatinib.month6.chg.mean") later, in @fig-skin_map and'
        ' @tab-feasibility. #claim("size", "reproduced")[It was small].\n\n'
        '#fig("skin_map")\n#tab("feasibility")\n= References\n\n#simulated-limitation\n\n'
        '#bibliography("refs.yml", title: "References")\n#claims-table()\n'
        "// not stated: crp\n"
    )
    made_tables = tables.build_all(made.ard(), study, made.adam())
    return prepare(paper(body), made.ard(), study, made_tables, tmp_path, CLAIMS)


def test_the_word_version_has_the_same_text_and_numbers(manuscript):
    content = word_paper(manuscript)
    assert content == word_paper(manuscript)
    document = Document(io.BytesIO(content))
    said = [p.text for p in document.paragraphs]
    assert said[0] == manuscript.data["study"]["study.title"]
    assert any(t.startswith("SIMULATED DATA. No patient took part") for t in said[:5])
    body = next(t for t in said if t.startswith("Results."))
    assert body == (
        "Results. The mean, as seen, was 31.5c [1], and \u22122.5 later, in Figure 1 and Table 1."
        " It was smalle."
    )
    runs = next(p for p in document.paragraphs if p.text == body).runs
    assert [r.text for r in runs if r.font.superscript] == ["c", "e"]
    assert [r.text for r in runs if r.bold] == ["Results."]
    assert "1. Pope J, McBain D. Imatinib. A & R 2011;63:3547-3551." in said
    assert [t for t in said if t.startswith("Figure 1. Simulated data.")]
    # every table has a heading that comes again on each page, and fills the width of its page
    for table in document.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert abs(sum(c.width.mm for c in table.rows[0].cells) - 160) < 1
    assert document.sections[0].footer._element.xpath(".//w:fldSimple[@w:instr='PAGE']")
    assert round(document.sections[0].page_width.mm) == 210
    kept = [p for p in document.paragraphs if p.style.name == "Caption"]
    assert [p.text[:8] for p in kept] == ["Figure 1", "Table 1.", "Table 2."]
    assert [p.paragraph_format.keep_with_next for p in kept] == [None, True, True]
    cells = [c.text for row in document.tables[-1].rows for c in row.cells]
    assert cells[:8] == [
        "Statement", "Found here", "Verdict", "Origin",
        "The score", "31.5", "reproduced", "calibrated",
    ]  # fmt: skip
    # a claim that the text leaves out is told as the list of claims has it
    assert "\u22120.2 mg/L" in cells


def test_spaces_and_lines_within_a_call_are_the_same_to_the_check_the_pdf_and_word(
    manuscript, made, study, tmp_path
):
    """Typst allows them: what one reader of the manuscript finds, the others find as well."""
    source = tmp_path / "paper.typ"
    tight = source.read_text(encoding="utf-8")
    wide = tight.replace('#claim("mrss_all", "reproduced")[', '#claim( "mrss_all" ,"reproduced" )[')
    wide = wide.replace('#claim("size", "reproduced")[', '#claim(\n  "size",\n  "reproduced"\n)[')
    wide = wide.replace(f'#ard("{MEAN}")', f'#ard( "{MEAN}" )')
    wide = wide.replace('#study("study.title")', '#study( "study.title" )')
    wide = wide.replace('#fig("skin_map")', '#fig( "skin_map")')
    wide = wide.replace('#tab("feasibility")', '#tab( "feasibility" )')
    assert wide.count("( ") == 5
    made_tables = tables.build_all(made.ard(), study, made.adam())
    source.write_text(wide, encoding="utf-8")
    loose = prepare(source, made.ard(), study, made_tables, tmp_path, CLAIMS)
    assert loose.data == manuscript.data
    assert word_paper(loose) == word_paper(manuscript)
    assert compile_paper(loose) == compile_paper(manuscript)


def test_a_verdict_that_changed_is_told_of_a_claim_over_several_lines(paper, made, study, tmp_path):
    source = paper(
        '= Results\n#claim(\n  "crp",\n  "reproduced",\n)[no]\n#claim("crp",\n "reproduced")[no]\n'
        "// not stated: mrss_all, size\n"
    )
    with pytest.raises(InputErrors) as told:
        prepare(source, made.ard(), study, {}, tmp_path, CLAIMS)
    assert [(p.what.split(" is ")[0], p.where) for p in told.value.problems] == [
        ("The verdict of the claim 'crp'", "paper.typ, line 4"),
        ("The verdict of the claim 'crp'", "paper.typ, line 8"),
    ]


def test_a_page_is_turned_for_wide_tables_and_back_for_what_follows(paper, made, study, tmp_path):
    made_tables = tables.build_all(made.ard(), study, made.adam())
    # by the number of their columns, and by long names of rows beside five of them
    for name, row, columns in (("one", "Mean", "abcdefg"), ("two", "M" * 41, "abcde")):
        frame = pd.DataFrame([{"GROUP": "", "ROW": row, **dict.fromkeys(columns, "1")}])
        made_tables[name] = Display(name, name, "", frame, frame)
    wide = '#tab("one")\n#tab("two")\n'
    rest = "#claims-table()\n// not stated: crp, mrss_all, size\n"
    source = paper(f'= Tables\n#tab("feasibility")\n{wide}{rest}')
    content = word_paper(prepare(source, made.ard(), study, made_tables, tmp_path, CLAIMS))
    document = Document(io.BytesIO(content))
    # two wide ones share a page that lies: no empty page that stands is between them
    assert [round(s.page_width.mm) for s in document.sections] == [210, 297, 210]
    claims = document.tables[-1].rows[1].cells
    assert [round(c.width.mm) for c in claims] == [59, 59, 21, 21]
    assert all(c.paragraphs[0].alignment is None for c in claims)


RHO = "biomarker.{}.imatinib.month6.corr_mrss.spearman.{}"
LABELS = {"serum_il6": "Interleukin-6, serum", "skin_comp": "Matrix protein, oligomeric, skin"}


def correlations(**rho):
    """An ARD of rank correlations with lower limits, by marker."""
    rows = [
        {"ID": RHO.format(marker, stat), "DATASET": "adbm", "GROUP": "imatinib", "TEXT": text,
         "VALUE": value, "LABEL": f"{LABELS.get(marker, marker)}, Imatinib, Month 6, {stat}"}
        for marker, value in rho.items()
        for stat, text in (("estimate", value), ("ci_low", f"low of {marker}"))
    ]  # fmt: skip
    return Numbers(pd.DataFrame(rows))


def test_an_id_with_a_star_is_that_of_the_marker_farthest_from_zero():
    source = f'#ard("{RHO.format("*", "ci_low")}") of #ard("{RHO.format("*", "estimate")}")'
    for numbers, marker in (
        (correlations(serum_il6="0.40", skin_comp="-0.95", serum_et1=""), "skin_comp"),
        (correlations(serum_il6="0.40", skin_comp="-0.20", serum_et1="0.40"), "serum_il6"),
    ):
        assert used_ids(resolved(source, numbers)) == [
            RHO.format(marker, "ci_low"), RHO.format(marker, "estimate")
        ]  # fmt: skip
    # nothing fits: it stays, and is refused as any unknown number
    assert resolved(source, correlations(serum_il6="")) == source
    assert resolved('#ard("a.*.n")', correlations(serum_il6="1")) == '#ard("a.*.n")'


def test_a_number_says_what_it_is_of():
    numbers = correlations(serum_il6="0.40", skin_comp="-0.95")
    assert what(numbers, RHO.format("serum_il6", "estimate")) == "Interleukin-6 in serum"
    assert what(numbers, RHO.format("skin_comp", "ci_low")) == "Matrix protein, oligomeric in skin"
    score = {"ID": "a", "DATASET": "adqs", "GROUP": "imatinib", "LABEL": "Score, Imatinib, mean"}
    assert what(Numbers(pd.DataFrame([score])), "a") == "Score"


def test_a_claim_is_told_where_the_results_are_else_where_it_is_said_last():
    text = (
        '= Abstract\n#claim("a", "x")[1] #claim("b", "x")[2]\n= Results\n== Skin\n'
        '#claim("a", "x")[3] #claim("a", "x")[4]\n= Discussion\n'
        '#claim("a", "x")[5] #claim("b", "x")[6]\n'
    )
    assert told(text) == {"a": [1, 2], "b": [1]}


def test_what_is_declared_stands_in_both_versions_and_what_is_not_is_asked_for(
    paper, made, study, tmp_path
):
    source = paper(
        '= Declarations\n*Ethics.* #declared("ethics")\n\n*Funding.* #declared("funding")\n'
    )
    given = {"ethics": "Approved by board 7.", "authors": [{"name": "A. One", "affiliation": "X"},
                                                           {"name": "B. Two"}]}  # fmt: skip
    filled = study.model_copy(update={"declarations": Declarations.model_validate(given)})
    for one, ethics, authors in (
        (study, "[To be filled in: approval by the ethics committee, and consent; key"
                " declarations.ethics of study.yaml]", "[To be filled in: authors"),
        (filled, "Approved by board 7.", "A. One (X); B. Two"),
    ):  # fmt: skip
        manuscript = prepare(source, made.ard(), one, {}, tmp_path)
        assert compile_paper(manuscript).startswith(b"%PDF")
        said = [p.text for p in Document(io.BytesIO(word_paper(manuscript))).paragraphs]
        assert f"Ethics. {ethics}" in said
        assert said[1].startswith(authors)
        assert any(t.startswith("Funding. [To be filled in: who paid") for t in said)
    with pytest.raises(InputErrors, match="declares no 'fundign'"):
        prepare(paper('= A\n#declared("fundign")\n'), made.ard(), study, {}, tmp_path)


def test_the_same_manuscript_compiles_and_tells_planted_from_not(manuscript):
    assert compile_paper(manuscript).startswith(b"%PDF")
    assert "calibrated" in manuscript.data["notice"] and "emergent" in manuscript.data["notice"]
    marks = {k: c["mark"] for k, c in manuscript.data["claims"].items()}
    assert marks == {"mrss_all": "c", "size": "e", "crp": "n"}


def test_a_form_that_the_word_version_does_not_know_is_refused(paper, made, study, tmp_path):
    source = paper("= Results\nA #highlight[word] of @nobody.\n")
    with pytest.raises(InputErrors, match="knows no form '#highlight"):
        word_paper(prepare(source, made.ard(), study, {}, tmp_path))


def test_every_form_of_the_shipped_paper_is_known(root):
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    kept = [b for b in blocks(re.sub(r"(?<!:)//.*$", "", text, flags=re.M))]
    calls = {c for b in kept for c in re.findall(r"#([a-z-]+)", b)}
    assert calls == {
        "ard", "study", "claim", "fig", "pair", "tab", "claims-table", "simulated-notice",
        "simulated-limitation", "bibliography", "declared",
    }  # fmt: skip


def test_figures_and_tables_stand_after_the_references_in_the_order_of_their_mention(root):
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    said, shown_last = text.split("#bibliography(")
    assert "\n#fig(" not in said and "\n#tab(" not in said
    mentioned = list(dict.fromkeys(re.findall(r"@(fig|tab)-([\w-]+)", said)))
    assert [n for kind, n in mentioned if kind == "fig"] == shown(shown_last)
    tabs = re.findall(r'#tab\("(\w+)"', shown_last) + ["claims"]
    assert [n for kind, n in mentioned if kind == "tab"] == tabs


def test_figures_side_by_side_are_numbered_in_both_versions(paper, made, study, tmp_path):
    for name in ("skin_map", "consort", "consort_column"):
        svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
        (tmp_path / f"{name}.svg").write_text(svg)
        (tmp_path / f"{name}.txt").write_text(f"Simulated data. {name}.\n")
    source = paper('= Results\n@fig-consort, @fig-skin_map\n\n#pair("consort", "skin_map")\n')
    manuscript = prepare(source, made.ard(), study, {}, tmp_path)
    assert manuscript.data["figures"]["consort"]["column"] == "consort_column.svg"
    assert manuscript.data["figures"]["skin_map"]["column"] == "skin_map.svg"
    assert compile_paper(manuscript).startswith(b"%PDF")
    said = [p.text for p in Document(io.BytesIO(word_paper(manuscript))).paragraphs]
    assert "Figure 1, Figure 2" in said
    assert [t[:9] for t in said if t.startswith("Figure") and "Simulated" in t] == [
        "Figure 1.", "Figure 2."
    ]  # fmt: skip
    with pytest.raises(InputErrors, match="no figure 'nowhere'"):
        prepare(paper('= A\n#pair("consort", "nowhere")\n'), made.ard(), study, {}, tmp_path)


def test_the_paper_says_on_its_first_page_that_patients_are_simulated(root):
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    assert text.index("#simulated-notice\n") < text.index("= Abstract")
