"""Draw a trial and write its exports as a real centre would have them. All data are SIMULATED.

`draw(options)` gives the truth of one trial (for simulation studies), `simulate(options)` its
files as bytes, `write_study(folder, options)` a study folder.
"""

from __future__ import annotations

from sclerotrial.simulate.options import SEED, Options, check, default_calibration
from sclerotrial.simulate.truth import Truth, draw
from sclerotrial.simulate.write import simulate, write_study

__all__ = [
    "SEED",
    "Options",
    "Truth",
    "check",
    "default_calibration",
    "draw",
    "simulate",
    "write_study",
]
