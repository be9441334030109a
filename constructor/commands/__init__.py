"""The commands of the `qurucu` program, one file per group."""
