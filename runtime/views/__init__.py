"""Screens compiled from the catalog, one folder per kind; they know records, not the web."""
