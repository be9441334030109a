"""Edits definitions, publishes them, installs modules; stands on `runtime`, never under it."""
