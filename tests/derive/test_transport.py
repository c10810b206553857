"""Metadata of the variables and transport files."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from sclerotrial.derive import labels, xpt
from sclerotrial.tabular import as_text, num


@pytest.mark.parametrize("dataset", list(labels.datasets()))
def test_metadata_fit_a_transport_file(dataset):
    found = labels.variables(dataset)
    assert found
    assert all(0 < len(v.label) <= 40 for v in found.values())
    assert all(v.type in ("char", "num", "date") and 0 < v.length <= 200 for v in found.values())
    names = [v.xpt_name for v in found.values()]
    assert len(set(names)) == len(names)
    assert all(len(n) <= 8 and n.isascii() and n.isupper() for n in names)


def test_every_variable_is_described_and_in_order(datasets):
    for name, df in datasets.items():
        assert list(df.columns) == list(labels.variables(name)), name


def test_types_are_those_described(datasets):
    for name, df in datasets.items():
        text = as_text(df)
        for column, variable in labels.variables(name).items():
            filled = text.loc[text[column] != "", column]
            if variable.type == "date":
                assert filled.map(lambda v: len(v) == 10 and v[4] == "-").all(), (name, column)
            elif variable.type == "num":
                assert pd.to_numeric(filled, errors="coerce").notna().all(), (name, column)
            else:
                assert (filled.str.len() <= variable.length).all(), (name, column)
            if column.endswith("FL"):
                assert set(filled) <= {"Y"}, (name, column)


def test_read_back(datasets, tmp_path):
    for name, df in datasets.items():
        path = tmp_path / f"{name}.xpt"
        xpt.write_xpt(df, path, name)
        read, meta = pyreadstat.read_xport(path)
        assert read.shape == df.shape
        assert (meta.table_name, meta.column_labels) == (
            name.upper(), list(labels.labels(name).values()),
        )  # fmt: skip
        text = as_text(df)
        for (column, variable), got in zip(labels.variables(name).items(), read, strict=True):
            assert got == variable.xpt_name
            if variable.type == "num":
                np.testing.assert_allclose(read[got].astype(float), num(text[column]), rtol=1e-12)
            elif variable.type == "date":
                days = ["" if pd.isna(v) else str(v)[:10] for v in read[got]]
                assert days == text[column].tolist()
            else:
                assert read[got].fillna("").tolist() == text[column].tolist()


def test_equal_data_give_equal_bytes(datasets, tmp_path):
    a, b = tmp_path / "a.xpt", tmp_path / "b.xpt"
    xpt.write_xpt(datasets["adqs"], a, "adqs")
    xpt.write_xpt(as_text(datasets["adqs"]), b, "adqs")
    assert a.read_bytes() == b.read_bytes()
    assert a.read_bytes().count(b"01JAN70:00:00:00") == 4
    assert pyreadstat.read_xport(a)[1].creation_time == dt.datetime(1970, 1, 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xpt", "b.xpt"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("œdème périphérique", "oedeme peripherique"), ("10 µg", "10 ug"), ("TGF-β1", "TGF-beta1"),
        ("≥20 %", ">=20 %"), ("Sjögren–Larsson", "Sjogren-Larsson"), ("中", "?"),
    ],
)  # fmt: skip
def test_text_becomes_ascii(text, expected):
    assert xpt.to_ascii(text) == expected


def test_long_text_is_cut_and_unknown_variables_are_kept(tmp_path):
    df = pd.DataFrame({"USUBJID": ["A"], "AETERM": ["x" * 300], "NEWVARIABLE": [1.5]})
    frame, names, formats = xpt.prepare(df, "adae")
    assert len(frame.loc[0, "AETERM"]) == 200
    assert (names["NEWVARIA"], frame.loc[0, "NEWVARIA"], formats) == ("NEWVARIABLE", 1.5, {})
    with pytest.raises(ValueError, match="NEWVARIA"):
        xpt.prepare(df.assign(NEWVARIABLE2=1), "adae")


def test_long_names_have_a_short_one():
    found = labels.variables("adbm")
    assert found["LOG2FC_LOW"].xpt_name == "LOG2FCLO"
    assert found["LOG2FC_HIGH"].xpt_name == "LOG2FCHI"


def test_empty_datasets_can_be_written(tmp_path):
    df = pd.DataFrame({"USUBJID": pd.Series(dtype=str), "AGE": pd.Series(dtype=float)})
    xpt.write_xpt(df, tmp_path / "adsl.xpt", "adsl")
    assert pyreadstat.read_xport(tmp_path / "adsl.xpt")[0].shape == (0, 2)
