"""Scores and grades."""

from importlib import resources

STEP = 10


def clip(value, low, high):
    # within the limits
    return min(max(value, low), high)


def grade(value):
    """Grade of a value by the criteria."""
    text = resources.files("rooms").joinpath("criteria.csv").read_text()
    return sum(value >= float(limit) for limit in text.split())


def difference(first, second):
    return (second * STEP) - first
