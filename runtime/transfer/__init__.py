"""Records in and out as files: CSV and XLSX are read, CSV, XLSX and JSON written."""
