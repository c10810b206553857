"""define.xml 2.1: what is in it, and the schema of the standard where that is at hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sclerotrial.derive import labels
from sclerotrial.derive.define import DEF, ODM, define
from sclerotrial.tabular import as_text

ODM_, DEF_ = f"{{{ODM}}}", f"{{{DEF}}}"


@pytest.fixture(scope="module")
def made(datasets) -> bytes:
    return define("T1", "A trial", datasets, "2026-01-02")


def test_every_variable_is_described_and_every_reference_resolves(made, datasets):
    root = ET.fromstring(made)
    refs = {r.get("ItemOID") for r in root.iter(f"{ODM_}ItemRef")}
    items = {i.get("OID"): i for i in root.iter(f"{ODM_}ItemDef")}
    assert refs == set(items)
    parameters = sum(df["PARAMCD"].nunique() for df in datasets.values() if "PARAMCD" in df)
    assert len(items) == sum(len(df.columns) for df in datasets.values()) + parameters
    for tag, attribute, kind in (
        ("CodeListRef", "CodeListOID", "CodeList"),
        ("ItemRef", "MethodOID", "MethodDef"),
        ("ItemGroupDef", f"{DEF_}CommentOID", f"{DEF_}CommentDef"),
        (f"{DEF_}ValueListRef", "ValueListOID", f"{DEF_}ValueListDef"),
        (f"{DEF_}WhereClauseRef", "WhereClauseOID", f"{DEF_}WhereClauseDef"),
    ):
        tag, kind = (t if t.startswith("{") else ODM_ + t for t in (tag, kind))
        used = {e.get(attribute) for e in root.iter(tag)} - {None}
        assert used == {e.get("OID") for e in root.iter(kind)}
    texts = [
        e.find(f"{ODM_}Description/{ODM_}TranslatedText").text
        for e in root.iter(f"{ODM_}MethodDef")
    ]
    assert all(texts)


def test_parameters_are_those_of_the_data(made, datasets):
    root = ET.fromstring(made)
    codes = next(e for e in root.iter(f"{ODM_}CodeList") if e.get("OID") == "CL.ADLB.PARAMCD")
    assert {i.get("CodedValue") for i in codes} == set(datasets["adlb"]["PARAMCD"])
    first = next(e for e in root.iter(f"{ODM_}ItemDef") if e.get("OID") == "IT.ADLB.ADT")
    assert (first.get("DataType"), first.get(f"{DEF_}DisplayFormat")) == ("integer", "DATE9.")


def test_values_of_each_parameter_are_described(made, datasets):
    root = ET.fromstring(made)
    lists = {e.get("OID"): e for e in root.iter(f"{DEF_}ValueListDef")}
    assert set(lists) == {f"VL.{n}.AVAL" for n in ("ADQS", "ADLB", "ADVS", "ADTTE")}
    rows = lists["VL.ADQS.AVAL"].findall(f"{ODM_}ItemRef")
    assert [r.get("ItemOID").rpartition(".")[2] for r in rows] == sorted(
        set(datasets["adqs"]["PARAMCD"])
    )
    wheres = {e.get("OID"): e for e in root.iter(f"{DEF_}WhereClauseDef")}
    check = wheres["WC.ADQS.PARAMCD.MRSS"].find(f"{ODM_}RangeCheck")
    assert check.get(f"{DEF_}ItemOID") == "IT.ADQS.PARAMCD"
    assert check.find(f"{ODM_}CheckValue").text == "MRSS"

    def told(oid):
        item = next(e for e in root.iter(f"{ODM_}ItemDef") if e.get("OID") == oid)
        words = item.find(f"{ODM_}Description/{ODM_}TranslatedText").text
        return words, item.get("DataType"), item.find(f"{DEF_}Origin").get("Type")

    # an area is collected, whole numbers; a global may have decimals; haemoglobin in its unit
    assert told("IT.ADQS.AVAL.MRSSFACE") == ("mRSS face (points)", "integer", "Collected")
    assert told("IT.ADQS.AVAL.MRSS") == (
        "Modified Rodnan skin score (points)", "integer", "Derived",
    )  # fmt: skip
    assert told("IT.ADLB.AVAL.CRP") == ("C-reactive protein (mg/L)", "float", "Derived")
    assert told("IT.ADVS.AVAL.SYSBP")[2] == "Collected"
    method = next(e for e in root.iter(f"{ODM_}MethodDef") if e.get("OID") == "MT.ADQS.AVAL.MRSS")
    assert "all are scored" in method.find(f"{ODM_}Description/{ODM_}TranslatedText").text


def test_every_parameter_of_the_packaged_table_has_a_method_or_is_collected():
    found = [labels.parameter(n, "", "X") for n in ("adlb", "advs", "adbm")]
    assert [p.origin for p in found] == ["Derived", "Collected", "Derived"]
    assert labels.parameter("adqs", "HAQ category", "HAQGRIP").method
    assert labels.parameter("adqs", "mRSS area", "MRSSFACE") == labels.Parameter("Collected", "")
    assert labels.parameter("adxx", "", "X").origin == "Derived"


def test_values_are_on_their_lists(datasets):
    for name, df in datasets.items():
        text = as_text(df)
        for column, variable in labels.variables(name).items():
            if variable.codes:
                known = {c[:1] + c[1:].partition("=")[0] for c in variable.codes.split("|")}
                assert set(text[column]) - {""} <= known, (name, column)


def test_keys_identify_a_row(datasets):
    for name, df in datasets.items():
        keys = list(labels.datasets()[name].keys)
        assert not as_text(df).duplicated(subset=keys).any(), name


def test_the_same_bytes_from_typed_and_from_read_back_data(made, datasets):
    read = {name: as_text(df) for name, df in datasets.items()}
    assert define("T1", "A trial", read, "2026-01-02") == made


def test_unknown_datasets_are_refused_and_unknown_variables_described(datasets):
    more = datasets["adsl"].assign(BNEW=[1.5] * len(datasets["adsl"]))
    root = ET.fromstring(define("T1", "A trial", {"adsl": more}))
    item = next(e for e in root.iter(f"{ODM_}ItemDef") if e.get("OID") == "IT.ADSL.BNEW")
    assert (item.get("DataType"), item.get("SignificantDigits")) == ("float", "1")
    with pytest.raises(ValueError, match="adxx"):
        define("T1", "A trial", {"adxx": more})


def test_schema_of_the_standard(made):
    etree = pytest.importorskip("lxml.etree")
    found = importlib.util.find_spec("odmlib")
    if found is None:
        pytest.skip("the package of tests/requirements-proof.txt is absent")
    folder = Path(found.submodule_search_locations[0]) / "schemas/define/2.1"
    schema = etree.XMLSchema(etree.parse(str(folder / "define2-1-0.xsd")))
    assert schema.validate(etree.fromstring(made)), str(schema.error_log)
