"""The screens in a real browser: found by role and label, never by class."""
