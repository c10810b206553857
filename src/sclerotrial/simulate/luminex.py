"""The serum plate as xPONENT writes it: raw signal, standards, controls, duplicates."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from sclerotrial.simulate import biomarkers, catalogue
from sclerotrial.simulate.options import Options, stream
from sclerotrial.simulate.truth import Truth

LEVELS, STEP = 8, 3.0
CONTROLS = {"Control1": 1 / 6, "Control2": 1 / 150}  # share of the highest standard
PER_PLATE = (96 - 2 * (LEVELS + 1 + len(CONTROLS))) // 2
NOISE = 0.04  # of one well, log scale


def curve(options: Options, name: str) -> tuple[float, float, float, float]:
    """True curve of an analyte: signal of none, slope, inflection (pg/mL), highest signal."""
    rng = stream(options.seed, "curve", name)
    top = catalogue.SERUM[name][4]
    return (
        float(rng.uniform(12, 24)),
        float(rng.uniform(1.0, 1.2)),
        float(top / rng.uniform(6, 9)),
        float(rng.uniform(17000, 22000)),
    )


def signal(x: float, a: float, b: float, c: float, d: float) -> float:
    """4PL: d + (a - d) / (1 + (x / c)^b)."""
    return float(d + (a - d) / (1 + np.exp(b * np.log(x / c)))) if x > 0 else a


def expected(name: str) -> dict[str, float]:
    """Concentrations of standards and controls, pg/mL."""
    top = catalogue.SERUM[name][4]
    out = {f"Standard{k + 1}": top / STEP**k for k in range(LEVELS)}
    return out | {c: top * share for c, share in CONTROLS.items()}


def _plates(truth: Truth) -> list[list[tuple[str, dict[str, float]]]]:
    """Samples a plate with their true levels; visits of one patient stay together."""
    known: dict[str, dict[str, dict[str, float]]] = {}
    for r in truth.levels:
        if r["COMPART"] == "SERUM":
            code = biomarkers.barcode(r["USUBJID"], r["AVISIT"], "SERUM")
            known.setdefault(r["USUBJID"], {}).setdefault(code, {})[r["PARAMCD"]] = r["AVAL"]
    plates: list[list] = [[]]
    for codes in known.values():
        if len(plates[-1]) + len(codes) > PER_PLATE:
            plates.append([])
        plates[-1] += list(codes.items())
    return plates


def _wells(samples: list[tuple[str, dict[str, float]]]) -> list[tuple[str, str, dict | None]]:
    """Place (column by column), name and levels of every well in the order of reading."""
    content: list[tuple[str, dict | None]] = [("Background0", {})] * 2
    for level in range(LEVELS):
        content += [(f"Standard{level + 1}", None)] * 2
    for control in CONTROLS:
        content += [(control, None)] * 2
    for code, levels in samples:
        content += [(code, levels)] * 2
    return [
        (f"{k + 1}(1,{'ABCDEFGH'[k % 8]}{k // 8 + 1})", name, levels)
        for k, (name, levels) in enumerate(content)
    ]


def _measure(options: Options, plate: int, wells: list) -> tuple[np.ndarray, np.ndarray]:
    """Median signal and bead count, (wells, analytes)."""
    names = list(catalogue.SERUM)
    curves = {n: curve(options, n) for n in names}
    known = {n: expected(n) for n in names}
    median, count = np.zeros((len(wells), len(names))), np.zeros((len(wells), len(names)), int)
    for i, (place, name, levels) in enumerate(wells):
        rng = stream(options.seed, "luminex", plate, place)
        for j, n in enumerate(names):
            content = known[n][name] if levels is None else levels.get(n, 0.0)
            y = signal(content, *curves[n])
            median[i, j] = round(2 * (y * np.exp(NOISE * rng.normal()) + rng.normal(0, 0.4))) / 2
            count[i, j] = int(rng.integers(62, 160))
    _faults(options, plate, wells, median, count)
    return median, count


def _faults(options: Options, plate: int, wells: list, median: np.ndarray, count: np.ndarray):
    """A few wells with too few beads, and one pair of wells that disagrees (month 3 only)."""
    rng = stream(options.seed, "luminex", plate, "faults")
    able = [i for i, w in enumerate(wells) if "-M3-" in w[1]]
    if not able:
        return
    for _ in range(3):
        count[int(rng.choice(able)), int(rng.integers(count.shape[1]))] = int(rng.integers(9, 34))
    i, j = int(rng.choice(able)), int(rng.integers(count.shape[1]))
    median[i, j] = round(2 * median[i, j] * 1.7) / 2


def _table(truth: Truth, plate: int, samples: list) -> list[list[str]]:
    names = list(catalogue.SERUM)
    labels = [catalogue.SERUM[n][0] for n in names]
    wells = _wells(samples)
    median, count = _measure(truth.options, plate, wells)
    blank = median[[i for i, w in enumerate(wells) if w[1] == "Background0"]].mean(axis=0)
    beads = count.sum(axis=1)

    def number(x: float) -> str:
        return f"{x:.10g}"

    def block(kind: str, values: np.ndarray) -> list[list[str]]:
        head = [["DataType:", kind], ["Location", "Sample", *labels, "Total Events"]]
        return (
            head
            + [
                [w[0], w[1], *map(number, v), str(b)]
                for w, v, b in zip(wells, values, beads, strict=True)
            ]
            + [[]]
        )

    known = {n: expected(n) for n in names}
    standards = [f"Standard{k + 1}" for k in range(LEVELS)]

    def reagents(kind: str, rows: list[str]) -> list[list[str]]:
        return (
            [["DataType:", kind], ["Reagent", *labels]]
            + [[r, *(number(known[n][r]) for n in names)] for r in rows]
            + [[]]
        )

    regions = [str(catalogue.SERUM[n][5]) for n in names]
    return [
        ["Results"],
        [],
        *block("Median", median),
        *block("Net MFI", median - blank),
        *block("Count", count),
        ["DataType:", "Units"],
        ["Analyte:", *labels],
        ["BeadID:", *regions],
        ["Units:", *["pg/mL"] * len(names)],
        [],
        *reagents("Standard Expected Concentration", standards),
        *reagents("Control Expected Concentration", list(CONTROLS)),
        ["DataType:", "Per Bead Count"],
        ["Analyte:", *labels],
        ["BeadID:", *regions],
        ["Per Bead:", *["50"] * len(names)],
        [],
        ["DataType:", "Dilution Factor"],
        ["Location", "Sample", "Dilution Factor"],
        *[[w[0], w[1], "" if w[1] == "Background0" else "1"] for w in wells],
        [],
        ["DataType:", "Warnings/Errors"],
        ["Location", "Status", "Message"],
        *[
            [
                f"1,{w[0].split(',')[1][:-1]}",
                "Warning",
                "The acquisition had at least one region that did not reach the minimum count.",
            ]
            for w, c in zip(wells, count, strict=True)
            if c.min() < 35
        ],
        [],
        ["-- CRC --"],
        ["CRC32: 00000000"],
    ]


def _header(truth: Truth, plate: int, wells: int) -> list[list[str]]:
    last = max(max(s.visits.values()) for s in truth.subjects)
    run = datetime(last.year, last.month, last.day, 10, 12) + timedelta(days=26 + plate)

    def stamp(when: datetime) -> str:  # United States form: 1/26/2009 10:12:00 AM
        return f"{when.month}/{when.day}/{when.year} {when.strftime('%I:%M:%S %p').lstrip('0')}"

    return [
        ["Program", "xPONENT", "", "MAGPIX"],
        ["Build", "4.2.1324.0"],
        ["Date", *stamp(run).split(" ", 1)],
        [],
        ["SN", "MAGPX09041701"],
        ["Batch", f"IMSSC serum plate {plate}"],
        ["Version", "1"],
        ["Operator", ""],
        ["ComputerName", "LUMINEX"],
        ["Country Code", "409"],
        ["ProtocolName", "IMSSC 9-plex"],
        ["ProtocolVersion", "1"],
        ["ProtocolDescription", "SIMULATED"],
        ["ProtocolDevelopingCompany", ""],
        ["SampleVolume", "50 uL"],
        ["DDGate", "7500 to 15000"],
        ["SampleTimeout", "60 sec"],
        ["BatchAuthor", ""],
        ["BatchStartTime", stamp(run)],
        ["BatchStopTime", stamp(run + timedelta(minutes=52))],
        ["BatchDescription", "<None>"],
        ["ProtocolPlate", "Name", "96-well plate", "Type", "96", "Plates", "1"],
        [
            "ProtocolMicrosphere",
            "Map",
            "50 regions",
            "Type",
            "MagPlex",
            "Count",
            str(len(catalogue.SERUM)),
        ],
        ["ProtocolAnalysis", "Off"],
        ["NormBead", "None"],
        ["ProtocolHeater", "Off"],
        [],
        ["Most Recent Calibration and Control Results:"],
        ["Last MagCAL1 Calibration", f"Passed {stamp(run - timedelta(hours=3))}"],
        ["Last MagCON1 Verification", f"Passed {stamp(run - timedelta(hours=2))}"],
        [],
        ["AssayLotInfo:"],
        ["KitName", "LotNumber", "ExpirationDate", "Manufacturer"],
        [],
        ["Samples", str(wells), "Min Events", "50", "Per Bead"],
        [],
    ]


def files(truth: Truth) -> dict[str, str]:
    """Text of every plate by path below the raw folder."""
    out = {}
    for k, samples in enumerate(_plates(truth)):
        plate = k + 1
        table = _table(truth, plate, samples)
        wells = 2 * (len(samples) + LEVELS + 1 + len(CONTROLS))
        rows = _header(truth, plate, wells) + table
        lines = [",".join(f'"{c}"' for c in row) for row in rows]
        out[f"serum/luminex_plate{plate}.csv"] = "\r\n".join(lines) + "\r\n"
    return out
