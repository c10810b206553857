"""Columns of R's data frames that are no plain vectors, and objects that hold no table.

The bytes are written here as R writes them (XDR, version 2; R Internals, section 1.8).
"""

from __future__ import annotations

import gzip
import struct

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.read import read_export

HEAD = b"X\n" + struct.pack(">3i", 2, 0x030604, 0x020300)
NIL = struct.pack(">i", 254)


def text(value: str | None) -> bytes:
    if value is None:
        return struct.pack(">ii", 9, -1)
    return struct.pack(">ii", 9 | 0x8000, len(value.encode())) + value.encode()


def pairs(about: dict[str, bytes]) -> bytes:
    tags = (struct.pack(">ii", 2 | 0x400, 1) + text(name) + value for name, value in about.items())
    return b"".join(tags) + NIL


def vector(kind: int, body: bytes, n: int, **about: bytes) -> bytes:
    named = {name.replace("row_names", "row.names"): value for name, value in about.items()}
    flags = kind | (0x200 if about else 0) | (0x100 if "class" in about else 0)
    return struct.pack(">ii", flags, n) + body + (pairs(named) if about else b"")


def texts(*values: str, **about: bytes) -> bytes:
    return vector(16, b"".join(map(text, values)), len(values), **about)


def ints(*values: int, **about: bytes) -> bytes:
    return vector(13, struct.pack(f">{len(values)}i", *values), len(values), **about)


def reals(*values: float, **about: bytes) -> bytes:
    return vector(14, struct.pack(f">{len(values)}d", *values), len(values), **about)


def a_list(*values: bytes, **about: bytes) -> bytes:
    return vector(19, b"".join(values), len(values), **about)


def a_class(*names: str) -> dict[str, bytes]:
    return {"class": texts(*names)}


def read(tmp_path, columns: dict[str, bytes], rows: bytes | None = None):
    """A data frame of two rows, read; R writes its row names in short as (NA, -2)."""
    about = {"names": texts("id", *columns), "row_names": rows or ints(-(1 << 31), -2)}
    frame = a_list(texts("S01", "S02"), *columns.values(), **about, **a_class("data.frame"))
    (tmp_path / "d.rds").write_bytes(gzip.compress(HEAD + frame))
    return read_export(tmp_path / "d.rds")


def cells(found, column: str) -> list[str]:
    assert len(found.tables["d"].rows) == 2
    return list(found.tables["d"].rows[column])


#: as.numeric(as.POSIXct("2019-04-30", tz = "Europe/Zurich")) of R
ZURICH = 1556575200.0


@pytest.mark.parametrize(
    ("zone", "shown", "note"),
    [
        (["Europe/Zurich"], "2019-04-30 00:00:00", ""),
        (["UTC"], "2019-04-29 22:00:00", ""),
        ([""], "2019-04-29 22:00:00", "without a zone"),
        ([], "2019-04-29 22:00:00", "without a zone"),
        (["Mars/Base"], "2019-04-29 22:00:00", "unknown zone, Mars/Base"),
    ],
)
def test_moments_are_told_in_the_zone_of_their_column(tmp_path, zone, shown, note):
    """Midnight in Zurich is the evening before in UTC: another day."""
    about = a_class("POSIXct", "POSIXt") | ({"tzone": texts(*zone)} if zone else {})
    found = read(tmp_path, {"at": reals(ZURICH, float("nan"), **about)})
    assert cells(found, "at") == [shown, ""]
    assert [note in n for n in found.notes] == ([True] if note else [])


def test_moments_kept_in_parts(tmp_path):
    """POSIXlt: years since 1900, months from 0."""
    names = ("sec", "min", "hour", "mday", "mon", "year")
    parts = [reals(5.0, float("nan")), *(ints(v, -(1 << 31)) for v in (30, 11, 1, 4, 119))]
    found = read(tmp_path, {"at": a_list(*parts, names=texts(*names), **a_class("POSIXlt"))})
    assert cells(found, "at") == ["2019-05-01 11:30:05", ""]


def test_a_column_that_is_a_matrix_is_its_columns(tmp_path):
    named = reals(1, 2, 3, 4, dim=ints(2, 2), dimnames=a_list(NIL, texts("l", "r")))
    found = read(tmp_path, {"m": reals(1, 2, 3, 4.5, dim=ints(2, 2)), "hand": named})
    assert [cells(found, c) for c in ("m.1", "m.2")] == [["1", "2"], ["3", "4.5"]]
    assert [cells(found, c) for c in ("hand.l", "hand.r")] == [["1", "2"], ["3", "4"]]


def test_whole_numbers_of_64_bits(tmp_path):
    """bit64 keeps them in the bits of doubles; the lowest stands for NA."""
    body = struct.pack(">2q", -(2**53) - 1, -(2**63))
    found = read(tmp_path, {"x": vector(14, body, 2, **a_class("integer64"))})
    assert cells(found, "x") == ["-9007199254740993", ""]


def test_labels_units_lists_and_days_out_of_the_calendar(tmp_path):
    labels = reals(1, 2, names=texts("Yes", "No"))
    found = read(
        tmp_path,
        {
            "ill": reals(1, 2, labels=labels, label=texts("Ill?"), **a_class("haven_labelled")),
            "took": reals(1.5, 2, units=texts("weeks"), **a_class("difftime")),
            "many": a_list(reals(1, 2), texts("x")),
            "day": reals(float("inf"), 18016, **a_class("Date")),
        },
    )
    field = found.dictionary.by_column("d")["ill"]
    assert (field.label, field.choices) == ("Ill?", {"1": "Yes", "2": "No"})
    assert cells(found, "many") == ["1; 2", "x"]
    assert cells(found, "day") == ["Inf", "2019-04-30"]  # as.numeric(as.Date("2019-04-30"))
    assert found.notes == (
        "d: column took is in weeks",
        "d: column many holds lists: their values are joined by '; '",
    )


def test_names_of_rows_are_a_column(tmp_path):
    found = read(tmp_path, {"x": ints(7, 8)}, rows=texts("P1_V1", "P2_V1"))
    assert cells(found, "row.names") == ["P1_V1", "P2_V1"]
    assert (
        "row.names" not in read(tmp_path, {"x": ints(7, 8)}, rows=texts("3", "9")).tables["d"].rows
    )


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (ints(1, 2, 3), "the column x has 3 values in 2 rows"),
        (ints(1, 9, levels=texts("a"), **a_class("factor")), "cannot be read"),
        (struct.pack(">ii", 21, 1), "a compiled function is in it, which is no table"),
        (struct.pack(">i", 25), "an object of a class of S4 is in it"),
        (NIL, "the column x holds no values"),
        (struct.pack(">ii", 13 | 0x200, 0) + ints(1), "attributes that are no list"),
    ],
)
def test_what_holds_no_table_is_refused_in_words(tmp_path, column, said):
    with pytest.raises(InputErrors, match=said) as caught:
        read(tmp_path, {"x": column})
    assert caught.value.problems[0].where == "d.rds"
