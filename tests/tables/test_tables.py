"""Tables print what the ARD prints: every number, its id behind it, and nothing else."""

from __future__ import annotations

import io
import re
import zipfile

import pandas as pd
import pytest

from sclerotrial import tables
from sclerotrial.errors import InputErrors
from sclerotrial.figures import FIGURES
from sclerotrial.tables import naming
from sclerotrial.tables.consort_checklist import ADDED, ITEMS
from sclerotrial.tables.display import SIMULATED, Sheet
from sclerotrial.tables.render_docx import render_docx
from sclerotrial.tables.render_html import fragment, ids_of, page, render_html
from sclerotrial.tables.source import Numbers
from sclerotrial.tables.zips import fixed_zip

MRSS = "Modified Rodnan skin score, points"


@pytest.fixture(scope="module")
def outcomes(made, study):
    return tables.build("outcomes_all_treated", made.ard(), study)


def test_cells_are_the_texts_of_the_ard(outcomes, made):
    row = outcomes.frame[(outcomes.frame["GROUP"] == MRSS) & (outcomes.frame["ROW"] == "Month 6")]
    cells = row.iloc[0]
    assert cells["Mean (SD)"] == "29.0 (3.9)"
    assert cells["Mean change (95 % CI)"] == "-2.5 (-6.8 to 1.8)"
    # the exact interval achieves 87.5 %, and says so
    assert cells["Hodges-Lehmann change (exact CI; level)"] == "-3.0 (-5.0 to 1.0; 87.5 %)"


def test_every_cell_holds_the_texts_of_its_ids(made, study):
    numbers = Numbers(made.ard())
    for display in tables.build_all(made.ard(), study, made.adam()).values():
        for column in display.columns:
            for cell, ids in zip(display.frame[column], display.ids[column], strict=True):
                # adjusted p values are another column of the row of the test
                for id_ in ids.split() if column != "p, Holm" else []:
                    assert numbers.text(id_) in cell, (display.name, id_, cell)
                # the checklist has words only
                if not ids and display.name != "consort_checklist":
                    assert cell in ("", "–")


def test_a_refused_number_is_a_dash_with_its_reason_beneath(outcomes):
    cell = outcomes.frame.set_index(["GROUP", "ROW"]).loc[
        (MRSS, "Month 6"), "p, sign-flip (smallest attainable)"
    ]
    assert cell == "– [a]"
    assert outcomes.notes[-1].startswith("a: no test printed: the smallest p of this design")


def test_a_test_stands_beside_its_smallest_attainable_p(made, study):
    display = tables.build("completers_vs_stopped", made.ard(), study)
    row = display.frame[display.frame["ROW"] == "Change to month 6"].iloc[0]
    assert row["p, rank-sum (smallest attainable)"] == "0.667 (0.333)"
    assert row["p, Holm"] == "1.000"


def test_a_table_has_no_row_or_column_without_a_number(outcomes):
    assert (outcomes.ids[outcomes.columns] != "").any(axis=1).all()
    assert (outcomes.ids[outcomes.columns] != "").any(axis=0).all()


def test_an_unknown_id_is_refused_with_the_nearest(made):
    with pytest.raises(InputErrors, match="Did you mean 'feasibility.enrolled.count'"):
        Numbers(made.ard()).text("feasibility.enroled.count")


def test_columns_of_the_ard_are_printed_by_the_rules_of_numbers(made):
    sheet = Sheet(Numbers(made.ard()), ["x"])
    low = "efficacy.mrss.imatinib.month6.chg.hl.ci_low"
    assert sheet.cell("{} {}", low, f"{low}@CONF_ACHIEVED")[0] == "-5.0 87.5 %"
    ranked = "completion.crp.completers_vs_stopped.month6.chg.ranksum.p"
    assert sheet.cell("{}", f"{ranked}@P_ADJ") == ("1.000", ranked)


def test_html_carries_the_id_behind_each_number(outcomes):
    found = ids_of(render_html(outcomes))
    mean = "efficacy.mrss.imatinib.month6.aval.mean efficacy.mrss.imatinib.month6.aval.sd"
    assert found.loc[found["IDS"] == mean, "TEXT"].tolist() == ["29.0 (3.9)"]


def test_html_says_simulated_and_asks_for_nothing(outcomes):
    text = page(outcomes)
    assert SIMULATED in text
    assert not re.search(r"https?://|<script|<link|src=", text)
    assert text == page(outcomes)
    assert fragment(text) == render_html(outcomes)


def test_real_data_are_not_called_simulated(made, study):
    about = study.study.model_copy(update={"simulated": False})
    real = study.model_copy(update={"study": about})
    assert SIMULATED not in page(tables.build("outcomes_all_treated", made.ard(), real))


def test_markup_in_a_cell_is_text(made, study):
    ard = made.ard()
    ard.loc[ard["ID"] == "efficacy.mrss.imatinib.month6.aval.mean", "TEXT"] = "<b>29</b>"
    text = render_html(tables.build("outcomes_all_treated", ard, study))
    assert "<b>29</b>" not in text and "&lt;b&gt;29&lt;/b&gt;" in text


def test_docx_opens_and_holds_the_cells(outcomes):
    from docx import Document

    content = render_docx(outcomes)
    assert content == render_docx(outcomes)
    document = Document(io.BytesIO(content))
    texts = [c.text for row in document.tables[0].rows for c in row.cells]
    assert "29.0 (3.9)" in texts and MRSS in texts
    assert any(SIMULATED in p.text for p in document.paragraphs)
    assert document.sections[0].header.paragraphs[0].text == "Simulated data"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_fixed_zip_forgets_when_and_in_which_order_it_was_made():
    def archive(names, when):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name in names:
                file.writestr(zipfile.ZipInfo(name, when), name * 3)
        return fixed_zip(out.getvalue())

    first = archive(["a.xml", "b/c.xml"], (1999, 2, 3, 4, 5, 6))
    assert first == archive(["b/c.xml", "a.xml"], (2020, 1, 1, 1, 1, 2))


def test_events_stand_under_their_body_system_and_verbatim_text_nowhere(made, study):
    ard = made.ard()
    labels = {
        "safety.pt_nausea.imatinib.patients.count": "Nausea, Imatinib, patients, count",
        "safety.pt_fatigue.imatinib.patients.count": "Fatigue, Imatinib, patients, count",
    }
    ard["LABEL"] = ard["ID"].map(labels).fillna(ard["LABEL"])
    display = tables.build("adverse_events", ard, study, made.adam())
    rows = display.frame.set_index("ROW")["GROUP"].to_dict()
    assert rows["Nausea"] == rows["Fatigue"] == "General disorders"
    assert "free text" not in page(display)


def test_no_ard_no_table(study):
    empty = pd.DataFrame(columns=["ID", "TEXT", "VALUE", "NOTE", "LABEL"])
    assert tables.build_all(empty, study) == {}
    display = tables.build("biomarkers", empty, study)
    assert "there are no data" in page(display)
    assert render_docx(display).startswith(b"PK")


def test_an_inset_row_is_inset_in_html_and_a_number_stays_on_one_line(made):
    sheet = Sheet(Numbers(made.ard()), ["x"])
    mean = "efficacy.mrss.imatinib.month6.aval.mean"
    for label in ("Age", "    median (range)"):
        sheet.add("", label, sheet.cell("{}", mean))
    text = render_html(sheet.display("some_table", "Title", "", (), True))
    assert ">\u2003\u2003median (range)<" in text and ">Age<" in text
    assert "#table-some-table [data-ard] { white-space: nowrap; }" in text


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_abbreviations_of_a_table_are_spelt_out(made, study, name):
    display = tables.build(name, made.ard(), study, made.adam())
    notes = " ".join(display.notes)
    shown = " ".join([display.title, display.subtitle, *display.columns, *display.frame["ROW"]])
    for short in naming.ABBREVIATIONS:
        if re.search(rf"\b{re.escape(short)}\b", shown):
            assert f"{short}: {naming.ABBREVIATIONS[short]}" in notes, short


def test_every_place_of_the_checklist_exists(root):
    text = (root / "paper" / "paper.typ").read_text(encoding="utf-8")
    heads = {line.lstrip("= ").strip() for line in text.splitlines() if line.startswith("=")}
    there = {"paper": heads, "table": set(tables.TABLES), "figure": set(FIGURES)}
    for *_, number, _, places in (*ITEMS, *ADDED):
        for kind, _, name in (place.partition(": ") for place in places):
            assert kind == "open" or name in there[kind], (number, name)


def test_the_checklist_has_the_thirty_items_of_2025_in_order():
    # Hopewell 2025, table 1: items 1 to 30, of which nine have two parts and one (21) has four
    lettered = "1a 1b 5a 5b 12a 12b 16a 16b 17a 17b 20a 20b 21a 21b 21c 21d 22a 22b 23a 23b 24a 24b"
    numbers = [int(re.match(r"\d+", number).group()) for _, number, _, _ in ITEMS]
    assert numbers == sorted(numbers) and set(numbers) == set(range(1, 31))
    parts = [number for _, number, _, _ in ITEMS if number[-1].isalpha()]
    assert parts == lettered.split() and len(ITEMS) == 42
    # table 1: where each part of a report begins
    firsts = {part: number for part, number, *_ in reversed(ITEMS)}
    assert list(firsts.values())[::-1] == ["1a", "2", "6", "8", "22a", "29"]
    assert not any(re.search(r"\d", what) for _, _, what, _ in (*ITEMS, *ADDED))


def test_a_trial_of_feasibility_has_the_items_that_the_extension_adds(made, study):
    # Eldridge 2016, table 1: new items (7a: sample size is replaced by its rationale)
    assert [number for _, number, *_ in ADDED] == ["4c", "6c", "7a", "19a", "22a", "26"]
    frame = tables.build("consort_checklist", made.ard(), study).frame
    assert len(frame) == 48 and frame["GROUP"].tolist()[-6:] == [ADDED[0][0]] * 6


def test_events_deviations_and_checks_are_the_texts_of_the_ard(made, study):
    deviations = tables.build("deviations", made.ard(), study).frame.set_index("ROW")
    assert deviations.loc["Admitted to hospital (treatment policy)"].iloc[1] == "1"
    assert deviations.loc["Stratum", "All, patients (records)"] == "1 (2)"
    checks = tables.build("data_quality", made.ard(), study).frame.set_index("ROW")
    assert checks.loc["replicate cv"].tolist()[1:] == ["2", "1"]
    assert checks.loc["All", "Number"] == "7"


def test_shifts_of_the_laboratory_are_the_texts_of_the_ard(made, study):
    shifts = tables.build("laboratory_shifts", made.ard(), study).frame.set_index("ROW")
    assert shifts.loc["Haemoglobin", "Normal to low"] == "2"
