"""The skin qPCR runs as QuantStudio writes them, and the optional wide expression matrix."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from sclerotrial.simulate import biomarkers, catalogue
from sclerotrial.simulate.adapt import gene_names
from sclerotrial.simulate.options import stream
from sclerotrial.simulate.truth import Truth

CYCLES = 40.0
COLUMNS = [
    "Well",
    "Well Position",
    "Omit",
    "Sample Name",
    "Target Name",
    "Task",
    "Reporter",
    "Quencher",
    "Quantity",
    "Quantity Mean",
    "Quantity SD",
    "RQ",
    "RQ Min",
    "RQ Max",
    "CT",
    "Ct Mean",
    "Ct SD",
    "Delta Ct",
    "Delta Ct Mean",
    "Delta Ct SE",
    "Delta Delta Ct",
    "Automatic Ct Threshold",
    "Ct Threshold",
    "Automatic Baseline",
    "Baseline Start",
    "Baseline End",
    "Comments",
    "Amp Score",
    "Cq Conf",
]
SETUP = [
    "Well",
    "Well Position",
    "Sample Name",
    "Sample Color",
    "Biogroup Name",
    "Biogroup Color",
    "Target Name",
    "Target Color",
    "Task",
    "Reporter",
    "Quencher",
    "Quantity",
    "Comments",
]
TARGETS = [*catalogue.REFERENCE_CT, *(v[0] for v in catalogue.SKIN.values())]
PER_RUN = (384 - 2 * len(TARGETS)) // (2 * len(TARGETS))
WIDE = "skin/expression_panel.tsv"


def place(well: int) -> str:
    """Name of a well of a 384-well block, numbered from 0 along the rows."""
    return f"{'ABCDEFGHIJKLMNOP'[well // 24]}{well % 24 + 1}"


def _samples(truth: Truth) -> dict[str, dict[str, float]]:
    """-dCt of every gene a biopsy."""
    out: dict[str, dict[str, float]] = {}
    for r in truth.levels:
        if r["COMPART"] == "SKIN":
            code = biomarkers.barcode(r["USUBJID"], r["AVISIT"], "SKIN")
            out.setdefault(code, {})[catalogue.SKIN[r["PARAMCD"]][0]] = r["AVAL"]
    return out


def _cycles(truth: Truth, code: str, levels: dict[str, float]) -> dict[str, list[float | None]]:
    """Duplicate threshold cycles of a biopsy; None is undetermined.

    The amount of RNA moves all genes alike; the mean of the two references carries the level.
    """
    rng = stream(truth.options.seed, "qpcr", code)
    amount = 0.6 * rng.normal()
    tilt = 0.12 * rng.normal()  # the two reference genes differ a little between samples
    reference = {
        g: ct + amount + (tilt if k else -tilt)
        for k, (g, ct) in enumerate(catalogue.REFERENCE_CT.items())
    }
    base = float(np.mean(list(reference.values())))
    truth_ct = reference | {g: base - x for g, x in levels.items()}
    out: dict[str, list[float | None]] = {}
    for target in TARGETS:
        ct = truth_ct[target]
        sd = 0.07 + 0.05 * max(0.0, ct - 30)
        wells = [ct + sd * rng.normal() for _ in range(2)]
        lost = [rng.random() < 1 / (1 + np.exp(-2.2 * (w - 38.5))) for w in wells]
        out[target] = [
            None if gone or w >= CYCLES else w for w, gone in zip(wells, lost, strict=True)
        ]
    return out


def _line(well: int, code: str, target: str, task: str, pair: list[float | None], k: int):
    known = [c for c in pair if c is not None]
    ct = pair[k]
    mean = f"{np.mean(known):.3f}" if known else ""
    sd = f"{np.std(known, ddof=1):.3f}" if len(known) > 1 else ""
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {
        "Well": str(well + 1),
        "Well Position": place(well),
        "Omit": "false",
        "Sample Name": code,
        "Target Name": target,
        "Task": task,
        "Reporter": "FAM",
        "Quencher": "NFQ-MGB",
        "CT": "Undetermined" if ct is None else f"{ct:.3f}",
        "Ct Mean": mean,
        "Ct SD": sd,
        "Automatic Ct Threshold": "true",
        "Ct Threshold": "0.200",
        "Automatic Baseline": "true",
        "Baseline Start": "3",
        "Baseline End": "39" if ct is None else str(int(ct) - 3),
        "Amp Score": "0.000" if ct is None else "1.240",
        "Cq Conf": "0.000" if ct is None else "0.970",
    }
    return cells


def _run(truth: Truth, number: int, samples: list[tuple[str, dict]]) -> str:
    rows, well = [], 0
    for code, levels in samples:
        for target, pair in _cycles(truth, code, levels).items():
            for k in range(2):
                rows.append(_line(well, code, target, "UNKNOWN", pair, k))
                well += 1
    rng = stream(truth.options.seed, "qpcr", "blank", number)
    late = int(rng.integers(len(TARGETS)))
    for j, target in enumerate(TARGETS):
        pair = [38.9 + 0.3 * rng.normal() if j == late else None, None]
        for k in range(2):
            rows.append(_line(well, "", target, "NTC", pair, k))
            well += 1
    last = max(max(s.visits.values()) for s in truth.subjects)
    end = datetime(last.year, last.month, last.day, 15, 42, 9) + timedelta(days=40 + number)
    stamp = end.strftime("%Y-%m-%d %I:%M:%S %p") + " EST"
    keys = {
        "Block Type": "384-Well Block",
        "Chemistry": "TAQMAN",
        "Experiment Barcode": f"IMSSC-SKIN-{number}",
        "Experiment Comment": "SIMULATED",
        "Experiment File Name": rf"D:\runs\IMSSC_skin_{number}.eds",
        "Experiment Name": f"IMSSC skin {number}",
        "Experiment Run End Time": stamp,
        "Experiment Type": "Comparative Cт (ΔΔCт)",
        "Instrument Name": "QS7",
        "Instrument Serial Number": "278870044",
        "Instrument Type": "QuantStudio(TM) 7 Flex System",
        "Passive Reference": "ROX",
        "Quantification Cycle Method": "Ct",
        "Signal Smoothing On": "true",
        "Stage/ Cycle where Analysis is performed": "Stage 2, Step 2",
        "User Name": "NA",
    }
    lines = [f"* {k} = {v}" for k, v in keys.items()] + ["", "[Sample Setup]", "\t".join(SETUP)]
    lines += ["\t".join(r.get(c, "") for c in SETUP) for r in rows]
    lines += ["", "[Results]", "\t".join(COLUMNS)]
    lines += ["\t".join(r[c] for c in COLUMNS) for r in rows]
    return "\r\n".join([*lines, ""]) + "\r\n"


def files(truth: Truth) -> dict[str, str]:
    """Text of every run by path below the raw folder."""
    samples = list(_samples(truth).items())
    out = {}
    for k in range(0, len(samples), PER_RUN):
        number = k // PER_RUN + 1
        name = "quantstudio_skin" + ("" if number == 1 else f"_{number}")
        out[f"skin/{name}.txt"] = _run(truth, number, samples[k : k + PER_RUN])
    return out


def wide(truth: Truth) -> dict[str, str]:
    """Genes by biopsies, log2 expression, when asked for (options.genes > 0).

    No gene has an effect; a tenth of them follow a common factor of the patient.
    """
    n = truth.options.genes
    if not n:
        return {}
    codes = list(_samples(truth))
    centre = stream(truth.options.seed, "wide").normal(7.5, 2.0, n)
    loads = np.where(np.arange(n) % 10 == 0, 0.6, 0.0)
    columns = []
    for code in codes:
        person = stream(truth.options.seed, "wide", code.split("-")[0])
        own, factor = person.normal(0, 0.7, n), person.normal()
        visit = stream(truth.options.seed, "wide", code).normal(0, 0.45, n)
        columns.append(centre + own + loads * factor + visit)
    grid = np.column_stack(columns)
    lines = ["\t".join(["gene", *codes])]
    lines += [
        "\t".join([gene, *(f"{x:.4f}" for x in row)])
        for gene, row in zip(gene_names(n), grid, strict=True)
    ]
    return {WIDE: "\n".join(lines) + "\n"}
