"""One file per format, for each direction."""
