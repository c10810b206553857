"""A bad input stops with three lines, all problems of a pass together; results stay."""

import csv

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("trial")]


def told(text):
    """The problems at the end of the output, as (what, where, to do)."""
    lines = text.rstrip().splitlines()
    last = max(i for i, line in enumerate(lines) if line.startswith("At least one job"))
    rest = lines[last + 1 :]
    assert len(rest) % 3 == 0
    assert all(line.startswith("  where: ") for line in rest[1::3])
    assert all(line.startswith("  to do: ") for line in rest[2::3])
    return list(zip(rest[::3], rest[1::3], rest[2::3], strict=True))


def change_redcap(project, change):
    path = project.folder / "data/raw/redcap/IMSSC_DATA.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_all_problems_of_a_pass_are_told_together(copy):
    finished = ["crf", "clean", "adam", "ard", "tables", "figures", "biomarkers"]
    before = copy.digests(*finished)

    def spoil(rows):
        head = rows[0]
        visits = [r for r in rows if r[1].startswith("month_3")]
        rows.append(list(visits[1]))
        head[head.index("mrss_face")] = "mrss_fase"

    change_redcap(copy, spoil)
    (copy.folder / "data/raw/laboratory/hospital_lab_list.csv").unlink()
    copy.edit("data/raw/serum/luminex_plate1.csv", "IM03-BL-S", "IM33-BL-S")
    plate = copy.folder / "data/raw/skin/quantstudio_skin.txt"
    plate.write_bytes(plate.read_bytes()[: plate.stat().st_size // 2])

    run = copy.run(check=False)
    assert run.code == 1
    assert "Traceback" not in run.text
    problems = told(run.text)
    text = "\n".join(" ".join(p) for p in problems)
    for word in (
        "laboratory/hospital_lab_list.csv",
        "twice",
        "The column 'mrss_fase' is not in the data dictionary. Did you mean 'mrss_face'",
        "IM33-BL-S",
        "IM03-BL-S",  # the nearest, as a suggestion
        "the file was cut",
    ):
        assert word in text
    assert copy.digests(*finished) == before  # finished results are untouched

    again = copy.run(check=False)  # never 'nothing to be done' over old results
    assert again.code == 1
    assert set(told(again.text)) == set(problems)


@pytest.mark.parametrize(
    ("path", "old", "new", "word"),
    [
        ("config/study.yaml", "recruitment:", "recruitmnt:", "Did you mean 'recruitment'?"),
        ("config/assays.yaml", "ct_max:", "ct_maxx:", "Did you mean 'ct_max'?"),
        ("config/claims.yaml", "rule:", "rul:", "Did you mean 'rule'?"),
        ("config/analyses.yaml", "alpha:", "alfa:", "Did you mean 'alpha'?"),
    ],
)
def test_a_misspelt_key_stops_before_anything_runs(fresh, path, old, new, word):
    fresh.edit(path, old, new)
    run = fresh.run("-n", check=False)
    assert run.code == 1
    what, where, todo = run.text.rstrip().splitlines()[-3:]
    assert word in what
    assert where.startswith(f"  where: {path}, line ")
    assert todo.startswith("  to do: ")
    assert "Traceback" not in run.text


def test_cleaning_stops_on_a_date_that_is_none_and_on_a_subject_without_allocation(copy):
    def spoil(rows):
        head = rows[0]
        row = next(r for r in rows if r[1].startswith("month_6"))
        row[head.index("visit_date")] = "2008-02-30"

    change_redcap(copy, spoil)
    copy.edit("data/raw/allocation/allocation_list.csv", ",IM04,", ",,")
    run = copy.run(check=False)
    assert run.code == 1
    text = "\n".join(" ".join(p) for p in told(run.text))
    assert "visit_date" in text
    assert "Subject IM04 was treated without allocation" in text


def test_no_name_or_birth_date_leaves_the_reader(finished):
    path = finished.folder / "data/raw/redcap/IMSSC_DATA.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    secret = {
        r[k] for r in rows for k in ("last_name", "birth_date", "mrn", "phone") if len(r[k]) > 3
    }
    assert len(secret) > 30
    every = b"\n".join(finished.digests().values()).decode("utf-8", "replace") + finished.text
    logs = finished.folder / "results/logs"
    every += "\n".join(f.read_text(encoding="utf-8") for f in logs.rglob("*.log"))
    assert sorted(word for word in secret if word in every) == []
