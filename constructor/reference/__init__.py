"""Writes `docs/reference/` from the code, so that it never says anything else than the code."""
