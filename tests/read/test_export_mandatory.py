"""What an ODM file says must be there, why a value of it is not, and what stands twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sclerotrial.read import read_export

sys.path.insert(0, str(Path(__file__).parent))
import made  # noqa: E402

WEIGHT = '<ItemRef ItemOID="I_VS_WEIGHT" Mandatory="No"/>'
TERM = '<ItemRef ItemOID="I_VS_TERM" Mandatory="No"/>'
MUST = WEIGHT.replace('"No"', '"Yes"')
#: an item of another group of the same form, which does not repeat
OTHER = """<ItemGroupData ItemGroupOID="IG_VS_B" ItemGroupRepeatKey="1">
<ItemData ItemOID="I_VS_NOTE" Value="x"/></ItemGroupData></FormData></StudyEventData>"""


def export(tmp_path, text: str):
    (tmp_path / "oc.xml").write_text(text)
    return read_export(tmp_path / "oc.xml")


def required(tmp_path, text: str) -> set[str]:
    fields = export(tmp_path, text).dictionary.fields
    return {name for name, field in fields.items() if field.required}


def test_mandatory_items_are_required_fields(tmp_path):
    """A row of the form is a record of its one group; a group that repeats is a table."""
    text = made.OPENCLINICA.replace(WEIGHT, MUST).replace(TERM, TERM.replace('"No"', '"Yes"'))
    assert required(tmp_path, made.OPENCLINICA) == set()
    assert required(tmp_path, text) == {"Vitals.WEIGHT", "Vitals.AE.TERM"}


def test_an_item_of_a_group_that_may_be_absent_is_not_required(tmp_path):
    """With two groups in a row either may be absent, unless the form says it is mandatory."""
    text = made.OPENCLINICA.replace(WEIGHT, MUST).replace("</FormData></StudyEventData>", OTHER, 1)
    assert "Vitals.WEIGHT" not in required(tmp_path, text)
    group = 'ItemGroupOID="IG_VS_U" Mandatory='
    whole = text.replace(f'{group}"No"', f'{group}"Yes"')
    assert whole != text and required(tmp_path, whole) == {"Vitals.WEIGHT"}


@pytest.mark.parametrize(
    "change",
    [
        ("<ItemRef ItemOID=", '<ItemRef CollectionExceptionConditionOID="C" ItemOID='),
        (
            '<MeasurementUnitRef MeasurementUnitOID="MU_KG"/><MeasurementUnitRef',
            '<OpenClinica:ItemDetails><OpenClinica:ItemPresentInForm FormOID="F_VS">'
            "<OpenClinica:SimpleConditionalDisplay/></OpenClinica:ItemPresentInForm>"
            '</OpenClinica:ItemDetails><MeasurementUnitRef MeasurementUnitOID="MU_KG"/>'
            "<MeasurementUnitRef",
        ),
    ],
)
def test_an_item_that_is_not_always_collected_is_not_required(tmp_path, change):
    text = made.OPENCLINICA.replace(WEIGHT, MUST)
    assert text.replace(*change) != text and required(tmp_path, text.replace(*change)) == set()


def test_an_item_that_an_older_version_did_not_need_is_not_required(tmp_path):
    """Data of the older version stand in the same file."""
    start = made.OPENCLINICA.index("<MetaDataVersion")
    end = made.OPENCLINICA.index("</MetaDataVersion>") + len("</MetaDataVersion>")
    old = made.OPENCLINICA[start:end]
    new = old.replace(WEIGHT, MUST).replace("v1.0.0", "v2.0.0")
    assert required(tmp_path, made.OPENCLINICA.replace(old, old + new)) == set()
    assert required(tmp_path, made.OPENCLINICA.replace(old, new + new)) == {"Vitals.WEIGHT"}


def test_the_reason_of_a_null_value_is_kept(tmp_path):
    """A reason is a code for a missing value; an erased value is blank; a value stays a value."""
    null = '<ItemData ItemOID="I_VS_SEX" IsNull="Yes"/>'
    told = null.replace("/>", ' OpenClinica:ReasonForNull="NASK"/>')
    found = export(tmp_path, made.OPENCLINICA.replace(null, told))
    assert list(found.tables["Vitals"].rows["SEX"]) == ["f", "NASK", ""]
    assert found.dictionary.missing == {"NASK": "not asked"}
    assert found.cells == 8  # one more than without the reason
    erased = export(tmp_path, made.OPENCLINICA.replace(null, told.replace("NASK", "Erased")))
    assert list(erased.tables["Vitals"].rows["SEX"]) == ["f", "", ""]
    assert erased.dictionary.missing == {}
    both = null.replace("/>", ' OpenClinica:ReasonForNull="NI" Value="m,NI"/>')
    several = export(tmp_path, made.OPENCLINICA.replace(null, both))
    assert list(several.tables["Vitals"].rows["SEX"]) == ["f", "m,NI", ""]


def test_a_reason_that_is_a_choice_as_well_blanks_no_choice(tmp_path):
    null = '<ItemData ItemOID="I_VS_SEX" IsNull="Yes"/>'
    told = null.replace("/>", ' OpenClinica:ReasonForNull="f"/>')
    assert export(tmp_path, made.OPENCLINICA.replace(null, told)).dictionary.missing == {}


def test_an_item_that_stands_twice_in_one_group_keeps_both_values(tmp_path):
    """Not as an update: several choices, or a contradiction for the cleaner to ask about."""
    one = '<ItemData ItemOID="I_VS_SEX" Value="f"/>'
    twice = made.OPENCLINICA.replace(one, one + one.replace('"f"', '"m"'))
    found = export(tmp_path, twice)
    assert found.tables["Vitals"].rows["SEX"].iloc[0] == "f; m"
    assert any(n.startswith("1 items stand again in their group") for n in found.notes)
    update = one.replace('"f"/>', '"m" TransactionType="Update"/>')
    found = export(tmp_path, made.OPENCLINICA.replace(one, one + update))
    assert found.tables["Vitals"].rows["SEX"].iloc[0] == "m"
    assert "1 values are updated, the last is taken" in found.notes
