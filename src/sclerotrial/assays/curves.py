"""Standard curves: four and five parameter logistic, all curves of a plate in one batched fit.

With u = ln x and B > 0::

    4PL           y = D + (A - D) / (1 + exp(B (u - ln C)))
    5PL           y = D + (A - D) / (1 + exp(B (u - ln C)))^G        (Gottschalk & Dunn 2005)
    5PL-xponent   y = A + (D - A) / (1 + exp(-B (u - ln C)))^G       (Luminex xPONENT)

A is the response at zero dose, D at infinite dose. Both five parameter forms are called 5PL in
print; they are mirror images and differ when G is not 1. Curves may rise (D > A) or fall.

The fit is by least squares (`levenberg`) in (A, D, ln C, ln B, ln G). Weights 1/y^2 mean a constant
relative error; y is the mean of the level, then the fitted value (iteratively reweighted), so a
single low reading cannot take all the weight. `1/y2-observed` takes the reading itself, as
xPONENT does (a reading of zero weighs 1). A weak prior ln G ~ N(0, 1) holds a fifth parameter
that the standards do not identify.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sclerotrial.assays.levenberg import covariance, minimise

MODELS = ("4PL", "5PL", "5PL-xponent")
WEIGHTS = ("1/y2", "1/y", "none", "1/y2-observed")
_STARTS_G = (1.0, 0.4, 2.5)
_LOG_G_MAX = 6.0
#: longest step in ln C, ln B, ln G: a longer one may land on a plateau
_REACH = np.array([np.inf, np.inf, 3.0, 1.0, 2.0])


@dataclass(frozen=True)
class Curves:
    """Fitted curves, one a row.

    Attributes
    ----------
    params : (K, 5) array
        A, D, ln C, ln B, ln G (ln G = 0 for 4PL); NaN where no curve could be fitted.
    cov : (K, 5, 5) array
        Covariance of the parameters; zero rows for those held fixed.
    sigma2 : (K,) array
        Residual variance on the weighted scale.
    df : (K,) array
        Points less free parameters.
    r2 : (K,) array
        1 - weighted residual over weighted total sum of squares.
    cost : (K,) array
        Weighted residual sum of squares.
    converged : (K,) bool array
    model, weights : str
    """

    params: np.ndarray
    cov: np.ndarray
    sigma2: np.ndarray
    df: np.ndarray
    r2: np.ndarray
    cost: np.ndarray
    converged: np.ndarray
    model: str
    weights: str

    def row(self, k: int) -> Curves:
        """One curve."""
        arrays = (self.params, self.cov, self.sigma2, self.df, self.r2, self.cost, self.converged)
        return Curves(*(a[k : k + 1] for a in arrays), self.model, self.weights)

    def predict(self, u: np.ndarray) -> np.ndarray:
        """Response at log concentrations `u` of shape (K, ...); -inf is the blank."""
        return _value(self.params, np.asarray(u, float), self.model)


def _parts(params: np.ndarray, u: np.ndarray, model: str) -> tuple[np.ndarray, ...]:
    """A, D, h and dh/dz of y = D + (A - D) h; z = B (u - ln C)."""
    shape = (len(params),) + (1,) * (u.ndim - 1)
    a, d, lc, lb, lg = (params[:, i].reshape(shape) for i in range(5))
    b, g = np.exp(lb), np.exp(lg)
    with np.errstate(invalid="ignore", over="ignore"):
        z = np.where(np.isneginf(u), -np.inf, b * (u - lc))
        soft = np.logaddexp(0.0, z if model != "5PL-xponent" else -z)
    return a, d, b, g, z, soft


def _value(params: np.ndarray, u: np.ndarray, model: str) -> np.ndarray:
    a, d, _, g, _, soft = _parts(params, u, model)
    h = np.exp(-g * soft)
    return d + (a - d) * h if model != "5PL-xponent" else a + (d - a) * h


def _jacobian(params: np.ndarray, u: np.ndarray, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Response (K, N) and its derivatives (K, N, 5) by A, D, ln C, ln B, ln G."""
    a, d, b, g, z, soft = _parts(params, u, model)
    h = np.exp(-g * soft)
    with np.errstate(over="ignore"):
        slope = 1.0 / (1.0 + np.exp(-z))  # d soft / dz of the first two forms
    safe = np.where(np.isfinite(z), z, 0.0)
    if model == "5PL-xponent":
        y, span, da, dd, dz = a + (d - a) * h, d - a, 1 - h, h, (d - a) * h * g * (1 - slope)
    else:
        y, span, da, dd, dz = d + (a - d) * h, a - d, h, 1 - h, -(a - d) * h * g * slope
    dlc, dlb, dlg = -dz * b, dz * safe, -span * h * g * np.where(np.isfinite(soft), soft, 0.0)
    return y, np.stack([da + 0 * h, dd + 0 * h, dlc + 0 * h, dlb, dlg], axis=-1)


def fit(
    u: np.ndarray,
    y: np.ndarray,
    model: str = "4PL",
    weights: str = "1/y2",
    ridge: float = 1.0,
    fixed_a: float | None = None,
) -> Curves:
    """Fit all curves at once.

    Parameters
    ----------
    u : (K, N) array
        ln concentration of each standard well, -inf for a blank; NaN where there is no point.
    y : (K, N) array
        Response.
    model : {'4PL', '5PL', '5PL-xponent'}
    weights : {'1/y2', '1/y', 'none', '1/y2-observed'}
        Weight of a squared residual.
    ridge : float
        Strength of the prior ln G ~ N(0, 1), 0 for none.
    fixed_a : float, optional
        Hold the response at zero dose at this value.

    Returns
    -------
    Curves
        Rows without enough points (fewer than parameters + 1, or fewer than four levels) are NaN.
    """
    if model not in MODELS or weights not in WEIGHTS:
        raise ValueError(f"model {model!r} or weights {weights!r} unknown")
    u, y = np.atleast_2d(np.asarray(u, float)), np.atleast_2d(np.asarray(y, float))
    use = ~np.isnan(u) & np.isfinite(y)
    free = np.array([fixed_a is None, True, True, True, model != "4PL"])
    levels = _count_levels(np.where(use & np.isfinite(u), u, np.nan))
    fit_rows = (use.sum(1) > free.sum()) & (levels >= min(4, free.sum()))
    empty = np.full(len(u), np.nan)
    out = Curves(
        np.full((len(u), 5), np.nan), np.zeros((len(u), 5, 5)), empty.copy(),
        use.sum(1) - free.sum(), empty.copy(), empty.copy(), np.zeros(len(u), bool), model, weights,
    )  # fmt: skip
    if not fit_rows.any():
        return out
    uu, yy, ok = u[fit_rows], y[fit_rows], use[fit_rows]
    uu, yy = np.where(ok, uu, 0.0), np.where(ok, yy, 0.0)
    four = _start(uu, yy, ok, fixed_a)
    w = _weights(weights, _level_means(uu, yy, ok), yy, ok)
    base, none = np.array([free[0], True, True, True, False]), np.zeros(len(uu))
    rounds = 3 if weights in ("1/y2", "1/y") else 1
    # a relative-error fit has a plateau (fitted values all too low): start from flat weights too
    soft = _lm(four, uu, yy, _weights("1/y", yy, yy, ok), "4PL", base, none)[0]
    starts = [_lm(s, uu, yy, w, "4PL", base, none) for s in (four, soft)]
    theta, rss, done = _best([(*s, s[1]) for s in starts])
    if model != "4PL":
        theta, rss, done = _five((theta, soft), rss, uu, yy, w, model, free, ridge)
    for _ in range(rounds - 1):
        w = _weights(weights, _value(theta, uu, model), yy, ok)
        pen = ridge * _s2(theta, uu, yy, w, model, free) if model != "4PL" else 0 * rss
        theta, rss, done = _lm(theta, uu, yy, w, model, free, pen)
    _collect(out, fit_rows, theta, uu, yy, w, free, ridge, done)
    return out


def _five(starts, rss4, u, y, w, model, free, ridge):
    """Best of several starts; the prior is scaled by the residual variance of the 4PL."""
    df = np.maximum((w > 0).sum(1) - free.sum(), 1)
    penalty = ridge * rss4 / df
    found = []
    for four, g in itertools.product(starts, _STARTS_G):
        start = four.copy()
        start[:, 4] = np.log(g)
        # keep the middle of the curve where it was when G departs from 1
        shift = np.log(np.expm1(np.log(2) / g)) / np.exp(start[:, 3])
        start[:, 2] += shift if model == "5PL-xponent" else -shift
        theta, rss, done = _lm(start, u, y, w, model, free, penalty)
        found.append((theta, rss, done, rss + penalty * theta[:, 4] ** 2))
    return _best(found)


def _best(found):
    """Of several fits (parameters, cost, done, target) the best one, curve by curve."""
    win = np.argmin([np.nan_to_num(f[3], nan=np.inf) for f in found], axis=0)
    rows = np.arange(len(win))
    return tuple(np.stack([f[i] for f in found])[win, rows] for i in range(3))


def _count_levels(u):
    """Different concentrations of each curve."""
    ordered = np.sort(u, axis=1)  # NaN come last
    with np.errstate(invalid="ignore"):
        return np.isfinite(ordered[:, :1]).sum(1) + (np.diff(ordered, axis=1) > 0).sum(1)


def _level_means(u, y, ok):
    """Mean response of the level of each point."""
    means, seen = np.zeros_like(y), {}
    for k, row in enumerate(np.where(ok, u, np.inf)):
        # the curves of a plate have the same standards
        levels = seen.get(row.tobytes())
        if levels is None:
            levels = seen[row.tobytes()] = np.unique(row, return_inverse=True)
        keys, inv = levels
        total = np.bincount(inv, weights=y[k] * ok[k], minlength=len(keys))
        count = np.bincount(inv, weights=ok[k].astype(float), minlength=len(keys))
        means[k] = (total / np.maximum(count, 1))[inv]
    return means


def _weights(kind, level, y, ok):
    # the floor keeps one level near zero (net signals) from taking all the weight
    floor = 1e-4 * np.max(np.abs(np.where(ok, y, 0.0)), axis=1, keepdims=True)
    size = np.maximum(np.abs(level), np.maximum(floor, 1e-300))
    if kind == "1/y2":
        w = size**-2.0
    elif kind == "1/y":
        w = 1.0 / size
    elif kind == "1/y2-observed":
        w = np.where(y == 0, 1.0, np.abs(np.where(y == 0, 1.0, y))) ** -2.0
    else:
        w = np.ones_like(y)
    return np.where(ok, w, 0.0)


def _start(u, y, ok, fixed_a):
    """A and D from the ends, slope by logit regression, C where the response is halfway."""
    point = ok & np.isfinite(u)
    low = np.where(point, u, np.inf).argmin(1)
    high = np.where(point, u, -np.inf).argmax(1)
    rows = np.arange(len(u))
    y_low, y_high = y[rows, low], y[rows, high]
    blank = ok & np.isneginf(u)
    mean_blank = np.where(blank, y, 0).sum(1) / np.maximum(blank.sum(1), 1)
    rise = np.where(y_high >= y_low, 1.0, -1.0)
    a = np.where(blank.any(1), mean_blank, y_low - 0.02 * np.abs(y_high - y_low) * rise)
    a = np.full(len(u), fixed_a) if fixed_a is not None else a
    d = y_high + 0.1 * (y_high - a)
    span = np.where(d == a, 1.0, d - a)
    p = np.clip((y - a[:, None]) / span[:, None], 0.01, 0.99)
    t = np.log(p / (1 - p))
    x = np.where(point, u, 0.0)
    n = point.sum(1)
    mx, mt = x.sum(1) / n, np.where(point, t, 0).sum(1) / n
    cx, ct = np.where(point, x - mx[:, None], 0), np.where(point, t - mt[:, None], 0)
    b = np.clip((cx * ct).sum(1) / np.maximum((cx**2).sum(1), 1e-12), 0.1, 20.0)
    nearest = np.where(point, np.abs(p - 0.5), np.inf).argmin(1)
    return np.stack([a, d, u[rows, nearest], np.log(b), np.zeros(len(u))], axis=1)


def _lm(theta, u, y, w, model, free, penalty):
    """Fit from one start (parameters, weighted residual sum of squares, whether it converged)."""
    point = np.where(np.isfinite(u) & (w > 0), u, np.nan)
    low, high, pull = np.full(theta.shape, -np.inf), np.full(theta.shape, np.inf), 0 * theta
    # far enough out not to bind on a real plate, near enough to keep exp() finite
    low[:, 2], high[:, 2] = np.nanmin(point, 1) - 15, np.nanmax(point, 1) + 15
    low[:, 3:], high[:, 3:] = (-4.0, -_LOG_G_MAX), (4.0, _LOG_G_MAX)
    pull[:, 4] = penalty
    return minimise(
        lambda t, k: _value(t, u[k], model), lambda t, k: _jacobian(t, u[k], model),
        y, w, theta, free, pull, low, high, _REACH,
    )  # fmt: skip


def _s2(theta, u, y, w, model, free):
    df = np.maximum((w > 0).sum(1) - free.sum(), 1)
    return (w * (y - _value(theta, u, model)) ** 2).sum(1) / df


def _collect(out, rows, theta, u, y, w, free, ridge, done):
    s2, idx = _s2(theta, u, y, w, out.model, free), np.flatnonzero(free)
    pred, jac = _jacobian(theta, u, out.model)
    jac = jac[:, :, idx]
    pull = np.zeros((len(theta), len(idx)))
    pull[:, -1] = ridge * s2 if free[4] else 0.0
    mean = (w * y).sum(1, keepdims=True) / w.sum(1, keepdims=True)
    rss, total = (w * (y - pred) ** 2).sum(1), (w * (y - mean) ** 2).sum(1)
    full = np.zeros((len(theta), 5, 5))
    full[:, idx[:, None], idx[None, :]] = covariance(jac, w, s2, pull)
    out.params[rows], out.cov[rows], out.sigma2[rows] = theta, full, s2
    out.cost[rows], out.converged[rows] = rss, done
    out.r2[rows] = 1 - rss / np.where(total > 0, total, np.nan)


@dataclass(frozen=True)
class Inverse:
    """Concentrations read off curves; arrays of the shape of the responses.

    Attributes
    ----------
    u : array
        ln concentration; -inf below and +inf above the range of the curve.
    var_curve, var_well : array
        Variance of `u` from the curve and from the reading itself (delta method).
    df : array
        Degrees of freedom for the interval.
    """

    u: np.ndarray
    var_curve: np.ndarray
    var_well: np.ndarray
    df: np.ndarray

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Limits of ln concentration for a single reading."""
        t = stats.t.ppf(0.5 + level / 2, np.maximum(self.df, 1))
        half = t * np.sqrt(self.var_curve + self.var_well)
        return self.u - half, self.u + half


def invert(curves: Curves, y: np.ndarray) -> Inverse:
    """Read concentrations off the curves.

    Parameters
    ----------
    curves : Curves of K rows
    y : (K, M) array
        Responses; NaN stays NaN.

    Returns
    -------
    Inverse
        Responses beyond the asymptotes become -inf or +inf: censored, never NaN.
    """
    y = np.asarray(y, float)
    a, d, lc, lb, lg = (curves.params[:, i][:, None] for i in range(5))
    with np.errstate(all="ignore"):
        if curves.model == "5PL-xponent":
            h = (y - a) / (d - a)  # fraction of the way from A to D
            soft = -np.log(h) / np.exp(lg)
            u = lc - np.log(np.expm1(soft)) / np.exp(lb)
            below, above = h <= 0, h >= 1
        else:
            h = (y - d) / (a - d)
            soft = -np.log(h) / np.exp(lg)
            u = lc + np.log(np.expm1(soft)) / np.exp(lb)
            below, above = h >= 1, h <= 0
        u = np.where(below, -np.inf, np.where(above, np.inf, u))
        u = np.where(np.isfinite(y), u, np.nan)
        inside = np.isfinite(u)
        pred, jac = _jacobian(curves.params, np.where(inside, u, 0.0), curves.model)
        slope = -jac[:, :, 2]  # dy/du
        var_curve = np.einsum("kmi,kij,kmj->km", jac, curves.cov, jac) / slope**2
        size = np.maximum(np.abs(pred), 1e-300)
        spread = {"1/y": size, "none": np.ones_like(size)}.get(curves.weights, size**2)
        var_well = curves.sigma2[:, None] * spread / slope**2
    df = np.broadcast_to(curves.df[:, None], y.shape)
    nan = np.where(inside, 1.0, np.nan)
    return Inverse(u, var_curve * nan, var_well * nan, df)
