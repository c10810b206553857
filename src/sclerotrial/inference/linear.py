"""Least squares for one outcome or for a whole panel, without BLAS: the same digits anywhere.

A panel is fitted at once: missing values get weight 0 in the normal equations, which are set up on
an orthonormal basis of the design, so that they are well conditioned. Loops run over patients and
coefficients, never over features.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sclerotrial.inference.fixed import patterns

SINGULAR = 1e-9


class Fit(NamedTuple):
    """Coefficients of every feature; NaN where they cannot be estimated.

    Attributes
    ----------
    coef : array, features x p
    unscaled : array, features x p x p
        Covariance of the coefficients per unit of variance, (X'X)^-1.
    variance : array
        Residual variance; NaN without degrees of freedom.
    df : array
        Residual degrees of freedom.
    level : array
        Mean of the observed values of each feature.
    """

    coef: np.ndarray
    unscaled: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    level: np.ndarray


def fsum(x: np.ndarray) -> float:
    """Sum of an array, rounded once; from a list, since numpy hands its numbers out slowly."""
    return math.fsum(x.tolist())


def basis(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal basis Q of a design and T with X T = Q (Gram-Schmidt, done twice).

    Raises
    ------
    ValueError
        When the columns are not independent.
    """
    x = np.asarray(design, float)
    n, p = x.shape
    q, t = np.zeros((n, p)), np.eye(p)
    for j in range(p):
        column, row = x[:, j].copy(), t[:, j].copy()
        size = math.sqrt(fsum(column**2))
        for _ in range(2):
            for k in range(j):
                share = fsum(q[:, k] * column)
                column -= share * q[:, k]
                row -= share * t[:, k]
        norm = math.sqrt(fsum(column**2))
        if not norm > SINGULAR * size:
            raise ValueError(f"column {j + 1} of the design depends on those before it")
        q[:, j], t[:, j] = column / norm, row / norm
    return q, t


def inverse(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverse and determinant's logarithm of many small symmetric positive definite matrices.

    Parameters
    ----------
    a : array, many x p x p

    Returns
    -------
    inverse : array, many x p x p
        NaN where a matrix is singular.
    logdet : array
    """
    p = a.shape[-1]
    left, right = a.astype(float).copy(), np.broadcast_to(np.eye(p), a.shape).copy()
    logdet = np.zeros(len(a))
    scale = np.maximum(np.einsum("fii->fi", a), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for j in range(p):
            pivot = left[:, j, j].copy()
            pivot = np.where(pivot > SINGULAR * scale[:, j], pivot, np.nan)
            logdet += np.log(pivot)
            left[:, j] /= pivot[:, None]
            right[:, j] /= pivot[:, None]
            for i in range(p):
                if i != j:
                    factor = left[:, i, j].copy()[:, None]
                    left[:, i] -= factor * left[:, j]
                    right[:, i] -= factor * right[:, j]
    return right, logdet


def fit(values: object, design: np.ndarray) -> Fit:
    """Least squares of every feature on one design.

    Parameters
    ----------
    values : array, features x n
        Missing values are left out of their feature alone.
    design : array, n x p

    Raises
    ------
    ValueError
        When the columns of the design are not independent.
    """
    y = np.atleast_2d(np.asarray(values, float))
    q, t = basis(design)
    p = q.shape[1]
    there = ~np.isnan(y)
    # the equations depend on who is missing alone: one set for all features of a pattern
    full = bool(there.all())
    kinds, kind = (there[:1], np.zeros(len(y), int)) if full else patterns(there)
    normal, ones = np.zeros((len(kinds), p, p)), np.zeros((len(kinds), p))
    for i, row in enumerate(q):
        normal += kinds[:, i, None, None] * (row[:, None] * row)
        ones += kinds[:, i, None] * row
    inside, _ = inverse(normal)
    many = there.sum(axis=1)
    # patients by features: every step below goes through memory in its order
    seen = there.T.copy()
    known = y.T.copy() if full else np.where(seen, y.T, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = total(known.T) / many
    constant = spans_one(q)
    if constant:
        known -= level  # smaller squares; put back below, which a design without constant cannot
        if not full:
            known[~seen] = 0.0
    cross = np.zeros((p, len(y)))
    for i, j in np.ndindex(q.shape):
        cross[j] += known[i] * q[i, j]
    part = product(inside[kind], cross.T)
    residual = known
    for j in range(p):
        residual -= part[:, j] * q[:, j, None]
    if not full:
        residual[~seen] = 0.0
    df = many - p
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(df > 0, total(residual.T**2) / df, np.nan)
    if constant:
        part = part + product(inside, ones)[kind] * np.where(many > 0, level, 0.0)[:, None]
    coef = product(np.broadcast_to(t, (len(y), p, p)), part)
    return Fit(coef, sandwich(t, inside)[kind], variance, df, level)


def spans_one(q: np.ndarray) -> bool:
    """Whether a constant lies in the span of an orthonormal basis."""
    inside = sum(fsum(q[:, j]) ** 2 for j in range(q.shape[1]))
    return abs(inside - len(q)) < 1e-9 * len(q)


def total(x: np.ndarray) -> np.ndarray:
    """Sum along the rows, column by column: the same for a row whatever its company."""
    out = np.zeros(len(x))
    for column in x.T:
        out = out + column
    return out


def product(a: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Many small matrices times many vectors."""
    out = np.zeros(v.shape)
    for j in range(v.shape[1]):
        out += a[:, :, j] * v[:, j, None]
    return out


def sandwich(t: np.ndarray, a: np.ndarray) -> np.ndarray:
    """T A T' for many A."""
    p = a.shape[-1]
    left, out = np.zeros(a.shape), np.zeros(a.shape)
    for k in range(p):
        left += t[None, :, k, None] * a[:, k, None, :]
    for k in range(p):
        out += left[:, :, k, None] * t[None, None, :, k]
    return out


def contrast(found: Fit, weights: object) -> tuple[np.ndarray, np.ndarray]:
    """A weighted sum of the coefficients, and its standard error per unit of residual SD."""
    w = np.asarray(weights, float)
    estimate, spread = np.zeros(len(found.coef)), np.zeros(len(found.coef))
    for i in range(len(w)):
        estimate += w[i] * found.coef[:, i]
        for j in range(len(w)):
            spread += w[i] * w[j] * found.unscaled[:, i, j]
    return estimate, np.sqrt(np.maximum(spread, 0.0))
