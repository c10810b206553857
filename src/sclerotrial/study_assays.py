"""`assays.yaml` as typed models: each mirrors a part of the file key by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import PositiveInt

from sclerotrial.errors import Problem
from sclerotrial.study_base import Model, Pair, Text


class VariationSource(Model):
    """A coefficient of variation in percent, with its source."""

    value: float
    source: str


class Analyte(Model):
    """An analyte of an assay: the names it goes by, its label and unit."""

    names: list[Text] = []
    param: str = ""
    unit: str = ""
    within_person_cv: VariationSource | None = None
    analytical_cv: VariationSource | None = None


class Curve(Model):
    """Standard curve: model, weights and acceptance (percent recovery)."""

    model: Literal["4PL", "5PL", "5PL-xponent"] = "4PL"
    weights: Literal["1/y2", "1/y", "none", "1/y2-observed"] = "1/y2"
    recovery: Pair = (80, 120)
    recovery_end: Pair = (75, 125)
    min_levels: int = 6
    limits: Literal["accepted", "standards", "asymptotes"] = "accepted"
    ridge: float = 1.0
    blank: bool = True


class Replicates(Model):
    """Limits of the spread of replicates."""

    cv_max: float | None = None
    sd_max: float | None = None


class Controls(Model):
    """Limits of controls."""

    recovery: Pair | None = None
    ntc_min: float | None = None


class Blq(Model):
    """What is done below the limit of quantification."""

    primary: Literal["censored"] = "censored"
    sensitivity: str = "lloq/2"


class Bridge(Model):
    """Samples measured in several runs of NPX, by which the runs are aligned.

    `samples` is a regular expression of whole names, `reference` the plate or file that keeps its
    level, `minimum` the fewest shared samples an analyte needs.
    """

    samples: Text
    reference: Text
    minimum: PositiveInt = 8


class Score(Model):
    """A score of a set of features: the mean of their z, or a sum with given weights."""

    param: str = ""
    unit: str = ""
    features: list[Text] = []
    weights: dict[str, float] = {}
    intercept: float = 0.0


class Assay(Model):
    """A set of files of one instrument for one compartment.

    Of a wide panel only the declared `analytes` and `scores` are reported; all features have
    their changes in a file of their own.
    """

    label: str
    files: str
    format: str = "auto"
    compartment: Literal["SERUM", "PLASMA", "SKIN"]
    scale: Literal["linear", "log2", "bounded", "ordinal"]
    method: Literal["curve", "delta_ct", "as_given", "counts"]
    curve: Curve = Curve()
    replicates: Replicates = Replicates()
    beads_min: int | None = None
    dilution: float = 1
    controls: Controls = Controls()
    blq: Blq = Blq()
    reference_genes: list[str] = []
    ct_max: float | None = None
    efficiency: dict[str, float] | Literal["curve"] | None = None
    layout: str | None = None
    signal: str | None = None
    pattern: str | None = None
    analytes: dict[str, Analyte] = {}
    wide: bool = False
    normalise: Literal["none", "quantile", "median_ratio"] = "none"
    genes: str | None = None
    bridge: Bridge | None = None
    scores: dict[str, Score] = {}


class Samples(Model):
    """Where barcodes are told apart, and the visits that samples belong to."""

    form: str = "samples"
    visits: list[str] = []


def scale_of(assay: Any, code: str) -> str:
    """Scale of a parameter: a score has differences, no ratios, whatever its features have."""
    return "bounded" if code in getattr(assay, "scores", {}) else assay.scale


def problems(assays: Mapping[str, Assay], where: str) -> list[Problem]:
    """What the keys of an assay rule out among one another."""
    found = []
    for name, assay in assays.items():
        for key in ("normalise", "genes"):
            if getattr(assay, key) not in ("none", None) and not assay.wide:
                at = f"{where}, key assays.{name}.{key}"
                what = f"A matrix is normalised and turned into genes whole; {name} is not wide"
                found.append(Problem(what, at, "Add `wide: true`, or leave the key out"))
        if assay.normalise == "median_ratio" and assay.scale != "linear":
            at = f"{where}, key assays.{name}.normalise"
            what = f"The median of ratios is for counts; the scale of {name} is {assay.scale}"
            found.append(Problem(what, at, "Use scale linear, or quantile"))
        if assay.bridge is None:
            continue
        at = f"{where}, key assays.{name}.bridge"
        if assay.method != "as_given" or assay.scale != "log2":
            what = f"Bridge samples align levels on the log2 scale; {name} has others"
            todo = "Use them with method as_given and scale log2"
            found.append(Problem(what, at, todo))
        if assay.wide and assay.format not in ("auto", "olink"):
            # told of each file when it is read, where the format is told by content
            what = (
                f"Bridge samples are paired plate by plate, with the warnings of each; {name} is"
                " wide, and of wide panels only files of Olink tell both"
            )
            todo = (
                "Leave out wide, or leave out bridge and give the files as the bridge"
                " normalisation of the vendor left them (one file of one level)"
            )
            found.append(Problem(what, at, todo))
        try:
            re.compile(assay.bridge.samples)
        except re.error as error:
            what = f"The pattern is not a valid regular expression: {error}"
            found.append(Problem(what, f"{at}.samples", "Correct the pattern"))
    return found
