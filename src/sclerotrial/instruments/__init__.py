"""Scoring rules of the instruments: pure functions, their criteria as data files."""
