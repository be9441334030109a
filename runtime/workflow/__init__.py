"""The rules of a record's life: which steps are open, and why the others are not."""
