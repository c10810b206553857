"""define.xml 2.1 of the datasets, from the metadata tables and the data: the same bytes each time.

Names follow the CDISC standard (ODM 1.3.2 with the Define-XML 2.1 extension). Types and lengths
are those of the transport files, codes of parameters those that the data hold; the values of each
parameter are described by themselves, with unit, origin and method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pandas as pd

from sclerotrial.derive.labels import Dataset, Variable, datasets, parameter
from sclerotrial.derive.xpt import to_ascii, variable
from sclerotrial.tabular import as_text

ODM = "http://www.cdisc.org/ns/odm/v1.3"
DEF = "http://www.cdisc.org/ns/def/v2.1"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
_STANDARD = "STD.ADAMIG"
#: who says a collected value
_SOURCE = {"Collected": "Investigator", "Assigned": "Sponsor", "Derived": "Sponsor"}


def define(
    study: str, title: str, frames: Mapping[str, pd.DataFrame], day: str = "1970-01-01"
) -> bytes:
    """The metadata of the datasets as XML.

    Parameters
    ----------
    study, title : str
        Identifier and title of the trial.
    frames : mapping
        Dataset -> rows (typed, or text). Only these are described, in the order of the table. A
        variable that is not in the metadata table (the baseline of another endpoint) is described
        by its name, as assigned.
    day : str
        ISO day that stands for the time of creation (a clock would change the bytes).

    Raises
    ------
    ValueError
        When a dataset is not in the metadata table.
    """
    unknown = sorted(set(frames) - set(datasets()))
    if unknown:
        raise ValueError(f"not in the metadata table: {', '.join(unknown)}")
    for prefix, uri in (("", ODM), ("def", DEF), ("xlink", XLINK)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(
        _o("ODM"),
        {
            "ODMVersion": "1.3.2", "FileType": "Snapshot", "FileOID": f"{study}.define",
            "CreationDateTime": f"{day}T00:00:00", _d("Context"): "Other",
        },
    )  # fmt: skip
    trial = ET.SubElement(root, _o("Study"), {"OID": study})
    names = ET.SubElement(trial, _o("GlobalVariables"))
    for tag, text in (("StudyName", study), ("StudyDescription", title), ("ProtocolName", study)):
        ET.SubElement(names, _o(tag)).text = text
    version = ET.SubElement(
        trial,
        _o("MetaDataVersion"),
        {"OID": f"MDV.{study}", "Name": f"{study}, analysis data", _d("DefineVersion"): "2.1.0"},
    )
    standards = ET.SubElement(version, _d("Standards"))
    ET.SubElement(
        standards,
        _d("Standard"),
        {"OID": _STANDARD, "Name": "ADaMIG", "Type": "IG", "Version": "1.3", "Status": "Final"},
    )
    _body(version, {n: frames[n] for n in datasets() if n in frames})
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _o(tag: str) -> str:
    return f"{{{ODM}}}{tag}"


def _d(tag: str) -> str:
    return f"{{{DEF}}}{tag}"


def _described(parent: ET.Element, text: str) -> None:
    holder = ET.SubElement(parent, _o("Description"))
    ET.SubElement(holder, _o("TranslatedText"), {f"{{{XML}}}lang": "en"}).text = text


def _body(version: ET.Element, frames: Mapping[str, pd.DataFrame]) -> None:
    """Groups, items, code lists, methods, in the order of the standard."""
    groups, items, lists, values, wheres = [], [], {}, [], []
    methods: dict[str, str] = {}
    for name, typed in frames.items():
        known, df = {c: variable(name, c, typed[c]) for c in typed}, as_text(typed)
        groups.append(_group(datasets()[name], known))
        split = _values(name, known, df, methods)
        values += split.lists
        wheres += split.wheres
        for one in known.values():
            codes = _codes(one, df)
            items.append(_item(name, one, df[one.name], codes))
            if one.name == "AVAL" and split.lists:
                reference = {"ValueListOID": split.lists[0].get("OID")}
                ET.SubElement(items[-1], _d("ValueListRef"), reference)
            if codes:
                lists[_list_oid(name, one)] = (one, codes)
            if one.origin == "Derived":
                methods[f"MT.{name.upper()}.{one.xpt_name}"] = one.method
        items += split.items
    version.extend([*values, *wheres, *groups, *items])
    version.extend(_code_list(oid, *found) for oid, found in lists.items())
    for oid, text in methods.items():
        method = ET.SubElement(
            version, _o("MethodDef"),
            {"OID": oid, "Name": f"Derivation of {oid[3:]}", "Type": "Computation"},
        )  # fmt: skip
        _described(method, text)
    for name in frames:
        comment = ET.SubElement(version, _d("CommentDef"), {"OID": f"COM.{name.upper()}"})
        _described(comment, datasets()[name].comment)


class _Split(NamedTuple):
    """Values by parameter: the list, its conditions, and an item a parameter."""

    lists: list[ET.Element]
    wheres: list[ET.Element]
    items: list[ET.Element]


def _values(
    name: str, known: Mapping[str, Variable], df: pd.DataFrame, methods: dict[str, str]
) -> _Split:
    """AVAL parameter by parameter: its type, unit, origin and method; `methods` is added to."""
    if not {"PARAMCD", "AVAL"} <= set(known) or df.empty:
        return _Split([], [], [])
    upper = name.upper()
    whole = ET.Element(_d("ValueListDef"), {"OID": f"VL.{upper}.AVAL"})
    out = _Split([whole], [], [])
    category = df["PARCAT1"] if "PARCAT1" in df else pd.Series("", index=df.index)
    for number, (code, rows) in enumerate(df.groupby("PARAMCD", sort=True), 1):
        tail = f"{upper}.AVAL.{code}"
        how = parameter(name, category[rows.index[0]], code)
        attributes = {"ItemOID": f"IT.{tail}", "OrderNumber": str(number), "Mandatory": "No"}
        if how.origin == "Derived":
            attributes["MethodOID"] = f"MT.{tail}"
            methods[f"MT.{tail}"] = how.method
        one = ET.SubElement(whole, _o("ItemRef"), attributes)
        where = f"WC.{upper}.PARAMCD.{code}"
        ET.SubElement(one, _d("WhereClauseRef"), {"WhereClauseOID": where})
        clause = ET.Element(_d("WhereClauseDef"), {"OID": where})
        check = ET.SubElement(
            clause, _o("RangeCheck"),
            {"Comparator": "EQ", "SoftHard": "Soft", _d("ItemOID"): f"IT.{upper}.PARAMCD"},
        )  # fmt: skip
        ET.SubElement(check, _o("CheckValue")).text = code
        out.wheres.append(clause)
        units = [u for u in dict.fromkeys(rows["AVALU"]) if u] if "AVALU" in rows else []
        label = f"{rows['PARAM'].iloc[0]}{f' ({chr(44).join(units)})' if units else ''}"
        item = ET.Element(
            _o("ItemDef"),
            {
                "OID": f"IT.{tail}", "Name": "AVAL", "SASFieldName": "AVAL",
                **_type(known["AVAL"], rows["AVAL"]),
            },
        )  # fmt: skip
        _described(item, to_ascii(label))
        _origin(item, how.origin, "")
        out.items.append(item)
    return out


def _group(dataset: Dataset, known: Mapping[str, Variable]) -> ET.Element:
    name = dataset.name.upper()
    repeating = "No" if dataset.kind.startswith("SUBJECT") else "Yes"
    group = ET.Element(
        _o("ItemGroupDef"),
        {
            "OID": f"IG.{name}", "Name": name, "Repeating": repeating, "IsReferenceData": "No",
            "SASDatasetName": name, "Purpose": "Analysis", _d("Structure"): dataset.structure,
            _d("StandardOID"): _STANDARD, _d("ArchiveLocationID"): f"LF.{name}",
            _d("CommentOID"): f"COM.{name}",
        },
    )  # fmt: skip
    _described(group, dataset.label)
    for number, one in enumerate(known.values(), 1):
        key = one.name in dataset.keys
        attributes = {
            "ItemOID": f"IT.{name}.{one.xpt_name}",
            "OrderNumber": str(number),
            "Mandatory": "Yes" if one.name in ("STUDYID", "USUBJID", "PARAMCD") else "No",
        }
        if key:
            attributes["KeySequence"] = str(dataset.keys.index(one.name) + 1)
        if one.origin == "Derived":
            attributes["MethodOID"] = f"MT.{name}.{one.xpt_name}"
        ET.SubElement(group, _o("ItemRef"), attributes)
    ET.SubElement(group, _d("Class"), {"Name": dataset.kind})
    leaf = ET.SubElement(
        group, _d("leaf"), {"ID": f"LF.{name}", f"{{{XLINK}}}href": f"{dataset.name}.xpt"}
    )
    ET.SubElement(leaf, _d("title")).text = f"{dataset.name}.xpt"
    return group


def _item(
    dataset: str, variable: Variable, cells: pd.Series, codes: Mapping[str, str]
) -> ET.Element:
    name = variable.xpt_name
    item = ET.Element(
        _o("ItemDef"),
        {
            "OID": f"IT.{dataset.upper()}.{name}", "Name": name, "SASFieldName": name,
            **_type(variable, cells),
        },
    )  # fmt: skip
    _described(item, to_ascii(variable.label))
    if codes:
        oid = _list_oid(dataset, variable)
        ET.SubElement(item, _o("CodeListRef"), {"CodeListOID": oid})
    _origin(item, variable.origin, variable.method)
    return item


def _origin(item: ET.Element, kind: str, method: str) -> None:
    attributes = {"Type": kind}
    if kind in _SOURCE:
        attributes["Source"] = _SOURCE[kind]
    origin = ET.SubElement(item, _d("Origin"), attributes)
    if kind == "Predecessor":
        _described(origin, method)


def _type(variable: Variable, cells: pd.Series) -> dict[str, str]:
    """DataType and lengths, as in the transport file."""
    filled = cells[cells != ""]
    if variable.type == "date":
        return {"DataType": "integer", "Length": "8", _d("DisplayFormat"): "DATE9."}
    if variable.type == "char":
        longest = int(filled.map(lambda v: len(to_ascii(v))).max()) if len(filled) else 1
        return {"DataType": "text", "Length": str(min(max(longest, 1), 200))}
    plain = [v for v in filled if math.isfinite(float(v))]
    if not any("." in v or "e" in v for v in plain):
        longest = max((len(v.lstrip("-")) for v in plain), default=1)
        return {"DataType": "integer", "Length": str(longest)}
    digits = max((len(v.partition(".")[2]) for v in plain if "e" not in v), default=0)
    longest = max(len(v.lstrip("-").replace(".", "")) for v in plain if "e" not in v)
    return {"DataType": "float", "Length": str(longest), "SignificantDigits": str(digits)}


def _codes(variable: Variable, df: pd.DataFrame) -> dict[str, str]:
    """Values and their meanings ('' for none) of a variable that has a list of them."""
    if variable.name == "PARAMCD":
        pairs = df[["PARAMCD", "PARAM"]].drop_duplicates("PARAMCD").sort_values("PARAMCD")
        return dict(zip(pairs["PARAMCD"], pairs["PARAM"].map(to_ascii), strict=True))
    found = {}
    for code in variable.codes.split("|") if variable.codes else []:
        # a code may itself be '<' or '>': '=' parts it from its meaning after the first letter
        at = code.find("=", 1)
        found[code if at < 0 else code[:at]] = "" if at < 0 else code[at + 1 :]
    return found


def _list_oid(dataset: str, variable: Variable) -> str:
    shared = variable.codes == "Y"
    return "CL.Y" if shared else f"CL.{dataset.upper()}.{variable.xpt_name}"


def _code_list(oid: str, variable: Variable, codes: Mapping[str, str]) -> ET.Element:
    kind = "integer" if variable.type == "num" else "text"
    name = "Yes, else blank" if oid == "CL.Y" else f"{oid[3:]}: {to_ascii(variable.label)}"
    out = ET.Element(
        _o("CodeList"),
        {"OID": oid, "Name": name, "DataType": kind, _d("IsNonStandard"): "Yes"},
    )
    decoded = any(codes.values())
    for code, meaning in codes.items():
        if not decoded:
            ET.SubElement(out, _o("EnumeratedItem"), {"CodedValue": code})
            continue
        item = ET.SubElement(out, _o("CodeListItem"), {"CodedValue": code})
        holder = ET.SubElement(item, _o("Decode"))
        ET.SubElement(holder, _o("TranslatedText"), {f"{{{XML}}}lang": "en"}).text = meaning or code
    return out
