"""Files that were damaged, or that changed since they were read."""

from __future__ import annotations

import pytest

from sclerotrial.assays import formats
from sclerotrial.errors import InputErrors
from tests.assays.written import save

SERIES = (
    '!Sample_title\t"s1"\t"s2"\n!Sample_geo_accession\t"G1"\t"G2"\n'
    '!series_matrix_table_begin\n"ID_REF"\t"G1"\t"G2"\n'
)
END = "!series_matrix_table_end\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('"a"\t1\t2\n"b"\t1\t2\t3\n', "A row of the matrix has more cells than the 3 titles"),
        ('"a"\t1\t2\n"b\t1\t3\n', "a quote is opened and not closed"),
        ("", "The matrix has no rows"),
    ],
)
def test_rows_of_a_series_that_cannot_be_told_are_refused(tmp_path, rows, said):
    with pytest.raises(InputErrors, match=said):
        formats.read(save(tmp_path, SERIES + rows + END))


def test_decimal_commas_between_commas_are_not_cut_off(tmp_path):
    """3,7 is two cells there: one value too many, which is not dropped."""
    text = "gene,S1,S2\nTNF,1,2\nIL6,3,4\nCCL2,3,7,5\n"
    with pytest.raises(InputErrors, match="more cells than the 3 titles") as caught:
        formats.read(save(tmp_path, text), fmt="expression")
    assert caught.value.problems[0].where.endswith("row 3 below the titles")
