"""From the raw exports of a small clinical trial to its whole paper."""

__version__ = "0.1.0"
