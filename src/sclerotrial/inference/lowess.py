"""Cleveland's robust local line (1979, 1981), step by step as R's `lowess` takes it.

statsmodels has one as well; near the upper end it fits at other points than R, so that a robust
trend would keep four digits of limma's where R's own points keep twelve.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_NEAR, _FAR = 0.001, 0.999  # shares of the reach within which a weight is 1, beyond which it is 0


class _Place(NamedTuple):
    """A point at which a line is fitted: its neighbours and their weights by distance."""

    at: int
    first: int
    last: int
    weight: np.ndarray
    reach: float


def lowess(x: np.ndarray, y: np.ndarray, span: float, steps: int = 3) -> np.ndarray:
    """Smooth y at each x.

    Parameters
    ----------
    x, y : arrays of n
        Finite.
    span : float
        Share of the points that a line is fitted to.
    steps : int
        Rounds that take weight from outlying points.

    Returns
    -------
    array of n
        In the order given; lines are fitted a hundredth of the range apart, straight between.
    """
    order = np.argsort(x, kind="stable")
    u, v = np.asarray(x, float)[order], np.asarray(y, float)[order]
    n, width = len(u), float(u[-1] - u[0])
    places = _places(u, max(2, min(n, int(span * n + 1e-7))), 0.01 * width)
    known = np.array([p.at for p in places])
    trust = np.ones(n)
    for step in range(steps + 1):
        heights = np.array([_line(p, u, v, trust, width) for p in places])
        smooth = np.interp(u, u[known], heights)
        rest = np.abs(v - smooth)
        bound = 6 * float(np.median(rest))
        if step == steps or bound < 1e-7 * float(rest.sum()) / n:
            break
        trust = np.where(rest <= _NEAR * bound, 1.0, (1 - (rest / bound) ** 2) ** 2)
        trust[rest > _FAR * bound] = 0.0
    out = np.empty(n)
    out[order] = smooth
    return out


def _places(u: np.ndarray, many: int, apart: float) -> list[_Place]:
    """Where lines are fitted: the furthest point within reach of the one before, or the next."""
    n, out, i, left = len(u), [], 0, 0
    while True:
        while left + many < n and u[i] - u[left] > u[left + many] - u[i]:
            left += 1
        reach = float(max(u[i] - u[left], u[left + many - 1] - u[i]))
        last = int(np.searchsorted(u, u[i] + reach, "right"))
        gap = np.abs(u[left:last] - u[i])
        weight = np.ones(len(gap))
        if reach > 0:
            weight = np.where(gap <= _NEAR * reach, 1.0, (1 - (gap / reach) ** 3) ** 3)
        weight[gap > _FAR * reach] = 0.0
        out.append(_Place(i, left, last, weight, reach))
        tied = int(np.searchsorted(u, u[i], "right")) - 1
        if tied >= n - 1:
            return out
        i = max(tied + 1, int(np.searchsorted(u, u[i] + apart, "right")) - 1)


def _line(p: _Place, u: np.ndarray, v: np.ndarray, trust: np.ndarray, width: float) -> float:
    """Height at its own place of the line through the neighbours."""
    weight = p.weight * trust[p.first : p.last]
    total = float(weight.sum())
    if total <= 0:
        return float(v[p.at])
    near = u[p.first : p.last]
    weight = weight / total
    if p.reach > 0:
        centre = float((weight * near).sum())
        spread = float((weight * (near - centre) ** 2).sum())
        # neighbours that stand at one place show no slope
        if spread**0.5 > _NEAR * width:
            weight = weight * (1 + (u[p.at] - centre) / spread * (near - centre))
    return float((weight * v[p.first : p.last]).sum())
