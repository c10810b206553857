"""`assays.yaml` as typed models: each mirrors a part of the file key by key."""

from __future__ import annotations

from typing import Literal

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


class Assay(Model):
    """A set of files of one instrument for one compartment."""

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


class Samples(Model):
    """Where barcodes are told apart, and the visits that samples belong to."""

    form: str = "samples"
    visits: list[str] = []
