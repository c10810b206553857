"""Nonlinear least squares: Levenberg-Marquardt, many small problems in one batch.

The model is given as a function and its derivatives; each problem has its own data, weights,
damping and stop, and takes the same steps alone as among others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

#: a fit stops after so many steps in a row that no longer gain this share of the cost
_STILL, _GAIN = 5, 1e-11
_POLISH = 100


class Minimum(NamedTuple):
    """Where the fits of a batch ended.

    Attributes
    ----------
    theta : (K, P) array
        Parameters.
    rss : (K,) array
        Weighted residual sum of squares, without the pull.
    converged : (K,) bool array
    """

    theta: np.ndarray
    rss: np.ndarray
    converged: np.ndarray


def minimise(
    value: Callable[[np.ndarray, Any], np.ndarray],
    jacobian: Callable[[np.ndarray, Any], tuple[np.ndarray, np.ndarray]],
    y: np.ndarray,
    w: np.ndarray,
    start: np.ndarray,
    free: np.ndarray | None = None,
    pull: np.ndarray | None = None,
    low: np.ndarray | None = None,
    high: np.ndarray | None = None,
    reach: np.ndarray | None = None,
    iterations: int = 400,
    polish: bool = False,
) -> Minimum:
    """Minimise the sum of w (y - model)^2, and of pull theta^2 where one is given.

    Parameters
    ----------
    value : function of (theta, k)
        The model of the problems `k` (an index into the batch) at their parameters: (len(k), N).
    jacobian : function of (theta, k)
        The model and its derivatives by all parameters: (len(k), N) and (len(k), N, P).
    y, w : (K, N) arrays
        Responses and weights; a point of weight zero counts for nothing.
    start : (K, P) array
    free : (P,) bool array, optional
        Parameters to fit; the others stay as they start.
    pull : (K, P) array, optional
        Weight of a prior that draws a parameter to zero.
    low, high : (K, P) arrays, optional
        Bounds of the parameters.
    reach : (P,) array, optional
        Longest step of a parameter.
    iterations : int
        Most steps of a fit.
    polish : bool
        End with undamped steps as long as they shorten: the last digits of the parameters, which
        the cost no longer tells.

    Notes
    -----
    Marquardt (1963), with his scaling by the curvature. A bounded step is cut at the bound; a
    parameter that would go on beyond it stands still while the others move.
    """
    theta, n, p = start.copy(), *start.shape
    idx = np.arange(p) if free is None else np.flatnonzero(free)
    pull = np.zeros((n, p)) if pull is None else pull
    low = np.full((n, p), -np.inf) if low is None else low
    high = np.full((n, p), np.inf) if high is None else high
    reach = np.full(p, np.inf) if reach is None else reach
    every = slice(None)

    def rss(t: np.ndarray, k: Any) -> np.ndarray:
        return (w[k] * (y[k] - value(t, k)) ** 2).sum(1)

    def drawn(t: np.ndarray, k: Any) -> np.ndarray:
        return (pull[k] * t**2).sum(1)

    cost = rss(theta, every) + drawn(theta, every)
    lam, active = np.full(n, 1e-2), np.ones(n, bool)
    still, dust = np.zeros(n, int), 1e-20 * (w * y**2).sum(1)
    for _ in range(iterations):
        k = np.flatnonzero(active)
        if not len(k):
            break
        trial = theta[k].copy()
        move = _step(
            *jacobian(theta[k], k), y[k], w[k], theta[k], pull[k], lam[k], low[k], high[k], idx
        )
        trial[:, idx] += move
        near = np.clip(trial, theta[k] - reach, theta[k] + reach)
        trial = np.clip(near, low[k], high[k])
        new = rss(trial, k) + drawn(trial, k)
        better = np.isfinite(new) & (new <= cost[k])
        gain = np.where(better, (cost[k] - new) / np.maximum(cost[k], 1e-300), 0.0)
        theta[k[better]], cost[k[better]] = trial[better], new[better]
        lam[k] = np.where(better, lam[k] / 5, lam[k] * 4)
        still[k] = np.where(better & (gain > _GAIN), 0, still[k] + 1)
        active[k] = (still[k] < _STILL) & (lam[k] < 1e14) & (cost[k] > dust[k])
        lam[k] = np.clip(lam[k], 1e-12, 1e15)
    if polish:
        fine = _polished(jacobian, y, w, theta, pull, idx, low, high)
        # what has not converged may walk away
        near = rss(fine, every) + drawn(fine, every) <= cost * (1 + 1e-9)
        theta = np.where(near[:, None], fine, theta)
    return Minimum(theta, rss(theta, every), ~active)


def _polished(jacobian, y, w, theta, pull, idx, low, high):
    """Gauss-Newton steps of each problem until the next one is no shorter than the last."""
    every, least = slice(None), np.full(len(theta), 1e-12)

    def step(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        move = np.zeros(t.shape)
        move[:, idx] = _step(*jacobian(t, every), y, w, t, pull, least, low, high, idx)
        return move, (np.abs(move) / np.maximum(np.abs(t), 1e-300)).max(1)

    move, size = step(theta)
    for _ in range(_POLISH):
        trial = np.clip(theta + move, low, high)
        further, shorter = step(trial)
        good = shorter < size
        if not good.any():
            break
        theta, move = (np.where(good[:, None], *p) for p in ((trial, theta), (further, move)))
        size = np.where(good, shorter, size)
    return theta


def _step(pred, jac, y, w, theta, pull, lam, low, high, idx):
    """The damped step of each problem in its free parameters."""
    jac = jac[:, :, idx]
    jw = jac * w[:, :, None]
    hess = np.einsum("kni,knj->kij", jw, jac)
    grad = np.einsum("kni,kn->ki", jw, y - pred) - pull[:, idx] * theta[:, idx]
    # a parameter at its bound that would go on stands still, so that the others find their place
    at = theta[:, idx]
    stuck = ((at <= low[:, idx]) & (grad < 0)) | ((at >= high[:, idx]) & (grad > 0))
    if stuck.any():
        grad[stuck] = 0.0
        hess[stuck] = 0.0
        hess.transpose(0, 2, 1)[stuck] = 0.0
    diag = np.einsum("kii->ki", hess)
    diag += pull[:, idx]
    eye = np.eye(len(idx)) * np.maximum(diag, 1e-12 * diag.max(1, keepdims=True))[:, None, :]
    eye += np.eye(len(idx)) * 1e-300
    return np.linalg.solve(hess + lam[:, None, None] * eye, grad[:, :, None])[:, :, 0]


def covariance(
    jac: np.ndarray, w: np.ndarray, sigma2: np.ndarray, pull: np.ndarray | None = None
) -> np.ndarray:
    """Covariance of the parameters: sigma^2 (J'WJ + pull)^-1.

    Parameters
    ----------
    jac : (K, N, P) array
        Derivatives by the free parameters.
    w : (K, N) array
    sigma2 : (K,) array
        Residual variance on the weighted scale.
    pull : (K, P) array, optional
        As for `minimise`.

    Returns
    -------
    (K, P, P) array
        By the pseudo-inverse of the scaled matrix: what the data do not tell has no variance.
    """
    hess = np.einsum("kni,knj->kij", jac * w[:, :, None], jac)
    if pull is not None:
        np.einsum("kii->ki", hess)[:] += pull
    scale = np.sqrt(np.maximum(np.einsum("kii->ki", hess), 1e-300))
    unit = hess / scale[:, :, None] / scale[:, None, :]
    cov = np.linalg.pinv(unit, rcond=1e-10, hermitian=True) / scale[:, :, None] / scale[:, None, :]
    return cov * sigma2[:, None, None]
