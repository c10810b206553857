"""Limits of quantification and the mending of concentrations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sclerotrial.assays.limits import accept, mend_expected
from sclerotrial.errors import InputErrors


def levels(*recovery):
    return pd.DataFrame({"LEVEL": 2.0 ** np.arange(len(recovery)), "RECOVERY": recovery})


@pytest.mark.parametrize(
    ("recovery", "limits", "count"),
    [
        ((100,) * 8, (1, 128), 8),
        ((130, 122, 100, 100, 100, 100, 100, 100), (2, 128), 7),  # the end may be off by 25 %
        ((100, 122, 100, 100, 100, 100, 100, 100), (1, 128), 7),  # one inner level lost, 7 of 8
        ((100, 130, 130, 130, 100, 100, 100, 100, 100, 100, 100), (16, 1024), 7),  # 8 of 11 < 75 %
        ((np.nan, np.inf, 100, 100, 100, 100, 100, 0), None, 5),  # five levels are too few
    ],
)
def test_m10(recovery, limits, count):
    got = accept(levels(*recovery))
    assert got.accepted == (limits is not None)
    assert got.n_accepted == count
    if limits:
        assert (got.lloq, got.uloq) == limits


def series(values, analyte="IL-6"):
    names = [f"Standard{i + 1}" for i in range(len(values))]
    return pd.DataFrame(
        {"FILE": "p.csv", "ANALYTE": analyte, "SAMPLE": names, "VALUE": values, "LINE": "9"}
    )


def test_lost_decimal_mark_is_mended_and_told():
    """215.625 read as 215625, as in the published cytokine plate."""
    right = 3450 / 2.0 ** np.arange(8)
    wrong = right.copy()
    wrong[4] = 215625
    expected, mended = mend_expected(series(wrong))
    assert expected["VALUE"].tolist() == right.tolist()
    assert mended[["SAMPLE", "WAS", "VALUE"]].to_numpy().tolist() == [
        ["Standard5", 215625, 215.625]
    ]


def test_series_is_left_alone_when_it_is_not_geometric():
    values = [1000.0, 900, 100, 90, 10, 9]
    expected, mended = mend_expected(series(values))
    assert expected["VALUE"].tolist() == values
    assert mended.empty


def test_series_that_turns_is_refused():
    with pytest.raises(InputErrors, match="neither fall nor rise"):
        mend_expected(series([1000.0, 500, 700, 125, 62.5]))
