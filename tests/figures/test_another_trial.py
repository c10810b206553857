"""Words of figures and tables follow the configuration: nothing of the shipped trial is left."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from sclerotrial import figures, tables
from sclerotrial.figures.dosing import near_days
from sclerotrial.figures.theme import render
from sclerotrial.study import Study
from sclerotrial.tables import naming
from sclerotrial.tables.render_html import render_html

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

#: drug, visits and length of the shipped trial -> those of another
OTHER = {"imatinib": "bravotinib", "Imatinib": "Bravotinib", "IMATINIB": "BRAVOTINIB",
         "Month 3": "Week 12", "Month 6": "Week 24", "month 3": "week 12", "month 6": "week 24",
         "month3": "week12", "month6": "week24"}  # fmt: skip
WORD = re.compile("|".join(OTHER))


def renamed(value):
    """The same with the words of the other trial, whatever it holds."""
    if isinstance(value, str):
        return WORD.sub(lambda hit: OTHER[hit.group(0)], value)
    if isinstance(value, dict):
        return {renamed(k): renamed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(v) for v in value]
    return value


@pytest.fixture(scope="module")
def other(study):
    """The shipped trial with another drug and visits by weeks, over eleven months."""
    told = renamed(study.model_dump(mode="json", by_alias=True))
    told["study"]["duration_months"] = 11
    # the text of claims and the estimands are the trial's own words
    return Study.model_validate(told | {"claims": []})


@pytest.fixture(scope="module")
def data(made):
    def frame(df):
        named = df.map(lambda v: renamed(v) if isinstance(v, str) else v)
        return named.rename(columns=renamed)

    return {k: frame(v) for k, v in made.adam().items()}, frame(made.ard())


def words(svg):
    """Text of an SVG: letters are drawn as shapes, each with its text in a comment."""
    return " ".join(re.findall(r"<!--\s*(.*?)\s*-->", svg, re.S))


#: what only the shipped trial, or a trial by months, may say
WRONG = re.compile(r"imatinib|six months|months?\b(?! \(30)", re.IGNORECASE)


@pytest.mark.parametrize("name", list(figures.FIGURES))
def test_a_figure_of_another_trial_says_nothing_of_the_shipped_one(other, data, name):
    plot, text = figures.draw(name, *data, other)
    shown = words(render(plot, "svg").decode("utf-8"))
    assert shown
    for said in (text, shown):
        said = said.replace("eleven months", "")
        assert [h.group(0) for h in WRONG.finditer(said)] == []


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_a_table_of_another_trial_says_nothing_of_the_shipped_one(other, data, name):
    adam, ard = data
    shown = render_html(tables.build(name, ard, other, adam))
    text = re.sub(r"<[^>]+>", " ", shown).replace("eleven months", "")
    assert [h.group(0) for h in WRONG.finditer(text)] == []


def test_the_flow_tells_the_primary_outcome_at_the_last_visit(other, data):
    adam, ard = data
    flow = {
        "feasibility.allocated": "15",
        "feasibility.treated": "14",
        "feasibility.retention": "12",
        "efficacy.mrss.bravotinib.week24.aval": "11",
    }
    ids = [f"{q}.bravotinib.count" if q.startswith("f") else f"{q}.n" for q in flow]
    more = pd.DataFrame({"ID": ids, "TEXT": list(flow.values()), "VALUE": list(flow.values())})
    ard = pd.concat([ard[~ard["ID"].isin(ids)], more], ignore_index=True).fillna("")
    plot, _ = figures.draw("consort", adam, ard, other)
    shown = words(render(plot, "svg").decode("utf-8"))
    assert "Completed eleven months on drug (n = 12)" in shown
    assert "skin score at week 24: 11" in shown


def test_the_means_of_the_skin_score_are_those_of_the_last_visit(other, data):
    _, text = figures.draw("mrss_by_patient", *data, other)
    assert "Solid line: completed eleven months;" in text
    assert re.search(r"Mean of all who took bravotinib: \S+ at baseline \(n = \d+\), \S+ at week 2",
                     text)  # fmt: skip


class Visit:
    def __init__(self, avisit, baseline=False):
        self.avisit, self.baseline = avisit, baseline


@pytest.mark.parametrize(
    ("names", "unit", "labels"),
    [
        (["Start", "Month 1", "Month 12"], "months", ["0", "1", "12"]),
        (["Start", "Week 12", "Week 24"], "weeks", ["0", "12", "24"]),
        (["Start", "Day 8", "Day 15"], "days", ["0", "8", "15"]),
        (["Start", "Week 2", "Month 1"], "", ["Start", "Week 2", "Month 1"]),
        (["Start", "End of treatment"], "", ["Start", "End of treatment"]),
    ],
)
def test_an_axis_of_visits_is_called_by_what_they_are_called(names, unit, labels):
    visits = [Visit(n, baseline=k == 0) for k, n in enumerate(names)]
    assert naming.time_axis(visits) == (unit, labels)


@pytest.mark.parametrize(
    ("months", "said"),
    [(6, "six months"), (1, "one month"), (12, "twelve months"), (18, "18 months"),
     (5.5, "5.5 months"), (None, "")],
)  # fmt: skip
def test_the_length_of_a_trial_in_words(study, months, said):
    about = study.study.model_copy(update={"duration_months": months})
    trial = study.model_copy(update={"study": about})
    assert naming.duration(trial) == said
    assert naming.completed(trial) == f"completed {said}".strip()


def test_renaming_left_the_numbers_alone(made, data):
    before, after = made.ard(), data[1]
    pd.testing.assert_series_equal(before["TEXT"], after["TEXT"])
    assert not before["ID"].equals(after["ID"])


def test_marks_of_a_longer_trial_stand_farther_apart(other, data):
    """Over 183 days marks within five days are near, over 337 days within ten."""
    assert [near_days(end) for end in (183, 250, 337, 760)] == [5, 5, 10, 20]
    adam, ard = data
    visits = [v.model_copy(update={"target": 337 if v.primary else v.target}) for v in other.visits]
    for trial, near in ((other, "five"), (other.model_copy(update={"visits": visits}), "ten")):
        _, text = figures.draw("dosing_and_events", adam, ard, trial)
        assert f"began within the same {near} days" in text
