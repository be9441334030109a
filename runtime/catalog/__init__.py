"""The compiled, immutable form of one published revision."""
