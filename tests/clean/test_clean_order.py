"""The order of rows and columns in raw files changes nothing; nor does cleaning again."""

from __future__ import annotations

import csv
import io
import random

import pandas as pd
import pytest

from sclerotrial.clean import clean_forms, queries
from sclerotrial.read import dictionaries, read_all
from sclerotrial.simulate.options import Options
from sclerotrial.simulate.write import write_study
from sclerotrial.study import load

FILES = {
    "redcap/IMSSC_DATA.csv": ("utf-8", ",", "\n"),
    "laboratory/hospital_lab_list.csv": ("cp1252", ";", "\r\n"),
    "samples/sample_manifest.csv": ("utf-8", ",", "\n"),
    "allocation/allocation_list.csv": ("utf-8", ",", "\n"),
}


def shuffled(folder, seed, columns):
    rng = random.Random(seed)
    for name, (encoding, sign, end) in FILES.items():
        path = folder / "data/raw" / name
        text = path.read_bytes().decode(encoding)
        head, *rows = csv.reader(io.StringIO(text), delimiter=sign)
        if columns:
            order = list(range(1, len(head)))
            rng.shuffle(order)
            order = [0, *order]
            head, rows = [head[i] for i in order], [[r[i] for i in order] for r in rows]
        else:
            rng.shuffle(rows)
        out = io.StringIO()
        csv.writer(out, delimiter=sign, lineterminator=end).writerows([head, *rows])
        path.write_text(out.getvalue(), encoding=encoding, newline="")


def cleaned(folder):
    study, raw = load(folder / "config"), folder / "data/raw"
    forms, notes = read_all(study, raw)
    known = dictionaries(study, raw)
    clean, found = clean_forms(study, forms, known)
    again, _ = clean_forms(study, clean, known)
    for name, table in clean.items():
        pd.testing.assert_frame_equal(table, again[name])
    return clean, queries.merge(notes, found)


def bare(clean):
    """The clean forms without places in files, sorted."""
    out = {}
    for name, table in clean.items():
        numbered = name in ("lab", "samples", "allocation")
        rows = table.drop(columns=["SRCFILE", "SRCLINE", *(["INSTANCE"] if numbered else [])])
        rows = rows[sorted(rows)]
        out[name] = rows.sort_values(list(rows)).reset_index(drop=True)
    return out


def asked(table):
    """What the query list says of subjects, without lines (messages name some)."""
    mine = table[table["USUBJID"] != ""]
    columns = ["QUERYID", "FORM", "FIELD", "RULE", "RAW", "ACTION", "VALUE", "VISIT"]
    return sorted(map(tuple, mine[columns].to_numpy()))


@pytest.mark.parametrize("columns", [False, True])
def test_the_order_of_a_file_changes_nothing(root, tmp_path, columns):
    options = Options(seed=77, patients=10, calibrate="none", defects="every")
    write_study(tmp_path, options, root / "config")
    clean, table = cleaned(tmp_path)
    shuffled(tmp_path, 5, columns)
    other, same = cleaned(tmp_path)
    for name, rows in bare(clean).items():
        pd.testing.assert_frame_equal(rows, bare(other)[name], obj=name)
    assert asked(table) == asked(same)
    assert table["QUERYID"].is_unique and len(table) > 80
