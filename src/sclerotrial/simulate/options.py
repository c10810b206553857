"""What is asked of the generator, and the random streams that follow from it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sclerotrial.errors import Problem, did_you_mean, raise_if_any
from sclerotrial.simulate import catalogue

SEED = 20080430
PUBLISHED_SIZE, PUBLISHED_ARMS = 10, (4, 1)
CALIBRATIONS = ("published", "none")
SKEWS = ("normal", "lognormal")


@dataclass(frozen=True)
class Options:
    """One trial to be drawn.

    Attributes
    ----------
    seed : int
        Every stream of random numbers derives from it and the name of its part.
    patients : int
        Number randomised.
    arms : tuple of int
        Ratio imatinib to placebo; a block holds their sum.
    genes : int
        Features of an additional expression matrix; 0 writes none.
    defects : str
        'default' (one of each common kind), 'every' (one of each kind), 'none', or the share of
        cells made wrong, as text.
    calibrate : str
        'published': the means, events and counts of the abstract; 'none': honest draws.
    effect : mapping of str to float
        Shift of the imatinib arm's month-6 mean in the parameter's own unit; log2 units for
        concentrations and genes. Half of it at month 3. It holds whether the drug was stopped
        or not (treatment policy).
    dropout : float or None
        Probability that a patient stops the drug, independent of the outcome; None uses one in
        three on imatinib and one in ten on placebo.
    skew : str
        Shape of the individual deviations of change: 'normal' or 'lognormal' (the same mean
        and standard deviation).
    plant : tuple of str
        Kinds of fault that must stop the pipeline.
    """

    seed: int = SEED
    patients: int = PUBLISHED_SIZE
    arms: tuple[int, int] = PUBLISHED_ARMS
    genes: int = 0
    defects: str = "default"
    calibrate: str = "published"
    effect: Mapping[str, float] = field(default_factory=dict)
    dropout: float | None = None
    skew: str = "normal"
    plant: tuple[str, ...] = ()

    @property
    def published(self) -> bool:
        """Whether the draws are held to the abstract."""
        return self.calibrate == "published"

    @property
    def every(self) -> bool:
        """Whether any kind of defect may be planted: the forms then have the fields for it."""
        return self.defects not in ("default", "none")

    @property
    def digits(self) -> int:
        """Digits of a subject's number."""
        return max(2, len(str(self.patients)))


def default_calibration(
    patients: int, arms: tuple[int, int], effect: Mapping, dropout: float | None, skew: str
) -> str:
    """'published' for a trial that the abstract can describe, else 'none'."""
    like = patients == PUBLISHED_SIZE and tuple(arms) == PUBLISHED_ARMS
    plain = not effect and dropout is None and skew == "normal"
    return "published" if like and plain else "none"


def defect_rate(text: str) -> float | None:
    """The share given as text, or None for a named set; NaN when it is neither."""
    if text in ("default", "every", "none"):
        return None
    try:
        return float(text)
    except ValueError:
        return math.nan


def check(options: Options, plants: tuple[str, ...] = ()) -> Options:
    """Return the options, or raise all that is wrong with them.

    Raises
    ------
    InputErrors
        One problem for each unusable option.
    """
    found: list[Problem] = []

    def bad(what: str, option: str, todo: str) -> None:
        found.append(Problem(what, f"option --{option}", todo))

    if options.seed < 0:
        bad("the seed is negative", "seed", "give a whole number of 0 or more")
    if not 1 <= options.patients <= 5000:
        bad("the number of patients is out of range", "patients", "give 1 to 5000")
    if len(options.arms) != 2 or min(options.arms) < 0 or not 1 <= sum(options.arms) <= 20:
        bad("the arm ratio is unusable", "arms", "write it as IMATINIB:PLACEBO, such as 4:1")
    if not 0 <= options.genes <= 100_000:
        bad("the number of genes is out of range", "genes", "give 0 to 100000")
    rate = defect_rate(options.defects)
    if rate is not None and not 0 <= rate <= 0.5:
        bad(
            "the defects are neither a set nor a rate",
            "defects",
            "default, every, none, or 0 to 0.5",
        )
    for name in options.effect:
        if name not in catalogue.EFFECTS:
            hint = did_you_mean(name, catalogue.EFFECTS)
            known = ", ".join(catalogue.EFFECTS)
            bad(f"unknown parameter {name!r}.{hint}", "effect", f"use one of: {known}")
    if any(not math.isfinite(v) for v in options.effect.values()):
        bad("an effect is not a finite number", "effect", "write it as PARAM=DELTA, MRSS=-5")
    if options.dropout is not None and not 0 <= options.dropout <= 1:
        bad("the dropout is not a probability", "dropout", "give 0 to 1")
    if options.skew not in SKEWS:
        bad(f"unknown skew {options.skew!r}", "skew", f"use one of: {', '.join(SKEWS)}")
    if options.calibrate not in CALIBRATIONS:
        bad("unknown calibration", "calibrate", f"use one of: {', '.join(CALIBRATIONS)}")
    elif (
        options.published
        and default_calibration(
            options.patients, options.arms, options.effect, options.dropout, options.skew
        )
        != "published"
    ):
        bad(
            "the published figures describe ten patients, 4:1, as they were",
            "calibrate",
            "leave out patients, arms, effect, dropout and skew, or use --calibrate none",
        )
    for kind in options.plant:
        if kind not in plants:
            hint = did_you_mean(kind, plants)
            bad(f"unknown fault {kind!r}.{hint}", "plant", f"use one of: {', '.join(plants)}")
    raise_if_any(found)
    return options


def stream(seed: int, *name: object) -> np.random.Generator:
    """The random numbers of one named part: order and parallelism change nothing."""
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return np.random.Generator(
        np.random.Philox(np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big")]))
    )
