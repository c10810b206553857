"""Reading does not depend on the order of columns and rows, on quotes, encoding or line ends."""

from __future__ import annotations

import csv
import io
import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.read import quick, scan
from sclerotrial.read.export import KEYS
from sclerotrial.read.opening import Options, open_export
from sclerotrial.read.text import Text, parse

HEAD = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
FIELDS = ["sex", "pulse", "organs___1", "organs___2", "organs____9", "term", "remark"]
CODECS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "latin-1",
    "mac_roman",
]
WORDS = [
    "Köpfe",
    "fièvre légère",
    "señora",
    "Müller",
    "ça va",
    "plain",
    "a, b; c",
    'say "x"',
    "l1\nl2",
]


def written(rows, *, separator, quoting, end, codec) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue().encode(codec)


@st.composite
def exports(draw):
    """Rows of a REDCap export: each subject at one or two events, and some repeated events."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        subject = f"S0{number + 1}"
        for event in draw(st.sampled_from([["a_arm_1"], ["a_arm_1", "b_arm_1"]])):
            boxes = draw(st.lists(st.sampled_from("01"), min_size=3, max_size=3))
            sex, pulse = draw(st.sampled_from("12")), draw(st.sampled_from(["71", "", "80,5"]))
            cells = [sex, pulse, *boxes, "", ""]
            rows.append([subject, event, "", "", *cells])
        for instance in range(draw(st.integers(0, 2))):
            texts = [draw(st.sampled_from(WORDS)), draw(st.sampled_from(WORDS))]
            rows.append([subject, "logs_arm_1", "events", str(instance + 1), *[""] * 5, *texts])
    return rows


def content_of(found) -> dict[str, list]:
    """Cells of each form by key, whatever the order of rows and columns."""
    return {
        name: sorted(
            table.rows[[*KEYS, *sorted(table.fields)]].to_numpy().tolist()
        )
        for name, table in found.tables.items()
    }  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=exports(),
    seed=st.integers(0, 2**16),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    codec=st.sampled_from(CODECS),
)
def test_reading_is_invariant(crf_files, rows, seed, separator, quoting, end, codec):
    folder = crf_files()
    options = Options(dictionary=folder / "dictionary.csv")
    plain = [[*HEAD, *FIELDS], *rows]
    one = open_export(
        written(plain, separator=",", quoting=csv.QUOTE_MINIMAL, end="\n", codec="utf-8"),
        "d.csv",
        options,
    )
    chance = random.Random(seed)
    columns = list(range(len(plain[0])))
    chance.shuffle(columns)
    body = rows[:]
    chance.shuffle(body)
    moved = [[row[i] for i in columns] for row in [plain[0], *body]]
    content = written(moved, separator=separator, quoting=quoting, end=end, codec=codec)
    other = open_export(content, "d.csv", options)
    assert content_of(one) == content_of(other)
    assert (one.rows, one.fields, one.cells) == (other.rows, other.fields, other.cells)


TEXTS = st.text(st.sampled_from('ab",;\n\r\t é\u00a0'), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=8),
    separator=st.sampled_from([",", ";", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    piece=st.sampled_from([1, 2, 3, 7, 1 << 22]),
)
def test_the_quick_way_gives_what_the_careful_way_gives(rows, separator, quoting, end, piece):
    if any("\r" in cell or "\n" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the writer leaves some line ends without quotes
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end)
    writer.writerows([["id", "x", "y"], *rows])
    decoded = Text(out.getvalue(), "UTF-8")
    careful = parse(decoded, "f.csv", separator=separator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "_SMALL", 0)
        patch.setattr(scan, "_PIECE", piece)  # records, quotes, blanks across pieces
        found = parse(decoded, "f.csv", separator=separator)
    pd.testing.assert_frame_equal(found.cells, careful.cells)
    assert list(found.lines) == list(careful.lines)
    assert (found.header, found.header_line, found.padded) == (
        careful.header, careful.header_line, careful.padded,
    )  # fmt: skip


def test_the_quick_way_is_taken_and_leaves_what_is_odd(monkeypatch):
    monkeypatch.setattr(quick, "_SMALL", 0)
    about = {"encoding": "UTF-8", "separator": ",", "line_ends": "LF"}
    good = quick.quick_grid('id,x\n1,"a\nb"\n\n2,c\n', 0, [], about)
    assert good is not None and list(good.lines) == [2, 5]
    for odd in ('id,x\n1,a"b\n', "id,x\n1\n", 'id,x\n1,"a\n', "id,id\n1,2\n", 'id,x\n1,"a"b\n'):
        assert quick.quick_grid(odd, 0, [], about) is None
