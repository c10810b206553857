"""Each edit of the matrix runs exactly the steps that it must, and gives what a cold run gives."""

import pytest

from tests.rerun.edits import EDITS

ROWS = [
    pytest.param(edit, id=edit.name, marks=[] if edit.quick else pytest.mark.slow) for edit in EDITS
]


@pytest.mark.parametrize("edit", ROWS)
def test_an_edit_runs_what_it_must_and_no_other(edit, flow):
    before = flow.results()
    before = edit.does(flow) or before
    if edit.says:
        assert flow.words() == edit.says
    assert flow.run() == edit.runs.split()
    if not edit.runs:
        assert flow.results() == before
    assert "Nothing to be done" in flow.snakemake().stdout


def test_the_matrix_is_wide_enough():
    assert len(EDITS) >= 30
    assert len({edit.name for edit in EDITS}) == len(EDITS)
    assert sum(edit.quick for edit in EDITS) >= len(EDITS) // 3
