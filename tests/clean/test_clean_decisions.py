"""Decisions of a person: applied, shown, and refused when they no longer fit."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.clean import clean_forms, decisions, queries
from sclerotrial.errors import InputErrors
from sclerotrial.read.dictionary import Dictionary

COLUMNS = ["QUERYID", "USUBJID", "VISIT", "FORM", "FIELD", "RAW", "DECISION", "VALUE", "REASON",
           "BY", "DATE"]  # fmt: skip


@pytest.fixture
def trial(bench, text_field):
    """A pulse far outside its range and a score outside its scale, of two subjects."""
    bench.add(
        "f",
        [
            {"s": "S01", "v": "Baseline", "pulse": "190", "score": "2"},
            {"s": "S02", "v": "Baseline", "pulse": "72", "score": "7"},
        ],
        [
            text_field("pulse", validation="integer", minimum="30", maximum="180"),
            text_field("score", validation="integer", minimum="0", maximum="3"),
        ],
    )
    study = bench.study()

    def run(*rows):
        decided = pd.DataFrame([dict(zip(COLUMNS, r, strict=True)) for r in rows], dtype=str)
        clean, found = clean_forms(
            study, bench.crf, {"crf": Dictionary(bench.fields, "d.csv")}, decided
        )
        return clean["f"], queries.merge(found)

    return run


def place(subject, field, raw, decision, value="", reason="source seen"):
    return ["", subject, "Baseline", "f", field, raw, decision, value, reason, "DM", "2009-01-05"]


def test_without_decisions_both_are_asked_about(trial):
    clean, table = trial()
    assert list(clean["pulse"]) == ["190", "72"] and list(clean["score"]) == ["2", ""]
    assert list(table["ACTION"]) == ["kept", "set missing"]
    assert set(table["STATUS"]) == {"new"}


def test_a_confirmed_value_is_kept_and_its_query_solved(trial):
    clean, table = trial(place("S01", "pulse", "190", "confirmed"))
    row = table[table["USUBJID"] == "S01"].iloc[0]
    assert clean["pulse"].iloc[0] == "190"
    assert (row["RULE"], row["ACTION"], row["STATUS"]) == ("range", "confirmed", "solved")
    assert row["MESSAGE"].endswith("confirmed by decision: source seen (DM, 2009-01-05)")


def test_a_confirmed_value_that_was_set_missing_comes_back(trial):
    clean, table = trial(place("S02", "score", "7", "confirmed"))
    assert clean["score"].iloc[1] == "7"
    row = table[table["USUBJID"] == "S02"].iloc[0]
    assert (row["ACTION"], row["RAW"], row["VALUE"]) == ("confirmed", "7", "7")


def test_a_correction_replaces_the_cell_and_is_shown(trial):
    clean, table = trial(place("S02", "score", "7", "corrected", "1"))
    assert clean["score"].iloc[1] == "1"
    row = table[table["USUBJID"] == "S02"].iloc[0]
    assert (row["RULE"], row["ACTION"], row["RAW"], row["VALUE"], row["STATUS"]) == (
        "decision", "corrected", "7", "1", "solved",
    )  # fmt: skip
    former = trial()[1]
    again = queries.merge(table.assign(KEY=""), former=former)
    gone = again[(again["USUBJID"] == "S02") & (again["RULE"] == "range")]
    assert list(gone["STATUS"]) == ["solved"]


def test_a_query_id_says_which_cell(trial):
    asked = trial()[1]
    query = asked.loc[asked["USUBJID"] == "S02", "QUERYID"].iloc[0]
    clean, _ = trial([query, *[""] * 4, "7", "corrected", "3", "typing error", "", ""])
    assert clean["score"].iloc[1] == "3"


def test_a_correction_is_cleaned_like_any_value(trial):
    clean, table = trial(place("S02", "score", "7", "corrected", "9"))
    assert clean["score"].iloc[1] == ""
    assert set(table.loc[table["USUBJID"] == "S02", "RULE"]) == {"decision", "range"}


def test_a_decision_on_another_text_is_not_applied(trial):
    clean, table = trial(
        place("S02", "score", "8", "corrected", "1"), place("S09", "score", "8", "confirmed")
    )
    assert clean["score"].iloc[1] == ""
    told = table[table["RULE"] == "decision_not_applied"]
    assert len(told) == 2 and set(told["STATUS"]) == {"new"}
    assert "something else" in told["MESSAGE"].iloc[0]


def test_what_cannot_be_understood_is_told_all_at_once(trial):
    with pytest.raises(InputErrors) as caught:
        trial(
            place("S02", "score", "7", "confrimed"),
            place("S02", "score", "7", "confirmed", reason=""),
            ["", "", "", "g", "score", "7", "confirmed", "", "seen", "", ""],
        )
    text = " ".join(map(str, caught.value.problems))
    assert "Did you mean 'confirmed'" in text or "confirmed" in text
    assert "no reason" in text and "USUBJID is blank" in text


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path, trial):
    path = tmp_path / "decisions.csv"
    path.write_bytes(
        "\ufeffUSUBJID;VISIT;FORM;FIELD;RAW;VALUE;DECISION;CORRECT VALUE;REASON\r\n"
        "S02;Baseline;f;score;7;;corrected;1;relu le dossier, écrit à l'envers\r\n"
        "S01;Baseline;f;pulse;190;190;;;\r\n".encode()
    )
    frame = decisions.read([str(path)])
    crf = {"f": pd.DataFrame([{"USUBJID": "S02", "VISIT": "Baseline", "INSTANCE": "", "score": "7",
                               "SRCFILE": "f.csv", "SRCLINE": "2"}])}  # fmt: skip
    done = decisions.apply(crf, frame, None)
    assert done.crf["f"]["score"].iloc[0] == "1" and not done.problems
    assert crf["f"]["score"].iloc[0] == "7"  # what was read is not changed
    assert decisions.read([]) is None
