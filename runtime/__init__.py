"""Interprets the published definitions: tables, rights, records, screens, REST."""
