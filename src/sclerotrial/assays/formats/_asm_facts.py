"""What a document of the Allotrope model tells of its readings."""

from __future__ import annotations

from sclerotrial.assays.formats._tidy import well

#: keys that tell a fact, the preferred first
_FACTS = {
    "sample": ("sample identifier", "sample barcode", "written name"),
    "well": ("well location identifier", "well plate location", "location identifier"),
    "plate": ("well plate identifier",), "role": ("sample role type",),
    "analyte": ("target DNA description", "analyte name", "assay identifier",
                "assay bead identifier"),
    "wave": ("detector wavelength setting",), "dye": ("reporter dye setting",),
    "dilution": ("dilution factor setting",), "device": ("device type",),
}  # fmt: skip
_BESIDE = ("sample document", "device control aggregate document", "device control document",
           "custom information document")  # fmt: skip


def facts_of(node: dict) -> dict[str, str]:
    """What a document, or a document of its sample or device, tells of a reading."""
    parts, out = [node], {}
    for part in parts:
        for key in _BESIDE:
            below = part.get(key)
            parts += below if isinstance(below, list) else [below] if below else []
        for fact, names in _FACTS.items():
            told = next((part[n] for n in names if part.get(n) not in (None, "", "N/A")), None)
            if told is not None:
                told = told.get("value", "") if isinstance(told, dict) else told
                out[fact] = f"{told:g}" if isinstance(told, float) else str(told)
    spot = parts[0].get("sample document", parts[0]).get("location identifier")
    if spot and "analyte" not in out and well(str(spot)) != well(out.get("well", "")):
        out["analyte"] = f"Spot {spot}"
    return out


def wrong_in(item: dict) -> set[str]:
    """Features that the document says have no value, whatever number stands in their place."""
    told = item.get("error aggregate document", {}).get("error document", [])
    return {e.get("error feature", "") for e in told if isinstance(e, dict)}


def messages_in(item: dict) -> list[str]:
    """Messages of the instrument about a measurement as a whole."""
    told = item.get("error aggregate document", {}).get("error document", [])
    errors = [e for e in told if isinstance(e, dict) and not e.get("error feature")]
    return [str(e.get("error", "")) for e in errors]
