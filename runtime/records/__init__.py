"""The only reader and writer of records: rights, validation, references, workflow, history, bin."""
