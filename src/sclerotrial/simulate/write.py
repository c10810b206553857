"""Gather the exports of a drawn trial, and write them as a study folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from sclerotrial.errors import InputErrors, Problem
from sclerotrial.simulate import (
    crf,
    dictionary,
    key,
    laboratory,
    logs,
    luminex,
    planting,
    quantstudio,
)
from sclerotrial.simulate import plants as faults
from sclerotrial.simulate.adapt import ONLY_PUBLISHED, adapt
from sclerotrial.simulate.options import Options, check
from sclerotrial.simulate.truth import Truth, draw
from sclerotrial.tabular import write_text

CONFIG = (
    "config.yaml",
    "study.yaml",
    "forms.yaml",
    "endpoints.yaml",
    "assays.yaml",
    "analyses.yaml",
    "claims.yaml",
)
NEEDED = CONFIG[1:5]
RAW = "data/raw"
README = """# Raw exports: SIMULATED, not patients' data

Nobody described in these files exists. They were drawn by `sclerotrial simulate` (seed {seed},
calibration {calibrate}); names, numbers, dates of birth and telephones are invented. The trial
itself is real and published (Pope et al., Arthritis Rheum 2011;63:3547-51, NCT01545427), its
patients' data are not public and were not used.

{facts}

| file | what a centre would have exported |
|---|---|
| `redcap/IMSSC_DATA.csv` | REDCap project: longitudinal events, repeating instruments, raw codes |
| `redcap/IMSSC_DataDictionary.csv` | its data dictionary; `Identifier?` marks what names a person |
| `laboratory/hospital_lab_list.csv` | hospital laboratory: semicolon, Windows-1252, dd/mm/yyyy |
| `allocation/allocation_list.csv` | randomisation in permuted blocks within methotrexate strata |
| `samples/sample_manifest.csv` | barcode, subject, visit, compartment, time |
| `serum/luminex_plate*.csv` | xPONENT: raw signal, standards, controls, duplicate wells |
| `skin/quantstudio_skin*.txt` | QuantStudio: threshold cycles, reference genes, blanks |
{extra}
Errors of the kind met in real exports were planted on purpose. They and the true values stand
in `answer_key.json`, which no step of the pipeline reads.
"""
PUBLISHED = """Taken from the publication: ten patients, nine on imatinib and one on placebo;
imatinib 200 mg twice a day, re-introduction at 200 mg once a day; two methotrexate strata; mean
skin scores of 31.1 and 29.4 (all on imatinib) and of 31.0 and 30.3 (six-month completers); the
named adverse events, most of them within the first week; two admissions for side effects;
biomarkers without a common change. Everything else is an assumption: how many completed (six),
every single value, all dates of persons, which analytes and genes were measured, and that one
patient was not seen at month 6."""
HONEST = """Only the design is taken from the publication. The values are free draws: {patients}
patients, ratio {a}:{b}, effects on imatinib {effect}."""


def exports(truth: Truth) -> tuple[dict[str, bytes], dict]:
    """All raw files of a trial, and the answer key.

    Parameters
    ----------
    truth : Truth
        A drawn trial.

    Returns
    -------
    tuple
        Bytes by path below the raw folder, and the key as plain data.
    """
    options = truth.options
    sheets = {
        s.path: s
        for s in (
            crf.sheet(truth),
            dictionary.sheet(options.every),
            laboratory.sheet(truth),
            logs.allocation(truth),
            logs.manifest(truth),
        )
    }
    texts = luminex.files(truth) | quantstudio.files(truth) | quantstudio.wide(truth)
    planted = planting.plant(options, truth, sheets)
    planted += faults.plant(options, truth, sheets, texts)
    out, lines = {}, {}
    for path, sheet in sheets.items():
        out[path], lines[path] = sheet.render()
    out |= {path: text.encode("utf-8") for path, text in texts.items()}
    return out, key.make(truth, planted, lines)


def _readme(options: Options) -> str:
    a, b = options.arms
    effect = ", ".join(f"{k} {v:+g}" for k, v in sorted(options.effect.items())) or "none"
    facts = (
        PUBLISHED
        if options.published
        else HONEST.format(patients=options.patients, a=a, b=b, effect=effect)
    )
    extra = "| `skin/expression_panel.tsv` | genes by biopsies, log2 |\n" if options.genes else ""
    return README.format(seed=options.seed, calibrate=options.calibrate, facts=facts, extra=extra)


def simulate(options: Options) -> dict[str, bytes]:
    """Files of a study by path: raw exports below data/raw, and answer_key.json.

    The same options give the same bytes.

    Raises
    ------
    InputErrors
        For options that cannot be used.
    """
    check(options, faults.KINDS)
    raw, answers = exports(draw(options))
    out = {f"{RAW}/{path}": content for path, content in sorted(raw.items())}
    out[f"{RAW}/README.md"] = _readme(options).encode()
    text = json.dumps(answers, indent=1, ensure_ascii=False)
    out["answer_key.json"] = (text + "\n").encode()
    return out


def find_config(folder: str | os.PathLike | None) -> Path:
    """The folder of the shipped configuration.

    Raises
    ------
    InputErrors
        When it, or one of its files, is absent.
    """
    places = (
        [Path(folder)]
        if folder
        else [Path("config"), Path(__file__).resolve().parents[3] / "config"]
    )
    for place in places:
        if all((place / name).is_file() for name in NEEDED):
            return place
    raise InputErrors(
        [
            Problem(
                "no configuration to copy",
                f"option --config ({places[0]})",
                "give the folder that holds study.yaml, forms.yaml, endpoints.yaml and assays.yaml",
            )
        ]
    )


def write_study(
    out_dir: str | os.PathLike,
    options: Options,
    config: str | os.PathLike | None = None,
    key_path: str | os.PathLike | None = None,
) -> list[Path]:
    """Write a study: config/, data/raw/ and the answer key.

    Parameters
    ----------
    out_dir : path
        Folder to write to; made if absent. Files of the same names are replaced.
    options : Options
        The trial to draw.
    config : path, optional
        Configuration to copy; ./config, or that of the project, when left out.
    key_path : path, optional
        Where the answer key goes; answer_key.json of the folder when left out.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputErrors
        For unusable options, no configuration, or a folder that holds other raw data.
    """
    check(options, faults.KINDS)
    out_dir, source = Path(out_dir), find_config(config)
    files = simulate(options)
    raw = out_dir / RAW
    present = {p.relative_to(out_dir).as_posix() for p in raw.rglob("*") if p.is_file()}
    if present - set(files):
        raise InputErrors(
            [
                Problem(
                    "the folder holds other raw files",
                    f"option --out ({RAW})",
                    "choose an empty folder, or move the former exports away",
                )
            ]
        )
    people = draw(options).subjects
    last = max(max(s.visits.values()) for s in people).isoformat()
    sizes = Counter(s.arm for s in people)
    written = []
    for name in CONFIG:
        text = (source / name).read_text(encoding="utf-8") if (source / name).is_file() else None
        target = out_dir / "config" / name
        if text is None or target.resolve() == (source / name).resolve():
            continue
        if name in ONLY_PUBLISHED and not options.published:
            target.unlink(missing_ok=True)
            continue
        write_text(target, adapt(name, text, options, last, sizes))
        written.append(target)
    for name, content in files.items():
        target = out_dir / name
        if name == "answer_key.json" and key_path is not None:
            target = Path(key_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written.append(target)
    return written
