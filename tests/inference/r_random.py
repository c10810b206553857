"""R's random numbers, so that what R printed after `set.seed` can be compared.

Mersenne Twister seeded as R does, normal deviates by inversion, gamma deviates by Ahrens and Dieter
(1982), exponential ones by the same authors (1972): the published algorithms.
"""

import math

import numpy as np
from scipy.special import ndtri

_Q = (0.04166669, 0.02083148, 0.00801191, 0.00144121, -7.388e-5, 2.4511e-4, 2.424e-4)
_A = (0.3333333, -0.250003, 0.2000062, -0.1662921, 0.1423657, -0.1367177, 0.1233795)
_E = np.cumsum([math.log(2) ** k / math.factorial(k) for k in range(1, 17)]).tolist()


class R:
    """A stream of R's default generators after `set.seed(seed)`."""

    def __init__(self, seed):
        state, words = seed, []
        for k in range(50 + 625):
            state = (69069 * state + 1) & 0xFFFFFFFF
            if k >= 50:
                words.append(state)
        self.bits = np.random.MT19937()
        key = np.array(words[1:], dtype=np.uint64)
        self.bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": 624}}

    def unif(self):
        u = int(self.bits.random_raw()) * 2.3283064365386963e-10
        return min(max(u, 0.5 * 2.328306437080797e-10), 1 - 0.5 * 2.328306437080797e-10)

    def norm(self):
        big = 134217728
        u = int(big * self.unif()) + self.unif()
        return float(ndtri(u / big))

    def rnorm(self, n, mean=0.0, sd=1.0):
        return np.array([mean + sd * self.norm() for _ in range(n)])

    def exp(self):
        a, u = 0.0, self.unif()
        while True:
            u += u
            if u > 1:
                break
            a += _E[0]
        u -= 1
        if u <= _E[0]:
            return a + u
        i, least = 0, self.unif()
        while True:
            least = min(least, self.unif())
            i += 1
            if u <= _E[i]:
                return a + least * _E[0]

    def gamma(self, a, scale):
        """Of shape a of 1 or more."""
        s2 = a - 0.5
        s = math.sqrt(s2)
        t = self.norm()
        x = s + 0.5 * t
        if t >= 0:
            return scale * x * x
        u = self.unif()
        if (5.656854 - s * 12) * u <= t**3:
            return scale * x * x
        q0 = _poly(_Q, 1 / a)
        if a <= 3.686:
            b, si, c = 0.463 + s + 0.178 * s2, 1.235, 0.195 / s - 0.079 + 0.16 * s
        elif a <= 13.022:
            b, si, c = 1.654 + 0.0076 * s2, 1.68 / s + 0.275, 0.062 / s + 0.024
        else:
            b, si, c = 1.77, 0.75, 0.1515 / s

        def q(t):
            v = t / (s + s)
            if abs(v) <= 0.25:
                return q0 + 0.5 * t * t * _poly(_A, v)
            return q0 - s * t + 0.25 * t * t + (s2 + s2) * math.log(1 + v)

        if x > 0 and math.log(1 - u) <= q(t):
            return scale * x * x
        while True:
            e = self.exp()
            u = 2 * self.unif() - 1
            t = b - si * e if u < 0 else b + si * e
            if t >= -0.71874483771719 and q(t) > 0:
                w = math.expm1(q(t))
                if c * abs(u) <= w * math.exp(e - 0.5 * t * t):
                    x = s + 0.5 * t
                    return scale * x * x

    def rchisq(self, n, df):
        return np.array([self.gamma(df / 2, 2.0) for _ in range(n)])


def _poly(coefficients, x):
    """c1 x + c2 x^2 + ..."""
    total = 0.0
    for c in reversed(coefficients):
        total = (total + c) * x
    return total
