"""Formats of exports: one file a format, each gives an `Export`; `opening` tells them apart."""
