"""Taking results as the published ones: in one call, and so that the next run gives the same."""

from __future__ import annotations

import shlex
import sys

import pandas as pd
import pytest

from sclerotrial.clean.queries import QUERY_COLUMNS, merge
from sclerotrial.cli import main
from sclerotrial.errors import InputErrors
from sclerotrial.publish.manifest import NAME, read_manifest, write_manifest
from sclerotrial.publish.published import as_next_run, publish, report, verify
from sclerotrial.read.findings import COLUMNS
from sclerotrial.tabular import read_csv, write_csv

KEPT = ["ard.csv", "claims.csv", "queries.csv", NAME]


class Pipeline:
    """Stands in for the workflow: makes the query list against what is published, and a report."""

    def __init__(self, results, published, rules):
        self.results, self.published, self.rules, self.runs = results, published, rules, 0

    def __call__(self):
        self.runs += 1
        rows = [dict.fromkeys(COLUMNS, "") | {"RULE": r, "FORM": "mrss"} for r in self.rules]
        former = self.published / "queries.csv"
        table = merge(
            pd.DataFrame(rows, columns=list(COLUMNS)),
            former=read_csv(former) if former.is_file() else None,
        )
        write_csv(table, self.results / "queries.csv")
        told = " ".join(table["RULE"] + "=" + table["STATUS"])
        (self.results / "figures/skin.svg").write_text(told)
        write_manifest(self.results, list(read_manifest(self.results / NAME)))


@pytest.fixture
def published(tmp_path):
    return tmp_path / "published"


@pytest.fixture
def pipeline(results, published):
    return Pipeline(results, published, ["range", "date"])


def test_the_run_after_publishing_is_all_the_same(results, published, pipeline):
    assert publish(results, published, pipeline) == (
        "Published for the first time.\n" + "".join(f"published {n}\n" for n in KEPT)
    )
    assert sorted(p.name for p in published.iterdir()) == sorted(KEPT)
    assert [(results / n).read_bytes() == (published / n).read_bytes() for n in KEPT] == [True] * 4
    assert pipeline.runs == 3  # brought up to date; made over with the list; compared with all
    pipeline()
    assert set(read_csv(results / "queries.csv")["STATUS"]) == {"open"}
    assert report(verify(results, published)).endswith("all the same\n")


def test_publishing_twice_changes_nothing_and_touches_nothing(results, published, pipeline):
    publish(results, published, pipeline)
    dates = {n: (published / n).stat().st_mtime_ns for n in KEPT}
    said = publish(results, published, pipeline)
    assert said == "same     2 of 2 claims, 6 of 6 numbers, 5 of 5 files\nall the same\n"
    assert pipeline.runs == 4  # brought up to date; nothing was taken
    assert dates == {n: (published / n).stat().st_mtime_ns for n in KEPT}


def test_a_solved_query_and_a_new_one_settle_in_one_call(results, published, pipeline):
    publish(results, published, pipeline)
    pipeline.rules = ["date", "unit"]
    said = publish(results, published, pipeline).splitlines()
    assert [line.split(":")[0] for line in said] == [
        "differs  figures/skin.svg",
        "differs  queries.csv",
        "same     2 of 2 claims, 6 of 6 numbers, 3 of 5 files",
        "2 of 13 comparisons differ",
    ]
    # range is solved (STATUS), date stays, unit is new: one row changed, one is extra
    assert "1 of 2 rows differs, in 1 of 15 columns (STATUS)" in said[1]
    assert "1 row extra" in said[1]
    pipeline()
    status = read_csv(results / "queries.csv").set_index("RULE")["STATUS"].to_dict()
    assert status == {"range": "solved", "date": "open", "unit": "open"}
    assert all(v.good for v in verify(results, published))


def test_the_diff_tells_numbers_against_the_former_ones(results, published):
    publish(results, published)
    text = (results / "ard.csv").read_text().replace("29.375,29.4", "29.475,29.5")
    (results / "ard.csv").write_text(text)
    write_manifest(results, list(read_manifest(results / NAME)))
    said = publish(results, published).splitlines()
    assert said[0] == (
        "differs  ard.csv efficacy.mrss.month6.mean: VALUE published 29.375, now 29.475, apart "
        "0.1, 1 unit of the last printed digit (0.1); TEXT published '29.4', now '29.5'"
    )
    assert all(v.good for v in verify(results, published))


def test_the_list_of_the_next_run_is_the_list_that_it_will_write(tmp_path):
    rows = [dict.fromkeys(COLUMNS, "") | {"RULE": r, "RAW": 'a "b", c'} for r in ("x", "y")]
    findings = pd.DataFrame(rows, columns=list(COLUMNS))
    for former in (None, pd.DataFrame([["Q-9", *[""] * 14]], columns=QUERY_COLUMNS)):
        write_csv(merge(findings, former=former), tmp_path / "queries.csv")
        content = as_next_run(tmp_path / "queries.csv")
        (tmp_path / "published.csv").write_bytes(content)
        write_csv(
            merge(findings, former=read_csv(tmp_path / "published.csv")), tmp_path / "next.csv"
        )
        assert (tmp_path / "next.csv").read_bytes() == content


def test_results_that_the_next_run_would_change_are_refused(results, published, pipeline):
    pipeline()  # all queries new, and nothing makes them over
    with pytest.raises(InputErrors, match="not compared with the published one"):
        publish(results, published)
    assert not any(published.iterdir())


@pytest.mark.parametrize("with_former", [False, True])
def test_a_pipeline_that_stops_leaves_the_former_results(results, published, pipeline, with_former):
    if with_former:
        publish(results, published, pipeline)
        pipeline.rules = ["unit"]
    before = {p.name: p.read_bytes() for p in published.glob("*")}
    runs = pipeline.runs

    def stops():
        pipeline()
        if pipeline.runs == runs + 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(results, published, stops)
    assert pipeline.runs == runs + 2
    assert {p.name: p.read_bytes() for p in published.glob("*")} == before


def test_edited_missing_and_unlisted_results_are_not_published(results, published, capsys):
    (results / "ard.csv").unlink()
    (results / "figures/skin.svg").write_text("edited")
    lines = (results / NAME).read_text().splitlines(keepends=True)
    (results / NAME).write_text("".join(x for x in lines if not x.endswith("claims.csv\n")))
    where = ["--results", str(results), "--published", str(published)]
    assert main(["publish", *where, "--with", ""]) == 1
    assert capsys.readouterr().err.splitlines()[::3] == [
        "A result to publish is missing",
        "A result to publish is not listed by the run",
        "A result to publish was edited after the run",
    ]
    assert not published.exists()


def test_damaged_former_results_are_told_and_replaced(results, published):
    publish(results, published)
    (published / "claims.csv").write_text("damaged")
    said = publish(results, published).splitlines()
    assert said[0] == "The former published results cannot be compared:"
    assert said[1] == "A published file is not the one of which the checksum was published"
    assert said[-1] == f"published {NAME}"
    assert all(v.good for v in verify(results, published))


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (f"{shlex.quote(sys.executable)} -c 'raise SystemExit(3)'", "(exit status 3)"),
        ("no-such-command", "(No such file or directory)"),
    ],
)
def test_a_command_that_fails_publishes_nothing(results, published, command, what, capsys):
    where = ["--results", str(results), "--published", str(published)]
    assert main(["publish", *where, "--with", command]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"The pipeline stopped {what}",
        f"  where: {command}",
        "  to do: Mend what it tells, then publish again; nothing was published",
    ]
    assert not published.exists()


def test_the_command_publishes_and_says_so(results, published, capsys):
    where = ["--results", str(results), "--published", str(published)]
    assert main(["publish", *where, "--with", f"{shlex.quote(sys.executable)} -c pass"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Published for the first time."
    assert main(["verify", *where]) == 0


def test_the_simulation_study_is_kept_as_it_is(results, published, pipeline):
    published.mkdir()
    study = published / "simulation_study.csv"
    study.write_text("DESIGN,VALUE\nten,0.04\n")
    publish(results, published, pipeline)
    pipeline()
    assert study.read_text() == "DESIGN,VALUE\nten,0.04\n"
    assert "simulation_study" not in (published / NAME).read_text()
    assert all(v.good for v in verify(results, published))
