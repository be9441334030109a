"""The benchmark: generated screens beside a hand-written application on the same rows."""
