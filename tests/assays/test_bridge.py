"""NPX of several runs on one level by bridge samples; expectations by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from sclerotrial.assays import formats
from sclerotrial.assays.bridge import adjustments
from sclerotrial.assays.quantify import quantify
from sclerotrial.errors import InputErrors
from sclerotrial.study_assays import Assay, problems


def bridge(samples="B[0-9]+", reference="one.csv", minimum=3):
    return SimpleNamespace(samples=samples, reference=reference, minimum=minimum)


def npx(runs, lod=None):
    """Readings of {(file, plate, analyte): {sample: NPX}}."""
    rows = [(file, f"{plate}:A{i + 1}", s, a, "npx", "SAMPLE", v)
            for (file, plate, a), levels in runs.items()
            for i, (s, v) in enumerate(levels.items())]  # fmt: skip
    rows += [(f, p, "", a, "lod", "LOD", v) for (f, p, a), v in (lod or {}).items()]
    out = pd.DataFrame(
        rows, columns=["FILE", "WELL", "SAMPLE", "ANALYTE", "QUANTITY", "TASK", "VALUE"]
    )
    out = out.assign(VALUE=out["VALUE"].map(repr), TEXT="", UNIT="NPX", FLAGS="", DILUTION="")
    return out.assign(LINE=[str(i + 2) for i in range(len(out))])[formats.COLUMNS]


# reference less run: B1 -0.5, B2 -0.75, B3 -0.25, B4 -3: median of four (-0.5 - 0.75) / 2
FIRST = {"B1": 2.0, "B2": 3.0, "B3": 4.0, "B4": 5.0, "P1": 1.0}
SECOND = {"B1": 2.5, "B2": 3.75, "B3": 4.25, "B4": 8.0, "P2": 6.0}


def two_files(**more):
    return npx({("d/one.csv", "x", "IL6"): FIRST, ("d/two.csv", "y", "IL6"): SECOND}, **more)


def values(levels, code="IL6"):
    mine = levels[levels["PARAMCD"] == code]
    return {(f, s): v for f, s, v in mine[["FILE", "SAMPLE", "VALUE"]].itertuples(index=False)}


def test_a_run_moves_by_the_median_of_the_paired_differences(make_assay):
    assay = make_assay(method="as_given", scale="log2", bridge=bridge())
    levels, quality = quantify("o", assay, two_files(), None)
    got = values(levels)
    assert got["d/one.csv", "P1"] == 1.0
    assert got["d/two.csv", "P2"] == 6.0 - 0.625
    assert got["d/two.csv", "B1"] == 2.5 - 0.625
    told = quality[quality["CHECK"] == "bridge"]
    assert told[["FILE", "PARAMCD", "VALUE", "LIMIT", "VERDICT"]].to_numpy().tolist() == [
        ["d/two.csv", "IL6", -0.625, "at least 3 bridge samples", "pass"]
    ]
    assert "4 bridge samples" in told["MESSAGE"].iloc[0]


def test_too_few_bridges_are_refused_with_a_row(make_assay):
    assay = make_assay(method="as_given", scale="log2", bridge=bridge(minimum=5))
    levels, quality = quantify("o", assay, two_files(), None)
    assert set(levels["FILE"]) == {"d/one.csv"}
    told = quality[quality["CHECK"] == "bridge"]
    assert told[["FILE", "VERDICT", "LIMIT"]].to_numpy().tolist() == [
        ["d/two.csv", "fail", "at least 5 bridge samples"]
    ]
    assert told["MESSAGE"].iloc[0].startswith("4 bridge samples")


def test_a_bridge_with_a_warning_gives_no_pair(make_assay):
    """Without B4 the differences are -0.5, -0.75 and -0.25."""
    table = two_files()
    bad = (table["SAMPLE"] == "B4") & (table["FILE"] == "d/two.csv")
    table = table.assign(FLAGS=np.where(bad, "qc_warning", ""))
    assay = make_assay(method="as_given", scale="log2", bridge=bridge())
    levels, _ = quantify("o", assay, table, None)
    assert values(levels)["d/two.csv", "P2"] == 5.5


def test_the_limit_of_detection_moves_with_its_run(make_assay):
    """LOD 5.5 of the second file is 4.875 after the shift: P2 at 5.375 lies above it."""
    lod = {("d/one.csv", "x", "IL6"): 0.5, ("d/two.csv", "y", "IL6"): 5.5}
    assay = make_assay(method="as_given", scale="log2", bridge=bridge())
    levels, _ = quantify("o", assay, two_files(lod=lod), None)
    mine = levels.set_index(["FILE", "SAMPLE"])
    assert mine.loc[("d/two.csv", "P2"), ["LLOQ", "BLQFL"]].tolist() == [4.875, ""]
    assert mine.loc[("d/two.csv", "B3"), "BLQFL"] == "Y"
    assert mine.loc[("d/one.csv", "P1"), "LLOQ"] == 0.5


@pytest.mark.parametrize(("plate", "limit"), [("y", 4.875), ("", 5.5)])
def test_plates_of_one_file(make_assay, plate, limit):
    """A limit without its plate stays where the plate that moves furthest up (the first) is."""
    table = npx({("one.csv", "x", "IL6"): FIRST, ("one.csv", "y", "IL6"): SECOND},
                {("one.csv", plate, "IL6"): 5.5})  # fmt: skip
    assay = make_assay(method="as_given", scale="log2", bridge=bridge(reference="x"))
    levels, quality = quantify("o", assay, table, None)
    assert values(levels)["one.csv", "P2"] == 5.375
    assert values(levels)["one.csv", "B1"] == (2.0 + 1.875) / 2
    assert set(levels["LLOQ"]) == {limit}
    assert quality.loc[quality["CHECK"] == "bridge", "LEVEL"].tolist() == ["y"]


def test_what_only_one_run_has_is_kept(make_assay):
    table = pd.concat([two_files(), npx({("d/two.csv", "y", "CCL2"): SECOND})])
    assay = make_assay(method="as_given", scale="log2", bridge=bridge())
    levels, quality = quantify("o", assay, table, None)
    assert values(levels, "CCL2")["d/two.csv", "P2"] == 6.0
    told = quality[(quality["CHECK"] == "bridge") & (quality["PARAMCD"] == "CCL2")]
    assert told["VERDICT"].tolist() == ["note"]


def test_a_pool_that_the_manifest_does_not_list_is_a_control(make_assay):
    manifest = pd.DataFrame({
        "barcode": ["P1", "P2"], "USUBJID": ["S1", "S2"], "visit": "Baseline",
        "compartment": "SERUM", "collected": "", "freeze_thaw": "", "quality": "",
    })  # fmt: skip
    assay = make_assay(method="as_given", scale="log2", bridge=bridge())
    levels, quality = quantify("o", assay, two_files(), manifest, ["Baseline"])
    assert values(levels) == {("d/one.csv", "P1"): 1.0, ("d/two.csv", "P2"): 5.375}
    assert (quality["CHECK"] == "bridge_sample").sum() == 8


def test_an_unknown_reference_is_refused(make_assay):
    assay = make_assay(method="as_given", scale="log2", bridge=bridge(reference="d/ome.csv"))
    with pytest.raises(InputErrors, match=r"d/one\.csv"):
        quantify("o", assay, two_files(), None)


def test_plates_of_one_name_in_two_files_are_two_runs(make_assay):
    table = npx({("one.csv", "x", "IL6"): FIRST, ("two.csv", "x", "IL6"): SECOND})
    assay = make_assay(method="as_given", scale="log2", bridge=bridge(reference="two.csv:x"))
    levels, _ = quantify("o", assay, table, None)
    assert values(levels)["one.csv", "P1"] == 1.625
    assert values(levels)["two.csv", "P2"] == 6.0


def entry(**bridge):
    return {"label": "", "files": "*", "compartment": "SERUM", "scale": "log2",
            "method": "as_given", "bridge": bridge}  # fmt: skip


def test_what_the_configuration_says_is_checked():
    good = Assay(**entry(samples="B.*", reference="one.csv"))
    assert good.bridge.minimum == 8
    assert problems({"o": good}, "assays.yaml") == []
    wrong = Assay(**{**entry(samples="B(", reference="one.csv"), "scale": "linear"})
    assert [p.where for p in problems({"o": wrong}, "assays.yaml")] == [
        "assays.yaml, key assays.o.bridge", "assays.yaml, key assays.o.bridge.samples"
    ]  # fmt: skip


_LEVEL = st.integers(-64, 64).map(lambda i: i / 8)


@settings(deadline=None, max_examples=30)
@cases(st.lists(_LEVEL, min_size=1, max_size=12), st.integers(-40, 40).map(lambda i: i / 8))
def test_a_constant_shift_is_undone(levels, by):
    """Eighths are exact in binary: what was added to every value comes off to the bit."""
    names = [f"B{i}" for i in range(len(levels))]
    table = pd.concat(
        pd.DataFrame({"RUN": r, "PARAMCD": "IL6", "SAMPLE": names, "LEVEL": np.add(levels, s)})
        for r, s in (("a", 0.0), ("b", by))
    )
    got = adjustments(table, "a")
    assert got.loc[("b", "IL6")].tolist() == [-by, len(levels)]


def test_a_wide_panel_is_told_why_it_takes_no_bridge(make_assay):
    """The reason and the way out where the format has neither plates nor warnings."""
    more = {"method": "as_given", "scale": "log2", "bridge": bridge(), "wide": True}
    wide = make_assay(**more, format="expression")
    (told,) = problems({"npx": wide}, "assays.yaml")
    assert told.where == "assays.yaml, key assays.npx.bridge"
    assert "plate by plate" in told.what and "npx is wide" in told.what
    assert told.todo.startswith("Leave out wide, or leave out bridge")
    assert len(problems({"npx": make_assay(**(more | {"scale": "linear"}), format="geo")}, "")) == 2
    for format in ("auto", "olink"):
        assert problems({"npx": make_assay(**more, format=format)}, "assays.yaml") == []
