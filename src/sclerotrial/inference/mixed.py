"""Mixed model for repeated measures (MMRM): REML, unstructured covariance, Satterthwaite.

Mallinckrodt et al. (2008) for the model; the derivatives of REML for a covariance that is linear
in its parameters are those of Gilmour, Thompson and Cullis (1995). Where the unstructured
covariance cannot be fitted, compound symmetry is, and the method says so. No BLAS is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from sclerotrial.inference import linear
from sclerotrial.inference.invert import alpha_of
from sclerotrial.inference.result import Result

STRUCTURES = ("unstructured", "compound symmetry")
_STEPS = 200


@dataclass(frozen=True)
class Reml:
    """A fitted model.

    Attributes
    ----------
    coef : array of p
    cov : array, p x p
        Covariance of the coefficients.
    sigma : array, T x T
        Covariance of the visits of one patient.
    deviance : float
        -2 REML log-likelihood.
    slopes : array, k x p x p
        Derivative of `cov` by each covariance parameter.
    uncertainty : array, k x k
        Covariance of the covariance parameters (inverse of the observed information).
    structure : str
    n, patients : int
        Values, and patients with at least one.
    """

    coef: np.ndarray
    cov: np.ndarray
    sigma: np.ndarray
    deviance: float
    slopes: np.ndarray
    uncertainty: np.ndarray
    structure: str
    n: int
    patients: int


@dataclass(frozen=True)
class _State:
    """Everything that REML needs at one covariance."""

    sigma: np.ndarray
    deviance: float
    coef: np.ndarray
    cov: np.ndarray
    score: np.ndarray
    expected: np.ndarray
    observed: np.ndarray
    moved: np.ndarray


def _units(visits: int, structure: str) -> np.ndarray:
    """Covariance = sum of parameter times unit."""
    if structure == "compound symmetry":
        return np.stack([np.eye(visits), np.ones((visits, visits))])
    out = []
    for i in range(visits):
        for j in range(i + 1):
            e = np.zeros((visits, visits))
            e[i, j] = e[j, i] = 1.0
            out.append(e)
    return np.array(out)


def _patterns(y: np.ndarray, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Patients by the visits that they have: (visits, values, designs)."""
    there = ~np.isnan(y)
    out = []
    for kind in np.unique(there, axis=0):
        rows = (there == kind).all(axis=1)
        if kind.any():
            out.append((np.flatnonzero(kind), y[rows][:, kind], x[rows][:, kind]))
    return out


def _at(theta: np.ndarray, units: np.ndarray, parts: list) -> _State | None:
    """Deviance, score and information; None where the covariance is not positive definite."""
    e = np.einsum
    sigma = e("k,kij->ij", theta, units)
    p, k = parts[0][2].shape[2], len(units)
    a, b = np.zeros((p, p)), np.zeros(p)
    logdet, count, kept = 0.0, 0, []
    for visits, y, x in parts:
        inv, log = linear.inverse(sigma[np.ix_(visits, visits)][None])
        inv, log = inv[0], float(log[0])
        if not math.isfinite(log):
            return None
        vx = e("tu,sup->stp", inv, x)
        a += e("stp,stq->pq", x, vx)
        b += e("stp,st->p", vx, y)
        logdet += len(y) * log
        count += y.size
        kept.append((inv, units[:, visits][:, :, visits], y, x, vx))
    cov, log = linear.inverse(a[None])
    cov, log = cov[0], float(log[0])
    if not math.isfinite(log):
        return None
    coef = e("pq,q->p", cov, b)
    rss = 0.0
    trace, score, m = np.zeros(k), np.zeros(k), np.zeros((k, p, p))
    both, curved, lean = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, p))
    twice = np.zeros((k, k, p, p))
    for inv, unit, y, x, vx in kept:
        r = y - e("stp,p->st", x, coef)
        u = e("tu,su->st", inv, r)
        rss += float(e("st,st->", r, u))
        ie = e("tu,kuv->ktv", inv, unit)
        iei = e("ktv,vw->ktw", ie, inv)
        trace += len(y) * e("ktt->k", ie)
        eu = e("ktu,su->kst", unit, u)
        score += e("st,kst->k", u, eu)
        right = e("ktu,suq->kstq", unit, vx)
        m += e("stp,kstq->kpq", vx, right)
        both += len(y) * e("ktv,lvt->kl", ie, ie)
        curved += e("ksu,lsu->kl", e("kst,tu->ksu", eu, inv), eu)
        lean += e("stp,kst->kp", vx, eu)
        twice += e("kspu,lsuq->klpq", e("stp,ktu->kspu", x, iei), right)
    score = 0.5 * (score - trace + e("pq,kqp->k", cov, m))
    cm = e("pq,kqr->kpr", cov, m)
    mean = both - 2 * e("pq,klqp->kl", cov, twice) + e("kpq,lqp->kl", cm, cm)
    curved -= e("kp,pq,lq->kl", lean, cov, lean)
    deviance = logdet + log + rss + (count - p) * math.log(2 * math.pi)
    expected = 0.5 * (mean + mean.T) / 2
    moved = e("kpq,qr->kpr", cm, cov)
    return _State(sigma, deviance, coef, cov, score, expected, curved - expected, moved)


def reml(y: np.ndarray, x: np.ndarray, structure: str = "unstructured") -> Reml | None:
    """Fit by Newton's rule with halved steps; None where it does not come to rest.

    Parameters
    ----------
    y : array, patients x visits
        NaN where missing.
    x : array, patients x visits x p
    structure : {'unstructured', 'compound symmetry'}
    """
    y, x = np.asarray(y, float), np.asarray(x, float)
    parts = _patterns(y, x)
    if not parts:
        return None
    units = _units(y.shape[1], structure)
    flat = ~np.isnan(y)
    if flat.sum() <= x.shape[2] or not flat.any(axis=0).all():
        return None
    try:
        own = linear.fit(y[flat][None], x[flat])
    except ValueError:
        return None
    spread = float(own.variance[0])
    if not spread > 1e-18 * max(1.0, float(np.abs(y[flat]).max()) ** 2):
        return None
    theta = spread * np.array([float(np.trace(u) > 0) for u in units])
    theta = theta / 2 if structure == "compound symmetry" else theta
    now = _at(theta, units, parts)
    for _ in range(_STEPS):
        if now is None:
            return None
        step = _step(now)
        if step is None:
            return None
        size = float(np.abs(step).max()) / float(np.abs(theta).max())
        if size < 1e-11:
            break
        for half in range(40):
            tried = _at(theta + step / 2**half, units, parts)
            if tried is not None and tried.deviance <= now.deviance + 1e-9:
                theta, now = theta + step / 2**half, tried
                break
        else:
            break
    step = None if now is None else _step(now)
    if step is None or float(np.abs(step).max()) > 1e-6 * float(np.abs(theta).max()):
        return None
    uncertainty, _ = linear.inverse(now.observed[None])
    if not np.isfinite(uncertainty).all():
        return None
    patients = int(flat.any(axis=1).sum())
    return Reml(
        now.coef, now.cov, now.sigma, now.deviance, now.moved, uncertainty[0], structure,
        int(flat.sum()), patients,
    )  # fmt: skip


def _step(now: _State) -> np.ndarray | None:
    """Newton's step by the observed information, or by the expected one where it is indefinite."""
    for information in (now.observed, now.expected):
        inv, _ = linear.inverse(information[None])
        if np.isfinite(inv).all():
            return np.einsum("kl,l->k", inv[0], now.score)
    return None


def contrast(found: Reml, weights: object, level: float = 0.95, *, method: str = "") -> Result:
    """A weighted sum of coefficients with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    found : Reml
    weights : array of p
    level : float
    method : str
        What the contrast is, in words.
    """
    w = np.asarray(weights, float)
    e = np.einsum
    variance = float(e("p,pq,q->", w, found.cov, w))
    slope = e("p,kpq,q->k", w, found.slopes, w)
    df = 2 * variance**2 / float(e("k,kl,l->", slope, found.uncertainty, slope))
    estimate, se = float(e("p,p->", w, found.coef)), math.sqrt(variance)
    t = estimate / se
    half = float(special.stdtrit(df, 1 - alpha_of(level) / 2)) * se
    return Result(
        method or "MMRM",
        f"REML, {found.structure} covariance, Satterthwaite df = {df:.4g}",
        found.patients,
        estimate=estimate,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=float(2 * special.stdtr(df, -abs(t))),
        statistic=t,
        conf_level=level,
        conf_achieved=level,
    )


def mmrm(
    change: np.ndarray, base: np.ndarray, group: np.ndarray | None = None, level: float = 0.95
) -> list[Result]:
    """Change at each visit, adjusted for baseline: a mean, or the difference of two groups.

    Fixed effects: visit, group by visit, baseline by visit (centred).

    Parameters
    ----------
    change : array, patients x visits
    base : array of patients
    group : array of 0 and 1, optional
        `estimate` is then group 1 less group 0.
    level : float

    Returns
    -------
    list of Result, one a visit
        Refused with a note where neither covariance can be fitted.
    """
    y, b = np.atleast_2d(np.asarray(change, float)), np.asarray(base, float)
    use = ~np.isnan(b) & (~np.isnan(y)).any(axis=1)
    if group is not None:
        use &= ~np.isnan(np.asarray(group, float))
    y, b = y[use], b[use]
    visits = y.shape[1]
    what = "MMRM, mean change at mean baseline" if group is None else "MMRM, difference of changes"
    refused = Result(what, "REML, Satterthwaite", len(y), conf_level=level)
    if len(y) < 3:
        return [refused.but(note=f"n = {len(y)}: too few (at least 3 needed)")] * visits
    middle = math.fsum(b) / len(b)
    kinds = [np.ones(len(b)), b - middle]
    if group is not None:
        kinds.append(np.asarray(group, float)[use])
    if np.ptp(b) <= 1e-9 * max(1.0, float(np.abs(b).max())):
        kinds.pop(1)
    place = len(kinds) - 1 if group is not None else 0
    p = len(kinds)
    x = np.zeros((len(y), visits, p * visits))
    for t in range(visits):
        for k, column in enumerate(kinds):
            x[:, t, t * p + k] = column
    found = next((f for f in (reml(y, x, s) for s in STRUCTURES) if f is not None), None)
    if found is None:
        note = "neither an unstructured nor a compound symmetric covariance could be fitted"
        return [refused.but(note=note)] * visits
    note = "" if found.structure == STRUCTURES[0] else "unstructured covariance could not be fitted"
    eye = np.eye(p * visits)
    return [
        contrast(found, eye[t * p + place], level, method=what).but(note=note)
        for t in range(visits)
    ]
