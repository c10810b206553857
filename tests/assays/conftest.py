"""Small plates of our own making, and configurations of assays."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

CURVE = {
    "model": "4PL", "weights": "1/y2", "recovery": (80, 120), "recovery_end": (75, 125),
    "min_levels": 6, "limits": "accepted", "ridge": 1.0, "blank": True,
}  # fmt: skip


@pytest.fixture
def make_assay():
    """A configuration; `curve` keys are merged into the defaults."""

    def make(curve=None, **changes):
        entry = {
            "label": "", "files": "*", "format": "auto", "compartment": "SERUM", "scale": "linear",
            "method": "curve", "curve": SimpleNamespace(**{**CURVE, **(curve or {})}),
            "replicates": SimpleNamespace(cv_max=20.0, sd_max=0.5), "beads_min": 35,
            "dilution": 1.0, "controls": SimpleNamespace(recovery=(80, 120), ntc_min=35.0),
            "reference_genes": [], "ct_max": 40.0, "signal": None, "analytes": {},
            "normalise": "none", "genes": None,
        }  # fmt: skip
        return SimpleNamespace(**{**entry, **changes})

    return make


def response(conc, a=20.0, d=20000.0, c=150.0, b=1.2):
    """4PL response of the made plates."""
    return d + (a - d) / (1 + (np.asarray(conc, float) / c) ** b)


STANDARDS = 2000.0 / 3.0 ** np.arange(8)


@pytest.fixture
def make_plate():
    """Text of an xPONENT export with one analyte IL-6 and exact 4PL responses.

    `samples` are (name, concentration in the well, dilution, beads).
    """

    def make(samples, delimiter=",", decimal=".", blocks=("Median", "Net MFI", "Count"), crc=True,
             declared=None, drop=None, expected=True):  # fmt: skip
        wells = [("Background0", 0.0, "", 100)] * 2
        for i, conc in enumerate(STANDARDS):
            wells += [(f"Standard{i + 1}", conc, "1", 100)] * 2
        wells += [("Control1", 100.0, "1", 100)] * 2 + list(samples)

        def number(x):
            return format(float(f"{x:.10g}"), ".10g").replace(".", decimal)

        def line(*cells):
            return delimiter.join(f'"{c}"' for c in cells)

        out = [
            line("Program", "xPONENT", "", "MAGPIX"), line("Build", "4.2.1"), "",
            line("Samples", str(declared or len(wells)), "Min Events", "50", "Per Bead"), "",
            line("Results"), "",
        ]  # fmt: skip
        for block in blocks:
            out += [line("DataType:", block), line("Location", "Sample", "IL-6", "Total Events")]
            for i, (name, conc, _, beads) in enumerate(wells):
                value = {"Median": response(conc), "Count": beads}.get(block, response(conc) - 20)
                place = f"{i + 1}(1,{'ABCDEFGH'[i % 8]}{i // 8 + 1})"
                if drop != (block, i):
                    out.append(line(place, name, number(value), "900"))
            out.append("")
        out += [line("DataType:", "Units"), line("Analyte:", "IL-6"), line("Units:", "pg/mL"), ""]
        if expected:
            out += [line("DataType:", "Standard Expected Concentration"), line("Reagent", "IL-6")]
            for i, conc in enumerate(STANDARDS):
                out.append(line(f"Standard{i + 1}", number(conc)))
            out += ["", line("DataType:", "Control Expected Concentration")]
            out += [line("Reagent", "IL-6"), line("Control1", number(100.0)), ""]
        out += [line("DataType:", "Dilution Factor"), line("Location", "Sample", "Dilution Factor")]
        for i, (name, _, dilution, _) in enumerate(wells):
            place = f"{i + 1}(1,{'ABCDEFGH'[i % 8]}{i // 8 + 1})"
            out.append(line(place, name, str(dilution)))
        out += ["", line("DataType:", "Warnings/Errors"), line("Location", "Status", "Message"), ""]
        return "\n".join(out + (["-- CRC --", "CRC32: 00000000"] if crc else [])) + "\n"

    return make


@pytest.fixture
def manifest():
    """A manifest of the samples named."""

    def make(*codes, compartment="SERUM", **changes):
        rows = [
            {"barcode": c, "USUBJID": c.split("-")[0], "visit": "Baseline", "quality": "ok",
             "compartment": compartment, "collected": "2008-05-09 10:15", "freeze_thaw": "0"}
            for c in codes
        ]  # fmt: skip
        return pd.DataFrame(rows).assign(**changes)

    return make
