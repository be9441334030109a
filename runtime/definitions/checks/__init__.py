"""One file per kind of mistake; `runtime.definitions.check` runs them all."""
